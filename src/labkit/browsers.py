"""The browsers of this computer, and how to start one that leaves no trace.

Two families, Chromium's and Firefox's, since each takes a proxy and a profile of
its own in its own way. Safari takes neither.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

from labkit.errors import LabError

Family = Literal["chromium", "firefox"]

# What a program's name holds, and how it then wants to be told things.
_FAMILIES: dict[str, Family] = {
    "chrom": "chromium",
    "edge": "chromium",
    "brave": "chromium",
    "firefox": "firefox",
}

# In the order in which they are tried: on the PATH, then macOS's applications.
_KNOWN = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("microsoft-edge", "brave-browser", "firefox", "firefox-esr"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Brave Browser.app/Contents/MacOS/Brave Browser",
    "/Applications/Firefox.app/Contents/MacOS/firefox",
)

# {port} is the proxy's. Firefox, unlike Chromium, is told by its profile.
_FIREFOX_PREFERENCES = """\
user_pref("network.proxy.type", 1);
user_pref("network.proxy.socks", "127.0.0.1");
user_pref("network.proxy.socks_port", {port});
user_pref("network.proxy.socks_version", 5);
user_pref("network.proxy.socks_remote_dns", true);
user_pref("network.proxy.no_proxies_on", "");
user_pref("network.proxy.allow_hijacking_localhost", true);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
"""


def find() -> str:
    """The path of a browser: one that BROWSER names, or the first that is known.

    Raises:
        LabError: when there is none.
    """
    # BROWSER is a list, as PATH is; what is no browser of the two families in it
    # (xdg-open, wslview, lynx) can't be told which proxy to use.
    wanted = os.environ.get("BROWSER", "").split(os.pathsep)
    for name in (*wanted, *_KNOWN):
        path = shutil.which(name)
        if path and _family(path):
            return path
    raise LabError(
        "No browser was found that could show the site.",
        "Looked for Chromium, Chrome, Edge, Brave and Firefox, in BROWSER, on the "
        "PATH and among macOS's applications. In WSL it has to be one for Linux.",
        "install one (on Debian: sudo apt-get install chromium), or: "
        "./lab open --no-browser",
    )


def _family(path: str) -> Family | None:
    name = Path(path).name.lower()
    return next((kind for part, kind in _FAMILIES.items() if part in name), None)


def name(path: str) -> str:
    """What a browser is called."""
    return Path(path).name


@contextmanager
def running(
    path: str, url: str, proxy_port: int, home: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """Start a browser at `url` with a profile of its own, whose only way is a proxy.

    The profile lies in `home`. It is removed, and all of the browser's processes end;
    Chromium's crash handlers, which leave its process group, a moment later.

    Raises:
        LabError: when the browser ends with an error while the block runs.
    """
    # Not in /tmp: a browser that is a snap has a /tmp of its own.
    profile = Path(tempfile.mkdtemp(prefix="browser-", dir=home))
    words = profile / "words"
    try:
        with words.open("wb") as out:
            process = subprocess.Popen(
                _argv(path, url, proxy_port, profile),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                # Chromium's crash reports would go to the reader's own profile.
                env=os.environ | {"BREAKPAD_DUMP_LOCATION": str(profile)},
                start_new_session=True,
            )
        try:
            yield process
            if process.poll():
                raise _ended(path, process.returncode, words)
        finally:
            _end(process)
    finally:
        _remove(profile)


def _argv(path: str, url: str, proxy_port: int, profile: Path) -> list[str]:
    if _family(path) == "firefox":
        text = _FIREFOX_PREFERENCES.format(port=proxy_port)
        (profile / "user.js").write_text(text)
        return [path, "--no-remote", "--profile", str(profile), url]
    return [
        path,
        f"--user-data-dir={profile}",
        f"--proxy-server=socks5://127.0.0.1:{proxy_port}",
        # Without this, Chromium goes to loopback directly, past the proxy.
        "--proxy-bypass-list=<-loopback>",
        # All names are resolved at the proxy's far end, even those looked up early.
        "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
        # Only what the reader asks for goes through the server.
        "--disable-background-networking",
        "--disable-component-update",
        "--no-first-run",
        "--no-default-browser-check",
        # A profile for an hour needs no keyring, which would ask for its password.
        "--password-store=basic",
        *(["--use-mock-keychain"] if sys.platform == "darwin" else []),
        # Chromium refuses to run as root with its sandbox, and in CI and containers
        # there is nobody but root.
        *(["--no-sandbox"] if os.geteuid() == 0 else []),
        url,
    ]


def _ended(path: str, code: int, words: Path) -> LabError:
    said = words.read_text(errors="replace").strip().splitlines()[-3:]
    # Without Chromium's "[process:thread:date:level:file]".
    last = " / ".join(re.sub(r"^\[[^]]*\] ", "", line)[:200] for line in said)
    return LabError(
        f"{name(path)} ended with an error ({code}).",
        f"Its last words: {last or 'none'}",
        "./lab open again, with BROWSER=... before it for another browser, or "
        "./lab open --no-browser",
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the browser, and what it has started and left behind."""
    try:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(10)
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _remove(profile: Path) -> None:
    """Remove a profile, into which a process that is about to die may still write."""
    # Chromium keeps a socket in a directory of /tmp, which it leaves behind when it
    # is ended.
    socket = profile / "SingletonSocket"
    if socket.is_symlink():
        directory = socket.readlink().parent
        with suppress(OSError):
            for name in ("SingletonSocket", "SingletonCookie"):
                (directory / name).unlink(missing_ok=True)
            directory.rmdir()
    for _ in range(50):
        shutil.rmtree(profile, ignore_errors=True)
        if not profile.exists():
            break
        time.sleep(0.1)
