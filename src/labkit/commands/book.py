"""book: serve the site while it is written, or build it."""

import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from labkit.console import say, step
from labkit.errors import LabError
from labkit.site import mirror

# Material's announcement of its own end is for authors, and DESIGN knows of it.
_ENVIRONMENT = {"NO_MKDOCS_2_WARNING": "1"}


def build(root: Path) -> None:
    """Write the site to build/site, and pack it into build/open-box.zip.

    Raises:
        LabError: when a page is wrong, with MkDocs' own words.
    """
    mirror.make(root)
    site = root / "build" / "site"
    with step("Building the site"):
        # Not --quiet: what is not said is not counted, and then nothing is strict.
        done = _mkdocs(root, "build", capture_output=True)
        if done.returncode:
            raise LabError(
                f"The site could not be built: {_words(done.stderr)}",
                "MkDocs takes every warning for an error here, such as a link that "
                "leads nowhere.",
                "mend the page, or look closer: ./lab dev lint",
            )
        shutil.make_archive(str(root / "build" / "open-box"), "zip", site)
    say("build/site is for any static host; build/open-box.zip opens from a disk.")


def serve(root: Path, port: int) -> None:
    """Serve the site on this computer until Ctrl-C; it follows every edit.

    Raises:
        LabError: when the port is taken.
    """
    _want_free(port)
    mirror.make(root)
    say(f"The book is at http://127.0.0.1:{port}/ until you press Ctrl-C.")
    try:
        done = _mkdocs(
            root, "serve", "--quiet", "--no-strict", f"--dev-addr=127.0.0.1:{port}"
        )
    except KeyboardInterrupt:
        say("Stopped.")
        return
    if done.returncode:
        raise LabError(
            "The site's server has ended.",
            "MkDocs' own words are above.",
            "mend what they name, then: ./lab book",
        )


def _mkdocs(
    root: Path, *arguments: str, capture_output: bool = False
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mkdocs", *arguments],
        cwd=root,
        env=os.environ | _ENVIRONMENT,
        capture_output=capture_output,
        text=True,
    )


def _words(said: str) -> str:
    """MkDocs' warnings and errors, without the rest."""
    words = re.findall(r"^(?:WARNING|ERROR) +- +(.+)", said, re.MULTILINE)
    return " / ".join(words) or said.strip()


def _want_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LabError(
                f"Port {port} of this computer can't be had: {error.strerror}.",
                "Another program listens there: another ./lab book perhaps.",
                f"./lab book --port {port + 1}",
            ) from error
