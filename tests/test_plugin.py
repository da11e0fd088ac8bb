"""The five outcomes, the order of checks, and the messages, on made-up checks.

These run in this process against no server: the checks here use no `host`.
"""

from pathlib import Path

import pytest

from labkit.checks import run
from labkit.commands import check as check_command
from labkit.errors import LabError
from labkit.labs import Lab, LabFile
from labkit.machines import Server
from labkit.report import CheckResult, Report
from labkit.ssh import Connection

HEAD = "import pytest\nfrom labkit.checks import disturbs, expect, needs\n"


def run_checks(directory: Path, body: str, *options: str) -> Report:
    path = directory / "09-made-up"
    path.mkdir()
    (path / "test_made_up.py").write_text(HEAD + body)
    file = LabFile(format=1, title="t", minutes=1, starts_from="", changes=[])
    lab = Lab("09", "made-up", path, file)
    connection = Connection(directory / "none", "lab", shared=True)
    server = Server.__new__(Server)
    object.__setattr__(server, "name", "lab")
    return run.run(lab, server, "docker", connection, options=options)


def by_name(report: Report) -> dict[str, CheckResult]:
    return {check.name: check for check in report.checks}


FAILING = """
def test_bad():
    "It is good."
    expect(1 == 2, wanted="two", found="one", why="it matters", look="there")
"""


def test_outcomes(tmp_path: Path) -> None:
    report = run_checks(
        tmp_path,
        FAILING
        + """
def test_good():
    "All is well."

@needs("test_bad")
def test_after():
    "Comes after."

@needs("test_after")
def test_much_later():
    "Comes much later."

@disturbs("reboot")
def test_reboots():
    "Reboots."

def test_broken():
    "Breaks."
    raise RuntimeError("no server")
""",
        "--decline=reboot",
    )
    found = by_name(report)
    outcomes = {name: check.outcome for name, check in found.items()}
    assert outcomes == {
        "test_bad": "fail",
        "test_good": "pass",
        "test_after": "blocked",
        "test_much_later": "blocked",
        "test_broken": "error",
        "test_reboots": "not run",
    }
    assert found["test_bad"].message
    assert found["test_bad"].message.found == "one"
    assert found["test_after"].reason == "first: It is good."
    assert found["test_broken"].reason == "RuntimeError: no server"
    assert found["test_reboots"].declined
    assert not report.solved
    assert check_command.exit_code(report) == 2


def test_a_bare_assert_is_an_error_of_the_check(tmp_path: Path) -> None:
    """Only `expect` tells a learner what was wanted: anything else is our mistake."""
    report = run_checks(tmp_path, "def test_x():\n    'X.'\n    assert False\n")
    assert report.checks[0].outcome == "error"


def test_only_pass_counts_as_passed(tmp_path: Path) -> None:
    declined = "@disturbs('data')\ndef test_x():\n    'X.'\ndef test_y():\n    'Y.'\n"
    report = run_checks(tmp_path, declined, "--decline=data")
    assert report.count("pass") == 1
    assert not report.solved, "what was declined may be red"
    assert check_command.exit_code(report) == 1


def test_disturbing_checks_come_last_and_needs_first(tmp_path: Path) -> None:
    report = run_checks(
        tmp_path,
        """
@disturbs("reboot")
def test_a(): "A."
@disturbs("data")
def test_b(): "B."
@needs("test_d")
def test_c(): "C."
def test_d(): "D."
""",
    )
    assert [check.name[-1] for check in report.checks] == ["d", "c", "b", "a"]


def test_needs_can_be_ignored(tmp_path: Path) -> None:
    body = FAILING + "@needs('test_bad')\ndef test_x():\n    'X.'\n"
    report = run_checks(tmp_path, body, "--ignore-needs")
    assert by_name(report)["test_x"].outcome == "pass"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("@needs('test_gone')\ndef test_x(): 'X.'\n", "test_gone: no such check"),
        (
            "@needs('test_y')\ndef test_x(): 'X.'\n"
            "@needs('test_x')\ndef test_y(): 'Y.'\n",
            "need each other: test_x, test_y",
        ),
        ("@pytest.mark.unheard_of\ndef test_x(): 'X.'\n", "unheard_of"),
    ],
)
def test_mistakes_of_the_author(tmp_path: Path, body: str, says: str) -> None:
    with pytest.raises(LabError) as caught:
        run_checks(tmp_path, body)
    assert "not on your server" in caught.value.why
    assert says in caught.value.why


def test_message_reads_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = run_checks(tmp_path, FAILING + FAILING.replace("test_bad", "test_worse"))
    teller = check_command.Teller()
    for result in report.checks:
        teller(result)
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()] == [
        *("FAIL", "Wanted:", "Found:", "Why:", "Look:"),
        *("FAIL", "Found:"),
    ]
