"""The rented server: a whole lab there, what a "no" leaves, and what goes wrong."""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

import landlord
from labkit import address, labs, matrix, owner
from labkit.checkout import Checkout
from labkit.commands import rented as rented_command
from labkit.commands.session import Session
from labkit.errors import LabError
from labkit.journal import ServerProgress
from labkit.machines import Server
from landlord import Rented
from place import Place, told

Rent = Callable[[], Rented]


@pytest.fixture(scope="module")
def provider() -> str:
    return landlord.build()


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    with landlord.agent(tmp_path_factory.mktemp("agent")) as made:
        yield made


@pytest.fixture
def rented(provider: str, agent: tuple[str, str], place: Place) -> Iterator[Rented]:
    """A server that was rented a moment ago, and nothing remembered of another."""
    name = f"{place.server.unique_name}-rented"
    with landlord.rent(provider, name, *agent) as server:
        yield server
    place.lab("down", "--forget", "--yes", code=None)


@pytest.fixture
def owned(rented: Rented, place: Place) -> Place:
    """The place, whose commands find the owner's key."""
    return Place(place.root, {"SSH_AUTH_SOCK": rented.agent})


@pytest.fixture
def prepared(rented: Rented, owned: Place) -> Place:
    """A place whose rented server is at the start of lab 01."""
    owned.lab("start", "01", "--on", rented.address(), "--yes")
    return owned


def test_the_whole_way(rented: Rented, owned: Place) -> None:
    """Start, red, solve, green, the next lab, down."""
    said = owned.lab("start", "01", "--on", rented.address(), "--yes").stdout
    assert "and no lab server yet" in " ".join(said.split())
    assert "packages: apt-utils, nano, python3-aiosmtpd" in said
    assert "SHA256:" in said
    assert "package nftables" in said, "what the lab changes"
    assert "nothing on it was changed" in owned.lab("start", "01").stdout
    status = owned.lab().stdout
    assert f"it is rented, {rented.address()}" in " ".join(status.split())

    red = owned.lab("check", code=1)
    assert "FAIL" in red.stdout
    assert "declined" in red.stdout, "nobody was there to allow a reboot"
    assert "--yes runs them" in red.stderr
    child = spawned(owned, "check")
    child.expect("Some checks disturb the server")
    child.expect("reboots the server")
    child.expect("Run them as well")
    child.sendline("n")
    child.expect("you declined it: --decline reboot")
    child.expect(pexpect.EOF)
    assert "Logging in as root" in owned.lab("shell", stdin="id -un\n").stderr

    solved = owned.lab("solve", "--yes").stdout
    assert "package unattended-upgrades" in " ".join(solved.split())
    told(owned, "start", "05", "--yes")  # no check has been green yet
    green = owned.lab("check", "--yes").stdout
    assert "Lab 01 is solved" in green
    assert "pass     All of this is still true after a reboot" in green
    assert "alice" in owned.lab("shell", stdin="id -un\n").stdout

    said = owned.lab("start", "05", "--yes").stdout
    assert "runs labs/05-service-user/start.sh" in said
    assert "of lab 05" in said
    down = owned.lab("down", "--yes").stdout
    assert "is no lab server any more" in down
    assert "packages stay" not in down, "nothing needs nano"
    assert rented.console("getent passwd labkit || ls -d /opt/lab || true") == ""
    assert rented.console("getent passwd alice") != "", "what was built there stays"
    assert "No lab is under way" in told(owned, "check")


def test_down_takes_away_all(rented: Rented, owned: Place) -> None:
    """What preparing added is gone: files, packages, accounts, interfaces."""
    before = rented.disk(*landlord.RECORDS, times=False)
    owned.lab("start", "01", "--on", rented.address(), "--yes")
    assert rented.disk(*landlord.RECORDS, times=False) != before
    rented.console("/opt/lab/letterbox/join; curl -s --fail http://letterbox.test/")
    owned.lab("down", "--yes")
    assert rented.disk(*landlord.RECORDS, times=False) == before


def test_the_owner_says_no(rented: Rented, owned: Place) -> None:
    """A server without the marker is byte for byte as it was."""
    before = rented.disk()
    for user in ("root", "debian"):
        child = spawned(owned, "start", "01", "--on", rented.address(user))
        child.expect("Go on?")
        child.sendline("n")
        child.expect("Nothing was changed")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 1
    assert "--yes" in told(owned, "start", "01", "--on", rented.address())
    assert rented.disk() == before
    assert Checkout(owned.root).address("lab") is None
    assert "No lab is under way" in told(owned, "check")


def test_a_server_that_bears_our_names(rented: Rented, owned: Place) -> None:
    rented.console("mkdir /opt/lab && echo mine >/opt/lab/work")
    before = rented.disk()
    said = told(owned, "start", "01", "--on", rented.address(), "--yes")
    assert "bears a lab server's names already: /opt/lab" in said
    assert rented.disk() == before


def test_a_user_with_sudo_is_as_good_as_root(rented: Rented, owned: Place) -> None:
    owned.lab("start", "01", "--on", rented.address("debian"), "--yes")
    assert "root" in owned.lab("shell", stdin="id -un\n").stdout
    assert "FAIL" in owned.lab("check", code=1).stdout
    keys = rented.console("cat /root/.ssh/authorized_keys").splitlines()
    assert len(keys) == 2, "the owner's own stays"
    owned.lab("down", "--yes")
    assert rented.console("cat /root/.ssh/authorized_keys").splitlines() == keys[:1]


def spawned(place: Place, *arguments: str) -> "pexpect.spawn[str]":
    """The command line at a terminal."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "labkit", *arguments],
        env=place.environment,
        encoding="utf-8",
        timeout=60,
    )


def test_what_needs_snapshots(prepared: Place) -> None:
    for arguments, what in (
        (("reset", "--yes"), "can't take a rented server back"),
        (("resume",), "No server of yours was saved"),
        (("break",), "No drill can be had"),
        (("start", "06", "--yes"), "starts from a server on which lab 05 is solved"),
    ):
        said = told(prepared, *arguments)
        assert what in said
        assert "no snapshots" in said
    assert "page of your provider's" in told(prepared, "shell", "--console")
    said = told(prepared, "start", "01", "--on", "docker", "--yes")
    assert "Your server is another one" in said
    said = told(prepared, "start", "01", "--on", "ssh://root@203.0.113.5")
    assert "Your rented server is" in said
    assert "./lab down" in said


Entry = ServerProgress


@pytest.mark.parametrize(
    ("entry", "wanted", "solve", "steps"),
    [
        (None, "01", False, ""),
        (None, "05", False, None),
        (None, "05", True, "01 solve.sh, 05 start.sh"),
        (Entry("ssh", "first-server", "ready"), "05", True, "01 solve.sh, 05 start.sh"),
        (
            Entry("ssh", "first-server", "ready", solved=True),
            "05",
            False,
            "05 start.sh",
        ),
        (Entry("ssh", "service-user", "starting"), "05", False, "05 start.sh"),
        (Entry("ssh", "service-user", "ready"), "06", False, None),
        (Entry("ssh", "service-user", "ready"), "06", True, "05 solve.sh"),
        (Entry("ssh", "gunicorn-systemd", "ready", solved=True), "05", True, None),
    ],
)
def test_labs_follow_one_another(
    place: Place, entry: Entry | None, wanted: str, solve: bool, steps: str | None
) -> None:
    checkout = Checkout(place.root)
    where = address.parse("ssh://root@203.0.113.5")
    session = Session(checkout, Server(checkout, "lab", "ssh"), where)
    lab = labs.find(place.root, wanted)
    if steps is None:
        with pytest.raises(LabError, match="lab"):
            rented_command.way(session, lab, entry, solve=solve)
        return
    way = rented_command.way(session, lab, entry, solve=solve)
    assert ", ".join(f"{one.lab.number} {one.script}" for one in way) == steps


def test_a_lab_is_proven_there(rented: Rented, owned: Place) -> None:
    """`dev prove`, without the states that faults would need."""
    matrix.path(owned.root, "ssh").unlink()
    said = owned.lab("dev", "prove", "01", "--on", rented.address(), "--yes").stdout
    assert "Written: book/matrix.ssh.json" in said
    (proof,) = matrix.read(owned.root, "ssh").labs.values()
    assert [run.name for run in proof.runs] == ["start", "solution", "again"]
    assert not proof.problems
    told(owned, "dev", "prove", "01", "--on", rented.address())  # nobody agreed


# --- Bad input and bad luck --------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("ssh://host", "ssh://root@", "ssh://root@-oProxyCommand=x", "root@host"),
        *(
            "ssh://root@host:0",
            "ssh://root:pw@host",
            "ssh://root@host/path",
            "http://x",
        ),
    ],
)
def test_no_address(text: str) -> None:
    with pytest.raises(LabError, match="is no address of a rented server"):
        address.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "ssh://root@203.0.113.5",
        "ssh://a.b@h.example:2222",
        "ssh://root@[2001:db8::1]:22",
    ],
)
def test_an_address(text: str) -> None:
    assert str(address.parse(text)) == text.removesuffix(":22")


def test_kind_without_address(place: Place) -> None:
    said = told(place, "start", "01", "--on", "ssh")
    assert "does not know where your rented server is" in said


def test_host_unreachable(place: Place) -> None:
    said = told(place, "start", "01", "--on", "ssh://root@127.0.0.1:1")
    assert "does not answer" in said
    assert "Connection refused" in said
    said = told(place, "start", "01", "--on", "ssh://root@nowhere.invalid")
    assert "There is no host called nowhere.invalid" in said


def test_wrong_key(rented: Rented, owned: Place, tmp_path: Path) -> None:
    with landlord.agent(tmp_path) as (stranger, _):
        where = ("start", "01", "--on", rented.address(), "--yes")
        said = told(owned, *where, SSH_AUTH_SOCK=stranger)
    assert "does not take your key" in said
    assert "ssh-add" in said


def test_sudo_wants_a_password(rented: Rented, owned: Place) -> None:
    rented.console("echo 'debian ALL=(ALL) ALL' >/etc/sudoers.d/90-provider")
    before = rented.disk()
    said = told(owned, "start", "01", "--on", rented.address("debian"), "--yes")
    assert "sudo asks debian for a password" in said
    assert "NOPASSWD" in said
    assert rented.disk() == before


def test_not_debian_13(rented: Rented, owned: Place) -> None:
    rented.console("sed -i 's/^VERSION_ID=.*/VERSION_ID=12/' /usr/lib/os-release")
    before = rented.disk()
    said = told(owned, "start", "01", "--on", rented.address(), "--yes")
    assert "is no Debian 13" in said
    assert rented.disk() == before


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("port 2222", "sshd listens at port 2222"),
        ("root no", "the server has no sudo"),
        ("systemd", "does not run systemd"),
    ],
)
def test_a_server_that_does_not_fit(line: str, what: str) -> None:
    good = {"system": "debian-13", "port": "22", "systemd": "yes", "root": "yes"}
    where = address.parse("ssh://root@203.0.113.5")
    text = "\n".join(f"{key} {value}" for key, value in good.items())
    owner.fit(where, owner.read(text, ""))
    key, _, value = line.partition(" ")
    changed = (
        good | {key: value} if value else {k: good[k] for k in good.keys() - {key}}
    )
    text = "\n".join(f"{key} {value}" for key, value in changed.items())
    with pytest.raises(LabError) as error:
        owner.fit(where, owner.read(text, ""))
    assert what in str(error.value)
    assert "Nothing there was changed" in str(error.value)


@pytest.mark.parametrize(
    ("words", "labkit", "what", "next"),
    [
        (
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n"
            "Host key verification failed.",
            False,
            "another host key",
            "ssh-keygen -R '[203.0.113.5]:2222'",
        ),
        ("Host key verification failed.", True, "another host key", "--forget"),
        (
            "root@203.0.113.5: Permission denied (publickey).",
            False,
            "does not take your key",
            "ssh -p 2222 root@203.0.113.5",
        ),
        (
            "labkit@203.0.113.5: Permission denied (publickey).",
            True,
            "let labkit's account in",
            "provider's console",
        ),
        (
            "ssh: connect to host 203.0.113.5 port 2222: Connection timed out",
            True,
            "does not answer",
            "provider's page",
        ),
        (
            "Connection closed by 203.0.113.5 port 2222",
            True,
            "broke off",
            "repeat the command",
        ),
        ("Timeout, server 203.0.113.5 not responding.", True, "broke off", "repeat"),
        ("", True, "broke off", "repeat"),
    ],
)
def test_what_ssh_says(words: str, labkit: bool, what: str, next: str) -> None:
    where = address.parse("ssh://root@203.0.113.5:2222")
    error = owner.explained(where, words, labkit=labkit)
    assert what in error.what
    assert next in error.next


def test_host_key_changed(rented: Rented, prepared: Place) -> None:
    rented.console(
        "rm /etc/ssh/ssh_host_*; ssh-keygen -qA; systemctl restart ssh; sleep 1"
    )
    said = told(prepared, "check")
    assert "shows another host key than before" in said
    assert "./lab down --forget" in said
    again = ("start", "01", "--on", rented.address(), "--yes")
    assert "another host key" in told(prepared, *again)
    assert "another host key" in told(prepared, "down", "--yes")
    assert "Forgotten" in prepared.lab("down", "--forget", "--yes").stdout
    assert "No lab is under way" in told(prepared, "check")


def test_sshd_refuses_labkit(rented: Rented, prepared: Place) -> None:
    rented.console(
        "echo 'AllowUsers root' >/etc/ssh/sshd_config.d/50-me.conf;systemctl reload ssh"
    )
    said = told(prepared, "check")
    assert "does not let labkit's account in" in said
    assert "AllowUsers" in said


def test_preparing_is_cut_short(rented: Rented, owned: Place) -> None:
    """Repeated, it goes on; or `down` takes away what there is."""
    start = ("start", "01", "--on", rented.address(), "--yes")
    cut(rented, owned, *start, after="Running provision.sh")
    assert "FAIL" not in owned.lab(*start).stdout
    owned.lab("check", code=1)
    owned.lab("down", "--yes")
    cut(rented, owned, *start, after="Running provision.sh")
    owned.lab("down", "--yes")
    assert rented.console("ls -d /opt/lab 2>/dev/null || true") == ""


def test_dropped_in_the_middle_of_a_solve(rented: Rented, prepared: Place) -> None:
    said = cut(rented, prepared, "solve", "--yes", after="  Installing the firewall")
    assert "broke off" in said
    assert "may be run again" in said
    prepared.lab("solve", "--yes")
    assert "Lab 01 is solved" in prepared.lab("check", "--yes").stdout


def cut(rented: Rented, place: Place, *arguments: str, after: str) -> str:
    """Cut every ssh connection once a line holds `after`; what was said."""
    with place.spawn(*arguments) as running:
        assert running.stdout
        said = ""
        for line in iter(running.stdout.readline, ""):
            said += line
            if after in line:
                break
        time.sleep(0.5)
        rented.console("pkill -KILL -f '^sshd-session' || true")
        said += running.stdout.read()
        assert running.wait(60) == 2, said
    assert "Traceback" not in said
    return " ".join(said.split())


def test_the_kinds_offer_the_same() -> None:
    from labkit import machines

    members = {name for name in vars(machines.Kind) if not name.startswith("_")}
    for name in machines.KINDS:
        assert members <= set(dir(machines.kind(name))), name
