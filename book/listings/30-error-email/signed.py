"""The same, from a sender who is the customer."""

from mailed import *  # noqa: F403

SERVER_EMAIL = "hello@board.test"
EMAIL_SUBJECT_PREFIX = "[hello] "
