"""iSpring Learn as a few dictionaries: what `LmsPort` promises, without wire or delay.

`person` edits it as staff would, with the method names of the simulator's `person`; `faults` breaks the next writes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from connector.domain.change import (
    CreateUser,
    DueDefault,
    EnrolLearners,
    LmsCommand,
    Receipt,
    RewriteSchedule,
    Schedule,
    SetStatus,
    TaskState,
    Unenrol,
)
from connector.domain.enrolment import Completion, Enrolment, EnrolmentId, Status
from connector.domain.learner import CourseId, User, UserId, UserStatus, same_address
from connector.errors import ChangeRefused, Unavailable, Unconfirmed, Unreadable
from connector.platforms.port import Batch, Calls, Kind, LmsScope, Raw

Fault = Literal["refused", "never_left", "lost_before", "lost_after"]
"""How the next write fails: refused for good; nothing was sent; sent and not, or indeed, carried out, without an answer."""

STATUSES = {1: UserStatus.ACTIVE, 3: UserStatus.BLOCKED, 5: UserStatus.TERMINATED}
Value = User | Enrolment | Completion


@dataclass(slots=True)
class Place:
    """An enrolment with everything the account knows of it. `earned` is the learner's own, `given` set from above."""

    enrolment: Enrolment
    access_at: datetime
    earned: Completion
    given: Completion | None = None

    @property
    def completion(self) -> Completion:
        return replace(self.given or self.earned, access_at=self.access_at)


@dataclass
class MemoryLms:
    """One account. Status changes take effect after `task_polls` polls of their task."""

    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("Australia/Sydney"))
    page_size: int = 1000
    task_polls: int = 1
    now: datetime = datetime(2026, 3, 2, 1, tzinfo=UTC)
    calls: Calls = field(default_factory=Calls)
    unknown_courses: tuple[CourseId, ...] = ()
    faults: deque[Fault] = field(default_factory=deque)
    writes: list[LmsCommand] = field(default_factory=list)
    users: dict[str, User] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    due_days: dict[str, int | None] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    tasks: dict[str, tuple[int, SetStatus]] = field(default_factory=dict)
    made: int = 0
    _values: dict[bytes, Value] = field(default_factory=dict)

    @property
    def person(self) -> Staff:
        return Staff(self)

    def read(self, scope: LmsScope) -> Iterator[Batch]:
        self.unknown_courses = tuple(one for one in scope.courses if one not in self.titles)
        narrow = None if scope.users is None else set(scope.users)
        if scope.people:
            users = [one for key, one in sorted(self.users.items()) if narrow is None or key in narrow]
            shown = [_shown_user(one, scope.profile_fields) for one in users]
            yield from self._pages(
                "users", [self._record(Kind.USER, one.user_id, one.user_id, "", one) for one in shown]
            )
        if not scope.courses:
            return
        places = [
            place
            for _, place in sorted(self.places.items())
            if place.enrolment.course_id in scope.courses
            and (narrow is None or place.enrolment.user_id in narrow)
        ]
        yield from self._pages("enrolments", [self._enrolment_record(place.enrolment) for place in places])
        if scope.completions:
            yield from self._pages(
                "completions", [self._completion_record(place.completion) for place in places]
            )

    def parse(self, record: Raw) -> Value:
        try:
            return self._values[record.body]
        except KeyError:
            raise Unreadable(record.key, "not a record of this account") from None

    def enrolment(self, enrolment_id: EnrolmentId, *, user: UserId, course: CourseId) -> Enrolment | None:
        self._asked(1)
        place = self.places.get(enrolment_id)
        return None if place is None else place.enrolment

    def enrolments_of(self, users: Sequence[UserId], course: CourseId) -> list[Enrolment]:
        found = [
            place.enrolment
            for _, place in sorted(self.places.items())
            if place.enrolment.user_id in users and place.enrolment.course_id == course
        ]
        self._asked(self._size(found))
        return found

    def completions_of(self, enrolments: Sequence[tuple[EnrolmentId, UserId, CourseId]]) -> list[Completion]:
        found = [self.places[key].completion for key, _, _ in enrolments if key in self.places]
        self._asked(self._size(found))
        return found

    def find_user(self, *, login: str, email: str) -> UserId | None:
        self.calls.read += 1
        for name, wanted in (("login", login), ("email", email)):
            for key, user in sorted(self.users.items()):
                if wanted and same_address(getattr(user, name)) == same_address(wanted):
                    return UserId(key)
        return None

    def apply(self, command: LmsCommand) -> Receipt:
        self.calls.write += 1
        self.calls.floor += 1
        fault = self.faults.popleft() if self.faults else None
        if fault == "refused":
            raise ChangeRefused("ispring", "write", "refused by order")
        if fault == "never_left":
            raise Unavailable("ispring", "write", "no connection")
        if fault == "lost_before":
            raise Unconfirmed("ispring", "write", "no answer")
        receipt = self._carry_out(command)
        self.writes.append(command)
        if fault == "lost_after":
            raise Unconfirmed("ispring", "write", "no answer")
        return receipt

    def task(self, task_id: str) -> TaskState:
        self.calls.other += 1
        if task_id not in self.tasks:
            return TaskState.RUNNING
        polls, command = self.tasks[task_id]
        if polls > 0:
            self.tasks[task_id] = (polls - 1, command)
            return TaskState.RUNNING
        self._finish(command)
        return TaskState.DONE

    def course_titles(self, courses: Sequence[CourseId]) -> dict[CourseId, str]:
        self.calls.other += 1
        return {course: self.titles[course] for course in courses if course in self.titles}

    def new_id(self) -> str:
        self.made += 1
        return f"{self.made:08x}-7d10-11ee-9f7c-0a58a9feac02"

    def _size(self, rows: Sequence[object]) -> int:
        return max(1, -(-len(rows) // self.page_size))

    def _asked(self, calls: int) -> None:
        self.calls.read += calls
        self.calls.floor += calls

    def _pages(self, listing: str, records: list[Raw]) -> Iterator[Batch]:
        self._asked(self._size(records))
        for start in range(0, max(len(records), 1), self.page_size):
            yield Batch(listing, records[start : start + self.page_size])

    def _enrolment_record(self, one: Enrolment) -> Raw:
        return self._record(Kind.ENROLMENT, one.user_id, one.enrolment_id, one.course_id, one)

    def _completion_record(self, one: Completion) -> Raw:
        return self._record(Kind.COMPLETION, one.user_id, str(one.enrolment_id), one.course_id, one)

    def _record(self, kind: Kind, owner: str, key: str, group: str, value: Value) -> Raw:
        body = repr(value).encode()
        self._values[body] = value
        return Raw(kind, owner, key, group, body)

    def _carry_out(self, command: LmsCommand) -> Receipt:
        match command:
            case EnrolLearners():
                return self._enrol(command)
            case RewriteSchedule():
                place = self._place(command.enrolment_id)
                assert command.schedule.access_from is not None
                self._reschedule(place, command.schedule)
            case Unenrol():
                self._place(command.enrolment_id)
                del self.places[command.enrolment_id]
            case SetStatus():
                self._place(command.enrolment_id)
                task_id = str(204417 + len(self.tasks))
                self.tasks[task_id] = (self.task_polls, command)
                return Receipt(task_id=task_id)
            case CreateUser():
                existing = self.find_user(login=command.login, email=command.email)
                if existing is not None:
                    return Receipt(created_id=existing)
                return Receipt(
                    created_id=self.person.add_user(
                        command.login, command.email, command.given, command.surname
                    )
                )
        return Receipt()

    def _enrol(self, command: EnrolLearners) -> Receipt:
        if command.course_id not in self.titles or not any(user in self.users for user in command.users):
            raise ChangeRefused("ispring", "enrol", "HTTP 400", status=400)
        for user in command.users:
            if user in self.users and not self.enrolments_of([user], command.course_id):
                place = self.person.new_place(user, command.course_id)
                self._reschedule(place, command.schedule)
        return Receipt(refused={user: "HTTP 400" for user in command.users if user not in self.users})

    def _reschedule(self, place: Place, schedule: Schedule) -> None:
        if schedule.access_from is not None:
            place.access_at = schedule.access_from.replace(tzinfo=self.zone).astimezone(UTC)
        local = place.access_at.astimezone(self.zone)
        due = schedule.due
        if isinstance(due, DueDefault):
            days = self.due_days[place.enrolment.course_id]
            due = None if days is None else local.date() + timedelta(days=days)
        place.enrolment = replace(place.enrolment, access_from=local.date(), due=due, locks=schedule.locks)

    def _finish(self, command: SetStatus) -> None:
        place = self.places.get(command.enrolment_id)
        if place is None:
            return
        if command.status is None:
            place.given = None
            return
        ended = datetime.combine(command.completed_on or self.now.date(), time(), self.zone).astimezone(UTC)
        place.given = replace(place.earned, status=command.status, completed_at=ended)

    def _place(self, enrolment_id: str) -> Place:
        if enrolment_id not in self.places:
            raise ChangeRefused("ispring", "write", "HTTP 400", status=400)
        return self.places[enrolment_id]


def _shown_user(user: User, profile_fields: tuple[str, ...]) -> User:
    return replace(user, fields={name: user.fields.get(name, "") for name in sorted(profile_fields)})


@dataclass
class Staff:
    """Edits that people make in the account; every method changes only what it is given."""

    lms: MemoryLms

    def add_user(
        self,
        login: str,
        email: str,
        first_name: str,
        last_name: str,
        status: int = 1,
        fields: dict[str, str] | None = None,
    ) -> str:
        user_id = self.lms.new_id()
        shown = {name.lower(): value for name, value in (fields or {}).items()}
        self.lms.users[user_id] = User(UserId(user_id), login, email, STATUSES[status], shown)
        return user_id

    def set_user(self, user_id: str, **changes: Any) -> None:
        if "status" in changes:
            changes["status"] = STATUSES[changes["status"]]
        self.lms.users[user_id] = replace(self.lms.users[user_id], **changes)

    def block_user(self, user_id: str) -> None:
        self.set_user(user_id, status=3)

    def terminate_user(self, user_id: str) -> None:
        self.set_user(user_id, status=5)

    def activate_user(self, user_id: str) -> None:
        self.set_user(user_id, status=1)

    def add_course(self, title: str, course_id: str | None = None, due_days: int | None = None) -> str:
        course = course_id or self.lms.new_id()
        self.lms.titles[course], self.lms.due_days[course] = title, due_days
        return course

    def rename_course(self, course_id: str, title: str) -> None:
        self.lms.titles[course_id] = title

    def new_place(self, user_id: str, course_id: str) -> Place:
        key, now = EnrolmentId(self.lms.new_id()), self.lms.now
        user, course = UserId(user_id), CourseId(course_id)
        enrolment = Enrolment(key, course, user, now.astimezone(self.lms.zone).date(), None, False)
        place = Place(enrolment, now, Completion(key, user, course, Status.NOT_STARTED))
        self.lms.places[key] = place
        return place

    def enrol(
        self,
        user_id: str,
        course_id: str,
        access: datetime | date | None = None,
        due: date | None = None,
        lock: bool = False,
    ) -> str:
        place = self.new_place(user_id, course_id)
        if access is not None:
            self._set_access(place, access)
        place.enrolment = replace(place.enrolment, due=due, locks=lock)
        return place.enrolment.enrolment_id

    def edit_enrollment(self, enrollment_id: str, **changes: Any) -> None:
        """`access`, `due` (None takes it away) and `lock`, as given."""
        place = self.lms.places[enrollment_id]
        if "access" in changes:
            self._set_access(place, changes["access"])
        if "due" in changes:
            place.enrolment = replace(place.enrolment, due=changes["due"])
        if "lock" in changes:
            place.enrolment = replace(place.enrolment, locks=changes["lock"])

    def unenrol(self, enrollment_id: str) -> None:
        del self.lms.places[enrollment_id]

    def start(self, enrollment_id: str) -> None:
        self.set_progress(enrollment_id, "in_progress")

    def complete(
        self,
        enrollment_id: str,
        status: str = "passed",
        at: datetime | None = None,
        score: float | None = None,
        certificate: bool = False,
    ) -> None:
        self.set_progress(enrollment_id, status, completed=at or self.lms.now, score=score)
        place = self.lms.places[enrollment_id]
        place.enrolment = replace(place.enrolment, has_certificate=certificate)

    def fail(
        self,
        enrollment_id: str,
        status: str = "failed",
        at: datetime | None = None,
        score: float | None = None,
    ) -> None:
        self.set_progress(enrollment_id, status, completed=at or self.lms.now, score=score)

    def set_progress(
        self, enrollment_id: str, status: str, completed: datetime | None = None, score: float | None = None
    ) -> None:
        place = self.lms.places[enrollment_id]
        place.earned = replace(place.earned, status=Status(status), completed_at=completed, score=score)

    def set_status(self, enrollment_id: str, status: str, at: datetime | None = None) -> None:
        """Set the status from above, as an administrator does; `automatic` takes that back."""
        place = self.lms.places[enrollment_id]
        given = (
            replace(place.earned, status=Status(status), completed_at=at) if status != "automatic" else None
        )
        place.given = given

    def reenrol(
        self,
        enrollment_id: str,
        access: datetime | date | None = None,
        due: date | None = None,
        lock: bool = False,
    ) -> str:
        """Start a new attempt in place of the old one; gives back its id."""
        old = self.lms.places.pop(enrollment_id).enrolment
        return self.enrol(old.user_id, old.course_id, access, due, lock)

    def _set_access(self, place: Place, access: datetime | date) -> None:
        if not isinstance(access, datetime):
            access = datetime.combine(access, time(), self.lms.zone)
        place.access_at = access.astimezone(UTC)
        place.enrolment = replace(place.enrolment, access_from=access.astimezone(self.lms.zone).date())
