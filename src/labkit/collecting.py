"""Python's garbage collector, kept from making a short command long."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def seldom() -> Iterator[None]:
    """Collect garbage seldom in the block, and not once more at the program's end.

    A command imports much and throws little away: looking through all of it for
    garbage took a fifth of the time of `lab --help`.
    """
    gc.set_threshold(100_000)
    try:
        yield
    finally:
        gc.freeze()
