"""Where the two sides differ although they should not, and whether somebody has been told why (laws 1 and 2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from connector.domain.enrolment import Enrolment
from connector.domain.learner import ContactId, CourseId, UserStatus
from connector.domain.ledger import EntryKind
from connector.domain.memory import Memory
from connector.domain.outcome import Role, role_of
from connector.domain.report import Report
from connector.domain.rule import Field, Rules
from connector.planning.person import Circumstances, Person
from connector.planning.standing import Record, Stand, governing, records_of
from connector.state.store import Store
from tests.laws.provider import ZONE, Provider

ANYTHING = (Field.ENROLMENT, Field.ACCESS, Field.PERSON, None)
"""What is said about the whole pair explains every field of it."""
SAID_ONCE = ("cannot_clear", "no_override", "approved")
"""Said in the run that saw it, and agreed from then on."""


@dataclass(frozen=True)
class Difference:
    contact: int
    rule: str
    record: str
    field: Field
    lms: object
    vet: object


def assert_explained(provider: Provider, rules: Rules, report: Report, store: Store) -> None:
    """After a clean run over everything, whatever differs is a question, a skip, or stands in the journal."""
    lost = [one for one in differences(provider, rules) if not _is_explained(one, report, store)]
    assert not lost, f"nobody was told about {lost}"


def _is_explained(one: Difference, report: Report, store: Store) -> bool:
    fields = (one.field, *ANYTHING)
    for question in report.questions:
        if question.contact_id == one.contact and question.rule == one.rule and question.field in fields:
            return True
    for skip in report.skips:
        if skip.contact_id != one.contact or skip.rule != one.rule:
            continue
        if skip.field in fields or skip.reason == "completion_date_left":
            return True
    lines = store.entries(contact=ContactId(one.contact), kind=EntryKind.DECISION)
    return any(line.entry.field == one.field and line.entry.reason in SAID_ONCE for line in lines)


def differences(provider: Provider, rules: Rules) -> Iterator[Difference]:
    """Every field of every open, governing record that is not as its rule wants it."""
    around = Circumstances(
        rules=rules,
        today=provider.lms.now.astimezone(ZONE).date(),
        zone=ZONE,
        now=provider.lms.now,
        shows_end_dates=True,
        details=dict(provider.vet.classes),  # type: ignore[arg-type]
    )
    for contact in provider.contacts:
        user = provider.user_of(contact)
        if user is None or provider.lms.users[user].status is not UserStatus.ACTIVE:
            continue
        records = records_of(_person(provider, contact), Memory(), around)
        for course in around.by_course:
            behind = [record for record in records if course in record.rule.course_ids]
            governor = governing(behind)
            if governor is not None and governor.stand is Stand.OPEN:
                yield from _between(provider, contact, course, governor, around)


def _person(provider: Provider, contact: int) -> Person:
    rows = [row for row in provider.vet._places() if row.contact_id == contact]
    modules = [module for module in provider.vet._modules() if module.contact_id == contact]
    person = provider.vet.people[contact]
    return Person(contact=person, user=None, classes=tuple(rows), modules=tuple(modules))


def _between(
    provider: Provider, contact: int, course: CourseId, record: Record, around: Circumstances
) -> Iterator[Difference]:
    def difference(field: Field, lms: object, vet: object) -> Difference:
        return Difference(contact, record.rule.id, record.key, field, lms, vet)

    live = provider.enrolments(contact, course)
    if not live:
        if record.end is None or record.end >= around.today:  # type: ignore[operator]
            yield difference(Field.ENROLMENT, None, record.key)
        return
    enrolment = max(live, key=lambda one: (one.access_from.isoformat(), one.enrolment_id))
    rule = record.rule
    if rule.due_date.direction.into_ispring and enrolment.due != record.end:
        yield difference(Field.DUE_DATE, enrolment.due, record.end)
    if rule.start_date.direction.into_ispring and record.start not in (None, enrolment.access_from):
        yield difference(Field.START_DATE, enrolment.access_from, record.start)
    if record.has_override and enrolment.due is not None and rule.access.direction.into_ispring:
        wanted = record.override is not True and rule.lock_after
        if enrolment.locks != wanted:
            yield difference(Field.ACCESS, enrolment.locks, record.override)
    yield from _outcome(provider, record, enrolment, difference)


def _outcome(provider: Provider, record: Record, enrolment: Enrolment, difference) -> Iterator[Difference]:  # type: ignore[no-untyped-def]
    """A status that the learner earned and that maps to another code, in a rule of one course."""
    place = provider.lms.places[enrolment.enrolment_id]
    if record.unit is None or len(record.rule.courses) != 1 or place.given is not None:
        return
    code = record.rule.outcome.to_axcelerate.get(place.earned.status)
    if code is not None and code != record.code and role_of(record.code, "NAT") is Role.INTERIM:
        yield difference(Field.OUTCOME, place.earned.status, record.code)
