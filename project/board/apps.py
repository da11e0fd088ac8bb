"""The app's name, for Django."""

from django.apps import AppConfig


class BoardConfig(AppConfig):
    """The board."""

    name = "board"
