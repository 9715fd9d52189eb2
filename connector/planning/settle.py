"""What becomes of a change once both sides have been read back: is it so, and what is agreed from now on?

The same function serves the read-back at the end of a run and the first reading after a crash: a write whose answer
never came is decided by what the platform shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from connector.domain.change import Override, Rewritten
from connector.domain.enrolment import (
    Completion,
    DateValue,
    Enrolment,
    ModuleEnrolment,
    Status,
    UnitEnrolment,
)
from connector.domain.learner import UNKNOWN, ClassId
from connector.domain.memory import (
    Closed,
    EnrolmentMemory,
    Held,
    Memory,
    OverrideValue,
    PairMemory,
    StatusSet,
)
from connector.domain.plan import AUTOMATIC, Act, Change
from connector.domain.rule import Field


class Fate(StrEnum):
    """APPLIED: found so. UNVERIFIED: shown otherwise, or not shown although it should be. FAILED: so, and the platform says why."""

    APPLIED = "applied"
    UNVERIFIED = "unverified"
    FAILED = "failed"


@dataclass(frozen=True)
class Found:
    """What the read-back shows of the records a change is about.

    `enrolments` are the learner's live enrolments in the change's course, the one that counts first. `access_time` is the time of day that
    was sent ("09:30:00"). `accepted`: the platform answered yes (or its task ended well).
    """

    enrolments: tuple[Enrolment, ...] = ()
    completion: Completion | None = None
    unit: UnitEnrolment | None = None
    module: ModuleEnrolment | None = None
    access_time: str | None = None
    accepted: bool = True

    def enrolment(self, identity: str | None) -> Enrolment | None:
        return next((e for e in self.enrolments if e.enrolment_id == identity), None)


@dataclass(frozen=True, slots=True)
class Settled:
    fate: Fate
    detail: str = ""


APPLIED = Settled(Fate.APPLIED)
REWRITE_TOLERANCE = timedelta(days=1)
"""A platform may cut a date in another zone; a value further off than this is somebody's edit."""


def agree_with_resent(memory: Memory, change: Change, rewritten: Rewritten, found: Found) -> str:
    """Agree with what the platform made of the dates that an edit of the schedule sent as they stood; says what, "" for nothing.

    A platform that cuts what it is sent in another zone cuts those dates too, and that is nobody's edit (law 4).
    """
    enrolment = found.enrolment(change.enrolment_id)
    if enrolment is None:
        return ""
    held = _held(change, memory, enrolment)
    said = []
    for field, before, sent, shown, agreed in (
        (Field.START_DATE, rewritten.start_before, rewritten.start, enrolment.access_from, held.start),
        (Field.DUE_DATE, rewritten.due_before, rewritten.due, enrolment.due, held.due),
    ):
        if agreed is not None and agreed[0] == before != shown and _is_rewriting(sent, shown):
            _remember_dates(held, field, (shown, agreed[1]))
            said.append(f"{field} shows {_text(shown)} after {_text(sent)} was sent as it stood")
    return "; ".join(said)


def settle(change: Change, memory: Memory, found: Found) -> Settled:
    """Decide a change's fate and bring `memory` (changed in place) up to date."""
    match change.act:
        case Act.ENROL:
            return _settle_create(change, memory, found)
        case Act.RESCHEDULE:
            return _settle_schedule_field(change, memory, found)
        case Act.CLOSE:
            return _settle_close(change, memory, found)
        case Act.RESTORE:
            return _settle_restore(change, memory, found)
        case Act.UNENROL:
            return _settle_unenrol(change, memory, found)
        case Act.SET_STATUS:
            return _settle_status(change, memory, found)
        case Act.UPDATE_UNIT | Act.UPDATE_MODULE:
            if change.field is Field.OUTCOME:
                return _settle_outcome(change, memory, found)
            if change.field is Field.ACCESS:
                return _settle_override(change, memory, found)
            return _settle_vet_date(change, memory, found)


def _pair(change: Change, memory: Memory) -> PairMemory:
    pairs = memory.pairs.setdefault(change.rule, {})
    return pairs.setdefault(change.record, PairMemory(class_id=ClassId(0), enrol_id=0, enrolled_at=""))


def _held(change: Change, memory: Memory, enrolment: Enrolment) -> Held:
    pair = _pair(change, memory)
    held = pair.courses.get(enrolment.course_id)
    if held is None or held.enrolment_id != enrolment.enrolment_id:
        held = pair.courses[enrolment.course_id] = Held(enrolment_id=enrolment.enrolment_id)
    return held


def _remembered(change: Change, memory: Memory, enrolment: Enrolment) -> EnrolmentMemory:
    known = memory.enrolments.get(enrolment.enrolment_id)
    if known is None:
        known = EnrolmentMemory(course_id=enrolment.course_id, governed_by=f"{change.rule}|{change.record}")
        memory.enrolments[enrolment.enrolment_id] = known
    return known


def _settle_create(change: Change, memory: Memory, found: Found) -> Settled:
    if not found.enrolments:
        return Settled(Fate.UNVERIFIED, "no enrolment of this learner in the course is shown")
    assert change.target is not None
    enrolment = found.enrolments[0]
    for other in [e for e, known in memory.enrolments.items() if known.course_id == enrolment.course_id]:
        if other != enrolment.enrolment_id:
            del memory.enrolments[other]
    pair = _pair(change, memory)
    if change.reason == "recreated" and enrolment.course_id not in pair.recreated:
        pair.recreated.append(enrolment.course_id)
    pair.courses.pop(enrolment.course_id, None)
    held = _held(change, memory, enrolment)
    known = _remembered(change, memory, enrolment)
    known.governed_by, known.counted = f"{change.rule}|{change.record}", enrolment.access_from.isoformat()
    known.access_time = found.access_time or known.access_time
    if change.expect is not None:
        _settle_made_closed(change, held, known, enrolment)
        return APPLIED
    end, start, override = _source(change)
    as_sent = change.target.due_default or _is_rewriting(change.target.due, enrolment.due)
    held.due = (enrolment.due, end) if as_sent and end is not UNKNOWN else None
    begin = change.target.access
    start_as_sent = begin is None or _is_rewriting(_plain_date(begin[:10]), enrolment.access_from)
    held.start = (enrolment.access_from, start) if start_as_sent and start is not UNKNOWN else None
    # With the course's own due date comes the course's own lock, whatever was sent beside it.
    own_lock = change.target.due_default and enrolment.due is not None
    lock = enrolment.locks if own_lock else change.target.locks
    lock_as_sent = enrolment.due is None or enrolment.locks == lock
    held.access = (lock, override) if lock_as_sent else None
    held.lock_given = change.lock_given
    held.vet_gives = not (as_sent and start_as_sent and lock_as_sent)
    return APPLIED


def _settle_made_closed(change: Change, held: Held, known: EnrolmentMemory, enrolment: Enrolment) -> None:
    """An enrolment that was made closed: remember what it will be given back. Another one found in its place is met anew."""
    assert change.target is not None
    held.vet_gives = not (enrolment.locks and _is_rewriting(change.target.due, enrolment.due))
    if held.vet_gives:
        return
    due, access, locks = _schedule(change.expect)
    known.closed = Closed(
        why="access_closed",
        real_due=due,
        real_access=access,
        real_locks=locks,
        shown_due=enrolment.due,
        shown_access=enrolment.access_from,
        shown_locks=enrolment.locks,
    )
    held.access, held.lock_given = (locks, _source(change)[2]), change.lock_given


def _settle_schedule_field(change: Change, memory: Memory, found: Found) -> Settled:
    enrolment = found.enrolment(change.enrolment_id)
    if enrolment is None:
        return Settled(Fate.UNVERIFIED, "the enrolment is no longer shown")
    held = _held(change, memory, enrolment)
    known = _remembered(change, memory, enrolment)
    known.access_time = found.access_time or known.access_time
    if change.field is Field.ACCESS:
        wanted = change.after != "open"
        if enrolment.due is not None and enrolment.locks != wanted:
            return Settled(Fate.UNVERIFIED, "the lock is still as it was")
        held.access, held.lock_given = (wanted, _override(change.source)), change.lock_given
        return APPLIED
    sent, given = _date(change.after), _date(change.source)
    shown = enrolment.due if change.field is Field.DUE_DATE else enrolment.access_from
    agreed, settled = _compare(sent, shown, _date(change.expect), accepted=found.accepted)
    if agreed is not None or settled.fate is Fate.APPLIED:
        _remember_dates(held, change.field, (agreed, given))
    return settled


def _compare(
    sent: DateValue, shown: DateValue, before: DateValue, *, accepted: bool
) -> tuple[DateValue, Settled]:
    """What to agree with on the side written to (None with UNVERIFIED: leave the memory as it is), and the fate.

    What was accepted and still shows the day beside it is what the platform makes of it: every run would write it again.
    """
    if shown == sent:
        return shown, APPLIED
    if shown == before and not (accepted and _is_rewriting(sent, shown)):
        return None, Settled(Fate.UNVERIFIED, f"still shows {_text(shown)}")
    detail = f"shows {_text(shown)} after {_text(sent)} was written"
    if _is_rewriting(sent, shown):
        return shown, Settled(Fate.UNVERIFIED, detail)
    return sent, Settled(Fate.UNVERIFIED, f"{detail}; taken for an edit")


def _is_rewriting(sent: DateValue, shown: DateValue) -> bool:
    """Whether the platform shows what was sent, or what it may have made of it."""
    if not isinstance(sent, date) or not isinstance(shown, date):
        return sent == shown
    return abs(shown - sent) <= REWRITE_TOLERANCE


def _remember_dates(held: Held, field: Field, values: tuple[DateValue, DateValue]) -> None:
    if field is Field.DUE_DATE:
        held.due = values
    else:
        held.start = values


def _settle_close(change: Change, memory: Memory, found: Found) -> Settled:
    enrolment = found.enrolment(change.enrolment_id)
    if enrolment is None:
        return Settled(Fate.UNVERIFIED, "the enrolment is no longer shown")
    assert change.target is not None
    assert change.target.due is not None
    is_shut = enrolment.due is not None and enrolment.due <= change.target.due + REWRITE_TOLERANCE
    if not is_shut or not enrolment.locks:
        return Settled(Fate.UNVERIFIED, f"still shows due {_text(enrolment.due)}")
    held, known = _held(change, memory, enrolment), _remembered(change, memory, enrolment)
    due, access, locks = _schedule(change.expect)
    real_locks = locks if change.locks is None else change.locks
    if known.closed is None:
        known.closed = Closed(
            why=change.reason,
            real_due=due,
            real_access=f"{access}T{found.access_time}" if found.access_time else access,
            real_locks=real_locks,
            shown_due=enrolment.due,
            shown_access=enrolment.access_from,
            shown_locks=enrolment.locks,
        )
    else:
        known.closed.shown_due = enrolment.due
        known.closed.shown_access, known.closed.shown_locks = enrolment.access_from, enrolment.locks
    known.access_time = found.access_time or known.access_time
    lock = held.access[0] if held.access else real_locks
    held.access = (lock, _override(change.source))
    return APPLIED


def _settle_restore(change: Change, memory: Memory, found: Found) -> Settled:
    enrolment = found.enrolment(change.enrolment_id)
    if enrolment is None:
        return Settled(Fate.UNVERIFIED, "the enrolment is no longer shown")
    assert change.target is not None
    before_due, _, _ = _schedule(change.expect)
    if enrolment.due != change.target.due and enrolment.due == before_due:
        return Settled(Fate.UNVERIFIED, f"still shows due {_text(enrolment.due)}")
    held, known = _held(change, memory, enrolment), _remembered(change, memory, enrolment)
    known.closed, known.taken = None, False
    known.access_time = found.access_time or known.access_time
    end, start, override = _source(change)
    end_text, start_text, _ = (change.source or "~|~|").split("|")
    if end_text not in ("~", "?"):
        held.due = (_as_seen(change.target.due, enrolment.due), end)
    if start_text != "~":
        sent = _plain_date((change.target.access or "")[:10])
        held.start = (_as_seen(sent, enrolment.access_from), start)
    held.access, held.lock_given = (change.target.locks, override), change.lock_given
    return APPLIED


def _as_seen(sent: date | None, shown: date | None) -> date | None:
    """What to agree with after a whole schedule was sent: what is shown, unless that is somebody's edit."""
    return shown if _is_rewriting(sent, shown) else sent


def _schedule(text: str | None) -> tuple[date | None, str, bool]:
    """Due date, start and lock of a schedule as a precondition remembers it (`closing.schedule_text`)."""
    due, access, locks = (text or "||0").split("|")
    return (None if due == "None" else _plain_date(due)), access, locks == "1"


def _settle_unenrol(change: Change, memory: Memory, found: Found) -> Settled:
    if found.enrolment(change.enrolment_id) is not None:
        return Settled(Fate.UNVERIFIED, "the enrolment is still shown")
    if change.enrolment_id:
        memory.enrolments.pop(change.enrolment_id, None)
    courses = _pair(change, memory).courses
    for course in [c for c, held in courses.items() if held.enrolment_id == change.enrolment_id]:
        del courses[course]
    return APPLIED


def _settle_status(change: Change, memory: Memory, found: Found) -> Settled:
    known = memory.enrolments.get(change.enrolment_id) if change.enrolment_id else None
    shown = found.completion.status if found.completion else "nothing"
    if change.after == AUTOMATIC:
        if not found.accepted:
            return Settled(Fate.UNVERIFIED, f"shows {shown}")
        if known is not None:
            known.status_set = None
        return APPLIED
    if shown != change.after:
        return Settled(Fate.UNVERIFIED, f"shows {shown}")
    assert change.enrolment_id is not None
    assert change.course_id is not None
    known = known or EnrolmentMemory(course_id=change.course_id)
    memory.enrolments[change.enrolment_id] = known
    known.status_set = StatusSet(
        status=Status(change.after or ""), code=change.source or "", rule=change.rule
    )
    return APPLIED


def _settle_outcome(change: Change, memory: Memory, found: Found) -> Settled:
    if found.unit is None or found.unit.outcome != change.after:
        shown = (found.unit.outcome or "blank") if found.unit else "nothing"
        return Settled(Fate.UNVERIFIED, f"shows outcome {shown}")
    if change.on is not None:
        pair = _pair(change, memory)
        pair.was_final, pair.finished = True, True
        pair.final_end = (found.unit.end or change.on).isoformat()
    if change.on is not None and found.unit.end not in (None, change.on):
        return Settled(Fate.APPLIED, f"outcome confirmed; the end date shows {found.unit.end}")
    return APPLIED


def _settle_vet_date(change: Change, memory: Memory, found: Found) -> Settled:
    row = found.unit or found.module
    if row is None:
        return Settled(Fate.UNVERIFIED, "the record is no longer shown")
    sent, given = _date(change.after), _date(change.source)
    shown = row.end if change.field is Field.DUE_DATE else row.start
    agreed, settled = _compare(sent, shown, _date(change.expect), accepted=found.accepted)
    hidden = shown is None and found.accepted
    if hidden:  # what stands there is unknown; it is agreed with as it was read, so that no reading looks like an edit
        settled = Settled(Fate.APPLIED, "accepted; this account does not show the value")
    held = _pair(change, memory).courses.get(change.course_id) if change.course_id else None
    if held is not None and (hidden or agreed is not None):
        _remember_dates(held, change.field, (given, None if hidden else agreed))
    return settled


def _settle_override(change: Change, memory: Memory, found: Found) -> Settled:
    if found.module is None:
        return Settled(Fate.UNVERIFIED, "the module is no longer shown")
    wanted = {Override.UNLOCK: True, Override.LOCK: False, Override.CLEAR: None}[change.override]
    shown = found.module.override
    if shown is not UNKNOWN and shown is not wanted:
        return Settled(Fate.UNVERIFIED, f"the override shows {shown}")
    enrolment = found.enrolment(change.enrolment_id)
    if enrolment is None:
        return APPLIED
    held, known = _held(change, memory, enrolment), _remembered(change, memory, enrolment)
    held.access, held.lock_given = (change.source == "1", wanted), change.lock_given
    known.taken = change.override is Override.LOCK
    if known.closed is not None and not known.closed.still_shows(enrolment.due, enrolment.access_from):
        known.closed = None
    if change.agrees_start:
        held.start = (enrolment.access_from, found.module.start)
    if change.agrees_due:
        held.due = (enrolment.due, found.module.end)
    return APPLIED


def _source(change: Change) -> tuple[DateValue, DateValue, OverrideValue]:
    end, start, override = (change.source or "||").split("|")
    return _date(end.replace("~", "?") or None), _date(start.replace("~", "?") or None), _override(override)


def _date(text: str | None) -> DateValue:
    return UNKNOWN if text == "?" else _plain_date(text)


def _plain_date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _override(text: str | None) -> OverrideValue:
    words: dict[str, OverrideValue] = {"true": True, "false": False, "?": UNKNOWN}
    return words.get(text or "")


def _text(value: DateValue) -> str:
    return "none" if value is None else str(value)
