"""The weekly digest: new notices, by mail, to members who gave an address."""

from datetime import timedelta

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import EmailMessage, mailers
from django.template.loader import render_to_string
from django.utils import timezone

from .models import Notice


def send_digest(days: int = 7) -> int:
    """Mail the notices of the last `days` days; return how many mails went out.

    Each member gets a mail of their own, so nobody sees another's address.
    """
    since = timezone.now() - timedelta(days=days)
    notices = Notice.objects.filter(posted_at__gte=since)
    notices = list(notices.select_related("category", "author"))
    if not notices:
        return 0
    count = "1 new notice" if len(notices) == 1 else f"{len(notices)} new notices"
    subject = f"On the board: {count}"
    mails = []
    members = get_user_model().objects.filter(is_active=True).exclude(email="")
    for member in members.order_by("pk"):
        context = {
            "member": member,
            "notices": notices,
            "count": count,
            "site": settings.BOARD_URL.rstrip("/"),
        }
        body = render_to_string("board/digest.txt", context)
        mails.append(EmailMessage(subject, body, to=[member.email]))
    return mailers.default.send_messages(mails) or 0
