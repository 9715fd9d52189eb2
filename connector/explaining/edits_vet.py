"""What a person could change in aXcelerate about one record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from functools import partial

from connector.domain.enrolment import ClassStatus, DateValue
from connector.domain.learner import UNKNOWN
from connector.domain.outcome import Role, role_of, valid_codes
from connector.domain.plan import CLOSED, CLOSES_AFTER_DUE, ENROLLED, OPEN
from connector.domain.rule import Field, Target
from connector.explaining import hypothesis as what_if
from connector.explaining.facts import Where
from connector.explaining.hypothesis import World
from connector.explaining.subject import Subject
from connector.explaining.suggest import WIDE, Edit
from connector.planning.standing import Record

AXCELERATE = Where.AXCELERATE
_STATUSES = {
    ClassStatus.IN_PROGRESS: "In Progress",
    ClassStatus.SUSPENDED: "Suspended",
    ClassStatus.CANCELLED: "Cancelled",
}
_OVERRIDES = ((None, CLOSES_AFTER_DUE), (True, OPEN), (False, CLOSED))


def vet_edits(subject: Subject) -> Iterator[Edit]:
    """Edits of the field's own value first, then of what makes the record open or not."""
    if subject.field in (Field.START_DATE, Field.DUE_DATE):
        yield from _dates(subject, subject.field)
    if subject.field is Field.ACCESS:
        yield from _overrides(subject)
    if subject.field is Field.OUTCOME:
        yield from _codes(subject)
        yield from _dates(subject, Field.START_DATE)
    yield from _shown_again(subject)
    yield from _statuses(subject, subject.record)
    if subject.field is Field.ENROLMENT:
        yield from _dates(subject, Field.DUE_DATE)
    if subject.field is not Field.OUTCOME:
        yield from _open_codes(subject)
        yield from _overrides(subject)
    yield from _others(subject)
    yield from _account(subject)


def _of(record: Record) -> tuple[str, str]:
    kind, _, identity = record.key.partition(":")
    return kind, identity


def _dates(subject: Subject, field: Field) -> Iterator[Edit]:
    record, name = subject.record, "start" if field is Field.START_DATE else "end"
    if record.row is None:
        return
    for day in _days(subject, field):
        yield Edit(
            AXCELERATE, "set", _of(record), field, day.isoformat(),
            partial(what_if.with_vet_date, record=record, name=name, day=day),
        )  # fmt: skip


def _days(subject: Subject, field: Field) -> Iterator[date]:
    """The days that mean something here: last agreed, as iSpring shows it, today, tomorrow, later."""
    held, place = subject.held, subject.enrolment
    agreed = (held.start if field is Field.START_DATE else held.due) if held else None
    lms: DateValue = None
    if place is not None:
        lms = place.access_from if field is Field.START_DATE else place.due
    mine = subject.record.start if field is Field.START_DATE else subject.record.end
    later = max(mine, subject.today) if isinstance(mine, date) else subject.today
    days: list[DateValue] = [
        agreed[1] if agreed else None, lms, _completed_on(subject), subject.today,
        subject.today + timedelta(days=1), later + timedelta(days=7),
    ]  # fmt: skip
    for day in dict.fromkeys(days):
        if isinstance(day, date) and day != mine:
            yield day


def _completed_on(subject: Subject) -> date | None:
    place = subject.enrolment
    result = subject.world.person.completions.get(place.enrolment_id) if place else None
    return subject.world.around.day_of(result.completed_at) if result and result.completed_at else None


def _overrides(subject: Subject) -> Iterator[Edit]:
    module = subject.record.module
    if module is None or module.override is UNKNOWN:
        return
    for override, word in _OVERRIDES:
        if override is not module.override:
            yield Edit(
                AXCELERATE, "set", _of(subject.record), Field.ACCESS, word,
                partial(what_if.with_module, module=module, override=override),
            )  # fmt: skip


def _codes(subject: Subject) -> Iterator[Edit]:
    """The codes that the rule speaks of, then those of other roles."""
    rule = subject.rule
    mapped = [*rule.outcome.to_axcelerate.values(), *rule.outcome.to_ispring]
    for code in dict.fromkeys([*mapped, *_interim(subject)]):
        yield from _code(subject, subject.record, code)


def _open_codes(subject: Subject) -> Iterator[Edit]:
    if subject.record.is_final:
        for code in _interim(subject):
            yield from _code(subject, subject.record, code)


def _interim(subject: Subject) -> list[str]:
    home = subject.rule.jurisdiction
    codes = [code for code in valid_codes(home) if code and role_of(code, home) is Role.INTERIM]
    return sorted(codes, key=lambda code: (code not in ("70", "5"), code))


def _code(subject: Subject, record: Record, code: str) -> Iterator[Edit]:
    if record.unit is not None and record.code != code:
        yield Edit(
            AXCELERATE, "set", _of(record), Field.OUTCOME, code,
            partial(
                what_if.with_unit,
                class_id=record.class_id, code=record.unit.code.upper(), outcome=code,
            ),
        )  # fmt: skip


def _statuses(subject: Subject, record: Record) -> Iterator[Edit]:
    if record.row is None:
        return
    for status, word in _STATUSES.items():
        if record.row.status is not status:
            yield Edit(
                AXCELERATE, "set", ("class", str(record.class_id)), "status", word,
                partial(what_if.with_row, record=record, status=status, status_word=word),
                cost=0 if status is ClassStatus.IN_PROGRESS else WIDE,
            )  # fmt: skip


def _shown_again(subject: Subject) -> Iterator[Edit]:
    """A record that is not there: the learner is enrolled again, or the next run sees it."""
    record = subject.record
    if record.row is not None or subject.world.person.merged_into:
        return
    world = partial(what_if.with_record_shown, record=record)
    if record.why == "not_proven_gone":
        yield Edit(Where.CONNECTOR, "run_again", ("run", ""), Field.ENROLMENT, None, world, is_guess=True)
    action = "repair" if record.why == "unreadable_record" else "enrol"
    yield Edit(AXCELERATE, action, _of(record), Field.ENROLMENT, ENROLLED, world, is_guess=True)


def _others(subject: Subject) -> Iterator[Edit]:
    """Other records of the learner that decide instead of this one, or hold its outcome."""
    governor = subject.governor
    if governor is not None and not subject.is_governing:
        yield from _statuses(subject, governor)
    if subject.field is not Field.OUTCOME or subject.record.unit is None:
        return
    mine = subject.record.unit.code.upper()
    for row in subject.world.person.classes:
        for unit in row.units:
            if row.class_id == subject.record.class_id or unit.code.upper() != mine:
                continue
            record = replace(
                subject.record, class_id=row.class_id, key=f"unit:{row.class_id}/{mine}", row=row, unit=unit,
                code=unit.outcome,
            )  # fmt: skip
            yield from _statuses(subject, record)
            for code in (*_interim(subject), "20"):
                yield from _code(subject, record, code)


def _account(subject: Subject) -> Iterator[Edit]:
    """What the account shows to the connector's user, and the contact's own address."""
    record, rights = subject.record, ("account", "")
    if record.rule.target is Target.UNIT and record.end is UNKNOWN:
        yield Edit(AXCELERATE, "show", rights, "end_dates", None, what_if.with_end_dates_shown, is_guess=True)
    if record.module is not None and record.module.override is UNKNOWN:
        yield Edit(
            AXCELERATE, "show", rights, "access_override", None, what_if.with_override_shown, is_guess=True
        )
    contact = subject.world.person.contact
    if not contact.email.strip():
        yield Edit(AXCELERATE, "set", ("contact", str(contact.contact_id)), "email", None, _with_some_address)


def _with_some_address(world: World) -> World:
    return what_if.with_address(world, "somebody@example.org")
