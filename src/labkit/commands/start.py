"""start, reset, down: bringing the server to a lab's start, and away again."""

from datetime import UTC, datetime

from labkit import image, journal, labs, scripts, servers, states
from labkit.commands.session import Session, confirm, on_interrupt
from labkit.console import say, step
from labkit.journal import ServerProgress
from labkit.labs import Lab


def start(
    session: Session, wanted: str | None, *, fresh: bool, port: int | None, yes: bool
) -> None:
    """Bring the server to a lab's start, or switch it on again where it was."""
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
        image.ensure()
        whole = entry is not None and entry.phase == "ready"
        if whole and session.server.kind.power(session.server) != "absent":
            if entry is not None and entry.lab == lab.slug:
                _go_on(session, lab)
                return
            confirm(
                f"Your server is in the lab {under_way}. Replace it by the start of "
                f"lab {lab.number}? What was not saved by a green check is lost.",
                yes=yes,
            )
        _bring(session, lab, fresh=fresh)
        say(
            f"The server is at the start of lab {lab.number}, {lab.file.title}.", "bold"
        )
        _say_next(lab)


def _go_on(session: Session, lab: Lab) -> None:
    """Switch the server on if it is off; change nothing on it."""
    with step("Looking after the server"):
        servers.bring_up(session.server)
    say(f"Lab {lab.number} is under way on your server; nothing on it was changed.")
    say("To begin it again: ./lab reset")
    _say_next(lab)


def _say_next(lab: Lab) -> None:
    say(f"The sheet:   labs/{lab.name}/README.md (about {lab.file.minutes} minutes)")
    say("Log in:      ./lab shell")
    say("Check:       ./lab check")


def _bring(session: Session, lab: Lab, *, fresh: bool) -> None:
    """Make the server the start of a lab, from the learner's own server or the
    reference, and keep record of being half-way."""
    server = session.server
    kind = server.kind
    with journal.change(session.checkout) as progress:
        half_way = ServerProgress(
            kind=session.server.kind_name, lab=lab.slug, phase="starting"
        )
        progress.servers[server.name] = half_way
    with on_interrupt(
        f"The server is half-way to the start of lab {lab.number}.",
        f"./lab start {lab.number}",
    ):
        origin = lab.file.starts_from
        mine = states.own(labs.by_slug(session.root, origin)) if origin else ""
        if mine and not fresh and kind.has(server, mine):
            with step("Bringing up your own server as you solved it"):
                servers.bring_up(server, mine)
            if (lab.path / "start.sh").exists():
                with (
                    step(f"Running labs/{lab.name}/start.sh"),
                    servers.connected(server) as connection,
                ):
                    scripts.run(connection, lab.path, "start.sh")
        else:
            states.to_start(session.root, server, lab)
    with journal.change(session.checkout) as progress:
        progress.servers[server.name].phase = "ready"
        entry = progress.of(lab.slug)
        entry.started = entry.started or datetime.now(UTC)
        entry.failing = None


def reset(session: Session, *, fresh: bool, yes: bool) -> None:
    """Bring the server back to the start of the lab under way."""
    with session.checkout.working("reset"):
        entry = journal.read(session.checkout).servers.get(session.server.name)
        if entry is None:
            session.lab_under_way()  # says that there is none
        else:
            lab = labs.by_slug(session.root, entry.lab)
            confirm(
                f"Take the server back to the start of lab {lab.number}? What you "
                "have done on it since is lost.",
                yes=yes,
            )
            image.ensure()
            _bring(session, lab, fresh=fresh)
            say(f"The server is back at the start of lab {lab.number}.")


def down(session: Session, *, yes: bool) -> None:
    """Stop and remove the server; solved servers that were saved stay."""
    with session.checkout.working("down"):
        server = session.server
        kind = server.kind
        if kind.power(server) == "absent":
            say("There is no server to remove.")
        else:
            confirm(
                "Remove the server? What was not saved by a green check is lost.",
                yes=yes,
            )
            with step("Removing the server"):
                kind.down(server)
            say("The server is gone. Your progress stays. Next: ./lab")
        with journal.change(session.checkout) as progress:
            progress.servers.pop(server.name, None)
