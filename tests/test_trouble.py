"""Bad input and bad luck: a clear error with the next command, and nothing lost."""

import errno
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from labkit import checkout, engine, files
from labkit.errors import LabError
from labkit.machines import docker as docker_machine
from place import Place, told

# --- Names and files -------------------------------------------------------


def test_unknown_lab(place: Place) -> None:
    said = told(place, "start", "99")
    assert "There is no lab '99'" in said
    assert "Next: ./lab start 01" in said


def test_two_labs_that_match(new_place: Callable[[], Place]) -> None:
    place = new_place()
    twin = place.root / "labs/02-second-server"
    twin.mkdir()
    text = (place.root / "labs/01-first-server/lab.toml").read_text()
    (twin / "lab.toml").write_text(text)
    said = told(place, "start", "server")
    assert "fits more than one lab: 01-first-server, 02-second-server" in said


@pytest.mark.parametrize(
    ("before", "after", "key", "mend"),
    [
        ("minutes = 40", 'minutes = "40"', "minutes", "minutes = 30"),
        ("minutes = 40", "", "minutes", "minutes = 30"),
        ("format = 1", "format = 2", "format", "format = 1"),
        ("format = 1", "format = 1\ncolour = 3", "colour", "remove the key"),
        ('title = "', 'title = "\n', "not valid TOML", "git checkout"),
        ('starts_from = ""', 'starts_from = "nowhere"', "nowhere", "lab"),
    ],
)
def test_broken_lab_toml(
    new_place: Callable[[], Place], before: str, after: str, key: str, mend: str
) -> None:
    place = new_place()
    path = place.root / "labs/01-first-server/lab.toml"
    text = path.read_text()
    assert before in text
    path.write_text(text.replace(before, after))
    said = told(place, "start", "01")
    assert key in said
    assert mend in said
    assert "labs/01-first-server/lab.toml" in said or "no lab called" in said


def test_lab_that_starts_from_itself(new_place: Callable[[], Place]) -> None:
    place = new_place()
    path = place.root / "labs/01-first-server/lab.toml"
    text = path.read_text().replace('from = ""', 'from = "first-server"')
    path.write_text(text)
    assert "leads back to 01-first-server" in told(place, "start", "01")


def test_broken_check_is_not_the_learners_fault(started: Place) -> None:
    path = started.root / "labs/01-first-server/test_first_server.py"
    text = path.read_text()
    path.write_text(text + "\nimport nothing_like_this\n")
    try:
        said = told(started, "check")
    finally:
        path.write_text(text)
    assert "mistake in labs/01-first-server, not on your server" in said


def test_damaged_progress(new_place: Callable[[], Place]) -> None:
    place = new_place()
    path = place.root / ".lab/progress.json"
    path.parent.mkdir()
    path.write_text('{"format": 1, "labs": 7}')
    said = told(place)
    assert "progress.json is damaged: Expected `object`" in said
    assert path.read_text() == '{"format": 1, "labs": 7}', "nothing was lost"


def test_full_disk_keeps_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "progress.json"
    files.write(path, "old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["progress.json"]


def test_full_disk_is_told(started: Place) -> None:
    """A real full disk: `.lab` on a file system of 64 kB, in a mount namespace."""
    script = (
        "cp -r .lab .lab.kept && mount -t tmpfs -o size=64k tmpfs .lab &&"
        'cp -r .lab.kept/. .lab && cat /dev/zero >.lab/fill 2>/dev/null; "$@"'
    )
    done = subprocess.run(
        [
            *(
                "unshare",
                "--user",
                "--map-root-user",
                "--mount",
                "sh",
                "-c",
                script,
                "-",
            ),
            *started.argv("hint"),
        ],
        cwd=started.root,
        capture_output=True,
        text=True,
        env=started.environment,
    )
    assert done.returncode == 2, done.stdout + done.stderr
    assert "The disk is full" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Hint" in started.lab("hint").stdout


# --- Docker ----------------------------------------------------------------


def test_docker_does_not_answer(place: Place, tmp_path: Path) -> None:
    said = told(place, "start", "01", DOCKER_HOST=f"unix://{tmp_path}/none.sock")
    assert "Docker is installed and does not answer" in said
    assert "./lab demo --install" in said


def test_no_docker(place: Place, tmp_path: Path) -> None:
    socket_path = f"unix://{tmp_path}/none.sock"
    said = told(place, "start", "01", DOCKER_HOST=socket_path, PATH=str(tmp_path))
    assert "There is no Docker on this computer" in said


def test_no_ssh(started: Place, tmp_path: Path) -> None:
    said = told(started, "check", PATH=str(tmp_path))
    assert "ssh is not on this computer." in said
    assert "Next: install the package openssh-client" in said


def test_docker_is_not_ours(tmp_path: Path) -> None:
    words = "Error while fetching server API version: ('Connection aborted.', "
    words += "PermissionError(13, 'Permission denied'))"
    error = engine._no_engine(words)
    assert "you may not use it" in error.what
    assert "usermod -aG docker" in error.next


def test_old_control_groups() -> None:
    engine.check_control_groups({"CgroupVersion": "2"})
    engine.check_control_groups({})  # engines before 20.10 do not say
    with pytest.raises(LabError, match="version 1 of the kernel's control groups"):
        engine.check_control_groups({"CgroupVersion": "1"})


def test_full_docker_disk() -> None:
    words = "write /var/lib/docker/tmp/x: no space left on device"
    error = engine.explained(words, "save the state 'own-x'")
    assert error.what == "The disk is full: Docker could not save the state 'own-x'."


def test_port_taken(started: Place) -> None:
    """The port is a stranger's: the server says so, and moves when told to."""
    started.at_console("echo mine >/root/work")
    engine.client().containers.get(started.server.unique_name).stop()
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        stranger.bind(("127.0.0.1", started.server.port))
        stranger.listen()
        said = told(started, "start")
        assert f"Port {started.server.port} on this computer is taken" in said
        moved = said.rpartition("--port ")[2].split()[0]
        started.lab("start", "--port", moved)
        assert started.at_console("cat /root/work") == "mine\n"
        assert "root" in started.lab("shell", stdin="id -un\n").stdout


# --- The server ------------------------------------------------------------


def test_server_stopped(started: Place) -> None:
    engine.client().containers.get(started.server.unique_name).stop()
    said = told(started, "check")
    assert "The server is off" in said
    assert "Next: ./lab start" in said
    assert "The server is off" in told(started, "shell")
    started.lab("start")
    started.lab("check", "--decline", "data", code=1)


def test_server_deleted(started: Place) -> None:
    docker_machine.down(started.server)
    said = told(started, "check")
    assert "There is no server" in said
    assert "./lab start 01" in said
    assert "./lab start 01" in started.lab().stdout
    started.lab("start", "01")
    started.lab("check", "--decline", "data", code=1)


def test_check_while_the_server_boots(started: Place) -> None:
    container = engine.client().containers.get(started.server.unique_name)
    container.restart()
    assert "1 passed" in started.lab("check", "--decline", "data", code=1).stdout


def test_locked_out_by_the_firewall(started: Place) -> None:
    started.at_console(
        "apt-get install -y nftables >/dev/null 2>&1;"
        "nft 'table inet f { chain i { type filter hook input priority 0;"
        " policy drop; }; }'"
    )
    said = told(started, "check", "--decline", "data", code=1)
    assert "a firewall drops the packets" in said
    assert "locked out" in said
    assert "./lab shell --console" in said
    said = told(started, "shell")
    assert "You are locked out of ssh" in said
    assert "a firewall drops the packets" in said
    assert "./lab shell --console" in said
    started.lab("shell", "--console", stdin="nft flush ruleset\n")
    assert "root" in started.lab("shell", stdin="id -un\n").stdout


def test_locked_out_by_sshd(started: Place) -> None:
    started.at_console("systemctl stop ssh")
    said = told(started, "check", "--decline", "data", code=1)
    assert "no program listens on port 22" in said
    assert "no sshd listens there" in told(started, "shell")


def test_a_user_who_is_refused(started: Place) -> None:
    said = told(started, "shell", "nobody-here")
    assert "it refuses this user or your key" in said


def test_interrupted_check_leaves_nothing_behind(started: Place) -> None:
    """Neither while the update's package is made nor while a day passes."""
    started.lab("solve", "--yes")
    for wait in (0.1, 0.6, 1.2):
        interrupt(started, "check", after="only ssh can be reached", wait=wait)
        found = started.at_console(
            "dpkg --list 'lab-canary*' 2>/dev/null | grep ^i || true;"
            "ls /etc/apt/sources.list.d /opt/lab"
        )
        assert "canary" not in found
    assert "solved" in started.lab("check").stdout


def test_what_can_not_be_declined(started: Place) -> None:
    assert "'rebot'" in told(started, "check", "--decline", "rebot")


def test_sudo_broken(started: Place) -> None:
    started.at_console("chmod 666 /etc/sudoers")
    said = told(started, "check", code=2)
    assert "labkit's account may not use sudo" in said
    assert "visudo -c" in said
    started.at_console("chmod 440 /etc/sudoers")
    started.lab("check", "--decline", "data", code=1)


def test_solution_that_fails_half_way(started: Place) -> None:
    path = started.root / "solutions/01-first-server/solve.sh"
    text = path.read_text()
    broken = text.replace("sshd -t\n", "sshd -t\nls /nowhere\n")
    assert broken != text
    path.write_text(broken)
    try:
        said = told(started, "solve", "--yes")
    finally:
        path.write_text(text)
    assert "solve.sh failed on the server" in said
    assert "failed: ls /nowhere" in said
    assert "./lab reset" in said
    started.lab("solve", "--yes")
    assert "solved" in started.lab("check").stdout


def test_package_that_was_cut_short(started: Place) -> None:
    """apt alone would configure it only, which dpkg refuses for good."""
    started.at_console(
        "cd /tmp; apt-get download libjansson4 2>&1; dpkg --unpack libjansson4*.deb;"
        "sed -i '/^Package: libjansson4$/,/^Status:/s/install ok/install reinstreq/'"
        " /var/lib/dpkg/status"
    )
    assert "inconsistent state" in started.at_console(
        "dpkg --configure -a 2>&1 || true"
    )
    started.lab("solve", "--yes")
    assert "solved" in started.lab("check").stdout


# --- Interrupts, and two at once -------------------------------------------


def interrupt(place: Place, *arguments: str, after: str, wait: float = 0.3) -> str:
    """Press Ctrl-C once a line holds `after`; return all that was printed."""
    with place.spawn(*arguments) as running:
        assert running.stdout
        said = ""
        for line in iter(running.stdout.readline, ""):
            said += line
            if after in line:
                break
        time.sleep(wait)
        os.killpg(running.pid, signal.SIGINT)
        said += running.stdout.read()
        assert running.wait(60) == 130, said
    assert "Traceback" not in said
    return " ".join(said.split())


def test_ctrl_c_during_start(started: Place) -> None:
    said = interrupt(started, "reset", "--yes", after="Bringing up")
    assert "half-way to the start of lab 01" in said
    assert "Next: ./lab start 01" in said
    assert "half-way" in told(started, "check")
    started.lab("start", "01")
    started.lab("check", "--decline", "data", code=1)


def test_ctrl_c_during_solve(started: Place) -> None:
    said = interrupt(started, "solve", "--yes", after="Installing")
    assert "./lab solve again, or ./lab reset" in said
    alive = started.at_console("systemctl is-active labkit-script || true")
    assert alive.strip() == "inactive", "nothing goes on behind the learner's back"
    started.lab("solve", "--yes")
    assert "solved" in started.lab("check").stdout


def test_ctrl_c_during_check(started: Place) -> None:
    said = interrupt(started, "check", after="ssh answers on port 22")
    assert "The checks were not finished" in said
    started.lab("check", "--decline", "data", code=1)


def test_two_at_once(started: Place) -> None:
    with started.spawn("check") as first:
        assert first.stdout
        first.stdout.readline()
        said = told(started, "reset", "--yes")
        assert "Another lab is at work here: `lab check`" in said
        first.stdout.read()
        assert first.wait(60) == 1


def test_shell_beside_a_reset(started: Place) -> None:
    with started.spawn("reset", "--yes") as first:
        assert first.stdout
        while "Bringing up" not in first.stdout.readline():
            pass
        said = told(started, "shell")
        assert "half-way to the start of lab 01" in said
        assert "`lab reset` is bringing it there" in said
        assert "wait until that has ended" in said
        first.stdout.read()
        assert first.wait(60) == 0


def test_reset_without_an_answer(started: Place) -> None:
    started.at_console("echo mine >/root/work")
    said = told(started, "reset")
    assert "--yes" in said
    assert started.at_console("cat /root/work") == "mine\n"


# --- Two checkouts, and one that moves -------------------------------------


def test_two_checkouts_do_not_collide(
    started: Place, new_place: Callable[[], Place]
) -> None:
    other = new_place()
    other.lab("start", "01")
    assert other.server.unique_name != started.server.unique_name
    assert other.server.port != started.server.port
    other.at_console("touch /root/other")
    other.lab("down", "--yes")
    assert started.at_console("ls /root/") == ""


def test_a_copied_checkout_gets_an_identity_of_its_own(tmp_path: Path) -> None:
    original = checkout.Checkout(tmp_path / "original")
    identity = original.id
    subprocess.run(["cp", "-r", original.root, tmp_path / "copied"], check=True)
    assert checkout.Checkout(tmp_path / "copied").id != identity
    original.root.rename(tmp_path / "moved")
    assert checkout.Checkout(tmp_path / "moved").id == identity
