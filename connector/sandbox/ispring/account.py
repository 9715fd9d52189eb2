"""The state of one iSpring account, and the few ways it changes. No wire forms, no permissions here."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from connector.sandbox.clock import Clock

from .dates import END_OF_DAY
from .entities import (
    SUCCESSFUL,
    Certificate,
    ContentItem,
    CourseField,
    Department,
    Enrollment,
    Entity,
    Group,
    Mail,
    Progress,
    Schedule,
    Task,
    User,
)
from .ids import Ids
from .schedule import Calendar
from .switches import IspringSwitches

EventListener = Callable[[str, dict[str, Any]], None]

_NANOSECONDS = 10**9


class Account:
    """Everything in the account. Hold `lock` around any use from another thread.

    `shape` grows when records come, go or move between departments and statuses, `version` with every change;
    lists made under an older one are stale. Listeners in `on_event` get what webhooks report.
    """

    def __init__(self, switches: IspringSwitches, clock: Clock, ids: Ids, zone: str = "UTC") -> None:
        self.switches, self.clock, self.ids = switches, clock, ids
        self.lock = threading.RLock()
        self.zone = ZoneInfo(zone)
        self.shape = self.version = 0
        self.departments: dict[str, Department] = {}
        self.users: dict[str, User] = {}
        self.groups: dict[str, Group] = {}
        self.items: dict[str, ContentItem] = {}
        self.course_fields: list[CourseField] = []
        self.enrollments: dict[str, Enrollment] = {}
        self.by_course: defaultdict[str, dict[str, Enrollment]] = defaultdict(dict)
        self.by_user: defaultdict[str, dict[str, Enrollment]] = defaultdict(dict)
        self.tasks: dict[int, Task] = {}
        self.mails: list[Mail] = []
        self.on_event: list[EventListener] = []
        self._seq: dict[str, int] = {}
        self.root = self.add_department(Department(ids.new(), "Organisation"))

    @property
    def calendar(self) -> Calendar:
        """How dates without a zone are read, as the switches of row 11 say."""
        end = END_OF_DAY if self.switches.due_time == "end_of_day" else time(0)
        return Calendar(self.wire_zone, end)

    @property
    def wire_zone(self) -> ZoneInfo:
        return self.zone if self.switches.naive_dates_in == "account" else ZoneInfo("UTC")

    def seq_of(self, entity_id: str) -> int:
        """The place of an id in the order of creation, of a deleted one too; -1 for an unknown id."""
        return self._seq.get(entity_id, -1)

    def add_department(self, department: Department) -> Department:
        self.departments[department.id] = department
        self._came(department)
        return department

    def add_user(self, user: User) -> User:
        self.users[user.id] = user
        self._came(user)
        self.tell(
            "USER_REGISTERED",
            {"userId": user.id, "departmentId": user.department, "login": user.login, "email": user.email},
        )
        return user

    def add_group(self, group: Group) -> Group:
        self.groups[group.id] = group
        self._came(group)
        return group

    def add_item(self, item: ContentItem) -> ContentItem:
        self.items[item.id] = item
        self._came(item)
        return item

    def add_enrollment(self, enrollment: Enrollment) -> Enrollment:
        """Store one enrollment; `enrol` in `enrolling.py` is the way that asks questions first."""
        self.enrollments[enrollment.id] = enrollment
        self.by_course[enrollment.course][enrollment.id] = enrollment
        self.by_user[enrollment.user][enrollment.id] = enrollment
        self._came(enrollment)
        return enrollment

    def hide(self, enrollment: Enrollment) -> None:
        """Take an enrollment and its certificate out of every answer."""
        enrollment.hidden = True
        self.enrollments.pop(enrollment.id, None)
        self.by_course[enrollment.course].pop(enrollment.id, None)
        self.by_user[enrollment.user].pop(enrollment.id, None)
        self.shape += 1
        self.version += 1

    def remove_user(self, user: User) -> None:
        for enrollment in [*self.by_user[user.id].values()]:
            self.hide(enrollment)
        del self.users[user.id]
        self.shape += 1
        self.version += 1

    def live(self, user_id: str, course_id: str) -> list[Enrollment]:
        """The shown enrollments of one learner in one course, oldest first."""
        return [one for one in self.by_user[user_id].values() if one.course == course_id]

    def touched(self, *entities: Entity) -> None:
        """Say that records changed: forget their wire forms."""
        for entity in entities:
            entity.rendered.clear()
        self.version += 1

    def user_changed(self, user: User) -> None:
        """A user's changes may alter who is listed, and their results."""
        self.touched(user, *self.by_user[user.id].values())
        self.shape += 1

    def item_changed(self, item: ContentItem) -> None:
        self.touched(item, *self.by_course[item.id].values())

    def reschedule(self, enrollment: Enrollment, schedule: Schedule) -> None:
        enrollment.schedule = schedule
        self.touched(enrollment)

    def earn(self, enrollment: Enrollment, progress: Progress) -> None:
        """Record what the learner did; it shows unless an override stands above it."""
        before = enrollment.progress.status
        enrollment.earned = progress
        self._progressed(enrollment, before)

    def set_override(self, enrollment: Enrollment, progress: Progress | None) -> None:
        """Put a set status above what was earned, or take it away."""
        before = enrollment.progress.status
        enrollment.override = progress
        self._progressed(enrollment, before)

    def certify(self, enrollment: Enrollment) -> Certificate:
        enrollment.certificate = Certificate(
            self.ids.new(), enrollment.progress.completed or self.clock.now()
        )
        self.touched(enrollment)
        return enrollment.certificate

    def certificates(self) -> Iterable[tuple[Enrollment, Certificate]]:
        return [(one, one.certificate) for one in self.enrollments.values() if one.certificate is not None]

    def subtree(self, departments: Iterable[str]) -> frozenset[str]:
        """These departments and all below them."""
        found = set(departments)
        grown = True
        while grown:
            below = {one.id for one in self.departments.values() if one.parent in found} - found
            found |= below
            grown = bool(below)
        return frozenset(found)

    def tell(self, event: str, payload: dict[str, Any]) -> None:
        for listener in self.on_event:
            listener(event, payload)

    def _came(self, entity: Entity) -> None:
        entity.seq = self._seq.setdefault(entity.id, len(self._seq))
        self.shape += 1
        self.version += 1

    def _progressed(self, enrollment: Enrollment, before: str) -> None:
        self.touched(enrollment)
        shown = enrollment.progress
        if shown.status == before:
            return
        told = {"courseId": enrollment.course, "learnerId": enrollment.user, "enrollmentIds": [enrollment.id]}
        self.tell("COURSE_STATUS_CHANGED", {**told, "status": shown.status})
        if shown.status in SUCCESSFUL:
            moment = shown.completed or self.clock.now()
            self.tell(
                "COURSE_COMPLETED_SUCCESSFULLY",
                {**told, "completionDate": int(moment.timestamp()) * _NANOSECONDS},
            )
