"""A lab server as a Docker container: Debian 13 with systemd as first process.

States are images, committed after a clean shutdown.
"""

import re
import shlex
import subprocess
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from labkit import checkout, image, probes, ssh
from labkit.engine import asked, check_control_groups, client, docker, explained
from labkit.errors import LabError, ServerAbsent, ServerOff
from labkit.machines import BARE, Power, Server

if TYPE_CHECKING:
    from docker.models.containers import Container

# What systemd needs in a container, and no more: --privileged would let a
# learner's mistake reach the computer. NET_ADMIN is for the server's firewall
# and the visitor, SYS_ADMIN for mounts (PrivateTmp and the like) and for making
# the container's own control groups writable, which COMMAND then does. SYS_PTRACE
# lets root see whose socket and which files another user's process has, as root
# does on any server; it reaches the container's own processes alone.
COMMAND = ["sh", "-c", "mount -o remount,rw /sys/fs/cgroup && exec /sbin/init"]
OPTIONS: dict[str, Any] = {
    "cap_add": ["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE"],
    "security_opt": ["apparmor=unconfined"],
    "cgroupns": "private",
    "tmpfs": {"/run": "", "/run/lock": "", "/tmp": ""},
    "sysctls": {"net.ipv6.conf.all.disable_ipv6": "0"},
    "environment": {"container": "docker"},
    "hostname": "lab",
    "tty": True,
    "restart_policy": {"Name": "unless-stopped"},
}


def _find(server: Server) -> "Container | None":
    try:
        return client().containers.get(server.unique_name)
    except docker.errors.NotFound:
        return None


def _get(server: Server) -> "Container":
    container = _find(server)
    if container is None:
        raise ServerAbsent(
            "There is no server.",
            "It was never started, or it has been removed.",
            "./lab start 01",
        )
    return container


def ensure(server: Server, *, install: bool = False) -> None:
    """See `Kind.ensure`."""
    if install:
        image.set_up_computer("ssh", "docker")
    image.ensure(install=install)


def power(server: Server) -> Power:
    """See `Kind.power`."""
    return _power(_status(server))


def _status(server: Server) -> str:
    asked_for = ("--format", "{{.State.Status}}", server.unique_name)
    return asked("container", "inspect", *asked_for).stdout.strip()


def _power(status: str) -> Power:
    if not status:
        return "absent"
    # "restarting" is a reboot seen in the middle.
    return "on" if status in ("running", "restarting") else "off"


def up(server: Server) -> None:
    """See `Kind.up`. A changed port moves the disk to a new container."""
    container = _get(server)
    bound = container.attrs["HostConfig"]["PortBindings"]["22/tcp"][0]["HostPort"]
    if bound == str(server.port):
        _start(server, container)
    else:
        _commit(server, container, "moved")
        restore(server, "moved")
        forget(server, "moved")


def down(server: Server) -> None:
    """See `Kind.down`."""
    container = _find(server)
    if container is not None:
        try:
            container.remove(force=True, v=True)
        except docker.errors.NotFound:
            pass
        except docker.errors.APIError as error:
            if error.status_code != HTTPStatus.CONFLICT:
                raise explained(error, "remove the server") from error
            with suppress(docker.errors.NotFound):  # somebody else is removing it
                container.wait(condition="removed", timeout=60)
        _drop_nameless(container.attrs["Image"])


def save(server: Server, state: str) -> None:
    """See `Kind.save`."""
    container = _get(server)
    try:
        container.stop(timeout=30)
        _commit(server, container, state)
    finally:
        # After Ctrl-C Docker goes on stopping it, and would do so after a start too.
        container.stop(timeout=30)
        _start(server, container)


def restore(server: Server, state: str) -> None:
    """See `Kind.restore`."""
    source = image_of(server, state)
    engine = client()
    try:
        engine.images.get(source)
    except docker.errors.ImageNotFound:
        raise LabError(
            f"The state '{state}' is not there.",
            "Its Docker image has been removed.",
            "./lab start 01" if state != BARE else "./lab image build",
        ) from None
    check_control_groups(engine.info())
    _check_port(server)
    down(server)
    try:
        container = engine.containers.create(
            source,
            COMMAND,
            name=server.unique_name,
            ports={"22/tcp": ("127.0.0.1", server.port)},
            **OPTIONS,
        )
    except docker.errors.APIError as error:
        raise explained(error, "make the server") from error
    _start(server, container)


def image_of(server: Server, state: str) -> str:
    """The name of the image that a state is."""
    return image.tag() if state == BARE else _reference(server, state)


def _reference(server: Server, state: str) -> str:
    return f"open-box-{server.checkout.id}:{state}"


def _commit(server: Server, container: "Container", state: str) -> None:
    reference = _reference(server, state)
    repository, tag = reference.split(":")
    before = [one.id for one in client().images.list(reference)]
    try:
        container.commit(repository, tag)
    except docker.errors.APIError as error:
        raise explained(error, f"save the state '{state}'") from error
    for old in before:
        _drop_nameless(old)


def _drop_nameless(image_id: str) -> None:
    """Delete an image that no state is called by any more, if nothing uses it.

    Each would keep its disk for ever. What another server or state was made from
    stays, and goes with that.
    """
    with suppress(docker.errors.ImageNotFound, docker.errors.APIError):
        if not client().images.get(image_id).tags:
            client().images.remove(image_id)


def _start(server: Server, container: "Container") -> None:
    try:
        if container.status == "paused":
            container.unpause()
        container.start()
    except docker.errors.APIError as error:
        if "already allocated" in str(error) or "address already in use" in str(error):
            raise _port_taken(server) from error
        raise explained(error, "start the server") from error


def _check_port(server: Server) -> None:
    """Find out that the port is taken before the old server is gone."""
    container = _find(server)
    ours = container is not None and container.status == "running"
    if not ours and not checkout.port_is_free(server.port):
        raise _port_taken(server)


def _port_taken(server: Server) -> LabError:
    other = next(p for p in range(server.port + 1, 65536) if checkout.port_is_free(p))
    return LabError(
        f"Port {server.port} on this computer is taken by another program.",
        "The server's ssh is published there, on 127.0.0.1 only, always at the "
        "same port.",
        f"end that program, or choose another port: ./lab start --port {other}",
    )


def has(server: Server, state: str) -> bool:
    """See `Kind.has`."""
    return state in states(server)


def states(server: Server) -> list[str]:
    """See `Kind.states`."""
    repository = f"open-box-{server.checkout.id}"
    return sorted(
        asked("image", "ls", "--format", "{{.Tag}}", repository).stdout.split()
    )


def forget(server: Server, state: str) -> None:
    """See `Kind.forget`."""
    try:
        # Forced, since a server made from the state may go on without its name.
        client().images.remove(_reference(server, state), force=True)
    except docker.errors.ImageNotFound:
        pass
    except docker.errors.APIError as error:
        raise explained(error, f"delete the state '{state}'") from error


def console(server: Server, *, tty: bool) -> list[str]:
    """See `Kind.console`."""
    status = _status(server)
    found = _power(status)
    if found == "absent":
        _get(server)
    if found == "off":
        raise ServerOff(
            "The server is off.",
            "It was stopped or paused: by docker, or with this computer.",
            "./lab start",
        )
    if status == "restarting":
        _refuse_without_inotify(server)
    return ["docker", "exec", "-it" if tty else "-i", server.unique_name]


def _refuse_without_inotify(server: Server) -> None:
    """Tell a server that will never boot from one in the middle of a reboot.

    Each systemd takes several of the inotify instances that Linux allows all of
    root's containers together, 128 by default.
    """
    said = asked("logs", "--tail", "5", server.unique_name).stdout
    if re.search("inotify.*Too many open files", said):
        raise LabError(
            "The server's systemd can't start: too many servers run already.",
            "It found no inotify instance free, with which it watches files. Linux "
            "has one limit for all containers, often reached by the twentieth.",
            "stop those that nobody needs (docker ps, docker stop NAME), or "
            "sudo sysctl fs.inotify.max_user_instances=1024; then ./lab start",
        )


def shell(server: Server) -> list[str]:
    """See `Kind.shell`."""
    return console(server, tty=True)


def unreachable(server: Server, words: str) -> LabError:
    """See `Kind.unreachable`."""
    try:
        console(server, tty=False)  # tells absent and off apart
    except LabError as error:
        return error
    return ssh.unreachable(words)


def ssh_config(server: Server) -> str:
    """See `Kind.ssh_config`. labkit's way in is not the network: no firewall
    and no setting of the learner's sshd stands in it."""
    door = shlex.join(["docker", "exec", "-i", server.unique_name])
    return (
        f"Host {server.name}\n"
        "  User labkit\n"
        f"  ProxyCommand {door} /opt/lab/labkit/door\n"
        f"  HostKeyAlias {server.unique_name}\n"
        f'  IdentityFile "{server.checkout.key("labkit")}"\n'
        f"Host {server.name}-front\n"
        "  HostName 127.0.0.1\n"
        f"  Port {server.port}\n"
        f"  {ssh.QUICK_EXCHANGE}\n"
        f"  HostKeyAlias {server.unique_name}\n"
        f'  IdentityFile "{server.checkout.key("learner")}"\n'
    )


def offers(server: Server) -> frozenset[str]:
    """See `Kind.offers`. A second container is always to be had."""
    argv = [*console(server, tty=False), "sh", "-c", probes.OFFERED]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return frozenset(done.stdout.split()) | {"two-servers"}
