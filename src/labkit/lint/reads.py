"""Lint of what checks look at: behaviour, or else a reason for each exception.

A check that reads the text of a file, or asks what is enabled, says why on that
line or on the line above it:

    # reads text: the file's owner is all that a mail server shows
    # is_enabled: a reboot can't be had here
"""

import ast
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from labkit import checkfiles
from labkit.findings import Finding

KINDS = ("reads text", "is_enabled")

_REASON = re.compile(rf"# ({'|'.join(KINDS)}): *(.*)")
_READERS = r"(?:cat|[ef]?grep|head|tail|sed|awk|cut|diff|cmp|wc)"
# A file of the configuration, or one whose name only the running check knows.
_FILE = r"(?:/etc\b|/usr/lib/systemd|%s|\S+\.(?:conf|cnf|ini|service|socket|timer)\b)"
_READS = re.compile(
    rf"(?:^|[\s|;&($]){_READERS}\s(?:[^|;&\n]*[\s'\"<])?{_FILE}"
    rf"|systemctl cat\b|(?:open|Path)\(['\"]/etc/"
)
_ENABLED = re.compile(r"systemctl (?:[-\w=]+ )*(?:is-enabled|list-unit-files)\b")
_CONTENTS = ("content", "content_string", "contains")


def look(root: Path, path: Path) -> list[Finding]:
    """Reads without a reason, and reasons where nothing is read."""
    file = str(path.relative_to(root))
    given = dict(_reasons(path))
    used: set[int] = set()
    found = []
    for kind, line, near in _exceptions(checkfiles.parse(path)):
        at = [one for one in near if given.get(one, ("", ""))[0] == kind]
        used.update(at)
        if not any(given[one][1] for one in at):
            what = (
                "asks what is enabled: a reboot shows what starts"
                if kind == "is_enabled"
                else "reads the text of a file: behaviour shows what it does"
            )
            mend = f"look at behaviour, or say why not: # {kind}: REASON"
            found.append(Finding(file, what, mend, line))
    for line in sorted(given.keys() - used):
        what = f"a reason, '# {given[line][0]}', where there is no such look"
        found.append(Finding(file, what, "take the comment away", line))
    return found


def count(path: Path) -> Counter[str]:
    """How many exceptions of each kind a file gives a reason for."""
    return Counter(kind for _, (kind, reason) in _reasons(path) if reason)


def _reasons(path: Path) -> Iterator[tuple[int, tuple[str, str]]]:
    with path.open("rb") as source:
        for token in tokenize.tokenize(source.readline):
            match = _REASON.match(token.string)
            if token.type == tokenize.COMMENT and match:
                yield token.start[0], (match[1], match[2].strip())


def _exceptions(tree: ast.Module) -> Iterator[tuple[str, int, range]]:
    """The looks at text: the kind, the line, and the lines where a reason may be."""
    told = set(map(id, _told(tree)))
    for statement, node in _expressions(tree):
        kind = ""
        if isinstance(node, ast.Attribute):
            kind = "reads text" if node.attr in _CONTENTS else ""
            kind = "is_enabled" if node.attr == "is_enabled" else kind
        elif isinstance(node, (ast.Constant, ast.JoinedStr)) and id(node) not in told:
            text = _text(node)
            kind = "reads text" if _READS.search(text) else ""
            kind = "is_enabled" if _ENABLED.search(text) else kind
        if kind:
            last = node.end_lineno or node.lineno
            yield kind, node.lineno, range(statement.lineno - 1, last + 1)


def _expressions(tree: ast.Module) -> Iterator[tuple[ast.stmt, ast.expr]]:
    """Each expression with the innermost statement around it."""
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.stmt):
            continue
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, (ast.expr, ast.withitem)):
                for node in ast.walk(child):
                    if isinstance(node, ast.expr):
                        yield statement, node


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """A string; of an f-string, %s stands for what the running check puts in."""
    if isinstance(node, ast.JoinedStr):
        return "".join(
            _text(part) if isinstance(part, ast.Constant) else "%s"
            for part in node.values
        )
    return node.value if isinstance(node.value, str) else ""


def _told(tree: ast.Module) -> Iterator[ast.AST]:
    """Strings that are no command: docstrings, sentences, the parts of an f-string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield from node.values
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
            "expect",
            "still_after",
        ):
            for word in node.keywords:
                yield from ast.walk(word.value)
