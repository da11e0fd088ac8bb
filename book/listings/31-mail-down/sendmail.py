"""Mail by the server's own queue."""

import subprocess
from email.utils import parseaddr

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """Hands each mail to sendmail, which keeps it on the disk until it is sent."""

    def send_messages(self, messages):
        """Hand them over, and say how many they were."""
        for message in messages:
            sender = parseaddr(message.from_email)[1]
            subprocess.run(
                ["/usr/sbin/sendmail", "-f", sender, "--", *message.recipients()],
                input=message.message().as_bytes(),
                check=True,
                timeout=5,
            )
        return len(messages)
