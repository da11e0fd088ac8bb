"""dev listings: run chapters on a server, compare or write what they show."""

from collections.abc import Sequence

from labkit import chapters, files, labs, listings, states
from labkit.commands.session import Session
from labkit.console import note, say, step
from labkit.findings import Finding
from labkit.labs import Lab


def run(session: Session, names: Sequence[str], *, write: bool) -> int:
    """Run the chapters of the named labs, or of all; 1 when one is not true."""
    session.server.kind.ensure(session.server)
    named = [labs.find(session.root, name) for name in names]
    wrong = 0
    with session.checkout.working("dev listings"):
        try:
            for lab in named or labs.all_labs(session.root):
                findings = _chapter(session, lab, write=write)
                wrong += len(findings)
                for finding in findings:
                    say(str(finding))
        finally:
            session.server.kind.down(session.server)
    if wrong and write:
        say("Written: read what changed with git diff book, then run it again.")
    say(f"{wrong} findings." if wrong else "The chapters are true.", "bold")
    return 1 if wrong else 0


def _chapter(session: Session, lab: Lab, *, write: bool) -> list[Finding]:
    book = session.root / "book"
    path = book / f"{lab.name}.md"
    if write:
        text = path.read_text()
        shown = {
            block.line: chapters.listing(book, lab.name, block.place).read_text()
            for block in chapters.blocks(text)
            if block.place
        }
        files.write(path, chapters.replaced(text, shown), mode=0o644)
    findings = listings.form(book, lab)
    if findings:
        return findings
    states.to_start(session.root, session.server, lab)
    with step(f"Typing chapter {lab.number}"):
        findings, bodies = listings.run(book, lab, session.server, note)
    if write:
        files.write(path, chapters.replaced(path.read_text(), bodies), mode=0o644)
    return findings
