"""manage.py send_digest: mail the weekly digest."""

from django.core.management.base import BaseCommand

from ...digest import send_digest


class Command(BaseCommand):
    """Mail the new notices to members who gave an address."""

    help = (
        "Mails the new notices to members who gave an address. "
        "Run it once a week; it keeps no record of earlier runs."
    )

    def add_arguments(self, parser):
        """Take the period."""
        parser.add_argument(
            "--days", type=int, default=7, help="how far to look back (default: 7)"
        )

    def handle(self, *args, days, **options):
        """Send, and say how many."""
        sent = send_digest(days)
        self.stdout.write(f"Digests sent: {sent}")
