"""Every finding of the doctor, from what the programs printed."""

import re
from pathlib import Path

import pytest

from labkit import box, doctor, machines
from labkit.doctor.seen import Finding, Said
from place import ROOT, Place

PORT = 20123
SERVER = "open-box-0a1b2c3d-lab"
NONE = Said(None, "")

# A Debian 12 with Docker, Vagrant and libvirt, as its programs answered.
GOOD = {
    "system": Said(0, "Linux 6.1.0-28-amd64 x86_64\n"),
    "ssh": Said(0, "OpenSSH_9.2p1 Debian-2+deb12u6, OpenSSL 3.0.19 27 Jan 2026\n"),
    "docker": Said(
        0,
        '{"ID":"LXZK","Containers":3,"Driver":"overlay2","CgroupDriver":"cgroupfs",'
        '"CgroupVersion":"2","OperatingSystem":"Debian GNU/Linux 12 (bookworm)",'
        '"ServerVersion":"20.10.24+dfsg1","DockerRootDir":"/var/lib/docker"}\n',
    ),
    "vagrant": Said(0, "Vagrant 2.3.4\n"),
    "plugins": Said(0, "vagrant-libvirt (0.11.2, system)\n"),
    "boxes": Said(
        0,
        f"{box.NAME} (libvirt, 2026.11.26.104)\n"
        f"  - made-of: {box.digest()}\n"
        "  - version: 2026.11.26.104\n",
    ),
    "virtualbox": NONE,
    "virtualbox on Windows": NONE,
    "Hyper-V": NONE,
    "libvirt": Said(
        0,
        "Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\n"
        "Using API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.15\n",
    ),
    "kvm": Said(0, "crw-rw---- 1 root kvm 10, 232 Nov 23 00:00 /dev/kvm\n"),
    "disk": Said(
        0,
        "Filesystem     1024-blocks     Used Available Capacity Mounted on\n"
        "/dev/vda         264212084 36680880  69710032      35% /\n",
    ),
    "docker's disk": Said(1, "df: /var/lib/docker: No such file or directory\n"),
    "containers": Said(0, f"{SERVER} 127.0.0.1:{PORT}->22/tcp\n"),
    "listeners": Said(
        0,
        f"LISTEN 0 4096 127.0.0.1:{PORT} 0.0.0.0:* "
        'users:(("docker-proxy",pid=811,fd=4))\n',
    ),
    "listeners on macOS": NONE,
    "box": Said(0, '{"name":"openbox/server","versions":[{"version":"1"}]}\n'),
}


def find(**changes: Said) -> list[Finding]:
    seen = GOOD | {name.replace("_", " "): said for name, said in changes.items()}
    return doctor.findings(seen, PORT, SERVER)


def only(**changes: Said) -> Finding:
    (found,) = find(**changes)
    return found


def test_nothing_is_amiss() -> None:
    assert find() == []
    kinds = ("docker", "vagrant", "ssh")
    assert doctor.working(find(), kinds) == list(kinds)


def test_no_ssh_client() -> None:
    found = only(ssh=NONE)
    assert found.what == "OpenSSH's client is not on this computer."
    assert "openssh-client" in found.next
    assert doctor.working([found], machines.KINDS) == [], "no kind works without it"


# --- Docker ------------------------------------------------------------------

# What an engine's client prints when none answers: an empty form, then the reason.
FORM = '{"ID":"","Containers":0,"Driver":"","ServerErrors":["x"]}\n'


@pytest.mark.parametrize(
    ("said", "what", "next"),
    [
        (NONE, "There is no Docker", "./lab demo --install"),
        (
            Said(
                0,
                FORM + "ERROR: Got permission denied while trying to connect to the "
                "Docker daemon socket at unix:///var/run/docker.sock: Get "
                '"http://%2Fvar%2Frun%2Fdocker.sock/v1.24/info": dial unix '
                "/var/run/docker.sock: connect: permission denied\n",
            ),
            "you may not use it",
            "usermod -aG docker",
        ),
        (
            Said(
                1,
                FORM + "Cannot connect to the Docker daemon at "
                "unix:///var/run/docker.sock. Is the docker daemon running?\n",
            ),
            "does not answer",
            "start Docker Desktop",
        ),
        (
            Said(0, '{"ServerVersion":"19.03.15","Driver":"overlay2"}\n'),
            "version 19.03.15, and the labs need 20.10",
            "--install",
        ),
        (
            Said(0, '{"ServerVersion":"28.2.2","CgroupVersion":"1"}\n'),
            "version 1 of the kernel's control groups",
            "unified_cgroup_hierarchy=1",
        ),
    ],
    ids=["absent", "not ours", "does not run", "old", "cgroup v1"],
)
def test_docker_does_not_work(said: Said, what: str, next: str) -> None:
    found = only(docker=said)
    assert (found.level, found.kind) == ("missing", "docker")
    assert what in found.what
    assert next in found.next
    assert doctor.working([found], ("docker", "ssh")) == ["ssh"]


def test_docker_says_why_it_does_not_answer() -> None:
    said = Said(1, FORM + "Cannot connect to the Docker daemon at tcp://x:1.\n")
    assert only(docker=said).why == (
        "It says: Cannot connect to the Docker daemon at tcp://x:1."
    )


# --- Vagrant -----------------------------------------------------------------


def test_no_vagrant() -> None:
    found = only(vagrant=NONE, plugins=NONE, boxes=NONE)
    assert "There is no Vagrant" in found.what
    assert "apt-get install vagrant" in found.next


def test_vagrant_is_broken() -> None:
    said = Said(1, "Vagrant failed to initialize at a very early stage:\n\nno gem\n")
    found = only(vagrant=said)
    assert "does not work" in found.what
    assert "no gem" in found.why


def test_no_provider() -> None:
    found = only(libvirt=NONE)
    assert "no hypervisor" in found.what
    assert "libvirt-daemon-system" in found.next
    arm = Said(0, "Darwin 24.1.0 arm64\n")
    box = Said(0, '{"versions":[{"providers":[{"architecture":"arm64"}]}]}')
    assert "VirtualBox 7.1" in only(libvirt=NONE, system=arm, box=box).next


def test_libvirt_without_vagrants_plugin() -> None:
    found = only(plugins=Said(0, "No plugins installed.\n"))
    assert "can't use libvirt" in found.what
    assert "vagrant-libvirt" in found.next


def test_libvirt_is_not_ours() -> None:
    said = Said(
        1,
        "error: failed to connect to the hypervisor\nerror: Failed to connect socket "
        "to '/var/run/libvirt/libvirt-sock': Permission denied\n",
    )
    found = only(libvirt=said)
    assert "Permission denied" in found.what
    assert "usermod -aG libvirt" in found.next


def test_emulated() -> None:
    said = Said(2, "ls: cannot access '/dev/kvm': No such file or directory\n")
    found = only(kvm=said)
    assert (found.level, found.kind) == ("warning", "vagrant")
    assert "VT-x or AMD-V" in found.next


def test_virtualbox_without_its_module() -> None:
    said = Said(
        0,
        "WARNING: The vboxdrv kernel module is not loaded. Either there is no module\n"
        "         available for the current kernel (6.1.0-28-amd64) or it failed to\n"
        "         load. Please recompile the kernel module and install it by\n\n"
        "           sudo /sbin/vboxconfig\n\n7.0.20r163906\n",
    )
    warned, missing = find(virtualbox=said, libvirt=NONE)
    assert "vboxconfig" in warned.next
    assert "vboxdrv" in warned.why
    assert "no hypervisor" in missing.what


def test_hyper_v_against_virtualbox() -> None:
    wsl = Said(0, "Linux 5.15.153.1-microsoft-standard-WSL2 x86_64\n")
    assert find(system=wsl) == [], "no VirtualBox, no quarrel"
    seen = {"virtualbox on Windows": Said(0, "7.0.20r163906\r\n")}
    seen |= {"Hyper-V": Said(0, "True\r\n"), "system": wsl}
    (found,) = doctor.findings(GOOD | seen, PORT, SERVER)
    assert found.level == "warning"
    assert "Hyper-V is active" in found.what
    assert "docker" in found.next


# --- The box -----------------------------------------------------------------

NO_BOXES = Said(
    0,
    "There are no installed boxes! Use `vagrant box add` to add some.\n",
)


def test_dead_box_url() -> None:
    said = Said(22, "curl: (22) The requested URL returned error: 404\n")
    assert find(box=said) == [], "a box that is here needs no download"
    found = only(boxes=NO_BOXES, box=said)
    assert found.level == "missing"
    assert "404" in found.why
    assert "./lab image box" in found.next


def test_outdated_box() -> None:
    today = GOOD["boxes"].text
    older = today.replace(box.digest(), "0123456789ab")
    found = only(boxes=Said(0, older))
    assert found.level == "warning"
    assert "another server/" in found.what
    assert "./lab image box" in found.next
    assert find(boxes=Said(0, older + today)) == [], "Vagrant takes the newer one"


def test_no_box_for_arm() -> None:
    amd = Said(0, '{"versions":[{"providers":[{"architecture":"amd64"}]}]}')
    arm = Said(0, "Linux 6.6.0 aarch64\n")
    found = only(boxes=NO_BOXES, box=amd, system=arm)
    assert "an ARM" in found.what
    both = amd.text + '"architecture":"arm64"'
    assert find(boxes=NO_BOXES, box=Said(0, both), system=arm) == []
    assert find(boxes=NO_BOXES, box=amd) == []


# --- The computer ------------------------------------------------------------


def test_full_disk() -> None:
    full = GOOD["disk"].text.replace("69710032      35%", "512000      99%")
    found = only(disk=Said(0, full))
    assert found.level == "warning"
    assert "512 MB are left on /." in found.what
    seen = GOOD | {"docker's disk": Said(0, full)}
    (found,) = doctor.findings(seen, PORT, SERVER)
    assert found.kind == "docker"
    assert "docker system df" in found.next


@pytest.mark.parametrize(
    ("name", "text", "who"),
    [
        (
            "listeners",
            f"LISTEN 0 5 127.0.0.1:{PORT} 0.0.0.0:* "
            'users:(("python3",pid=4242,fd=3))\n',
            " by python3 (process 4242)",
        ),
        ("listeners", f"LISTEN 0 5 127.0.0.1:{PORT} 0.0.0.0:*\n", ""),
        (
            "listeners_on_macOS",
            "COMMAND  PID USER   FD   TYPE DEVICE SIZE/OFF NODE NAME\n"
            f"Python  4242  ada    3u  IPv4 0x5e1f      0t0  TCP 127.0.0.1:{PORT} "
            "(LISTEN)\n",
            " by Python (process 4242)",
        ),
    ],
    ids=["linux", "somebody else's", "macos"],
)
def test_taken_port(name: str, text: str, who: str) -> None:
    nobody = {"containers": Said(0, ""), "listeners": Said(0, "")}
    assert find(**nobody) == []
    found = only(**(nobody | {name: Said(0, text)}))
    assert found.what == f"Port {PORT} on this computer is taken{who}."
    assert f"--port {PORT + 1}" in found.next


# --- Which kind --------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "works", "kinds", "said"),
    [
        ("docker", "docker ssh", "docker ssh vagrant", "and vagrant does not"),
        ("docker", "docker ssh vagrant", "docker ssh vagrant", "LAB_EMULATE=1"),
        ("vagrant", "vagrant docker", "docker ssh vagrant", "a hypervisor work here"),
        ("docker", "vagrant", "docker vagrant", "not work here yet; vagrant does"),
        ("docker", "ssh", "docker ssh", "which does not work here yet."),
    ],
)
def test_the_default(name: str, works: str, kinds: str, said: str) -> None:
    sentence = doctor.default(name, works.split(), kinds.split())
    assert sentence.startswith(f"The default is {name}")
    assert said in sentence


# --- The command -------------------------------------------------------------


def test_programs_that_can_not_run(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.write_text("#!/bin/sh\n")
    said = doctor.ask(
        {
            "absent": ["no-such-program-here"],
            "locked": [str(locked)],
            "good": ["sh", "-c", "echo out; echo err >&2; exit 3"],
        }
    )
    assert said["absent"] == NONE
    assert said["locked"].code == 126
    assert said["good"] == Said(3, "out\nerr\n")


def test_the_box_is_the_vagrantfiles() -> None:
    assert f'"{box.NAME}"' in (ROOT / "Vagrantfile").read_text()
    assert re.fullmatch(r"https://\S+/metadata\.json", box.url())


def test_this_computer(place: Place) -> None:
    """The tests run where Docker works; some of the computers have KVM as well."""
    said = place.lab("doctor", code=None).stdout
    assert "docker   works" in said
    assert re.search("The default is (docker|vagrant)[:,]", said)
    for line in said.splitlines():
        assert len(line) <= 80, line


def test_a_computer_without_docker(place: Place, tmp_path: Path) -> None:
    # Some of the computers that run the tests have a working Vagrant as well.
    (tmp_path / "vagrant").write_text("#!/bin/sh\nexit 127\n")
    (tmp_path / "vagrant").chmod(0o755)
    done = place.lab(
        "doctor",
        code=1,
        DOCKER_HOST=f"unix://{tmp_path}/none.sock",
        PATH=f"{tmp_path}:{place.environment['PATH']}",
    )
    assert "docker   missing" in done.stdout
    assert "Missing (docker): Docker is installed and does not answer." in done.stdout
    assert "which does not work here yet" in " ".join(done.stdout.split())
