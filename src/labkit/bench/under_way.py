"""A lab under way on the bench's server, for commands that ask which one is."""

from collections.abc import Iterator
from contextlib import contextmanager

from labkit import journal
from labkit.commands.session import Session, half_way
from labkit.labs import Lab


@contextmanager
def under_way(session: Session, lab: Lab) -> Iterator[None]:
    """Keep record that the lab is under way while the block runs, and then of what
    was known of it before: whoever measures may be in the midst of it elsewhere."""
    before = journal.read(session.checkout).labs.get(lab.slug)
    try:
        with half_way(session, lab, "a bench", "./lab dev bench"):
            pass
        yield
    finally:
        with journal.change(session.checkout) as progress:
            progress.servers.pop(session.server.name, None)
            progress.labs.pop(lab.slug, None)
            if before:
                progress.labs[lab.slug] = before
