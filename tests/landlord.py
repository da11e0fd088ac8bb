"""A provider of rented servers: containers with a Debian 13 that labkit did not make.

They have a provider's packages and not all of a lab server's, root with a key, a user
`debian` with sudo, and no marker. What apt and pip install there comes from a mirror
of the provider's, which is the shelf of labkit's image: no test needs a network.
"""

import io
import os
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from docker.models.containers import Container

from labkit import image, proxy
from labkit.engine import client
from labkit.machines import docker as docker_machine

LACKING = ("apt-utils", "nano", "python3-aiosmtpd")
DOCKERFILE = """
FROM {base} AS system
RUN rm -f /usr/sbin/policy-rc.d /etc/apt/apt.conf.d/docker-* \
    && export DEBIAN_FRONTEND=noninteractive && apt-get update --quiet=2 \
    && apt-get install --quiet=2 --yes --no-install-recommends {present} >/dev/null \
    && mkdir -p /srv/mirror/partial \
    && apt-get install --quiet=2 --yes --no-install-recommends --download-only \
        -o Dir::Cache::archives=/srv/mirror {lacking} >/dev/null
FROM {server} AS mirror
COPY --from=system /srv/mirror /srv/mirror
RUN cd /srv/mirror && rm -rf partial lock && cp /opt/lab/debs/*.deb . \
    && apt-ftparchive packages . >Packages \
    && apt-ftparchive -o APT::FTPArchive::Release::Origin=Debian \
        -o APT::FTPArchive::Release::Label=Debian release . >Release.new \
    && mv Release.new Release
FROM system
COPY --from=mirror /srv/mirror /srv/mirror
COPY --from=mirror /opt/lab/wheels /srv/wheels
RUN sed -i 's/^Types:/Enabled: no\\nTypes:/' /etc/apt/sources.list.d/debian.sources \
    && printf 'Types: deb\\nURIs: file:/srv/mirror\\nSuites: ./\\nTrusted: yes\\n' \
        >/etc/apt/sources.list.d/provider.sources \
    && printf '[global]\\nno-index = true\\nfind-links = /srv/wheels\\n' \
        >/etc/pip.conf \
    && apt-get update --quiet=2 && useradd --create-home --shell /bin/bash debian \
    && echo 'debian ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/90-provider
STOPSIGNAL SIGRTMIN+3
CMD ["/sbin/init"]
"""

# Every path with its kind, mode, owner, time of change and content. What a mere login
# writes (logs, the record of logins) is no change.
_HASH = """
look() {
    find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o \
        -path /tmp -o -path /var/log -o -path /var/lib/lastlog \
        -o -path /var/lib/systemd {but} \\) -prune -o "$@"
}
look -printf '%p %y %m %u %g %T@ %l\\n' | sort
look -type f -print0 | sort -z | xargs -0 sha256sum
ip -brief link | cut -d' ' -f1
"""


# What apt, dpkg and useradd write for themselves: records, caches, spare copies. They
# differ after something was added and taken away again.
RECORDS = (
    *("/var/cache", "/var/lib/apt", "/var/lib/dpkg", "/var/lib/man-db"),
    *("/etc/passwd*", "/etc/group*", "/etc/shadow*", "/etc/gshadow*", "/etc/.pwd.lock"),
)


@dataclass(frozen=True)
class Rented:
    """A rented server; `agent` is the ssh agent that has its owner's key."""

    container: Container
    port: int
    agent: str

    def address(self, user: str = "root") -> str:
        return f"ssh://{user}@127.0.0.1:{self.port}"

    def console(self, script: str) -> str:
        """The provider's console: a shell script as root, without ssh."""
        argv = ["docker", "exec", "-i", self.container.name, "bash", "-euc", script]
        done = subprocess.run(argv, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def disk(self, *but: str, times: bool = True) -> set[str]:
        """Every path and content there is, but for what lies below `but`."""
        left_out = "".join(f" -o -path '{path}'" for path in but)
        script = _HASH if times else _HASH.replace(" %T@", "")
        return set(self.console(script.replace("{but}", left_out)).splitlines())


def build() -> str:
    """Make the provider's image, once for each version of labkit's; its name."""
    image.ensure()
    text = DOCKERFILE.format(
        base=image._base(install=False),
        server=image.tag(),
        present="systemd systemd-sysv dbus libpam-systemd openssh-server sudo python3 "
        "iproute2 iputils-ping procps ca-certificates curl less man-db openssh-client "
        "vim-tiny whiptail",
        lacking=" ".join(LACKING),
    )
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        member = tarfile.TarInfo("Dockerfile")
        member.size = len(text.encode())
        tar.addfile(member, io.BytesIO(text.encode()))
    context.seek(0)
    tag = f"open-box/provider:{image.tag().rpartition(':')[2]}"
    client().images.build(fileobj=context, custom_context=True, tag=tag, rm=True)
    return tag


@contextmanager
def agent(directory: Path) -> Iterator[tuple[str, str]]:
    """An ssh agent with a new key: its socket, and the public key."""
    key, socket = directory / "key", directory / "agent"
    make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(make, check=True)
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.DEVNULL
    ) as running:
        try:
            while not socket.exists():
                pass
            subprocess.run(
                ["ssh-add", "-q", str(key)],
                check=True,
                env=os.environ | {"SSH_AUTH_SOCK": str(socket)},
            )
            yield str(socket), key.with_suffix(".pub").read_text()
        finally:
            running.terminate()


@contextmanager
def rent(tag: str, name: str, socket: str, public: str) -> Iterator[Rented]:
    """Rent a server that the key opens, until the block ends."""
    port = proxy.free_port()
    options = docker_machine.OPTIONS | {"hostname": "rented"}
    container = client().containers.create(
        tag,
        docker_machine.COMMAND,
        name=name,
        ports={"22/tcp": ("127.0.0.1", port)},
        **options,
    )
    try:
        container.start()
        rented = Rented(container, port, socket)
        rented.console(
            "until systemctl is-system-running --wait 2>/dev/null | grep -qE "
            "'running|degraded'; do sleep 0.2; done;"
            "for home in /root /home/debian; do install -d -m 700 $home/.ssh;"
            f"echo '{public.strip()}' >$home/.ssh/authorized_keys; done;"
            "chown -R debian: /home/debian/.ssh"
        )
        yield rented
    finally:
        container.remove(force=True, v=True)
