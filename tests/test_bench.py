"""`dev bench`: that it measures what it says, and shows what it has measured."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pytest

from labkit.bench import page, plot, record
from labkit.bench.record import Budget, Curve, Measured, Part, Plot, Record, Row
from labkit.commands import bench
from labkit.errors import LabError
from place import Place, told

GROWTH = Plot(
    "Checks of one server",
    "checks",
    "seconds",
    [
        Curve("the floor", [(10, 0.4), (200, 4.2)]),
        Curve("lab check", [(10, 0.9), (200, 6.6)]),
    ],
)

# The parts of the bench that talk to a server, each with the least to do. What is
# measured has to work, or there is an error.
PROGRAM = """
from labkit.bench import checks, waiting
from labkit.commands import session
here = session.open_session()
for name, way in checks.ways(here, checks.ORDINARY).items():
    way()
    print(name)
waiting.TIMES, waiting.IDLE_SECONDS = 1, 1
for budget in waiting.measure(here).budgets:
    print(f"{budget.what}: {budget.value}")
"""


def measured(tmp_path: Path, *budgets: Budget) -> Path:
    """A repository with a record of one part."""
    (tmp_path / "book").mkdir()
    found = Measured([Row("lab check", 0.7512, "s")], list(budgets), [GROWTH])
    part = Part(date(2026, 11, 26), "2 cores", {"Python": "3.11.2"}, found)
    record.write(tmp_path, Record("docker", parts={"growth": part}))
    return tmp_path


def test_what_is_measured_works(started: Place) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        capture_output=True,
        text=True,
        env=started.environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    ways, (mend, idle) = done.stdout.splitlines()[:5], done.stdout.splitlines()[5:]
    assert ways == [
        "one ssh, one script",
        "lab check",
        "pytest over ssh",
        "pytest over paramiko",
        "pytest over docker exec",
    ]
    assert 0 < float(mend.rpartition(" ")[2]) < 60
    assert float(idle.rpartition(" ")[2]) < 100
    assert "failing" not in started.progress().labs, "nothing of the learner's changed"


def test_a_way_that_fails_is_not_measured() -> None:
    from labkit.bench import timing

    way = timing.process([sys.executable, "-c", "raise SystemExit('no server')"])
    with pytest.raises(LabError, match="ended with 1"):
        timing.side_by_side("A failure", {"it": way}, 1)


def test_no_such_part(place: Place) -> None:
    said = told(place, "dev", "bench", "chekcs")
    assert "no part 'chekcs'" in said
    assert "checks, watch, commands" in said


def test_a_broken_budget_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = measured(
        tmp_path,
        Budget("`lab check`, as part of pytest over ssh", 0.5, 1 / 6, "times"),
        Budget("`lab reset`", 4.2, 10, "s"),
    )
    known = record.read(root, "docker").parts["growth"]
    assert bench.tell("growth", known) == 1
    said = capsys.readouterr().out
    assert "BROKEN `lab check`" in said
    assert "kept   `lab reset`" in said
    shown = page.page(root)
    assert "| 0.5 of 0.167 times | broken |" in shown
    assert "| 4.2 of 10 s | kept |" in shown
    assert "| lab check | 0.751 s |" in shown
    assert "On 2026-11-26, with 2 cores; Python 3.11.2." in shown


def test_a_damaged_record_names_the_mend(tmp_path: Path) -> None:
    root = measured(tmp_path)
    record.path(root, "docker").write_text('{"kind": 1}')
    with pytest.raises(LabError, match="is damaged") as error:
        record.read(root, "docker")
    assert error.value.next == "git checkout book/bench.docker.json"


def test_plots_are_drawn_of_the_record(tmp_path: Path) -> None:
    root = measured(tmp_path)
    (name,) = page.plots(root)
    assert name == "book/img/bench-docker-growth-1.svg"
    assert "img/bench-docker-growth-1.svg" in page.page(root)
    drawn = ElementTree.fromstring(page.plots(root)[name](root))
    words = ["".join(one.itertext()) for one in drawn.iter() if one.text]
    assert "lab check, seconds by checks: 0.9 at 10, 6.6 at 200." in " ".join(words)
    assert {"the floor", "lab check", "200", "checks", "seconds"} <= set(words)
    assert plot.svg(GROWTH).count("<circle") == 3, "two points and the legend"


def test_the_slope_is_that_of_the_ends() -> None:
    assert GROWTH.curves[0].slope == pytest.approx(0.02)
