"""dev prove on a rented server: what can be proven without going back.

It has no saved states, so labs follow one another there: each one's start, its
solution, and that again, its own reboot included. Faults need a way back.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from labkit import journal, labs, matrix, pages, proof
from labkit.commands import start
from labkit.commands.prove import tell, tell_runs
from labkit.commands.session import Session, confirm
from labkit.console import say
from labkit.errors import LabError
from labkit.labs import Lab
from labkit.matrix import MadeOf, Proof, Run
from labkit.proof import Job


def run(session: Session, names: Sequence[str], *, yes: bool) -> int:
    """Prove the named labs, in this order, on the reader's server; 1 when one breaks
    its contract.

    Raises:
        LabError: when the server is somewhere from which no way leads to a lab.
    """
    root = session.root
    named = [labs.find(root, name) for name in names]
    if not named:
        raise LabError(
            "Which labs are to be proven on your rented server?",
            "There, each lab has to go on from the one before.",
            "name them in that order: ./lab dev prove 01 05 06 --on ssh://root@HOST",
        )
    confirm(
        "Prove labs on your rented server? It is rebooted, its data change, and it "
        f"ends as the solution of lab {named[-1].number} leaves it.",
        yes=yes,
    )
    broken = 0
    for lab in named:
        start.start(session, lab.number, fresh=False, port=None, seed=None, yes=yes)
        with session.checkout.working("dev prove"):
            broken += tell(lab.name, _prove(session, lab))
    pages.write(root)
    say(f"Written: book/matrix.{session.server.kind_name}.json")
    return 1 if broken else 0


def _prove(session: Session, lab: Lab) -> Proof:
    """Prove one lab, whose start the server is at, and keep what was seen."""
    root, server = session.root, session.server
    made_of = MadeOf(lab)
    runs: list[Run] = []
    jobs = [Job(lab.slug, "start"), Job(lab.slug, "solution")]
    for number, job in enumerate(jobs, 1):
        done = proof.carry_out(root, server, job)
        tell_runs(job, done, f"{number} of {len(jobs)}")
        for one in done:
            one.made_of = made_of[one.name]
        runs += done
    seconds = round(sum(one.seconds for one in runs), 1)
    kept = Proof(datetime.now(UTC).date(), seconds, runs)
    if not kept.problems:
        with journal.change(session.checkout) as progress:
            progress.servers[server.name].solved = True
    known = matrix.read(root, server.kind_name)
    known.labs[lab.name] = kept
    matrix.write(root, known)
    return kept
