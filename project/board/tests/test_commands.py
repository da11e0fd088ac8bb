"""send_digest and sample_data."""

# ruff: noqa: PT009  (Django runs these, so unittest explains a failure best)

from datetime import timedelta
from io import StringIO

from django.contrib.auth import get_user_model
from django.core import mail
from django.core.management import call_command
from django.test import override_settings
from django.utils import timezone

from ..models import Category, Notice
from .base import BoardTestCase


def run(*args, **options):
    """Run a command and return what it prints."""
    out = StringIO()
    call_command(*args, stdout=out, **options)
    return out.getvalue()


@override_settings(BOARD_URL="https://board.example/")
class Digest(BoardTestCase):
    """The weekly digest."""

    def test_one_mail_for_each_member_with_an_address(self):
        """Members without an address, and those who left, get none."""
        self.jonas.is_active = False
        self.jonas.save()
        self.assertEqual(run("send_digest"), "Digests sent: 1\n")
        (mail_,) = mail.outbox
        self.assertEqual(mail_.to, ["amira@example.org"])
        self.assertEqual(mail_.subject, "On the board: 1 new notice")
        self.assertIn("Hello Amira,", mail_.body)
        self.assertIn(
            f"https://board.example{self.notice.get_absolute_url()}\n", mail_.body
        )
        self.assertIn("https://board.example/accounts/\n", mail_.body)

    def test_plain_text_is_not_escaped(self):
        """A mail isn't HTML."""
        self.post("Chairs & tables")
        run("send_digest")
        self.assertEqual(len(mail.outbox), 2)
        self.assertIn("Chairs & tables", mail.outbox[0].body)
        self.assertEqual(mail.outbox[0].subject, "On the board: 2 new notices")

    def test_only_the_period(self):
        """Older notices are left out; without new ones nothing is sent."""
        Notice.objects.update(posted_at=timezone.now() - timedelta(days=8))
        self.assertEqual(run("send_digest"), "Digests sent: 0\n")
        self.assertEqual(run("send_digest", days=9), "Digests sent: 2\n")


class SampleData(BoardTestCase):
    """Sample data."""

    def snapshot(self):
        """Return what the notices say, by whom, and their pictures."""
        return [
            (
                notice.title,
                notice.author.username,
                notice.picture and notice.picture.read(),
            )
            for notice in Notice.objects.order_by("title")
        ]

    def setUp(self):
        """Begin with an empty board."""
        Notice.objects.all().delete()
        Category.objects.all().delete()
        get_user_model().objects.all().delete()

    @override_settings(DEBUG=True)
    def test_on_a_laptop(self):
        """Sixty notices in six categories, and a password that is told."""
        said = run("sample_data")
        self.assertIn("New members: 8, new notices: 60", said)
        self.assertIn("on-my-laptop-only", said)
        self.assertEqual((Category.objects.count(), Notice.objects.count()), (6, 60))
        sam = get_user_model().objects.get(is_staff=True)
        self.assertEqual(sam.username, "sam")
        self.assertTrue(sam.check_password("on-my-laptop-only"))
        self.assertTrue(
            self.client.login(username="amira", password="on-my-laptop-only")
        )
        self.assertFalse(Notice.objects.filter(posted_at__gt=timezone.now()).exists())
        recent = timezone.now() - timedelta(days=7)
        self.assertTrue(Notice.objects.filter(posted_at__gt=recent).exists())
        without = Notice.objects.exclude(picture="").filter(picture_alt="")
        self.assertFalse(without.exists())

    def test_again(self):
        """A second run adds nothing and changes nothing; a first run is repeatable."""
        run("sample_data")
        first = self.snapshot()
        self.assertEqual(run("sample_data"), "New members: 0, new notices: 0\n")
        Notice.objects.filter(title__startswith="B").delete()
        run("sample_data")
        self.assertEqual(self.snapshot(), first)

    def test_elsewhere_there_is_no_known_password(self):
        """With DEBUG off the members can't log in until they get a password."""
        said = run("sample_data")
        self.assertIn("changepassword sam", said)
        sam = get_user_model().objects.get(username="sam")
        self.assertFalse(sam.has_usable_password())

    def test_given_password(self):
        """--password sets the members' password, and is not repeated."""
        self.assertNotIn("a-long-one", run("sample_data", password="a-long-one"))
        sam = get_user_model().objects.get(username="sam")
        self.assertTrue(sam.check_password("a-long-one"))
