"""What may be done: the commands that a platform carries out, and the decisions they come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import Enum, StrEnum

from connector.domain.enrolment import EnrolmentId, Status
from connector.domain.learner import ClassId, ContactId, CourseId, UnitId, UserId


class DueDefault(Enum):
    """The due date that is configured in the course itself."""

    COURSE_DEFAULT = "course_default"


COURSE_DEFAULT = DueDefault.COURSE_DEFAULT


@dataclass(frozen=True, slots=True)
class Schedule:
    """The whole schedule of an LMS enrolment: an edit replaces all of it.

    `access_from` is naive wall time in the LMS account's zone; None means now (creates only). `due` None means no due date.
    """

    access_from: datetime | None
    due: date | DueDefault | None
    locks: bool


@dataclass(frozen=True, slots=True)
class KnownStart:
    """What is known of an enrolment's start beside the day in its list: `at` is the time of day, as results show it or as we last wrote it.

    `day` is the day that results show where the list showed another one (`listed`): a list may be cut in another zone (reference,
    section 13). It is given only where results show the time that we last wrote: then the account reads what it is sent in the zone we think.
    """

    at: time
    listed: date | None = None
    day: date | None = None

    def standing(self, listed: date) -> date:
        """The day to resend where the start stays, as long as the list still shows what it showed beside the results."""
        return self.day if self.day is not None and listed == self.listed else listed


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A schedule that was sent in place of another: which days stood there, and which were sent."""

    start_before: date
    due_before: date | None
    start: date
    due: date | None


@dataclass(frozen=True, slots=True)
class EnrolLearners:
    """Enrol these people in one course with one schedule: one call."""

    course_id: CourseId
    users: tuple[UserId, ...]
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class RewriteSchedule:
    enrolment_id: EnrolmentId
    schedule: Schedule


@dataclass(frozen=True, slots=True)
class Unenrol:
    enrolment_id: EnrolmentId


@dataclass(frozen=True, slots=True)
class SetStatus:
    """Set a course status; `status` None hands it back to the platform ("automatic"). `completed_on` with a success."""

    enrolment_id: EnrolmentId
    course_id: CourseId
    status: Status | None
    completed_on: date | None
    reason: str


@dataclass(frozen=True, slots=True)
class CreateUser:
    """Add a person to the LMS; no mail is sent."""

    login: str
    email: str
    given: str
    surname: str
    department: str


LmsCommand = EnrolLearners | RewriteSchedule | Unenrol | SetStatus | CreateUser


@dataclass(frozen=True, slots=True)
class UpdateUnit:
    """Change one unit enrolment. None leaves a value alone; there is no documented way to clear a date."""

    contact_id: ContactId
    class_id: ClassId
    unit_id: UnitId
    outcome: str | None = None
    start: date | None = None
    end: date | None = None


class Override(Enum):
    """What to do with a module's access override: leave it, unlock, lock, or clear."""

    LEAVE = "leave"
    UNLOCK = "true"
    LOCK = "false"
    CLEAR = ""


@dataclass(frozen=True, slots=True)
class UpdateModule:
    contact_id: ContactId
    class_id: ClassId
    enrol_id: int
    module_enrolment_id: int
    override: Override = Override.LEAVE
    start: date | None = None
    end: date | None = None


VetCommand = UpdateUnit | UpdateModule
Command = LmsCommand | VetCommand


@dataclass(frozen=True, slots=True)
class Receipt:
    """The platform accepted a command. `task_id` where it works on; `created_id` where it says what it made.

    `refused` says, for a command about several learners, which of them were refused and why; the others were accepted.
    """

    task_id: str | None = None
    created_id: str | None = None
    refused: Mapping[UserId, str] = field(default_factory=dict)


class TaskState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
