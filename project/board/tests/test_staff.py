"""The pages for those who run the site, the health page, error pages and the admin."""

# ruff: noqa: PT009  (Django runs these, so unittest explains a failure best)

from unittest import mock

from django.core import mail
from django.db import InterfaceError, OperationalError, connection
from django.template.loader import render_to_string
from django.test import Client, override_settings

from ..models import Category
from .base import BoardTestCase, picture


class Staff(BoardTestCase):
    """/staff/ and /staff/fail/."""

    def test_only_for_staff(self):
        """Visitors are sent to the login page, members get a 403."""
        for address in ("/staff/", "/staff/fail/"):
            self.client.logout()
            response = self.client.get(address)
            self.assertRedirects(response, f"/accounts/login/?next={address}")
            self.client.force_login(self.amira)
            self.assertEqual(self.client.get(address).status_code, 403)
            self.assertEqual(self.client.post(address).status_code, 403)

    def test_staff_room(self):
        """Staff see the link in every page and the room behind it."""
        self.client.force_login(self.sam)
        self.assertContains(self.client.get("/"), 'href="/staff/"')
        self.assertContains(self.client.get("/staff/"), "Do error reports arrive?")

    def test_fail(self):
        """The page fails, with the page that visitors see when something breaks."""
        self.client.force_login(self.sam)
        self.client.raise_request_exception = False
        for send in (self.client.get, self.client.post):
            with self.assertLogs("django.request", "ERROR"):
                response = send("/staff/fail/")
            self.assertContains(response, "Something went wrong", status_code=500)

    @override_settings(ADMINS=["admin@example.org"], DEBUG=False)
    def test_report_masks_the_password(self):
        """One report is mailed, with the note and without the password."""
        self.client.force_login(self.sam)
        self.client.raise_request_exception = False
        self.client.post("/staff/fail/", {"note": "a test", "password": "hunter2"})
        (report,) = mail.outbox
        self.assertIn("DeliberateError", report.body)
        self.assertIn("note = 'a test'", report.body)
        self.assertIn("password = '********************'", report.body)
        self.assertNotIn("hunter2", report.body)


class Health(BoardTestCase):
    """/health/."""

    def test_ok(self):
        """While the database answers, so does the page."""
        response = self.client.get("/health/")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.content, b"ok\n")
        self.assertEqual(response["Content-Type"], "text/plain")
        self.assertIn("no-store", response["Cache-Control"])
        self.assertEqual(self.client.head("/health/").status_code, 200)

    def test_no_session(self):
        """One query, and no other: neither session nor member is looked up."""
        self.client.force_login(self.amira)
        with self.assertNumQueries(1):
            self.client.get("/health/")

    def test_database_away(self):
        """Without the database the answer is 503, not an exception."""
        for error in (OperationalError("gone"), InterfaceError("gone")):
            broken = mock.patch.object(connection, "cursor", side_effect=error)
            with broken, self.assertLogs("django.request", "ERROR"):
                response = self.client.get("/health/")
            self.assertContains(response, "database unavailable", status_code=503)


class ErrorPages(BoardTestCase):
    """What visitors see when something is wrong."""

    def test_not_found(self):
        """404 has the site's navigation."""
        response = self.client.get("/nowhere/")
        self.assertContains(response, "Nothing hangs here", status_code=404)
        self.assertContains(response, 'aria-label="Main"', status_code=404)

    def test_csrf(self):
        """A form without its token is refused with a page that explains."""
        client = Client(enforce_csrf_checks=True)
        response = client.post("/accounts/login/")
        self.assertContains(response, "could not be accepted", status_code=403)

    def test_bad_host(self):
        """A name that isn't the site's gets a 400 with a page."""
        with self.assertLogs("django.security.DisallowedHost", "ERROR"):
            response = self.client.get("/", headers={"host": "evil.example"})
        self.assertContains(response, "did not understand", status_code=400)

    def test_plain_pages_need_nothing(self):
        """400, 403_csrf and 500 are whole pages without context or database."""
        for name in ("400.html", "403_csrf.html", "500.html"):
            with self.assertNumQueries(0):
                page = render_to_string(name)
            self.assertIn("<h1>", page)
            self.assertIn("</html>", page)


class Admin(BoardTestCase):
    """The board in the admin."""

    def setUp(self):
        """Log staff in."""
        self.client.force_login(self.sam)

    def test_pages(self):
        """Lists, searches and forms work."""
        notice = f"/admin/board/notice/{self.notice.pk}/change/"
        for address in (
            *("/admin/", "/admin/board/notice/?q=party", notice),
            *("/admin/board/notice/add/", "/admin/board/category/?q=ev"),
            f"/admin/board/category/{self.events.pk}/change/",
        ):
            with self.subTest(address):
                self.assertEqual(self.client.get(address).status_code, 200)

    def test_category_counts(self):
        """The list of categories counts the notices."""
        response = self.client.get("/admin/board/category/")
        self.assertContains(response, '<td class="field-notice_count">1</td>')

    def test_picture_needs_a_description(self):
        """The admin's form asks for what the site's form asks."""
        address = f"/admin/board/notice/{self.notice.pk}/change/"
        response = self.client.post(
            address,
            {
                "title": "Party",
                "category": self.events.pk,
                "body": "Text.",
                "picture": picture(),
                "author": self.amira.pk,
                "posted_at_0": "2026-03-02",
                "posted_at_1": "12:00:00",
            },
        )
        self.assertContains(response, "Describe what the picture shows.")

    def test_category_in_use_stays(self):
        """A category with notices can't be deleted."""
        self.client.post(
            f"/admin/board/category/{self.events.pk}/delete/", {"post": "yes"}
        )
        self.assertTrue(Category.objects.filter(pk=self.events.pk).exists())
