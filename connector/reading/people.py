"""Put people together: their records from the scratch, understood, and the user each contact is linked to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.domain.enrolment import (
    ClassEnrolment,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
)
from connector.domain.learner import NO_CLASS, ClassId, Contact, ContactId, CourseId, User, UserId
from connector.domain.ledger import Link
from connector.errors import Unreadable
from connector.planning.person import Person
from connector.platforms.port import Kind, LmsPort, Raw, VetPort
from connector.state.packets import Record
from connector.state.scratch import Scratch

VET_KINDS = (Kind.CLASS_ENROLMENT, Kind.MODULE_ENROLMENT)
LMS_KINDS = (Kind.USER, Kind.ENROLMENT, Kind.COMPLETION)


@dataclass
class VetSide:
    """One contact's readable rows; `unreadable` names the classes of rows that were set aside, `problems` says why.

    NO_CLASS is among them where such a row does not name its class.
    """

    classes: list[ClassEnrolment] = field(default_factory=list)
    modules: list[ModuleEnrolment] = field(default_factory=list)
    unreadable: set[ClassId] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


@dataclass
class LmsSide:
    """One user's readable rows; `unreadable` names the courses in which an enrolment was set aside, `problems` says why."""

    user: User | None = None
    enrolments: list[Enrolment] = field(default_factory=list)
    completions: dict[EnrolmentId, Completion] = field(default_factory=dict)
    unreadable: set[CourseId] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)


def staged(record: Record) -> Raw:
    """A record of the scratch as the platforms know it."""
    kind, owner, key, group, body = record
    return Raw(Kind(kind), owner, key, group, body)


class Reader:
    """Understands the staged rows of some people at a time."""

    def __init__(self, scratch: Scratch, lms: LmsPort, vet: VetPort) -> None:
        self._scratch, self._lms, self._vet = scratch, lms, vet

    def vet_sides(self, contacts: Collection[ContactId]) -> dict[ContactId, VetSide]:
        found = {contact: VetSide() for contact in contacts}
        for owner, records in self._scratch.records(contacts, VET_KINDS).items():
            for record in records:
                self._take_vet(found[ContactId(int(owner))], staged(record))
        return found

    def _take_vet(self, side: VetSide, raw: Raw) -> None:
        try:
            value = self._vet.parse(raw)
        except Unreadable as problem:
            side.unreadable.add(ClassId(int(raw.group)) if raw.group.isdigit() else NO_CLASS)
            side.problems.append(str(problem))
            return
        if isinstance(value, ClassEnrolment):
            side.classes.append(value)
        elif isinstance(value, ModuleEnrolment):
            side.modules.append(value)

    def lms_sides(self, users: Collection[UserId]) -> dict[UserId, LmsSide]:
        found = {user: LmsSide() for user in users}
        for owner, records in self._scratch.records(users, LMS_KINDS).items():
            side = found[UserId(str(owner))]
            loose: list[Completion] = []
            for record in records:
                self._take_lms(side, staged(record), loose)
            _place_loose(side, loose)
        return found

    def _take_lms(self, side: LmsSide, raw: Raw, loose: list[Completion]) -> None:
        try:
            value = self._lms.parse(raw)
        except Unreadable as problem:
            if raw.kind is Kind.ENROLMENT:
                side.unreadable.add(CourseId(raw.group))
            side.problems.append(str(problem))
            return
        if isinstance(value, User):
            side.user = value
        elif isinstance(value, Enrolment):
            side.enrolments.append(value)
        elif value.enrolment_id is not None:
            side.completions[value.enrolment_id] = value
        else:
            loose.append(value)

    def users(self) -> Iterable[User]:
        """Every readable user of the reading."""
        for record in self._scratch.of_kind(Kind.USER):
            try:
                value = self._lms.parse(staged(record))
            except Unreadable:
                continue
            if isinstance(value, User):
                yield value


def _place_loose(side: LmsSide, loose: list[Completion]) -> None:
    """Completions without an enrolment id belong to the only enrolment of that course; with two, to neither."""
    for completion in loose:
        same = [e for e in side.enrolments if e.course_id == completion.course_id]
        if len(same) == 1:
            side.completions.setdefault(same[0].enrolment_id, completion)


def contact_of(contact_id: ContactId, side: VetSide, read: Mapping[ContactId, Contact]) -> Contact:
    """The person behind the rows: as contact search shows them where it was asked, else as the newest row does."""
    if contact_id in read:
        return read[contact_id]
    row = max(side.classes, key=lambda r: r.enrol_id, default=None)
    if row is None:
        return Contact(contact_id, "", "", "")
    return Contact(contact_id, row.given, row.surname, row.email)


def person_of(
    contact: Contact, vet: VetSide, lms: LmsSide | None, link: Link | None, *, results_read: bool
) -> Person:
    """One person as planning sees them. Who is gone from aXcelerate is still named by the address of the linked user."""
    lms = lms or LmsSide()
    if not vet.classes and lms.user is not None:
        contact = replace(contact, email=contact.email or lms.user.email)
    return Person(
        contact=contact,
        user=lms.user,
        user_id=link.user_id if link else None,
        classes=tuple(vet.classes),
        modules=tuple(vet.modules),
        enrolments=tuple(lms.enrolments),
        completions=lms.completions,
        results_read=results_read,
        unreadable=frozenset(vet.unreadable),
        unreadable_courses=frozenset(lms.unreadable),
    )
