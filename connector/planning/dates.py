"""start_date and due_date of one governing record and one LMS enrolment (contract, section 4)."""

from __future__ import annotations

from datetime import date

from connector.domain.enrolment import DateValue, Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Held, PairMemory
from connector.domain.plan import Act, Rank
from connector.domain.rule import Direction, Field, FieldRule, Side, Target
from connector.planning.compliance import end_date_breach
from connector.planning.diff import Sight, Verdict, decide
from connector.planning.draft import Draft, date_text
from connector.planning.locks import lock_to_send
from connector.planning.standing import Record, Stand


def plan_dates(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    """Decide both dates, unless they rest: a final code makes the end date a completion date."""
    if dates_rest(draft, record):
        return
    for field in (Field.START_DATE, Field.DUE_DATE):
        _plan_date(draft, record, enrolment, held, field)


def dates_rest(draft: Draft, record: Record) -> bool:
    """Whether no date of this record moves now; says `completion_date_left` where a person should know."""
    if record.is_final or record.stand in (Stand.FINISHED, Stand.WITHDRAWN):
        return True
    pair = draft.pair(record)
    if _completion_date_left(record, pair):
        if record.rule.due_date.direction is not Direction.OFF:
            detail = f"the end date {pair.final_end} was written with an outcome that has been taken back; change it in aXcelerate"
            draft.skip(record, "completion_date_left", detail, field=Field.DUE_DATE)
        return True
    pair.was_final, pair.final_end = False, None
    return False


def _completion_date_left(record: Record, pair: PairMemory) -> bool:
    return pair.was_final and pair.final_end is not None and date_text(record.end) == pair.final_end


def _plan_date(draft: Draft, record: Record, enrolment: Enrolment, held: Held, field: Field) -> None:
    choice = field_rule(record, field)
    if choice.direction is Direction.OFF:
        _remember(held, field, None)
        return
    lms: DateValue = enrolment.access_from if field is Field.START_DATE else enrolment.due
    vet: DateValue = record.start if field is Field.START_DATE else record.end
    if vet is UNKNOWN:
        is_class = record.rule.target is Target.CLASS
        why = (
            "aXcelerate does not show this class"
            if is_class
            else "this account has not shown an end date yet"
        )
        draft.skip(record, "end_date_not_shown", why, field=field)
        return
    agreed = held.start if field is Field.START_DATE else held.due
    sight = Sight(lms=lms, vet=vet, agreed=agreed, same=lms == vet)
    decision = decide(sight, choice.direction, choice.on_conflict, vet_gives=held.vet_gives)
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
        move_date(draft, record, enrolment, held, field, to=decision.to, reason=decision.reason)


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
) -> None:
    """Plan the move of one date to one side, or say why it cannot be made."""
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
        breach = end_date_breach(record, field, lms, draft.around.today)
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
