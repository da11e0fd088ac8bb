"""start, reset, resume, down: bringing the server somewhere, and away again."""

from dataclasses import replace
from datetime import UTC, datetime

from labkit import journal, labs, machines, servers, states
from labkit.commands import drill, rented
from labkit.commands.session import Session, confirm, half_way
from labkit.console import say, step
from labkit.errors import LabError
from labkit.journal import Progress, ServerProgress
from labkit.labs import Lab


def start(
    session: Session,
    wanted: str | None,
    *,
    fresh: bool,
    port: int | None,
    seed: int | None,
    yes: bool,
) -> None:
    """Bring the server to a lab's start, or switch it on again where it was.

    In a lab that is a drill, `seed` says which cause it has; without one, it is
    another than before.
    """
    with session.checkout.working(f"start {wanted or ''}".strip()):
        if port is not None:
            session.checkout.set_port(session.server.name, port)
        entry = journal.read(session.checkout).servers.get(session.server.name)
        if wanted is None and entry is None:
            session.lab_under_way()  # says that there is none
        under_way = entry.lab if entry else ""
        lab = (
            labs.find(session.root, wanted)
            if wanted
            else labs.by_slug(session.root, under_way)
        )
        _one_at_a_time(session, entry)
        if seed is not None and not lab.file.variants:
            raise LabError(
                f"Lab {lab.number} has no causes to choose from by a seed.",
                "Only a drill has.",
                f"./lab start {lab.number}",
            )
        if session.server.rented:
            if lab.file.variants:
                what = "No drill can be had on a rented server."
                raise rented.no_snapshots(session, None, what)
            if rented.start(session, lab, entry, solve=fresh, yes=yes):
                _say_started(lab)
            return
        session.server.kind.ensure(session.server)
        whole = entry is not None and entry.phase == "ready"
        if whole and session.server.kind.power(session.server) != "absent":
            over = bool(entry and entry.variant and entry.solved)
            ended = wanted is not None and (over or session.drill is not None)
            anew = fresh or ended or seed is not None
            if under_way == lab.slug and not anew:
                _go_on(session, lab)
                return
            confirm(
                f"Your server is in the lab {under_way}. Replace it by the start of "
                f"lab {lab.number}? {session.at_stake}",
                yes=yes or over,  # nothing to lose
            )
        before = entry.variant if entry else None
        variant, seed = drill.chosen(lab.variants, seed, before)
        _bring(session, lab, fresh=fresh, variant=variant)
        if variant not in ("", before):  # what was seen and hinted was of another
            with journal.change(session.checkout) as progress:
                progress.of(lab.slug).failing = None
                progress.of(lab.slug).hints.clear()
        _say_started(lab)
        if variant:
            say("Once more:   ./lab reset")
            say(f"This cause:  ./lab start {lab.number} --seed {seed}")
            say(drill.back(session, lab))


def _one_at_a_time(session: Session, entry: ServerProgress | None) -> None:
    """Make sure that a change to another kind of machine leaves no server behind.

    Raises:
        LabError: when it would.
    """
    rented = session.checkout.address(session.server.name)
    before = entry.kind if entry else machines.RENTED if rented else None
    if before in (None, session.server.kind_name):
        return
    server = replace(session.server, kind_name=before)
    if server.kind.power(server) != "absent":
        raise LabError(
            f"Your server is another one: its kind is {before}.",
            "A checkout works with one server at a time.",
            "./lab down, then repeat the command; or leave out --on",
        )


def _say_started(lab: Lab) -> None:
    say(f"The server is at the start of lab {lab.number}, {lab.file.title}.", "bold")
    _say_next(lab)


def _go_on(session: Session, lab: Lab) -> None:
    """Switch the server on if it is off; change nothing on it."""
    with step("Looking after the server"):
        servers.bring_up(session.server)
    what = "A drill on lab" if session.drill else "Lab"
    say(f"{what} {lab.number} is under way on your server; nothing on it was changed.")
    say("To begin it again: ./lab reset")
    _say_next(lab)


def _say_next(lab: Lab) -> None:
    say(f"The sheet:   labs/{lab.name}/README.md (about {lab.file.minutes} minutes)")
    say("Log in:      ./lab shell")
    say("Check:       ./lab check")


def _bring(session: Session, lab: Lab, *, fresh: bool, variant: str = "") -> None:
    """Make the server the start of a lab, from the learner's own server or the
    reference, and keep record of being half-way. A drill is the reference's."""
    server = session.server
    where, again = f"the start of lab {lab.number}", f"./lab start {lab.number}"
    with half_way(session, lab, where, again, variant=variant):
        origin = lab.file.starts_from
        mine = labs.by_slug(session.root, origin).own if origin else ""
        if mine and not fresh and not variant and server.kind.has(server, mine):
            with step("Bringing up your own server as you solved it"):
                servers.bring_up(server, mine)
            states.begin(server, lab)
        else:
            states.to_start(session.root, server, lab, variant)
    with journal.change(session.checkout) as progress:
        entry = progress.of(lab.slug)
        entry.started = entry.started or datetime.now(UTC)


def resume(session: Session, wanted: str | None, *, yes: bool) -> None:
    """Bring back the learner's own server as it was when a lab's checks were green.

    Raises:
        LabError: when that lab, or every lab, has no saved server.
    """
    with session.checkout.working("resume"):
        server = session.server
        if server.rented:
            asked = labs.find(session.root, wanted) if wanted else None
            raise rented.no_snapshots(session, asked, "No server of yours was saved.")
        progress = journal.read(session.checkout)
        saved = server.kind.states(server)
        kept = [lab for lab in labs.all_labs(session.root) if lab.own in saved]
        if wanted:
            asked = labs.find(session.root, wanted)
            chosen = asked if asked in kept else None
        else:
            asked = None
            chosen = max(kept, key=lambda lab: _solved_at(progress, lab), default=None)
        if chosen is None:
            raise LabError(
                f"No server of yours is saved for lab {asked.number}."
                if asked
                else "No server of yours is saved yet.",
                "A server is saved when all of a lab's checks are green.",
                f"./lab start {asked.number if asked else '01'}",
            )
        if server.kind.power(server) != "absent":
            confirm(
                f"Replace your server by the one that you solved lab {chosen.number} "
                f"with? {session.at_stake}",
                yes=yes,
            )
        where, again = "your own solved server", f"./lab resume {chosen.number}"
        with half_way(session, chosen, where, again), step(f"Bringing up {where}"):
            servers.bring_up(server, chosen.own)
        with journal.change(session.checkout) as changed:
            changed.servers[server.name].solved = True
        say(f"This is your server as you solved lab {chosen.number} with it.", "bold")
        say("Next: ./lab check, ./lab shell, or ./lab start with the next lab")


def _solved_at(progress: Progress, lab: Lab) -> datetime:
    """When a lab was solved last; states that no journal knows come first."""
    return progress.of(lab.slug).solved or datetime.min.replace(tzinfo=UTC)


def reset(session: Session, *, fresh: bool, yes: bool) -> None:
    """Bring the server back to the start of the lab under way."""
    with session.checkout.working("reset"):
        entry = journal.read(session.checkout).servers.get(session.server.name)
        if entry is None:
            session.lab_under_way()  # says that there is none
        elif session.server.rented:
            raise rented.no_snapshots(
                session,
                None,
                "labkit can't take a rented server back to a lab's start.",
            )
        elif entry.drill:
            drill.again(session, entry.drill, yes=yes)
        else:
            lab = labs.by_slug(session.root, entry.lab)
            confirm(
                f"Take the server back to the start of lab {lab.number}? What you "
                "have done on it since is lost.",
                yes=yes,
            )
            session.server.kind.ensure(session.server)
            _bring(session, lab, fresh=fresh, variant=entry.variant)
            say(f"The server is back at the start of lab {lab.number}.")


def down(session: Session, *, forget: bool, prune: bool, yes: bool) -> None:
    """Stop and remove the server; solved servers that were saved stay.

    With `forget`, a rented server is left as it is. With `prune`, the states of the
    labs that were kept to save time go as well.
    """
    with session.checkout.working("down"):
        server = session.server
        kind = server.kind
        if forget and not server.rented:
            raise LabError(
                "Only a rented server can be forgotten.",
                f"Yours is a {server.kind_name} machine on this computer.",
                "./lab down",
            )
        if prune and server.rented:
            raise LabError(
                "A rented server has no kept states.",
                "They are disks of servers on this computer.",
                "./lab down; then, for those of this computer, ./lab down --prune",
            )
        if server.rented:
            rented.down(session, forget=forget, yes=yes)
        elif kind.power(server) == "absent":
            say("There is no server to remove.")
        else:
            confirm(
                f"Remove the server? {session.at_stake}",
                yes=yes,
            )
            with step("Removing the server"):
                kind.down(server)
            say("The server is gone. Your progress stays. Next: ./lab")
        with journal.change(session.checkout) as progress:
            progress.servers.pop(server.name, None)
        if prune:
            with step("Deleting the labs' kept servers"):
                dropped = states.drop(server)
            say(f"Deleted: {len(dropped)} kept servers of the labs, which a start of a")
            say("lab builds again. Your own solved ones stay: ./lab resume")
