"""Reference states: the start and the solved server of each lab, kept by hash.

A state's name ends in a hash of everything that made it (the image, the scripts
of this lab and of those it starts from), so an edit makes a new state of what
depends on it and leaves the others alone. States that no lab leads to any more
are deleted. The learner's own solved servers, called own-SLUG, never are.
"""

import hashlib
from pathlib import Path

from labkit import image, labs, scripts, servers
from labkit.console import step
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.machines import BARE, Server


def own(lab: Lab) -> str:
    """The name of the learner's own solved server."""
    return f"own-{lab.slug}"


def start(root: Path, lab: Lab) -> str:
    """The name of the state in which a lab starts."""
    before = _before(root, lab)
    if not (lab.path / "start.sh").exists():
        return before
    return f"start-{lab.slug}-{_hash(before, [lab.path / 'start.sh'], lab.path)}"


def solved(root: Path, lab: Lab) -> str:
    """The name of the state that the reference solution leads to."""
    parts = [lab.solution / "solve.sh", *(lab.solution / "files").rglob("*")]
    made_of = sorted(path for path in parts if path.is_file())
    return f"solved-{lab.slug}-{_hash(start(root, lab), made_of, lab.solution)}"


def _before(root: Path, lab: Lab) -> str:
    chain(root, lab)
    if not lab.file.starts_from:
        return BARE
    return solved(root, labs.by_slug(root, lab.file.starts_from))


def chain(root: Path, lab: Lab) -> list[Lab]:
    """The labs that lead to this one, from the bare server on, itself last.

    Raises:
        LabError: when `starts_from` goes round in a circle.
    """
    found = [lab]
    while slug := found[0].file.starts_from:
        if slug in (known.slug for known in found):
            raise LabError(
                f"labs/{found[0].name}/lab.toml: starts_from: '{slug}' leads back "
                f"to {lab.name}.",
                "A lab can't start from itself.",
                'name an earlier lab, or the bare server: starts_from = ""',
            )
        found.insert(0, labs.by_slug(root, slug))
    return found


def _hash(before: str, made_of: list[Path], base: Path) -> str:
    # BARE names the image of this version; the others hold their own past.
    past = image.tag() if before == BARE else before
    text = past + image.digest(made_of, base)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def to_solved(root: Path, server: Server, lab: Lab) -> None:
    """Make the server the one that the reference solution leads to."""
    _to(root, server, lab, solved(root, lab))


def to_start(root: Path, server: Server, lab: Lab) -> None:
    """Make the server the reference start of a lab, building what is not kept."""
    _to(root, server, lab, start(root, lab))


def _to(root: Path, server: Server, lab: Lab, state: str) -> None:
    if state == BARE or server.kind.has(server, state):
        with step(f"Bringing up the server ({state})"):
            servers.bring_up(server, state)
        return
    if state == start(root, lab):
        earlier = (
            labs.by_slug(root, lab.file.starts_from) if lab.file.starts_from else lab
        )
        _to(root, server, earlier, _before(root, lab))
        if not (lab.path / "start.sh").exists():
            return
        directory, script = lab.path, "start.sh"
    else:
        _to(root, server, lab, start(root, lab))
        directory, script = lab.solution, "solve.sh"
    with (
        step(f"Running {directory.parent.name}/{lab.name}/{script}"),
        servers.connected(server) as connection,
    ):
        scripts.run(connection, directory, script)
    with step(f"Keeping the state {state}"):
        servers.save(server, state)
        prune(root, server)


def prune(root: Path, server: Server) -> None:
    """Delete the reference states that nothing leads to any more."""
    known = labs.all_labs(root)
    wanted = {state(root, lab) for lab in known for state in (start, solved)}
    for state in server.kind.states(server):
        if state.startswith(("start-", "solved-")) and state not in wanted:
            server.kind.forget(server, state)
