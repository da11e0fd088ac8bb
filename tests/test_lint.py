"""`lab dev lint`: this repository has no findings, and each dishonest sample has.

A sample is a copy of the book and its labs in which one thing is wrong.
"""

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from labkit import lint, pages
from labkit.errors import LabError
from labkit.findings import Finding
from place import ROOT, Place, told

TEST = "labs/01-first-server/test_first_server.py"
HINTS = "labs/01-first-server/hints.md"
TOML = "labs/01-first-server/lab.toml"
FAULT = "labs/01-first-server/faults/loose-home.sh"
CHAPTER = "book/01-first-server.md"
SHEET = "labs/01-first-server/README.md"
TOPS = ("README.md", "CONTRIBUTING.md", "book/", "labs/", "solutions/", "src/")
# No sample touches these labs: they are looked at once, as they are.
UNCHANGED = {path.name for path in (ROOT / "labs").iterdir()} - {"01-first-server"}


@dataclass(frozen=True)
class Sample:
    """A copy of what lint reads."""

    root: Path

    def edit(self, file: str, old: str, new: str) -> None:
        path = self.root / file
        text = path.read_text()
        assert old in text, f"{file} has no {old}"
        path.write_text(text.replace(old, new, 1))

    def add(self, file: str, text: str = "") -> None:
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text((path.read_text() if path.exists() else "") + text)

    def remove(self, *patterns: str) -> None:
        for pattern in patterns:
            for path in list(self.root.glob(pattern)):
                if path.is_dir():
                    shutil.rmtree(path)
                else:
                    path.unlink()

    def findings(self, *, every: bool = False) -> list[Finding]:
        """Those of the repository, of lab 01, and of the labs that the sample adds."""
        found = lint.of_repository(self.root)
        for directory in sorted((self.root / "labs").iterdir()):
            if directory.name not in UNCHANGED or every:
                found += lint.of_lab(self.root, directory)
        return found


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    for part in ("book", "labs", "solutions", "src/labkit/checks"):
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / part, tmp_path / part, ignore=ignore)
    for part in ("README.md", "CONTRIBUTING.md", "LICENSE"):
        shutil.copy(ROOT / part, tmp_path / part)
    return Sample(tmp_path)


def test_this_repository_has_no_findings(sample: Sample) -> None:
    found = sample.findings(every=True)
    assert not found, "\n".join(map(str, found))


def check(body: str) -> Callable[[Sample], None]:
    """A check more in lab 01, which a fault and hints know."""

    def add(sample: Sample) -> None:
        sample.add(TEST, f"\n\n{body}\n")
        sample.edit(FAULT, "# fails: ", "# fails: test_more, ")
        hint = "\n## test_more\n\n1. What?\n2. Where.\n"
        link = "[Here](../../book/01-first-server.md#recap)"
        sample.add(HINTS, f"{hint}3. {link}.\n")
        with suppress(LabError):  # of a check that can't be read
            pages.write(sample.root)

    return add


def reading(line: str) -> Callable[[Sample], None]:
    return check(
        f'def test_more(host):\n    """It is so."""\n    {line}\n'
        '    expect(seen, wanted="w", found=seen, why="y", look="l")'
    )


def edit(file: str, old: str, new: str) -> Callable[[Sample], None]:
    return lambda sample: sample.edit(file, old, new)


def add(file: str, text: str = "") -> Callable[[Sample], None]:
    return lambda sample: sample.add(file, text)


def remove(*patterns: str) -> Callable[[Sample], None]:
    return lambda sample: sample.remove(*patterns)


def fewer_faults(sample: Sample) -> None:
    """All checks are named, by three faults."""
    faults = sample.root / "labs/01-first-server/faults"
    names = [
        line.split()[2]
        for path in faults.glob("*.sh")
        for line in path.read_text().splitlines()
        if line.startswith("# fails: ")
    ]
    for path in sorted(faults.glob("*.sh"))[3:]:
        path.unlink()
    for path in faults.glob("*.sh"):
        text = path.read_text()
        old = next(line for line in text.splitlines() if line.startswith("# fails"))
        path.write_text(text.replace(old, f"# fails: {', '.join(sorted(set(names)))}"))


def no_image_page(sample: Sample) -> None:
    (sample.root / "book/img/02-unseen.svg").write_text("<svg/>")


def short_sheet(sample: Sample) -> None:
    path = sample.root / SHEET
    path.write_text(path.read_text().partition("\n\n")[0])


def circle(sample: Sample) -> None:
    sample.edit(TOML, 'starts_from = ""', 'starts_from = "service-user"')


SAMPLES: dict[str, tuple[Callable[[Sample], None], str, str]] = {
    # names
    "bad toml": (edit(TOML, "minutes = 40", 'minutes = "x"'), "minutes", "minutes ="),
    "no toml": (remove(TOML), "lab.toml is missing", "git checkout"),
    "bad name": (add("labs/1-x/README.md"), "not named like a lab", "rename it"),
    "no chapter": (remove(CHAPTER), "is missing", "write it"),
    "no sheet": (remove(SHEET), "is missing", "write it"),
    "no hints.md": (remove(HINTS), "is missing", "write it"),
    "no solution": (
        remove("solutions/01-first-server/solve.sh"),
        "is missing",
        "write it",
    ),
    "no checks": (remove(TEST), "has no checks", "write test_"),
    "no alternative": (
        remove("solutions/01-first-server/alt-*"),
        "has no alternative",
        "alt-NAME/solve.sh",
    ),
    "not executable": (
        lambda sample: (sample.root / FAULT).chmod(0o644),
        "may not be run",
        f"chmod +x {FAULT}",
    ),
    "stray in a lab": (
        add("labs/01-first-server/notes.txt"),
        "does not belong here",
        "rm labs/01-first-server/notes.txt",
    ),
    "stray in a solution": (
        add("solutions/01-first-server/old.sh"),
        "does not belong here",
        "rm ",
    ),
    "file that solve.sh does not name": (
        add("solutions/01-first-server/files/left-over.conf"),
        "solve.sh beside it does not name it",
        "rm ",
    ),
    "stray in the book": (add("book/draft.txt"), "does not belong here", "rm "),
    "picture that no page shows": (no_image_page, "no page shows it", "rm "),
    "picture of another source": (
        edit("book/img/path-of-a-request.toml", "[20, 14, 120", "[20, 12, 120"),
        "is not what would be made now",
        "./lab dev pages",
    ),
    "picture whose source is broken": (
        edit("book/img/01-who-may-come-in.toml", "[area.server]", "[area.server"),
        "is no TOML",
        "mend book/img/01-who-may-come-in.toml",
    ),
    "picture without a source": (
        remove("book/img/01-who-may-come-in.toml"),
        "is drawn from nothing",
        "write img/01-who-may-come-in.toml",
    ),
    "source of no picture": (
        add("book/img/02-unseen.toml", 'title = "t"\n'),
        "no page shows it",
        "rm ",
    ),
    "listing of no chapter": (
        add("book/listings/77-none/x.conf"),
        "in no chapter's directory",
        "rm ",
    ),
    "listing that is not shown": (
        add("book/listings/01-first-server/x.conf", "x\n"),
        "does not show x.conf",
        "git rm",
    ),
    "chapter without a lab": (
        add("book/77-none.md", "# None\n"),
        "belongs to no lab",
        "rename it",
    ),
    "solution without a lab": (
        add("solutions/77-none/solve.sh"),
        "belongs to no lab",
        "rename it",
    ),
    "number twice": (add("labs/05-twice/README.md"), "has the number of", "another"),
    "slug twice": (
        add("labs/09-service-user/README.md"),
        "has the slug of",
        "another slug",
    ),
    "unknown start": (
        edit(TOML, 'starts_from = ""', 'starts_from = "nowhere"'),
        "no lab called nowhere",
        "./lab",
    ),
    "start in a circle": (circle, "leads back", "name an earlier lab"),
    # checks
    "no docstring": (
        check(
            "def test_more(host):\n"
            '    expect(host, wanted="w", found="f", why="y", look="l")'
        ),
        "has no docstring",
        '"""The site answers."""',
    ),
    "vacuous check": (
        check('def test_more(host):\n    """It is so."""\n    assert True'),
        "never comes to expect()",
        "end it with expect",
    ),
    "vacuous expect": (
        check(
            'def test_more(host):\n    """It is so."""\n'
            '    expect(True, wanted="w", found="f", why="y", look="l")'
        ),
        "expect(True, ...) can't fail",
        "what was seen",
    ),
    "no look": (
        check(
            'def test_more(host):\n    """It is so."""\n'
            '    expect(host, wanted="w", found="f", why="y")'
        ),
        "has no look=",
        "a sentence",
    ),
    "empty why": (
        check(
            'def test_more(host):\n    """It is so."""\n'
            '    expect(host, wanted="w", found="f", why="", look="l")'
        ),
        "has an empty why=",
        "a sentence",
    ),
    "no Python": (
        add(TEST, "\ndef test_more(:\n"),
        "invalid syntax",
        "mend that line",
    ),
    "reads by cat": (
        reading('seen = host.run("cat /etc/nginx/nginx.conf").stdout'),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "reads by a variable": (
        reading("seen = host.run(f'grep -q x {host}').rc"),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "reads the unit": (
        reading('seen = host.run("systemctl cat board").stdout'),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "reads by testinfra": (
        reading('seen = host.file("/srv/x").content_string'),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "reads by contains": (
        reading('seen = host.file("/srv/x").contains("y")'),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "a reason without words": (
        reading('seen = host.file("/srv/x").contains("y")  # reads text:'),
        "reads the text of a file",
        "# reads text: REASON",
    ),
    "a reason for nothing": (
        reading("seen = host  # reads text: it does not"),
        "where there is no such look",
        "take the comment away",
    ),
    "is_enabled": (
        reading('seen = host.service("nginx").is_enabled'),
        "asks what is enabled",
        "# is_enabled: REASON",
    ),
    "systemctl is-enabled": (
        reading('seen = host.run("systemctl --quiet is-enabled nginx").rc'),
        "asks what is enabled",
        "# is_enabled: REASON",
    ),
    "in a step that labs share": (
        add(
            "src/labkit/checks/steps.py",
            'def step(host):\n    expect(host, wanted="w", found="f", why="y")\n',
        ),
        "has no look=",
        "a sentence",
    ),
    # faults
    "no symptom": (
        edit(FAULT, "# symptom: ", "# sympton: "),
        "symptom: missing",
        "# symptom:",
    ),
    "fault of an unknown check": (
        edit(FAULT, "# fails: ", "# fails: test_nothing, "),
        "there is no check test_nothing",
        "name checks of this lab",
    ),
    "check without a fault": (
        edit(FAULT, "test_you_log_in_as_yourself", "none"),
        "test_you_log_in_as_yourself is not named by any fault",
        "# fails: test_you_log_in_as_yourself",
    ),
    "symptom that the chapter does not treat": (
        edit(FAULT, "# section: A key", "# section: The key"),
        "has no heading 'The key that worked yesterday'",
        "name the heading",
    ),
    "symptom that its page does not know": (
        edit(FAULT, "worked yesterday.", "worked on Monday."),
        "is not what would be made now",
        "./lab dev pages",
    ),
    "three faults": (fewer_faults, "3 faults", "at least 4"),
    "drill of two": (
        edit(TOML, "variants = []", 'variants = ["a", "b"]'),
        "2 variants",
        "at least 4",
    ),
    # hints
    "no hints": (
        edit(HINTS, "## test_root_is_refused", "## Of root"),
        "no hints for test_root_is_refused",
        "## test_root_is_refused",
    ),
    "hints for nothing": (
        add(HINTS, "\n## test_gone\n\n1. What?\n2. Where.\n3. [x](y/book/z.md#a)\n"),
        "there is no such check",
        "remove the section",
    ),
    "two hints": (edit(HINTS, "\n2. Go in", " Go in"), "2 hints, not three", "three"),
    "no question": (
        edit(HINTS, "look for the keys that open an\n   account?", "look for keys."),
        "asks nothing",
        "ask a question",
    ),
    "no link": (
        edit(HINTS, "#locked-out)", ")"),
        "links no passage",
        "../../book/",
    ),
    "code in a hint": (
        edit(HINTS, "2. Go in", "2. ```\n   x\n   ```\n   Go in"),
        "holds a block of code",
        "name a place to look",
    ),
    "answer in a hint": (
        edit(HINTS, "2. Go in", "2. `systemctl reload ssh`. Go in"),
        "holds a line of the solution: systemctl reload ssh",
        "name a place to look",
    ),
    "answer of a file, over two lines": (
        edit(HINTS, "2. Go in", "2. Write `PermitRootLogin\n   no`. Go in"),
        "holds a line of the solution: PermitRootLogin no",
        "name a place to look",
    ),
    # chapter and sheet
    "no recap": (edit(CHAPTER, "## Recap", "## End"), "has no part '## Recap'", "Next"),
    "no minutes": (
        edit(CHAPTER, "**Minutes:**", "Minutes:"),
        "has no part '**Minutes:**'",
        "write it",
    ),
    "no tasks": (edit(SHEET, "## Tasks", "## To do"), "'## Tasks'", "write it"),
    "parts in another order": (
        edit(SHEET, "## Tasks", "## If it fails\n\n## Tasks"),
        "in another order",
        "the order",
    ),
    "long chapter": (add(CHAPTER, "word " * 3000), " words", "between 1500 and"),
    "short sheet": (
        short_sheet,
        " words",
        "between 300 and 900",
    ),
    "six abilities": (
        edit(CHAPTER, "\n- log in", "\n- a\n- b\n- c\n- log in"),
        "has 8 abilities",
        "three to five",
    ),
    "six questions": (
        add(CHAPTER, "\n<details></details>\n"),
        "has 6 questions",
        "three to five",
    ),
    "block without output": (
        add(CHAPTER, "\n```console\n# true\n```\n"),
        "no literal line",
        "end the block",
    ),
    # prose
    "banned word": (add(SHEET, "\nSimply do it.\n"), "the word 'Simply'", "leave it"),
    "banned word in no lab": (
        add("README.md", "\nIt is easy.\n"),
        "the word 'easy'",
        "leave it",
    ),
    "dead link": (add(SHEET, "\n[x](nowhere.md)\n"), "nowhere.md", "mend the link"),
    "dead anchor": (
        add(CHAPTER, "\n[x](#nowhere)\n"),
        "no such heading",
        "mend the link",
    ),
    "anchor that is a comment in a block": (
        add(CHAPTER, "\n[x](#systemctl-start-hello)\n"),
        "no such heading",
        "mend the link",
    ),
    # spelling, headings and the glossary
    "American spelling": (
        add(CHAPTER, "\nA color.\n"),
        "'color' is in no dictionary",
        "book/words.txt",
    ),
    "a heading in title case": (
        edit(CHAPTER, "\n## Going further", "\n## Going Further"),
        "has capitals: Further",
        "book/words.txt",
    ),
    "an entry that leads nowhere": (
        add("book/glossary.md", "\n**zeal**: What we need.\n"),
        "'zeal' is no entry",
        "write it so: **term**: ",
    ),
    # the map
    "no row": (
        edit("README.md", "| 01 | [A server", "| 01 | [The server"),
        "no such row for lab 01",
        "| 01 | [A server of your own](book/01-first-server.md)",
    ),
    "row of a lab that is none": (
        edit("README.md", "| 02 | PHP", "| 02 | [PHP](book/01-first-server.md)"),
        "the map links 02",
        "planned",
    ),
    # to be written
    "a place to be written": (
        add(SHEET, "\nTODO: the end\n"),
        "to be written: the end",
        "take TODO away",
    ),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_dishonest_sample_is_caught(sample: Sample, name: str) -> None:
    lie, what, mend = SAMPLES[name]
    lie(sample)
    found = sample.findings()
    caught = [one for one in found if what in one.what and mend in one.mend]
    assert caught, "\n".join(map(str, found)) or "nothing was found"
    assert all(one.file.startswith(TOPS) for one in caught)


def test_hints_in_another_order(sample: Sample) -> None:
    path = sample.root / HINTS
    head, *sections = path.read_text().split("\n## ")
    path.write_text("\n## ".join([head, sections[-1] + "\n", *sections[:-1]]))
    (found,) = sample.findings()
    assert "not in the order of the checks" in found.what


def test_a_look_with_a_reason_is_counted(sample: Sample) -> None:
    labs = sorted((sample.root / "labs").iterdir())
    before = lint.reasons(sample.root, labs)
    line = 'seen = host.file("/srv/x").contains("y")  # reads text: nobody else can'
    reading(line)(sample)
    assert not sample.findings(), "\n".join(map(str, sample.findings()))
    assert lint.reasons(sample.root, labs) - before == {"reads text": 1}


def test_what_is_told_is_no_look(sample: Sample) -> None:
    """A message may name the commands that a learner types."""
    check(
        'def test_more(host):\n    """It is so."""\n    expect(host, wanted="w", '
        'found="f", why="y", look="cat /etc/x; systemctl is-enabled nginx")'
    )(sample)
    assert not sample.findings(), "\n".join(map(str, sample.findings()))


def test_a_step_of_another_file_may_expect(sample: Sample) -> None:
    """Labs share steps: a check may leave expect() to one of labkit.checks."""
    check('def test_more(host):\n    """It is so."""\n    test_ssh_answers(host)')(
        sample
    )
    assert not sample.findings(), "\n".join(map(str, sample.findings()))


def test_the_command(new_place: Callable[[], Place]) -> None:
    place = new_place()
    began = time.monotonic()
    said = place.lab("dev", "lint", DOCKER_HOST="unix:///nowhere").stdout
    assert time.monotonic() - began < 15, "about 2 s on a computer at rest"
    assert "Nothing to mend." in said
    assert "'# reads text:'" in said
    Sample(place.root).add(SHEET, "\nTODO: the end\n")
    said = place.lab("dev", "lint", "1", code=1).stdout
    assert f"{SHEET}, line " in said
    assert "Mend: write it" in said
    assert "Findings: 1." in said
    place.lab("dev", "lint", "service-user")
    assert "There is no lab '77'" in told(place, "dev", "lint", "77")
