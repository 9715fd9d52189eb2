"""A person at work in the account: the edits that a human makes in the web pages, without HTTP."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from typing import Any, Final

from .account import Account
from .enrolling import new_attempt
from .entities import (
    ACTIVE,
    BLOCKED,
    STATUSES,
    SUCCESSFUL,
    TERMINATED,
    UNSUCCESSFUL,
    ContentItem,
    Department,
    Enrollment,
    Module,
    Progress,
    Schedule,
    User,
)
from .schedule import default_due


class _Keep(Enum):
    KEEP = "keep"


KEEP: Final = _Keep.KEEP
_USER_ATTRIBUTES = frozenset(one.name for one in dataclass_fields(User)) - {
    "id",
    "seq",
    "rendered",
    "rendered_at",
}


class Person:
    """Every method takes keyword arguments, acts at once and raises KeyError for an id that is not there.

    Datetimes are aware; a plain date of access means 00:00 and a due date its whole day, both in the account's
    zone.
    """

    def __init__(self, account: Account) -> None:
        self._account = account

    def add_department(self, name: str, department_id: str | None = None, parent: str | None = None) -> str:
        """Add a department below `parent` (default: the root)."""
        account = self._account
        with account.lock:
            new = Department(department_id or account.ids.new(), name, parent or account.root.id)
            return account.add_department(new).id

    def add_user(
        self,
        login: str,
        email: str,
        first_name: str,
        last_name: str,
        status: int = ACTIVE,
        fields: dict[str, str] | None = None,
        user_id: str | None = None,
        department: str | None = None,
    ) -> str:
        account = self._account
        with account.lock:
            user = User(
                user_id or account.ids.new(),
                login,
                email,
                first_name,
                last_name,
                department or account.root.id,
                status=status,
                fields=dict(fields or {}),
                added=account.clock.now(),
            )
            return account.add_user(user).id

    def set_user(self, user_id: str, **changes: Any) -> None:
        """Change attributes of a user: login, email, first_name, last_name, department, status, fields, …"""
        if set(changes) - _USER_ATTRIBUTES:
            raise ValueError(f"a user has no {sorted(set(changes) - _USER_ATTRIBUTES)}")
        with self._account.lock:
            user = self._account.users[user_id]
            for name, value in changes.items():
                setattr(user, name, value)
            self._account.user_changed(user)

    def block_user(self, user_id: str) -> None:
        self.set_user(user_id, status=BLOCKED)

    def terminate_user(self, user_id: str) -> None:
        """Say that the user's employment has ended."""
        self.set_user(user_id, status=TERMINATED)

    def activate_user(self, user_id: str) -> None:
        self.set_user(user_id, status=ACTIVE)

    def delete_user(self, user_id: str) -> None:
        with self._account.lock:
            self._account.remove_user(self._account.users[user_id])

    def add_course(
        self,
        title: str,
        course_id: str | None = None,
        due_days: int | None = None,
        modules: list[str] | None = None,
        kind: str = "Course",
        courses: list[str] | None = None,
    ) -> str:
        """Publish a course (or other content): titles of its modules, or the courses of a learning track."""
        account = self._account
        with account.lock:
            item = ContentItem(
                course_id or account.ids.new(),
                title,
                kind,
                due_days,
                [Module(account.ids.new(), account.ids.new(), one) for one in modules or ()],
                courses=list(courses or ()),
                added=account.clock.now(),
            )
            return account.add_item(item).id

    def rename_course(self, course_id: str, title: str) -> None:
        with self._account.lock:
            item = self._account.items[course_id]
            item.title = title
            self._account.item_changed(item)

    def enrol(
        self,
        user_id: str,
        course_id: str,
        access: datetime | date | None = None,
        due: datetime | date | None = None,
        lock: bool = False,
        enrollment_id: str | None = None,
        due_period: int | None = None,
        catalog: bool = False,
    ) -> str:
        """Enrol somebody, already enrolled or not. Neither `due` nor `due_period` (hours): no due date."""
        account = self._account
        with account.lock:
            user, course = account.users[user_id], account.items[course_id]
            schedule = Schedule(account.clock.now() if access is None else self._access(access), lock=lock)
            self._set_due(schedule, due, due_period)
            new = Enrollment(enrollment_id or account.ids.new(), user.id, course.id, schedule, int(catalog))
            account.add_enrollment(new)
            account.tell("LEARNERS_ENROLLED_IN_COURSE", {"courseId": course.id, "learnerIds": [user.id]})
            return new.id

    def move_due_date(self, enrollment_id: str, due: date) -> None:
        """Give the learner until another day."""
        self.edit_enrollment(enrollment_id, due=due)

    def edit_enrollment(
        self,
        enrollment_id: str,
        access: datetime | date | _Keep = KEEP,
        due: datetime | date | _Keep | None = KEEP,
        lock: bool | _Keep = KEEP,
        due_period: int | _Keep = KEEP,
        default_due: bool = False,
    ) -> None:
        """Change only what is given. `due=None` takes the due date away, `default_due` puts the course's own."""
        account = self._account
        with account.lock:
            enrollment = account.enrollments[enrollment_id]
            schedule = replace(enrollment.schedule)
            if access is not KEEP:
                schedule.access = self._access(access)
            if lock is not KEEP:
                schedule.lock = lock
            if due is not KEEP or due_period is not KEEP:
                self._set_due(
                    schedule, None if due is KEEP else due, None if due_period is KEEP else due_period
                )
            elif default_due:
                self._set_default_due(schedule, enrollment)
            elif schedule.due_type == "due_period":
                self._set_due(schedule, None, schedule.due_period_h)
            account.reschedule(enrollment, schedule)

    def unenrol(self, enrollment_id: str) -> None:
        with self._account.lock:
            self._account.hide(self._account.enrollments[enrollment_id])

    def start(self, enrollment_id: str, progress: float = 10.0) -> None:
        """Open the course for the first time."""
        self._earn(enrollment_id, Progress("in_progress", progress, time_spent_s=300, views=1))

    def complete(
        self,
        enrollment_id: str,
        status: str = "passed",
        at: datetime | None = None,
        score: float | None = None,
        certificate: bool = False,
    ) -> None:
        """End the course well: passed, complete or accepted."""
        if status not in SUCCESSFUL:
            raise ValueError(f"{status!r} is none of {sorted(SUCCESSFUL)}")
        completed = at or self._account.clock.now()
        self._earn(enrollment_id, Progress(status, 100.0, completed.astimezone(UTC), score, 1840, 3))
        if certificate:
            with self._account.lock:
                self._account.certify(self._account.enrollments[enrollment_id])

    def fail(
        self,
        enrollment_id: str,
        status: str = "failed",
        at: datetime | None = None,
        score: float | None = None,
    ) -> None:
        """End the course badly: failed, declined or incomplete."""
        if status not in UNSUCCESSFUL:
            raise ValueError(f"{status!r} is none of {sorted(UNSUCCESSFUL)}")
        completed = at or self._account.clock.now()
        self._earn(enrollment_id, Progress(status, 80.0, completed.astimezone(UTC), score, 1840, 3))

    def set_progress(
        self,
        enrollment_id: str,
        status: str,
        progress: float = 0.0,
        completed: datetime | None = None,
        score: float | None = None,
    ) -> None:
        """Put any status, `pending` or a completion without a date too."""
        if status not in STATUSES:
            raise ValueError(f"{status!r} is none of {sorted(STATUSES)}")
        self._earn(enrollment_id, Progress(status, progress, completed, score))

    def set_status(self, enrollment_id: str, status: str, at: datetime | None = None) -> None:
        """Set the status from above what was earned, as an administrator does; `automatic` takes that back."""
        if status not in {*STATUSES, "automatic"}:
            raise ValueError(f"{status!r} is no status")
        ended = (at or self._account.clock.now()) if status in SUCCESSFUL | UNSUCCESSFUL else None
        override = Progress(status, 100.0 if status in SUCCESSFUL else 0.0, ended)
        with self._account.lock:
            enrollment = self._account.enrollments[enrollment_id]
            self._account.set_override(enrollment, None if status == "automatic" else override)

    def reenrol(
        self,
        enrollment_id: str,
        access: datetime | date | None = None,
        due: date | None = None,
        lock: bool = False,
    ) -> str:
        """Start a new attempt; gives back its enrollment id."""
        account = self._account
        with account.lock:
            schedule = Schedule(account.clock.now() if access is None else self._access(access), lock=lock)
            self._set_due(schedule, due, None)
            return new_attempt(account, account.enrollments[enrollment_id], schedule).id

    def _earn(self, enrollment_id: str, progress: Progress) -> None:
        with self._account.lock:
            self._account.earn(self._account.enrollments[enrollment_id], progress)

    def _access(self, access: datetime | date) -> datetime:
        if isinstance(access, datetime):
            return access.astimezone(UTC)
        return datetime.combine(access, time(0), self._account.zone).astimezone(UTC)

    def _set_due(self, schedule: Schedule, due: datetime | date | None, period_h: int | None) -> None:
        schedule.due_period_h = period_h
        if period_h is not None:
            schedule.due_type, schedule.due = "due_period", schedule.access + timedelta(hours=period_h)
        elif due is None:
            schedule.due_type, schedule.due = "unlimited", None
        else:
            schedule.due_type = "due_date"
            schedule.due = (
                due.astimezone(UTC) if isinstance(due, datetime) else self._account.calendar.day_end(due)
            )

    def _set_default_due(self, schedule: Schedule, enrollment: Enrollment) -> None:
        days = self._account.items[enrollment.course].due_days
        schedule.due_type, schedule.due_period_h = "default", None
        schedule.due = None if days is None else default_due(schedule.access, days, self._account.calendar)
