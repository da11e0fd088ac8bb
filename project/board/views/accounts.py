"""Accounts: sign up, log in, one's own page."""

from django.contrib.auth import login
from django.contrib.auth.mixins import LoginRequiredMixin
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.contrib.messages.views import SuccessMessageMixin
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import CreateView, UpdateView

from ..forms import AccountForm, SignUpForm


class LogIn(LoginView):
    """Log in."""

    template_name = "board/login.html"
    redirect_authenticated_user = True
    heading = "Log in"
    submit = "Log in"


@method_decorator(sensitive_post_parameters("password1", "password2"), "dispatch")
class SignUp(SuccessMessageMixin, CreateView):
    """Become a member, and be logged in."""

    form_class = SignUpForm
    template_name = "board/form.html"
    success_url = reverse_lazy("home")
    success_message = "Welcome to the board, %(username)s."
    heading = "Sign up"
    submit = "Sign up"

    def form_valid(self, form):
        """Log the new member in."""
        response = super().form_valid(form)
        login(self.request, self.object)
        return response


class Account(LoginRequiredMixin, SuccessMessageMixin, UpdateView):
    """One's own name, address and notices."""

    form_class = AccountForm
    template_name = "board/account.html"
    success_url = reverse_lazy("account")
    success_message = "Your account was changed."
    heading = "Your account"
    submit = "Save"

    def get_object(self):
        """Return the member at the keyboard."""
        return self.request.user

    def get_context_data(self, **kwargs):
        """Add the member's notices."""
        notices = self.request.user.notices.select_related("category")
        return super().get_context_data(notices=notices, **kwargs)


class Password(SuccessMessageMixin, PasswordChangeView):
    """Change one's own password."""

    template_name = "board/form.html"
    success_url = reverse_lazy("account")
    success_message = "Your password was changed."
    heading = "Change your password"
    submit = "Change the password"
