"""Lint of faults: readable heads, checks that exist, and each check broken by one."""

from pathlib import Path

from labkit import chapters, checkfiles, faults, findings, variants
from labkit.errors import LabError
from labkit.faults import Fault
from labkit.findings import Finding
from labkit.labs import Lab
from labkit.lint.prose import anchors

FEWEST = 4


def of_lab(root: Path, lab: Lab) -> list[Finding]:
    """What is wrong with a lab's faults, or with a drill's variants."""
    found: list[Finding] = []
    known: list[Fault] = []
    checks = {check.name: check for check in checkfiles.of(lab)}
    for path in sorted((lab.path / "faults").glob("*.sh")):
        file = str(path.relative_to(root))
        try:
            fault = faults.read(path)
        except LabError as error:
            found.append(findings.of(error, file))
            continue
        known.append(fault)
        found += _section(root, lab, path, fault.section)
        for name in sorted(fault.fails - checks.keys()):
            what = f"fails: there is no check {name}"
            mend = f"name checks of this lab: {', '.join(checks)}"
            found.append(Finding(file, what, mend))
    broken = {name for fault in known for name in fault.fails}
    for name, check in checks.items():
        if name not in broken:
            what = f"{name} is not named by any fault, so nobody has seen it fail"
            mend = f"write a fault with the line: # fails: {name}"
            file = str(check.path.relative_to(root))
            found.append(Finding(file, what, mend, check.line))
    file, what, many = f"labs/{lab.name}/faults", "faults", len(known)
    if lab.file.variants:
        file, what = f"labs/{lab.name}/lab.toml", "variants"
        many = len(lab.file.variants)
    for name in lab.file.variants:
        try:
            variant = variants.named(lab, name)
        except LabError as error:
            found.append(findings.of(error, file))
        else:
            found += _section(root, lab, variant.path, variant.section)
    if many < FEWEST:
        found.append(Finding(file, f"{many} {what}", f"there are at least {FEWEST}"))
    return found


def _section(root: Path, lab: Lab, path: Path, section: str) -> list[Finding]:
    """The heading that a script's head names is one of the chapter's."""
    chapter = root / f"book/{lab.name}.md"
    if not chapter.is_file() or chapters.anchor(section) in anchors(
        chapter.read_text()
    ):
        return []
    what = f"section: book/{lab.name}.md has no heading '{section}'"
    mend = "name the heading below which the chapter treats this symptom"
    return [Finding(str(path.relative_to(root)), what, mend)]
