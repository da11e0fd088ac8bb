"""Lab 01: is this a server you can leave on the internet?"""

import time
import uuid
from collections.abc import Callable, Iterator

import pytest
from testinfra.host import Host

from labkit.checks import (
    disturbs,
    doors,
    expect,
    guard,
    needs,
    requires,
    still_after,
)
from labkit.checks.fixtures import (
    IPV4,
    IPV6,
    Calendar,
    Door,
    FrontDoor,
    Visitor,
    accounts,
)

# A time service that got no answer right after a boot asks again within 15 s, and
# again after twice that.
CLOCK_PATIENCE = 60


def rights(host: Host, name: str) -> str:
    """Who owns what sshd looks at before it takes a key, and who may write to it."""
    home = host.check_output("getent passwd %s", name).split(":")[5]
    paths = (home, f"{home}/.ssh", f"{home}/.ssh/authorized_keys")
    shown = host.run("stat --format '%%n is %%U, %%A' %s %s %s", *paths)
    return "; ".join([*shown.stdout.splitlines(), *shown.stderr.splitlines()])


@guard
def test_ssh_answers(host: Host, visitor: Visitor, front: FrontDoor) -> None:
    """The way in stays open: ssh answers on port 22."""
    doors = [Door("STREAM", IPV4, 22), Door("STREAM", IPV6, 22)]
    answers = visitor.knock(doors, patience=3)
    closed = {str(door): answer for door, answer in answers.items() if answer != "open"}
    listening = host.check_output("ss -Hltn 'sport = :22'") != ""
    if "silent" in closed.values():
        cause = "nothing came back, so a firewall drops the packets"
    elif listening:
        cause = "refused by a firewall, since sshd does listen there"
    else:
        cause = "refused, because no program listens on port 22"
    expect(
        not closed,
        wanted="ssh answers on port 22, over IPv4 and IPv6.",
        found=f"{' and '.join(closed)}: {cause}.",
        why="ssh is your only way to a server in another building. Where it does "
        "not answer you are locked out, and so is whoever should help you.",
        look="the console, which needs no ssh: ./lab shell --console. On a rented "
        "server it is a page of the provider's. If IPv4 is open and IPv6 is silent: "
        "IPv6 finds no neighbour unless the firewall lets ICMPv6 in.",
    )


@needs("test_ssh_answers")
def test_you_log_in_as_yourself(host: Host, front: FrontDoor) -> None:
    """You log in with your key, as a user of your own and not as root."""
    people = accounts(host)
    refused = {name: login for name in people if not (login := front.login(name)).ok}
    if people:
        found = "; ".join(
            f"your key does not open the account {name} (ssh says: {login.words}; "
            f"{rights(host, name)})"
            for name, login in refused.items()
        )
    else:
        found = "the server has no account for a person, only root and services."
    expect(
        len(refused) < len(people),
        wanted="an account of your own that your key opens over ssh.",
        found=found,
        why="what you do as root, every typing error does as root; and an account "
        "with your name is one that a log can show and that can be taken away.",
        look="who the people are: getent passwd. Why sshd refuses a key: "
        "journalctl --unit ssh. A key counts only if its file, the .ssh directory "
        "and the home directory belong to that user, and nobody else may write.",
    )


def hindrance(host: Host, name: str) -> str:
    """What keeps an account from running any command as root; "" when nothing does."""
    if host.run("sudo --list --other-user=%s /bin/bash", name).rc != 0:
        return f"sudo does not let {name} run any command as root."
    if host.run("runuser -u %s -- sudo --non-interactive true", name).rc == 0:
        return ""
    # sudo will ask for a password: is there one that could be right?
    status = host.check_output("passwd --status %s", name).split()[1]
    if status == "P":
        return ""
    password = (
        "an empty one, which keeps nobody out"
        if status == "NP"
        else "none, so nothing that could be typed is right"
    )
    return f"sudo asks {name} for a password, and {name} has {password}."


@needs("test_you_log_in_as_yourself")
def test_you_can_become_root(host: Host, front: FrontDoor) -> None:
    """Your user may become root with sudo."""
    people = accounts(host)
    if len(people) > 1:  # which are yours? The only one is, or you could not log in
        people = [name for name in people if front.login(name).ok]
    hindered = {name: hindrance(host, name) for name in people}
    expect(
        "" in hindered.values(),
        wanted="your own user can run a command as root through sudo.",
        found="; ".join(hindered.values()) or "no account of yours to start from.",
        why="once root can't log in, sudo is the only way to administer this server.",
        look="sudo --list --other-user=NAME shows a user's rights; passwd --status "
        "NAME shows P for an account with a password, L for one without. A group "
        "counts from the next login on.",
    )


@needs("test_you_log_in_as_yourself")
def test_root_is_refused(front: FrontDoor) -> None:
    """Nobody logs in as root over ssh: not even you, with your key."""
    expect(
        not front.login("root").ok,
        wanted="ssh refuses root, also to your own key.",
        found="your key opened a session as root.",
        why="root is the one name that every attacker knows to exist, and a login as "
        "root leaves no trace of which person it was.",
        look="what sshd really uses, all its files taken together: sudo sshd -T. "
        "The first value that is read wins, and files are read in the order of "
        "their names. Did the running sshd read your change? systemctl reload ssh.",
    )


@needs("test_ssh_answers")
def test_passwords_are_refused(host: Host, visitor: Visitor) -> None:
    """ssh takes keys only: nobody is even asked for a password."""
    offered = {}
    # Settings may differ from user to user, and strangers try names at random.
    names = ["root", "oracle", *accounts(host)]
    for name, words in visitor.ssh(names).items():
        methods = set(words.rpartition("(")[2].rstrip(").").split(","))
        if methods & {"password", "keyboard-interactive"}:
            offered[name] = ", ".join(sorted(methods))
        elif "publickey" not in methods and "denied" not in words:
            raise RuntimeError(f"sshd gave the visitor no list of methods: {words}")
    expect(
        not offered,
        wanted="sshd accepts a key and nothing else.",
        found="; ".join(f"{name} may try: {how}" for name, how in offered.items())
        + ".",
        why="passwords can be guessed, and every address that can be found is being "
        "tried day and night. A key can't be guessed.",
        look="sudo sshd -T | grep -i authentication. Did the running sshd read your "
        "change? systemctl reload ssh.",
    )


@needs("test_ssh_answers")
@pytest.mark.usefixtures("forgotten_service")
def test_only_ssh_is_open(host: Host, visitor: Visitor) -> None:
    """From outside, only ssh can be reached, whatever else listens."""
    doors.only_open(host, visitor, {22})


@requires("own-clock")
def test_the_clock_is_right(host: Host) -> None:
    """The clock is kept right by a time service."""
    deadline = time.monotonic() + CLOCK_PATIENCE
    while True:
        answer = host.check_output(
            "timedatectl show --property=NTP --property=NTPSynchronized"
        )
        state = dict(line.split("=") for line in answer.splitlines())
        if list(state.values()) != ["yes", "no"] or time.monotonic() > deadline:
            break
        time.sleep(0.5)
    expect(
        # The kernel calls a clock right for hours after the service has gone.
        state["NTP"] == state["NTPSynchronized"] == "yes",
        wanted="a time service runs and has set the clock by a time server.",
        found="a time service runs and no time server has answered it yet."
        if state["NTP"] == "yes"
        else "no time service runs.",
        why="logs of two machines can be compared only if their clocks agree, and a "
        "clock that is minutes off makes certificates and logins fail.",
        look="timedatectl status.",
    )


@pytest.fixture
def canary(host: Host) -> Iterator[str]:
    """A package installed in version 1 while a repository offers version 2.

    The repository says of itself what Debian's security archive says. Yields
    the package's name.
    """
    name = f"lab-canary-{uuid.uuid4().hex[:8]}"
    here = f"/opt/lab/{name}"
    source = f"/etc/apt/sources.list.d/{name}.sources"
    make = f"""
        mkdir -p {here}/old {here}/new
        for version in 1 2; do
            mkdir -p {here}/tree/DEBIAN
            printf '%s\n' 'Package: {name}' "Version: $version" \
                'Architecture: all' 'Maintainer: The Open Box <lab@board.test>' \
                'Description: shows whether updates install themselves' \
                >{here}/tree/DEBIAN/control
            dpkg-deb --root-owner-group --build {here}/tree \
                {here}/$version.deb >/dev/null
        done
        dpkg --install {here}/1.deb >/dev/null
        mv {here}/2.deb {here}/new
        cd {here}/new
        apt-ftparchive packages . >Packages
        apt-ftparchive -o APT::FTPArchive::Release::Origin=Debian \
            -o APT::FTPArchive::Release::Label=Debian-Security \
            -o APT::FTPArchive::Release::Suite=stable-security \
            -o APT::FTPArchive::Release::Codename=trixie-security \
            release . >{here}/Release
        mv {here}/Release .
        printf '%s\n' 'Types: deb' 'URIs: file:{here}/new' 'Suites: ./' \
            'Trusted: yes' >{source}
        """
    try:
        host.check_output("sh -euc %s", make)
        yield name
    finally:  # dpkg is quicker; apt waits, after Ctrl-C, for one still at work
        host.run(
            f"dpkg --purge {name} 2>/dev/null || "
            f"apt-get -qq -o DPkg::Lock::Timeout=100 purge --yes {name} >/dev/null; "
            f"rm -rf {here} {source}"
        )


UPGRADE_SETTING = "APT::Periodic::Unattended-Upgrade"


@disturbs("data")
def test_updates_install_themselves(
    host: Host, canary: str, calendar: Calendar
) -> None:
    """A security update is installed within two days, by nobody's hand."""
    # On the first day the list of updates may be fetched too late for them.
    for _ in range(2):
        calendar.pass_a_day()
        version = host.check_output(
            "dpkg-query --showformat='${Version}' --show %s", canary
        )
        if version == "2":
            return
    if host.run("dpkg --status unattended-upgrades").rc != 0:
        state = "unattended-upgrades is not installed"
    else:
        apt_timers = ("apt-daily.timer", "apt-daily-upgrade.timer")
        states = host.run("systemctl is-active %s %s", *apt_timers).stdout.split()
        shown = zip(apt_timers, states, strict=True)
        setting = host.check_output("apt-config dump %s", UPGRADE_SETTING)
        state = "; ".join(
            [
                "unattended-upgrades is installed",
                *(f"{timer} is {state}" for timer, state in shown),
                f"apt's setting is {setting.rstrip(';') or 'absent'}",
            ]
        )
    expect(
        False,
        wanted="a security update that is offered today is installed within two days.",
        found="two days of timers went by, and the update offered to the server is "
        f"still not installed. {state}.",
        why="a hole in a published program is tried on every server within hours of "
        "its mending. You will not be at the keyboard.",
        look="systemctl list-timers; apt-config dump APT::Periodic; "
        "/var/log/unattended-upgrades/unattended-upgrades.log.",
    )


@disturbs("reboot")
@needs(
    "test_ssh_answers",
    "test_you_can_become_root",
    "test_root_is_refused",
    "test_passwords_are_refused",
    "test_only_ssh_is_open",
    "test_updates_install_themselves",
)
def test_it_survives_a_reboot(
    host: Host,
    visitor: Visitor,
    front: FrontDoor,
    calendar: Calendar,
    reboot: Callable[[], None],
    request: pytest.FixtureRequest,
) -> None:
    """All of this is still true after a reboot."""
    due_before = set(calendar.due())
    reboot()
    request.getfixturevalue("forgotten_service")
    with still_after(
        "a reboot",
        why="a server reboots when you are asleep: for a kernel update, a power "
        "cut, a move to other hardware. What was only set in the running "
        "system is gone then.",
        look="what starts at boot: systemctl list-unit-files --state=enabled.",
    ):
        test_ssh_answers(host, visitor, front)
        test_you_log_in_as_yourself(host, front)
        test_you_can_become_root(host, front)
        test_root_is_refused(front)
        test_passwords_are_refused(host, visitor)
        test_only_ssh_is_open(host, visitor)
        # What a day starts has installed an update already, and does so again.
        if due_before.difference(calendar.due()):
            canary = request.getfixturevalue("canary")
            test_updates_install_themselves(host, canary, calendar)
