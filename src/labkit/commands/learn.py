"""hint, shell, solve: what a learner does between two checks."""

import os
import subprocess
import sys
from contextlib import nullcontext
from datetime import UTC, datetime

from labkit import hints, journal, scripts, servers
from labkit.commands import drill, rented
from labkit.commands.session import Session, confirm, on_interrupt
from labkit.console import code, markdown, note, say, step
from labkit.errors import LabError
from labkit.faults import Fault
from labkit.labs import Lab


def hint(session: Session, name: str | None) -> None:
    """Show the next hint for a check: the named one, or the first that failed."""
    lab = session.lab_under_way()
    ladders = hints.ladders(lab)
    fault = session.fault(lab)
    with journal.change(session.checkout) as progress:
        entry = progress.looked(session.server.name, lab.slug)
        if name is None and entry.failing == []:
            say("Every check passed when you last looked: no hint is needed.")
            return
        # In a drill that nobody has checked yet, its own checks come first.
        first = [check for check in ladders if fault and check in fault.fails]
        failing = [one for one in entry.failing or first or ladders if one in ladders]
        check = name or (failing or list(ladders))[0]
        if check not in ladders:
            raise LabError(
                f"There are no hints for '{check}'.",
                f"The checks of lab {lab.number}: {', '.join(ladders)}.",
                "./lab hint",
            )
        rungs = ladders[check]
        shown = min(entry.hints.get(check, 0) + 1, len(rungs))
        entry.hints[check] = shown
    say(f"Hint {shown} of {len(rungs)}, for {check}", "bold")
    markdown(rungs[shown - 1])
    if shown < len(rungs):
        say("Next: try it, then ./lab check. One more hint: ./lab hint")
    else:
        what = "What is broken" if fault else "The reference solution"
        say(f"That was the last one. {what}: ./lab solve")


def shell(session: Session, user: str | None, *, console: bool) -> None:
    """Replace this process by a shell on the server.

    Logs in as the learner: `user`, or the person whose account holds this
    checkout's key, or root. With `console`, as root and without ssh.
    """
    session.lab_under_way()
    server = session.server
    kind = server.kind
    if console or not server.rented:
        # Says when the server is off.
        prefix = kind.console(server, tty=sys.stdin.isatty())
    if console:
        note("The console, as root, without ssh. Leave it with: exit")
        os.execvp(prefix[0], [*prefix, "bash", "--login"])
    argv = servers.login(server, user)
    user = argv[argv.index("-l") + 1]
    note(f"Logging in as {user}. Leave with: exit")
    if subprocess.run(argv).returncode == 255:
        raise _no_session(session, user)


# Says what a stranger finds at port 22: open, silent or refused.
_KNOCK = """
ip netns exec visitor timeout 2 bash -c '</dev/tcp/198.51.100.1/22' 2>/dev/null
case $? in 0) echo open;; 124) echo silent;; *) echo refused;; esac
"""


def _no_session(session: Session, user: str) -> LabError:
    """Why ssh ended with an error: it never began, or it broke off.

    On this computer's side all causes look alike (Docker's own proxy answers at
    the port and resets the connection), so this asks the server.
    """
    try:
        with servers.connected(session.server) as connection:
            answer = connection.run(_KNOCK).stdout.decode().strip()
    except LabError as error:
        if session.server.rented:
            return error
        return LabError(
            "The session has ended: the server went away.",
            "It reboots, or it was stopped.",
            "./lab shell again in a few seconds, or ./lab start",
        )
    if answer == "open":
        return LabError(
            f"The session of {user} has ended, or never began; ssh's words are above.",
            "ssh does answer on port 22. If it said 'Permission denied', it refuses "
            "this user or your key; if it said 'closed', the connection broke off, as "
            "at a reboot.",
            "./lab shell again, ./lab check, or ./lab shell --console",
        )
    cause = (
        "Nothing comes back from port 22, so a firewall drops the packets."
        if answer == "silent"
        else "Port 22 is refused: no sshd listens there, or a firewall rejects."
    )
    return LabError(
        "You are locked out of ssh.",
        f"{cause} On a rented server you would go to the provider's console now.",
        "./lab shell --console, as root and without ssh; and ./lab check",
    )


def solve(session: Session, *, yes: bool) -> None:
    """Show the reference solution, then apply it to the server."""
    with session.checkout.working("solve"):
        lab = session.lab_under_way()
        if fault := session.fault(lab):
            _tell_fault(session, lab, fault)
            return
        script = lab.solution / "solve.sh"
        if not script.exists():
            raise LabError(
                f"Lab {lab.number} has no reference solution.",
                f"{script.relative_to(session.root)} is missing.",
                f"git checkout {script.parent.relative_to(session.root)}",
            )
        for path in (script, *sorted((lab.solution / "files").glob("*"))):
            say(f"{path.relative_to(session.root)}:", "bold")
            code(path.read_text(), "bash" if path == script else "text")
        say(f"Why this way: solutions/{lab.name}/README.md")
        again = "./lab solve again"
        if session.server.rented:
            rented.changes(lab)
        confirm("Apply it to your server?", yes=yes)
        if not session.server.rented:
            session.server.kind.ensure(session.server)
        with (
            step(f"Running solutions/{lab.name}/solve.sh"),
            on_interrupt(
                "The solution was ended half-way; what it had done is done.",
                again if session.server.rented else f"{again}, or ./lab reset",
            ),
            rented.no_reset(f"look: ./lab shell; then {again}")
            if session.server.rented
            else nullcontext(),
            servers.connected(session.server) as connection,
        ):
            scripts.run(connection, lab.solution, "solve.sh")
        with journal.change(session.checkout) as progress:
            progress.of(lab.slug).shown_solution = datetime.now(UTC)
            # From here on it is the reference's work as well.
            progress.servers[session.server.name].solved = False
        say("Applied. Next: ./lab check", "bold")


def _tell_fault(session: Session, lab: Lab, fault: Fault) -> None:
    """What a drill has broken. The reference is no remedy: it begins at the start."""
    say(f"What is broken: {fault.title}. This broke it:", "bold")
    code(fault.body, "bash")
    say(
        "Nothing was applied: the reference solution leads from the start of lab "
        f"{lab.number} to its end, and need not mend what broke later. Undo what the "
        "script has done, then: ./lab check"
    )
    say(f"Once more, broken as it was: ./lab reset. {drill.back(session, lab)}")
