"""The forms of the board."""

from django import forms
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.forms import UserCreationForm
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from .models import Notice

# What every browser shows. Pillow reads many more.
PICTURE_TYPES = {
    "JPEG": (".jpg", ".jpeg"),
    "PNG": (".png",),
    "GIF": (".gif",),
    "WEBP": (".webp",),
}


class NoticeForm(forms.ModelForm):
    """Post a notice, or change one."""

    class Meta:
        """What an author writes; author and dates are the site's."""

        model = Notice
        fields = ("title", "category", "body", "picture", "picture_alt")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        limit = filesizeformat(settings.BOARD_PICTURE_MAX_BYTES)
        self.fields[
            "picture"
        ].help_text = (
            f"A JPEG, PNG, GIF or WebP file of at most {limit}. You may leave it out."
        )
        self.fields["picture"].widget.attrs["accept"] = ",".join(
            f"image/{name.lower()}" for name in PICTURE_TYPES
        )
        self.fields["picture_alt"].help_text = (
            "What the picture shows, for those who can't see it. "
            "Needed if there is a picture."
        )

    def clean_picture(self):
        """Refuse a new picture that is too large or that browsers don't show."""
        picture = self.cleaned_data["picture"]
        if not isinstance(picture, UploadedFile):
            return picture
        limit = settings.BOARD_PICTURE_MAX_BYTES
        if picture.size > limit:
            raise forms.ValidationError(
                f"This picture has {filesizeformat(picture.size)}. "
                f"The most that the board takes is {filesizeformat(limit)}.",
                code="too_large",
            )
        endings = PICTURE_TYPES.get(picture.image.format)
        if endings is None:
            raise forms.ValidationError(
                "The board takes JPEG, PNG, GIF and WebP pictures.", code="wrong_type"
            )
        if not picture.name.lower().endswith(endings):
            raise forms.ValidationError(
                f"This is a {picture.image.format} picture, so its name should end "
                f"in {endings[0]}.",
                code="wrong_name",
            )
        return picture

    def clean(self):
        """Ask for the picture's description, if there is a picture."""
        cleaned = super().clean()
        if cleaned.get("picture") and not cleaned.get("picture_alt"):
            self.add_error("picture_alt", "Describe what the picture shows.")
        return cleaned


class SignUpForm(UserCreationForm):
    """Become a member."""

    class Meta:
        """A name to log in with, and an address if wanted."""

        model = get_user_model()
        fields = ("username", "email")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[
            "email"
        ].help_text = "You may leave it out. With it, you get the weekly digest."


class AccountForm(forms.ModelForm):
    """Change one's own name and address."""

    class Meta:
        """What others see, and where the digest goes."""

        model = get_user_model()
        fields = ("first_name", "last_name", "email")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields[
            "first_name"
        ].help_text = (
            "Your names are shown with your notices. Without them, your username is."
        )
        self.fields[
            "email"
        ].help_text = "Where the weekly digest goes. Leave it empty to get none."


class SearchForm(forms.Form):
    """Look for words in the notices."""

    q = forms.CharField(label="Words to look for", max_length=100, required=False)


class ActivityForm(forms.Form):
    """Choose the period of the activity report."""

    days = forms.IntegerField(
        label="Days",
        min_value=7,
        max_value=3650,
        help_text="How far to look back: 7 to 3650 days.",
    )
