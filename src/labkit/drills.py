"""Drills: a lab's faults, given to a server that the reference has solved."""

from pathlib import Path

from labkit import checkfiles, faults, scripts, servers, states
from labkit.console import step
from labkit.errors import ScriptFailed
from labkit.faults import Fault
from labkit.labs import Lab
from labkit.machines import Server


def needs(lab: Lab, fault: Fault) -> frozenset[str]:
    """What a machine must offer, so that its checks tell when the fault is mended."""
    wanted = [
        frozenset(check.marks.get("requires", ()))
        for check in checkfiles.of(lab)
        if check.name in fault.fails
    ]
    return frozenset() if frozenset() in wanted else frozenset().union(*wanted)


def of(lab: Lab) -> list[Fault]:
    """The faults that can be drills: a decoy breaks nothing."""
    return [fault for fault in faults.of(lab) if fault.fails]


def break_down(root: Path, server: Server, lab: Lab, fault: Fault) -> None:
    """Make the server the solved one of a lab with a fault, and tell nothing of it.

    Raises:
        ScriptFailed: when the fault's script does.
    """
    states.to_solved(root, server, lab)
    with (
        step("Breaking something on it"),
        servers.connected(server) as connection,
    ):
        try:
            scripts.run_nameless(connection, fault.path)
        except ScriptFailed as error:
            raise ScriptFailed(
                "This drill could not be made.",
                f"Its script failed. {error.why}",
                f"./lab break {lab.number}, for another",
            ) from error
    if _shows_after_a_reboot(lab, fault):
        with step("Rebooting it"):
            servers.reboot(server)


def _shows_after_a_reboot(lab: Lab, fault: Fault) -> bool:
    """Whether the symptom is not there before: then a check finds it by a reboot."""
    return fault.reboot or any(
        check.marks.get("disturbs") == ("reboot",)
        for check in checkfiles.of(lab)
        if check.name in fault.fails
    )
