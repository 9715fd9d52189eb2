"""access of one governing record and one LMS enrolment: the lock flag, the module override, closing and restoring."""

from __future__ import annotations

from datetime import date, timedelta

from connector.domain.change import Override
from connector.domain.enrolment import Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Closed, EnrolmentMemory, Held, Lock
from connector.domain.plan import (
    CLOSED,
    CLOSES_AFTER_DUE,
    ENROLLED,
    OPEN,
    WITHDRAWN,
    Act,
    Rank,
)
from connector.domain.plan import Target as Schedule
from connector.domain.rule import Direction, Field, OnConflict, Rule, Side
from connector.planning.dates import dates_rest, move_date, written_record
from connector.planning.diff import Sight, Verdict, decide
from connector.planning.draft import Draft, date_text
from connector.planning.standing import Record, Stand

OVERRIDE_WORDS = {Override.UNLOCK: OPEN, Override.CLEAR: CLOSES_AFTER_DUE, Override.LOCK: CLOSED}


def lock_of(enrolment: Enrolment, held: Held | None) -> Lock:
    """The lock flag as far as it is visible: without a due date the last one known stands (None at first sight)."""
    if enrolment.due is not None:
        return enrolment.locks
    return held.access[0] if held and held.access else None


def wanted_lock(record: Record) -> bool:
    """What aXcelerate's side means for the lock: an unlocked module never locks, anything else as the rule says."""
    return False if record.override is True else record.rule.lock_after


def lock_word(lock: Lock) -> str:
    return CLOSES_AFTER_DUE if lock else OPEN


def override_word(record: Record, override: object) -> str:
    if override is True:
        return OPEN
    if override is False:
        return CLOSED
    return lock_word(record.rule.lock_after)


def override_text(override: object) -> str:
    return {True: "true", False: "false", None: ""}.get(override, "?")  # type: ignore[call-overload,no-any-return]


def plan_access(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    """Three-way over lock flag and override (module), or lock flag and mapping (unit, class)."""
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
        _plan_lock_and_override(draft, record, enrolment, held)


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


def _plan_lock_and_override(draft: Draft, record: Record, enrolment: Enrolment, held: Held) -> None:
    rule, lock = record.rule, lock_of(enrolment, held)
    wanted = wanted_lock(record)
    if lock is None:
        lock = wanted
    if record.override is None and _mapping_moved(rule, held, lock):
        _move_lock(draft, record, enrolment, held, rule.lock_after, "mapping_changed")
        return
    agreed = held.access
    sight: Sight[object] = Sight(
        lms=lock, vet=record.override, agreed=agreed, same=record.override is not False and lock == wanted
    )
    decision = decide(sight, rule.access.direction, rule.access.on_conflict, vet_gives=held.vet_gives)
    if decision.verdict is Verdict.AGREE:
        held.access, held.lock_given = (lock, record.override), held.lock_given if agreed else rule.lock_after
    elif decision.verdict is Verdict.LEFT:
        where = "iSpring Learn" if sight.lms_changed else "aXcelerate"
        draft.skip(
            record, "one_way", f"changed in {where}, which only receives this field", field=Field.ACCESS
        )
    elif decision.verdict is Verdict.ASK:
        _ask_access(draft, record, enrolment, held, lock)
    elif decision.to is Side.ISPRING:
        _move_lock(draft, record, enrolment, held, wanted, decision.reason)
    else:
        set_override(draft, record, enrolment, held, override_for(lock), decision.reason)


def override_for(lock: bool) -> Override:
    """An edit of the lock flag becomes unlocked or cleared."""
    return Override.CLEAR if lock else Override.UNLOCK


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
    if approved and approved.take == Side.AXCELERATE:
        _move_lock(draft, record, enrolment, held, wanted_lock(record), "approved", review=approved.id)
    elif approved:
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
    takes = lock and enrolment.due < draft.around.today
    draft.change(
        record,
        Field.ACCESS,
        Side.ISPRING,
        record_kind="enrollment",
        record_id=enrolment.enrolment_id,
        before=lock_word(enrolment.locks),
        after=lock_word(lock),
        agreed=lock_word(held.access[0]) if held.access else None,
        reason=reason,
        act=Act.RESCHEDULE,
        rank=Rank.REMOVE if takes else Rank.CHANGE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=override_text(record.override),
        expect=str(int(enrolment.locks)),
        lock_given=record.rule.lock_after,
        review=review,
        counts_update=held.has_history,
        counts_removed=takes,
    )


def set_override(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    override: Override,
    reason: str,
    *,
    review: str | None = None,
    agrees_dates: bool = False,
    due_moves: bool = False,
) -> None:
    """Plan the override of a module, unless it stands already as wanted.

    `agrees_dates`: the LMS stays as the person set it, so its dates are agreed as they are, the due date unless it moves too.
    """
    lock = enrolment.locks
    if override_text(record.override) == override.value:
        held.access = (lock, record.override)
        return
    kind, identity = written_record(record)
    draft.change(
        record,
        Field.ACCESS,
        Side.AXCELERATE,
        record_kind=kind,
        record_id=identity,
        before=override_word(record, record.override),
        after=OVERRIDE_WORDS[override]
        if override is not Override.CLEAR
        else lock_word(record.rule.lock_after),
        agreed=override_word(record, held.access[1]) if held.access else None,
        reason=reason,
        act=Act.UPDATE_MODULE,
        rank=Rank.REMOVE if override is Override.LOCK else Rank.CHANGE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=str(int(lock)),
        expect=override_text(record.override),
        override=override,
        lock_given=record.rule.lock_after,
        review=review,
        agrees_start=agrees_dates,
        agrees_due=agrees_dates and not due_moves,
        counts_update=held.has_history,
        counts_removed=override is Override.LOCK,
    )


def plan_taken_access(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, memory: EnrolmentMemory
) -> bool:
    """An LMS edit that takes access from a module learner becomes the locked override; a later one gives it back.

    Returns True when this edit has been dealt with (dates and access then rest for this run).
    """
    if (
        not record.has_override
        or not record.rule.access.direction.into_axcelerate
        or record.override is UNKNOWN
    ):
        return False
    if memory.taken:
        return _plan_while_taken(draft, record, enrolment, held, memory)
    if record.override is False or held.due is None or held.access is None:
        return False
    if not _takes_access(draft, enrolment, held):
        return False
    set_override(draft, record, enrolment, held, Override.LOCK, "changed_in_ispring", agrees_dates=True)
    return True


def _takes_access(draft: Draft, enrolment: Enrolment, held: Held) -> bool:
    """Lock on, the new date before the day of our last reading, and before the edit the learner could get in."""
    read_on = max(filter(None, (draft.around.last_full_read, draft.memory.read_on)), default=None)
    assert held.due is not None
    assert held.access is not None
    before = held.due[0]
    edited = enrolment.due != before or enrolment.locks != held.access[0]
    if (
        read_on is None
        or not edited
        or not enrolment.locks
        or enrolment.due is None
        or enrolment.due >= read_on
    ):
        return False
    return before is None or not held.access[0] or (isinstance(before, date) and before >= read_on)


def _plan_while_taken(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, memory: EnrolmentMemory
) -> bool:
    """A person took access in the LMS and the module is locked: what changes that?"""
    if record.override is not False:
        memory.taken = False
        return _restore_taken(draft, record, enrolment)
    edited = (
        held.due is None
        or enrolment.due != held.due[0]
        or held.access is None
        or enrolment.locks != held.access[0]
    )
    lets_in = not enrolment.locks or enrolment.due is None or enrolment.due >= draft.around.today
    if not edited or not lets_in:
        if held.due is not None:
            held.due = (enrolment.due, record.end)
        return True
    set_override(draft, record, enrolment, held, override_for(enrolment.locks), "changed_in_ispring")
    if enrolment.due != record.end and record.rule.due_date.direction.into_axcelerate:
        move_date(
            draft, record, enrolment, held, Field.DUE_DATE, to=Side.AXCELERATE, reason="changed_in_ispring"
        )
    return True


def _restore_taken(draft: Draft, record: Record, enrolment: Enrolment) -> bool:
    """aXcelerate gave the access back that a person took in the LMS: it gets aXcelerate's present dates."""
    real = Closed(
        why="override",
        real_due=enrolment.due,
        real_access=enrolment.access_from.isoformat(),
        real_locks=enrolment.locks,
        shown_due=enrolment.due,
        shown_access=enrolment.access_from,
        shown_locks=enrolment.locks,
    )
    plan_restore(draft, record, enrolment, real)
    return True


def close_schedule(draft: Draft, enrolment: Enrolment) -> Schedule:
    """Closed now: due yesterday with the lock on, and an access date not after it."""
    yesterday = draft.around.today - timedelta(days=1)
    return Schedule(access=min(enrolment.access_from, yesterday).isoformat(), due=yesterday, locks=True)


def plan_close(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, *, withdrawal: bool, reason: str
) -> None:
    """Plan the end of access: one `enrolment` change for a withdrawal, one `access` change otherwise."""
    could_get_in = not (enrolment.locks and enrolment.due is not None and enrolment.due < draft.around.today)
    lock = lock_of(enrolment, held)
    draft.change(
        record,
        Field.ENROLMENT if withdrawal else Field.ACCESS,
        Side.ISPRING,
        record_kind="enrollment",
        record_id=enrolment.enrolment_id,
        before=ENROLLED if withdrawal else lock_word(lock),
        after=WITHDRAWN if withdrawal else CLOSED,
        agreed=None if not held.access else ENROLLED if withdrawal else lock_word(held.access[0]),
        reason=reason,
        act=Act.CLOSE,
        rank=Rank.REMOVE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=override_text(record.override),
        expect=schedule_text(enrolment),
        target=close_schedule(draft, enrolment),
        counts_update=not withdrawal and held.has_history,
        counts_removed=could_get_in,
    )


def schedule_text(enrolment: Enrolment) -> str:
    """An enrolment's schedule as the precondition remembers it: due, start, lock."""
    return f"{date_text(enrolment.due)}|{date_text(enrolment.access_from)}|{int(enrolment.locks)}"


def source_text(record: Record, *, dates_rest: bool = False) -> str:
    """aXcelerate's end, start and override, to be agreed with when a whole schedule was carried out; "~" leaves a date alone."""
    end, start = ("~", "~") if dates_rest else (date_text(record.end) or "", date_text(record.start) or "")
    return f"{end}|{start}|{override_text(record.override)}"


def plan_restore(draft: Draft, record: Record, enrolment: Enrolment, closed: Closed) -> None:
    """Plan giving access back: aXcelerate's present dates where the direction allows, else those remembered."""
    rule = record.rule
    rest = dates_rest(draft, record)
    due, start = closed.real_due, closed.real_access
    if rule.due_date.direction.into_ispring and not rest and record.end is not UNKNOWN:
        due = record.end
    if rule.start_date.direction.into_ispring and not rest and record.start is not None:
        start = record.start.isoformat()
    locks = closed.real_locks
    if record.has_override and rule.access.direction.into_ispring and record.override is not UNKNOWN:
        locks = wanted_lock(record)
    draft.change(
        record,
        Field.ACCESS,
        Side.ISPRING,
        record_kind="enrollment",
        record_id=enrolment.enrolment_id,
        before=CLOSED,
        after=lock_word(locks),
        agreed=CLOSED,
        reason="access_restored",
        act=Act.RESTORE,
        rank=Rank.RESTORE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source="|".join(
            (date_text(record.end) or "", date_text(record.start) or "", override_text(record.override))
        ),
        expect=schedule_text(enrolment),
        target=Schedule(access=start, due=due, locks=locks),
        lock_given=rule.lock_after,
        counts_update=True,
    )


def plan_while_closed(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, memory: EnrolmentMemory
) -> None:
    """We closed this enrolment and the reason stands: an LMS edit is carried to an override, or is a review."""
    closed = memory.closed
    assert closed is not None
    shown = (closed.shown_due, closed.shown_access, closed.shown_locks)
    if (enrolment.due, enrolment.access_from, enrolment.locks) == shown:
        return
    lets_in = not enrolment.locks or enrolment.due is None or enrolment.due >= draft.around.today
    carried = (
        record.has_override and record.why == "override" and record.rule.access.direction.into_axcelerate
    )
    if carried and lets_in:
        set_override(draft, record, enrolment, held, override_for(enrolment.locks), "changed_in_ispring")
        moved = enrolment.due != closed.shown_due and enrolment.due != record.end
        if moved and record.rule.due_date.direction.into_axcelerate:
            move_date(
                draft,
                record,
                enrolment,
                held,
                Field.DUE_DATE,
                to=Side.AXCELERATE,
                reason="changed_in_ispring",
            )
        return
    approved = draft.ask(
        record,
        Field.ACCESS,
        "conflict",
        ispring=lock_word(enrolment.locks) if lets_in else CLOSED,
        axcelerate=CLOSED,
        agreed=CLOSED,
        evidence={
            "ispring": schedule_text(enrolment),
            "axcelerate": record.why,
            "enrolment": enrolment.enrolment_id,
        },
    )
    if approved and approved.take == Side.AXCELERATE:
        plan_close(draft, record, enrolment, held, withdrawal=False, reason="approved")
    elif approved:
        closed.shown_due, closed.shown_access, closed.shown_locks = (
            enrolment.due,
            enrolment.access_from,
            enrolment.locks,
        )
        draft.plan.answered.add(approved.id)
        draft.note(record, Field.ACCESS, "approved", "the edit in iSpring Learn stays, a person decided")
