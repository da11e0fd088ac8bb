"""The checks of a lab as their author wrote them: read, not run."""

import ast
from dataclasses import dataclass
from pathlib import Path

from labkit.errors import LabError
from labkit.labs import Lab


@dataclass(frozen=True)
class Check:
    """One check; `marks` holds, by marker, its arguments: {"requires": ("clock",)}."""

    name: str
    path: Path
    line: int
    promise: str
    marks: dict[str, tuple[str, ...]]


def of(lab: Lab) -> list[Check]:
    """A lab's checks, in the order in which they are written.

    Raises:
        LabError: when a file is not Python.
    """
    return [
        Check(
            node.name,
            path,
            node.lineno,
            " ".join((ast.get_docstring(node) or "").split()),
            _marks(node),
        )
        for path in sorted(lab.path.glob("test_*.py"))
        for node in parse(path).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]


def parse(path: Path) -> ast.Module:
    """The syntax tree of a file of checks.

    Raises:
        LabError: when it is not Python.
    """
    try:
        return ast.parse(path.read_text())
    except SyntaxError as error:
        raise LabError(
            f"{'/'.join(path.parts[-3:])}: line {error.lineno}: {error.msg}.",
            "The checks are Python, and this file is not.",
            "mend that line",
        ) from error


def _marks(node: ast.FunctionDef) -> dict[str, tuple[str, ...]]:
    marks = {}
    for one in node.decorator_list:
        call = one if isinstance(one, ast.Call) else None
        name = call.func if call else one
        if isinstance(name, ast.Name):
            given = call.args if call else []
            marks[name.id] = tuple(
                str(one.value) for one in given if isinstance(one, ast.Constant)
            )
    return marks
