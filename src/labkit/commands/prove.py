"""dev prove: carry out the contract of labs, on several servers at once."""

import io
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from multiprocessing import active_children, get_context
from multiprocessing.queues import Queue
from pathlib import Path
from types import FrameType

from labkit import labs, matrix, pages, proof, states
from labkit.checkout import Checkout
from labkit.commands.session import Session, on_interrupt
from labkit.console import note, say, step
from labkit.labs import Lab
from labkit.machines import BARE, Server
from labkit.matrix import MadeOf, Proof, Run
from labkit.proof import Job

# While one server reboots another has the core.
DEFAULT_JOBS = 1 + (os.cpu_count() or 1)

_server: Server  # in a worker: its own
_over = False  # in a worker: no further job is to be begun


def run(session: Session, names: Sequence[str], *, jobs: int | None) -> int:
    """Prove the named labs, or all, and write the matrix; 1 when one breaks it."""
    session.server.kind.ensure(session.server)
    signal.signal(signal.SIGTERM, _leave)  # the servers and workers go as well
    root, kind = session.root, session.server.kind_name
    named = [labs.find(root, name) for name in names] or labs.all_labs(root)
    with (
        session.checkout.working("dev prove"),
        on_interrupt(
            "What was proven so far is kept. The same command goes on from there; of "
            "what is edited meanwhile, it proves all anew.",
            "./lab dev prove",
        ),
    ):
        proofs = prove(
            session.checkout,
            kind,
            named,
            jobs or (DEFAULT_JOBS if kind == "docker" else 1),
            going_on=True,
        )
        known = matrix.read(root, kind)
        there = {lab.name for lab in labs.all_labs(root)}
        known.labs = {k: v for k, v in known.labs.items() if k in there} | proofs
        done = {name for name, one in proofs.items() if not one.problems}
        known.begun = {k: v for k, v in known.begun.items() if k in there - done}
        matrix.write(root, known)
        pages.write(root)  # two of them show the matrix
    broken = sum(tell(name, one) for name, one in proofs.items())
    say(f"Written: book/matrix.{kind}.json")
    if broken:
        say(f"Problems: {broken}.", "bold red")
        return 1
    say("The contract is kept.", "bold green")
    return 0


def tell(name: str, one: Proof) -> int:
    """Say what was proven of a lab and what breaks its contract: how many things."""
    for run_, problem in one.problems:
        say(f"{name}, {run_.name}: {problem}", "bold red")
    say(f"{name}: {len(one.runs)} runs in {one.seconds:.0f} s")
    return len(one.problems)


def prove(
    checkout: Checkout,
    kind: str,
    named: Sequence[Lab],
    jobs: int,
    *,
    going_on: bool = False,
) -> dict[str, Proof]:
    """Prove labs on `jobs` servers of this checkout at once; by the labs' names.

    With `going_on`, each job in which all was as it should be is kept in the matrix as
    soon as it has ended, and what the last time has left there is not done again.

    Raises:
        LabError: when a state that the proof needs can't be built.
    """
    root = checkout.root
    servers = [Server(checkout, f"prove-{n}", kind) for n in range(1, jobs + 1)]
    for server in servers:
        checkout.port(server.name)  # here, since all are kept in one file
    try:
        with step("Building the states that are not kept yet"):
            for lab in named:
                for variant in lab.variants:
                    _build(root, servers[0], lab, variant)
        with _workers(servers) as pool:
            ledger = _Ledger(root, kind, named, keeping=going_on)
            _carry_out(pool, root, ledger, again=jobs > 1)
            return ledger.proofs()
    except BaseException:
        # Docker still finishes what a worker asked of it before that was ended.
        time.sleep(2)
        raise
    finally:
        for server in servers:
            server.kind.down(server)


def _build(root: Path, server: Server, lab: Lab, variant: str) -> None:
    """Have the two states from which a lab's jobs begin."""
    for name, go_to in (
        (states.start, states.to_start),
        (states.solved, states.to_solved),
    ):
        state = name(root, lab, variant)
        if state != BARE and not server.kind.has(server, state):
            go_to(root, server, lab, variant)


class _Ledger:
    """What is to be proven of some labs, and what came of it; if `keeping`, also what
    an earlier proof has left in the matrix that is still of the same files."""

    def __init__(
        self, root: Path, kind: str, named: Sequence[Lab], *, keeping: bool
    ) -> None:
        self.root, self.kind, self.named, self.keeping = root, kind, named, keeping
        # Now: of an edit made meanwhile nothing is proven.
        self.made_of = {lab.slug: MadeOf(lab) for lab in named}
        self.runs: dict[Job, list[Run]] = {}
        self.seconds = dict.fromkeys(self.made_of, 0.0)
        known = matrix.read(root, kind)
        for lab in named if keeping else []:
            if left := known.begun.get(lab.name) or known.labs.get(lab.name):
                self._take(lab, left, ended=lab.name not in known.begun)
        self.jobs = [job for job in _mixed(named) if job not in self.runs]
        self.before = dict(self.seconds)
        self.began = time.monotonic()

    def _take(self, lab: Lab, left: Proof, *, ended: bool) -> None:
        """Take the good runs of the same files; of a proof that has `ended`, if an edit
        has made others of it stale: else all is to be proven anew."""
        made_of = self.made_of[lab.slug]
        same = [run for run in left.runs if run.made_of == made_of[run.name]]
        by_name = {run.name: run for run in same if not run.problems}
        if not by_name or (ended and len(same) == len(left.runs)):
            return
        for job in proof.jobs(lab):
            if by_name.keys() >= set(job.runs):
                self.runs[job] = [by_name[name] for name in job.runs]
        self.seconds[lab.slug] = left.seconds
        note(f"Lab {lab.number}: runs kept from the last time: {len(by_name)}.")

    def enter(self, job: Job, runs: list[Run]) -> None:
        """Take down what came of a job."""
        for run in runs:
            run.made_of = self.made_of[job.slug][run.name]
        self.runs[job] = runs
        passed = time.monotonic() - self.began
        self.seconds[job.slug] = self.before[job.slug] + passed
        if self.keeping:
            known = matrix.read(self.root, self.kind)
            lab = next(lab for lab in self.named if lab.slug == job.slug)
            known.begun[lab.name] = self._proof(lab, self._runs(lab, good=True))
            matrix.write(self.root, known)

    def proofs(self) -> dict[str, Proof]:
        """All labs' proofs, once every job has been entered."""
        return {
            lab.name: self._proof(lab, proof.whole(lab, self._runs(lab)))
            for lab in self.named
        }

    def _runs(self, lab: Lab, *, good: bool = False) -> list[Run]:
        """The lab's runs so far; if `good`, without the jobs that had problems."""
        done = [runs for job, runs in self.runs.items() if job.slug == lab.slug]
        if good:
            done = [runs for runs in done if not any(one.problems for one in runs)]
        return [one for runs in done for one in runs]

    def _proof(self, lab: Lab, runs: list[Run]) -> Proof:
        return Proof(
            on=datetime.now(UTC).date(),
            seconds=round(self.seconds[lab.slug], 1),
            runs=runs,
        )


def _carry_out(
    pool: ProcessPoolExecutor, root: Path, ledger: _Ledger, *, again: bool
) -> None:
    """Do the ledger's jobs, and those that failed, `again`, one by one."""
    jobs = ledger.jobs
    working = {pool.submit(_work, root, job): job for job in jobs}
    for number, future in enumerate(as_completed(working), 1):
        job, done = working[future], future.result()
        ledger.enter(job, done)
        tell_runs(job, done, f"{number} of {len(jobs)}")
    # Beside others a server may be too slow for a check that takes the time. What is
    # wrong with a lab is wrong as well when it has the computer to itself.
    failed = [job for job in jobs if any(one.problems for one in ledger.runs[job])]
    for job in failed if again else []:
        done = pool.submit(_work, root, job).result()
        ledger.enter(job, done)
        tell_runs(job, done, "again, alone")


def tell_runs(job: Job, runs: list[Run], where: str) -> None:
    """Say what came of a job, `where` among the others, and what was wrong there."""
    for one in runs:
        kept = "broken" if one.problems else "kept"
        note(f"{where}  {job.slug}, {one.name}: {kept}, {one.seconds:.0f} s")
        for problem in one.problems:
            note(f"  {problem}")


def _mixed(named: Sequence[Lab]) -> list[Job]:
    """The labs' jobs, each lab's in its own order and all spread evenly: while one
    lab's check waits for a mail, another lab's has the core."""
    placed = []
    for lab in named:
        jobs = proof.jobs(lab)
        placed += [((n + 0.5) / len(jobs), job) for n, job in enumerate(jobs)]
    return [job for _, job in sorted(placed, key=lambda one: one[0])]


@contextmanager
def _workers(servers: list[Server]) -> Iterator[ProcessPoolExecutor]:
    """A process for each server: pytest keeps too much to itself for threads."""
    context = get_context("spawn")
    waiting: Queue[Server] = context.Queue()
    for server in servers:
        waiting.put(server)
    pool = ProcessPoolExecutor(len(servers), context, _settle_in, (waiting,))
    try:
        yield pool
    except BaseException:
        for process in active_children():
            process.terminate()  # which ends the job there
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _settle_in(waiting: "Queue[Server]") -> None:
    global _server
    _server = waiting.get()
    # Ctrl-C is the parent's, which ends this process in an orderly way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, _leave)


def _leave(number: int, _frame: FrameType | None) -> None:
    global _over
    _over = True
    sys.exit(128 + number)


def _work(root: Path, job: Job) -> list[Run]:
    if _over:  # this one was handed out already
        return []
    # Several speak at once: what they say is told when they have ended.
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return proof.carry_out(root, _server, job)
