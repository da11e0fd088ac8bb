"""manage.py sample_data: fill the board, to see it at work."""

import json
import random
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone

from ... import sample
from ...models import Category, Notice
from ...sample.pictures import ALT_TEXTS, draw

SEED = 1
DAYS = 360
LAPTOP_PASSWORD = "on-my-laptop-only"
STAFF = "sam"
MEMBERS = (
    ("sam", "Sam", "Okafor"),
    ("amira", "Amira", "Haddad"),
    ("jonas", "Jonas", "Lindqvist"),
    ("mei", "Mei", "Tanaka"),
    ("rosa", "Rosa", "Ferreira"),
    ("tomek", "Tomek", "Zieliński"),
    ("selam", "Selam", "Tesfaye"),
    ("greta", "Greta", "Østby"),
)
CATEGORIES = (
    ("market", "For sale and swap", "amber"),
    ("lost-and-found", "Lost and found", "red"),
    ("events", "Events", "violet"),
    ("helping-hands", "Helping hands", "green"),
    ("clubs", "Clubs and courses", "blue"),
    ("committee", "From the committee", "grey"),
)


class Command(BaseCommand):
    """Add sample members, categories and notices that aren't there yet."""

    help = (
        f"Adds {len(MEMBERS)} members ({STAFF} is staff), {len(CATEGORIES)} categories "
        "and 60 notices, as far as they are missing. What is there stays as it is. "
        f"On a laptop (DEBUG = True) the password of all members is {LAPTOP_PASSWORD}; "
        "elsewhere nobody can log in until you give --password or run changepassword."
    )

    def add_arguments(self, parser):
        """Take a password."""
        parser.add_argument("--password", help="the new members' password")

    @transaction.atomic
    def handle(self, *args, password=None, **options):
        """Fill the board, and say with what."""
        rng = random.Random(SEED)
        if password is None and settings.DEBUG:
            password = LAPTOP_PASSWORD
        members, new_members = self.add_members(password)
        categories = self.add_categories()
        new_notices = self.add_notices(rng, members, categories)
        self.stdout.write(f"New members: {new_members}, new notices: {new_notices}")
        if new_members and password == LAPTOP_PASSWORD:
            self.stdout.write(
                f"Log in as {STAFF} (staff) or amira, password {LAPTOP_PASSWORD}. "
                "Never use this password where others can reach the site."
            )
        elif new_members and password is None:
            self.stdout.write(
                "The new members have no password. "
                f"Give one: manage.py changepassword {STAFF}"
            )

    def add_members(self, password):
        """Return all sample members, and how many are new."""
        users = get_user_model().objects
        members, new = [], 0
        for username, first, last in MEMBERS:
            member = users.filter(username=username).first()
            if member is None:
                new += 1
                member = users.create_user(
                    username,
                    f"{username}@example.org",
                    password,
                    first_name=first,
                    last_name=last,
                    is_staff=username == STAFF,
                    is_superuser=username == STAFF,
                )
            members.append(member)
        return members, new

    def add_categories(self):
        """Return the sample categories by slug."""
        return {
            slug: Category.objects.get_or_create(
                slug=slug, defaults={"name": name, "colour": colour}
            )[0]
            for slug, name, colour in CATEGORIES
        }

    def add_notices(self, rng, members, categories):
        """Add the notices that are missing; return how many."""
        path = Path(sample.__file__).with_name("notices.json")
        entries = json.loads(path.read_text(encoding="utf-8"))
        rng.shuffle(entries)
        new = 0
        for number, entry in enumerate(entries):
            # Draw from rng even for a notice that exists, so the others don't change.
            author = rng.choice(members)
            posted_at = self.posted_at(rng, number / len(entries))
            seed = rng.random()
            if Notice.objects.filter(title=entry["title"]).exists():
                continue
            new += 1
            notice = Notice(
                title=entry["title"],
                body=entry["body"],
                category=categories[entry["category"]],
                author=author,
                posted_at=posted_at,
            )
            if motif := entry["picture"]:
                notice.picture_alt = ALT_TEXTS[motif]
                picture = draw(motif, random.Random(seed))
                notice.picture.save(f"{motif}.jpg", ContentFile(picture), save=False)
            notice.save()
        return new

    def posted_at(self, rng, age):
        """Return a moment in the past year: many new ones, weekends preferred.

        `age` goes from 0, today, to 1, a year ago.
        """
        now = timezone.localtime()
        day = now - timedelta(days=DAYS * age**1.6)
        if rng.random() < 0.3:
            day -= timedelta(days=(day.weekday() - 5) % 7)
        hour, minute = rng.randint(7, 21), rng.randint(0, 59)
        moment = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return moment if moment < now else moment - timedelta(days=1)
