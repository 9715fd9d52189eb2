"""Closing an LMS enrolment, giving its access back, and what people do to it meanwhile (contract, section 4)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from connector.domain.enrolment import Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Closed, EnrolmentMemory, Held
from connector.domain.plan import CLOSED, ENROLLED, OPEN, WITHDRAWN, Act, Rank
from connector.domain.plan import Target as Schedule
from connector.domain.rule import Field, Side
from connector.planning.dates import dates_rest, move_date
from connector.planning.draft import Draft, date_text
from connector.planning.locks import lock_of, lock_to_send, lock_word, override_text, wanted_lock
from connector.planning.override import override_for, set_override
from connector.planning.standing import Record


def shut_schedule(draft: Draft, start: date | None) -> Schedule:
    """Closed now: due yesterday with the lock on, and an access date not after it."""
    yesterday = draft.around.today - timedelta(days=1)
    return Schedule(access=min(start or yesterday, yesterday).isoformat(), due=yesterday, locks=True)


def plan_close(
    draft: Draft,
    record: Record,
    enrolment: Enrolment,
    held: Held,
    *,
    withdrawal: bool,
    reason: str,
    review: str | None = None,
) -> None:
    """Plan the end of access: one `enrolment` change for a withdrawal, one `access` change otherwise."""
    lock = lock_of(enrolment, held)
    draft.change(
        record,
        Field.ENROLMENT if withdrawal else Field.ACCESS,
        Side.ISPRING,
        record_kind="enrolment",
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
        target=shut_schedule(draft, enrolment.access_from),
        locks=lock_to_send(record, enrolment, held),
        review=review,
        counts_update=not withdrawal and draft.has_history(record),
        counts_removed=not is_shut(enrolment.due, enrolment.locks, draft.around.today),
    )


def schedule_text(enrolment: Enrolment) -> str:
    """An enrolment's schedule as the precondition remembers it: due, start, lock."""
    return f"{date_text(enrolment.due)}|{date_text(enrolment.access_from)}|{int(enrolment.locks)}"


def source_text(record: Record, *, due: bool = True, start: bool = True) -> str:
    """aXcelerate's end, start and override, to be agreed with when a whole schedule was carried out.

    "~" stands for a date that aXcelerate did not give: what is agreed about it stays.
    """
    end_text = (date_text(record.end) or "") if due else "~"
    start_text = (date_text(record.start) or "") if start else "~"
    return f"{end_text}|{start_text}|{override_text(record.override)}"


@dataclass(frozen=True)
class GivenBack:
    """The schedule that an enrolment gets when a closing ends; `due` and `start` say which of its dates are aXcelerate's."""

    target: Schedule
    due: bool
    start: bool


def given_back(draft: Draft, record: Record, closed: Closed) -> GivenBack:
    """aXcelerate's present dates where the direction allows, else those remembered."""
    rule = record.rule
    rest = dates_rest(draft, record)
    due, start = closed.real_due, closed.real_access
    gives_due = rule.due_date.direction.into_ispring and not rest and record.end is not UNKNOWN
    gives_start = rule.start_date.direction.into_ispring and not rest and record.start is not None
    if gives_due and record.end is not UNKNOWN:
        due = record.end
    if gives_start and record.start is not None:
        start = record.start.isoformat()
    locks = closed.real_locks
    if record.has_override and rule.access.direction.into_ispring and record.override is not UNKNOWN:
        locks = wanted_lock(record)
    return GivenBack(Schedule(access=start, due=due, locks=locks), due=gives_due, start=gives_start)


def plan_restore(draft: Draft, record: Record, enrolment: Enrolment, closed: Closed) -> None:
    """Plan giving access back, because the reason to close has gone."""
    _restore(draft, record, enrolment, given_back(draft, record, closed))


def _restore(draft: Draft, record: Record, enrolment: Enrolment, given: GivenBack) -> None:
    draft.change(
        record,
        Field.ACCESS,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=enrolment.enrolment_id,
        before=CLOSED,
        after=lock_word(given.target.locks),
        agreed=CLOSED,
        reason="access_restored",
        act=Act.RESTORE,
        rank=Rank.RESTORE,
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=source_text(record, due=given.due, start=given.start),
        expect=schedule_text(enrolment),
        target=given.target,
        lock_given=record.rule.lock_after,
        counts_update=draft.has_history(record),
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
        _open_by_edit(draft, record, enrolment, held, closed)
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
        plan_close(draft, record, enrolment, held, withdrawal=False, reason="approved", review=approved.id)
    elif approved:
        closed.shown_due, closed.shown_access, closed.shown_locks = (
            enrolment.due,
            enrolment.access_from,
            enrolment.locks,
        )
        draft.plan.answered.add(approved.id)
        draft.note(record, Field.ACCESS, "approved", "the edit in iSpring Learn stays, a person decided")


def _open_by_edit(draft: Draft, record: Record, enrolment: Enrolment, held: Held, closed: Closed) -> None:
    """A person gave access back in the LMS: the override goes, edited dates move, and what our closing put there goes too."""
    reason = "changed_in_ispring"
    set_override(draft, record, enrolment, held, override_for(enrolment.locks), reason)
    edits_due = enrolment.due != closed.shown_due
    edits_start = enrolment.access_from != closed.shown_access
    if edits_due and enrolment.due != record.end:
        if record.rule.due_date.direction.into_axcelerate:
            move_date(draft, record, enrolment, held, Field.DUE_DATE, to=Side.AXCELERATE, reason=reason)
        held.due = held.due or (
            closed.real_due,
            record.end,
        )  # so that the edit stays one, also where nothing was agreed
    if edits_start and enrolment.access_from != record.start:
        if record.rule.start_date.direction.into_axcelerate:
            move_date(draft, record, enrolment, held, Field.START_DATE, to=Side.AXCELERATE, reason=reason)
        held.start = held.start or (date.fromisoformat(closed.real_access[:10]), record.start)
    back = given_back(draft, record, closed)
    due = enrolment.due if edits_due else back.target.due
    start = enrolment.access_from.isoformat() if edits_start else back.target.access
    if due != enrolment.due or (start or "")[:10] != enrolment.access_from.isoformat():
        given = GivenBack(
            Schedule(access=start, due=due, locks=enrolment.locks),
            due=back.due and not edits_due,
            start=back.start and not edits_start,
        )
        _restore(draft, record, enrolment, given)


def weigh_access(draft: Draft, enrolment: Enrolment) -> None:
    """Mark the schedule changes of an enrolment that together take access, or give it back: they count and queue as such."""
    due, locks = enrolment.due, enrolment.locks
    mine = [
        change
        for change in draft.plan.changes
        if change.act is Act.RESCHEDULE and change.enrolment_id == enrolment.enrolment_id
    ]
    for change in mine:
        if change.field is Field.DUE_DATE:
            due = date.fromisoformat(change.after) if change.after else None
            locks = locks if change.locks is None else change.locks
        elif change.field is Field.ACCESS:
            locks = change.after != OPEN
    before, after = (
        is_shut(enrolment.due, enrolment.locks, draft.around.today),
        is_shut(due, locks, draft.around.today),
    )
    if before == after:
        return
    rank = Rank.REMOVE if after else Rank.RESTORE
    for change in mine:
        if change.field is not Field.START_DATE:
            draft.plan.changes.remove(change)
            draft.plan.changes.append(replace(change, rank=rank, counts_removed=after))


def is_shut(due: date | None, locks: bool, today: date) -> bool:
    """Whether a schedule keeps the learner out: a lock after a due date that has passed."""
    return locks and due is not None and due < today
