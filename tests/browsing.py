"""A headless Chromium for tests, and a web server for what it looks at."""

import functools
import json
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from selenium.webdriver import Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service

# A headless browser has none; Material lets keys scroll a listing where there is one.
_MOUSE = ",".join(
    (
        *("primaryHoverType=2", "availableHoverTypes=2"),
        *("primaryPointerType=4", "availablePointerTypes=4"),
    )
)
DESKTOP, PHONE = (1280, 900), (360, 740)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(directory: Path) -> Iterator[str]:
    """Serve a directory; gives the address that its paths are added to."""
    handler = functools.partial(_Quiet, directory=str(directory))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@contextmanager
def browser() -> Iterator[Chrome]:
    """A Chromium that notes what it asks for."""
    program = shutil.which("chromedriver")
    if not (program and shutil.which("chromium")):
        pytest.fail("chromium and chromedriver are missing. Next: ./lab test --install")
    options = ChromeOptions()
    options.add_argument("--headless=new")
    options.add_argument("--hide-scrollbars")
    options.add_argument(f"--blink-settings={_MOUSE}")
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"performance": "ALL"})
    driver = Chrome(options, Service(program))
    try:
        yield driver
    finally:
        driver.quit()


def look(
    driver: Chrome, *, dark: bool = False, size: tuple[int, int] = DESKTOP
) -> None:
    """Choose the scheme that the reader prefers, and the size of the window in CSS
    pixels, with which the next page is opened."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    width, height = size
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1}
    driver.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride", metrics | {"mobile": size == PHONE}
    )


def asked_for(driver: Chrome) -> list[str]:
    """The addresses that were asked for since this was called the last time."""
    messages: list[dict[str, Any]] = [
        json.loads(entry["message"])["message"]
        for entry in driver.get_log("performance")  # type: ignore[no-untyped-call]
    ]
    return [
        message["params"]["request"]["url"]
        for message in messages
        if message["method"] == "Network.requestWillBeSent"
    ]
