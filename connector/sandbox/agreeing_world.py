"""The large and quiet provider of the benchmarks: both sides say the same about everybody."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .ids import COURSE, DEPARTMENT, ENROLMENT, USER, ispring_id
from .people import (
    ClassEnrolment,
    Contact,
    Course,
    CourseEnrolment,
    CourseResult,
    Department,
    TrainingClass,
    Unit,
    UnitEnrolment,
    User,
    World,
)

ZONE = "Australia/Sydney"
FIRST_CONTACT, FIRST_ENROL, FIRST_CLASS = 22_001, 9_300_001, 880_001
UNITS_A_LEARNER = 4
UNIT_COUNT = 10
LEARNERS_A_CLASS = 500


def make_agreeing_world(pairs: int, seed: int = 1, today: date | None = None) -> World:
    """`pairs` unit enrolments, each with its iSpring enrolment: same dates, lock on, in progress on both sides.

    Four units a learner out of ten, each with its course; 500 learners a class. A connector that has met this world
    once has nothing left to do in it.
    """
    world = World(zone=ZONE, today=today or datetime.now(ZoneInfo(ZONE)).date())
    world.departments = [Department(ispring_id(DEPARTMENT, 1), "Learners")]
    dice = random.Random(seed)
    codes = [f"TSTUNT{number:03d}" for number in range(1, UNIT_COUNT + 1)]
    world.units = [Unit(51_001 + number, code, f"Unit {number + 1}") for number, code in enumerate(codes)]
    world.courses = [
        Course(ispring_id(COURSE, number), f"{code} online") for number, code in enumerate(codes, start=1)
    ]
    made = 0
    for number in range(-(-pairs // UNITS_A_LEARNER)):
        count = min(UNITS_A_LEARNER, pairs - made)
        chosen = sorted(dice.sample(range(UNIT_COUNT), count))
        _add_agreeing_learner(world, number, chosen)
        made += count
    return world


def _add_agreeing_learner(world: World, number: int, chosen: list[int]) -> None:
    key, class_id = FIRST_CONTACT + number, FIRST_CLASS + number // LEARNERS_A_CLASS
    start, finish = world.today - timedelta(days=30), world.today + timedelta(days=200)
    if number % LEARNERS_A_CLASS == 0:
        codes = [unit.code for unit in world.units]
        named = (7001, "TST40126", "Certificate IV in Testing", f"Intake {class_id - FIRST_CLASS + 1}")
        world.classes.append(TrainingClass(class_id, *named, start, finish, units=codes))
    email, surname = f"learner{number}@example.org", f"Learner{number}"
    world.contacts.append(Contact(key, "Test", surname, email))
    department = world.departments[0].department_id
    world.users.append(User(ispring_id(USER, key), email, email, "Test", surname, 1, department))
    place = ClassEnrolment(
        FIRST_ENROL + number, key, class_id, "In Progress", _nine_o_clock(start - timedelta(days=7)), start
    )
    for unit in chosen:
        end = world.today + timedelta(days=20 + (number + unit) % 60)
        place.units.append(UnitEnrolment(world.units[unit].code, "70", start, end))
        enrolment = CourseEnrolment(
            ispring_id(ENROLMENT, len(world.course_enrolments) + 1),
            ispring_id(USER, key),
            world.courses[unit].course_id,
            _nine_o_clock(start),
            end,
            True,
        )
        world.course_enrolments.append(enrolment)
        world.results.append(CourseResult(enrolment.enrolment_id, "in_progress", 40.0, time_spent_s=900))
    world.class_enrolments.append(place)


def _nine_o_clock(day: date) -> datetime:
    return datetime.combine(day, time(9), ZoneInfo(ZONE)).astimezone(UTC)
