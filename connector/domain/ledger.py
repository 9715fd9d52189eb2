"""What the connector remembers between runs, as values; `state/` turns them into rows and back."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from connector.domain.learner import ContactId, UserId


@dataclass(frozen=True, slots=True)
class Link:
    """Who is who: stands by id until unpinned. `how` is the matcher's text ("email", "optional_id=login") or "pinned"."""

    contact_id: ContactId
    user_id: UserId
    how: str
    pinned: bool = False
    linked_at: datetime | None = None


class PersonDigest(NamedTuple):
    """What a run needs to know of a person in whom nothing may have changed: a bare tuple, a million of them are compared.

    The digests are 63-bit sums over the records of either side as last seen; `quiet` says that nothing was pending then.
    """

    contact_id: ContactId
    user_id: UserId | None
    vet_digest: int
    lms_digest: int
    quiet: bool


@dataclass(slots=True)
class PersonState:
    """Everything remembered about one contact. `memory` and `said` are JSON documents that only the planner reads.

    `said` is what every run repeats about this person while nothing changes (JSON list, "" for nothing). The counts are those of
    the last full run: pairs in scope, pairs matched with a live enrolment, pairs with agreed values, pairs agreed.
    """

    contact_id: ContactId
    user_id: UserId | None
    vet_digest: int
    lms_digest: int
    quiet: bool
    memory: str
    said: str
    pairs: int
    matched: int
    history: int
    agreed: int
    run: str


@dataclass(frozen=True, slots=True)
class Counts:
    """Sums over all people of the account."""

    pairs: int = 0
    matched: int = 0
    history: int = 0
    agreed: int = 0


class EntryKind(StrEnum):
    RUN = "run"
    DECISION = "decision"
    WRITE = "write"
    REVIEW = "review"
    LINK = "link"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal, before it is chained. Never a name or an address: people stand here by id.

    `detail` holds the facts behind the line (values read, agreed values, mapping place and digest, command, answer); it must be
    JSON-serialisable and is part of what is hashed. `before` and `after` are texts or None.
    """

    at: datetime
    run: str
    kind: EntryKind
    text: str
    rule: str | None = None
    contact_id: ContactId | None = None
    user_id: UserId | None = None
    field: str | None = None
    before: str | None = None
    after: str | None = None
    reason: str | None = None
    by: str | None = None
    detail: dict[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ChainedEntry:
    """A journal line as it stands in the chain: `hash` covers the line and `previous`."""

    sequence: int
    entry: Entry
    previous: str
    hash: str


class IntentState(StrEnum):
    """OPEN: written before the call, no answer on record. ACCEPTED: the platform said yes, not read back yet (a task may run).

    VERIFIED, FAILED and DROPPED are final: read back as sent; refused for good; found not carried out.
    """

    OPEN = "open"
    ACCEPTED = "accepted"
    VERIFIED = "verified"
    FAILED = "failed"
    DROPPED = "dropped"


@dataclass(slots=True)
class Intent:
    """A write, on record before it leaves. `change` is the planned change as a JSON document; `task_id` of an LMS task."""

    id: str
    run: str
    contact_id: ContactId
    rule: str
    change: str
    state: IntentState
    at: datetime
    answered_at: datetime | None = None
    answer: str = ""
    task_id: str | None = None
    deadline: datetime | None = None


class ReviewState(StrEnum):
    WAITING = "waiting"
    APPROVED = "approved"
    REJECTED = "rejected"
    APPLIED = "applied"
    LAPSED = "lapsed"


@dataclass(slots=True)
class Review:
    """A question for a person. `id` is derived from the question itself, so the same question keeps its id.

    `question` is the JSON object that a run's report shows for it; `evidence` a JSON object (status, score, completion date, …).
    `take` and `on_date` are what the decision added (`--take`, `--date`).
    """

    id: str
    rule: str
    contact_id: ContactId
    user_id: UserId | None
    field: str
    reason: str
    question: str
    evidence: str
    state: ReviewState
    asked_at: datetime
    run: str
    decided_at: datetime | None = None
    by: str | None = None
    take: str | None = None
    on_date: date | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A webhook delivery: only a hint about whom to look at. `people` are ids as the platform writes them."""

    platform: str
    people: tuple[str, ...]
    received_at: datetime


@dataclass(slots=True)
class RunRecord:
    """One run. `scope` is a JSON object ({} for a full run); `report` the JSON totals when finished."""

    id: str
    command: str
    scope: str
    started_at: datetime
    finished_at: datetime | None = None
    exit_code: int | None = None
    report: str = ""
    mapping_digest: str = ""
    is_full: bool = True
