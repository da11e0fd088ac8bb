"""`lab open` shows the board in a real browser, and leaves nothing behind.

The browser is the command's own: BROWSER names a script that makes it headless and
lets selenium in.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.common.exceptions import WebDriverException
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.wait import WebDriverWait
from urllib3.contrib.socks import SOCKSProxyManager

from labkit import browsers, checkout, engine
from labkit.errors import LabError
from place import Place, told

# One grey dot.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b55000000"
    "0a49444154789c636800000082008177cd72b60000000049454e44ae426082"
)

# A web server for port 80: the page is the address of whoever asks for it.
WHO = """
import http.server
class Who(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"{self.client_address[0]} {self.headers['Host']}".encode())
http.server.ThreadingHTTPServer(("0.0.0.0", 80), Who).serve_forever()
"""
# IPv4 alone, as in half a firewall: a visitor's browser does not wait for IPv6.
LET_IN = "nft add rule inet filter input meta nfproto ipv4 tcp dport 80 accept"
SHUT_OUT = "nft -f /etc/nftables.conf"
WAIT = "until curl -s localhost >/dev/null; do sleep 0.1; done"


@dataclass(frozen=True)
class Window:
    """A browser that `lab open` has opened, and what the command has said."""

    command: subprocess.Popen[str]
    driver: Chrome
    said: str

    @property
    def text(self) -> str:
        return self.driver.find_element(By.TAG_NAME, "body").text

    def wait_until(self, holds: Callable[[Chrome], bool]) -> None:
        WebDriverWait(self.driver, 20).until(holds)

    def end(self, code: int) -> str:
        """Wait until the command has ended; return its last words."""
        assert self.command.stdout
        said = self.command.stdout.read()
        assert self.command.wait(30) == code, said
        return " ".join(said.split())


@pytest.fixture(scope="module")
def board(new_place: Callable[[], Place]) -> Place:
    """A checkout whose server has lab 05 solved."""
    place = new_place()
    place.lab("catch-up", "05", "--yes")
    place.lab("solve", "--yes")
    return place


@pytest.fixture(scope="module")
def headless(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A script for BROWSER. The port at which selenium gets in is the browser's
    choice; its profile says which."""
    if not (shutil.which("chromedriver") and shutil.which("chromium")):
        pytest.fail("chromium and chromedriver are missing. Next: ./lab test --install")
    script = tmp_path_factory.mktemp("browser") / "chromium-headless"
    script.write_text(
        '#!/bin/sh\nexec chromium --headless=new --remote-debugging-port=0 "$@"\n'
    )
    script.chmod(0o755)
    return str(script)


def processes(place: Place) -> list[str]:
    """The command lines of ssh and browser that work for a checkout."""
    listed = subprocess.run(["ps", "-wwAo", "args="], capture_output=True, text=True)
    return [line for line in listed.stdout.splitlines() if f"{place.root}/.lab" in line]


def profiles(place: Place) -> list[Path]:
    return list((place.root / ".lab").glob("browser-*"))


@contextmanager
def opened(place: Place, headless: str, *arguments: str) -> Iterator[Window]:
    """Run `lab open`, and see that nothing is left of it at the end."""
    with place.spawn("open", *arguments, BROWSER=headless) as command:
        assert command.stdout
        said = ""
        for line in command.stdout:
            said += line
            if "To end" in line:
                break
        assert profiles(place), said
        proxy = re.search(r"socks5://127\.0\.0\.1:(\d+)", " ".join(processes(place)))
        assert proxy
        port_file = profiles(place)[0] / "DevToolsActivePort"
        while not port_file.exists():
            assert command.poll() is None
            time.sleep(0.1)
        options = ChromeOptions()
        options.debugger_address = f"127.0.0.1:{port_file.read_text().split()[0]}"
        driver = Chrome(options, Service(shutil.which("chromedriver")))
        window = Window(command, driver, " ".join(said.split()))
        try:
            window.wait_until(
                lambda driver: (
                    driver.current_url.startswith("http")
                    and driver.execute_script("return document.readyState")
                    == "complete"
                )
            )
            yield window
        finally:
            if command.poll() is None:
                os.killpg(command.pid, signal.SIGINT)
            command.wait(30)
            driver.service.stop()
    assert not profiles(place)
    # Chromium's crash handlers leave its process group, and follow it by themselves.
    patience = time.monotonic() + 10
    while (left := processes(place)) and time.monotonic() < patience:
        time.sleep(0.1)
    assert not left
    assert checkout.port_is_free(int(proxy[1]))


def test_a_member_posts_a_picture(board: Place, headless: str, tmp_path: Path) -> None:
    picture = tmp_path / "dot.png"
    picture.write_bytes(PNG)
    with opened(board, headless, "/accounts/login/") as window:
        assert "http://127.0.0.1:8000/accounts/login/" in window.said
        assert "from the server itself" in window.said
        driver = window.driver
        driver.find_element(By.NAME, "username").send_keys("sam")
        driver.find_element(By.NAME, "password").send_keys("on-my-laptop-only")
        driver.find_element(By.CSS_SELECTOR, ".narrow form button").click()
        window.wait_until(lambda driver: not driver.title.startswith("Log in"))
        driver.get("http://127.0.0.1:8000/notices/new/")
        driver.find_element(By.NAME, "title").send_keys("A dot")
        Select(driver.find_element(By.NAME, "category")).select_by_index(1)
        driver.find_element(By.NAME, "body").send_keys("Seen near the pond.")
        driver.find_element(By.NAME, "picture").send_keys(str(picture))
        driver.find_element(By.NAME, "picture_alt").send_keys("A grey dot")
        driver.find_element(By.CSS_SELECTOR, ".narrow form button").click()
        window.wait_until(lambda driver: driver.title.startswith("A dot"))
        shown = driver.find_element(By.CSS_SELECTOR, "article img[alt='A grey dot']")
        window.wait_until(lambda _: bool(shown.get_property("complete")))
        assert shown.get_property("naturalWidth") == 1
        seen = board.at_console("ls -R /var/lib/board/media")
        assert "dot" in seen, "the picture is on the server"


def test_from_the_visitors_place(board: Place, headless: str) -> None:
    """With port 80 open the browser comes from outside, through the firewall."""
    board.at_console(
        f"cat >/root/who.py <<'PY'{WHO}PY\n"
        f"systemd-run --quiet --unit=who python3 /root/who.py; {LET_IN}; {WAIT}"
    )
    try:
        with opened(board, headless) as window:
            assert "http://board.test/" in window.said
            assert "as its visitors see it" in window.said
            assert window.text == "198.51.100.7 board.test"
            # A firewall leaves the connections that there are, and a browser keeps
            # one in reserve: the restart takes them away.
            board.at_console(f"{SHUT_OUT}; systemctl restart who; {WAIT}")
            window.driver.set_page_load_timeout(3)
            with suppress(WebDriverException):
                window.driver.get("http://board.test/again")
            seen = board.at_console("journalctl --unit who --output cat")
            assert "GET / " in seen
            assert "GET /again" not in seen
        with opened(board, headless) as window:
            assert "http://127.0.0.1:8000/" in window.said
    finally:
        board.at_console(f"systemctl stop who; {SHUT_OUT}")


def test_the_mailbox(board: Place, headless: str) -> None:
    board.at_console("/opt/lab/letterbox/join")
    with opened(board, headless, "http://letterbox.test/") as window:
        assert "0 mails" in window.text


def test_a_site_that_answers_to_its_name_alone(board: Place, headless: str) -> None:
    settings = "/etc/board/settings.py"
    board.at_console(
        f"cp {settings} /root; echo 'ALLOWED_HOSTS = [\"board.test\"]' >>{settings};"
        "systemctl restart board"
    )
    try:
        with opened(board, headless) as window:
            assert "http://board.test:8000/" in window.said
            assert "Notices" in window.text
    finally:
        board.at_console(f"cp /root/settings.py {settings}; systemctl restart board")


def test_closing_the_browser_ends_it(board: Place, headless: str) -> None:
    with opened(board, headless) as window:
        with suppress(WebDriverException):
            window.driver.execute_cdp_cmd("Browser.close", {})
        assert window.end(code=0) == ""


def test_ctrl_c_ends_it(board: Place, headless: str) -> None:
    with opened(board, headless) as window:
        os.killpg(window.command.pid, signal.SIGINT)
        assert "nothing of it is left here" in window.end(code=130)


def test_a_closed_terminal_ends_it(board: Place, headless: str) -> None:
    with opened(board, headless) as window:
        os.killpg(window.command.pid, signal.SIGHUP)
        window.end(code=128 + signal.SIGHUP)


def test_a_browser_that_crashes(board: Place, headless: str) -> None:
    with opened(board, headless) as window:
        profile = profiles(board)[0]
        lock = os.readlink(profile / "SingletonLock")
        os.kill(int(lock.rpartition("-")[2]), signal.SIGKILL)
        said = window.end(code=2)
        assert "chromium-headless ended with an error (-9)" in said
        assert "./lab open --no-browser" in said


def test_a_reboot_meanwhile(board: Place, headless: str) -> None:
    with opened(board, headless) as window:
        assert window.command.stdout
        engine.client().containers.get(board.server.unique_name).restart()
        for line in window.command.stdout:
            if "It is back" in line:
                break
        board.at_console("until curl -s 127.0.0.1:8000 >/dev/null; do sleep 0.1; done")
        window.driver.get("http://127.0.0.1:8000/search/?q=cat")
        assert "cat" in window.text


def test_in_a_browser_of_ones_own(board: Place) -> None:
    with board.spawn("open", "--no-browser") as command:
        assert command.stdout
        said = ""
        for line in command.stdout:
            said += " " + line.strip()
            if "To end: Ctrl-C" in line:
                break
        way = re.search(r"curl --proxy (socks5h://127.0.0.1:\d+) (\S+)", said)
        assert way, said
        with SOCKSProxyManager(way[1]) as proxy:
            assert b"Notices" in proxy.request("GET", way[2]).data
        os.killpg(command.pid, signal.SIGINT)
        assert command.wait(30) == 130
    assert not processes(board)


# --- What can't be opened ----------------------------------------------------


def test_no_server(new_place: Callable[[], Place]) -> None:
    assert "No lab is under way" in told(new_place(), "open")


def test_no_browser(board: Place, tmp_path: Path) -> None:
    for name in ("ssh", "docker"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    said = told(board, "open", PATH=str(tmp_path), BROWSER="/usr/bin/true:lynx")
    assert "No browser was found" in said
    assert "./lab open --no-browser" in said


def test_not_a_path(board: Place) -> None:
    said = told(board, "open", "https://board.test/")
    assert "'https://board.test/' is not a path" in said


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (
            "systemctl stop board",
            "systemctl start board",
            "board.service has no process; it is inactive",
        ),
        (
            "mkdir /run/systemd/system/board.service.d; printf"
            " '[Service]\\nExecStart=\\nExecStart=sleep 999\\n'"
            " >/run/systemd/system/board.service.d/x.conf;"
            " systemctl daemon-reload; systemctl restart board",
            "rm -r /run/systemd/system/board.service.d;"
            " systemctl daemon-reload; systemctl restart board",
            "The site is where no browser can reach it",
        ),
        (
            "systemctl stop board; mv /etc/systemd/system/board.service /root;"
            " systemctl daemon-reload",
            "mv /root/board.service /etc/systemd/system;"
            " systemctl daemon-reload; systemctl start board",
            "There is no site on this server",
        ),
    ],
    ids=["stopped", "listens nowhere", "no service"],
)
def test_no_site(
    board: Place, headless: str, before: str, after: str, words: str
) -> None:
    board.at_console(before)
    try:
        said = told(board, "open", BROWSER=headless)
    finally:
        board.at_console(after)
    assert words in said
    assert "Next: ./lab" in said
    assert not processes(board)
    assert not profiles(board)


def test_server_is_off(board: Place, headless: str) -> None:
    engine.client().containers.get(board.server.unique_name).stop()
    said = told(board, "open", BROWSER=headless)
    board.lab("start")
    assert "The server is off" in said
    assert "Next: ./lab start" in said


# --- Which browser, and how it is told ---------------------------------------


def test_browser_is_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first of BROWSER that can be told of a proxy comes before all others."""
    for name in ("wslview", "Firefox Nightly", "chromium"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", "")
    assert browsers.find() == f"{tmp_path}/chromium"
    monkeypatch.setenv("BROWSER", f"wslview:nowhere:{tmp_path}/Firefox Nightly")
    assert browsers.find() == f"{tmp_path}/Firefox Nightly"


def test_firefox_is_told_by_its_profile(tmp_path: Path) -> None:
    script = tmp_path / "firefox"
    script.write_text(
        f'#!/bin/sh\ncp "$3/user.js" "{tmp_path}/seen"; echo "$@" >"{tmp_path}/argv"\n'
    )
    script.chmod(0o755)
    with browsers.running(str(script), "http://board.test/", 4321, tmp_path) as window:
        window.wait(10)
    seen = (tmp_path / "seen").read_text()
    assert '"network.proxy.socks_port", 4321' in seen
    assert '"network.proxy.allow_hijacking_localhost", true' in seen
    assert (tmp_path / "argv").read_text().endswith(" http://board.test/\n")
    assert not list(tmp_path.glob("browser-*"))


def test_last_words_of_a_browser(tmp_path: Path) -> None:
    script = tmp_path / "chromium"
    script.write_text("#!/bin/sh\necho Missing X server >&2\nexit 1\n")
    script.chmod(0o755)
    with (
        pytest.raises(LabError, match="chromium ended with an error") as caught,
        browsers.running(str(script), "http://board.test/", 4321, tmp_path) as window,
    ):
        window.wait(10)
    assert "Missing X server" in caught.value.why
