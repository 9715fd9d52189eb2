"""Short builders of rules, rows and circumstances, so that a test shows only what it is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.enrolment import (
    ClassEnrolment,
    ClassStatus,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
    ModuleStatus,
    Status,
    TrainingClass,
    UnitEnrolment,
)
from connector.domain.learner import ClassId, Contact, ContactId, CourseId, UnitId, User, UserId, UserStatus
from connector.domain.rule import (
    Approval,
    CompleteWhen,
    CourseRef,
    Direction,
    EnrolmentRule,
    FieldRule,
    Limits,
    Matcher,
    MissingLearner,
    OnConflict,
    OnUnenrolment,
    OnWithdrawal,
    OutcomeRule,
    Place,
    Rule,
    Rules,
    Target,
)

ZONE = ZoneInfo("Australia/Brisbane")
CONTACT = ContactId(22041)
USER = UserId("user-1")
UNIT, MODULE = "BSBWHS211", "Safety at work"
BOTH, TO_ISPRING, TO_AXCELERATE, OFF = "both", "axcelerate_to_ispring", "ispring_to_axcelerate", "off"
BY_EMAIL = Matcher(text="email", lms_field="email", by_optional_id=False)

JAN_10, FEB_1, MARCH_1 = date(2026, 1, 10), date(2026, 2, 1), date(2026, 3, 1)
TODAY = date(2026, 3, 10)
MARCH_20, MAY_1, MAY_8, MAY_15, JUNE_1 = (
    date(2026, 3, 20),
    date(2026, 5, 1),
    date(2026, 5, 8),
    date(2026, 5, 15),
    date(2026, 6, 1),
)


def a_rule(
    name: str = "whs",
    *,
    target: str = "unit",
    unit: str | None = None,
    module: str | None = None,
    courses: Iterable[str] = ("c1",),
    classes: Iterable[int] = (),
    qualification: str | None = None,
    start: str = TO_ISPRING,
    due: str = BOTH,
    access: str = BOTH,
    on_conflict: str = "axcelerate",
    lock_after: bool = True,
    position: int = 0,
    was: str | None = None,
    jurisdiction: str = "NAT",
    complete_when: str = "all",
    **more: Any,
) -> Rule:
    """A rule with the contract's defaults; `on_conflict` is that of dates and access."""
    kind = Target(target)
    one_way = kind is Target.CLASS
    return Rule(
        id=name,
        was=was,
        title=name,
        courses=tuple(CourseRef(CourseId(course)) for course in courses),
        complete_when=CompleteWhen(complete_when),
        target=kind,
        unit=(unit or UNIT) if kind is Target.UNIT else None,
        module=(module or MODULE) if kind is Target.MODULE else None,
        classes=tuple(ClassId(number) for number in classes),
        qualification=qualification,
        jurisdiction=jurisdiction,
        match=(BY_EMAIL,),
        enrolment=_enrolment_rule(more),
        start_date=FieldRule(Direction(_one_way(start, one_way)), OnConflict(on_conflict)),
        due_date=FieldRule(Direction(_one_way(due, one_way)), OnConflict(on_conflict)),
        lock_after=lock_after,
        access=FieldRule(Direction(access), OnConflict(on_conflict)),
        outcome=_outcome_rule(more),
        position=position,
        place=Place("mappings/whs.yaml", 1, 1),
        places={},
        source="",
        digest=name,
    )


def _one_way(direction: str, is_class: bool) -> str:
    return TO_ISPRING if is_class and direction != OFF else direction


def _enrolment_rule(more: dict[str, Any]) -> EnrolmentRule:
    return EnrolmentRule(
        create=more.pop("create", True),
        missing_learner=MissingLearner(more.pop("missing_learner", "report")),
        department=more.pop("department", None),
        on_withdrawal=OnWithdrawal(more.pop("on_withdrawal", "lock")),
        on_unenrolment=OnUnenrolment(more.pop("on_unenrolment", "review")),
    )


def _outcome_rule(more: dict[str, Any]) -> OutcomeRule:
    rule = OutcomeRule(
        approval=Approval(more.pop("approval", "required")),
        to_axcelerate={Status(status): str(code) for status, code in more.pop("to_axcelerate", {}).items()},
        to_ispring={str(code): Status(status) for code, status in more.pop("to_ispring", {}).items()},
        on_conflict=OnConflict(more.pop("outcome_conflict", "review")),
    )
    assert not more, f"no such key in a rule: {sorted(more)}"
    return rule


def rules_of(*rules: Rule) -> Rules:
    return Rules(rules=rules, limits=Limits(), digest="|".join(rule.digest for rule in rules))


def a_contact(email: str = "mia@example.org") -> Contact:
    return Contact(contact_id=CONTACT, given="Mia", surname="Nguyen", email=email)


def a_user(status: str = "active", email: str = "mia@example.org") -> User:
    return User(user_id=USER, login=email, email=email, status=UserStatus(status))


def a_unit(
    code: str = UNIT, outcome: str | int = "70", *, start: date | None = FEB_1, end: date | None = MAY_1
) -> UnitEnrolment:
    return UnitEnrolment(unit_id=UnitId(51001), code=code, outcome=str(outcome), start=start, end=end)


def a_class_row(
    class_id: int = 880123,
    *,
    enrol_id: int | None = None,
    status: str = "in_progress",
    enrolled: date = JAN_10,
    start: date | None = FEB_1,
    units: Iterable[UnitEnrolment] = (),
    qualification: str = "CHC43121",
) -> ClassEnrolment:
    units = tuple(units)
    return ClassEnrolment(
        contact_id=CONTACT,
        class_id=ClassId(class_id),
        enrol_id=enrol_id or class_id + 1_000_000,
        template_id=7,
        qualification=qualification,
        status=ClassStatus(status),
        status_word=status,
        enrolled_at=datetime(enrolled.year, enrolled.month, enrolled.day, 9, 0),
        start=start,
        finish=None,
        email="mia@example.org",
        given="Mia",
        surname="Nguyen",
        unit_count=len(units),
        units=units,
    )


def a_module(
    module_id: int = 501,
    class_id: int = 880123,
    *,
    status: str = "enrolled",
    start: date | None = FEB_1,
    end: date | None = MAY_1,
    override: Any = None,
    enrol_id: int | None = None,
    name: str = MODULE,
) -> ModuleEnrolment:
    return ModuleEnrolment(
        module_enrolment_id=module_id,
        contact_id=CONTACT,
        class_id=ClassId(class_id),
        enrol_id=enrol_id or class_id + 1_000_000,
        name=name,
        status=ModuleStatus(status),
        status_word=status,
        start=start,
        end=end,
        override=override,
    )


def an_enrolment(
    identity: str = "e1",
    course: str = "c1",
    *,
    start: date = FEB_1,
    due: date | None = MAY_1,
    locks: bool = True,
    certificate: bool = False,
) -> Enrolment:
    return Enrolment(
        enrolment_id=EnrolmentId(identity),
        course_id=CourseId(course),
        user_id=USER,
        access_from=start,
        due=due,
        locks=locks,
        has_certificate=certificate,
    )


def a_completion(
    status: str = "passed",
    identity: str = "e1",
    course: str = "c1",
    *,
    on: date | None = MARCH_1,
    score: float | None = 90,
) -> Completion:
    """A result; a success carries its completion date, an open status none."""
    word = Status(status)
    done = None if on is None or word.is_open else datetime(on.year, on.month, on.day, 2, 0, tzinfo=UTC)
    return Completion(
        enrolment_id=EnrolmentId(identity),
        user_id=USER,
        course_id=CourseId(course),
        status=word,
        completed_at=done,
        score=score,
    )


def a_class_detail(class_id: int = 880123, *, finish: date | None = MAY_1) -> TrainingClass:
    return TrainingClass(class_id=ClassId(class_id), name="WHS evening class", start=FEB_1, finish=finish)
