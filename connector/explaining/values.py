"""What either side shows of one field now, and what was agreed last: the words of a run's report."""

from __future__ import annotations

from datetime import UTC, datetime

from connector.domain.memory import Held
from connector.domain.plan import CLOSED, ENROLLED, WITHDRAWN
from connector.domain.rule import Field
from connector.explaining.facts import AgreedOn
from connector.explaining.subject import Subject
from connector.planning.draft import date_text
from connector.planning.locks import lock_of, lock_word, override_word
from connector.planning.standing import Stand

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GONE = ("gone", "not_proven_gone")


def lms_value(subject: Subject) -> str | None:
    """What iSpring Learn shows."""
    place = subject.enrolment
    if place is None:
        return None
    match subject.field:
        case Field.ENROLMENT:
            return ENROLLED
        case Field.START_DATE:
            return place.access_from.isoformat()
        case Field.DUE_DATE:
            return date_text(place.due)
        case Field.ACCESS:
            return CLOSED if subject.closed else lock_word(lock_of(place, subject.held))
        case Field.OUTCOME:
            result = subject.world.person.completions.get(place.enrolment_id)
            return result.status if result else None
    return None


def vet_value(subject: Subject) -> str | None:
    """What aXcelerate shows; access of a unit or class is what its standing and the mapping make of it."""
    record = subject.record
    match subject.field:
        case Field.ENROLMENT:
            if record.stand is Stand.WITHDRAWN:
                return WITHDRAWN
            return None if record.why in _GONE else ENROLLED
        case Field.START_DATE:
            return date_text(record.start)
        case Field.DUE_DATE:
            return date_text(record.end)
        case Field.ACCESS:
            if record.stand in (Stand.CLOSING, Stand.WITHDRAWN):
                return CLOSED
            return override_word(record, record.override)
        case Field.OUTCOME:
            return record.code
    return None


def agreed_on(subject: Subject) -> AgreedOn | None:
    """The values last agreed; outcomes are decided from present values, and a place is there or not."""
    held = subject.held
    name = {Field.START_DATE: "start", Field.DUE_DATE: "due", Field.ACCESS: "access"}.get(subject.field)
    place = subject.enrolment
    if held is None or name is None or (place is not None and held.enrolment_id != place.enrolment_id):
        return None
    values = _words(subject, held)
    if values is None:
        return None
    run = held.agreed_in.get(name)
    return AgreedOn(*values, run=run, at=time_of_run(run))


def _words(subject: Subject, held: Held) -> tuple[str | None, str | None] | None:
    if subject.field is Field.ACCESS:
        if held.access is None:
            return None
        return lock_word(held.access[0]), override_word(subject.record, held.access[1])
    agreed = held.start if subject.field is Field.START_DATE else held.due
    return (date_text(agreed[0]), date_text(agreed[1])) if agreed else None


def time_of_run(run: str | None) -> datetime | None:
    """When a run began: its id is a ULID, whose first ten characters are milliseconds. None for anything else."""
    if run is None or len(run) != 26 or any(letter not in _CROCKFORD for letter in run):
        return None
    milliseconds = 0
    for letter in run[:10]:
        milliseconds = milliseconds * 32 + _CROCKFORD.index(letter)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
