"""start_date and due_date of one governing record and one LMS enrolment (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from connector.domain.enrolment import DateValue, Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Held, PairMemory
from connector.domain.plan import Act, Rank
from connector.domain.rule import Direction, Field, FieldRule, Side, Target
from connector.planning.compliance import end_date_breach
from connector.planning.diff import Decision, Sight, Verdict, decide
from connector.planning.draft import Draft, date_text
from connector.planning.locks import lock_to_send
from connector.planning.standing import Record, Stand


def plan_dates(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    """Decide both dates, unless they rest: a final code makes the end date a completion date."""
    if dates_rest(draft, record):
        _say_resting_edits(draft, record, enrolment, held)
        return
    beside = _as_it_will_be(draft, record, enrolment, held)
    for field in (Field.START_DATE, Field.DUE_DATE):
        _plan_date(draft, record, enrolment, held, field, beside)


def _say_resting_edits(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    """An LMS date edited while the dates of its record rest goes nowhere; nobody should look for it in vain (law 2)."""
    if record.stand is Stand.WITHDRAWN:
        return
    for field, shown, agreed in (
        (Field.START_DATE, enrolment.access_from, held.start),
        (Field.DUE_DATE, enrolment.due, held.due),
    ):
        if agreed is not None and agreed[0] != shown and field_rule(record, field).direction.into_axcelerate:
            detail = (
                f"changed in iSpring Learn to {date_text(shown) or 'none'}; the dates of this record rest"
            )
            draft.skip(record, "dates_rest", detail, field=field)


def _as_it_will_be(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> Record:
    """The record as both moves leave it where both its dates move to aXcelerate: neither is judged against a date that goes."""
    decisions = [_decide(record, enrolment, held, field) for field in (Field.START_DATE, Field.DUE_DATE)]
    if any(d is None or d.to is not Side.AXCELERATE for d in decisions) or enrolment.due is None:
        return record
    moved = replace(record, start=enrolment.access_from, end=enrolment.due)
    asked = end_date_breach(moved, Field.DUE_DATE, enrolment.due, draft.around.today)
    return record if asked else moved


def dates_rest(draft: Draft, record: Record) -> bool:
    """Whether no date of this record moves now; says `completion_date_left` where a person should know."""
    if record.is_final or record.stand in (Stand.FINISHED, Stand.WITHDRAWN):
        return True
    pair = draft.pair(record)
    if completion_date_left(record, pair):
        if record.rule.due_date.direction is not Direction.OFF:
            detail = f"the end date {pair.final_end} was written with an outcome that has been taken back; change it in aXcelerate"
            draft.skip(record, "completion_date_left", detail, field=Field.DUE_DATE)
        return True
    return False


def completion_date_left(record: Record, pair: PairMemory) -> bool:
    """Whether the end date is still the one beside a final code; an account that shows it no longer has not said otherwise."""
    if not pair.was_final or pair.final_end is None:
        return False
    return record.end is UNKNOWN or date_text(record.end) == pair.final_end


def _sight(record: Record, enrolment: Enrolment, held: Held, field: Field) -> Sight[DateValue]:
    lms: DateValue = enrolment.access_from if field is Field.START_DATE else enrolment.due
    vet: DateValue = record.start if field is Field.START_DATE else record.end
    agreed = held.start if field is Field.START_DATE else held.due
    return Sight(lms=lms, vet=vet, agreed=agreed, same=lms == vet)


def _decide(record: Record, enrolment: Enrolment, held: Held, field: Field) -> Decision | None:
    """What becomes of one date; None where it is not compared."""
    choice, sight = field_rule(record, field), _sight(record, enrolment, held, field)
    if choice.direction is Direction.OFF or sight.vet is UNKNOWN:
        return None
    return decide(sight, choice.direction, choice.on_conflict, vet_gives=held.vet_gives)


def _plan_date(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, field: Field, beside: Record
) -> None:
    choice, sight = field_rule(record, field), _sight(record, enrolment, held, field)
    decision = _decide(record, enrolment, held, field)
    if decision is None:
        if choice.direction is Direction.OFF:
            _remember(held, field, None)
        else:
            is_class = record.rule.target is Target.CLASS
            why = (
                "aXcelerate does not show this class"
                if is_class
                else "this account has not shown an end date yet"
            )
            draft.skip(record, "end_date_not_shown", why, field=field)
        return
    lms, vet = sight.lms, sight.vet
    if decision.verdict is Verdict.AGREE:
        if decision.both_changed:
            draft.note(record, field, "same_on_both", f"both sides were changed to {date_text(lms)}")
        _remember(held, field, (lms, vet))
    elif decision.verdict is Verdict.LEFT:
        where = "iSpring Learn" if sight.lms_changed else "aXcelerate"
        draft.skip(record, "one_way", f"changed in {where}, which only receives this field", field=field)
    elif decision.verdict is Verdict.ASK:
        _ask_conflict(draft, record, enrolment, held, field, sight)
    elif decision.to is Side.AXCELERATE and field in record.moving:
        _yield_to_other_course(draft, record, enrolment, held, field)
    else:
        assert decision.to is not None
        if decision.both_changed:
            draft.note(record, field, "conflict", f"changed on both sides; {choice.on_conflict} decides")
        move_date(
            draft, record, enrolment, held, field, to=decision.to, reason=decision.reason, beside=beside
        )


def _yield_to_other_course(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, field: Field
) -> None:
    """Another course moves its own date to aXcelerate in this run: only one can stand there, and the other course's does."""
    if field_rule(record, field).direction.into_ispring:
        draft.note(record, field, "conflict", "two courses hold different dates; the first course's goes on")
        move_date(draft, record, enrolment, held, field, to=Side.ISPRING, reason="changed_in_axcelerate")
        return
    detail = "another course of this record gives aXcelerate its date"
    draft.skip(record, "one_way", detail, field=field, once=True)
    is_start = field is Field.START_DATE
    _remember(
        held,
        field,
        (enrolment.access_from, record.start) if is_start else (enrolment.due, record.end),
    )


def field_rule(record: Record, field: Field) -> FieldRule:
    return record.rule.start_date if field is Field.START_DATE else record.rule.due_date


def _remember(held: Held, field: Field, values: tuple[DateValue, DateValue] | None) -> None:
    if field is Field.START_DATE:
        held.start = values
    else:
        held.due = values


def _ask_conflict(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, field: Field, sight: Sight[DateValue]
) -> None:
    agreed = sight.agreed or (None, None)
    evidence = {
        "ispring": date_text(sight.lms),
        "axcelerate": date_text(sight.vet),
        "agreed_ispring": date_text(agreed[0]),
        "agreed_axcelerate": date_text(agreed[1]),
        "enrolment": enrolment.enrolment_id,
    }
    approved = draft.ask(
        record,
        field,
        "conflict",
        ispring=date_text(sight.lms),
        axcelerate=date_text(sight.vet),
        agreed=date_text(agreed[1]),
        evidence=evidence,
    )
    if approved and approved.take and not (approved.take == Side.ISPRING and field in record.moving):
        to = Side.ISPRING if approved.take == Side.AXCELERATE else Side.AXCELERATE
        move_date(draft, record, enrolment, held, field, to=to, reason="approved", review=approved.id)


def move_date(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    field: Field,
    *,
    to: Side,
    reason: str,
    review: str | None = None,
    beside: Record | None = None,
) -> None:
    """Plan the move of one date to one side, or say why it cannot be made. `beside` is what the date will stand beside, if not the record as read."""
    lms: DateValue = enrolment.access_from if field is Field.START_DATE else enrolment.due
    vet: DateValue = record.start if field is Field.START_DATE else record.end
    if to is Side.ISPRING:
        _move_to_ispring(
            draft, record, enrolment, held, field, lms=lms, vet=vet, reason=reason, review=review
        )
        return
    if lms is None:
        draft.skip(record, "cannot_clear", "aXcelerate has no way to clear a date", field=field, once=True)
        _remember(held, field, (lms, vet))
        return
    assert isinstance(lms, date)
    if review is None:
        breach = end_date_breach(beside or record, field, lms, draft.around.today)
        if breach is not None:
            approved = draft.ask(
                record,
                field,
                breach.reason,
                ispring=date_text(lms),
                axcelerate=date_text(vet),
                agreed=date_text(_agreed(held, field)[1]),
                proposed=date_text(lms),
                evidence={
                    "ispring": date_text(lms),
                    "axcelerate": date_text(vet),
                    "enrolment": enrolment.enrolment_id,
                    "compliance_rule": breach.number,
                },
            )
            if approved is None:
                return
            reason, review = "approved", approved.id
    _move_to_axcelerate(draft, record, enrolment, held, field, lms=lms, vet=vet, reason=reason, review=review)


def _agreed(held: Held, field: Field) -> tuple[DateValue, DateValue]:
    return (held.start if field is Field.START_DATE else held.due) or (None, None)


def _move_to_ispring(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    field: Field,
    *,
    lms: DateValue,
    vet: DateValue,
    reason: str,
    review: str | None,
) -> None:
    if vet is None and field is Field.START_DATE:
        if held.start is not None:
            detail = "iSpring Learn has no enrolment without a start"
            draft.skip(record, "cannot_clear", detail, field=field, once=True)
        _remember(held, field, (lms, vet))
        return
    draft.change(
        record,
        field,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=enrolment.enrolment_id,
        before=date_text(lms),
        after=date_text(vet),
        agreed=date_text(_agreed(held, field)[0]),
        reason=reason,
        act=Act.RESCHEDULE,
        rank=Rank.CHANGE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=date_text(vet),
        expect=date_text(lms),
        review=review,
        locks=lock_to_send(record, enrolment, held) if field is Field.DUE_DATE else None,
        counts_update=draft.has_history(record),
    )


def _move_to_axcelerate(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    field: Field,
    *,
    lms: DateValue,
    vet: DateValue,
    reason: str,
    review: str | None,
) -> None:
    kind, identity = written_record(record)
    draft.change(
        record,
        field,
        Side.AXCELERATE,
        record_kind=kind,
        record_id=identity,
        before=date_text(vet),
        after=date_text(lms),
        agreed=date_text(_agreed(held, field)[1]),
        reason=reason,
        act=Act.UPDATE_MODULE if record.module else Act.UPDATE_UNIT,
        rank=Rank.CHANGE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=date_text(lms),
        expect=date_text(vet),
        review=review,
        counts_update=draft.has_history(record),
    )


def written_record(record: Record) -> tuple[str, str]:
    """Kind and id of the aXcelerate record as the report names them."""
    kind, _, identity = record.key.partition(":")
    return kind, identity
