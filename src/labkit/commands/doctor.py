"""doctor: can this computer run the labs, and on what kind of machine?"""

from labkit import box, doctor, machines
from labkit.commands.session import Session
from labkit.console import say, step
from labkit.doctor.seen import Finding

# How each kind is asked for, and what it is.
_KINDS = {
    "vagrant": "a virtual machine: ./lab start 01 --on vagrant",
    "docker": "a container: ./lab start 01 --on docker",
    "ssh": "a server that you rent: ./lab start 01 --on ssh://root@HOST",
}


def run(session: Session) -> int:
    """Look at this computer and say what works, what is missing, what to beware of.

    Returns the exit code: 0 when the default kind of machine works, 1 otherwise.
    """
    server = session.server
    with step("Looking at this computer"):
        seen = doctor.ask(doctor.asks(session.root, server.port, box.url()))
    found = doctor.findings(seen, server.port, server.unique_name)
    works = doctor.working(found, machines.KINDS)
    default = doctor.preferred(seen)
    say("Can this computer run the labs?", "bold")
    say()
    for kind, what in _KINDS.items():
        say(f" {kind:8} {_state(kind, works):8} {what}")
    say()
    say(doctor.default(default, works, machines.KINDS), "bold")
    if server.kind_name != default:
        say(f"The server of this checkout is {server.kind_name}, which it remembers.")
    for finding in sorted(found, key=lambda one: one.level):
        if finding.kind in ("", *machines.KINDS):
            _tell(finding)
    return 0 if default in works else 1


def _state(kind: str, works: list[str]) -> str:
    if kind not in machines.KINDS:
        return "planned"
    return "works" if kind in works else "missing"


def _tell(finding: Finding) -> None:
    kind = f" ({finding.kind})" if finding.kind else ""
    style = "bold red" if finding.level == "missing" else "yellow"
    say()
    say(f"{finding.level.capitalize()}{kind}: {finding.what}", style)
    say(finding.why)
    say(f"Next: {finding.next}", "bold")
