"""Running a chapter on a server: each command, and what it really prints.

Commands are typed at a terminal as the reader does it, in one login shell per
prompt, which is opened at its first use and again when it has ended; the terminal
has no colours. What is compared passes through these
normalisers and no others: terminal commands are left out, a line is what stands
there after its last carriage return, without trailing blanks, and `...` in the
chapter stands for anything. A command that only reads a log is typed again while the
log does not hold yet what the chapter shows.
"""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pexpect

from labkit import chapters, servers
from labkit.chapters import Block, Exchange
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.machines import Server

# A command may take this long: installing packages, for one.
SECONDS = 180
# A reader is slower than this.
_READER_SECONDS = 0.25
# A log may be written this long after what it tells of, on a busy computer.
_LOG_SECONDS = 10
_READS_A_LOG = re.compile(
    r"(?:sudo )?(?:journalctl|(?:tail|cat|grep) [^|]*/var/log/)[^;&>]*"
)
# What `--write` puts in the place of text that no second run would repeat.
_CHANGING = (
    r"(?<=invocation ID: )[0-9a-f]{32}",
    r"\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?",
    r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d:\d\d",
    r"(?<=\[)\d+(?=\])",
    r"(?<= after )\d+(?= ms)",
)
_PROMPT = "labkit-is-ready"


class Shell:
    """A login shell on the server at a terminal of its own."""

    def __init__(self, argv: list[str]) -> None:
        self._shell = pexpect.spawn(
            argv[0],
            argv[1:],
            encoding="utf-8",
            codec_errors="replace",
            timeout=SECONDS,
            dimensions=(24, 100),
        )
        # The quotes keep the echo of this line from looking like the prompt.
        self._shell.sendline(
            f"stty -echo; export TERM=vt100 NO_COLOR=1; "
            f"PS2= PROMPT_COMMAND= PS1='labkit''{_PROMPT[6:]}'"
        )
        self._shell.expect_exact(_PROMPT)

    def type(self, command: str) -> list[str] | None:
        """Type a command: the lines that it prints, or None when it does not end."""
        time.sleep(_READER_SECONDS)
        self._shell.sendline(command)
        try:
            self._shell.expect_exact([_PROMPT, pexpect.EOF])
        except pexpect.TIMEOUT:
            return None
        return _lines(str(self._shell.before))

    def is_open(self) -> bool:
        """Whether it takes a further command."""
        return bool(self._shell.isalive())

    def close(self) -> None:
        """Leave, as the reader does."""
        self._shell.close(force=True)


def _lines(raw: str) -> list[str]:
    """The lines that a terminal shows in the end."""
    text = re.sub(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[78=>])|\a", "", raw)
    lines = [part.rstrip().rpartition("\r")[2].rstrip() for part in text.split("\n")]
    return lines if lines[-1] else lines[:-1]


def matches(expected: list[str], seen: list[str]) -> bool:
    """Whether the lines seen are those in the chapter, `...` standing for any.

    Before `...` one blank or more are as good as any number: columns such as those of
    `ps` are set to the right, and numbers have more digits on another computer.
    """
    pattern = ""
    for line in expected:
        if line == "...":
            pattern += r"(?:.*\n)*?"
        else:
            line = re.sub(r" +(?=\.\.\.)", " ", line.rstrip())
            parts = map(re.escape, line.split("..."))
            pattern += ".*?".join(parts).replace(r"\ .*?", " +.*?") + r"\n"
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in seen)) is not None


def without_changing(line: str) -> str:
    """A line as the chapter shows it, `...` for what no second run repeats."""
    for pattern in _CHANGING:
        line = re.sub(pattern, "...", line)
    return line


def run(
    book: Path,
    lab: Lab,
    server: Server,
    heard: Callable[[str], None],
) -> tuple[list[Finding], dict[int, str]]:
    """Run a chapter's blocks in order on a server at the lab's start.

    `heard` is told of each block. Returns the findings, and the true bodies of the
    blocks whose output differed, by their lines.
    """
    findings: list[Finding] = []
    bodies: dict[int, str] = {}
    found = chapters.blocks((book / f"{lab.name}.md").read_text())
    with _shells(server) as shell:
        for number, block in enumerate(found, 1):
            heard(f"Block {number} of {len(found)}, line {block.line}")
            if block.place:
                _put(server, block.place, block.body)
            elif block.info == "console" and not block.not_run:
                wrong, real = _type(block, lab, shell)
                findings += wrong
                if real != block.exchanges:
                    bodies[block.line] = "".join(map(str, real))
    return findings, bodies


def _type(
    block: Block, lab: Lab, shell: Callable[[str], Shell]
) -> tuple[list[Finding], list[Exchange]]:
    findings: list[Finding] = []
    real: list[Exchange] = []
    for exchange in block.exchanges:
        seen = _seen(exchange, shell)
        if seen is None:
            shell(exchange.owner).close()
            what = f"did not end within {SECONDS} s: {exchange.command}"
            findings.append(Finding(_page(lab), what, "mend the command", block.line))
            return findings, block.exchanges
        if matches(exchange.output, seen):
            real.append(exchange)
            continue
        lines = [without_changing(line) for line in seen]
        real.append(replace(exchange, output=lines))
        shown = "\n".join(f"    {line}" for line in exchange.output or ["nothing"])
        words = "\n".join(f"    {line}" for line in seen or ["nothing"])
        findings.append(
            Finding(
                _page(lab),
                f"{exchange.command}\n  The chapter shows:\n{shown}\n"
                f"  The server says:\n{words}",
                f"./lab dev listings --write {lab.number}",
                block.line,
            )
        )
    return findings, real


def _seen(exchange: Exchange, shell: Callable[[str], Shell]) -> list[str] | None:
    began = time.monotonic()
    while True:
        seen = shell(exchange.owner).type(exchange.command)
        waits = time.monotonic() - began < _LOG_SECONDS
        if seen is None or not waits or matches(exchange.output, seen):
            return seen
        if not _READS_A_LOG.fullmatch(exchange.command):
            return seen


@contextmanager
def _shells(
    server: Server,
) -> Iterator[Callable[[str], Shell]]:
    """A function from a prompt to its shell."""
    open_now: dict[str, Shell] = {}

    def shell(owner: str) -> Shell:
        if owner not in open_now or not open_now[owner].is_open():
            if owner == "#":
                argv = server.kind.shell(server)
            else:
                argv = [*servers.login(server), "-tt"]
            open_now[owner] = Shell([*argv, "bash", "--noediting", "--login"])
        return open_now[owner]

    try:
        yield shell
    finally:
        for opened in open_now.values():
            opened.close()


def _put(server: Server, place: str, body: str) -> None:
    """Write a file where its caption says, as the reader's editor does."""
    with servers.connected(server) as connection:
        connection.run(
            f"mkdir --parents {Path(place).parent} && cat >{place}", body.encode()
        )


def _page(lab: Lab) -> str:
    return f"book/{lab.name}.md"


def form(book: Path, lab: Lab) -> list[Finding]:
    """What is wrong with a chapter's blocks before any is run."""
    findings: list[Finding] = []
    found = chapters.blocks((book / f"{lab.name}.md").read_text())
    shown = set()
    for block in found:
        if block.place:
            path = chapters.listing(book, lab.name, block.place)
            shown.add(path)
            if not path.is_file() or path.read_text() != block.body:
                findings.append(
                    Finding(
                        _page(lab),
                        f"is not the text of book/{path.relative_to(book)}",
                        f"./lab dev listings --write {lab.number}",
                        block.line,
                    )
                )
        elif block.info == "console" and not block.body.startswith(("# ", "$ ")):
            findings.append(
                Finding(
                    _page(lab),
                    "a console block that begins with no command",
                    "begin it with # (root's prompt) or $ (the user's), and a blank",
                    block.line,
                )
            )
        elif block.info != "console":
            findings.append(
                Finding(
                    _page(lab),
                    f"a block that is neither console nor a file: ```{block.info}",
                    "call it console, or give it a caption: Listing 6.1 — `/path`",
                    block.line,
                )
            )
        elif not any(
            line.replace("...", "").strip()
            for exchange in block.exchanges
            for line in exchange.output
        ):
            findings.append(
                Finding(
                    _page(lab),
                    "no literal line of output, so nothing is compared",
                    "end the block with a command that shows what came of it",
                    block.line,
                )
            )
    consoles = [block for block in found if block.info == "console"]
    not_run = [block for block in consoles if block.not_run]
    if len(not_run) * 20 > len(consoles):
        findings.append(
            Finding(
                _page(lab),
                f"{len(not_run)} of {len(consoles)} console blocks are not run",
                "at most one in twenty; let it run",
                not_run[-1].line,
            )
        )
    for path in sorted((book / "listings" / lab.name).rglob("*")):
        if path.is_file() and path not in shown:
            mend = f"show it with a caption, or: git rm book/{path.relative_to(book)}"
            findings.append(Finding(_page(lab), f"does not show {path.name}", mend))
    return findings
