"""A learner's place in a course, class, unit or learning-plan module, as each side shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import NewType

from connector.domain.learner import ClassId, ContactId, CourseId, UnitId, Unknown, UserId

EnrolmentId = NewType("EnrolmentId", str)
"""An enrolment in iSpring Learn."""

DateValue = date | None | Unknown
"""A calendar date, none, or "not shown"."""


class Status(StrEnum):
    """How far a learner has come in a course (the LMS's own words)."""

    NOT_STARTED = "not_started"
    IN_PROGRESS = "in_progress"
    PENDING = "pending"
    COMPLETE = "complete"
    PASSED = "passed"
    ACCEPTED = "accepted"
    INCOMPLETE = "incomplete"
    FAILED = "failed"
    DECLINED = "declined"

    @property
    def is_success(self) -> bool:
        return self in (Status.COMPLETE, Status.PASSED, Status.ACCEPTED)

    @property
    def is_open(self) -> bool:
        return self in (Status.NOT_STARTED, Status.IN_PROGRESS, Status.PENDING)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A learner's place in one LMS course.

    `access_from` and `due` are calendar dates as the LMS shows them; `due` None means no due date. `locks` says whether
    access ends after the due date; it carries no meaning while `due` is None. `has_certificate` only for a live one.
    """

    enrolment_id: EnrolmentId
    course_id: CourseId
    user_id: UserId
    access_from: date
    due: date | None
    locks: bool
    has_certificate: bool = False
    from_catalog: bool = False


@dataclass(frozen=True, slots=True)
class Completion:
    """How far one enrolment has come. `completed_at` and `access_at` are aware, UTC; `score` is 0-100 or None.

    `enrolment_id` may be missing on old accounts; then learner and course find it.
    """

    enrolment_id: EnrolmentId | None
    user_id: UserId
    course_id: CourseId
    status: Status
    completed_at: datetime | None = None
    access_at: datetime | None = None
    score: float | None = None


class ClassStatus(StrEnum):
    """The standing of a class enrolment, read from words that differ between accounts."""

    IN_PROGRESS = "in_progress"
    TENTATIVE = "tentative"
    DEFERRED = "deferred"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    UNKNOWN = "unknown"


class ModuleStatus(StrEnum):
    """The standing of a learning-plan module enrolment; OTHER is anything but the two open ones."""

    ENROLLED = "enrolled"
    IN_PROGRESS = "in_progress"
    OTHER = "other"

    @property
    def is_open(self) -> bool:
        return self is not ModuleStatus.OTHER


@dataclass(frozen=True, slots=True)
class UnitEnrolment:
    """The learner in one unit of a class. `outcome` is the code as text, "" when blank.

    `end` None means the row shows no end date; whether that is "none" or "not shown" depends on the account.
    """

    unit_id: UnitId
    code: str
    outcome: str
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class ClassEnrolment:
    """One contact in one class, with its units. `status_word` is the platform's own text ("" when absent).

    `enrolled_at` is account-local wall time, naive on purpose: it only orders enrolments of one account.
    `units` holds only units that the reading asked for; `unit_count` counts all the row showed, `unnamed_units` those without a code.
    """

    contact_id: ContactId
    class_id: ClassId
    enrol_id: int
    template_id: int
    qualification: str
    status: ClassStatus
    status_word: str
    enrolled_at: datetime | None
    start: date | None
    finish: date | None
    email: str
    given: str
    surname: str
    unit_count: int
    units: tuple[UnitEnrolment, ...] = ()
    unnamed_units: int = 0


@dataclass(frozen=True, slots=True)
class ModuleEnrolment:
    """The learner in one learning-plan module. `override` True unlocked, False locked, None none, UNKNOWN not shown."""

    module_enrolment_id: int
    contact_id: ContactId
    class_id: ClassId
    enrol_id: int
    name: str
    status: ModuleStatus
    status_word: str
    start: date | None
    end: date | None
    override: bool | Unknown | None


@dataclass(frozen=True, slots=True)
class TrainingClass:
    """A class as its detail shows it. `reporting_standard` names the jurisdiction in the platform's words."""

    class_id: ClassId
    name: str
    start: date | None
    finish: date | None
    reporting_standard: str = ""
    qualification: str = ""
