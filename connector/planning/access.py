"""access of one governing record and one LMS enrolment: the lock flag and the module override (contract, section 4)."""

from __future__ import annotations

from connector.domain.enrolment import Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Held
from connector.domain.plan import Act, Rank
from connector.domain.rule import Direction, Field, OnConflict, Rule, Side
from connector.planning.closing import plan_close
from connector.planning.diff import Sight, Verdict, decide
from connector.planning.draft import Draft
from connector.planning.locks import lock_of, lock_word, override_text, override_word, wanted_lock
from connector.planning.override import override_for, set_override
from connector.planning.standing import Record, Stand


def plan_access(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, *, kept_open: bool = False
) -> None:
    """Three-way over lock flag and override (module), or lock flag and mapping (unit, class).

    `kept_open`: the module is locked, and another record behind the enrolment keeps access open.
    """
    choice = record.rule.access
    if choice.direction is Direction.OFF:
        held.access, held.lock_given = None, None
        return
    if record.stand in (Stand.FINISHED, Stand.WITHDRAWN):
        return
    if not record.has_override:
        _plan_lock_by_mapping(draft, record, enrolment, held)
    elif record.override is UNKNOWN:
        draft.skip(
            record, "override_not_shown", "this account does not show access overrides", field=Field.ACCESS
        )
    else:
        _plan_lock_and_override(draft, record, enrolment, held, kept_open)


def _plan_lock_by_mapping(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    """A unit or class has no override: aXcelerate's side is what the mapping gives."""
    rule, lock = record.rule, lock_of(enrolment, held)
    if lock is None:
        lock = rule.lock_after
    if _mapping_moved(rule, held, lock):
        _move_lock(draft, record, enrolment, held, rule.lock_after, "mapping_changed")
        return
    first = held.access is None
    gives = rule.access.direction.into_ispring and (
        held.vet_gives
        or rule.access.direction is Direction.TO_ISPRING
        or rule.access.on_conflict is OnConflict.AXCELERATE
    )
    if first and gives and lock != rule.lock_after:
        _move_lock(draft, record, enrolment, held, rule.lock_after, "first_sight")
        return
    if held.access is not None and lock != held.access[0]:
        draft.skip(
            record,
            "no_override",
            "the lock was changed in iSpring Learn; a unit or class has nothing to carry it to",
            field=Field.ACCESS,
            once=True,
        )
    held.access = (lock, None)
    held.lock_given = rule.lock_after if held.lock_given is None else held.lock_given


def _mapping_moved(rule: Rule, held: Held, lock: bool) -> bool:
    """`lock_after` was edited in the mapping and this lock is still what the old file gave."""
    moved = held.lock_given is not None and held.lock_given != rule.lock_after
    if moved and lock != held.lock_given:
        held.lock_given = (
            rule.lock_after
        )  # a person's own lock stays, and the question does not come up again
        return False
    return moved and rule.access.direction.into_ispring and lock != rule.lock_after


def _plan_lock_and_override(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, kept_open: bool
) -> None:
    rule, lock = record.rule, lock_of(enrolment, held)
    wanted = wanted_lock(record)
    if lock is None:
        lock = wanted
    if record.override is None and _mapping_moved(rule, held, lock):
        _move_lock(draft, record, enrolment, held, rule.lock_after, "mapping_changed")
        return
    agreed = held.access
    same = lock == wanted and (record.override is not False or kept_open)
    sight: Sight[object] = Sight(lms=lock, vet=record.override, agreed=agreed, same=same)
    decision = decide(sight, rule.access.direction, rule.access.on_conflict, vet_gives=held.vet_gives)
    if decision.verdict is Verdict.AGREE:
        if decision.both_changed:
            draft.note(record, Field.ACCESS, "same_on_both", "both sides were changed to the same access")
        held.access, held.lock_given = (lock, record.override), held.lock_given if agreed else rule.lock_after
    elif decision.verdict is Verdict.LEFT:
        where = "iSpring Learn" if sight.lms_changed else "aXcelerate"
        draft.skip(
            record, "one_way", f"changed in {where}, which only receives this field", field=Field.ACCESS
        )
    elif decision.verdict is Verdict.ASK:
        _ask_access(draft, record, enrolment, held, lock)
    elif decision.to is Side.ISPRING:
        if decision.both_changed:
            draft.note(
                record, Field.ACCESS, "conflict", f"changed on both sides; {rule.access.on_conflict} decides"
            )
        _move_lock(draft, record, enrolment, held, wanted, decision.reason)
    elif Field.ACCESS in record.moving and rule.access.direction.into_ispring:
        draft.note(
            record, Field.ACCESS, "conflict", "two courses differ in access; the first course's goes on"
        )
        _move_lock(draft, record, enrolment, held, wanted, "changed_in_axcelerate")
    elif Field.ACCESS in record.moving:
        detail = "another course of this record gives aXcelerate its access"
        draft.skip(record, "one_way", detail, field=Field.ACCESS, once=True)
        held.access = (lock, record.override)
    else:
        set_override(draft, record, enrolment, held, override_for(lock), decision.reason)


def _ask_access(draft: Draft, record: Record, enrolment: Enrolment, held: Held, lock: bool) -> None:
    approved = draft.ask(
        record,
        Field.ACCESS,
        "conflict",
        ispring=lock_word(lock),
        axcelerate=override_word(record, record.override),
        agreed=override_word(record, held.access[1]) if held.access else None,
        evidence={
            "ispring": str(lock),
            "axcelerate": override_text(record.override),
            "agreed": str(held.access),
            "enrolment": enrolment.enrolment_id,
        },
    )
    if approved and approved.take == Side.AXCELERATE and record.override is False:
        plan_close(draft, record, enrolment, held, withdrawal=False, reason="approved", review=approved.id)
    elif approved and approved.take == Side.AXCELERATE:
        _move_lock(draft, record, enrolment, held, wanted_lock(record), "approved", review=approved.id)
    elif approved and Field.ACCESS not in record.moving:
        set_override(draft, record, enrolment, held, override_for(lock), "approved", review=approved.id)


def _move_lock(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    lock: bool,
    reason: str,
    *,
    review: str | None = None,
) -> None:
    """Plan the lock flag in the LMS; without a due date there is nothing to set, and the two agree."""
    if enrolment.due is None:
        held.access, held.lock_given = (lock, record.override), record.rule.lock_after
        return
    draft.change(
        record,
        Field.ACCESS,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=enrolment.enrolment_id,
        before=lock_word(enrolment.locks),
        after=lock_word(lock),
        agreed=lock_word(held.access[0]) if held.access else None,
        reason=reason,
        act=Act.RESCHEDULE,
        rank=Rank.CHANGE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=override_text(record.override),
        expect=str(int(enrolment.locks)),
        lock_given=record.rule.lock_after,
        review=review,
        counts_update=draft.has_history(record),
    )
