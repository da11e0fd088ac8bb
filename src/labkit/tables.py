"""Pages of the book that are tables: all labs, and what was proven of each."""

from pathlib import Path

from labkit import checkfiles, labs, matrix, proof
from labkit.labs import Lab
from labkit.matrix import MadeOf, Matrix, Proof

_LABS = """\
# All labs

About how long each takes alone; what it goes on from; and on which kinds of machine it
was [proven](proofs.md).

| Lab | Chapter | Minutes | Starts from | Proven on |
|---|---|---|---|---|
"""
_PROOFS = """\
# What is proven

Every check of this book has been seen to fail, for its own reason and for no other.
The command `./lab dev prove` starts fresh servers and does all of this to each lab: it
runs the checks at the start, where every one but the guards has to fail; applies the
solution, twice, where the second time must change nothing; reboots; applies each
alternative solution; breaks a solved server by each fault; and types the chapter's
commands, which must not solve the lab. In a drill that begins with one of several
causes, all but the faults is done for each cause. *Guards* are checks that rightly hold
from the start. A check that is *not run* needs something that this kind of machine does
not have. A rented server (*ssh*) has no snapshots, and so no way back from a fault:
there, the start and the solution are proven, twice, with the reboot that is among the
checks.
"""
_NONE_RUN = {"not run"}


def all_labs(root: Path) -> str:
    """The table of labs, from their lab.toml and the matrices."""
    matrices = _matrices(root)
    by_slug = {lab.slug: lab for lab in labs.all_labs(root)}
    rows = [
        f"| [{lab.number}](../labs/{lab.name}/README.md) "
        f"| [{lab.file.title}]({lab.name}.md) | {lab.file.minutes} "
        f"| {_before(by_slug.get(lab.file.starts_from))} | {_kinds(lab, matrices)} |\n"
        for lab in by_slug.values()
    ]
    return _LABS + "".join(rows)


def _before(lab: Lab | None) -> str:
    if lab is None:
        return "the bare server"
    return f"[lab {lab.number}](../labs/{lab.name}/README.md), solved"


def _kinds(lab: Lab, matrices: list[Matrix]) -> str:
    proven = [
        f"{one.kind}, {one.labs[lab.name].on}"
        for one in matrices
        if lab.name in one.labs and not one.labs[lab.name].problems
    ]
    return "; ".join(proven) or "not yet"


def proofs(root: Path) -> str:
    """For each lab and kind of machine: each check, and the faults that it found."""
    matrices = _matrices(root)
    parts = [_PROOFS]
    for lab in labs.all_labs(root):
        parts.append(f"\n## {lab.number} {lab.file.title}\n")
        for one in matrices:
            if lab.name in one.labs:
                parts.append(_proof(lab, one.kind, one.labs[lab.name]))
            if lab.name in one.begun:
                parts.append(_begun(lab, one.kind, one.begun[lab.name]))
    return "".join(parts)


def _begun(lab: Lab, kind: str, left: Proof) -> str:
    all_runs = sum(len(job.runs) for job in proof.jobs(lab))
    done = f"{len(left.runs)} of {all_runs} runs so far"
    return f"\nBegun on {kind}, {left.on}{_of_then(lab, left)}: {done}.\n"


def _of_then(lab: Lab, proven: Proof) -> str:
    """That the lab has been edited since, if so."""
    made_of = MadeOf(lab)
    if all(run.made_of == made_of[run.name] for run in proven.runs):
        return ""
    return ", before the lab's latest change"


def _proof(lab: Lab, kind: str, one: Proof) -> str:
    problems = f"; problems: {len(one.problems)}" if one.problems else ""
    causes = f", from {many} causes" if (many := len(lab.file.variants)) else ""
    told = (
        f"\nOn {kind}, {one.on}{_of_then(lab, one)}: {len(one.runs)} runs{causes} in "
    )
    told += f"{one.seconds:.0f} seconds{problems}.\n"
    if not any(run.name.startswith("fault ") for run in one.runs):
        return told
    rows = []
    for check in checkfiles.of(lab):
        seen = {run.name: run.outcomes.get(check.name) for run in one.runs}
        by = [
            f"`{name.removeprefix('fault ')}`"
            for name, outcome in seen.items()
            if name.startswith("fault ") and outcome == "fail"
        ]
        if set(seen.values()) <= _NONE_RUN:
            cell = "not run on this kind of machine"
        else:
            cell = ", ".join(by) + (" (a guard)" if "guard" in check.marks else "")
        rows.append(f"| {check.promise} | {cell} |\n")
    table = "\n| Promise | Faults seen to break it |\n|---|---|\n"
    return told + table + "".join(rows)


def _matrices(root: Path) -> list[Matrix]:
    kinds = [path.name.split(".")[1] for path in root.glob("book/matrix.*.json")]
    return [matrix.read(root, kind) for kind in sorted(kinds)]
