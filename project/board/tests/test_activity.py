"""The activity report."""

# ruff: noqa: PT009  (Django runs these, so unittest explains a failure best)

from datetime import UTC, date, datetime
from unittest import mock

from django.test import override_settings

from .. import activity
from ..models import Notice
from .base import BoardTestCase

MONDAY = date(2026, 3, 2)
SUNDAY = date(2026, 3, 29)


@mock.patch("board.activity.SHUFFLES", 400)
class Report(BoardTestCase):
    """Figures and page, with fewer shuffles than usual."""

    def test_figures(self):
        """A weekday with all of the notices is busier than chance."""
        for day in (2, 9, 16, 23):
            for hour in range(3):
                self.post("X", posted_at=datetime(2026, 3, day, hour, tzinfo=UTC))
        report = activity.activity(28, SUNDAY)
        self.assertEqual((report.first, report.last), (MONDAY, SUNDAY))
        self.assertEqual((report.total, report.categories), (12, [("Events", 12)]))
        names = [weekday.name for weekday in report.weekdays]
        self.assertEqual((names[0], names[-1]), ("Monday", "Sunday"))
        monday, tuesday = report.weekdays[:2]
        self.assertEqual((monday.notices, monday.average), (12, 3))
        self.assertEqual(monday.verdict, "busier")
        self.assertEqual(tuesday.verdict, "as expected")

    def test_quiet_weekday(self):
        """A weekday on which nothing happens, unlike the others, is quieter."""
        for day in range(2, 30):
            if day % 7 != 2:
                self.post("X", posted_at=datetime(2026, 3, day, 12, tzinfo=UTC))
        report = activity.activity(28, SUNDAY)
        self.assertEqual(report.weekdays[0].verdict, "quieter")

    def test_same_answer_twice(self):
        """The same notices give the same figures."""
        first, second = (activity.activity(30).weekdays for _ in range(2))
        self.assertEqual(first, second)

    @override_settings(TIME_ZONE="Asia/Tokyo")
    def test_days_are_those_of_the_time_zone(self):
        """Sunday evening in Greenwich is Monday in Tokyo."""
        self.post("X", posted_at=datetime(2026, 3, 29, 22, tzinfo=UTC))
        self.assertEqual(activity.activity(28, SUNDAY).total, 0)
        self.assertEqual(activity.activity(28, date(2026, 3, 30)).total, 1)

    def test_page(self):
        """The page reports on a year, or on ?days=N."""
        response = self.client.get("/reports/activity/")
        self.assertContains(response, "1 notice<")
        self.assertEqual(response.context["form"].data, {"days": 365})
        response = self.client.get("/reports/activity/?days=7")
        report = response.context["report"]
        self.assertEqual((report.last - report.first).days, 6)

    def test_empty_board(self):
        """An empty board has a report too."""
        Notice.objects.all().delete()
        response = self.client.get("/reports/activity/?days=7")
        self.assertContains(response, "None in this period.")

    def test_wrong_days(self):
        """What isn't a number of days from 7 to 3650 is answered with 400."""
        for days in ("6", "3651", "", "many"):
            with self.subTest(days):
                response = self.client.get("/reports/activity/", {"days": days})
                self.assertContains(response, "missing or wrong", status_code=400)
        self.assertEqual(self.client.post("/reports/activity/").status_code, 405)
