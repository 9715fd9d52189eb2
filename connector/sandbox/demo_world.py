"""The small provider of `connector demo`: nine learners, each of them one chapter of the story.

Ids are fixed and match `mappings/demo`; dates lie around today, so the story is the same on every day.
"""

from __future__ import annotations

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
    Elearning,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
    User,
    Workshop,
    World,
)

ZONE = "Australia/Sydney"
DISABILITY, SUPPORT = 880123, 880124
WHS, ETHICS, INFECTION = "BSBWHS211", "CHCLEG003", "HLTINF006"
SAFETY_MODULE = "Safety at work"
WHS_COURSE, ETHICS_COURSE, SAFETY_COURSE, ORIENTATION_COURSE = (
    ispring_id(COURSE, number) for number in range(0x21D7C301, 0x21D7C305)
)
MIA, SAM, PRIYA, TANE, CHLOE, LUKAS, ALEX, NOOR, SARI = range(22041, 22050)

_NAMES = {
    MIA: ("Mia", "Okafor", "mia.okafor@example.org"),
    SAM: ("Sam", "O'Brien", "sam.obrien@example.org"),
    PRIYA: ("Priya", "Nair", "priya.nair@example.org"),
    TANE: ("Tāne", "Walker", "tane.walker@example.org"),
    CHLOE: ("Chloe", "Martin", "chloe.martin@example.org"),
    LUKAS: ("Lukas", "Weber", "lukas.weber@example.org"),
    ALEX: ("Alex", "Kim", "alex.kim@example.org"),
    NOOR: ("Noor", "Haddad", "noor.haddad@example.org"),
    SARI: ("Sari", None, "SARI@example.org"),
}


def demo_world(today: date | None = None) -> World:
    """The provider as the demo finds it; `today` is the calendar day in Sydney, by default the present one."""
    day = today or datetime.now(ZoneInfo(ZONE)).date()
    world = World(zone=ZONE, today=day)
    world.units = [
        Unit(51001, WHS, "Contribute to the health and safety of self and others"),
        Unit(51002, ETHICS, "Manage legal and ethical compliance", Elearning(3310, "Ethics reading list")),
        Unit(51003, INFECTION, "Apply basic principles of infection prevention and control"),
    ]
    world.classes = _classes(day)
    world.contacts = [Contact(key, *_NAMES[key]) for key in _NAMES]
    world.departments = [Department(ispring_id(DEPARTMENT, 1), "Learners")]
    world.users = _users(world.departments[0].department_id)
    world.courses = [
        Course(WHS_COURSE, "WHS induction, online part"),
        Course(ETHICS_COURSE, "Law and ethics, online part", due_days=60),
        Course(SAFETY_COURSE, "Safety at work"),
        Course(ORIENTATION_COURSE, "Orientation for new students", due_days=14),
    ]
    world.class_enrolments = [*_disability_intake(day), *_support_intake(day)]
    _fill_ispring(world, day)
    return world


def _classes(day: date) -> list[TrainingClass]:
    return [
        TrainingClass(
            DISABILITY,
            7001,
            "CHC43121",
            "Certificate IV in Disability Support",
            "Cert IV Disability - February intake",
            day - timedelta(days=90),
            day + timedelta(days=200),
            units=[WHS, ETHICS],
            workshop=Workshop(660100, "First aid day", day + timedelta(days=12)),
        ),
        TrainingClass(
            SUPPORT,
            7002,
            "CHC33021",
            "Certificate III in Individual Support",
            "Cert III Support - July intake",
            day - timedelta(days=30),
            day + timedelta(days=150),
            units=[WHS, INFECTION],
        ),
    ]


def _users(department: str) -> list[User]:
    """Everybody but Noor has a login; Alex has two with one address."""
    users = [
        User(ispring_id(USER, key), email.lower(), email.lower(), given, surname or given, 1, department)
        for key, (given, surname, email) in _NAMES.items()
        if key != NOOR
    ]
    users.append(
        User(ispring_id(USER, 99047), "alex.k", "alex.kim@example.org", "Alexander", "Kim", 1, department)
    )
    return users


def _disability_intake(day: date) -> list[ClassEnrolment]:
    start, end = day - timedelta(days=60), day + timedelta(days=30)
    later = UnitEnrolment(ETHICS, "85", day + timedelta(days=31), day + timedelta(days=90))
    credit = UnitEnrolment(ETHICS, "60", start, start)
    passed = UnitEnrolment(ETHICS, "20", start, day - timedelta(days=20))
    whs = {key: UnitEnrolment(WHS, "70", start, end) for key in (MIA, SAM, PRIYA, CHLOE, ALEX)}
    left = UnitEnrolment(WHS, "40", start, day - timedelta(days=10))
    return [
        _place(1, MIA, DISABILITY, day, units=[whs[MIA], later]),
        _place(2, SAM, DISABILITY, day, units=[whs[SAM], credit]),
        _place(3, PRIYA, DISABILITY, day, units=[whs[PRIYA], passed]),
        _place(4, CHLOE, DISABILITY, day, units=[whs[CHLOE]], status="Suspended"),
        _place(5, LUKAS, DISABILITY, day, units=[left], status="Cancelled", finish=day - timedelta(days=10)),
        _place(6, ALEX, DISABILITY, day, units=[whs[ALEX]]),
    ]


def _support_intake(day: date) -> list[ClassEnrolment]:
    start, end = day - timedelta(days=30), day + timedelta(days=45)

    def units() -> list[UnitEnrolment]:
        return [UnitEnrolment(code, "70", start, end) for code in (WHS, INFECTION)]

    def safety(number: int, override: bool | None) -> ModuleEnrolment:
        return ModuleEnrolment(
            number, SAFETY_MODULE, 2, start, day + timedelta(days=20), override, start + timedelta(days=2)
        )

    plan = "Support plan"
    return [
        _place(7, TANE, SUPPORT, day, units=units(), plan=plan, modules=[safety(41877, True)]),
        _place(8, NOOR, SUPPORT, day, units=units()),
        _place(9, SARI, SUPPORT, day, units=units(), plan=plan, modules=[safety(41878, None)]),
    ]


def _place(
    number: int,
    contact: int,
    training_class: int,
    day: date,
    *,
    units: list[UnitEnrolment],
    status: str = "In Progress",
    finish: date | None = None,
    plan: str = "",
    modules: list[ModuleEnrolment] | None = None,
) -> ClassEnrolment:
    start = units[0].start
    assert start is not None
    return ClassEnrolment(
        enrol_id=9300410 + number,
        contact_id=contact,
        class_id=training_class,
        status=status,
        enrolled_at=datetime.combine(start - timedelta(days=5), time(1, number), UTC),
        start=start,
        finish=finish,
        plan=plan,
        units=units,
        modules=modules or [],
    )


def _fill_ispring(world: World, day: date) -> None:
    """Sam's due date differs, Priya has passed, Tāne's module locks; Sari agrees; Mia has nothing yet."""
    start, end = day - timedelta(days=60), day + timedelta(days=30)
    whs = [
        (SAM, WHS_COURSE, start, day + timedelta(days=16), True),
        (PRIYA, WHS_COURSE, start, end, True),
        (CHLOE, WHS_COURSE, start, end, True),
        (LUKAS, WHS_COURSE, start, end, True),
    ]
    start, end, module_end = day - timedelta(days=30), day + timedelta(days=45), day + timedelta(days=20)
    support = [
        (TANE, WHS_COURSE, start, end, True),
        (SARI, WHS_COURSE, start, end, True),
        (TANE, SAFETY_COURSE, start, module_end, True),
        (SARI, SAFETY_COURSE, start, module_end, True),
        (TANE, ORIENTATION_COURSE, start, world.classes[1].finish, True),
    ]
    zone = ZoneInfo(ZONE)
    for number, (key, course, opens, due, lock) in enumerate([*whs, *support], start=1):
        access = datetime.combine(opens, time(9), zone).astimezone(UTC)
        world.course_enrolments.append(
            CourseEnrolment(
                ispring_id(ENROLMENT, 0x5F0C1000 + number), ispring_id(USER, key), course, access, due, lock
            )
        )
    ids = {(one.user_id, one.course_id): one.enrolment_id for one in world.course_enrolments}
    passed_at = datetime.combine(day - timedelta(days=3), time(15, 20), zone).astimezone(UTC)
    world.results = [
        CourseResult(ids[ispring_id(USER, PRIYA), WHS_COURSE], "passed", 100, 92.5, passed_at, 5400, 4),
        CourseResult(ids[ispring_id(USER, SAM), WHS_COURSE], "in_progress", 40, None, None, 1800, 2),
        CourseResult(ids[ispring_id(USER, TANE), WHS_COURSE], "in_progress", 65, None, None, 2700, 3),
    ]
