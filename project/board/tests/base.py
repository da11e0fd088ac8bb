"""What the tests share: members, notices, pictures, a storage in memory."""

from io import BytesIO

from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase, override_settings
from PIL import Image

from ..models import Category, Notice

IN_MEMORY = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage",
    },
}


def picture(name="cat.png", format="PNG", content_type="image/png"):
    """Return a small picture, ready to be uploaded."""
    file = BytesIO()
    Image.new("RGB", (8, 6), "teal").save(file, format)
    return SimpleUploadedFile(name, file.getvalue(), content_type)


# Real hashers are slow on purpose.
QUICK_HASHER = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@override_settings(STORAGES=IN_MEMORY, PASSWORD_HASHERS=QUICK_HASHER)
class BoardTestCase(TestCase):
    """A board with two categories, two members, a member of staff and a notice."""

    @classmethod
    def setUpTestData(cls):
        """Fill the board."""
        users = get_user_model().objects
        cls.amira = users.create_user("amira", "amira@example.org", first_name="Amira")
        cls.jonas = users.create_user("jonas", "jonas@example.org")
        cls.sam = users.create_superuser("sam", "", "a-password-for-tests")
        cls.events = Category.objects.create(name="Events", slug="events")
        cls.market = Category.objects.create(name="For sale", slug="market")
        cls.notice = cls.post("Street party", body="Bring a chair & a dish. 🎉")

    @classmethod
    def post(cls, title, **fields):
        """Put a notice on the board."""
        wanted = {"category": cls.events, "author": cls.amira, "body": "Text."}
        return Notice.objects.create(title=title, **(wanted | fields))
