"""Lint of names: what has to be there, what must not, and what belongs together."""

import os
import re
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from labkit import pictures, states
from labkit.bench import page as bench_page
from labkit.findings import Finding
from labkit.labs import Lab

LAB = (
    *("README.md", "lab.toml", "start.sh", "hints.md", "test_*.py"),
    *("faults/*.sh", "variants/*.sh"),
)
SOLUTION = ("README.md", "solve.sh", "alt-*/solve.sh")
BOOK = (
    *("[0-9][0-9]-*.md", "[a-z]*.md", "bench.*.json", "matrix.*.json"),
    *("red-to-green.txt", "words.txt"),
)
PICTURE = ("img/*.svg", "img/*.toml")

_NUMBERED = re.compile(r"(\d\d)-(.+)")


def directories(root: Path) -> list[Path]:
    """The directories that are labs, or should be."""
    return [
        path
        for path in sorted((root / "labs").iterdir())
        if path.is_dir() and path.name != "__pycache__"
    ]


def parts(root: Path, lab: Lab) -> list[Finding]:
    """What a lab, its chapter and its solution must have, and what may be run."""
    wanted = [
        f"book/{lab.name}.md",
        f"labs/{lab.name}/README.md",
        f"labs/{lab.name}/hints.md",
        f"solutions/{lab.name}/README.md",
        f"solutions/{lab.name}/solve.sh",
    ]
    found = [
        Finding(file, "is missing", "write it, or give it this lab's number and slug")
        for file in wanted
        if not (root / file).is_file()
    ]
    if not list(lab.path.glob("test_*.py")):
        what = "has no checks"
        found.append(Finding(f"labs/{lab.name}", what, "write test_*.py there"))
    if not list(lab.solution.glob("alt-*/solve.sh")):
        what = "has no alternative: another right answer, by another mechanism"
        mend = f"write solutions/{lab.name}/alt-NAME/solve.sh"
        found.append(Finding(f"solutions/{lab.name}", what, mend))
    scripts = [*lab.path.rglob("*.sh"), *lab.solution.rglob("solve.sh")]
    for path in sorted(scripts):
        if not os.access(path, os.X_OK):
            file = str(path.relative_to(root))
            found.append(Finding(file, "may not be run", f"chmod +x {file}"))
    return found


def strays(root: Path, lab: Lab) -> list[Finding]:
    """Files that nothing of a lab or its solution uses."""
    found = []
    for path in _files(lab.path):
        inside = path.relative_to(lab.path)
        if not _fits(inside, LAB):
            found.append(_stray(root, path, f"allowed here: {', '.join(LAB)}"))
        elif inside.parts[0] == "variants" and path.stem not in lab.file.variants:
            found.append(_stray(root, path, "lab.toml's variants do not name it"))
    for path in _files(lab.solution):
        inside = path.relative_to(lab.solution)
        if "files" in inside.parts[:-1]:
            at = inside.parts.index("files")
            script = lab.solution.joinpath(*inside.parts[:at], "solve.sh")
            top = "/".join(inside.parts[at : at + 2])
            if not script.is_file() or top not in script.read_text():
                found.append(_stray(root, path, "solve.sh beside it does not name it"))
        elif not _fits(inside, SOLUTION):
            allowed = (
                f"allowed here: {', '.join(SOLUTION)}, and what they take of files/"
            )
            found.append(_stray(root, path, allowed))
    return found


def chain(root: Path, lab: Lab) -> list[Finding]:
    """`starts_from` leads to the bare server; what is wrong is raised."""
    states.chain(root, lab)
    return []


def book(root: Path) -> list[Finding]:
    """Files of the book that no page shows, and names that stand alone or twice."""
    labs = [path.name for path in directories(root)]
    families, plots = pictures.families(root), bench_page.plots(root)
    found = []
    pages = "".join(page.read_text() for page in sorted((root / "book").glob("*.md")))
    for path in _files(root / "book"):
        inside = path.relative_to(root / "book")
        if inside.parts[0] == "listings":
            if len(inside.parts) < 3 or inside.parts[1] not in labs:
                found.append(_stray(root, path, "it is in no chapter's directory"))
        elif not _fits(inside, BOOK + PICTURE):
            allowed = ", ".join(BOOK + PICTURE)
            found.append(_stray(root, path, f"allowed: {allowed}, listings/"))
        elif inside.parts[0] == "img":
            if path.stem in families and path.suffix == ".toml":
                continue
            if f"img/{path.stem}.svg" not in pages:
                found.append(_stray(root, path, "no page shows it"))
            elif (
                not path.with_suffix(".toml").is_file()
                and str(path.relative_to(root)) not in plots
            ):
                what = "is drawn from nothing that we can read"
                mend = f"write {inside.with_suffix('.toml')}, then: ./lab dev pages"
                found.append(Finding(f"book/{inside}", what, mend))
        elif _NUMBERED.match(str(inside)) and path.stem not in labs:
            found.append(_alone(f"book/{path.name}", path.stem))
    for path in sorted((root / "solutions").iterdir()):
        if path.name not in labs:
            found.append(_alone(f"solutions/{path.name}", path.name))
    return found


def twice(root: Path) -> list[Finding]:
    """Two labs of one number, or of one slug."""
    found = []
    for what, group in (("number", 1), ("slug", 2)):
        known: dict[str, str] = {}
        for path in directories(root):
            match = _NUMBERED.fullmatch(path.name)
            if match and match[group] in known:
                words = f"has the {what} of labs/{known[match[group]]}"
                mend = f"give one of them another {what}"
                found.append(Finding(f"labs/{path.name}", words, mend))
            elif match:
                known[match[group]] = path.name
    return found


def _files(directory: Path) -> Iterator[Path]:
    for path in sorted(directory.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path


def _fits(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(
        len(path.parts) == pattern.count("/") + 1 and fnmatch(str(path), pattern)
        for pattern in patterns
    )


def _stray(root: Path, path: Path, why: str) -> Finding:
    file = str(path.relative_to(root))
    return Finding(file, f"does not belong here: {why}", f"move it away, or: rm {file}")


def _alone(file: str, name: str) -> Finding:
    return Finding(
        file,
        f"belongs to no lab: there is no labs/{name}",
        "chapter, lab and solution share number and slug: rename it, or write the lab",
    )
