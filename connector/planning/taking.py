"""Access that a person takes in the LMS, and gives back: the locked override of a module (contract, section 4)."""

from __future__ import annotations

from datetime import date

from connector.domain.change import Override
from connector.domain.enrolment import Enrolment
from connector.domain.learner import UNKNOWN
from connector.domain.memory import Closed, EnrolmentMemory, Held
from connector.domain.rule import Field, Side
from connector.planning.closing import plan_restore
from connector.planning.dates import move_date
from connector.planning.draft import Draft
from connector.planning.override import override_for, set_override
from connector.planning.standing import Record


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
    if record.override is False or held.access is None or not _takes_access(draft, enrolment, held):
        held.seen_due = (enrolment.due,)
        return False
    set_override(draft, record, enrolment, held, Override.LOCK, "changed_in_ispring", agrees_dates=True)
    return True


def _takes_access(draft: Draft, enrolment: Enrolment, held: Held) -> bool:
    """Lock on, the new date before the day of our last reading, and before the edit the learner could get in."""
    read_on = max(filter(None, (draft.around.last_full_read, draft.memory.read_on)), default=None)
    seen = held.due or held.seen_due  # where the due date is not compared, it is still seen
    if seen is None or held.access is None:
        return False
    before = seen[0]
    edited = enrolment.due != before or enrolment.locks != held.access[0]
    if (
        read_on is None
        or not edited
        or not enrolment.locks
        or enrolment.due is None
        or enrolment.due >= read_on
    ):
        return False
    if _starts_later(draft, enrolment, held):
        return False
    return before is None or not held.access[0] or (isinstance(before, date) and before >= read_on)


def _starts_later(draft: Draft, enrolment: Enrolment, held: Held) -> bool:
    """Whether access has not begun yet, by the start that stood there before the edit as far as it is known."""
    before = held.start[0] if held.start else enrolment.access_from
    return isinstance(before, date) and before > draft.around.today


def _plan_while_taken(
    draft: Draft, record: Record, enrolment: Enrolment, held: Held, memory: EnrolmentMemory
) -> bool:
    """A person took access in the LMS and the module is locked: what changes that?"""
    if record.override is not False:
        memory.taken = False
        if not record.rule.access.direction.into_ispring:
            return False
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
    moved = held.due is None or enrolment.due != held.due[0]  # the date that took access is no end date
    if moved and enrolment.due != record.end and record.rule.due_date.direction.into_axcelerate:
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
