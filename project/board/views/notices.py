"""Notices: lists, one by one, posting, changing, deleting."""

from django.contrib import messages
from django.contrib.auth.mixins import LoginRequiredMixin, UserPassesTestMixin
from django.contrib.messages.views import SuccessMessageMixin
from django.db.models import Count, Q
from django.shortcuts import get_object_or_404
from django.urls import reverse_lazy
from django.views.generic import (
    CreateView,
    DeleteView,
    DetailView,
    ListView,
    UpdateView,
)

from ..forms import NoticeForm, SearchForm
from ..models import Category, Notice


class NoticeList(ListView):
    """All notices, newest first."""

    queryset = Notice.objects.select_related("category", "author")
    template_name = "board/notice_list.html"
    paginate_by = 12
    heading = "Notices"

    def get_context_data(self, **kwargs):
        """Add the heading, and the categories for the filter."""
        return super().get_context_data(
            heading=self.heading,
            categories=Category.objects.annotate(count=Count("notices")),
            **kwargs,
        )


class CategoryList(NoticeList):
    """The notices of one category."""

    def get_queryset(self):
        """Keep the category's notices, or answer 404."""
        self.category = get_object_or_404(Category, slug=self.kwargs["slug"])
        self.heading = self.category.name
        return super().get_queryset().filter(category=self.category)

    def get_context_data(self, **kwargs):
        """Name the category."""
        return super().get_context_data(category=self.category, **kwargs)


class Search(NoticeList):
    """The notices in which all the words occur."""

    def get_queryset(self):
        """Keep the notices that hold each word in their title or text."""
        form = SearchForm(self.request.GET)
        self.words = form.cleaned_data["q"] if form.is_valid() else ""
        self.heading = f"Search: {self.words}" if self.words else "Search"
        notices = super().get_queryset() if self.words else Notice.objects.none()
        for word in self.words.split():
            notices = notices.filter(Q(title__icontains=word) | Q(body__icontains=word))
        return notices

    def get_context_data(self, **kwargs):
        """Repeat what was looked for."""
        return super().get_context_data(words=self.words, **kwargs)


class NoticeDetail(DetailView):
    """One notice."""

    queryset = Notice.objects.select_related("category", "author")


class NoticeCreate(LoginRequiredMixin, SuccessMessageMixin, CreateView):
    """Post a notice."""

    model = Notice
    form_class = NoticeForm
    template_name = "board/form.html"
    heading = "Post a notice"
    submit = "Post"
    success_message = "Your notice is on the board."

    def form_valid(self, form):
        """Make the member its author."""
        form.instance.author = self.request.user
        return super().form_valid(form)


class AuthorOnly(UserPassesTestMixin):
    """Let in the notice's author: others get a 403, visitors the login page."""

    def test_func(self):
        """Return whether the notice is the member's own."""
        return self.get_object().author_id == self.request.user.pk


class NoticeEdit(AuthorOnly, SuccessMessageMixin, UpdateView):
    """Change one's own notice."""

    model = Notice
    form_class = NoticeForm
    template_name = "board/form.html"
    heading = "Change your notice"
    submit = "Save"
    success_message = "Your notice was changed."


class NoticeDelete(AuthorOnly, DeleteView):
    """Take down one's own notice."""

    model = Notice
    success_url = reverse_lazy("home")

    def form_valid(self, form):
        """Say what happened."""
        messages.success(self.request, "Your notice was taken down.")
        return super().form_valid(form)
