"""The contract of a lab (DESIGN), carried out on a server: seven steps.

Each job brings a server to a known state, does one thing to it, and runs the checks.
"""

import re
import shlex
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from labkit import disk, faults, labs, listings, probes, scripts, servers, states
from labkit.checks import run as checks_run
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.machines import Server
from labkit.matrix import Problem, Run
from labkit.report import CheckResult, Report


@dataclass(frozen=True)
class Job:
    """One thing to prove of a lab: `what`, for some of which script, and in a drill
    from which of its variants."""

    slug: str
    what: str
    script: str = ""
    variant: str = ""

    @property
    def name(self) -> str:
        """As in the matrix: "fault root-again", or in a drill "start (wrong-path)"."""
        return self._named(self.what)

    @property
    def runs(self) -> list[str]:
        """The names of the runs that come of it."""
        both = ("solution", "again") if self.what == "solution" else (self.what,)
        return [self._named(what) for what in both]

    def _named(self, what: str) -> str:
        name = f"{what} {self.script}".rstrip()
        return f"{name} ({self.variant})" if self.variant else name


def jobs(lab: Lab) -> list[Job]:
    """All that is to be proven of a lab, the longest first; of each variant the same,
    but for the faults, which break what is solved."""
    others = [path.parent.name for path in lab.solution.glob("alt-*/solve.sh")]
    found = [("chapter", ""), ("solution", "")]
    found += [("alternative", name) for name in sorted(others, reverse=True)]
    found += [("reboot", ""), ("start", "")]
    return [
        Job(lab.slug, what, script, variant)
        for what, script in found
        for variant in lab.variants
    ] + [Job(lab.slug, "fault", fault.name) for fault in faults.of(lab)]


def carry_out(root: Path, server: Server, job: Job) -> list[Run]:
    """Do one job on a server, which is replaced. The states it needs are built.

    What can't be carried out, such as a script that fails, is a problem of that run.
    """
    step, steps = _STEPS[job.what]
    began = time.monotonic()
    try:
        return steps(Bench(root, server, labs.by_slug(root, job.slug), job))
    except LabError as error:
        seconds = round(time.monotonic() - began, 1)
        problem = Problem(step, "could not be carried out", message=str(error))
        return [Run(job.name, seconds, {}, {}, [problem])]


@dataclass(frozen=True)
class Bench:
    """A server on which a lab is proven, and what is to be proven there."""

    root: Path
    server: Server
    lab: Lab
    job: Job

    def at_start(self) -> None:
        """Bring the server to the lab's start. A rented one is there already: it has
        no states, and its owner was asked on the way."""
        if self.server.rented:
            return
        states.to_start(self.root, self.server, self.lab, self.job.variant)

    def at_solved(self) -> None:
        """Bring the server to where the reference solution led."""
        states.to_solved(self.root, self.server, self.lab, self.job.variant)

    def script(self, directory: Path, name: str) -> None:
        """Run a script on the server."""
        with servers.connected(self.server) as connection:
            scripts.run(connection, directory, name)

    def check(self, *options: str) -> Report:
        """Run the lab's checks, when what was restarted before has come to rest."""
        with servers.connected(self.server) as connection:
            connection.run(f"timeout 60 sh -c {shlex.quote(probes.IDLE)}", timeout=90)
            kind = self.server.kind_name
            return checks_run.run(
                self.lab, self.server, kind, connection, options=options
            )

    def disk(self, before: disk.Disk | None = None) -> disk.Disk:
        """The server's disk now."""
        with servers.connected(self.server) as connection:
            return disk.look(connection, before)


def _run(name: str, began: float, report: Report, problems: list[Problem]) -> Run:
    outcomes = {check.name: check.outcome for check in report.checks}
    found = {c.name: c.message.found for c in report.checks if c.message}
    seconds = round(time.monotonic() - began, 1)
    return Run(name, seconds, outcomes, found, problems)


def words(check: CheckResult) -> str:
    """What a check said, for whoever wrote it."""
    if check.message:
        return f"found: {check.message.found}"
    return check.reason or ""


def _not_passed(step: int, report: Report) -> list[Problem]:
    """Checks that had to pass and did not."""
    return [
        Problem(step, f"{check.outcome}, and had to pass", check.name, words(check))
        for check in report.checks
        if check.outcome not in ("pass", "not run")
    ]


def guards(lab: Lab) -> set[str]:
    """The checks that are rightly true from the start."""
    text = "".join(path.read_text() for path in lab.path.glob("test_*.py"))
    return set(re.findall(r"^@guard\n(?:[@ )#].*\n)*def (test_\w+)", text, re.M))


def _start(bench: Bench) -> list[Run]:
    """Step 1: at the start every check fails by itself, but for the guards."""
    began = time.monotonic()
    bench.at_start()
    report = bench.check("--ignore-needs")
    rightly_true = guards(bench.lab)
    problems = []
    for check in report.checks:
        wanted = "pass" if check.name in rightly_true else "fail"
        accepted = {wanted, "not run"}
        if bench.server.rented:  # its provider may have done some of it already
            accepted.add("pass")
        if check.outcome not in accepted:
            what = f"{check.outcome} at the start, and had to {wanted}"
            problems.append(Problem(1, what, check.name, words(check)))
    if not any(check.outcome == "fail" for check in report.checks):
        problems.append(Problem(1, "no check fails at the start"))
    return [_run(bench.job.name, began, report, problems)]


def _solution(bench: Bench) -> list[Run]:
    """Step 2: all pass; only what was announced has changed; again: nothing."""
    began = time.monotonic()
    bench.at_start()
    before = bench.disk()
    bench.script(bench.lab.solution, "solve.sh")
    after = bench.disk(before)
    announced = bench.lab.file.changes
    touched = [
        path
        for path in disk.changed(before, after)
        if not disk.covered(path, by=announced)
    ]
    problems = [
        Problem(2, f"changed, and not announced in lab.toml: {path}")
        for path in touched[:20]
    ]
    report = bench.check()
    once, again = bench.job.runs
    first = _run(once, began, report, problems + _not_passed(2, report))
    began = time.monotonic()
    before = bench.disk()
    bench.script(bench.lab.solution, "solve.sh")
    problems = [
        Problem(2, f"changed by a second solve: {path}")
        for path in disk.changed(before, bench.disk(before))[:20]
    ]
    report = bench.check()
    second = _run(again, began, report, problems + _not_passed(2, report))
    return [first, second]


def _reboot(bench: Bench) -> list[Run]:
    """Step 3: a state is a disk after a clean shutdown, so this one has booted."""
    began = time.monotonic()
    bench.at_solved()
    report = bench.check()
    return [_run(bench.job.name, began, report, _not_passed(3, report))]


def _alternative(bench: Bench) -> list[Run]:
    """Step 4: another right answer passes."""
    began = time.monotonic()
    bench.at_start()
    bench.script(bench.lab.solution / bench.job.script, "solve.sh")
    report = bench.check()
    return [_run(bench.job.name, began, report, _not_passed(4, report))]


def _fault(bench: Bench) -> list[Run]:
    """Step 5: exactly the checks fail that the fault names, and say what it says."""
    began = time.monotonic()
    fault = faults.named(bench.lab, bench.job.script)
    bench.at_solved()
    bench.script(bench.lab.path / "faults", fault.path.name)
    if fault.reboot:
        servers.save(bench.server, "broken")
        bench.server.kind.forget(bench.server, "broken")
    report = bench.check()
    problems = []
    for check in report.checks:
        if check.outcome == "error":
            problems.append(Problem(5, "error", check.name, words(check)))
        elif check.outcome == "fail" and check.name not in fault.fails:
            problems.append(Problem(5, "fails as well", check.name, words(check)))
        elif check.name in fault.fails and check.outcome in ("pass", "blocked"):
            what = f"{check.outcome}, and had to fail"
            problems.append(Problem(5, what, check.name, words(check)))
        elif check.message and fault.says not in check.message.found:
            what = f"does not say '{fault.says}'"
            problems.append(Problem(5, what, check.name, words(check)))
    unknown = fault.fails - {check.name for check in report.checks}
    problems += [Problem(5, "no such check", name) for name in sorted(unknown)]
    return [_run(bench.job.name, began, report, problems)]


def _chapter(bench: Bench) -> list[Run]:
    """Step 7: the chapter's blocks run, and do not solve the lab."""
    began = time.monotonic()
    book = bench.root / "book"
    if not (book / f"{bench.lab.name}.md").is_file():
        raise LabError(
            f"There is no book/{bench.lab.name}.md.",
            "A lab is proven with its chapter.",
            f"./lab dev lint {bench.lab.number}, which says what else is missing",
        )
    bench.at_start()
    findings = listings.form(book, bench.lab)
    if not findings:
        findings = listings.run(book, bench.lab, bench.server, lambda block: None)[0]
    report = bench.check()
    problems = [Problem(7, str(finding)) for finding in findings]
    if not any(check.outcome == "fail" for check in report.checks):
        problems.append(Problem(7, "the chapter's blocks alone solve the lab"))
    return [_run(bench.job.name, began, report, problems)]


_STEPS: dict[str, tuple[int, Callable[[Bench], list[Run]]]] = {
    "start": (1, _start),
    "solution": (2, _solution),
    "reboot": (3, _reboot),
    "alternative": (4, _alternative),
    "fault": (5, _fault),
    "chapter": (7, _chapter),
}


def whole(lab: Lab, runs: list[Run]) -> list[Run]:
    """The runs in order, with what can be seen from all of them: step 6.

    Each check is named by a fault, and does not say the same of different faults.
    """
    order = [name for job in jobs(lab) for name in job.runs]
    runs = sorted(runs, key=lambda run: order.index(run.name))
    by_name = {run.name: run for run in runs}
    known = faults.of(lab)
    start = next(job.name for job in jobs(lab) if job.what == "start")
    problems = by_name[start].problems
    for check in by_name[start].outcomes:
        named = [fault for fault in known if check in fault.fails]
        if not named:
            problems.append(Problem(6, "no fault makes it fail", check))
        said = {by_name[f"fault {fault.name}"].found.get(check) for fault in named}
        if len({fault.says for fault in named}) > 1 and len(said) == 1:
            what = "says the same of every fault, so it does not say what it saw"
            problems.append(Problem(6, what, check, said.pop() or ""))
    return runs
