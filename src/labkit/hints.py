"""hints.md: for each check a short ladder of hints, shown one at a time.

## test_root_is_refused

1. A question.
2. A place to look.
3. A link to the passage of the chapter.
"""

import re

from labkit.errors import LabError
from labkit.labs import Lab

_SECTION = re.compile(r"^## (test_\w+)\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[([^]]+)\]\((?:\.\./)*([^)#]+)[^)]*\)")
_RUNG = re.compile(r"^\d+\. (.*?)(?=^\d+\. |\Z)", re.MULTILINE | re.DOTALL)


def ladders(lab: Lab) -> dict[str, list[str]]:
    """The hints by check, in the order in which they are given (Markdown).

    Raises:
        LabError: when the lab has no hints.md.
    """
    try:
        text = (lab.path / "hints.md").read_text()
    except FileNotFoundError:
        raise LabError(
            f"Lab {lab.number} has no hints.",
            f"labs/{lab.name}/hints.md is missing.",
            f"git checkout labs/{lab.name}/hints.md",
        ) from None
    return {
        check: [_for_a_terminal(rung) for rung in ladder]
        for check, ladder in rungs(text).items()
    }


def rungs(text: str) -> dict[str, list[str]]:
    """The hints by check, as they are written in hints.md."""
    return {check: _RUNG.findall(body) for check, body in _SECTION.findall(text)}


def _for_a_terminal(rung: str) -> str:
    """A hint as it is shown: unindented, and a link names its file."""
    return _LINK.sub(r"\1 (\2)", re.sub(r"\n +", "\n", rung)).strip()
