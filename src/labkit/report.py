"""The report of a check run: what `lab check --json` prints, format 1.

The field descriptions below are the documentation; `lab check --json-schema`
prints them as a JSON Schema. Made so that a page can show a class's progress.
"""

from datetime import datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

Outcome = Literal["pass", "fail", "blocked", "not run", "error"]


class Message(Struct, forbid_unknown_fields=True):
    """What a failed check says to the learner; sentences."""

    wanted: str
    found: str
    why: str
    look: str


class CheckResult(Struct, forbid_unknown_fields=True, omit_defaults=True):
    """One check."""

    name: Annotated[str, Meta(description="the test function")]
    promise: Annotated[str, Meta(description="what the learner is promised")]
    outcome: Outcome
    seconds: Annotated[float, Meta(description="how long it took, start to end")]
    message: Annotated[Message | None, Meta(description="for fail")] = None
    reason: Annotated[
        str | None, Meta(description="for blocked, not run and error: why")
    ] = None
    declined: Annotated[
        bool, Meta(description="for not run: the learner declined it")
    ] = False


class Report(Struct, forbid_unknown_fields=True, kw_only=True):
    """One run of a lab's checks."""

    format: Literal[1] = 1
    lab: Annotated[str, Meta(description="number and slug")]
    slug: Annotated[str, Meta(description="the lab's permanent id")]
    server: Annotated[str, Meta(description="the server's name")]
    kind: Annotated[str, Meta(description="the kind of machine")]
    began: datetime
    seconds: float
    checks: list[CheckResult]
    drill: Annotated[
        bool, Meta(description="the server is a drill's, so nothing of it is the lab's")
    ] = False

    @property
    def solved(self) -> bool:
        """Whether all passed that this machine can run, and none was declined."""
        return all(
            check.outcome == "pass"
            or (check.outcome == "not run" and not check.declined)
            for check in self.checks
        ) and any(check.outcome == "pass" for check in self.checks)

    def count(self, outcome: Outcome) -> int:
        """How many checks had this outcome."""
        return sum(check.outcome == outcome for check in self.checks)
