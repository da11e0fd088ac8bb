"""Lists, the pages of notices, posting, changing, deleting."""

# ruff: noqa: PT009  (Django runs these, so unittest explains a failure best)

from datetime import timedelta
from unittest import mock

from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings
from django.utils import timezone

from ..models import Category, Notice
from .base import BoardTestCase, picture


class Reading(BoardTestCase):
    """What everybody can see."""

    def test_list_shows_newest_first(self):
        """The newest notice comes first."""
        day = timedelta(days=1)
        self.post("Older", posted_at=timezone.now() - day)
        self.post("Newer", posted_at=timezone.now() + day)
        response = self.client.get("/")
        titles = [notice.title for notice in response.context["object_list"]]
        self.assertEqual(titles, ["Newer", "Street party", "Older"])
        self.assertContains(response, "Amira")

    def test_list_has_pages(self):
        """Twelve notices make a page."""
        for number in range(12):
            self.post(f"Notice {number}")
        first = self.client.get("/")
        self.assertEqual(len(first.context["object_list"]), 12)
        self.assertContains(first, 'href="?page=2"')
        self.assertContains(self.client.get("/?page=2"), "Street party")
        self.assertEqual(self.client.get("/?page=3").status_code, 404)

    def test_list_needs_few_queries(self):
        """The number of queries doesn't grow with the notices."""
        for number in range(5):
            self.post(f"Notice {number}")
        with self.assertNumQueries(3):  # the count, the page, the categories
            self.client.get("/")

    def test_empty_list(self):
        """An empty board says so."""
        Notice.objects.all().delete()
        self.assertContains(self.client.get("/"), "Nothing hangs here yet")

    def test_category(self):
        """A category's page shows its notices alone."""
        self.post("Bicycle", category=self.market)
        response = self.client.get(self.market.get_absolute_url())
        self.assertContains(response, "Bicycle")
        self.assertNotContains(response, "Street party")
        self.assertEqual(self.client.get("/category/none/").status_code, 404)

    def test_search_finds_all_words_anywhere(self):
        """Each word has to occur, in the title or in the text."""
        self.post("Street lamp")
        response = self.client.get("/search/?q=CHAIR+street")
        self.assertContains(response, "1 notice found")
        self.assertContains(response, "Street party")
        self.assertNotContains(response, "Street lamp")

    def test_search_keeps_its_words_on_the_next_page(self):
        """The link to the next page searches for the same words."""
        for number in range(13):
            self.post(f"Lamp {number}")
        response = self.client.get("/search/?q=lamp")
        self.assertContains(response, 'href="?q=lamp&amp;page=2"')

    def test_search_for_nothing(self):
        """Without words, or with words that can't be, nothing is found."""
        for query in ("", "?q=", "?q=%00", "?q=" + "x" * 101):
            with self.subTest(query):
                response = self.client.get("/search/" + query)
                self.assertContains(response, "into the search field")

    def test_notice(self):
        """A notice's page shows its text, escaped, and its picture's description."""
        notice = self.post(
            "Cat", body="<b>grey</b>", picture=picture(), picture_alt="A grey cat"
        )
        response = self.client.get(notice.get_absolute_url())
        self.assertContains(response, "&lt;b&gt;grey")
        self.assertContains(response, f'src="{notice.picture.url}" alt="A grey cat"')
        self.assertNotContains(response, "/edit/")
        for pk in (0, 10**30):
            self.assertEqual(self.client.get(f"/notices/{pk}/").status_code, 404)

    def test_names(self):
        """Notices and categories are called by their title and name."""
        self.assertEqual(str(self.notice), "Street party")
        self.assertEqual(str(self.events), "Events")


class Posting(BoardTestCase):
    """What members do."""

    def setUp(self):
        """Log Amira in."""
        self.client.force_login(self.amira)

    def send(self, address="/notices/new/", **fields):
        """Fill the form in and send it."""
        wanted = {"title": "Cat", "category": self.events.pk, "body": "Grey."}
        return self.client.post(address, wanted | fields)

    def assert_refused(self, field, words, **fields):
        """The form comes back with an error at the field, and nothing was posted."""
        response = self.send(**fields)
        self.assertEqual(response.status_code, 200)
        self.assertIn(words, " ".join(response.context["form"].errors[field]))
        self.assertContains(response, "Something is missing or wrong")
        self.assertFalse(Notice.objects.filter(title="Cat").exists())

    def test_visitor_has_to_log_in(self):
        """Who isn't logged in is sent to the login page and back."""
        self.client.logout()
        for address in ("/notices/new/", f"/notices/{self.notice.pk}/edit/"):
            response = self.client.get(address)
            self.assertRedirects(response, f"/accounts/login/?next={address}")

    def test_post_without_picture(self):
        """The member becomes the author; the answer is a redirect to the notice."""
        response = self.send()
        notice = Notice.objects.get(title="Cat")
        self.assertEqual(response.status_code, 302)
        self.assertEqual(response["Location"], notice.get_absolute_url())
        self.assertEqual(notice.author, self.amira)
        page = self.client.get(notice.get_absolute_url())
        self.assertContains(page, "Your notice is on the board.")

    def test_post_with_picture(self):
        """The picture is stored by year and month, as it was sent."""
        for name, kind in (
            *(("a.jpg", "JPEG"), ("a.JPEG", "JPEG"), ("a.png", "PNG")),
            *(("a.gif", "GIF"), ("a.webp", "WEBP")),
        ):
            with self.subTest(name):
                sent = picture(name, kind)
                self.send(title=name, picture=sent, picture_alt="A square")
                stored = Notice.objects.get(title=name).picture
                self.assertTrue(stored.name.startswith("pictures/20"))
                sent.seek(0)
                self.assertEqual(stored.read(), sent.read())

    def test_picture_needs_a_description(self):
        """Without a description of the picture the form comes back."""
        self.assert_refused("picture_alt", "Describe", picture=picture())

    def test_file_that_is_no_picture(self):
        """A text that calls itself a picture is refused."""
        file = SimpleUploadedFile("cat.png", b"<script>", "image/png")
        self.assert_refused("picture", "valid image", picture=file, picture_alt="A cat")

    def test_picture_that_browsers_do_not_show(self):
        """Pillow reads TIFF; the board does not take it, under any name."""
        for name in ("cat.tiff", "cat.jpg"):
            file = picture(name, "TIFF")
            self.assert_refused(
                "picture", "JPEG, PNG, GIF and WebP", picture=file, picture_alt="A cat"
            )

    def test_picture_under_a_wrong_name(self):
        """A picture's name has to tell what it is."""
        for name in ("cat.html", "cat.php", "cat.gif", "cat"):
            with self.subTest(name):
                file = picture(name)
                response = self.send(picture=file, picture_alt="A cat")
                self.assertIn("picture", response.context["form"].errors)

    @override_settings(BOARD_PICTURE_MAX_BYTES=50)
    def test_picture_that_is_too_large(self):
        """A picture above the limit is refused, and the limit is told."""
        self.assert_refused(
            "picture", "50\xa0bytes", picture=picture(), picture_alt="A cat"
        )

    def test_picture_with_too_many_pixels(self):
        """A small file that unfolds into a huge picture is refused."""
        with mock.patch("PIL.Image.MAX_IMAGE_PIXELS", 10):
            self.assert_refused(
                "picture", "valid image", picture=picture(), picture_alt="A cat"
            )

    def test_author_changes_a_notice(self):
        """The author sees the links and can change the notice."""
        page = self.client.get(self.notice.get_absolute_url())
        self.assertContains(page, f"/notices/{self.notice.pk}/edit/")
        response = self.send(f"/notices/{self.notice.pk}/edit/", title="Later")
        self.assertRedirects(response, self.notice.get_absolute_url())
        self.notice.refresh_from_db()
        self.assertEqual(self.notice.title, "Later")
        self.assertEqual(self.notice.author, self.amira)

    def test_author_takes_a_notice_down(self):
        """Deleting asks first, and deletes by POST alone."""
        address = f"/notices/{self.notice.pk}/delete/"
        self.assertContains(self.client.get(address), "Take down")
        self.assertRedirects(self.client.post(address), "/")
        self.assertFalse(Notice.objects.exists())

    def test_others_can_do_neither(self):
        """A notice is its author's, even for staff; staff have the admin."""
        for member in (self.jonas, self.sam):
            self.client.force_login(member)
            for what in ("edit", "delete"):
                response = self.client.post(f"/notices/{self.notice.pk}/{what}/")
                self.assertContains(response, "isn't yours", status_code=403)
        self.assertEqual(Notice.objects.get().title, "Street party")


class Pictures(BoardTestCase):
    """A picture's file goes when nothing shows it any more."""

    def setUp(self):
        """Post a notice with a picture, and log its author in."""
        self.cat = self.post("Cat", picture=picture(), picture_alt="A grey cat")
        self.file = self.cat.picture.name
        self.client.force_login(self.amira)

    def edit(self, **fields):
        """Change the notice with the form."""
        wanted = {"title": "Cat", "category": self.events.pk, "body": "Grey."}
        wanted["picture_alt"] = "A cat"
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(f"/notices/{self.cat.pk}/edit/", wanted | fields)
        self.cat.refresh_from_db()

    def test_kept(self):
        """A change of the text leaves the picture."""
        self.edit()
        self.assertEqual(self.cat.picture.name, self.file)
        self.assertTrue(default_storage.exists(self.file))

    def test_replaced(self):
        """The old file goes, the new one stays."""
        self.edit(picture=picture())
        self.assertNotEqual(self.cat.picture.name, self.file)
        self.assertFalse(default_storage.exists(self.file))
        self.assertTrue(default_storage.exists(self.cat.picture.name))

    def test_removed(self):
        """The box "Clear" takes the picture away."""
        self.edit(**{"picture-clear": "on"})
        self.assertFalse(self.cat.picture)
        self.assertFalse(default_storage.exists(self.file))

    def test_deleted(self):
        """Deleting many notices at once deletes their files too."""
        with self.captureOnCommitCallbacks(execute=True):
            Notice.objects.all().delete()
        self.assertFalse(default_storage.exists(self.file))

    def test_missing_file_breaks_no_page(self):
        """If a file was lost, the pages and the form still work."""
        default_storage.delete(self.file)
        for address in ("/", self.cat.get_absolute_url()):
            self.assertEqual(self.client.get(address).status_code, 200)
        self.edit(title="Found")
        self.assertEqual(self.cat.title, "Found")


class Categories(BoardTestCase):
    """Categories."""

    def test_address(self):
        """A category's address has its slug in it."""
        self.assertEqual(self.events.get_absolute_url(), "/category/events/")

    def test_order(self):
        """Categories are sorted by name."""
        self.assertEqual(list(Category.objects.all()), [self.events, self.market])
