"""dev lint: say what is wrong with labs, chapters and solutions, and the mend."""

from collections.abc import Sequence
from pathlib import Path

from labkit import lint
from labkit.commands.session import Session
from labkit.console import say
from labkit.errors import LabError
from labkit.lint import names, reads


def run(session: Session, wanted: Sequence[str]) -> int:
    """Lint the named labs, or all and what belongs to none; 1 when it finds any."""
    root = session.root
    known = names.directories(root)
    chosen = [_directory(known, name) for name in wanted] or known
    found = [] if wanted else lint.of_repository(root)
    for directory in chosen:
        found += lint.of_lab(root, directory)
    for finding in found:
        say(str(finding))
    if found:
        say()
    counts = lint.reasons(root, chosen)
    exceptions = ", ".join(f"{counts[kind]} '# {kind}:'" for kind in reads.KINDS)
    say(f"Labs: {len(chosen)}. Looks at text that give a reason: {exceptions}.")
    say(f"Findings: {len(found)}." if found else "Nothing to mend.", "bold")
    return 1 if found else 0


def _directory(known: list[Path], name: str) -> Path:
    """A lab's directory by number or slug, whatever is wrong inside it."""
    for path in known:
        number, _, slug = path.name.partition("-")
        if name in (path.name, slug) or name.zfill(2) == number:
            return path
    raise LabError(
        f"There is no lab '{name}'.",
        f"The labs here: {', '.join(path.name for path in known)}.",
        "./lab dev lint, for all of them",
    )
