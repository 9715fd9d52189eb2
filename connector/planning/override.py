"""Writing a module's access override in aXcelerate."""

from __future__ import annotations

from connector.domain.change import Override
from connector.domain.enrolment import Enrolment
from connector.domain.memory import Held
from connector.domain.plan import Act, Rank
from connector.domain.rule import Field, Side
from connector.planning.dates import written_record
from connector.planning.draft import Draft
from connector.planning.locks import (
    OVERRIDE_WORDS,
    lock_of,
    lock_word,
    override_text,
    override_word,
    wanted_lock,
)
from connector.planning.standing import Record


def override_for(lock: bool) -> Override:
    """An edit of the lock flag becomes unlocked or cleared."""
    return Override.CLEAR if lock else Override.UNLOCK


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
    lock = bool(lock_of(enrolment, held))
    before, after = override_word(record, record.override), _word_after(record, override)
    if override_text(record.override) == override.value or before == after:
        if lock != wanted_lock(record):
            detail = "the lock was changed in iSpring Learn; no override of the module says so"
            draft.skip(record, "no_override", detail, field=Field.ACCESS, once=True)
        held.access = (lock, record.override)
        return
    kind, identity = written_record(record)
    draft.change(
        record,
        Field.ACCESS,
        Side.AXCELERATE,
        record_kind=kind,
        record_id=identity,
        before=before,
        after=after,
        agreed=override_word(record, held.access[1]) if held.access else None,
        reason=reason,
        act=Act.UPDATE_MODULE,
        rank=_rank(record, override),
        course_id=enrolment.course_id,
        enrolment_id=enrolment.enrolment_id,
        source=str(int(lock)),
        expect=override_text(record.override),
        override=override,
        lock_given=record.rule.lock_after,
        review=review,
        agrees_start=agrees_dates,
        agrees_due=agrees_dates and not due_moves,
        counts_update=draft.has_history(record),
        counts_removed=override is Override.LOCK,
    )


def _rank(record: Record, override: Override) -> Rank:
    """A lock takes access and waits until last; one that goes gives it back, before the LMS gets the dates that belong to it."""
    if override is Override.LOCK:
        return Rank.REMOVE
    return Rank.RESTORE if record.override is False else Rank.CHANGE


def _word_after(record: Record, override: Override) -> str:
    """What the module will mean: without an override, what the mapping's `lock_after` says."""
    return lock_word(record.rule.lock_after) if override is Override.CLEAR else OVERRIDE_WORDS[override]
