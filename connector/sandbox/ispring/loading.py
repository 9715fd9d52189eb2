"""Loads the invented training provider into an account: iSpring's half of it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from connector.sandbox import people

from .account import Account
from .entities import ContentItem, Department, Enrollment, Progress, Schedule, User


def load_world(account: Account, world: people.World) -> None:
    """Add the world's departments, users, courses, enrolments and results; sets the account's zone."""
    account.zone = ZoneInfo(world.zone)
    added = datetime(world.today.year - 1, 1, 5, tzinfo=UTC)
    for department in world.departments:
        account.add_department(Department(department.department_id, department.name, account.root.id))
    for user in world.users:
        account.add_user(_user(user, account.root.id, added))
    for course in world.courses:
        account.add_item(ContentItem(course.course_id, course.title, due_days=course.due_days, added=added))
    for enrolment in world.course_enrolments:
        account.add_enrollment(_enrollment(enrolment, account))
    for result in world.results:
        _put_result(account, result)


def _user(user: people.User, root: str, added: datetime) -> User:
    return User(
        user.user_id,
        user.login,
        user.email,
        user.first_name,
        user.last_name,
        user.department_id or root,
        status=user.status,
        fields=dict(user.fields),
        added=added,
    )


def _enrollment(enrolment: people.CourseEnrolment, account: Account) -> Enrollment:
    schedule = Schedule(enrolment.access.astimezone(UTC), lock=enrolment.lock)
    if enrolment.due is not None:
        schedule.due_type, schedule.due = "due_date", account.calendar.day_end(enrolment.due)
    return Enrollment(enrolment.enrolment_id, enrolment.user_id, enrolment.course_id, schedule)


def _put_result(account: Account, result: people.CourseResult) -> None:
    enrollment = account.enrollments[result.enrolment_id]
    account.earn(
        enrollment,
        Progress(
            result.status,
            result.progress,
            result.completed_at,
            result.score,
            result.time_spent_s,
            result.views,
        ),
    )
    if result.certificate:
        account.certify(enrollment)
