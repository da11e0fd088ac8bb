"""hello's settings while one key takes over from another."""

from pathlib import Path

from production import *  # noqa: F403

OLD = Path("/etc/hello/key.old")
SECRET_KEY_FALLBACKS = [OLD.read_text().strip()] if OLD.exists() else []
