"""Invented providers of any size: `demo_world`, `make_world` (awkward) and `make_agreeing_world` (large and quiet)."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from .agreeing_world import make_agreeing_world
from .demo_world import demo_world
from .ids import COURSE, DEPARTMENT, ENROLMENT, USER, ispring_id
from .mapping_files import world_mappings
from .people import (
    ClassEnrolment,
    Contact,
    Course,
    CourseEnrolment,
    CourseResult,
    Department,
    Elearning,
    Merge,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
    User,
    Workshop,
    World,
)

__all__ = ["demo_world", "make_agreeing_world", "make_world", "world_mappings"]

ZONE = "Australia/Sydney"
FIRST_CONTACT, FIRST_ENROL, FIRST_MODULE = 22_001, 9_300_001, 41_001
SHARED_CLASS, SECOND_CLASS, OTHER_CLASS, WA_CLASS, PRIVATE_CLASS = 880_001, 880_002, 880_003, 880_004, 880_005
MODULES = ("Safety at work", "Working with others")

_UNITS = (
    ("BSBWHS211", "Contribute to the health and safety of self and others"),
    ("CHCLEG003", "Manage legal and ethical compliance"),
    ("HLTINF006", "Apply basic principles of infection prevention and control"),
    ("CHCCOM005", "Communicate and work in health or community services"),
    ("CHCDIV001", "Work with diverse people"),
    ("HLTAAP001", "Recognise healthy body systems"),
)
# The first learners of every world, as real accounts have them. Surname None: a person with one name.
_AWKWARD: tuple[tuple[str, str | None], ...] = (
    ("Sari", None),
    ("Aoife", "O'Connor-Ó Briain"),
    ("Мария", "Иванова"),
    ("美咲", "佐藤"),
    ("Zoë", "D'Arcy"),
    ("Jo", "Lee"),
    ("Jo", "Lee"),
)
_GIVEN = ("Mia", "Sam", "Priya", "Tane", "Chloe", "Lukas", "Noor", "Ben", "Ana", "Kofi", "Ruth", "Ivo")
_SURNAMES = ("Okafor", "Nair", "Walker", "Martin", "Weber", "Haddad", "Silva", "Mensah", "Novak", "Reid")
_NATIONAL = ("70", "70", "70", "85", "20", "30", "40", "51", "60", "81")
_WESTERN = ("55", "105", "5", "1", "9")
_STATUSES = ("In Progress",) * 7 + ("Suspended", "Deferred", "Cancelled", "Completed")


def make_world(seed: int = 1, learners: int = 60, today: date | None = None) -> World:
    """A provider with everything that makes life hard; the same for the same arguments.

    Five classes (two share a qualification, one reports to WA, one is not public) that share six units; learning
    plans, a tentative and a doubled place, a merged and an inactive contact, two people with one address. The first
    class holds everybody, so it is longer than a page when `learners` is over 100.
    """
    world = _empty_world(today)
    dice = random.Random(seed)
    world.units = [Unit(51_001 + number, code, name) for number, (code, name) in enumerate(_UNITS)]
    world.units[1].elearning = Elearning(3310, "Ethics online")
    world.classes = _classes(world.today)
    _add_courses(world)
    _add_people(world, dice, learners)
    for number in range(learners):
        _add_places(world, dice, FIRST_CONTACT + number)
    _add_oddities(world)
    _add_study(world, dice)
    return world


def _empty_world(today: date | None) -> World:
    world = World(zone=ZONE, today=today or datetime.now(ZoneInfo(ZONE)).date())
    world.departments = [Department(ispring_id(DEPARTMENT, 1), "Learners")]
    return world


def _classes(today: date) -> list[TrainingClass]:
    codes = [code for code, _ in _UNITS]
    start, finish = today - timedelta(days=60), today + timedelta(days=180)
    disability = (7001, "CHC43121", "Certificate IV in Disability Support")
    support = (7002, "CHC33021", "Certificate III in Individual Support")
    workshop = Workshop(660_100, "First aid day", today + timedelta(days=10))
    later, soon = start + timedelta(days=30), finish - timedelta(days=30)
    return [
        TrainingClass(
            SHARED_CLASS,
            *disability,
            "Disability - first intake",
            start,
            finish,
            units=codes[:4],
            workshop=workshop,
        ),
        TrainingClass(
            SECOND_CLASS, *disability, "Disability - second intake", later, finish, units=codes[:4]
        ),
        TrainingClass(OTHER_CLASS, *support, "Support - evenings", start, soon, units=[codes[0], *codes[2:]]),
        TrainingClass(WA_CLASS, *support, "Support - Perth", start, finish, "WA RAPT", units=codes[:3]),
        TrainingClass(
            PRIVATE_CLASS, *support, "Support - in house", start, None, public=False, units=codes[4:]
        ),
    ]


def _add_courses(world: World) -> None:
    titles = [f"{unit.code} online" for unit in world.units]
    titles += [*MODULES, f"Class: {world.classes[2].name}"]
    world.courses = [
        Course(ispring_id(COURSE, number), title) for number, title in enumerate(titles, start=1)
    ]
    world.courses[-1].due_days = 14


def _add_people(world: World, dice: random.Random, learners: int) -> None:
    """Contacts, and users for nine in ten of them; one in ten users is known by a login only."""
    for number in range(learners):
        key = FIRST_CONTACT + number
        given, surname = (
            _AWKWARD[number] if number < len(_AWKWARD) else (dice.choice(_GIVEN), dice.choice(_SURNAMES))
        )
        # The two people called Jo Lee share one address, and every eleventh writes his in capitals.
        address = "jo.lee@example.org" if given == "Jo" else f"learner{number}@example.org"
        shown = address.upper() if number % 11 == 4 else address
        login = f"s{key}"
        world.contacts.append(Contact(key, given, surname, shown, login, active=number % 29 != 28))
        if number % 10 == 9:
            continue
        known_by_login = number % 10 == 8
        email = f"private{number}@example.com" if known_by_login else address
        status = 3 if number % 23 == 22 else 1
        department = world.departments[0].department_id
        world.users.append(
            User(ispring_id(USER, key), login, email, given, surname or given, status, department)
        )


def _add_places(world: World, dice: random.Random, contact: int) -> None:
    first, second, other, western, private = world.classes
    chosen = [first]
    if dice.random() < 0.3:
        chosen.append(dice.choice([second, other]))
    if dice.random() < 0.2:
        chosen.append(western)
    if dice.random() < 0.1:
        chosen.append(private)
    for training_class in chosen:
        world.class_enrolments.append(_place(world, dice, contact, training_class))


def _place(world: World, dice: random.Random, contact: int, training_class: TrainingClass) -> ClassEnrolment:
    number = len(world.class_enrolments)
    start = training_class.start + timedelta(days=dice.randrange(0, 20))
    western = training_class.reporting_standard.startswith("WA")
    status = dice.choice(_STATUSES)
    units = [
        _unit(dice, code, dice.choice(_WESTERN if western else _NATIONAL), start, world.today)
        for code in training_class.units
    ]
    if status in ("Cancelled", "Completed"):
        # Neither is possible while a unit is open (PUT /course/enrolment, type p).
        final = {("Cancelled", False): "40", ("Cancelled", True): "11", ("Completed", False): "20"}
        for unit in units:
            unit.outcome = final.get((status, western), "1")
            unit.start = min(unit.start or start, start)
            unit.end = min(unit.end or world.today, world.today)
    place = ClassEnrolment(
        enrol_id=FIRST_ENROL + number,
        contact_id=contact,
        class_id=training_class.class_id,
        status=status,
        enrolled_at=datetime.combine(start - timedelta(days=7), time(1, number % 60), UTC),
        start=start,
        finish=world.today if status in ("Cancelled", "Completed") else None,
        units=units,
    )
    if training_class.class_id == OTHER_CLASS:
        _add_plan(world, dice, place)
    return place


def _unit(dice: random.Random, code: str, outcome: str, start: date, today: date) -> UnitEnrolment:
    if outcome in ("85", "105"):
        start = today + timedelta(days=dice.randrange(1, 30))
        return UnitEnrolment(code, outcome, start, start + timedelta(days=60))
    if outcome in ("70", "55", "5"):
        return UnitEnrolment(code, outcome, start, today + timedelta(days=dice.randrange(5, 120)))
    return UnitEnrolment(code, outcome, start, start + timedelta(days=dice.randrange(0, 20)))


def _add_plan(world: World, dice: random.Random, place: ClassEnrolment) -> None:
    place.plan = "Support plan"
    taken = sum(len(one.modules) for one in world.class_enrolments)
    for number, name in enumerate(MODULES):
        status = dice.choice((1, 2, 2, 3))
        end = world.today + timedelta(days=dice.randrange(5, 90))
        override = dice.choice((None, None, True, False))
        module = ModuleEnrolment(FIRST_MODULE + taken + number, name, status, place.start, end, override)
        module.completed = world.today if status == 3 else None
        place.modules.append(module)


def _add_oddities(world: World) -> None:
    """A tentative place without units, a doubled place, a blank code, a merged contact; as far as people reach."""
    by_contact = {contact.contact_id: contact for contact in world.contacts}
    last = FIRST_ENROL + len(world.class_enrolments)
    if len(by_contact) < 6:
        return
    earlier = datetime.combine(world.today - timedelta(days=20), time(2), UTC)
    tentative = ClassEnrolment(last, FIRST_CONTACT + 2, SECOND_CLASS, "Tentative", earlier, world.today)
    doubled = ClassEnrolment(last + 1, FIRST_CONTACT + 3, SHARED_CLASS, "In Progress", earlier, world.today)
    doubled.units = [
        UnitEnrolment(code, "70", world.today, world.today + timedelta(days=40))
        for code in world.classes[0].units
    ]
    world.class_enrolments += [tentative, doubled]
    blank = next((place.units[0] for place in world.class_enrolments if place.status == "In Progress"), None)
    if blank is not None:
        blank.outcome, blank.end = "", world.today + timedelta(days=30)
    loser = Contact(FIRST_CONTACT - 1, "Benjamin", "Old", "ben.old@example.org")
    world.contacts.append(loser)
    world.merges.append(Merge(loser.contact_id, FIRST_CONTACT + 4, earlier))


def _add_study(world: World, dice: random.Random) -> None:
    """Course enrolments for four in five places, with the dates of aXcelerate or others, and some results."""
    users = {int(user.user_id[:8], 16): user for user in world.users}
    courses = {course.title.split(" ", 1)[0]: course for course in world.courses}
    seen: set[tuple[str, str]] = set()
    for place in world.class_enrolments:
        user = users.get(place.contact_id)
        for unit in place.units:
            course = courses[unit.code]
            if user is None or unit.start is None or (user.user_id, course.course_id) in seen:
                continue
            seen.add((user.user_id, course.course_id))
            if dice.random() < 0.8:
                _add_course_enrolment(world, dice, user, course, unit)


def _add_course_enrolment(
    world: World, dice: random.Random, user: User, course: Course, unit: UnitEnrolment
) -> None:
    number = len(world.course_enrolments) + 1
    start = unit.start or world.today
    due = unit.end if dice.random() < 0.7 else dice.choice((None, world.today + timedelta(days=50)))
    enrolment = CourseEnrolment(
        ispring_id(ENROLMENT, number),
        user.user_id,
        course.course_id,
        _nine_o_clock(start),
        due,
        due is not None and dice.random() < 0.7,
    )
    world.course_enrolments.append(enrolment)
    status = dice.choice(("not_started", "in_progress", "passed", "complete", "failed"))
    if status == "not_started" or start > world.today:
        return
    done = status in ("passed", "complete", "failed")
    finished = _nine_o_clock(max(start, world.today - timedelta(days=dice.randrange(0, 10))), hour=8)
    score = float(dice.randrange(40, 100)) if done else None
    world.results.append(
        CourseResult(
            enrolment.enrolment_id, status, 100 if done else 40, score, finished if done else None, 900
        )
    )


def _nine_o_clock(day: date, *, hour: int = 9) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(ZONE)).astimezone(UTC)
