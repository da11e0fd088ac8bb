"""A lab server as a virtual machine, which Vagrant makes from the Vagrantfile.

States are snapshots of the machine that is shut down. They belong to the machine: where
any are kept, `down` switches it off and sets it aside, and only with the last of them
does the machine go. Beside each there is one of the machine that has booted
from it, memory included, which spares the next boot.
"""

import os
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from labkit import box, checkout, files, image, probes, servers, ssh
from labkit.console import note
from labkit.errors import LabError, ServerAbsent, ServerOff
from labkit.machines import BARE, Power, Server
from labkit.serial import VIRSH
from labkit.vagrancy import Patient, missing

_BOOTED = "-booted"  # ends the name of a snapshot of the running machine
# The clock stood still meanwhile. As at a boot, a timer starts when it has been set, or
# each whose time has passed would go off.
_WAKE = """\
timers=$(systemctl list-units --plain --no-legend --type=timer --state=waiting |
    cut --delimiter=' ' --fields=1)
echo $timers | xargs --no-run-if-empty systemctl stop
date --set=@{now:.3f}
echo $timers | xargs --no-run-if-empty systemctl start
"""


def _vagrant(server: Server) -> Patient:
    extra = {"LAB_SERVER": server.name, "LAB_SSH_PORT": str(server.port)}
    if _note(server, "emulate").exists():
        extra["LAB_EMULATE"] = "1"
    return Patient(server.checkout.root, extra)


def _note(server: Server, about: str) -> Path:
    """A file in which this module remembers something about a machine."""
    return server.checkout.home / "vagrant" / f"{server.name}.{about}"


def _machine(server: Server) -> tuple[str, str] | None:
    """The provider of the machine and the id that it has there, if there is one."""
    place = server.checkout.root / ".vagrant" / "machines" / server.name
    for path in sorted(place.glob("*/id")):
        return path.parent.name, path.read_text().strip()
    return None


def ensure(server: Server, *, install: bool = False) -> None:
    """See `Kind.ensure`. The box is downloaded where it is not here."""
    if install:
        image.set_up_computer("ssh", "vm")
    if not shutil.which("vagrant"):
        raise missing()
    boxes = box.listed()
    if box.outdated(boxes):
        note(f"{box.OUTDATED} To build it anew: ./lab image box", style="yellow")
    if install and not box.here(boxes):
        box.build(Path(server.checkout.root, "build", "box"), install=True)


def power(server: Server) -> Power:
    """See `Kind.power`. One that was set aside by `down` is absent."""
    if _machine(server) is None or _note(server, "aside").exists():
        return "absent"
    return _state(server)


def _state(server: Server) -> Power:
    provider, name = _machine(server) or ("", "")
    if provider == "libvirt":
        argv = [*VIRSH, "domstate", name]
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode != 0:
            gone = "failed to get domain" in done.stderr
            return "absent" if gone else _asked(server)
        return "on" if done.stdout.strip() in ("running", "in shutdown") else "off"
    return _asked(server)


def _asked(server: Server) -> Power:
    state = _vagrant(server).status()[0].state
    if state == "not_created":
        return "absent"
    return "on" if state in ("running", "inaccessible") else "off"


def up(server: Server) -> None:
    """See `Kind.up`."""
    found = power(server)
    if found == "absent":
        raise ServerAbsent(
            "There is no server.",
            "It was never started, or it has been removed.",
            "./lab start 01",
        )
    if found == "off":
        _vagrant(server).up()


def down(server: Server) -> None:
    """See `Kind.down`. With states to keep, the machine is set aside."""
    if _machine(server) is None:
        return
    if any(state != BARE for state in states(server)):
        if _state(server) == "on":
            _vagrant(server).halt(force=True)
        files.write(_note(server, "aside"), "")
    else:
        _remove(server)


def _remove(server: Server) -> None:
    if _machine(server) is not None:
        _vagrant(server).destroy()
    _sweep(server)
    for path in _note(server, "x").parent.glob(f"{server.name}.*"):
        path.unlink()


def _sweep(server: Server) -> None:
    """Remove what a creation that was cut short has left in libvirt."""
    if not shutil.which(VIRSH[0]):
        return
    name = server.unique_name
    quiet = {"capture_output": True, "text": True}
    listed = subprocess.run([*VIRSH, "list", "--all", "--name"], **quiet)  # type: ignore[call-overload]
    if name in listed.stdout.split():
        subprocess.run([*VIRSH, "destroy", name], **quiet)  # type: ignore[call-overload]
        undefine = ["undefine", name, "--snapshots-metadata", "--nvram"]
        subprocess.run([*VIRSH, *undefine], **quiet)  # type: ignore[call-overload]
    argv = [*VIRSH, "vol-delete", f"{name}.img", "--pool", "default"]
    subprocess.run(argv, **quiet)  # type: ignore[call-overload]


def save(server: Server, state: str) -> None:
    """See `Kind.save`."""
    vagrant = _vagrant(server)
    try:
        vagrant.halt()
        _delete(server, state)
        vagrant.snapshot_save(state)
    finally:
        vagrant.up()
    _keep_booted(server, state)


def _keep_booted(server: Server, state: str) -> None:
    _at_line(server, f"{probes.BOOTED}date")
    with suppress(LabError):  # not every processor's state can be saved
        _vagrant(server).snapshot_save(state + _BOOTED)


def restore(server: Server, state: str) -> None:
    """See `Kind.restore`. The bare server is a snapshot too, of the first boot."""
    vagrant, snapshots = _vagrant(server), _snapshots(server)
    if state not in snapshots:
        if state != BARE or snapshots:
            raise LabError(
                f"The state '{state}' is not there.",
                "Its snapshot has been removed.",
                "./lab down, then ./lab start 01"
                if state == BARE
                else "./lab start 01",
            )
        _create(server)
        return
    if state + _BOOTED in snapshots and _wake(server, state):
        return
    vagrant.snapshot_restore(state)
    _note(server, "aside").unlink(missing_ok=True)
    if _state(server) != "on":
        vagrant.up()


def _wake(server: Server, state: str) -> bool:
    """Go on from where the machine had booted from a state; False when that fails, as
    it does when libvirt's network has gone, which only a boot by Vagrant makes anew."""
    try:
        _vagrant(server).snapshot_restore(state + _BOOTED)
    except LabError:
        return False
    _note(server, "aside").unlink(missing_ok=True)
    _at_line(server, _WAKE.format(now=time.time()))
    return True


def _create(server: Server) -> None:
    _remove(server)
    if not checkout.port_is_free(server.port):
        raise LabError(
            f"Port {server.port} on this computer is taken by another program.",
            "labkit's way into the server is there, on 127.0.0.1 only, always at the "
            "same port.",
            "end that program, or choose another port: ./lab start 01 --port "
            f"{server.port + 1}",
        )
    if os.environ.get("LAB_EMULATE") == "1":
        files.write(_note(server, "emulate"), "")
    try:
        vagrant = _vagrant(server)
        vagrant.up()
        vagrant.halt()
        vagrant.snapshot_save(BARE)
        vagrant.up()
        _keep_booted(server, BARE)
    except BaseException:
        with suppress(LabError):
            _remove(server)
        raise


def has(server: Server, state: str) -> bool:
    """See `Kind.has`."""
    return state in states(server)


def states(server: Server) -> list[str]:
    """See `Kind.states`."""
    return [name for name in _snapshots(server) if not name.endswith(_BOOTED)]


def _snapshots(server: Server) -> list[str]:
    provider, name = _machine(server) or ("", "")
    if not provider or _state(server) == "absent":
        return []
    if provider == "libvirt":  # in a fiftieth of the time that Vagrant takes
        argv = [*VIRSH, "snapshot-list", "--name", name]
        done = subprocess.run(argv, capture_output=True, text=True)
        if done.returncode == 0:
            return done.stdout.split()
    return _vagrant(server).snapshots()


def forget(server: Server, state: str) -> None:
    """See `Kind.forget`. The last one takes a machine that was set aside with it."""
    _delete(server, state)
    if _note(server, "aside").exists() and not set(states(server)) - {BARE}:
        _remove(server)


def _delete(server: Server, state: str) -> None:
    for name in _snapshots(server):
        if name in (state, state + _BOOTED):
            _vagrant(server).snapshot_delete(name)


def console(server: Server, *, tty: bool) -> list[str]:
    """See `Kind.console`. The first serial line is a person's, the second labkit's."""
    found = power(server)
    machine = _machine(server)
    if found == "absent" or machine is None:
        raise ServerAbsent(
            "There is no server.",
            "It was never started, or it has been removed.",
            "./lab start 01",
        )
    if found == "off":
        raise ServerOff(
            "The server is off.",
            "It was halted: by vagrant, by itself, or with this computer.",
            "./lab start",
        )
    lines = [sys.executable, "-m", "labkit.serial"]
    return [*lines, *(["--tty"] if tty else []), *machine]


def shell(server: Server) -> list[str]:
    """See `Kind.shell`. By labkit's way in: a serial line has no size."""
    config = str(servers.ssh_config(server))
    return ["ssh", "-F", config, "-tt", server.name, "sudo"]


def unreachable(server: Server, words: str) -> LabError:
    """See `Kind.unreachable`."""
    try:
        console(server, tty=False)  # tells absent and off apart
    except LabError as error:
        return error
    return ssh.unreachable(words)


def ssh_config(server: Server) -> str:
    """See `Kind.ssh_config`. labkit's way in has an interface of its own, out of the
    firewall's sight; the learner's is the server's own address."""
    alias = f"  HostKeyAlias {server.unique_name}\n"
    alive = "  ServerAliveInterval 15\n  ServerAliveCountMax 8\n"
    host, port = _front(server)
    return (
        f"Host {server.name}\n"
        "  User labkit\n"
        "  HostName 127.0.0.1\n"
        f"  Port {server.port}\n{alias}{alive}"
        f'  IdentityFile "{server.checkout.key("labkit")}"\n'
        f"Host {server.name}-front\n"
        f"  HostName {host}\n"
        f"  Port {port}\n{alias}"
        f'  IdentityFile "{server.checkout.key("learner")}"\n'
    )


def _front(server: Server) -> tuple[str, str]:
    """Where the server's own sshd is, seen from this computer."""
    provider, _ = _machine(server) or ("", "")
    if provider == "virtualbox":  # not tried yet: behind its NAT, a forwarded port
        said = _vagrant(server)._run_vagrant_command(["port", "--guest", "22"])
        return "127.0.0.1", said.split()[-1]
    return _at_line(
        server,
        "ip -4 -o address show | sed -n 's,.* eth[0-9] *inet \\([0-9.]*\\)/.*,\\1,p'",
    ).split()[0], "22"


def _at_line(server: Server, script: str) -> str:
    argv = [*console(server, tty=False), "sh", "-c", script]
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if done.returncode != 0 or not done.stdout.strip():
        raise LabError(
            "The server does not answer at its serial line.",
            f"The line says: {(done.stderr or 'nothing').strip()[-300:]}",
            "./lab reset, or ./lab shell --console",
        )
    return done.stdout


def offers(server: Server) -> frozenset[str]:
    """See `Kind.offers`."""
    return frozenset(_at_line(server, probes.OFFERED).split()) | {"two-servers"}
