"""Who was here."""

from django.db import models
from django.utils import timezone


class Guest(models.Model):
    """Somebody who came, and when."""

    name = models.CharField(max_length=40)
    came = models.DateTimeField(default=timezone.now)
