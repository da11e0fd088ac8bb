"""Typing a chapter on a server: samples that lie are caught, true ones pass.

The book's own chapters are typed by tests/test_contract.py.
"""

from pathlib import Path

import pytest

from labkit import chapters, labs, listings
from labkit.findings import Finding
from labkit.labs import Lab
from place import ROOT, Place

BOOK = ROOT / "book"
LABS = labs.all_labs(ROOT)


def chapter(directory: Path, text: str) -> Lab:
    """A lab whose chapter is `text`, in a book of its own."""
    (directory / "01-first-server.md").write_text(text)
    return LABS[0]


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("```console\n# true\n```\n", "no literal line"),
        ("```console\n# id\n...\n```\n", "no literal line"),
        ("```console\nuid=0\n```\n", "begins with no command"),
        ("```bash\napt install nginx\n```\n", "neither console nor a file"),
        ("```\n$ ls\nx\n```\n", "neither console nor a file"),
        ("Listing 1.1 — `/etc/x`\n\n```ini\nx\n```\n", "is not the text of"),
        ("<!-- not run: no -->\n```console\n# id\nx\n```\n", "1 of 1 console blocks"),
    ],
)
def test_bad_block_is_found(tmp_path: Path, text: str, finding: str) -> None:
    (found,) = listings.form(tmp_path, chapter(tmp_path, text))
    assert finding in found.what


def test_a_file_that_no_chapter_shows(tmp_path: Path) -> None:
    lab = chapter(tmp_path, "Listing 1.1 — `/etc/x.conf`\n\n```ini\nx\n```\n")
    directory = tmp_path / "listings" / lab.name
    directory.mkdir(parents=True)
    (directory / "x.conf").write_text("x\n")
    assert not listings.form(tmp_path, lab)
    (directory / "y.conf").write_text("y\n")
    (found,) = listings.form(tmp_path, lab)
    assert "does not show y.conf" in found.what


def typed(place: Place, directory: Path, text: str) -> tuple[list[Finding], str]:
    """Type a chapter on the server: the findings, and the chapter as rewritten."""
    lab = chapter(directory, text)
    findings, bodies = listings.run(directory, lab, place.server, print)
    return findings, chapters.replaced(text, bodies)


def test_wrong_output_is_found_and_mended(started: Place, tmp_path: Path) -> None:
    before = "```console\n# printf 'a\\nb\\n'\n{}```\n"
    findings, after = typed(started, tmp_path, before.format("a\nc\n"))
    (finding,) = findings
    assert "The chapter shows:\n    a\n    c\n" in finding.what
    assert "The server says:\n    a\n    b" in finding.what
    assert after == before.format("a\nb\n")


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("# echo said", ""),
        ("# true", "said\n"),
        ("# echo one two", "one ... two\n"),
        ("# no-such-command", "no-such-command: not found\n"),
    ],
)
def test_a_lie_is_found(
    started: Place, tmp_path: Path, command: str, output: str
) -> None:
    findings, _ = typed(started, tmp_path, f"```console\n{command}\n{output}```\n")
    assert len(findings) == 1


@pytest.mark.parametrize(
    ("seen", "same"),
    [
        ("    612       1 python", True),
        ("   4612       1 python", True),
        ("   4612      1 python", False),
        ("4612       1 python", False),
    ],
)
def test_a_number_may_be_longer(seen: str, same: bool) -> None:
    assert listings.matches(["    ...       1 python"], [seen]) == same


HONEST = """Listing 1.1 — `/root/new/greeting.txt`

```text
hello
```

```console
# cat /root/new/greeting.txt
hello
# cd /root/new
# cat <<'END'
> a further line
> END
a further line
# seq 9
1
...
9
# pwd
/root/new
# cat /proc/sys/kernel/random/uuid
...-...-...
# tty
/dev/pts/...
# printf '50%%\\r100%%\\r\\n'
100%
$ pwd
/root
# id --user
0
```

```console
# pwd
/root/new
# exit
logout
# pwd
/
```
"""


def test_the_truth_passes_and_stays(started: Place, tmp_path: Path) -> None:
    """Files are written first, `...` is anything, a shell goes on until it ends."""
    findings, after = typed(started, tmp_path, HONEST)
    assert not findings, "\n".join(map(str, findings))
    assert after == HONEST


def test_a_log_is_read_until_it_holds_the_line(started: Place, tmp_path: Path) -> None:
    late = "systemd-run --quiet --no-block sh -c 'sleep 2; echo late words'"
    read = "journalctl --no-pager --output cat --grep '^late words'"
    text = f"```console\n# {late}\n# {read}\nlate words\n```\n"
    findings, _ = typed(started, tmp_path, text)
    assert not findings
