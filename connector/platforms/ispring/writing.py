"""From commands to iSpring's fields: names, order and forms of values as the vendor's pages show them. Pure."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from connector.domain.change import CreateUser, DueDefault, EnrolLearners, Schedule, SetStatus
from connector.domain.enrolment import Status
from connector.errors import ChangeRefused

Fields = dict[str, object]

ACCESS_FORM = "%Y-%m-%d %H:%M:%S"
# A course can be given five statuses (reference, section 5.1); the others are results of tasks inside it.
SETTABLE = {
    Status.COMPLETE: "complete",
    Status.PASSED: "passed",
    Status.ACCEPTED: "complete",
    Status.INCOMPLETE: "incomplete",
    Status.FAILED: "failed",
    Status.DECLINED: "failed",
}


def schedule_fields(schedule: Schedule) -> Fields:
    """All of the schedule, always: an edit replaces it whole. Without an access date iSpring takes the present moment."""
    fields: Fields = {}
    if schedule.access_from is not None:
        fields["accessDate"] = schedule.access_from.strftime(ACCESS_FORM)
    if schedule.due is None:
        fields["dueDateType"] = "unlimited"
    elif isinstance(schedule.due, DueDefault):
        fields["dueDateType"] = "default"
    else:
        fields["dueDateType"] = "due_date"
        fields["dueDate"] = schedule.due.isoformat()
    fields["lockAfterDueDate"] = schedule.locks
    return fields


def enrol_fields(command: EnrolLearners, users: Sequence[str]) -> Fields:
    return {
        "courseIds": [command.course_id],
        "learnerIds": list(users),
        **schedule_fields(command.schedule),
    }


def status_fields(command: SetStatus) -> Fields:
    """In the order of the updateCourseStatus page; the date goes with a success only. Raises ChangeRefused for an open status."""
    if command.status is None:
        word = "automatic"
    elif command.status in SETTABLE:
        word = SETTABLE[command.status]
    else:
        raise ChangeRefused("ispring", "set status", f"a course cannot be set to {command.status.value}")
    fields: Fields = {"enrollmentIds": [command.enrolment_id], "courseId": command.course_id}
    if command.status is not None and command.status.is_success and command.completed_on is not None:
        fields["date"] = command.completed_on.isoformat()
    fields["reason"] = command.reason
    fields["status"] = word
    return fields


def user_fields(command: CreateUser, *, role: str) -> Fields:
    """A password nobody knows is set, because the pages show one in every request; people reset it on first sign-in.

    `sendLoginEmail` is always said: the pages disagree about its default.
    """
    named = {
        "login": command.login,
        "email": command.email,
        "first_name": command.given,
        "last_name": command.surname,
    }
    return {
        "departmentId": command.department,
        "password": f"Aa1-{secrets.token_urlsafe(24)}",
        "fields": {name: value for name, value in named.items() if value},
        "role": role,
        "sendLoginEmail": False,
    }
