"""What an iSpring account holds. Plain records; `account.py` keeps and changes them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

ACTIVE, BLOCKED, TERMINATED = 1, 3, 5
SUCCESSFUL = frozenset(("complete", "passed", "accepted"))
UNSUCCESSFUL = frozenset(("incomplete", "failed", "declined"))
STATUSES = frozenset(("not_started", "in_progress", "pending")) | SUCCESSFUL | UNSUCCESSFUL

DueType = Literal["unlimited", "default", "due_date", "due_period"]


@dataclass(slots=True, eq=False)
class Entity:
    """A record with its id and its place in the order of creation.

    `rendered` holds its wire forms until the record or a switch changes; see `render.py`.
    """

    id: str
    seq: int = field(default=0, kw_only=True)
    rendered: dict[object, bytes] = field(default_factory=dict, kw_only=True, repr=False)
    rendered_at: int = field(default=-1, kw_only=True, repr=False)


@dataclass(slots=True, eq=False)
class Department(Entity):
    """`parent` is None for the root."""

    name: str
    parent: str | None = None
    code: str = ""


@dataclass(slots=True, eq=False)
class User(Entity):
    """A person; `fields` holds profile fields beyond login, e-mail and names, by their wire name."""

    login: str
    email: str
    first_name: str
    last_name: str
    department: str
    status: int = ACTIVE
    role: str = "learner"
    role_id: str = ""
    password: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    manageable_departments: list[str] = field(default_factory=list)
    added: datetime | None = None
    last_login: datetime | None = None


@dataclass(slots=True, eq=False)
class Group(Entity):
    name: str
    members: list[str] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Module:
    """A part of a course. Status calls name it by `item_id`, not by `id` (reference 5.2)."""

    id: str
    item_id: str
    title: str
    kind: str = "material"


@dataclass(slots=True, eq=False)
class ContentItem(Entity):
    """A course, a learning track or standalone content. `due_days` is its own default due date."""

    title: str
    kind: str = "Course"
    due_days: int | None = None
    modules: list[Module] = field(default_factory=list)
    courses: list[str] = field(default_factory=list)
    description: str = ""
    added: datetime | None = None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Progress:
    """How far a learner has come. `completed` is an aware UTC moment, `score` 0-100, times in seconds."""

    status: str = "not_started"
    percent: float = 0.0
    completed: datetime | None = None
    score: float | None = None
    time_spent_s: int | None = None
    views: int | None = None


@dataclass(slots=True, eq=False)
class Certificate:
    id: str
    issued: datetime
    expires: datetime | None = None


@dataclass(slots=True)
class Schedule:
    """When study may begin and should be done; moments in UTC. `due` is None when there is no due date."""

    access: datetime
    due_type: DueType = "unlimited"
    due: datetime | None = None
    due_period_h: int | None = None
    lock: bool = False


@dataclass(slots=True, eq=False)
class Enrollment(Entity):
    """One learner's place in one content item.

    `earned` is what the learner did, `override` what a person or the API set in its place; `marks` are the
    statuses of modules by their item id. `hidden` ones (deleted, or replaced by a re-enrolment) are never shown.
    """

    user: str
    course: str
    schedule: Schedule
    type_group: int = 0
    earned: Progress = field(default_factory=Progress)
    override: Progress | None = None
    marks: dict[str, Progress] = field(default_factory=dict)
    certificate: Certificate | None = None
    hidden: bool = False

    @property
    def progress(self) -> Progress:
        """What iSpring shows."""
        return self.override or self.earned


TaskState = Literal["waiting", "in_progress", "complete", "error", "cancelled"]


@dataclass(slots=True, eq=False)
class Task:
    """Accepted work; `apply` is run once, when the task ends well."""

    id: int
    accepted: datetime
    apply: Callable[[], None]
    state: TaskState = "waiting"
    polls: int = 0


@dataclass(slots=True)
class Mail:
    """An invitation iSpring would have sent."""

    at: datetime
    user: str
    address: str
    text: str = ""


@dataclass(slots=True)
class CourseField:
    """A custom field of courses, for example one for an external unit code."""

    id: str
    label: str
    added: date | None = None
