"""The house style, as far as a program can hold it; what the site makes of the
glossary.

That the book keeps it, test_lint.py asks: it carries out every rule of `lab dev lint`.
"""

import re
import textwrap
from pathlib import Path
from typing import get_args

import pytest

from labkit import checks, labs
from labkit.lint import chapters, glossary, prose, spelling
from labkit.site import glossary as site_glossary
from labkit.site import markup
from place import ROOT

LABS = labs.all_labs(ROOT)
PAGE = "CONTRIBUTING.md"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "book").mkdir()
    (tmp_path / prose.WORDS).write_bytes((ROOT / prose.WORDS).read_bytes())
    return tmp_path


def said(root: Path, text: str) -> list[str]:
    """What is found in a page with this text."""
    (root / PAGE).write_text(textwrap.dedent(text))
    found = prose.of_repository(root) + spelling.of_repository(root)
    return [str(one) for one in found]


def test_this_computer_can_check_the_spelling() -> None:
    assert spelling.installed(), "hunspell is missing. Next: ./lab test --install"


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.number)
def test_chapter_and_its_lab_keep_the_house_style(lab: labs.Lab) -> None:
    found = chapters.of_lab(ROOT, lab) + prose.of_lab(ROOT, lab)
    found += spelling.of_lab(ROOT, lab)
    assert not found, "\n".join(map(str, found))


@pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.number)
def test_chapter_and_its_lab_link_to_each_other(lab: labs.Lab) -> None:
    chapter, sheet = ROOT / f"book/{lab.name}.md", lab.path / "README.md"
    assert f"](../labs/{lab.name}/README.md)" in chapter.read_text()
    assert f"](../../book/{lab.name}.md)" in sheet.read_text()


def test_the_other_pages_keep_the_house_style() -> None:
    found = prose.of_repository(ROOT) + spelling.of_repository(ROOT)
    found += glossary.form(ROOT)
    assert not found, "\n".join(map(str, found))


def test_own_words_are_sorted() -> None:
    """So that two authors' words meet in a merge where they belong."""
    words = (ROOT / prose.WORDS).read_text().split()
    assert words == sorted(set(words), key=lambda word: (word.lower(), word))


def test_every_marker_of_a_check_is_in_the_reference() -> None:
    page = (ROOT / "book/lab-toml.md").read_text()
    told = set(re.findall(r"^\| `@(\w+)(?:\(\"([\w-]+)\"\))?` ", page, re.MULTILINE))
    marks = {value for value in vars(checks) if value in pytest_marks()}
    assert {name for name, _ in told} == marks
    assert {what for name, what in told if name == "disturbs"} == set(
        get_args(checks.Disturbance)
    )


def pytest_marks() -> set[str]:
    """The names that labkit.checks gives to what marks a check."""
    source = (ROOT / "src/labkit/checks/__init__.py").read_text()
    return set(re.findall(r"pytest\.mark\.(\w+)", source))


@pytest.mark.parametrize(
    "text",
    [
        "# Lab 06: Gunicorn under systemd",
        "# Drill: 502 Bad Gateway",
        "### Answers Bad Request on every page",
        "### A. A server of your own",
        "# The Open Box: deploy Django",
        "### WORKER TIMEOUT",
        "### What `Restart=Always` means for IPv6",
        '### A line that says "Worker Failed"',
        "The colour's own behaviour, organised; the sshd's drop-in and `colour_of`.",
        "See https://color.example/ and ep.io, in /run/boxx, on CX23.",
        "[A link](https://color.example/flavor) <!-- color -->",
        "```text\ncolor\n```",
    ],
)
def test_good_style_is_left_alone(root: Path, text: str) -> None:
    assert said(root, text) == []


@pytest.mark.parametrize(
    ("text", "line", "what", "mend"),
    [
        (
            "# A page\n\n## Where The log goes",
            3,
            "the heading 'Where The log goes' has capitals: The",
            "write them small; a name goes into book/words.txt",
        ),
        (
            "# Lab 06: Gunicorn Under systemd",
            1,
            "the heading 'Lab 06: Gunicorn Under systemd' has capitals: Under",
            "write them small; a name goes into book/words.txt",
        ),
        (
            "# A page\n\nOf one color.",
            3,
            "'color' is in no dictionary",
            "spell it as en_GB does; a name or a term goes into book/words.txt",
        ),
        (
            "# A page\n\n```text\ncolor\n```\n\nRecieved[^1] it.\n\n[^1]: Here.",
            7,
            "'Recieved' is in no dictionary",
            "spell it as en_GB does; a name or a term goes into book/words.txt",
        ),
        (
            "# A page\n\nThis is easy.",
            3,
            "the word 'easy'",
            "leave it out: what it stands before is not so for everybody",
        ),
        (
            "# A page\n\n[Here](nowhere.md)",
            3,
            "a link to nowhere.md, which is not there",
            "mend the link, or what it leads to",
        ),
    ],
)
def test_bad_style_is_told_with_its_mend(
    root: Path, text: str, line: int, what: str, mend: str
) -> None:
    assert said(root, text) == [f"{PAGE}, line {line}: {what}\n  Mend: {mend}"]


GLOSSARY = """\
# Glossary

<!-- The site shows the definition, except at these, which are ordinary words in
other places: key, rule -->

## K

**key**: A file. (Chapter 01: [Keys](01-x.md#keys))

**kernel**: The core of `Linux`: it "decides". (Chapter 05: [The
path](05-y.md#the-path))

## W

**Unix kernel**: A kernel. (Before you start: [Old](before-you-start.md#old))
"""


def linked(html: str, page: str = "book/09-z.md") -> str:
    terms = site_glossary.told(GLOSSARY)
    return site_glossary.linked(html, terms, page, "glossary.html")


KERNEL = (
    '<a class="term" href="glossary.html#kernel" '
    'title="The core of Linux: it &quot;decides&quot;.">'
)


@pytest.mark.parametrize(
    ("html", "result"),
    [
        ("<p>a kernel, a kernel</p>", f"<p>a {KERNEL}kernel</a>, a kernel</p>"),
        ("<p>Kernels do</p>", f"<p>{KERNEL}Kernels</a> do</p>"),
        ("<p>the key, and my-kernel, kernel.log</p>", ""),
        ("<h2>The kernel</h2><p><code>kernel</code></p>", ""),
        ('<p><a href="x">the <em>kernel</em></a></p>', ""),
        ("<pre><code>kernel<br>kernel</code></pre>", ""),
        (
            '<p><img alt="kernel">the <em>kernel</em></p>',
            f'<p><img alt="kernel">the <em>{KERNEL}kernel</a></em></p>',
        ),
    ],
)
def test_term_is_linked_where_a_page_has_it_first(html: str, result: str) -> None:
    assert linked(html) == (result or html)


def test_term_is_not_linked_in_the_section_that_explains_it() -> None:
    html = '<h2 id="the-path">x</h2><p>kernel</p><h2 id="y">y</h2><p>kernel</p>'
    assert linked(html, "book/05-y.md").count(KERNEL) == 1
    assert linked(html, "book/05-y.md").endswith(f"<p>{KERNEL}kernel</a></p>")


def test_longer_term_comes_first() -> None:
    assert ">Unix kernel</a>" in linked("<p>a Unix kernel</p>")


def test_glossarys_order_and_form_are_checked(root: Path) -> None:
    (root / site_glossary.FILE).write_text(GLOSSARY + "\n**box**: What we open.\n")
    assert [one.what for one in glossary.form(root)] == [
        "'box' is no entry",
        "'kernel' stands after 'key'",
        "'box' stands after 'Unix kernel'",
    ]


def test_what_would_break_badly_is_kept_whole() -> None:
    page = "<p><code>--bind</code> <code>a command of words</code></p>"
    page += "<table><tr><th></th><td>on 2026-11-24</td></tr></table>"
    made = markup.corners(markup.unbroken(page))
    assert '<code class="whole">--bind</code> <code>a command' in made
    assert '<td></td><td>on <span class="whole">2026-11-24</span></td>' in made
