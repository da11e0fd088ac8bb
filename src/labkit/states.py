"""Reference states: the start and the solved server of each lab, kept by hash.

A state's name ends in a hash of everything that made it (the image, the scripts
of this lab and of those it starts from), so an edit makes a new state of what
depends on it and leaves the others alone. Each variant of a drill has states of its
own, whose names do not say which; "" stands for the first, or the only one. States
that no lab leads to any more are deleted. The learner's own solved servers, called
own-SLUG, never are.
"""

import hashlib
from collections.abc import Collection
from pathlib import Path

from labkit import image, labs, scripts, servers, variants
from labkit.console import step
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.machines import BARE, Server


def start(root: Path, lab: Lab, variant: str = "") -> str:
    """The name of the state in which a lab starts."""
    before, made_of = _before(root, lab), _starters(lab, variant)
    if not made_of:
        return before
    return f"start-{lab.slug}-{_hash(before, made_of, lab.path)}"


def solved(root: Path, lab: Lab, variant: str = "") -> str:
    """The name of the state that the reference solution leads to."""
    parts = [lab.solution / "solve.sh", *(lab.solution / "files").rglob("*")]
    made_of = sorted(path for path in parts if path.is_file())
    before = start(root, lab, variant)
    return f"solved-{lab.slug}-{_hash(before, made_of, lab.solution)}"


def _starters(lab: Lab, variant: str) -> list[Path]:
    """The scripts that make a lab's start of the server that it starts from."""
    common = lab.path / "start.sh"
    found = [common] if common.exists() else []
    return [*found, variants.named(lab, variant).path] if lab.file.variants else found


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


def to_solved(
    root: Path, server: Server, lab: Lab, variant: str = "", *, keep: bool = True
) -> None:
    """Make the server the one that the reference solution leads to, and keep that.

    The states on the way there are not kept: to shut a virtual machine down for each
    takes as long as to solve the labs.
    """
    state = solved(root, lab, variant)
    if _kept(server, state):
        return
    to_start(root, server, lab, variant, keep=False)
    with (
        step(f"Running solutions/{lab.name}/solve.sh"),
        servers.connected(server) as connection,
    ):
        scripts.run(connection, lab.solution, "solve.sh")
    if keep:
        _keep(root, server, state)


def to_start(
    root: Path, server: Server, lab: Lab, variant: str = "", *, keep: bool = True
) -> None:
    """Make the server the reference start of a lab, and keep that and no more."""
    state = start(root, lab, variant)
    if _kept(server, state):
        return
    starters = _starters(lab, variant)
    if lab.file.starts_from:
        before = labs.by_slug(root, lab.file.starts_from)
        to_solved(root, server, before, keep=keep and not starters)
    else:
        _kept(server, BARE)
    if starters:
        begin(server, lab, variant)
        if keep:
            _keep(root, server, state)


def begin(server: Server, lab: Lab, variant: str = "") -> None:
    """Run what makes a lab's start of the server that it starts from."""
    with servers.connected(server) as connection:
        for path in _starters(lab, variant):
            if path.parent == lab.path:
                with step(f"Running labs/{lab.name}/start.sh"):
                    scripts.run(connection, lab.path, "start.sh")
            else:
                with step("Breaking something on it"):
                    scripts.run_nameless(connection, path)


def _kept(server: Server, state: str) -> bool:
    """Bring the server up in a state, if that is kept."""
    if state != BARE and not server.kind.has(server, state):
        return False
    with step(f"Bringing up the server ({state})"):
        servers.bring_up(server, state)
    return True


def _keep(root: Path, server: Server, state: str) -> None:
    with step(f"Keeping the state {state}"):
        servers.save(server, state)
        prune(root, server)


def prune(root: Path, server: Server) -> None:
    """Delete the reference states that nothing leads to any more."""
    wanted = {
        state(root, lab, variant)
        for lab in labs.all_labs(root)
        for variant in lab.variants
        for state in (start, solved)
    }
    drop(server, but=wanted)


def drop(server: Server, *, but: Collection[str] = ()) -> list[str]:
    """Delete the reference states, but for those named; returns which."""
    dropped = [
        state
        for state in server.kind.states(server)
        if state.startswith(("start-", "solved-")) and state not in but
    ]
    for state in dropped:
        server.kind.forget(server, state)
    return dropped
