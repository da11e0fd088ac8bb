"""A chapter's fenced blocks: what a reader types, and the files that it shows.

A console block holds commands and their output:

    ```console
    # id --user            root's prompt; $ is the reader's own user's
    0
    # cat <<'END'
    > a further line of the command, after bash's second prompt
    > END
    a further line of the command, after bash's second prompt
    ```

`...` stands for what changes from run to run: within a line for any text, on a
line of its own for any lines. A block that can't run says why in a comment on the
line above it: `<!-- not run: needs a second computer -->`.

A file has a caption above it, "Listing 5.2 — `/etc/systemd/system/hello.service`":
the place on the server. Its text is that of book/listings/NN-slug/hello.service.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

_FENCE = re.compile(r"^```(?P<info>.*)\n(?P<body>(?:(?!```).*\n)*)```$", re.MULTILINE)
_CAPTION = re.compile(r"^Listing [\d.]+ — `(?P<place>/[^`]+)`\s*\Z", re.MULTILINE)
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+?) -->\s*\Z")


@dataclass(frozen=True)
class Exchange:
    """A command, who types it ("#" root, "$" the user), and the lines it answers."""

    owner: str
    command: str
    output: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        typed = f"{self.owner} {self.command}".replace("\n", "\n> ")
        return "".join(f"{line}\n" for line in [typed, *self.output])


@dataclass(frozen=True)
class Block:
    """A fenced block: `line` is where its body begins, `body` its text.

    `place` is where a file belongs on the server, "" for a block that is no file;
    `not_run` the reason why a console block can't run, "" when it can.
    """

    line: int
    info: str
    body: str
    place: str
    not_run: str

    @property
    def exchanges(self) -> list[Exchange]:
        """The commands of a console block, which begins with one, and their outputs."""
        found: list[Exchange] = []
        for line in self.body.splitlines():
            if line[:2] in ("# ", "$ "):
                found.append(Exchange(line[0], line[2:]))
            elif line.startswith("> ") and not found[-1].output:
                typed = f"{found[-1].command}\n{line[2:]}"
                found[-1] = Exchange(found[-1].owner, typed)
            else:
                found[-1].output.append(line)
        return found


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a chapter, in order."""
    found = []
    for match in _FENCE.finditer(text):
        before = text[: match.start()]
        caption = _CAPTION.search(before)
        not_run = _NOT_RUN.search(before)
        found.append(
            Block(
                line=before.count("\n") + 2,
                info=match["info"].strip(),
                body=match["body"],
                place=caption["place"] if caption else "",
                not_run=not_run["reason"] if not_run else "",
            )
        )
    return found


def replaced(text: str, bodies: dict[int, str]) -> str:
    """The chapter with the bodies of some blocks replaced, by their line."""

    def body(match: re.Match[str]) -> str:
        line = text[: match.start()].count("\n") + 2
        return f"```{match['info']}\n{bodies.get(line, match['body'])}```"

    return _FENCE.sub(body, text)


def anchor(heading: str) -> str:
    """The fragment of a link to a heading, as code hosts and the site make it."""
    return re.sub(r"[^\w\- ]", "", heading.lower().strip()).replace(" ", "-")


def listing(book: Path, name: str, place: str) -> Path:
    """The file of book/listings that belongs at `place` in the chapter `name`."""
    return book / "listings" / name / Path(place).name
