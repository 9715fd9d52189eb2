"""What belongs together: one Rule is one entry of the operators' mapping files (contract, section 3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from connector.domain.enrolment import Status
from connector.domain.learner import ClassId, CourseId


class Side(StrEnum):
    ISPRING = "ispring"
    AXCELERATE = "axcelerate"


class Field(StrEnum):
    """What a pair can differ in. PERSON is not compared: it is where reviews about identity stand."""

    ENROLMENT = "enrolment"
    START_DATE = "start_date"
    DUE_DATE = "due_date"
    ACCESS = "access"
    OUTCOME = "outcome"
    PERSON = "person"


class Direction(StrEnum):
    BOTH = "both"
    TO_ISPRING = "axcelerate_to_ispring"
    TO_AXCELERATE = "ispring_to_axcelerate"
    OFF = "off"

    @property
    def into_ispring(self) -> bool:
        return self in (Direction.BOTH, Direction.TO_ISPRING)

    @property
    def into_axcelerate(self) -> bool:
        return self in (Direction.BOTH, Direction.TO_AXCELERATE)


class OnConflict(StrEnum):
    AXCELERATE = "axcelerate"
    ISPRING = "ispring"
    REVIEW = "review"


class Target(StrEnum):
    CLASS = "class"
    UNIT = "unit"
    MODULE = "module"


class CompleteWhen(StrEnum):
    ALL = "all"
    ANY = "any"


class MissingLearner(StrEnum):
    REPORT = "report"
    CREATE = "create"


class OnWithdrawal(StrEnum):
    LOCK = "lock"
    UNENROL = "unenrol"
    KEEP = "keep"


class OnUnenrolment(StrEnum):
    REVIEW = "review"
    RECREATE = "recreate"
    KEEP = "keep"


class Approval(StrEnum):
    REQUIRED = "required"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands in a mapping file; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class CourseRef:
    """A course that a rule names; `title`, where given, is checked against the account."""

    course_id: CourseId
    title: str | None = None


@dataclass(frozen=True, slots=True)
class Matcher:
    """One way to find a contact's LMS user: `email`, `login`, `optional_id=login` or `optional_id=<profile field>`.

    `by_optional_id` False compares aXcelerate's e-mail with the user's `lms_field` ("email" or "login"); True compares the
    contact's optional id with it. `lms_field` is lower-cased.
    """

    text: str
    lms_field: str
    by_optional_id: bool


@dataclass(frozen=True, slots=True)
class EnrolmentRule:
    create: bool = True
    missing_learner: MissingLearner = MissingLearner.REPORT
    department: str | None = None
    on_withdrawal: OnWithdrawal = OnWithdrawal.LOCK
    on_unenrolment: OnUnenrolment = OnUnenrolment.REVIEW


@dataclass(frozen=True, slots=True)
class FieldRule:
    direction: Direction
    on_conflict: OnConflict = OnConflict.AXCELERATE


@dataclass(frozen=True, slots=True)
class OutcomeRule:
    """`to_axcelerate` maps a status to an outcome code, `to_ispring` a code to a status; what is left out is never written."""

    approval: Approval = Approval.REQUIRED
    to_axcelerate: Mapping[Status, str] = field(default_factory=dict)
    to_ispring: Mapping[str, Status] = field(default_factory=dict)
    on_conflict: OnConflict = OnConflict.REVIEW

    @property
    def is_used(self) -> bool:
        return bool(self.to_axcelerate or self.to_ispring)


@dataclass(frozen=True, slots=True)
class Rule:
    """One mapping rule, defaults filled in.

    `position` is the rule's rank over all files (file name, then line): the last word on which record governs.
    `places` says where each key stands ("due_date.direction"; "" for the rule itself; a key left to its default is absent).
    `source` is the rule's own text in the file, `digest` the SHA-256 of everything that decides (defaults included), hex.
    """

    id: str
    was: str | None
    title: str
    courses: tuple[CourseRef, ...]
    complete_when: CompleteWhen
    target: Target
    unit: str | None
    module: str | None
    classes: tuple[ClassId, ...]
    qualification: str | None
    jurisdiction: str
    match: tuple[Matcher, ...]
    enrolment: EnrolmentRule
    start_date: FieldRule
    due_date: FieldRule
    lock_after: bool
    access: FieldRule
    outcome: OutcomeRule
    position: int
    place: Place
    places: Mapping[str, Place]
    source: str
    digest: str

    @property
    def course_ids(self) -> tuple[CourseId, ...]:
        return tuple(course.course_id for course in self.courses)

    def place_of(self, key: str) -> Place:
        """The place of a key or of its nearest written parent."""
        while key:
            if key in self.places:
                return self.places[key]
            key = key.rpartition(".")[0]
        return self.place


@dataclass(frozen=True, slots=True)
class Share:
    """A limit: a number of pairs, or a percentage of the pairs it is held against."""

    value: float
    is_percent: bool

    def __str__(self) -> str:
        return f"{self.value:g}%" if self.is_percent else f"{self.value:g}"


@dataclass(frozen=True, slots=True)
class Limits:
    created: Share = Share(500, False)
    updates: Share = Share(50, True)
    access_removed: Share = Share(10, True)
    outcomes: Share = Share(30, True)


@dataclass(frozen=True, slots=True)
class Rules:
    """Every rule of the mapping directory, in order of `position`. `digest` covers all rules and limits."""

    rules: tuple[Rule, ...]
    limits: Limits
    digest: str

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.rules)
