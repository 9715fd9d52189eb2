"""One write to one record: look at it once more, build the command, say what moved meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time

from connector.domain.change import (
    COURSE_DEFAULT,
    KnownStart,
    LmsCommand,
    Override,
    RewriteSchedule,
    Rewritten,
    Schedule,
    SetStatus,
    Unenrol,
    UpdateModule,
    UpdateUnit,
    VetCommand,
)
from connector.domain.enrolment import Enrolment, Status
from connector.domain.plan import AUTOMATIC, Act, Change, Rank, Target
from connector.domain.report import ChangeLine
from connector.domain.rule import Field, Side
from connector.execution.evidence import module_of, unit_of
from connector.platforms.port import LmsPort, VetPort

StartOf = Callable[[Change], KnownStart | None]
"""What is known of the start of the enrolment that a change edits; None when nobody knows."""


@dataclass
class Write:
    """Changes that share one call. `moved` collects, by change id, what a fresh look showed instead."""

    lines: list[ChangeLine]
    moved: dict[str, str] = field(default_factory=dict)

    @property
    def first(self) -> Change:
        return self.lines[0].change

    @property
    def platform(self) -> Side:
        return self.first.platform

    def standing(self) -> list[Change]:
        """The changes that may still be made."""
        return [line.change for line in self.lines if line.change.id not in self.moved]


def writes_of(lines: Iterable[ChangeLine], *, at_once: int = 100) -> list[Write]:
    """Group changes into calls and put them in order: access given back first, access taken last (law 9).

    Creates with equal course and schedule share one call, changes of one enrolment's schedule another, and so do
    changes of one unit or module enrolment.
    """
    groups: dict[tuple[object, ...], list[list[ChangeLine]]] = {}
    for line in lines:
        chunks = groups.setdefault(_group_key(line.change), [[]])
        if len(chunks[-1]) >= at_once:
            chunks.append([])
        chunks[-1].append(line)
    found = [Write(chunk) for chunks in groups.values() for chunk in chunks]
    return sorted(found, key=_place_in_queue)


def _place_in_queue(write: Write) -> Rank:
    """A call that takes access waits until last, whatever goes with it; any other goes as early as its most urgent change."""
    ranks = {line.change.rank for line in write.lines}
    return Rank.REMOVE if Rank.REMOVE in ranks else min(ranks)


def _group_key(change: Change) -> tuple[object, ...]:
    if change.act is Act.ENROL and change.new_user is None:
        return (change.act, change.course_id, change.target)
    if change.act is Act.RESCHEDULE:
        return (change.act, change.enrolment_id)
    if change.act in (Act.UPDATE_UNIT, Act.UPDATE_MODULE):
        return (change.act, change.contact_id, change.record)
    return (change.act, change.contact_id, change.record, change.course_id, change.field)


@dataclass(frozen=True)
class Prepared:
    """What to send. `command` None: it is so already, only the read-back is due. `access_time` is the time of day sent,
    `rewritten` the days of an edited schedule."""

    command: LmsCommand | VetCommand | None
    access_time: str | None = None
    time_unknown: bool = False
    rewritten: Rewritten | None = None


def prepare_schedule(write: Write, lms: LmsPort, start_of: StartOf) -> Prepared | None:
    """A schedule edit, closing, restoring or unenrolment; None when nothing of it may be done any more."""
    change = write.first
    assert change.enrolment_id is not None
    assert change.user_id is not None
    assert change.course_id is not None
    now = lms.enrolment(change.enrolment_id, user=change.user_id, course=change.course_id)
    if now is None:
        for each in write.standing():
            write.moved[each.id] = "the enrolment is gone"
        return None
    for each in write.standing():
        if (difference := _moved_schedule(each, now)) is not None:
            write.moved[each.id] = difference
    if not write.standing():
        return None
    if change.act is Act.UNENROL:
        return Prepared(Unenrol(change.enrolment_id))
    return _rewrite(write, now, start_of(change))


def _moved_schedule(change: Change, now: Enrolment) -> str | None:
    """What differs from the reading that the change was planned on; None when nothing does, or it is so already."""
    shown = _shown(change, now)
    if shown == change.expect or (change.act is Act.RESCHEDULE and _is_so(change, now)):
        return None
    return f"now {shown}, planned on {change.expect}"


def _shown(change: Change, now: Enrolment) -> str | None:
    if change.act is not Act.RESCHEDULE:
        return f"{_text(now.due)}|{_text(now.access_from)}|{int(now.locks)}"
    if change.field is Field.DUE_DATE:
        return now.due.isoformat() if now.due else None
    if change.field is Field.START_DATE:
        return now.access_from.isoformat()
    return str(int(now.locks))


def _text(value: date | None) -> str | None:
    return value.isoformat() if value else None


def _is_so(change: Change, now: Enrolment) -> bool:
    if change.field is Field.ACCESS:
        return now.locks == (change.after != "open")
    shown = now.due if change.field is Field.DUE_DATE else now.access_from
    return _text(shown) == change.after


def _rewrite(write: Write, now: Enrolment, known: KnownStart | None) -> Prepared:
    """The whole schedule, because an edit replaces all of it: what is not changed is sent as it stands."""
    change = write.first
    due, start, locks = now.due, now.access_from, now.locks
    clock: time | None = None
    if change.target is not None:
        due, locks = change.target.due, change.target.locks
        start, clock = _wall(change.target, now.access_from)
    else:
        for each in write.standing():
            if each.field is Field.DUE_DATE:
                due = date.fromisoformat(each.after) if each.after else None
                locks = locks if each.locks is None else each.locks  # none stood there to be resent
            elif each.field is Field.START_DATE:
                start = date.fromisoformat(each.after or "")
            else:
                locks = each.after != "open"
    if (due, start, locks) == (now.due, now.access_from, now.locks):
        return Prepared(None)
    if known is not None and change.target is None and start == now.access_from:
        start = known.standing(start)
    clock = clock or (known.at if known else None)
    schedule = Schedule(datetime.combine(start, clock or time()), due, locks)
    assert change.enrolment_id is not None
    sent = (clock or time()).isoformat(timespec="seconds")
    rewritten = Rewritten(now.access_from, now.due, start, due)
    return Prepared(RewriteSchedule(change.enrolment_id, schedule), sent, clock is None, rewritten)


def _wall(target: Target, standing: date) -> tuple[date, time | None]:
    if target.access is None:
        return standing, None
    if "T" in target.access:
        wall = datetime.fromisoformat(target.access)
        return wall.date(), wall.time()
    return date.fromisoformat(target.access), None


def schedule_of_create(target: Target) -> Schedule:
    """The schedule of a new enrolment; without a start it begins now."""
    start = datetime.combine(date.fromisoformat(target.access[:10]), time()) if target.access else None
    return Schedule(start, COURSE_DEFAULT if target.due_default else target.due, target.locks)


def prepare_status(write: Write, lms: LmsPort) -> Prepared | None:
    """A course status; None when the learner has earned another one meanwhile. An enrolment made in this run has earned nothing yet."""
    change = write.first
    assert change.enrolment_id is not None
    assert change.user_id is not None
    assert change.course_id is not None
    found = lms.completions_of([(change.enrolment_id, change.user_id, change.course_id)])
    now = next((c for c in found if c.enrolment_id in (change.enrolment_id, None)), None)
    is_new = change.expect is None and (now is None or now.status is Status.NOT_STARTED)
    if not is_new and (now is None or now.status != change.expect):
        write.moved[change.id] = (
            f"now {now.status if now else 'without a result'}, planned on {change.expect or change.before}"
        )
        return None
    status = None if change.after == AUTOMATIC else Status(change.after or "")
    reason = (
        f"Outcome {change.source or 'blank'} in aXcelerate" if status else "Outcome taken back in aXcelerate"
    )
    return Prepared(SetStatus(change.enrolment_id, change.course_id, status, change.on, reason))


def prepare_unit(write: Write, vet: VetPort) -> Prepared | None:
    """Outcome and dates of one unit enrolment in one call; None when nothing of it may be done any more."""
    change = write.first
    assert change.class_id is not None
    now = unit_of(vet.class_enrolments(change.contact_id, change.class_id), change)
    if now is None:
        for each in write.standing():
            write.moved[each.id] = "the unit enrolment is gone"
        return None
    shown = {Field.OUTCOME: now.outcome, Field.DUE_DATE: _text(now.end), Field.START_DATE: _text(now.start)}
    _drop_moved(write, shown)
    facts = _vet_facts(write)
    if not write.standing():
        return None
    if _all_so(write, shown):
        return Prepared(None)
    return Prepared(
        UpdateUnit(change.contact_id, change.class_id, now.unit_id, facts.outcome, facts.start, facts.end)
    )


def prepare_module(write: Write, vet: VetPort) -> Prepared | None:
    """Override and dates of one module enrolment in one call."""
    change = write.first
    assert change.class_id is not None
    now = module_of(vet.module_enrolments(change.contact_id, change.class_id), change)
    if now is None:
        for each in write.standing():
            write.moved[each.id] = "the module enrolment is gone"
        return None
    words: dict[object, str] = {True: "true", False: "false", None: ""}
    shown = {
        Field.ACCESS: words.get(now.override, "?"),
        Field.DUE_DATE: _text(now.end),
        Field.START_DATE: _text(now.start),
    }
    _drop_moved(write, shown)
    facts = _vet_facts(write)
    if not write.standing():
        return None
    if _all_so(write, shown):
        return Prepared(None)
    return Prepared(
        UpdateModule(
            change.contact_id,
            now.class_id,
            now.enrol_id,
            now.module_enrolment_id,
            facts.override,
            facts.start,
            facts.end,
        )
    )


def _drop_moved(write: Write, shown: dict[Field, str | None]) -> None:
    for change in write.standing():
        now = shown[change.field]
        hidden = now is None and change.expect == "?"
        if now != change.expect and now != change.after and not hidden:
            write.moved[change.id] = f"now {now or 'blank'}, planned on {change.expect or 'blank'}"


def _all_so(write: Write, shown: dict[Field, str | None]) -> bool:
    """Whether every change that still stands is there already, by an earlier call or by somebody else's hand."""
    return all(shown[change.field] == change.after for change in write.standing())


@dataclass
class _VetFacts:
    outcome: str | None = None
    start: date | None = None
    end: date | None = None
    override: Override = Override.LEAVE


def _vet_facts(write: Write) -> _VetFacts:
    facts = _VetFacts()
    for change in write.standing():
        if change.field is Field.OUTCOME:
            facts.outcome, facts.end = change.after, change.on or facts.end
        elif change.field is Field.ACCESS:
            facts.override = change.override
        elif change.field is Field.DUE_DATE and facts.end is None:
            facts.end = date.fromisoformat(change.after or "")
        elif change.field is Field.START_DATE:
            facts.start = date.fromisoformat(change.after or "")
    return facts
