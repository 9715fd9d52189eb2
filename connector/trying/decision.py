"""What a rule makes of a status and a code: the planner itself, asked about one invented learner."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connector.domain.enrolment import (
    ClassEnrolment,
    ClassStatus,
    Completion,
    Enrolment,
    EnrolmentId,
    Status,
    UnitEnrolment,
)
from connector.domain.learner import ClassId, Contact, ContactId, UnitId, User, UserId, UserStatus
from connector.domain.memory import Memory
from connector.domain.plan import PersonPlan
from connector.domain.rule import Field, Limits, Rule, Rules, Side
from connector.planning.person import Circumstances, Person
from connector.planning.plan import plan_person

_TODAY = date(2026, 6, 15)
_NOON = datetime(2026, 6, 15, 12, tzinfo=UTC)
_STARTED = date(2026, 6, 1)
_USER = UserId("learner")


def decide(rule: Rule, status: Status, code: str) -> Mapping[str, str]:
    """What the planner would write, set or ask (`mapping.examples.Decide`)."""
    around = Circumstances(
        rules=Rules((rule,), Limits(), ""),
        today=_TODAY,
        zone=ZoneInfo("UTC"),
        now=_NOON,
        shows_end_dates=True,
    )
    return _told(plan_person(_learner(rule, status, code), Memory(), around))


def _learner(rule: Rule, status: Status, code: str) -> Person:
    """A learner in the middle of the unit, whose result in every course of the rule came today."""
    class_id = rule.classes[0] if rule.classes else ClassId(1)
    # 85 is for a start in the future; with any other code the unit has begun.
    start = date(2026, 7, 1) if code == "85" and status is Status.NOT_STARTED else _STARTED
    enrolments = tuple(
        Enrolment(EnrolmentId(f"enrolment {number}"), course, _USER, access_from=start, due=None, locks=False)
        for number, course in enumerate(rule.course_ids)
    )
    done = None if status.is_open else _NOON
    return Person(
        contact=Contact(ContactId(1), "Example", "Learner", "learner@example.org"),
        user=User(_USER, "learner", "learner@example.org", UserStatus.ACTIVE),
        user_id=_USER,
        classes=(_row(rule, class_id, code, start),),
        enrolments=enrolments,
        completions={
            e.enrolment_id: Completion(e.enrolment_id, _USER, e.course_id, status, completed_at=done)
            for e in enrolments
        },
    )


def _row(rule: Rule, class_id: ClassId, code: str, start: date) -> ClassEnrolment:
    unit = UnitEnrolment(UnitId(1), rule.unit or "", code, start=start, end=None)
    return ClassEnrolment(
        contact_id=ContactId(1),
        class_id=class_id,
        enrol_id=1,
        template_id=1,
        qualification=rule.qualification or "",
        status=ClassStatus.IN_PROGRESS,
        status_word="",
        enrolled_at=None,
        start=start,
        finish=None,
        email="learner@example.org",
        given="Example",
        surname="Learner",
        unit_count=1,
        units=(unit,),
    )


def _told(plan: PersonPlan) -> dict[str, str]:
    """Outcome decisions only: dates and access are not what examples are about."""
    found: dict[str, str] = {}
    for change in plan.changes:
        if change.field is not Field.OUTCOME:
            continue
        key = "axcelerate" if change.platform is Side.AXCELERATE else "ispring"
        found[key] = change.after or ""
    for question in plan.questions:
        if question.field is Field.OUTCOME:
            found["review"] = question.reason
            if question.proposed is not None:
                found["axcelerate"] = question.proposed
    return found
