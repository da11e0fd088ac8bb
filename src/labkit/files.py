"""Small files that must survive Ctrl-C, a full disk and two runs at once."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from labkit.errors import LabError

T = TypeVar("T")


def as_json(value: Any) -> str:
    """A msgspec Struct, or plain data, as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(value), indent=1).decode()


def committed(root: Path, path: Path, type_: type[T], *, by: str) -> T | None:
    """What a command, `by`, has written to a file that is committed; None without it.

    Raises:
        LabError: when the file is not of that type.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=type_)
    except FileNotFoundError:
        return None
    except msgspec.DecodeError as error:
        raise LabError(
            f"{path.relative_to(root)} is damaged: {error}.",
            f"{by} wrote this file; something else changed it.",
            f"git checkout {path.relative_to(root)}",
        ) from error


def write(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all: a reader sees the old or the new text.

    Raises:
        OSError: when the file can't be written; the old one is untouched.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[None]:
    """Hold an exclusive lock on `path` while the block runs.

    The file then holds this process's id and stays behind, unlocked.

    Raises:
        BlockingIOError: when somebody else holds it and `wait` is false.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
