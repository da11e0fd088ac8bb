"""The lab server as a virtual machine: real ones, emulated, from a box built here.

Emulation takes its time, so the tests that need a machine share one, in this order.
"""

import dataclasses
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from labkit import box, labs, proof, states, vagrancy
from labkit.console import note
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.machines import BARE, vagrant
from labkit.matrix import Run
from labkit.proof import Job
from labkit.serial import VIRSH
from place import ROOT, Place, told

ON = ("--on", "vagrant")


@pytest.fixture(scope="module")
def computer() -> None:
    """Vagrant and the box are here; a box is built where there is none."""
    assert shutil.which("vagrant"), "server/host-setup.sh vm box"
    if not box.here(box.listed()):
        subprocess.run([str(ROOT / "lab"), "image", "box"], check=True)


@pytest.fixture(scope="module")
def bare_place(new_place: Callable[[], Place], computer: None) -> Place:
    """A checkout that never gets a server."""
    return dataclasses.replace(new_place(), kind="vagrant")


@pytest.fixture(scope="module")
def place(new_place: Callable[[], Place], computer: None) -> Iterator[Place]:
    """A checkout whose servers are emulated machines."""
    made = new_place()
    emulated = dataclasses.replace(made, kind="vagrant", extra={"LAB_EMULATE": "1"})
    yield emulated
    emulated.remove()


def by_name(job: Job) -> str:
    return job.name


@pytest.fixture
def lab(place: Place) -> Lab:
    return labs.find(place.root, "01")


def virsh(*arguments: str) -> str:
    done = subprocess.run([*VIRSH, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


# --- Without a machine --------------------------------------------------------


@pytest.mark.parametrize("emulate", ["", "1"])
def test_the_vagrantfile_is_valid(bare_place: Place, emulate: str) -> None:
    subprocess.run(
        ["vagrant", "validate"],
        cwd=bare_place.root,
        env=os.environ | {"LAB_EMULATE": emulate, "LAB_WEB_PORT": "8080"},
        check=True,
    )


def test_no_vagrant(bare_place: Place, tmp_path: Path) -> None:
    for name in ("ssh", "ssh-keygen"):
        (tmp_path / name).symlink_to(str(shutil.which(name)))
    said = told(bare_place, "start", "01", *ON, PATH=str(tmp_path))
    assert "There is no Vagrant on this computer." in said
    assert "Next: server/host-setup.sh vm" in said


def test_no_provider(bare_place: Place) -> None:
    said = told(bare_place, "start", "01", *ON, VAGRANT_DEFAULT_PROVIDER="virtualbox")
    assert "Vagrant has no hypervisor that it could use." in said
    assert "Vagrant says:" in said
    assert "Next: server/host-setup.sh vm" in said


def test_no_box_and_no_network(bare_place: Place, tmp_path: Path) -> None:
    said = told(bare_place, "start", "01", *ON, VAGRANT_HOME=str(tmp_path))
    assert f"The box {box.NAME} is not here and can't be downloaded." in said
    assert "Next: is the network there? Without it, build the box here" in said
    assert bare_place.server.kind.power(bare_place.server) == "absent"


def test_a_command_that_does_not_end(
    bare_place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "vagrant"
    slow.write_text("#!/bin/sh\necho '==> lab: Waiting for the moon'\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setitem(vagrancy.SECONDS, "halt", 1)
    vagrant = vagrancy.Patient(bare_place.root, {})
    monkeypatch.setattr(vagrant, "_vagrant_exe", str(slow))
    with pytest.raises(LabError) as caught:
        vagrant._run_vagrant_command(["halt"])
    assert "`vagrant halt` did not end within 1 s." in str(caught.value)
    assert "Waiting for the moon" in str(caught.value)


def test_an_unusable_kvm_is_explained() -> None:
    error = vagrancy.explained(
        "==> lab: Starting domain.\n"
        "Call to virDomainCreateWithFlags failed: internal error: process exited: "
        "Could not access KVM kernel module: Permission denied\n",
        "vagrant up",
    )
    assert "LAB_EMULATE=1" in error.next


def test_the_metadata_says_where_and_what() -> None:
    text = box.metadata("1.2.3", "https://open-box.example/box", {"libvirt": "ab" * 32})
    told = json.loads(text)
    (provider,) = told["versions"][0]["providers"]
    assert told["name"] == box.NAME
    assert provider["url"] == "https://open-box.example/box/open-box-1.2.3-libvirt.box"
    assert provider["checksum"] == "ab" * 32


# --- One machine, from its making to its end -----------------------------------


def test_a_creation_that_was_killed(place: Place) -> None:
    running = place.spawn("start", "01", *ON)
    deadline = time.monotonic() + 120
    while place.server.unique_name not in virsh("list", "--name"):
        assert time.monotonic() < deadline, running.poll()
        time.sleep(0.5)
    vagrants = subprocess.run(
        ["pgrep", "--parent", str(running.pid)], capture_output=True, text=True
    ).stdout.split()
    running.kill()
    for process in vagrants:
        os.kill(int(process), signal.SIGKILL)
    running.communicate()
    assert "half-way" in told(place, "check")


def test_it_starts_red(place: Place, lab: Lab) -> None:
    place.lab("start", "01", *ON, "--yes")
    said = place.lab("check", "--json", "--decline", "reboot", code=1).stdout
    report = json.loads(said)
    assert report["kind"] == "vagrant"
    passed = {one["name"] for one in report["checks"] if one["outcome"] == "pass"}
    assert passed == proof.guards(lab)


def test_another_kind_is_refused(place: Place) -> None:
    said = told(place, "start", "01", "--on", "docker")
    assert "Your server is another one: its kind is vagrant." in said
    assert "Next: ./lab down" in said


def test_udev_leaves_the_visitors_interface_alone(place: Place) -> None:
    """With another address after its first packets it reaches nobody for seconds."""
    address = place.at_console("cat /sys/class/net/visitor0/address")
    assert address == "02:6f:70:65:00:01\n"


def test_the_console_needs_no_ssh(place: Place) -> None:
    place.at_console("systemctl stop ssh")
    assert place.at_console("systemctl is-active ssh || true") == "inactive\n"
    assert "looked at" not in place.lab("check", "--decline", "reboot", code=1).stdout
    place.at_console("systemctl start ssh")


def test_no_timer_goes_off_because_it_slept(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.at_console(
        "cd /etc/systemd/system\n"
        "printf '[Timer]\nOnCalendar=*-*-* 00/4:00\n' > slept.timer\n"
        "printf '[Service]\nExecStart=touch /run/slept\n' > slept.service\n"
        "systemctl daemon-reload\n"
        "systemctl start slept.timer"
    )
    virsh("snapshot-create-as", place.server.unique_name, "slept-booted")
    tomorrow = time.time() + 24 * 60 * 60
    with monkeypatch.context() as patch:
        patch.setattr(time, "time", lambda: tomorrow)
        assert vagrant._wake(place.server, "slept")
    said = place.at_console(
        "sleep 5; date +%s; systemctl is-active slept.timer; ls /run"
    )
    clock, timer, *run = said.split()
    assert tomorrow <= int(clock) + 1 <= tomorrow + 60
    assert timer == "active"
    assert "slept" not in run
    virsh("snapshot-delete", place.server.unique_name, "slept-booted")


def test_the_machine_is_halted_behind_its_back(place: Place) -> None:
    virsh("destroy", place.server.unique_name)
    assert "The server is off." in told(place, "check")
    place.lab("start")
    assert place.at_console("id -un") == "root\n"


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    """What came of each job of the contract, for its last step."""
    return []


@pytest.mark.parametrize("job", proof.jobs(labs.find(ROOT, "01")), ids=by_name)
def test_the_contract(
    place: Place, runs: list[Run], job: Job, capfd: pytest.CaptureFixture[str]
) -> None:
    """Step by step. A state is a disk that has booted again. As with `dev prove`, what
    fails beside other tests is done once more, and that counts: both are told."""
    done = proof.carry_out(place.root, place.server, job)
    if problems := broken(done):
        with capfd.disabled():
            note("\n".join(["", *problems, "Once more:"]))
        done = proof.carry_out(place.root, place.server, job)
    runs += done
    assert not broken(done), "\n".join(broken(done))


def broken(done: list[Run]) -> list[str]:
    return [f"{run.name}: {problem}" for run in done for problem in run.problems]


def test_the_contract_as_a_whole(lab: Lab, runs: list[Run]) -> None:
    assert not [run.problems for run in proof.whole(lab, runs) if run.problems]


def test_down_keeps_what_is_saved(place: Place, lab: Lab) -> None:
    place.lab("down", "--yes")
    assert place.server.kind.power(place.server) == "absent"
    assert states.solved(place.root, lab) in place.server.kind.states(place.server)
    assert BARE in place.server.kind.states(place.server)


def test_a_snapshot_is_missing(place: Place) -> None:
    virsh("snapshot-delete", place.server.unique_name, BARE)
    said = told(place, "start", "01", *ON, "--yes")
    assert "The state 'bare' is not there." in said
    assert "Its snapshot has been removed." in said


def test_down_prune_gives_back_the_states(place: Place) -> None:
    assert "kept servers of the labs" in place.lab("down", "--prune").stdout
    assert place.server.kind.states(place.server) == []


def test_nothing_is_left(place: Place) -> None:
    place.remove()
    assert place.server.unique_name not in virsh("list", "--all", "--name")
    assert place.server.unique_name not in virsh("vol-list", "default")
