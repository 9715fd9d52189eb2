"""A small provider in memory, the mapping files it may have, and what its staff do on either side.

Few learners, but every kind of target: a unit in two classes, a unit with two courses, a learning-plan module, a class rule, and a
second rule over the module's course.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.domain.enrolment import ClassEnrolment, Enrolment, ModuleEnrolment
from connector.domain.rule import Rules
from connector.mapping.load import load_rules
from tests.platforms.memory_lms import MemoryLms
from tests.platforms.memory_vet import MemoryVet

ZONE = ZoneInfo("Australia/Sydney")
BEGINNING = datetime(2026, 3, 2, 1, tzinfo=UTC)
TODAY = date(2026, 3, 2)
DAYS = tuple(TODAY + timedelta(days=days) for days in (-60, -28, -7, 4, 18, 39, 60, 81, 109, 151, 200))
"""Dates that people enter: never next to each other, because a platform may cut a date by one day."""

WHS, ETHICS, SAFETY = "BSBWHS211", "CHCLEG003", "Safety at work"
WHS_COURSE, LAW_COURSE, CARE_COURSE, SAFETY_COURSE, WELCOME_COURSE = (
    f"0000000{number}-7d10-11ee-9f7c-0a58a9feac02" for number in range(1, 6)
)
COURSES = (WHS_COURSE, LAW_COURSE, CARE_COURSE, SAFETY_COURSE, WELCOME_COURSE)
DAY, NIGHT = 880123, 880124
NAMES = ("Mia", "Noah", "Ava", "Leo")


@dataclass(frozen=True)
class Wording:
    """What an operator may choose in the mapping file."""

    dates: str = "both"
    conflict: str = "axcelerate"
    access: str = "both"
    lock_after: bool = True
    withdrawal: str = "lock"
    unenrolment: str = "review"
    missing: str = "report"
    approval: str = "required"
    failed_is: str = ""
    whs: str = "whs"
    with_safety: bool = True
    with_welcome: bool = True
    with_second: bool = True
    access_removed: str = "100%"

    def text(self) -> str:
        name = f"id: {self.whs}" + ("\n    was: whs" if self.whs != "whs" else "")
        missing = "create, department: learners" if self.missing == "create" else "report"
        failed = f", failed: {self.failed_is}" if self.failed_is else ""
        common = f"""
    learner: {{match: [email]}}
    due_date: {{direction: {self.dates}, on_conflict: {self.conflict}, lock_after: {str(self.lock_after).lower()}}}
    start_date: {{direction: {self.dates}, on_conflict: {self.conflict}}}
    access: {{direction: {self.access}, on_conflict: {self.conflict}}}
    enrolment: {{on_withdrawal: {self.withdrawal}, on_unenrolment: {self.unenrolment}, missing_learner: {missing}}}"""
        class_dates = common.replace(f"direction: {self.dates}", "direction: axcelerate_to_ispring")
        outcome = f"""
    outcome:
      approval: {self.approval}
      to_axcelerate: {{passed: 20, complete: 20, accepted: 20, in_progress: 70{failed}}}
      to_ispring: {{51: complete, 60: complete}}"""
        parts = [
            f"""
  - {name}
    title: Health and safety
    ispring: {{courses: [{WHS_COURSE}]}}
    axcelerate: {{target: unit, unit: {WHS}}}{common}{outcome}
  - id: ethics
    title: Ethics
    ispring: {{courses: [{LAW_COURSE}, {CARE_COURSE}], complete_when: all}}
    axcelerate: {{target: unit, unit: {ETHICS}, classes: [{DAY}]}}{common}{outcome}"""
        ]
        if self.with_safety:
            parts.append(f"""
  - id: safety
    title: Safety at work
    ispring: {{courses: [{SAFETY_COURSE}]}}
    axcelerate: {{target: module, module: {SAFETY}, qualification: CHC33021}}{common}""")
        if self.with_welcome:
            parts.append(f"""
  - id: welcome
    title: Welcome
    ispring: {{courses: [{WELCOME_COURSE}]}}
    axcelerate: {{target: class, classes: [{DAY}, {NIGHT}]}}{class_dates}""")
        if self.with_second:
            parts.append(f"""
  - id: second
    title: Safety for the day class
    ispring: {{courses: [{SAFETY_COURSE}]}}
    axcelerate: {{target: class, classes: [{DAY}]}}{class_dates}""")
        limits = f"limits: {{updates: 100%, access_removed: {self.access_removed}, outcomes: 100%}}"
        return f"version: 1\n{limits}\nrules:{''.join(parts)}\n"


@lru_cache(maxsize=4096)
def rules_of(wording: Wording) -> Rules:
    """The rules as the real loader reads them from a file."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "rules.yaml").write_text(wording.text(), encoding="utf-8")
        return load_rules(Path(folder), jurisdiction="NAT").rules


@dataclass
class Provider:
    """Both accounts; `contacts` by learner number. Leo has no iSpring user at first."""

    lms: MemoryLms = field(default_factory=lambda: MemoryLms(zone=ZONE, page_size=3, task_polls=0))
    vet: MemoryVet = field(default_factory=lambda: MemoryVet(page_size=3))
    contacts: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        vet, lms = self.vet.person, self.lms.person
        for code in (WHS, ETHICS):
            vet.add_unit(code, code)
        vet.add_class("CHC43121", "Day", date(2026, 2, 2), date(2026, 6, 30), units=[WHS, ETHICS])
        vet.add_class("CHC33021", "Night", date(2026, 2, 2), date(2026, 7, 31), units=[WHS])
        for course in COURSES:
            lms.add_course(course[:8], course)
        for number, name in enumerate(NAMES):
            address = f"{name.lower()}@example.org"
            self.contacts.append(vet.add_contact(name, "Tester", address))
            if name != "Leo":
                lms.add_user(address, address, name, "Tester")
            self.join(number, DAY, DAYS[6])
        for number in (1, 2):
            self.join(number, NIGHT, DAYS[7])

    def join(self, number: int, class_id: int, due: date) -> None:
        """Enrol a learner in a class in aXcelerate, with a learning plan in the night class."""
        enrolled = datetime(2026, 1, 20, 9, number) + timedelta(minutes=len(self.vet.places))
        self.vet.person.enrol(
            self.contacts[number], class_id, start=date(2026, 2, 2), due=due, enrolled_at=enrolled
        )
        if class_id == NIGHT:
            self.vet.person.add_module(
                self.contacts[number], class_id, SAFETY, start=date(2026, 2, 2), end=due
            )

    # -- finding records ------------------------------------------------------------------------------------------

    def enrolments(self, contact: int, course: str) -> list[Enrolment]:
        user = self.user_of(contact)
        found = [place.enrolment for place in self.lms.places.values()]
        return [one for one in found if one.user_id == user and one.course_id == course]

    def user_of(self, contact: int) -> str | None:
        address = self.vet.people[contact].email
        return next((key for key, user in self.lms.users.items() if user.email == address), None)

    def enrolment(self, number: int, where: int) -> Enrolment | None:
        """A live enrolment of this learner, of the course that is meant."""
        found = [e for c in COURSES for e in self.enrolments(self.contacts[number], c)]
        return found[where % len(found)] if found else None

    def row(self, number: int, where: int) -> ClassEnrolment | None:
        mine = [row for _, row in sorted(self.vet.places.items()) if row.contact_id == self.contacts[number]]
        return mine[where % len(mine)] if mine else None

    def module(self, number: int) -> ModuleEnrolment | None:
        alive = {row.enrol_id for row in self.vet.places.values()}
        mine = [
            m
            for m in self.vet.modules.values()
            if m.contact_id == self.contacts[number] and m.enrol_id in alive
        ]
        return mine[-1] if mine else None

    def shows(self) -> object:
        """Everything that both platforms hold, by names that do not depend on the order of writes."""
        places = sorted(
            (
                place.enrolment.user_id,
                place.enrolment.course_id,
                str(place.enrolment.due),
                str(place.enrolment.access_from),
                place.enrolment.locks,
                str(place.completion.status),
            )
            for place in self.lms.places.values()
        )
        return places, sorted(self.vet.places.items()), sorted(self.vet.modules.items())


# -- what people do -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Edit:
    """Something that a person does on one of the platforms, to whatever `who` and `where` lead to; may lead to nothing."""

    kind: str
    who: int = 0
    where: int = 0
    day: int = 6
    flag: bool = False

    @property
    def date(self) -> date:
        return DAYS[self.day % len(DAYS)]


Doing = Callable[[Provider, Edit], None]
CODES = ("70", "20", "51", "60", "40", "85", "", "30", "61", "70")
WORDS = ("In Progress", "Enrolled", "Cancelled", "Suspended", "Deferred", "Tentative", "Completed", "Odd")
STATUSES = ("passed", "complete", "in_progress", "failed", "not_started", "accepted", "pending")


def _of_enrolment(doing: Callable[[Provider, Edit, Enrolment], None]) -> Doing:
    def do(provider: Provider, edit: Edit) -> None:
        found = provider.enrolment(edit.who, edit.where)
        if found is not None:
            doing(provider, edit, found)

    return do


def _of_row(doing: Callable[[Provider, Edit, ClassEnrolment], None]) -> Doing:
    def do(provider: Provider, edit: Edit) -> None:
        found = provider.row(edit.who, edit.where)
        if found is not None:
            doing(provider, edit, found)

    return do


def _of_module(doing: Callable[[Provider, Edit, ModuleEnrolment], None]) -> Doing:
    def do(provider: Provider, edit: Edit) -> None:
        found = provider.module(edit.who)
        if found is not None:
            doing(provider, edit, found)

    return do


def _complete(provider: Provider, edit: Edit, enrolment: Enrolment) -> None:
    status = STATUSES[edit.day % len(STATUSES)]
    ends = status in ("passed", "complete", "failed", "accepted")
    ended = provider.lms.now - timedelta(days=2) if ends and not edit.flag else None
    provider.lms.person.set_progress(enrolment.enrolment_id, status, completed=ended)


def _unit(provider: Provider, edit: Edit, row: ClassEnrolment, **changes: object) -> None:
    if row.units:
        unit = row.units[edit.day % len(row.units)]
        provider.vet.person.set_unit(row.contact_id, row.class_id, unit.code, **changes)


def _join(provider: Provider, edit: Edit) -> None:
    class_id = (DAY, NIGHT)[edit.where % 2]
    if provider.vet.person.place(provider.contacts[edit.who], class_id) is None or edit.flag:
        provider.join(edit.who, class_id, edit.date)


def _enrol_again(provider: Provider, edit: Edit, enrolment: Enrolment) -> None:
    """A new attempt in place of the old one, or beside it."""
    if edit.flag:
        provider.lms.person.enrol(enrolment.user_id, enrolment.course_id, edit.date, None, True)
    else:
        provider.lms.person.reenrol(enrolment.enrolment_id, edit.date, DAYS[-1], True)


def _enrol_by_hand(provider: Provider, edit: Edit) -> None:
    contact = provider.contacts[edit.who]
    user, course = provider.user_of(contact), COURSES[edit.where % len(COURSES)]
    if user is not None and not provider.enrolments(contact, course):
        provider.lms.person.enrol(user, course, TODAY, edit.date, edit.flag)


def _sign_up(provider: Provider, edit: Edit) -> None:
    """Staff add the missing user, or block and unblock one."""
    user = provider.user_of(provider.contacts[edit.who])
    if user is None:
        address = f"{NAMES[edit.who].lower()}@example.org"
        provider.lms.person.add_user(address, address, NAMES[edit.who], "")
    elif edit.flag:
        provider.lms.person.block_user(user)
    else:
        provider.lms.person.activate_user(user)


def _class_finish(provider: Provider, edit: Edit) -> None:
    provider.vet.person.set_class((DAY, NIGHT)[edit.where % 2], finish=edit.date)


DOINGS: dict[str, Doing] = {
    "lms due": _of_enrolment(lambda p, e, x: p.lms.person.edit_enrollment(x.enrolment_id, due=e.date)),
    "lms no due": _of_enrolment(lambda p, e, x: p.lms.person.edit_enrollment(x.enrolment_id, due=None)),
    "lms start": _of_enrolment(lambda p, e, x: p.lms.person.edit_enrollment(x.enrolment_id, access=e.date)),
    "lms lock": _of_enrolment(lambda p, e, x: p.lms.person.edit_enrollment(x.enrolment_id, lock=e.flag)),
    "lms unenrol": _of_enrolment(lambda p, e, x: p.lms.person.unenrol(x.enrolment_id)),
    "lms result": _of_enrolment(_complete),
    "lms again": _of_enrolment(_enrol_again),
    "lms by hand": _enrol_by_hand,
    "lms user": _sign_up,
    "vet end": _of_row(lambda p, e, x: _unit(p, e, x, end=e.date)),
    "vet start": _of_row(lambda p, e, x: _unit(p, e, x, start=e.date)),
    "vet code": _of_row(lambda p, e, x: _unit(p, e, x, outcome=CODES[(e.day + e.where) % len(CODES)])),
    "vet status": _of_row(
        lambda p, e, x: p.vet.person.set_class_enrolment(
            x.contact_id, x.class_id, status=WORDS[e.day % len(WORDS)]
        )
    ),
    "vet class start": _of_row(
        lambda p, e, x: p.vet.person.set_class_enrolment(x.contact_id, x.class_id, start=e.date)
    ),
    "vet leaves": _of_row(lambda p, e, x: p.vet.person.delete_enrolment(x.contact_id, x.class_id)),
    "vet joins": _join,
    "vet class finish": _class_finish,
    "vet module end": _of_module(lambda p, e, x: p.vet.person.set_module(x.module_enrolment_id, end=e.date)),
    "vet module start": _of_module(
        lambda p, e, x: p.vet.person.set_module(x.module_enrolment_id, start=e.date)
    ),
    "vet override": _of_module(
        lambda p, e, x: p.vet.person.set_module(
            x.module_enrolment_id, override=(None, True, False)[e.day % 3]
        )
    ),
    "vet module status": _of_module(
        lambda p, e, x: p.vet.person.set_module(x.module_enrolment_id, status=1 + e.day % 3)
    ),
}

OF_ONE_VALUE = ("lms due", "lms start", "lms lock", "vet end", "vet start", "vet module end", "vet override")
"""Edits that may slip in between a reading and a write."""


def perform(provider: Provider, edit: Edit) -> None:
    DOINGS[edit.kind](provider, edit)


def renamed(wording: Wording, **changes: object) -> Wording:
    return replace(wording, **changes)  # type: ignore[arg-type]
