"""The mirror: the repository's pages at their own paths, below build/site-src.

Symbolic links, so that an edit is in it at once and nothing is copied.
"""

from collections.abc import Iterator
from pathlib import Path


def pages(root: Path) -> Iterator[Path]:
    """What of the repository is on the site, by its path from the root."""
    yield from map(Path, ("README.md", "CONTRIBUTING.md", "LICENSE"))
    for pattern in ("book/*.md", "book/img/*.svg", "labs/*/README.md"):
        yield from sorted(path.relative_to(root) for path in root.glob(pattern))


def make(root: Path) -> Path:
    """Bring the mirror up to date, and return where it is."""
    mirror = root / "build" / "site-src"
    wanted = {mirror / page: root / page for page in pages(root)}
    for place in [path for path in mirror.rglob("*") if path.is_symlink()]:
        if wanted.get(place) != place.readlink():
            place.unlink()
    for place, page in wanted.items():
        if not place.is_symlink():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.symlink_to(page)
    return mirror
