"""Enrolling, editing, re-enrolling and deleting, as both REST and SOAP carry it out (reference section 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .access import Actor
from .account import Account
from .entities import Enrollment, Progress, Schedule
from .incoming import Fields
from .refusals import Refused, wrong_parameters
from .schedule import WireSchedule, schedule_of
from .selections import Selections


class Enrolling:
    """What callers with the right to do so can change about enrollments."""

    def __init__(self, account: Account, selections: Selections) -> None:
        self._account = account
        self._selections = selections

    def create(self, actor: Actor, fields: Fields) -> list[Enrollment]:
        """Enrol every learner named in every course named; gives back the new enrollments only."""
        actor.may("create_enrollments")
        account = self._account
        courses = self._known(fields.required_ids("courseIds"), account.items, "Unknown content item")
        users = self._known(fields.required_ids("learnerIds"), account.users, "Unknown user")
        for user in users:
            actor.must_see(account.users[user])
        sent, now = read_schedule(fields), account.clock.now()
        schedules = {
            course: schedule_of(sent, account.items[course], calendar=account.calendar, now=now)
            for course in courses
        }
        self._refuse_existing(courses, users)
        made = []
        for course in courses:
            new = [user for user in users if self._wanted(user, course)]
            made += [
                account.add_enrollment(Enrollment(account.ids.new(), user, course, schedules[course]))
                for user in new
            ]
            if new:
                account.tell("LEARNERS_ENROLLED_IN_COURSE", {"courseId": course, "learnerIds": new})
        return made

    def edit(self, actor: Actor, enrollment: Enrollment, fields: Fields) -> None:
        """Replace the whole schedule: what is not sent is not kept (reference 4.7)."""
        actor.may("edit_enrollments")
        self._must_see(actor, enrollment)
        self._account.reschedule(enrollment, self._schedule(enrollment, fields))

    def reenroll(self, actor: Actor, enrollment: Enrollment, fields: Fields) -> Enrollment:
        """A new attempt from nothing; which row and id it gets is the switch of row 26."""
        actor.may("edit_enrollments")
        self._must_see(actor, enrollment)
        return new_attempt(self._account, enrollment, self._schedule(enrollment, fields))

    def delete(self, actor: Actor, ids: Sequence[str], *, unknown: Refused | None = None) -> None:
        """Delete enrollments and their certificates: all of them, or none when one is unknown."""
        actor.may("delete_enrollments")
        account = self._account
        for one in ids:
            if one not in account.enrollments:
                raise unknown or self._selections.unknown("Unknown enrollment")
            self._must_see(actor, account.enrollments[one])
        for one in ids:
            account.hide(account.enrollments[one])

    def get(self, actor: Actor, enrollment_id: str) -> Enrollment:
        actor.may("read_enrollments")
        found = self._account.enrollments.get(enrollment_id)
        if found is None:
            raise self._selections.unknown("Unknown Enrollment")
        self._must_see(actor, found)
        return found

    def find(self, enrollment_id: str) -> Enrollment:
        """The enrollment of an edit; unknown ones are refused."""
        found = self._account.enrollments.get(enrollment_id)
        if found is None:
            raise self._selections.unknown("Unknown Enrollment")
        return found

    def _schedule(self, enrollment: Enrollment, fields: Fields) -> Schedule:
        account = self._account
        course = account.items[enrollment.course]
        return schedule_of(read_schedule(fields), course, calendar=account.calendar, now=account.clock.now())

    def _must_see(self, actor: Actor, enrollment: Enrollment) -> None:
        actor.must_see(self._account.users[enrollment.user])

    def _known(self, ids: list[str], where: Mapping[str, object], message: str) -> list[str]:
        if self._account.switches.partly_invalid_create == "apply_known" and any(one in where for one in ids):
            return [one for one in ids if one in where]
        self._selections.known(ids, where, message)
        return ids

    def _refuse_existing(self, courses: Sequence[str], users: Sequence[str]) -> None:
        if self._account.switches.existing_enrollment != "error":
            return
        if any(self._account.live(user, course) for user in users for course in courses):
            raise wrong_parameters("a learner is enrolled already")

    def _wanted(self, user: str, course: str) -> bool:
        return self._account.switches.existing_enrollment == "duplicate" or not self._account.live(
            user, course
        )


def new_attempt(account: Account, enrollment: Enrollment, schedule: Schedule) -> Enrollment:
    """Start again from nothing, in the row that the switch of row 26 says."""
    if account.switches.reenroll == "same_id":
        enrollment.certificate, enrollment.marks = None, {}
        account.reschedule(enrollment, schedule)
        account.set_override(enrollment, None)
        account.earn(enrollment, Progress())
        return enrollment
    if account.switches.reenroll == "new_id":
        account.hide(enrollment)
    fresh = Enrollment(account.ids.new(), enrollment.user, enrollment.course, schedule)
    account.add_enrollment(fresh)
    account.tell(
        "LEARNERS_ENROLLED_IN_COURSE", {"courseId": enrollment.course, "learnerIds": [enrollment.user]}
    )
    return fresh


def read_schedule(fields: Fields) -> WireSchedule:
    return WireSchedule(
        access_date=fields.text("accessDate"),
        due_date_type=fields.text("dueDateType"),
        due_date=fields.text("dueDate"),
        due_period=fields.text("duePeriod"),
        lock=fields.flag("lockAfterDueDate"),
    )
