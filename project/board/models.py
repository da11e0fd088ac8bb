"""Categories and the notices in them."""

from functools import partial

from django.conf import settings
from django.db import models, transaction
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.urls import reverse
from django.utils import timezone


class Colour(models.TextChoices):
    """The colours that style.css knows, for a category's mark."""

    GREEN = "green"
    BLUE = "blue"
    RED = "red"
    AMBER = "amber"
    VIOLET = "violet"
    GREY = "grey"


class Category(models.Model):
    """What a notice is about, such as "Lost and found"."""

    name = models.CharField(max_length=60, unique=True)
    slug = models.SlugField(max_length=60, unique=True)
    colour = models.CharField(
        max_length=10, choices=Colour.choices, default=Colour.GREY
    )

    class Meta:
        """Categories are listed by name."""

        ordering = ("name",)
        verbose_name_plural = "categories"

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        """Return the address of the list of this category's notices."""
        return reverse("category", args=[self.slug])


class Notice(models.Model):
    """A notice on the board."""

    title = models.CharField(max_length=100)
    category = models.ForeignKey(
        Category, on_delete=models.PROTECT, related_name="notices"
    )
    body = models.TextField("text", max_length=5000)
    picture = models.ImageField(upload_to="pictures/%Y/%m/", blank=True)
    picture_alt = models.CharField(
        "description of the picture", max_length=200, blank=True
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices"
    )
    posted_at = models.DateTimeField("posted", default=timezone.now, db_index=True)
    updated_at = models.DateTimeField("last changed", auto_now=True)

    class Meta:
        """The newest notice comes first."""

        ordering = ("-posted_at", "-pk")

    def __str__(self):
        return self.title

    def save(self, *args, **kwargs):
        """Save, and remove the file of a picture that was replaced."""
        stored = Notice.objects.filter(pk=self.pk).values_list("picture", flat=True)
        before = stored.first() if self.pk else ""
        super().save(*args, **kwargs)
        if before and before != self.picture.name:
            transaction.on_commit(partial(self.picture.storage.delete, before))

    def get_absolute_url(self):
        """Return the address of the notice's own page."""
        return reverse("notice", args=[self.pk])


@receiver(post_delete, sender=Notice)
def remove_picture(instance, **kwargs):
    """Remove a deleted notice's picture, once the deletion is certain."""
    if instance.picture:
        picture = instance.picture
        transaction.on_commit(partial(picture.storage.delete, picture.name))
