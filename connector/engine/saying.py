"""What is left alone: said in every run, kept for quiet people, and put in the journal when it is first said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

from connector.domain.learner import ContactId, UserId
from connector.domain.ledger import Entry, EntryKind, PersonState
from connector.domain.plan import Change, PersonPlan, Skip
from connector.domain.rule import Field, Rule
from connector.planning.person import Circumstances
from connector.reading.people import LmsSide, Reader, VetSide, contact_of

AT_ONCE = 500


class Spoken(NamedTuple):
    """What every run repeats about a person while nothing changes; addresses are not kept in state."""

    rule: str
    record: str | None
    reason: str
    detail: str
    field: str | None


def said_of(skips: list[Skip], of_other_rules: list[Spoken]) -> str:
    """What these skips say, as state keeps it; a narrowed run keeps what was said of the rules that it did not read."""
    kept = [*of_other_rules, *(spoken(skip) for skip in skips if not skip.once)]
    return json.dumps([one._asdict() for one in kept], separators=(",", ":")) if kept else ""


def spoken(skip: Skip) -> Spoken:
    return Spoken(skip.rule, skip.record, skip.reason, skip.detail, skip.field)


def said_before(state: PersonState | None) -> list[Spoken]:
    return [Spoken(**one) for one in json.loads(state.said)] if state and state.said else []


def first_said(plan: PersonPlan, state: PersonState | None, run: str, now: datetime) -> list[Entry]:
    """Journal lines for what was not said of this person before (law 2: the journal says what became of every edit)."""
    known = said_before(state)
    return [_entry(skip, run, now) for skip in plan.skips if skip.once or spoken(skip) not in known]


def _entry(skip: Skip, run: str, now: datetime) -> Entry:
    return Entry(
        at=now,
        run=run,
        kind=EntryKind.DECISION,
        text=f"left alone: {skip.detail}",
        rule=skip.rule,
        contact_id=skip.contact_id,
        user_id=skip.user_id,
        field=skip.field,
        reason=skip.reason,
        detail={"record": skip.record} if skip.record else {},
    )


def strays(reader: Reader, users: Iterable[UserId], around: Circumstances) -> Iterator[Skip]:
    """LMS enrolments of users who are linked to nobody: reported, not touched."""
    left = list(users)
    for start in range(0, len(left), AT_ONCE):
        for user, side in reader.lms_sides(left[start : start + AT_ONCE]).items():
            for enrolment in side.enrolments:
                for rule in around.by_course.get(enrolment.course_id, []):
                    yield _stray(rule, user, side.user.email if side.user else "", enrolment.enrolment_id)


def repeated(reader: Reader, quiet: list[tuple[ContactId, UserId | None, str]]) -> Iterator[Skip]:
    """What every run says again about people in whom nothing changed."""
    for start in range(0, len(quiet), AT_ONCE):
        batch = quiet[start : start + AT_ONCE]
        sides = reader.vet_sides([contact for contact, _, _ in batch])
        for contact, user, said in batch:
            address = contact_of(contact, sides[contact], {}).email
            for one in json.loads(said):
                yield _again(Spoken(**one), contact, user, address)


def _again(one: Spoken, contact: ContactId, user: UserId | None, email: str) -> Skip:
    return Skip(
        rule=one.rule,
        contact_id=contact,
        user_id=user,
        email=email,
        record=one.record,
        reason=one.reason,
        detail=one.detail,
        field=Field(one.field) if one.field else None,
    )


def _stray(rule: Rule, user: UserId, email: str, enrolment_id: str) -> Skip:
    return Skip(
        rule=rule.id,
        contact_id=None,
        user_id=user,
        email=email,
        record=f"enrolment:{enrolment_id}",
        reason="no_axcelerate_record",
        detail="enrolled in iSpring Learn, and no contact in aXcelerate is linked to this user",
    )


def nameless(rule: str, place: str) -> Skip:
    return Skip(
        rule=rule,
        contact_id=None,
        user_id=None,
        email="",
        record=None,
        reason="unreadable_record",
        detail=f"{place}: the row does not say whose it is",
    )


def unreadable(plan: PersonPlan, rule: str, email: str, vet: VetSide, lms: LmsSide | None) -> list[Skip]:
    """The rows of this person that were set aside; looked at again in every run."""
    return [
        Skip(
            rule=rule,
            contact_id=plan.contact_id,
            user_id=plan.user_id,
            email=email,
            record=None,
            reason="unreadable_record",
            detail=problem,
            lasting=False,
        )
        for problem in vet.problems + (lms.problems if lms else [])
    ]


def time_unknown(change: Change) -> Skip:
    return Skip(
        rule=change.rule,
        contact_id=change.contact_id,
        user_id=change.user_id,
        email=change.email,
        record=change.record,
        reason="time_unknown",
        detail="no time of day is shown for the access date; 00:00 was sent",
        field=Field.START_DATE,
        once=True,
    )
