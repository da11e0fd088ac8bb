"""What the author of a check needs: `expect`, `still_after` and four markers.

A check is a pytest function on pytest-testinfra's `host`. Its docstring is what
the learner is promised. It ends in one of five outcomes:

pass      the promise holds
fail      `expect` found that it doesn't
blocked   a check that this one needs did not pass
not run   the machine lacks something, or a disturbing check was declined
error     the server could not be looked at, or the check itself broke
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, NamedTuple

import pytest

Disturbance = Literal["data", "restart", "reboot"]


class Failure(NamedTuple):
    """What a failed check says, in the order in which it is said.

    `found` is what was seen on this server, so it differs between one cause of
    a failure and another.
    """

    wanted: str
    found: str
    why: str
    look: str


class Unmet(AssertionError):
    """Raised by `expect`: the promise of the check does not hold."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure)
        self.failure = failure

    def __str__(self) -> str:
        return "\n".join(
            f"{name.capitalize() + ':':8}{text}"
            for name, text in self.failure._asdict().items()
        )


def expect(holds: bool, *, wanted: str, found: str, why: str, look: str) -> None:
    """Fail the check with four sentences for the learner unless `holds`.

    Raises:
        Unmet: when `holds` is false.
    """
    __tracebackhide__ = True
    if not holds:
        raise Unmet(Failure(wanted, found, why, look))


@contextmanager
def still_after(event: str, *, why: str, look: str) -> Iterator[None]:
    """Tell the failure of a check that is repeated in this block as one of `event`.

    `why` and `look` are about the event, such as "a reboot"; the repeated check's
    own look follows.

    Raises:
        Unmet: when the block does.
    """
    __tracebackhide__ = True
    try:
        yield
    except Unmet as unmet:
        was = unmet.failure
        raise Unmet(
            Failure(
                wanted=f"still after {event}: {was.wanted}",
                found=f"after {event}: {was.found}",
                why=why,
                look=f"{look} And, as before: {was.look}",
            )
        ) from None


def needs(*names: str) -> pytest.MarkDecorator:
    """Mark a check as blocked unless the checks called `names` have passed."""
    return pytest.mark.needs(*names)


def disturbs(what: Disturbance) -> pytest.MarkDecorator:
    """Mark a check that changes the server for a while: run last, may be declined."""
    return pytest.mark.disturbs(what)


def requires(offer: str) -> pytest.MarkDecorator:
    """Mark a check that can run only where the machine offers `offer`."""
    return pytest.mark.requires(offer)


guard = pytest.mark.guard
"""Mark a check that is rightly true from the start and must stay true."""
