"""Signing up, logging in and out, one's own page."""

# ruff: noqa: PT009  (Django runs these, so unittest explains a failure best)

from django.contrib.auth import get_user_model

from .base import BoardTestCase

PASSWORD = "a-password-for-tests"


class Accounts(BoardTestCase):
    """Accounts."""

    def test_log_in_and_out(self):
        """Logging in leads to the notices; logging out is a POST."""
        self.assertContains(self.client.get("/accounts/login/"), "Sign up")
        response = self.client.post(
            "/accounts/login/", {"username": "sam", "password": PASSWORD}
        )
        self.assertRedirects(response, "/")
        self.assertContains(self.client.get("/"), "Log out")
        self.assertRedirects(self.client.post("/accounts/logout/"), "/")
        self.assertContains(self.client.get("/"), "Log in")
        self.assertEqual(self.client.get("/accounts/logout/").status_code, 405)

    def test_wrong_password(self):
        """A wrong password brings the form back, with a summary of what is wrong."""
        response = self.client.post(
            "/accounts/login/", {"username": "sam", "password": "guess"}
        )
        self.assertContains(response, "Please enter a correct username and password")
        self.assertContains(response, "<title>Error: Log in")

    def test_sign_up(self):
        """A new member is logged in at once."""
        response = self.client.post(
            "/accounts/signup/",
            {"username": "mei", "password1": PASSWORD, "password2": PASSWORD},
            follow=True,
        )
        self.assertRedirects(response, "/")
        self.assertContains(response, "Welcome to the board, mei.")
        mei = get_user_model().objects.get(username="mei")
        self.assertFalse(mei.is_staff or mei.is_superuser)

    def test_sign_up_with_a_name_that_is_taken(self):
        """Nobody gets another's name."""
        response = self.client.post(
            "/accounts/signup/",
            {"username": "amira", "password1": PASSWORD, "password2": PASSWORD},
        )
        self.assertIn("username", response.context["form"].errors)

    def test_account(self):
        """A member sees their notices and can change name and address."""
        self.client.force_login(self.amira)
        self.assertContains(self.client.get("/accounts/"), "Street party")
        response = self.client.post(
            "/accounts/", {"first_name": "Am", "email": "", "is_staff": "on"}
        )
        self.assertRedirects(response, "/accounts/")
        self.amira.refresh_from_db()
        self.assertEqual((self.amira.first_name, self.amira.email), ("Am", ""))
        self.assertFalse(self.amira.is_staff)

    def test_password(self):
        """A member changes their password and stays logged in."""
        self.client.login(username="sam", password=PASSWORD)
        new = "another-for-tests"
        self.client.post(
            "/accounts/password/",
            {"old_password": PASSWORD, "new_password1": new, "new_password2": new},
        )
        self.sam.refresh_from_db()
        self.assertTrue(self.sam.check_password(new))
        self.assertEqual(self.client.get("/accounts/").status_code, 200)

    def test_only_for_members(self):
        """Visitors are sent to the login page."""
        for address in ("/accounts/", "/accounts/password/"):
            self.assertRedirects(
                self.client.get(address), f"/accounts/login/?next={address}"
            )
