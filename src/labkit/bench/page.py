"""The page of the book that shows what `lab dev bench` has measured, and its plots."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from labkit.bench import plot, record
from labkit.bench.record import Measured, Part, Plot, Record, number

_HEAD = """\
# How long you wait

A check that answers late is asked for rarely. So what `./lab` costs is measured, by a
command that you can repeat:

```text
./lab dev bench
```

It works on a server of its own, next to yours. What is compared takes turns in one run,
and the median of the turns counts: a computer that is busy for a while slows down both
sides of a ratio. That is why the budgets below are ratios wherever they can be. The
seconds are this computer's, and another one has others.

The *floor* is one ssh that runs, as a single shell script, the same commands that the
checks would send to the server: no way to ask the same can take less. Against it stand
`lab check`, and pytest as it comes, with the transports that testinfra brings: ssh,
which opens a connection for each command, paramiko and `docker exec`. The fifteen
ordinary checks ask for a file's owner and for a service. Lab 01's *calm* checks are
those that leave the server in peace, and *all* are these with the day of timers and the
reboot, whose time no transport can save: for them there is no budget.
"""
_TITLES = {
    "builds": "Building",
    "checks": "A run of checks",
    "commands": "Commands and servers",
    "footprint": "Memory and disk",
    "growth": "More checks, more servers",
    "watch": "Watching",
}


def page(root: Path) -> str:
    """The page, of all kinds of machines that were measured."""
    parts = [_HEAD]
    for name, title in _TITLES.items():
        for known in _records(root):
            if name in known.parts:
                parts.append(f"\n## {title}: {known.kind}\n\n")
                parts.append(_part(known, name, known.parts[name]))
    return "".join(parts)


def plots(root: Path) -> dict[str, Callable[[Path], str]]:
    """What draws each plot, by its file."""
    return {
        _file(known, name, n): partial(_drawn, one)
        for known in _records(root)
        for name, part in known.parts.items()
        for n, one in enumerate(part.measured.plots)
    }


def _drawn(one: Plot, _: Path) -> str:
    return plot.svg(one)


def _records(root: Path) -> list[Record]:
    kinds = [path.name.split(".")[1] for path in root.glob("book/bench.*.json")]
    return [record.read(root, kind) for kind in sorted(kinds)]


def _file(known: Record, name: str, n: int) -> str:
    return f"book/img/bench-{known.kind}-{name}-{n + 1}.svg"


def _part(known: Record, name: str, part: Part) -> str:
    versions = ", ".join(f"{program} {one}" for program, one in part.versions.items())
    said = f"On {part.on}, with {part.computer}; {versions}.\n"
    for n, one in enumerate(part.measured.plots):
        place = _file(known, name, n).removeprefix("book/")
        said += f"\n![{one.title}: {one.y} by {one.x}]({place})\n"
    return said + _rows(part.measured) + _budgets(part.measured)


def _rows(measured: Measured) -> str:
    rows = [
        f"| {one.what} | {number(one.value)} {one.unit} |\n" for one in measured.rows
    ]
    return "\n| What | Measured |\n|---|---|\n" + "".join(rows)


def _budgets(measured: Measured) -> str:
    rows = [
        # Three columns: a fourth would not fit a phone.
        f"| {one.what} | {number(one.value)} of {number(one.limit)} {one.unit} "
        f"| {'kept' if one.kept else 'broken'} |\n"
        for one in measured.budgets
    ]
    head = "\n| Budget | Measured, of at most | Outcome |\n|---|---|---|\n"
    return head + "".join(rows) if rows else ""
