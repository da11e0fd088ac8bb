"""Lint of checks: a promise, an `expect` that can fail, and four sentences in it."""

import ast
from pathlib import Path

from labkit import checkfiles
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint import reach, reads

_SENTENCES = ("wanted", "found", "why", "look")


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with a lab's checks."""
    found = []
    for check in checkfiles.of(lab):
        file = str(check.path.relative_to(root))
        if not check.promise:
            what = f"{check.name} has no docstring, which is the learner's promise"
            mend = '"""The site answers."""'
            found.append(Finding(file, what, f"write it: {mend}", check.line))
        if not reach.reaches_expect(check.path, check.name):
            what = f"{check.name} never comes to expect(), so it can't fail rightly"
            mend = "end it with expect(what holds, wanted=, found=, why=, look=)"
            found.append(Finding(file, what, mend, check.line))
    for path in sorted(lab.path.glob("test_*.py")):
        found += messages(root, path) + reads.look(root, path)
    return found


def shared(root: Path) -> list[Finding]:
    """What is wrong with the steps that several labs' checks share."""
    found = []
    for path in sorted((root / "src/labkit/checks").glob("*.py")):
        found += messages(root, path) + reads.look(root, path)
    return found


def messages(root: Path, path: Path) -> list[Finding]:
    """Each `expect` can fail, and says what was wanted and found, why, and where."""
    found = []
    for node in ast.walk(checkfiles.parse(path)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func) != "expect":
            continue
        said = {word.arg: word.value for word in node.keywords}
        wrong = {f"expect() has no {name}=" for name in _SENTENCES if name not in said}
        wrong |= {
            f"expect() has an empty {name}="
            for name, value in said.items()
            if isinstance(value, ast.Constant) and value.value in ("", None)
        }
        file = str(path.relative_to(root))
        mend = "write a sentence that a newcomer understands"
        found += [Finding(file, what, mend, node.lineno) for what in sorted(wrong)]
        holds = node.args[0] if node.args else None
        if isinstance(holds, ast.Constant) and holds.value:
            what = f"expect({ast.unparse(holds)}, ...) can't fail"
            mend = (
                "begin it with what was seen on the server: expect(status == 200, ...)"
            )
            found.append(Finding(file, what, mend, node.lineno))
    return found
