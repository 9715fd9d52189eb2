"""What the planner decides: changes, questions for a person, and what is left alone and said.

The words in `before`, `after` and `agreed` are those of the contract (section 6): dates `YYYY-MM-DD` or None, access `open`,
`closes_after_due`, `closed`, outcome a code or a course status, enrolment `enrolled`, `withdrawn` or None.
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field as member
from datetime import date
from enum import StrEnum

from connector.domain.change import Override
from connector.domain.enrolment import EnrolmentId
from connector.domain.learner import ClassId, ContactId, CourseId, UserId
from connector.domain.memory import Memory
from connector.domain.rule import Field, Side

OPEN, CLOSES_AFTER_DUE, CLOSED = "open", "closes_after_due", "closed"
ENROLLED, WITHDRAWN = "enrolled", "withdrawn"
AUTOMATIC = "automatic"


class Act(StrEnum):
    """What carrying a change out takes. Changes of one record with the act RESCHEDULE, or of one unit or module, share one call."""

    ENROL = "enrol"
    RESCHEDULE = "reschedule"
    CLOSE = "close"
    RESTORE = "restore"
    UNENROL = "unenrol"
    SET_STATUS = "set_status"
    UPDATE_UNIT = "update_unit"
    UPDATE_MODULE = "update_module"


class Rank(StrEnum):
    """The order of the queue: giving access back first, taking it last (law 9)."""

    RESTORE = "1-restore"
    CREATE = "2-create"
    CHANGE = "3-change"
    OUTCOME = "4-outcome"
    REMOVE = "5-remove"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUser:
    """The person to add to the LMS before enrolling (`missing_learner: create`)."""

    login: str
    email: str
    given: str
    surname: str
    department: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The whole schedule that a create, a closing or a restoring gives. `access` is a wall time or bare date as text, None = now.

    `due_default` asks for the due date configured in the course; `due` is then None.
    """

    access: str | None
    due: date | None
    locks: bool
    due_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One planned change of one field, with all that the executor and the settling need. Plain data: it is stored as JSON.

    `record` is the aXcelerate record's key ("unit:880123/51001"); `record_kind` and `record_id` name what is written to.
    `source` is the value of the side that gives, as it was read (agreed with when the change is found carried out): for dates
    ISO text or None, for access the override ("true", "false", "", "?") or the lock ("1", "0", "").
    `agrees_start` and `agrees_due`: once this override stands, the dates are agreed as they then are (the LMS stays as a person set it).
    `expect` is what the written side showed for this field (the precondition), in the same texts.
    `locks` is the lock to send with a due date where none stood (without a due date the LMS shows no lock); None: as it stands.
    """

    id: str
    rule: str
    platform: Side
    contact_id: ContactId
    user_id: UserId | None
    email: str
    record_kind: str
    record_id: str | None
    field: Field
    before: str | None
    after: str | None
    agreed: str | None
    reason: str
    act: Act
    rank: Rank
    record: str
    class_id: ClassId | None = None
    course_id: CourseId | None = None
    enrolment_id: EnrolmentId | None = None
    source: str | None = None
    expect: str | None = None
    target: Target | None = None
    new_user: NewUser | None = None
    override: Override = Override.LEAVE
    on: date | None = None
    locks: bool | None = None
    lock_given: bool | None = None
    review: str | None = None
    agrees_start: bool = False
    agrees_due: bool = False
    counts_created: int = 0
    counts_update: bool = False
    counts_removed: bool = False
    counts_outcome: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What waits for a person. `id` is derived from the question's own evidence, never from the time.

    `proposed` is what approving writes; None means that approving has to say which side to take.
    """

    id: str
    rule: str
    contact_id: ContactId
    user_id: UserId | None
    email: str
    field: Field
    record: str
    ispring: str | None
    axcelerate: str | None
    agreed: str | None
    proposed: str | None
    reason: str
    evidence: dict[str, str | None] = member(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """What is left alone, and why. `once`: said only in the run that sees it. `lasting`: stays true until an edit (time cannot change it)."""

    rule: str
    contact_id: ContactId | None
    user_id: UserId | None
    email: str
    record: str | None
    reason: str
    detail: str
    field: Field | None = None
    once: bool = False
    lasting: bool = True


@dataclass(slots=True)
class Note:
    """A decision that leads to no write and still belongs in the journal (an agreement of two edits, a conflict settled by rule)."""

    rule: str
    field: Field
    reason: str
    text: str
    record: str


@dataclass(slots=True)
class RuleCount:
    """How this person's pairs of one rule stand: in scope, with a live enrolment, with agreed values, in agreement."""

    pairs: int = 0
    matched: int = 0
    history: int = 0
    agreed: int = 0

    def add(self, other: RuleCount) -> None:
        self.pairs += other.pairs
        self.matched += other.matched
        self.history += other.history
        self.agreed += other.agreed


@dataclass(slots=True)
class PersonPlan:
    """Everything decided about one contact. `memory` is what to remember if nothing of `changes` is carried out.

    `standing` holds the ids of all reviews that this plan still refers to, decided or not: any other review of the person has lapsed,
    unless its record (rule, key) is `resting`: nothing is known of its evidence in this run.
    `answered` holds approvals that are carried out without a write. `unread` names enrolments whose results decide something here and
    were not read: they count as begun.
    """

    contact_id: ContactId
    user_id: UserId | None
    memory: Memory
    changes: list[Change] = member(default_factory=list)
    questions: list[Question] = member(default_factory=list)
    skips: list[Skip] = member(default_factory=list)
    notes: list[Note] = member(default_factory=list)
    standing: set[str] = member(default_factory=set)
    resting: set[tuple[str, str]] = member(default_factory=set)
    answered: set[str] = member(default_factory=set)
    unread: dict[EnrolmentId, CourseId] = member(default_factory=dict)
    rules: dict[str, RuleCount] = member(default_factory=dict)

    @property
    def is_quiet(self) -> bool:
        """Nothing to do, nothing asked, and nothing that only the passing of time could alter."""
        return (
            not self.changes and not self.questions and all(skip.lasting or skip.once for skip in self.skips)
        )
