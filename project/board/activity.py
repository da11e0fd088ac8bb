"""The activity report: which weekdays are busier than chance would have it?

Notices come in bunches, so one busy Tuesday says little about Tuesdays. The report
therefore compares what happened with what chance does: it shuffles the days of the
period 25,000 times and notes how many notices each weekday gets each time. A weekday
outside the middle 95 % of these is called busy or quiet. (Statisticians call this a
permutation test.)

The work grows with the number of days and hardly at all with the number of notices:
a year takes a few seconds, a month a tenth of that. Nothing is stored.
"""

import random
import time
from calendar import day_name
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from .models import Notice

SHUFFLES = 25_000


@dataclass
class Weekday:
    """One line of the report: averages are notices a day."""

    name: str
    notices: int
    average: float
    low: float
    high: float

    @property
    def verdict(self) -> str:
        """Say how the weekday compares with chance."""
        if self.average > self.high:
            return "busier"
        if self.average < self.low:
            return "quieter"
        return "as expected"


@dataclass
class Activity:
    """The report."""

    first: date
    last: date
    total: int
    categories: list[tuple[str, int]]
    weekdays: list[Weekday]
    seconds: float  # of a processor
    shuffles: int = SHUFFLES


def activity(days: int, last: date | None = None) -> Activity:
    """Report on the `days` days up to and with `last`, which is today if not given."""
    begun = time.thread_time()
    last = last or timezone.localdate()
    first = last - timedelta(days=days - 1)
    per_day = [0] * days
    categories = Counter()
    for posted_at, category in posted(first, last):
        per_day[(timezone.localdate(posted_at) - first).days] += 1
        categories[category] += 1
    weekdays = [
        Weekday(day_name[day], *figures)
        for day, figures in sorted(compare(per_day, first.weekday()))
    ]
    seconds = time.thread_time() - begun
    return Activity(
        first, last, sum(per_day), categories.most_common(), weekdays, seconds
    )


def posted(first: date, last: date):
    """Return when notices were posted from `first` to `last`, and their categories."""
    begin = timezone.make_aware(datetime.combine(first, datetime.min.time()))
    end = timezone.make_aware(
        datetime.combine(last + timedelta(days=1), datetime.min.time())
    )
    return Notice.objects.filter(posted_at__gte=begin, posted_at__lt=end).values_list(
        "posted_at", "category__name"
    )


def compare(per_day: list[int], first_weekday: int):
    """Yield each weekday with its sum, average, and what chance makes of the average.

    The same numbers always give the same answer: the shuffling starts from one seed.
    """
    rng = random.Random(1)
    shuffled = per_day.copy()
    chance = [[] for _ in range(7)]
    for _ in range(SHUFFLES):
        rng.shuffle(shuffled)
        for place in range(7):
            chance[place].append(sum(shuffled[place::7]))
    for place in range(7):
        sums = sorted(chance[place])
        low, high = sums[SHUFFLES // 40], sums[-SHUFFLES // 40]
        there = per_day[place::7]
        found, many = sum(there), len(there)
        yield (
            (first_weekday + place) % 7,
            (found, found / many, low / many, high / many),
        )
