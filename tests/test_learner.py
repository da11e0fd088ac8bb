"""A learner does lab 01 from start to end, as the README promises."""

import json
import re
import subprocess
import sys
import time

import msgspec

from labkit import activity, servers
from labkit.report import Report
from place import Place


def test_the_whole_way(place: Place) -> None:
    assert "./lab start 01" in place.lab().stdout
    assert "./lab start 01" in place.lab("check", code=2).stderr

    said = place.lab("start", "01")
    assert "Bringing up the server" in said.stderr
    assert "./lab shell" in said.stdout
    assert "nothing on it was changed" in place.lab("start", "1").stdout

    red = place.lab("check", code=1).stdout
    assert red.count("Wanted:") == 1, "the first failure is told in full, no other"
    full = red[red.index("Wanted:") :]
    order = [full.index(word) for word in ("Wanted:", "Found:", "Why:", "Look:")]
    assert order == sorted(order)
    assert red.count("Found:") > 1, "the others have a line each"
    assert "blocked" in red
    assert "this machine has no clock of its own" in red
    assert "./lab hint" in red
    assert "Traceback" not in red

    for rung in ("Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"):
        hint = place.lab("hint").stdout
        assert f"{rung}, for test_you_log_in_as_yourself" in hint
    assert "book/01-first-server.md" in hint

    solved = place.lab("solve", "--yes")
    assert "PermitRootLogin no" in solved.stdout, "shown before it is applied"
    green = place.lab("check")
    assert "Lab 01 is solved." in green.stdout
    assert "FAIL" not in green.stdout
    assert "no hint is needed" in place.lab("hint").stdout
    status = place.lab().stdout
    assert "solved" in status
    assert "Next: ./lab start 04" in status
    assert "own-first-server" in place.server.kind.states(place.server)

    assert "back at the start" in place.lab("reset", "--yes").stdout
    assert "FAIL" in place.lab("check", "--decline", "reboot", code=1).stdout
    assert "The server is gone" in place.lab("down", "--yes").stdout
    assert "no server to remove" in place.lab("down").stdout
    assert place.progress().of("first-server").solved, "progress outlives the server"


def test_output_fits_a_plain_terminal(started: Place) -> None:
    done = started.lab("check", code=1, NO_COLOR="1", TERM="dumb")
    for line in (done.stdout + done.stderr).splitlines():
        assert len(line) <= 80, line
        assert "\x1b" not in line


def test_json_report(started: Place) -> None:
    said = started.lab("check", "--json", "--decline", "data", code=1).stdout
    report = msgspec.json.decode(said, type=Report)
    assert report.format == 1
    assert report.slug == "first-server"
    by_name = {check.name: check for check in report.checks}
    assert by_name["test_ssh_answers"].outcome == "pass"
    failed = by_name["test_you_log_in_as_yourself"]
    assert failed.outcome == "fail"
    assert failed.message
    assert failed.message.found
    assert by_name["test_root_is_refused"].outcome == "blocked"
    assert by_name["test_updates_install_themselves"].declined
    schema = json.loads(started.lab("check", "--json-schema").stdout)
    assert tuple(schema["$defs"]["Report"]["properties"]) == Report.__struct_fields__


def test_plain_pytest_runs_the_same_checks(started: Place) -> None:
    done = subprocess.run(
        [
            *(
                sys.executable,
                "-m",
                "pytest",
                str(started.root / "labs/01-first-server"),
            ),
            *(
                "-p",
                "labkit.checks.plugin",
                "-c",
                "/dev/null",
                "-p",
                "no:cacheprovider",
            ),
            *(f"--rootdir={started.root}", "--hosts=ssh://lab"),
            f"--ssh-config={started.root}/.lab/ssh_config",
        ],
        capture_output=True,
        text=True,
        env=started.environment,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert re.search(r"4 failed, 1 passed, 4 skipped", done.stdout), done.stdout
    assert "Wanted: an account of your own" in done.stdout
    assert "Traceback" not in done.stdout


def test_debug_shows_what_pytest_says(started: Place) -> None:
    said = started.lab("check", "--debug", "--decline", "data", code=1).stdout
    assert "short test summary" in said


def test_somebodys_own_pytest_options_are_left_out(started: Place) -> None:
    said = started.lab(
        "check", "--decline", "data", code=1, PYTEST_ADDOPTS="--no-such-option"
    )
    assert "an account of your own" in said.stdout


def test_shell_logs_in_as_the_learner(started: Place) -> None:
    said = started.lab("shell", stdin="id -un\n")
    assert "Logging in as root" in said.stderr
    assert "root" in said.stdout
    started.at_console(
        "useradd -m zoe; install -d -o zoe -m 700 ~zoe/.ssh;"
        "install -o zoe -m 600 ~/.ssh/authorized_keys ~zoe/.ssh"
    )
    assert "zoe" in started.lab("shell", stdin="id -un\n").stdout
    said = started.lab("shell", "--console", stdin="id -un; hostname\n")
    assert said.stdout.split() == ["root", "lab"]


def test_the_server_needs_no_network(started: Place) -> None:
    """apt and pip take what the labs use from the shelf."""
    said = started.at_console(
        "ip route del default; apt-get -qq update;"
        "apt-get -qq install -y nftables python3-venv >/dev/null 2>&1;"
        "python3 -m venv /srv/v; /srv/v/bin/pip -q install Django gunicorn;"
        "/srv/v/bin/django-admin --version"
    )
    assert said.startswith("6.1")


def test_a_server_is_known_by_its_own_keys(place: Place, started: Place) -> None:
    """Host keys are made at the first boot: two servers never share them."""
    first = started.at_console("cat /etc/ssh/ssh_host_ed25519_key.pub")
    started.lab("reset", "--yes")
    assert started.at_console("cat /etc/ssh/ssh_host_ed25519_key.pub") != first


def test_watch_tells_what_changes(started: Place) -> None:
    with started.spawn("check", "--watch") as watching:
        assert watching.stdout
        lines = iter(watching.stdout.readline, "")
        for line in lines:
            assert "you declined" not in line
            if "it disturbs the server: at the end" in line:
                break
        started.at_console(
            "useradd -m zoe; install -d -o zoe -m 700 ~zoe/.ssh;"
            "install -o zoe -m 600 ~/.ssh/authorized_keys ~zoe/.ssh"
        )
        for line in lines:
            if "pass" in line and "You log in with your key" in line:
                break
        else:
            raise AssertionError("the change was not told")
        watching.send_signal(2)
        assert watching.wait(30) == 130


def test_nothing_has_happened_when_a_users_systemd_leaves(started: Place) -> None:
    """It does so ten seconds after a login, and checks log in."""
    with (
        servers.connected(started.server) as connection,
        activity.on(connection) as moves,
    ):

        def waited(*commands: str) -> float:
            moves.begin()
            for command in commands:
                connection.run(command)
            began = time.monotonic()
            moves.wait(15)
            return time.monotonic() - began

        def rests() -> bool:
            connection.run("su --login guest --command true")
            assert connection.run("pgrep --uid guest").stdout
            time.sleep(3)  # the login's own end is something
            return waited() > 14

        connection.run("useradd --create-home guest")
        # A busy computer may take its time over the leaving.
        assert any(rests() for _ in range(3))
        assert not connection.run("pgrep --uid guest").stdout
        assert waited("true") < 5
