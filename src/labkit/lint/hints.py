"""Lint of hints: a ladder of three for each check, and none holds the answer."""

import re
from collections.abc import Iterator
from pathlib import Path

from labkit import checkfiles, hints
from labkit.findings import Finding
from labkit.labs import Lab

SHORTEST_ANSWER = 15
"""A line of the solution as long as this, found in a hint, is the answer."""


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with a lab's hints."""
    path = lab.path / "hints.md"
    if not path.is_file():
        return []  # told among the missing parts
    text = path.read_text()
    file = str(path.relative_to(root))
    ladders = hints.rungs(text)
    answers = sorted(set(_answers(lab)))
    checks = [check.name for check in checkfiles.of(lab)]
    found = [
        Finding(file, f"no hints for {name}", f"write a section: ## {name}")
        for name in checks
        if name not in ladders
    ]
    for name, rungs in ladders.items():
        line = text.partition(f"## {name}\n")[0].count("\n") + 1
        if name not in checks:
            what = f"hints for {name}, and there is no such check"
            found.append(Finding(file, what, "rename or remove the section", line))
        found += [
            Finding(file, f"{name}: {what}", mend, line)
            for what, mend in _wrong(rungs, answers)
        ]
    if not found and list(ladders) != checks:
        mend = f"put the sections into this order: {', '.join(checks)}"
        found.append(Finding(file, "not in the order of the checks", mend))
    return found


def _wrong(rungs: list[str], answers: list[str]) -> Iterator[tuple[str, str]]:
    if len(rungs) != 3:
        yield (
            f"{len(rungs)} hints, not three",
            "write three: a question, a place to look, a link",
        )
        return
    if "?" not in rungs[0]:
        yield "the first hint asks nothing", "ask a question that leads to the cause"
    if not re.search(r"\]\([^)]*book/[^)]*\.md#[^)]+\)", rungs[2]):
        yield (
            "the last hint links no passage",
            "link it: [Locked out](../../book/01-first-server.md#locked-out)",
        )
    for number, rung in enumerate(rungs, 1):
        if "```" in rung:
            yield f"hint {number} holds a block of code", "name a place to look"
        words = " ".join(rung.split())
        for answer in answers:
            if answer in words:
                what = f"hint {number} holds a line of the solution: {answer}"
                yield what, "name a place to look, and let the learner find it"


def _answers(lab: Lab) -> Iterator[str]:
    """The lines of the solutions that no hint may hold."""
    for path in sorted(lab.solution.rglob("*")):
        if not path.is_file() or path.suffix == ".md":
            continue
        for line in path.read_text(errors="replace").replace("\\\n", " ").splitlines():
            answer = " ".join(line.split())
            if len(answer) >= SHORTEST_ANSWER and not answer.startswith("#"):
                yield answer
