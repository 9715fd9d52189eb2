"""What a run did or would do, as values; `cli` and `console` turn it into text, tables and JSON (contract, section 6)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as member
from datetime import datetime
from enum import IntEnum, StrEnum

from connector.domain.learner import ContactId
from connector.domain.plan import Change, Question, Skip


class Exit(IntEnum):
    """The exit codes of the contract, section 1; where several fit: 1, 2, 5, 4, 3, 10, 0 in this order."""

    FINISHED = 0
    BUG = 1
    SETUP = 2
    PARTIAL = 3
    REFUSED = 4
    UNREACHABLE = 5
    DRIFT = 10


class Status(StrEnum):
    """PLANNED in a plan; APPLIED read back and found so; REFUSED by a limit (or moved since a saved plan)."""

    PLANNED = "planned"
    APPLIED = "applied"
    UNVERIFIED = "unverified"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(slots=True)
class ChangeLine:
    """One change and what became of it; `error` says what to know about it, in plain words, or is None."""

    change: Change
    status: Status
    error: str | None = None


@dataclass(slots=True)
class CallCount:
    """Calls to one platform. `floor` is the least that the same reading and writing takes (contract, section 6).

    `other` (tokens, capability reads, retries, task polls, look-ups of people, merge history) is not part of the floor and stands apart.
    """

    read: int = 0
    write: int = 0
    floor: int = 0
    other: int = 0


@dataclass(slots=True)
class Totals:
    """Pairs in scope and how they stand; changes by status; questions waiting; things left alone."""

    pairs: int = 0
    agreed: int = 0
    planned: int = 0
    applied: int = 0
    failed: int = 0
    unverified: int = 0
    refused: int = 0
    review: int = 0
    skipped: int = 0


@dataclass(slots=True)
class Report:
    """One run. `refusals` are the limits that refused it, `trouble` what made it incomplete (platform, listing), `rested` rules or
    classes that rested (each raises the exit code), `waiting_since` when each waiting question was first asked.

    `names` gives a display name for contacts of this run, for reports that a person asked for; never stored.
    """

    run: str
    command: str
    started_at: datetime
    finished_at: datetime | None = None
    changes: list[ChangeLine] = member(default_factory=list)
    questions: list[Question] = member(default_factory=list)
    skips: list[Skip] = member(default_factory=list)
    totals: Totals = member(default_factory=Totals)
    calls: dict[str, CallCount] = member(default_factory=dict)
    refusals: list[str] = member(default_factory=list)
    trouble: list[str] = member(default_factory=list)
    rested: list[str] = member(default_factory=list)
    waiting_since: dict[str, datetime] = member(default_factory=dict)
    names: dict[ContactId, str] = member(default_factory=dict)
    stopped: bool = False
    mapping_digest: str = ""

    @property
    def found_nobody(self) -> bool:
        """Whether this run met nothing at all that a rule is about, although both platforms were read whole."""
        met = self.totals.pairs or self.changes or self.questions or self.skips
        return not (met or self.trouble or self.rested)

    @property
    def exit_code(self) -> Exit:
        """The code that this run ends with; DRIFT is the command's business (`--detailed-exitcode`)."""
        if self.trouble:
            return Exit.UNREACHABLE
        if self.refusals:
            return Exit.REFUSED
        bad = (Status.FAILED, Status.UNVERIFIED, Status.REFUSED)
        if self.rested or any(line.status in bad for line in self.changes):
            return Exit.PARTIAL
        return Exit.FINISHED
