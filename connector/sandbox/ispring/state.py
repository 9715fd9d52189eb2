"""The present state as plain rows with the sandbox's own names, for assertions and for operators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from .deliveries import Postman
from .entities import Enrollment
from .services import Services

Row = dict[str, Any]


def state_kinds(services: Services, postman: Postman) -> Mapping[str, Callable[[], list[Row]]]:
    """The kinds of rows there are, each with the function that makes them."""
    account = services.account
    return {
        "departments": lambda: [
            {"department_id": one.id, "name": one.name, "parent": one.parent}
            for one in account.departments.values()
        ],
        "users": lambda: _users(services),
        "groups": lambda: [
            {"group_id": one.id, "name": one.name, "user_ids": one.members} for one in account.groups.values()
        ],
        "courses": lambda: [
            {"course_id": one.id, "title": one.title, "kind": one.kind, "due_days": one.due_days}
            for one in account.items.values()
        ],
        "modules": lambda: [
            {"course_id": course.id, "module_id": one.id, "item_id": one.item_id, "title": one.title}
            for course in account.items.values()
            for one in course.modules
        ],
        "enrollments": lambda: [_enrollment(services, one) for one in account.enrollments.values()],
        "certificates": lambda: [
            {"certificate_id": held.id, "enrollment_id": one.id, "issued": held.issued}
            for one, held in account.certificates()
        ],
        "tasks": lambda: [
            {"task_id": one.id, "state": one.state, "polls": one.polls, "accepted": one.accepted}
            for one in account.tasks.values()
        ],
        "mails": lambda: [
            {"at": one.at, "user_id": one.user, "address": one.address, "text": one.text}
            for one in account.mails
        ],
        "subscribers": lambda: [
            {
                "name": one.name,
                "url": one.url,
                "confirmed": one.confirmed,
                "process": one.process_status,
                "waiting": len(one.queue),
                "types": sorted(one.subscriptions),
            }
            for one in services.webhooks.subscribers.values()
        ],
        "deliveries": lambda: [
            {
                "at": one.at,
                "subscriber": one.subscriber,
                "type": one.type,
                "body": one.body,
                "status": one.status,
            }
            for one in postman.deliveries
        ],
    }


def _users(services: Services) -> list[Row]:
    return [
        {
            "user_id": one.id,
            "login": one.login,
            "email": one.email,
            "first_name": one.first_name,
            "last_name": one.last_name,
            "status": one.status,
            "role": one.role,
            "department_id": one.department,
            "fields": dict(one.fields),
        }
        for one in services.account.users.values()
    ]


def _enrollment(services: Services, one: Enrollment) -> Row:
    """Moments in UTC; `access_date` and `due_date` are days in the account's zone."""
    schedule, shown, zone = one.schedule, one.progress, services.account.zone
    return {
        "enrollment_id": one.id,
        "user_id": one.user,
        "course_id": one.course,
        "access": schedule.access,
        "access_date": schedule.access.astimezone(zone).date(),
        "due": schedule.due,
        "due_date": None if schedule.due is None else schedule.due.astimezone(zone).date(),
        "due_type": schedule.due_type,
        "lock": schedule.lock,
        "status": shown.status,
        "status_was_set": one.override is not None,
        "progress": shown.percent,
        "completed": shown.completed,
        "score": shown.score,
        "certificate_id": one.certificate and one.certificate.id,
    }
