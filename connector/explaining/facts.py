"""What an explanation says, as values; `cli` turns it into text and JSON (docs/explain.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from connector.domain.learner import ContactId, CourseId, UserId
from connector.domain.report import Exit
from connector.domain.rule import Field, Place, Rule


class State(StrEnum):
    """How a field stands. OFF: the rule does not look at it."""

    AGREES = "agrees"
    WOULD_CHANGE = "would_change"
    WAITS = "waits"
    RESTS = "rests"
    OFF = "off"


class Where(StrEnum):
    """Where a suggested change is made. CONNECTOR: by one of its own commands; MAPPING: in a mapping file."""

    ISPRING = "ispring"
    AXCELERATE = "axcelerate"
    CONNECTOR = "connector"
    MAPPING = "mapping"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a field stands and why. `kind` is the closed list that holds `reason` ("change", "review", "skipped"; "" for none).

    `after` is what would be written or is proposed; `detail` is the run's own sentence; `also` holds further reasons.
    """

    state: State
    kind: str = ""
    reason: str | None = None
    after: str | None = None
    detail: str = ""
    review: str | None = None
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One change that alters the outcome. `record` is (kind, id); `then` is how the field would stand afterwards, None where
    that depends on what would be shown then.
    """

    platform: Where
    action: str
    record: tuple[str, str]
    field: str
    value: str | None
    then: Verdict | None


@dataclass(frozen=True, slots=True)
class AgreedOn:
    """The values last agreed, one per side, and the run in which they were; `at` is None where the run's time is not known."""

    ispring: str | None
    axcelerate: str | None
    run: str | None
    at: datetime | None


@dataclass(frozen=True, slots=True)
class DecidedBy:
    """The mapping line and key that decide. `value` is what holds, `is_default` says that nobody wrote it."""

    place: Place
    key: str
    value: str
    text: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class Call:
    """The last write about a field: what was sent, the platform's answer, what was shown afterwards."""

    at: datetime
    run: str
    platform: str
    before: str | None
    after: str | None
    reason: str | None
    answer: str
    read_back: str
    settled: bool


@dataclass(frozen=True, slots=True)
class FieldFacts:
    """One field of one pair. `course` is set where a rule has several courses and the field is compared for each of them.

    Values are those of a run's report (contract, section 6); "?" is "the account does not show it".
    """

    field: Field
    course: CourseId | None
    ispring: str | None
    axcelerate: str | None
    agreed: AgreedOn | None
    verdict: Verdict
    decided_by: DecidedBy | None
    last_call: Call | None
    what_would_change: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Governs:
    """Whether this record decides enrolment, dates and access, which one does, and why that one."""

    is_governing: bool
    rule: str
    record: str
    why: str


@dataclass(frozen=True, slots=True)
class PairFacts:
    """One rule and one record: everything about their fields. `record` is a key such as "unit:880123/BSBWHS211", or None."""

    rule: Rule
    record: str | None
    stand: str
    governs: Governs | None
    fields: tuple[FieldFacts, ...]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A user who could be the contact."""

    user_id: UserId
    login: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """How the person was matched. `reason` says why not, or that the link is doubted; "" when it stands."""

    user_id: UserId | None
    how: str | None
    since: datetime | None
    pinned: bool
    is_new: bool
    reason: str
    candidates: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything about one learner. Where a platform could not be read whole, `trouble` says so and nothing is explained.

    `asked` holds the ids of questions on record: one that only this reading brought up can be answered once a run has asked it.
    """

    contact_id: ContactId | None
    name: str = ""
    email: str = ""
    link: LinkFacts | None = None
    pairs: tuple[PairFacts, ...] = ()
    trouble: tuple[str, ...] = ()
    rested: tuple[str, ...] = ()
    exit_code: Exit = Exit.FINISHED
    calls: dict[str, int] = field(default_factory=dict)
    asked: frozenset[str] = frozenset()
