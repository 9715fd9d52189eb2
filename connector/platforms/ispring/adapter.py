"""iSpring Learn as the engine sees it: `LmsPort` over whichever wire form the account speaks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from zoneinfo import ZoneInfo

from connector.domain.catalogue import OfferedCourse
from connector.domain.change import LmsCommand, Receipt, TaskState
from connector.domain.enrolment import Completion, Enrolment, EnrolmentId
from connector.domain.learner import CourseId, User, UserId, same_address
from connector.errors import AccessDenied
from connector.platforms.http import Http, Rejected
from connector.platforms.ispring.capabilities import UNPROVEN, Capabilities, prove_reads
from connector.platforms.ispring.commands import Commands
from connector.platforms.ispring.listing import UNKNOWN_ID, Seen, chunks, pages_of_known
from connector.platforms.ispring.records import (
    ToRecord,
    enrollment_record,
    records_of,
    result_record,
    user_record,
)
from connector.platforms.ispring.translate import to_domain
from connector.platforms.ispring.wire import Filter, Page, Row, Wire
from connector.platforms.port import Batch, Calls, LmsScope, Raw

T = TypeVar("T", User, Enrolment, Completion)

# Narrowed lists hold ids of two kinds in one address.
IDS_OF_EACH = 40
# Kinds of content that a learner is enrolled in for study; the others stand inside courses (reference, section 8).
COURSE = "Course"
ENROLLED_IN = frozenset((COURSE, "ExternalCourse", "LearningTrack"))
DONE, FAILED = frozenset(("complete", "completed")), frozenset(("failed", "error", "cancelled", "canceled"))


class IspringPlatform:
    """Satisfies `LmsPort`. Threads may share it.

    `zone` is the account's: naive stamps are read in it, and dates of stamps are cut in it. `unknown_courses` holds, after a
    `read`, the courses in scope that the account says it does not know; their lists are left out, all others are whole.
    """

    def __init__(
        self,
        wire: Wire,
        *,
        zone: ZoneInfo,
        calls: Calls,
        http: Http,
        described: tuple[str, str, str],
        page_size: int = 1000,
    ) -> None:
        self.calls = calls
        self._http = http
        self._described = described
        self.unknown_courses: tuple[CourseId, ...] = ()
        self._wire = wire
        self._zone = zone
        self._page_size = page_size
        self._commands = Commands(wire, find_user=self.find_user, enrolments_of=self._enrolments_of)
        self._floor_lock = threading.Lock()

    def read(self, scope: LmsScope) -> Iterator[Batch]:
        """Yield every page of users, enrollments and results in scope.

        Source: GET /users/v2, /enrollments and /learners/results, or their SOAP forms.
        """
        self.unknown_courses = ()
        if scope.people:
            yield from self._people(scope)
        if scope.courses:
            yield from self._of_courses("enrolments", self._enrollments_page, enrollment_record, scope)
            if scope.completions:
                yield from self._of_courses("completions", self._results_page, result_record, scope)

    def parse(self, record: Raw) -> User | Enrolment | Completion:
        return to_domain(record, self._zone)

    def enrolment(self, enrolment_id: EnrolmentId, *, user: UserId, course: CourseId) -> Enrolment | None:
        """One enrollment by id. Where the platform says it does not know the id, its learner's list has the last word."""
        self._owe(1)
        try:
            row = self._wire.enrollment(enrolment_id)
        except (Rejected, AccessDenied) as exc:
            # An unknown id is a 400, 403 or 404, depending on whom one believes (reference, contradiction 12).
            if exc.status not in UNKNOWN_ID | {403}:
                raise
            row = None
        if row is not None:
            return self._understood(row, enrollment_record, Enrolment)
        shown = self._enrolments_of([user], course)
        return next((one for one in shown if one.enrolment_id == enrolment_id), None)

    def enrolments_of(self, users: Sequence[UserId], course: CourseId) -> list[Enrolment]:
        found = self._enrolments_of(users, course)
        self._owe_list(len(found))
        return found

    def _enrolments_of(self, users: Sequence[UserId], course: CourseId) -> list[Enrolment]:
        rows = self._rows_of_known(
            self._enrollments_page, [Filter(courses=(course,), learners=part) for part in chunks(users)]
        )
        return [self._understood(row, enrollment_record, Enrolment) for row in rows]

    def completions_of(self, enrolments: Sequence[tuple[EnrolmentId, UserId, CourseId]]) -> list[Completion]:
        """Asked by enrollment id; those that the platform does not know are left out."""
        ids = [enrolment_id for enrolment_id, _, _ in enrolments]
        rows = self._rows_of_known(self._results_page, [Filter(enrollments=part) for part in chunks(ids)])
        self._owe_list(len(rows))
        return [self._understood(row, result_record, Completion) for row in rows]

    def find_user(self, *, login: str, email: str) -> UserId | None:
        """By login, then by address, active people first. The platform may compare by case; we do not."""
        for name, wanted in (("login", login), ("email", email)):
            if not wanted.strip():
                continue
            where = Filter(logins=(wanted,)) if name == "login" else Filter(emails=(wanted,))
            users = [
                self._understood(row, user_record(()), User)
                for row in self._rows_of_known(self._users_page, [where])
            ]
            same = [user for user in users if same_address(getattr(user, name)) == same_address(wanted)]
            if same:
                return min(same, key=lambda user: (user.status != "active", user.user_id)).user_id
        return None

    def apply(self, command: LmsCommand) -> Receipt:
        self._owe(1)
        return self._commands.apply(command)

    def task(self, task_id: str) -> TaskState:
        """Both published vocabularies. A task that the account does not know (any more) counts as running: its deadline decides."""
        try:
            word = self._wire.task_status(task_id)
        except Rejected as exc:
            if exc.status not in UNKNOWN_ID:
                raise
            return TaskState.RUNNING
        word = word.strip().lower()
        if word in DONE:
            return TaskState.DONE
        return TaskState.FAILED if word in FAILED else TaskState.RUNNING

    def course_titles(self, courses: Sequence[CourseId]) -> dict[CourseId, str]:
        """Titles of those courses that the content list shows; it shows originals only, never linked copies."""
        wanted = set(courses)
        titles: dict[CourseId, str] = {}
        for part in chunks(courses):
            fetch = self._contents_page
            for page in pages_of_known(fetch, Filter(courses=part), lambda unknown: None):
                for row in page.rows:
                    course = CourseId(str(row.get("contentItemId")))
                    if course in wanted:
                        titles[course] = str(row.get("title") or "")
        return titles

    def offered_courses(self) -> list[OfferedCourse]:
        """Every course of the account, as its content list shows it: originals only, never linked copies, by title."""
        rows = self._rows_of_known(self._contents_page, [Filter()])
        courses = {
            course: OfferedCourse(course, str(row.get("title") or "").strip())
            for row in rows
            if str(row.get("contentItemType") or COURSE) in ENROLLED_IN
            and (course := CourseId(str(row.get("contentItemId") or "")))
        }
        return sorted(courses.values(), key=lambda course: (course.title.casefold(), course.course_id))

    def capabilities(self, courses: Sequence[CourseId] = ()) -> Capabilities:
        """What the account shows, proven by reading one row of each list; `courses` are those that rules name."""
        before = (self.calls.read, self.calls.other)
        proofs = prove_reads(self._wire, courses)
        # A run does not owe these reads: they stand under `other`.
        self.calls.read, self.calls.other = (
            before[0],
            before[1] + self.calls.read - before[0] + self.calls.other - before[1],
        )
        return Capabilities(*self._described, proofs, UNPROVEN)

    def close(self) -> None:
        self._http.close()

    # -- lists ---------------------------------------------------------------------------------------------------

    def _people(self, scope: LmsScope) -> Iterator[Batch]:
        to_record = user_record(scope.profile_fields)
        seen, rows = Seen(), 0
        if scope.users is None:
            filters = [Filter()]
        else:
            filters = [Filter(learners=part) for part in chunks(scope.users)]
        wanted = None if scope.users is None else set(scope.users)
        for where in filters:
            for page in pages_of_known(self._users_page, where, lambda unknown: None):
                rows += len(page.rows)
                records = records_of(page.rows, to_record, seen)
                if wanted is not None:  # the older list does not know the filter
                    records = [record for record in records if record.owner in wanted]
                yield Batch("users", records)
        self._owe_list(rows)

    def _of_courses(
        self,
        listing: str,
        fetch: Callable[[Filter, str | None], Page],
        to_record: ToRecord,
        scope: LmsScope,
    ) -> Iterator[Batch]:
        known = [course for course in scope.courses if course not in self.unknown_courses]
        seen, rows = Seen(), 0
        for where in _course_filters(known, scope.users):
            for page in pages_of_known(fetch, where, self._note_unknown):
                rows += len(page.rows)
                yield Batch(listing, records_of(page.rows, to_record, seen))
        self._owe_list(rows)

    def _note_unknown(self, where: Filter) -> None:
        """A filter of one course (and perhaps one person) stays rejected: which of the two is not known?"""
        course = CourseId(where.courses[0])
        if course in self.unknown_courses:
            return
        if where.learners and self._knows_course(course):
            return
        self.unknown_courses += (course,)

    def _knows_course(self, course: CourseId) -> bool:
        try:
            self._wire.enrollments(Filter(courses=(course,)), None, page_size=1)
        except Rejected as exc:
            if exc.status not in UNKNOWN_ID:
                raise
            return False
        return True

    def _rows_of_known(self, fetch: Callable[[Filter, str | None], Page], filters: list[Filter]) -> list[Row]:
        return [
            row
            for where in filters
            for page in pages_of_known(fetch, where, lambda unknown: None)
            for row in page.rows
        ]

    def _users_page(self, where: Filter, token: str | None) -> Page:
        return self._wire.users(where, token, page_size=self._page_size)

    def _enrollments_page(self, where: Filter, token: str | None) -> Page:
        return self._wire.enrollments(where, token, page_size=self._page_size)

    def _results_page(self, where: Filter, token: str | None) -> Page:
        return self._wire.results(where, token, page_size=self._page_size)

    def _contents_page(self, where: Filter, token: str | None) -> Page:
        return self._wire.contents(where.courses, token, page_size=self._page_size)

    def _understood(self, row: Row, to_record: ToRecord, kind: type[T]) -> T:
        value = self.parse(to_record(row))
        assert isinstance(value, kind)
        return value

    # -- what the same work takes at least (contract, section 6) ---------------------------------------------------

    def _owe_list(self, rows: int) -> None:
        self._owe(max(1, -(-rows // self._page_size)))

    def _owe(self, calls: int) -> None:
        with self._floor_lock:
            self.calls.floor += calls


def _course_filters(courses: Sequence[str], users: Sequence[str] | None) -> Iterator[Filter]:
    if users is None:
        for part in chunks(courses):
            yield Filter(courses=part)
        return
    for part in chunks(courses, IDS_OF_EACH):
        for people in chunks(users, IDS_OF_EACH):
            yield Filter(courses=part, learners=people)
