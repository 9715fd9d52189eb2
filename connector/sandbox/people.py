"""The invented training provider that both simulators load: people, courses, classes, and who is in them.

Plain data without behaviour. Every date is a calendar date in `World.zone`; every datetime is aware and in UTC. Names
and addresses are invented, and every address ends in example.org or example.com.

iSpring's half:    departments, users, courses, course_enrolments, results
aXcelerate's half: contacts, merges, units, classes, class_enrolments (which hold their unit and module enrolments)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(slots=True)
class Contact:
    """A person in aXcelerate. `surname` is None for a person with one name; `optional_id` is the client's own id."""

    contact_id: int
    given: str
    surname: str | None
    email: str
    optional_id: str = ""
    active: bool = True
    mobile: str | None = None


@dataclass(slots=True)
class Merge:
    """Staff merged contact `loser` into `survivor`; the old id cannot be read any more."""

    loser: int
    survivor: int
    at: datetime


@dataclass(slots=True)
class Elearning:
    """An e-learning activity that aXcelerate links to a unit."""

    activity_id: int
    name: str


@dataclass(slots=True)
class Workshop:
    """A workshop linked to a class; it serves every unit of the class."""

    workshop_id: int
    name: str
    day: date


@dataclass(slots=True)
class Unit:
    """A unit of competency. `unit_id` is the same in every class."""

    unit_id: int
    code: str
    name: str
    elearning: Elearning | None = None


@dataclass(slots=True)
class TrainingClass:
    """A dated delivery of one qualification; `units` are unit codes in delivery order.

    `reporting_standard` is the text that aXcelerate shows for the class's jurisdiction, for example "NAT National" or
    "WA RAPT".
    """

    class_id: int
    qualification_id: int
    qualification_code: str
    qualification_name: str
    name: str
    start: date
    finish: date | None
    reporting_standard: str = "NAT National"
    units: list[str] = field(default_factory=list)
    public: bool = True
    workshop: Workshop | None = None


@dataclass(slots=True)
class UnitEnrolment:
    """One learner in one unit of a class. `outcome` is the code as text; "" is the blank code."""

    code: str
    outcome: str = "70"
    start: date | None = None
    end: date | None = None


@dataclass(slots=True)
class ModuleEnrolment:
    """One module of a learning plan. `status`: 1 enrolled, 2 in progress, 3 completed.

    `override`: True unlocked, False locked, None no override.
    """

    module_enrolment_id: int
    name: str
    status: int = 1
    start: date | None = None
    end: date | None = None
    override: bool | None = None
    commenced: date | None = None
    completed: date | None = None


@dataclass(slots=True)
class ClassEnrolment:
    """One learner's place in one class. `finish` is set on completion or withdrawal only.

    `status` is aXcelerate's word: In Progress, Tentative, Deferred, Suspended, Cancelled, Completed.
    """

    enrol_id: int
    contact_id: int
    class_id: int
    status: str
    enrolled_at: datetime
    start: date | None = None
    finish: date | None = None
    plan: str = ""
    units: list[UnitEnrolment] = field(default_factory=list)
    modules: list[ModuleEnrolment] = field(default_factory=list)


@dataclass(slots=True)
class Department:
    """A department of the iSpring account."""

    department_id: str
    name: str


@dataclass(slots=True)
class User:
    """A person in iSpring. `status`: 1 active, 3 blocked, 5 employment ended; `fields` are custom profile fields."""

    user_id: str
    login: str
    email: str
    first_name: str
    last_name: str
    status: int = 1
    department_id: str = ""
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Course:
    """Published content of iSpring. `due_days` is the course's own default due date, counted from the start."""

    course_id: str
    title: str
    due_days: int | None = None


@dataclass(slots=True)
class CourseEnrolment:
    """One user's place in one iSpring course: the first moment of access, the last day, and whether it locks then."""

    enrolment_id: str
    user_id: str
    course_id: str
    access: datetime
    due: date | None = None
    lock: bool = False


@dataclass(slots=True)
class CourseResult:
    """How far a course enrolment has come; one without a result was never started.

    `status` is iSpring's word (in_progress, passed, failed, complete, accepted, pending, …); `score` is 0-100;
    `time_spent_s` is in seconds.
    """

    enrolment_id: str
    status: str
    progress: float = 0.0
    score: float | None = None
    completed_at: datetime | None = None
    time_spent_s: int = 0
    views: int = 1
    certificate: bool = False


@dataclass(slots=True)
class World:
    """Both accounts of one invented provider at one moment; `today` is the calendar day in `zone`."""

    zone: str
    today: date
    contacts: list[Contact] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    units: list[Unit] = field(default_factory=list)
    classes: list[TrainingClass] = field(default_factory=list)
    class_enrolments: list[ClassEnrolment] = field(default_factory=list)
    departments: list[Department] = field(default_factory=list)
    users: list[User] = field(default_factory=list)
    courses: list[Course] = field(default_factory=list)
    course_enrolments: list[CourseEnrolment] = field(default_factory=list)
    results: list[CourseResult] = field(default_factory=list)
