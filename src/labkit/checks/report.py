"""The report of a check run: what `lab check --json` prints, format 1.

The field descriptions below are the documentation; `lab check --json-schema`
prints them as a JSON Schema. Made so that a page can show a class's progress.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from labkit.checks import Outcome


class Message(BaseModel):
    """What a failed check says to the learner; sentences."""

    model_config = ConfigDict(extra="forbid")
    wanted: str
    found: str
    why: str
    look: str


class CheckResult(BaseModel):
    """One check."""

    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(description="the test function")]
    promise: Annotated[str, Field(description="what the learner is promised")]
    outcome: Outcome
    seconds: Annotated[float, Field(description="how long it took, start to end")]
    message: Annotated[Message | None, Field(description="for fail")] = None
    reason: Annotated[
        str | None, Field(description="for blocked, not run and error: why")
    ] = None
    declined: Annotated[
        bool, Field(description="for not run: the learner declined it")
    ] = False


class Report(BaseModel):
    """One run of a lab's checks."""

    model_config = ConfigDict(extra="forbid")
    format: Literal[1] = 1
    lab: Annotated[str, Field(description="number and slug")]
    slug: Annotated[str, Field(description="the lab's permanent id")]
    server: Annotated[str, Field(description="the server's name")]
    kind: Annotated[str, Field(description="the kind of machine")]
    began: datetime
    seconds: float
    checks: list[CheckResult]

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
