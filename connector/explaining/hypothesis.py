"""What if one thing were otherwise? Single edits of what was read, so that the planner itself says what would follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

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
from connector.domain.learner import UNKNOWN, ClassId, ContactId, CourseId, UnitId, User, UserStatus
from connector.domain.ledger import Review
from connector.domain.memory import Memory
from connector.domain.plan import PersonPlan
from connector.domain.rule import Rule, Target
from connector.planning.person import Circumstances, Person
from connector.planning.plan import plan_person
from connector.planning.standing import Record, newest_rows

NEW = EnrolmentId("new")
"""The id of a place in a course that a suggestion would make."""


@dataclass(frozen=True)
class World:
    """What one person's plan is made from."""

    person: Person
    memory: Memory
    around: Circumstances

    def plan(self) -> PersonPlan:
        return plan_person(self.person, self.memory, self.around)


# -- aXcelerate ---------------------------------------------------------------------------------------------------------


def with_row(world: World, record: Record, **values: Any) -> World:
    """Values of the class enrolment that a record stands in."""
    row = newest_rows(world.person.classes).get(record.class_id)
    if row is None:
        return world
    return _with_rows(world, row, replace(row, **values))


def _with_rows(world: World, old: ClassEnrolment, new: ClassEnrolment) -> World:
    rows = tuple(new if row is old else row for row in world.person.classes)
    return replace(world, person=replace(world.person, classes=rows))


def with_unit(world: World, class_id: ClassId, code: str, **values: Any) -> World:
    """Values of one unit enrolment; `code` is upper-case."""
    row = newest_rows(world.person.classes).get(class_id)
    if row is None:
        return world
    units = tuple(replace(unit, **values) if unit.code.upper() == code else unit for unit in row.units)
    return _with_rows(world, row, replace(row, units=units))


def with_module(world: World, module: ModuleEnrolment, **values: Any) -> World:
    modules = tuple(replace(m, **values) if m is module else m for m in world.person.modules)
    return replace(world, person=replace(world.person, modules=modules))


def with_vet_date(world: World, record: Record, name: str, day: date | None) -> World:
    """The start or end that aXcelerate shows for a record; `name` is "start" or "end"."""
    if record.module is not None:
        return with_module(world, record.module, **{name: day})
    if record.unit is not None:
        return with_unit(world, record.class_id, record.unit.code.upper(), **{name: day})
    if name == "start":
        return with_row(world, record, start=day)
    detail = world.around.details.get(record.class_id) or TrainingClass(record.class_id, "", None, None)
    details = {**world.around.details, record.class_id: replace(detail, finish=day)}
    return replace(world, around=replace(world.around, details=details))


def with_record_shown(world: World, record: Record) -> World:
    """The record is there (again), open, with its class enrolment."""
    rule, person = record.rule, world.person
    row = newest_rows(person.classes).get(record.class_id)
    code = record.key.partition("/")[2]
    unit = UnitEnrolment(UnitId(0), code, "70", start=world.around.today, end=None)
    units = (unit,) if rule.target is Target.UNIT else ()
    if row is None:
        row = _open_row(person.contact.contact_id, record, units)
        person = replace(person, classes=(*person.classes, row))
    else:
        opened = replace(row, status=ClassStatus.IN_PROGRESS, units=(*row.units, *units))
        person = _with_rows(world, row, opened).person
    if rule.target is Target.MODULE:
        identity = int(record.key.partition(":")[2])
        module = ModuleEnrolment(
            identity,
            person.contact.contact_id,
            record.class_id,
            record.enrol_id,
            rule.module or "",
            ModuleStatus.ENROLLED,
            "",
            None,
            None,
            None,
        )
        person = replace(person, modules=(*person.modules, module))
    shown = person.gone - {record.id}
    return replace(world, person=replace(person, gone=shown, merged_into=None, unreadable=frozenset()))


def _open_row(contact: ContactId, record: Record, units: tuple[UnitEnrolment, ...]) -> ClassEnrolment:
    return ClassEnrolment(
        contact_id=contact,
        class_id=record.class_id,
        enrol_id=record.enrol_id,
        template_id=0,
        qualification=record.rule.qualification or "",
        status=ClassStatus.IN_PROGRESS,
        status_word="",
        enrolled_at=None,
        start=None,
        finish=None,
        email="",
        given="",
        surname="",
        unit_count=len(units),
        units=units,
    )


# -- iSpring Learn ------------------------------------------------------------------------------------------------------


def with_enrolment(world: World, identity: EnrolmentId, **values: Any) -> World:
    """Values of one LMS enrolment; without a due date the LMS shows no lock."""
    found = tuple(
        _shown(replace(one, **values)) if one.enrolment_id == identity else one
        for one in world.person.enrolments
    )
    return replace(world, person=replace(world.person, enrolments=found))


def _shown(enrolment: Enrolment) -> Enrolment:
    return replace(enrolment, locks=enrolment.locks and enrolment.due is not None)


def with_place(world: World, course: CourseId, *, start: date | None, due: date | None, locks: bool) -> World:
    """A place in the course, as somebody enrolling by hand would make it."""
    person, user = world.person, world.person.user
    if user is None:
        return world
    begins = start or world.around.today
    new = _shown(Enrolment(NEW, course, user.user_id, begins, due, locks))
    return replace(world, person=replace(person, enrolments=(*person.enrolments, new)))


def without_place(world: World, identity: EnrolmentId) -> World:
    left = tuple(one for one in world.person.enrolments if one.enrolment_id != identity)
    return replace(world, person=replace(world.person, enrolments=left))


def with_status(world: World, identity: EnrolmentId, status: Status) -> World:
    """Another course status, reached or set today."""
    enrolment = next(one for one in world.person.enrolments if one.enrolment_id == identity)
    done = None if status.is_open else world.around.now
    result = Completion(
        identity, enrolment.user_id, enrolment.course_id, status, done, score=None, access_at=None
    )
    results = {**world.person.completions, identity: result}
    return replace(world, person=replace(world.person, completions=results))


def with_user(world: World, user: User | None) -> World:
    """Another user, or none, linked to the contact. Of a new one no place in a course is known."""
    person = world.person
    same = user is not None and person.user is not None and user.user_id == person.user.user_id
    return replace(
        world,
        person=replace(
            person,
            user=user,
            user_id=user.user_id if user else None,
            identity="",
            candidates=(),
            enrolments=person.enrolments if same else (),
            completions=person.completions if same else {},
        ),
    )


def with_active_user(world: World) -> World:
    user = world.person.user
    return with_user(world, replace(user, status=UserStatus.ACTIVE)) if user else world


def with_address(world: World, address: str) -> World:
    contact = replace(world.person.contact, email=address)
    return replace(world, person=replace(world.person, contact=contact))


def with_settled_tasks(world: World) -> World:
    """The LMS has ended its status changes."""
    return replace(world, person=replace(world.person, running=frozenset()))


# -- people, mapping, account -------------------------------------------------------------------------------------------


def with_decision(world: World, review: Review) -> World:
    decisions = {**world.around.decisions, review.id: review}
    return replace(world, around=replace(world.around, decisions=decisions))


def with_rule(world: World, rule: Rule) -> World:
    """An edited mapping rule."""
    rules = tuple(rule if one.id == rule.id else one for one in world.around.rules.rules)
    return replace(world, around=replace(world.around, rules=replace(world.around.rules, rules=rules)))


def without_rest(world: World, rule: str) -> World:
    """The rule's course is what the mapping says it is."""
    rested: Mapping[str, str] = {name: why for name, why in world.around.rested_rules.items() if name != rule}
    return replace(world, around=replace(world.around, rested_rules=rested))


def with_emptied_list_believed(world: World, record: Record) -> World:
    """An operator says that the emptied class list is true."""
    rested = world.around.rested_classes - {record.class_id}
    person = replace(world.person, gone=world.person.gone | {record.id})
    return World(person, world.memory, replace(world.around, rested_classes=rested))


def with_override_shown(world: World) -> World:
    """The account shows access overrides; none is set."""
    modules = tuple(replace(m, override=None) if m.override is UNKNOWN else m for m in world.person.modules)
    return replace(world, person=replace(world.person, modules=modules))


def with_end_dates_shown(world: World) -> World:
    return replace(world, around=replace(world.around, shows_end_dates=True))
