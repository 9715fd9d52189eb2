"""An invented provider for whole stories: few learners, every kind of target, ids that never change."""

from __future__ import annotations

from datetime import UTC, date, datetime

from connector.sandbox.ids import COURSE, DEPARTMENT, USER, ispring_id
from connector.sandbox.people import (
    ClassEnrolment,
    Contact,
    Course,
    Department,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
    User,
    World,
)

ZONE = "Australia/Sydney"
NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
"""Noon in Sydney, a Monday."""
TODAY = date(2026, 3, 2)
FEB_2, APRIL_10, APRIL_17, APRIL_24, MAY_1, MAY_15, JUNE_30 = (
    date(2026, 2, 2),
    date(2026, 4, 10),
    date(2026, 4, 17),
    date(2026, 4, 24),
    date(2026, 5, 1),
    date(2026, 5, 15),
    date(2026, 6, 30),
)

DAY, NIGHT = 880123, 880124
WHS = "BSBWHS211"
ETHICS = "CHCLEG003"
SAFETY = "Safety at work"
MIA, NOAH, AVA, LEO = 22041, 22042, 22043, 22044
NAMES = {MIA: "Mia", NOAH: "Noah", AVA: "Ava", LEO: "Leo"}

WHS_COURSE, SAFETY_COURSE, WELCOME_COURSE = (ispring_id(COURSE, number) for number in (1, 2, 3))
LEARNERS = ispring_id(DEPARTMENT, 1)

UNIT_RULE = f"""
  - id: whs
    title: WHS online
    ispring: {{courses: [{{id: {WHS_COURSE}, title: WHS online}}]}}
    axcelerate: {{target: unit, unit: {WHS}, classes: [{DAY}]}}
    learner: {{match: [email]}}
    due_date: {{direction: both, on_conflict: axcelerate, lock_after: true}}
    access: {{direction: both}}
    outcome:
      to_axcelerate: {{passed: 20, complete: 20, accepted: 20, in_progress: 70}}
      to_ispring: {{51: complete, 60: complete}}
"""
MODULE_RULE = f"""
  - id: safety
    title: Safety at work
    ispring: {{courses: [{SAFETY_COURSE}]}}
    axcelerate: {{target: module, module: {SAFETY}, classes: [{NIGHT}]}}
    learner: {{match: [email]}}
    due_date: {{direction: both, on_conflict: axcelerate, lock_after: true}}
    access: {{direction: both}}
"""
CLASS_RULE = f"""
  - id: welcome
    title: Welcome
    ispring: {{courses: [{WELCOME_COURSE}]}}
    axcelerate: {{target: class, classes: [{NIGHT}]}}
    learner: {{match: [email]}}
"""


GENEROUS = "updates: 100%, access_removed: 100%, outcomes: 100%"
"""The provider is small: every story touches much of it."""


def rules(*texts: str, limits: str = GENEROUS) -> str:
    """A mapping file of these rules."""
    return f"version: 1\nlimits: {{{limits}}}\nrules:{''.join(texts)}"


ALL_RULES = rules(UNIT_RULE, MODULE_RULE, CLASS_RULE)


def user_of(contact: int) -> str:
    return ispring_id(USER, contact)


def module_of(contact: int) -> int:
    """The id of the learner's module enrolment."""
    return 41_000 + contact % 100


def provider(*learners: int) -> World:
    """These learners (default: all), each with a user and a place in both classes, nobody in an iSpring course yet."""
    chosen = learners or tuple(NAMES)
    world = World(zone=ZONE, today=TODAY)
    world.units = [Unit(51001, WHS, "Contribute to health and safety"), Unit(51002, ETHICS, "Manage ethics")]
    world.classes = [
        TrainingClass(
            DAY, 7001, "CHC43121", "Certificate IV", "Day class", FEB_2, JUNE_30, units=[WHS, ETHICS]
        ),
        TrainingClass(NIGHT, 7002, "CHC33021", "Certificate III", "Night class", FEB_2, JUNE_30, units=[WHS]),
    ]
    world.departments = [Department(LEARNERS, "Learners")]
    world.courses = [
        Course(WHS_COURSE, "WHS online"),
        Course(SAFETY_COURSE, "Safety at work"),
        Course(WELCOME_COURSE, "Welcome", due_days=30),
    ]
    for number, contact in enumerate(chosen):
        _add_learner(world, number, contact)
    return world


def _add_learner(world: World, number: int, contact: int) -> None:
    given = NAMES[contact]
    email = f"{given.lower()}@example.org"
    world.contacts.append(Contact(contact, given, "Tester", email))
    world.users.append(User(user_of(contact), email, email, given, "Tester", 1, LEARNERS))
    day_units = [UnitEnrolment(WHS, "70", FEB_2, APRIL_10), UnitEnrolment(ETHICS, "70", FEB_2, MAY_1)]
    module = ModuleEnrolment(module_of(contact), SAFETY, 2, FEB_2, APRIL_17, None, FEB_2)
    enrolled = datetime(2026, 1, 20, 1, number, tzinfo=UTC)
    world.class_enrolments += [
        ClassEnrolment(9_300_001 + 2 * number, contact, DAY, "In Progress", enrolled, FEB_2, units=day_units),
        ClassEnrolment(
            9_300_002 + 2 * number,
            contact,
            NIGHT,
            "In Progress",
            enrolled,
            FEB_2,
            plan="Night plan",
            units=[],
            modules=[module],
        ),
    ]
