"""The board in the admin."""

from django.contrib import admin
from django.db.models import Count

from .forms import NoticeForm
from .models import Category, Notice

admin.site.site_header = "Board administration"
admin.site.site_title = "Board administration"
admin.site.index_title = "Notices, categories and members"


@admin.register(Category)
class CategoryAdmin(admin.ModelAdmin):
    """Categories, with the number of notices in each."""

    list_display = ("name", "slug", "colour", "notice_count")
    prepopulated_fields = {"slug": ("name",)}  # noqa: RUF012
    search_fields = ("name",)

    def get_queryset(self, request):
        """Count the notices in the same query."""
        return super().get_queryset(request).annotate(count=Count("notices"))

    @admin.display(description="notices", ordering="count")
    def notice_count(self, category):
        """Return how many notices the category has."""
        return category.count


@admin.register(Notice)
class NoticeAdmin(admin.ModelAdmin):
    """Notices, by date, category and author."""

    form = NoticeForm
    fields = (
        *("title", "category", "body", "picture", "picture_alt"),
        *("author", "posted_at", "updated_at"),
    )
    readonly_fields = ("updated_at",)
    autocomplete_fields = ("author", "category")
    list_display = ("title", "category", "author", "posted_at", "has_picture")
    list_filter = ("category", "posted_at")
    list_select_related = ("category", "author")
    date_hierarchy = "posted_at"
    search_fields = ("title", "body", "author__username")

    @admin.display(boolean=True, description="picture")
    def has_picture(self, notice):
        """Return whether the notice has a picture."""
        return bool(notice.picture)

    def get_changeform_initial_data(self, request):
        """Suggest the member at the keyboard as the author."""
        return {"author": request.user.pk}
