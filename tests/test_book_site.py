"""The book as a site, seen in a browser as its readers see it."""

import gzip
import os
import re
import shutil
import signal
import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
import yaml  # type: ignore[import-untyped]
from selenium.webdriver import ActionChains, Chrome
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait
from selenium_axe_python.axe import Axe

from browsing import DESKTOP, PHONE, asked_for, browser, look, served
from labkit.site import mirror, nav
from place import ROOT, Place, told

KINDS = (
    "index.html",
    "book/06-gunicorn-systemd.html",
    "labs/06-gunicorn-systemd/index.html",
    "book/proofs.html",
    "book/commands.html",
    "book/glossary.html",
)
"""One page of each kind."""


@pytest.fixture(scope="module")
def place(new_place: Callable[[], Place]) -> Place:
    """A checkout in which the site was built."""
    place = new_place()
    place.lab("book", "--build")
    return place


@pytest.fixture(scope="module")
def site(place: Place) -> Iterator[str]:
    """The site's address."""
    with served(place.root / "build" / "site") as address:
        yield address


@pytest.fixture(scope="module")
def driver() -> Iterator[Chrome]:
    with browser() as driver:
        yield driver


def pages() -> list[str]:
    """Every page of the site, in the book's order."""

    def flat(part: object) -> Iterator[str]:
        if isinstance(part, str):
            yield part
        else:
            for one in part.values() if isinstance(part, dict) else part:  # type: ignore[attr-defined]
                yield from flat(one)

    return [
        re.sub(r"README\.md$", "index.html", path).replace(".md", ".html")
        for path in flat(nav.of(ROOT))
    ]


def opened(driver: Chrome, address: str) -> None:
    """Open a page, and wait until its scripts have done what they do at first."""
    driver.get(address)
    WebDriverWait(driver, 10).until(
        lambda driver: driver.execute_script(
            "return document.readyState === 'complete' && "
            "document.documentElement.classList.contains('js')"
        )
    )


def test_every_page_is_in_the_navigation() -> None:
    wanted = {str(page) for page in mirror.pages(ROOT) if page.suffix == ".md"}
    made = {
        re.sub(r"(^|/)index\.html$", r"\1README.md", page).replace(".html", ".md")
        for page in pages()
    }
    assert made == wanted


@pytest.mark.parametrize("page", pages())
def test_page_asks_nobody_and_is_light(
    driver: Chrome, site: str, place: Place, page: str
) -> None:
    look(driver)
    asked_for(driver)
    opened(driver, site + page)
    asked = [one for one in asked_for(driver) if not one.startswith("data:")]
    assert site + page in asked
    assert not [one for one in asked if not one.startswith(site)]
    assert not [one for one in asked if "search_index" in one]
    files = {unquote(urlsplit(one).path).lstrip("/") for one in asked}
    sizes = {
        name: len(gzip.compress((place.root / "build/site" / name).read_bytes()))
        for name in files
        if not name.endswith((".svg", ".png"))
    }
    assert sum(sizes.values()) <= 100_000, sizes


SHIFTS = """
const done = arguments[0]
new PerformanceObserver(list =>
  done(list.getEntries().map(one => [
    one.value, ...one.sources.map(source => source.node?.outerHTML?.slice(0, 200))
  ]))
).observe({ type: "layout-shift", buffered: true })
setTimeout(done, 300, [])
"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", KINDS)
def test_nothing_moves_while_a_page_loads(
    driver: Chrome, site: str, page: str, size: tuple[int, int]
) -> None:
    look(driver, size=size)
    throttle = "Emulation.setCPUThrottlingRate"
    driver.execute_cdp_cmd(throttle, {"rate": 4})  # a phone's processor
    try:
        opened(driver, site + page)
        shifts = driver.execute_async_script(SHIFTS)
    finally:
        driver.execute_cdp_cmd(throttle, {"rate": 1})
    # An item of a list that is half read may grow; 0.1 is what Web Vitals calls good.
    assert sum(value for value, *_ in shifts) < 0.001, shifts


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("page", KINDS)
def test_axe_finds_nothing(driver: Chrome, site: str, page: str, dark: bool) -> None:
    look(driver, dark=dark)
    opened(driver, site + page)
    scheme = driver.find_element(By.TAG_NAME, "body").get_attribute(
        "data-md-color-scheme"
    )
    assert scheme == ("slate" if dark else "default")
    axe = Axe(driver)
    axe.inject()  # type: ignore[no-untyped-call]
    found = axe.run()["violations"]
    assert not found, axe.report(found)


@pytest.mark.parametrize("page", pages())
def test_page_fits_a_phone_and_its_pictures_have_text(
    driver: Chrome, site: str, page: str
) -> None:
    look(driver, size=PHONE)
    opened(driver, site + page)
    width = driver.execute_script("return document.documentElement.scrollWidth")
    assert width == 360
    for picture in driver.find_elements(By.CSS_SELECTOR, "article img"):
        assert len(picture.get_attribute("alt") or "") > 20
        assert int(picture.get_attribute("naturalWidth") or 0) > 0


# Of the two buttons for the colours, one at a time takes part.
REACHABLE = """
return [...document.querySelectorAll(
  "a[href], button, summary, input, [tabindex='0'], pre > code"
)].filter(one =>
  one.checkVisibility({ visibilityProperty: true }) && one.getClientRects().length &&
  one.type !== "radio" && one.tabIndex >= 0 && !one.disabled &&
  !one.closest("[hidden]") &&
  (one.matches(":not(code)") || one.scrollWidth > one.clientWidth)
).map((one, at) => (one.dataset.reach = at, one.outerHTML.slice(0, 120)))
"""


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("page", KINDS[:3])
def test_keyboard_reaches_everything(
    driver: Chrome, site: str, page: str, size: tuple[int, int]
) -> None:
    look(driver, size=size)
    opened(driver, site + page)
    wanted = driver.execute_script(REACHABLE)
    reached = set()
    for _ in range(len(wanted) + 40):
        ActionChains(driver, duration=0).send_keys(Keys.TAB).perform()
        at = driver.execute_script("return document.activeElement.dataset.reach")
        if at is not None:
            reached.add(int(at))
    missed = [one for at, one in enumerate(wanted) if at not in reached]
    assert not missed


def test_keyboard_opens_a_phones_menu(driver: Chrome, site: str) -> None:
    look(driver, size=PHONE)
    opened(driver, site + KINDS[1])
    for key in (Keys.ENTER, Keys.SPACE):
        menu = driver.find_element(By.CSS_SELECTOR, "[for=__drawer][role=button]")
        before = driver.find_element(By.ID, "__drawer").is_selected()
        driver.execute_script("arguments[0].focus()", menu)
        ActionChains(driver, duration=0).send_keys(key).perform()
        assert driver.find_element(By.ID, "__drawer").is_selected() != before


def test_keyboard_changes_the_colours(driver: Chrome, site: str) -> None:
    look(driver)
    opened(driver, site)
    body = driver.find_element(By.TAG_NAME, "body")
    driver.execute_script("document.getElementById('__palette_0').focus()")
    for scheme in ("default", "slate"):
        ActionChains(driver, duration=0).send_keys(Keys.ARROW_RIGHT).perform()
        assert body.get_attribute("data-md-color-scheme") == scheme
    driver.execute_script("localStorage.clear()")


def search(driver: Chrome, words: str) -> str:
    """Search, open the first page found; returns what was found, as text."""
    driver.find_element(By.CSS_SELECTOR, "input[name=query]").send_keys(words)
    found = WebDriverWait(driver, 20).until(
        lambda driver: driver.find_elements(
            By.CSS_SELECTOR, ".md-search-result__item a"
        )
    )
    text = driver.find_element(By.CSS_SELECTOR, ".md-search-result").text
    found[0].click()
    return str(text)


def test_search_fetches_its_index_when_asked(driver: Chrome, site: str) -> None:
    look(driver)
    opened(driver, site)
    asked_for(driver)
    assert "sync worker" in search(driver, "sync worker")
    assert [one for one in asked_for(driver) if "search_index" in one]


def test_zip_opens_from_a_disk_and_searches(
    driver: Chrome, place: Place, tmp_path: Path
) -> None:
    shutil.unpack_archive(place.root / "build/open-box.zip", tmp_path / "a disk")
    look(driver)
    opened(driver, (tmp_path / "a disk" / "index.html").as_uri())
    assert "sync worker" in search(driver, "sync worker")
    WebDriverWait(driver, 10).until(
        lambda driver: "06-gunicorn-systemd.html" in driver.current_url
    )
    assert "Gunicorn" in driver.title


def test_copy_takes_commands_alone(driver: Chrome, site: str) -> None:
    look(driver)
    opened(driver, site + KINDS[1])
    driver.execute_cdp_cmd(
        "Browser.grantPermissions",
        {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]},
    )
    block = next(
        block
        for block in driver.find_elements(By.CSS_SELECTOR, ".console")
        if block.find_elements(By.CSS_SELECTOR, ".printed")
        and len(block.find_elements(By.CSS_SELECTOR, ".typed")) > 1
    )
    typed = [
        line.get_attribute("textContent") or ""
        for line in block.find_elements(By.CSS_SELECTOR, ".typed")
    ]
    button = block.find_element(By.CSS_SELECTOR, "button")
    driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", block)
    button.click()
    copied = driver.execute_async_script(
        "navigator.clipboard.readText().then(arguments[0], arguments[0])"
    )
    prompt = re.compile(r"^(?:[#$] (?:root|user): |> )")
    assert copied.splitlines() == [prompt.sub("", line.rstrip("\n")) for line in typed]


def test_next_page_follows_the_books_order(driver: Chrome, site: str) -> None:
    links = "return [...document.querySelectorAll('.md-footer__link')].map(a => a.href)"
    order = [site + page for page in pages()]
    for at, page in enumerate(order):
        driver.get(page)
        around = [*order[max(at - 1, 0) : at], *order[at + 1 : at + 2]]
        assert driver.execute_script(links) == around


def test_edit_leads_to_the_pages_source(driver: Chrome, site: str) -> None:
    opened(driver, site + "labs/06-gunicorn-systemd/index.html")
    edit = driver.find_element(By.CSS_SELECTOR, "a[rel=edit]").get_attribute("href")
    assert (edit or "").endswith("/main/labs/06-gunicorn-systemd/README.md")
    opened(driver, site + "book/proofs.html")
    assert not driver.find_elements(By.CSS_SELECTOR, "a[rel=edit]")


def test_term_shows_its_definition_to_a_key_and_a_pointer(
    driver: Chrome, site: str
) -> None:
    for size in (DESKTOP, PHONE):
        look(driver, size=size)
        opened(driver, site + KINDS[1])
        term = driver.find_element(By.CSS_SELECTOR, "article a.term")
        definition = term.get_attribute("title") or ""
        assert len(definition) > 20
        if size == DESKTOP:
            ActionChains(driver, duration=0).move_to_element(term).perform()
        else:
            driver.execute_script("arguments[0].focus()", term)
        WebDriverWait(driver, 10).until(
            lambda driver: any(
                one.is_displayed() and one.text == definition  # noqa: B023
                for one in driver.find_elements(By.CSS_SELECTOR, "[role=tooltip]")
            )
        )
        width = driver.execute_script("return document.documentElement.scrollWidth")
        assert width <= size[0]


def test_term_leads_to_its_entry(driver: Chrome, site: str) -> None:
    look(driver)
    opened(driver, site + KINDS[2])
    wanted = [
        (one.get_attribute("href") or "").partition("#")
        for one in driver.find_elements(By.CSS_SELECTOR, "article a.term")
    ]
    assert wanted
    opened(driver, wanted[0][0])
    for _, _, anchor in wanted:
        assert driver.find_elements(By.CSS_SELECTOR, f"article strong[id='{anchor}']")


def test_print_shows_the_chapter_alone(driver: Chrome, site: str) -> None:
    look(driver)
    opened(driver, site + KINDS[1])
    driver.print_page()
    folded = driver.find_elements(By.TAG_NAME, "details")
    assert folded
    assert all(one.get_attribute("open") for one in folded)
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    for hidden in (".md-header", ".md-sidebar", ".md-footer", ".headerlink"):
        for one in driver.find_elements(By.CSS_SELECTOR, hidden):
            assert not one.is_displayed(), hidden
    for code in driver.find_elements(By.CSS_SELECTOR, "pre > code"):
        assert code.value_of_css_property("white-space") == "pre-wrap"
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fetched(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def test_served_book_follows_an_edit(driver: Chrome, place: Place) -> None:
    """And the reader's browser shows it without being asked; Ctrl-C ends it."""
    port = free_port()
    address = f"http://127.0.0.1:{port}/book/06-gunicorn-systemd.html"
    chapter = place.root / "book" / "06-gunicorn-systemd.md"
    look(driver)
    with place.spawn("book", "--port", str(port)) as serving:
        try:
            deadline = time.monotonic() + 60
            while not fetched(address):
                assert time.monotonic() < deadline
                time.sleep(0.1)
            told_of = told(place, "book", "--port", str(port))
            assert f"Next: ./lab book --port {port + 1}" in told_of
            opened(driver, address)
            with chapter.open("a") as file:
                file.write("\nAn edit.\n")
            WebDriverWait(driver, 30, ignored_exceptions=[Exception]).until(
                lambda driver: (
                    "An edit." in driver.find_element(By.TAG_NAME, "article").text
                )
            )
        finally:
            os.killpg(serving.pid, signal.SIGINT)
            said, _ = serving.communicate(timeout=20)
    assert serving.returncode == 0, said
    assert "Stopped." in said


def test_page_with_a_dead_link_is_not_built(place: Place) -> None:
    sheet = place.root / "labs" / "01-first-server" / "README.md"
    before = sheet.read_text()
    sheet.write_text(before + "\n[Nowhere](nowhere.md)\n")
    said = told(place, "book", "--build")
    sheet.write_text(before)
    assert "nowhere.md" in said
    assert "Next: mend the page" in said


def test_site_is_published_as_a_reader_builds_it() -> None:
    """By the same command, and with all that mkdocs.yml asks the environment."""
    jobs = yaml.safe_load((ROOT / ".github/workflows/site.yml").read_text())["jobs"]
    (build,) = (one for one in jobs["build"]["steps"] if "env" in one)
    assert build["run"] == "./lab book --build"
    asked = re.findall(r"!ENV \[(\w+),", (ROOT / "mkdocs.yml").read_text())
    assert set(build["env"]) == set(asked)


def test_home_page_offers_the_zip_where_it_is_had(place: Place) -> None:
    home = place.root / "build/site/index.html"
    address = "https://book.example/open-box.zip"
    assert "take the book with you" not in home.read_text()
    place.lab("book", "--build", SITE_ZIP=address)
    assert f'<a href="{address}">take the book with you</a>' in home.read_text()
