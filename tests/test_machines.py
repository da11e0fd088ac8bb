"""The docker machine, the two ways of ssh, and the image in a file."""

import os
import shutil
import stat
from pathlib import Path

import pytest

from labkit import disk, engine, image, probes, servers, ssh
from labkit.errors import LabError
from labkit.machines import BARE
from labkit.machines import docker as docker_machine
from place import ROOT, Place


def test_offers_are_found_by_looking(started: Place) -> None:
    offers = docker_machine.offers(started.server)
    assert "two-servers" in offers
    assert "own-clock" not in offers, "a container's clock is the computer's"
    assert offers <= probes.OFFERS.keys()
    controllers = started.at_console("cat /sys/fs/cgroup/cgroup.controllers")
    assert ("memory-limits" in offers) == ("memory" in controllers.split())


def test_save_and_restore(started: Place) -> None:
    server = started.server
    started.at_console("echo kept >/root/work; echo no >/tmp/volatile")
    servers.save(server, "mine")
    assert docker_machine.has(server, "mine")
    assert started.at_console("cat /root/work") == "kept\n"
    assert started.at_console("ls /tmp | grep -c volatile || true") == "0\n"
    started.lab("reset", "--yes")
    assert started.at_console("ls /root") == ""
    servers.bring_up(server, "mine")
    assert started.at_console("cat /root/work") == "kept\n"
    docker_machine.forget(server, "mine")
    assert not docker_machine.has(server, "mine")
    docker_machine.forget(server, "mine")
    with pytest.raises(LabError, match="state 'mine' is not there"):
        docker_machine.restore(server, "mine")


def test_saving_again_and_again_fills_no_disk(started: Place) -> None:
    def nameless() -> set[str]:
        found = engine.client().images.list(filters={"dangling": True})
        return {one.id for one in found}

    before = nameless()
    for _ in range(2):
        servers.save(started.server, "mine")
        servers.bring_up(started.server, "mine")
        servers.save(started.server, "mine")
    docker_machine.forget(started.server, "mine")
    started.lab("reset", "--yes")
    assert nameless() <= before


def test_a_second_look_at_the_disk_misses_nothing(started: Place) -> None:
    """It reads only what is new, and a file may keep its size and its time."""
    started.at_console("echo one >/opt/edited; cp --archive /opt/edited /opt/touched")
    with servers.connected(started.server) as connection:
        before = disk.look(connection)
        connection.run(
            "cp --archive /opt/edited /tmp/time; echo two >/opt/edited;"
            "touch --reference /tmp/time /opt/edited; touch /opt/touched"
        )
        assert disk.changed(before, disk.look(connection, before)) == ["/opt/edited"]


def test_the_server_is_on_loopback_only(started: Place) -> None:
    container = engine.client().containers.get(started.server.unique_name)
    bindings = container.attrs["HostConfig"]["PortBindings"]
    assert bindings == {
        "22/tcp": [{"HostIp": "127.0.0.1", "HostPort": str(started.server.port)}]
    }


def test_the_firewall_does_not_stop_labkit(started: Place) -> None:
    started.at_console(
        "apt-get install -y nftables >/dev/null 2>&1; systemctl stop ssh;"
        "nft 'table inet f { chain i { type filter hook input priority 0;"
        " policy drop; }; chain o { type filter hook output priority 0;"
        " policy drop; }; }'"
    )
    with servers.connected(started.server) as connection:
        assert connection.run("id -un").stdout == b"root\n"


def test_a_client_that_can_not_share_a_connection(
    started: Place, tmp_path: Path
) -> None:
    """The checks keep one connection of their own, as with Windows' OpenSSH."""
    real = shutil.which("ssh")
    shim = tmp_path / "ssh"
    shim.write_text(
        "#!/bin/sh\n"
        'if grep -q ControlMaster "$2" 2>/dev/null; then\n'
        '    echo "getsockname failed: Not a socket" >&2; exit 255\n'
        f'fi\nexec {real} "$@"\n'
    )
    shim.chmod(shim.stat().st_mode | stat.S_IXUSR)
    path = f"{tmp_path}:{os.environ['PATH']}"
    said = started.lab("check", "--json", "--decline", "data", code=1, PATH=path)
    assert '"outcome": "error"' not in said.stdout
    assert said.stdout.count('"outcome": "pass"') == 1
    started.lab("solve", "--yes", PATH=path)


def test_a_connection_is_begun_before_it_is_needed(started: Place) -> None:
    config = servers.ssh_config(started.server)
    with ssh.begun(config, "lab"):
        (begun,) = ssh._begun.values()
        with servers.connected(started.server) as connection:
            assert connection.config == begun.config
            assert connection.run("id -u").stdout == b"0\n"
        assert not begun.config.exists()
    with ssh.begun(config, "lab"):
        (unused,) = ssh._begun.values()
    assert unused.opening.poll() is not None
    assert not unused.config.exists()
    assert not ssh._begun


def test_too_many_servers_for_this_computer(
    started: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The words are those of systemd 257, which ends with them at once."""
    words = "Failed to create control group inotify object: Too many open files"
    ends = ["sh", "-c", f"echo '{words}'; exit 255"]
    monkeypatch.setattr(docker_machine, "COMMAND", ends)
    docker_machine.restore(started.server, BARE)
    with pytest.raises(LabError, match="too many servers run already"):
        servers.settle(started.server)


def test_image_in_a_file(tmp_path: Path) -> None:
    """Saved, removed and loaded again: a class on a USB stick."""
    file = tmp_path / "a stick" / "server.img"
    with pytest.raises(LabError, match="could not be written"):
        image.save(file)
    file.parent.mkdir()
    image.save(file)
    assert [path.name for path in file.parent.iterdir()] == [file.name]
    assert file.stat().st_size < 250e6
    image.load(file)
    assert image.exists()


def test_not_an_image(tmp_path: Path) -> None:
    file = tmp_path / "x.img"
    with pytest.raises(LabError, match="can't be read"):
        image.load(file)
    file.write_text("no image")
    with pytest.raises(LabError):
        image.load(file)


def test_an_edit_makes_another_image(tmp_path: Path) -> None:
    server = tmp_path / "server"
    shutil.copytree(ROOT / "server", server)
    paths = sorted(path for path in server.rglob("*") if path.is_file())
    before = image.digest(paths, server)
    assert before == image.digest(paths, server)
    (server / "packages.txt").write_text("nano\n")
    edited = image.digest(paths, server)
    assert edited != before
    (server / "provision.sh").chmod(0o644)
    assert image.digest(paths, server) != edited
