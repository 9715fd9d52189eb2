"""The story of a run: read, match, plan, refuse, execute, verify."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime

from connector.domain.learner import ContactId
from connector.domain.ledger import RunRecord
from connector.domain.plan import Act, Change, RuleCount
from connector.domain.report import ChangeLine, Exit, Report, Status
from connector.engine.decided import Decided
from connector.engine.opening import open_session
from connector.engine.parts import PLAN, RECONCILE, Parts, Request
from connector.engine.recording import Recorder, remember_decided
from connector.engine.saying import time_unknown
from connector.engine.session import Base, Session
from connector.errors import PlatformError, SetupError
from connector.execution.executor import Executor, Hands
from connector.execution.settling import Settling
from connector.planning.limits import Tally, breaches, tally

__all__ = ["PLAN", "RECONCILE", "Parts", "Request", "new_run_id", "run"]


def run(request: Request, parts: Parts) -> Report:
    """One run over the account. Raises PlanRefused when another run holds it, SetupError when something has to be edited."""
    record = RunRecord(
        id=new_run_id(parts.now()),
        command=request.command,
        scope=_scope_text(request),
        started_at=parts.now(),
        mapping_digest=parts.rules.digest,
        is_full=request.is_full,
    )
    report = Report(record.id, request.command, record.started_at, mapping_digest=parts.rules.digest)
    if request.only_plan:
        _run(request, parts, report)
        report.finished_at = parts.now()
        return report
    with parts.store.hold(record.id):
        parts.store.begin_run(record)
        recorder = Recorder(parts.store, record, parts.now)
        recorder.began(parts.rules)
        try:
            _run(request, parts, report)
        except SetupError:
            recorder.ended(report, Exit.SETUP)
            raise
        except BaseException:
            recorder.ended(report, Exit.BUG)
            raise
        report.finished_at = parts.now()
        recorder.ended(report, report.exit_code)
    return report


def _run(request: Request, parts: Parts, report: Report) -> None:
    with open_session(request, parts, report) as session:
        if session is None:
            return  # not read whole: nothing is concluded from what is missing
        with closing(session.decider.out.states):
            _decide_and_do(session, parts, report)
        _count(report, session)


def _decide_and_do(session: Session, parts: Parts, report: Report) -> None:
    request = session.request
    try:
        decided = _decide(session, parts, report)
    except PlatformError as problem:
        # Deciding reads too: whoever is missing from a list is looked for once more.
        report.trouble.append(str(problem))
        return
    lines = _lines_in_scope(request, decided, report)
    base = _totals(session, decided, report)
    _refuse_if_unsafe(request, parts, base, lines, report)
    if report.refusals or parts.stop.is_set():
        _refuse(lines)
    elif not request.only_plan:
        remember_decided(decided, lines, parts.store, run=report.run, now=parts.now(), rules=parts.rules)
        _execute(session, parts, lines, report)
        session.remember_run(base, _tally_of_applied(lines))


def _decide(session: Session, parts: Parts, report: Report) -> Decided:
    parts.progress("matching", 0, None)
    session.meet_people()
    decided = session.decider.decide(_watched(session.contacts(), parts))
    session.say_strays(decided)
    report.trouble += [
        f"class {class_id}: listing_emptied: the list came back empty although open enrolments are known in it; "
        "it rests (--allow emptied says that it is true)"
        for class_id in sorted(decided.emptied)
    ]
    if parts.stop.is_set():
        report.stopped = True
        report.trouble.append("stopped while planning; nothing was written")
    return decided


def _watched(contacts: Iterator[ContactId], parts: Parts) -> Iterator[ContactId]:
    for number, contact in enumerate(contacts, 1):
        if number % 100 == 0:
            parts.progress("planning", number, None)
        if parts.stop.is_set():
            return
        yield contact


def _lines_in_scope(request: Request, decided: Decided, report: Report) -> list[ChangeLine]:
    """The changes, questions and skips that this run is asked about, in the order in which they will be made."""

    changes = [change for change in decided.changes if request.wants(change.rule)]
    report.questions = [question for question in decided.questions if request.wants(question.rule)]
    report.skips = [skip for skip in decided.skips if request.wants(skip.rule)]
    report.names = decided.names
    report.waiting_since = {i: review.asked_at for i, review in decided.waiting.items()}
    lines = [ChangeLine(change, Status.PLANNED) for change in changes]
    if request.saved is not None:
        lines = _only_saved(request.saved, lines)
    if not request.only_plan:
        lines = [line for line in lines if not _waits_for_another(line.change, lines)]
    lines.sort(
        key=lambda line: (line.change.rank, line.change.rule, line.change.contact_id, line.change.record)
    )
    report.changes = lines
    return lines


def _waits_for_another(change: Change, lines: list[ChangeLine]) -> bool:
    """A status for an enrolment that a rule outside this run is to make: it is set by a run that makes it."""
    if change.act is not Act.SET_STATUS or change.enrolment_id is not None:
        return False
    made = {(c.contact_id, c.course_id) for line in lines if (c := line.change).act is Act.ENROL}
    return (change.contact_id, change.course_id) not in made


def _only_saved(saved: tuple[Change, ...], lines: list[ChangeLine]) -> list[ChangeLine]:
    """Exactly the saved changes: those that would be planned again now, and for each other what moved since."""
    fresh = {line.change.id: line for line in lines}
    by_place = {_place(line.change): line for line in lines}
    chosen = []
    for change in saved:
        if change.id in fresh:
            chosen.append(fresh[change.id])
            continue
        now = by_place.get(_place(change))
        moved = "nothing is to be changed here any more"
        if now is not None:
            was, is_now = f"{change.before} to {change.after}", f"{now.change.before} to {now.change.after}"
            moved = f"was {was}, would now be {is_now} ({now.change.reason})"
        chosen.append(ChangeLine(change, Status.REFUSED, f"moved since the plan was saved: {moved}"))
    return chosen


def _place(change: Change) -> tuple[object, ...]:
    """What a change is about, whatever its values: a record's key names class and unit, not the learner."""
    return (
        change.contact_id,
        change.rule,
        change.record,
        change.course_id,
        change.field,
        change.platform,
    )


def _totals(session: Session, decided: Decided, report: Report) -> Base:
    """Pairs of this run's scope into the report; returns what the limits are held against, of the whole account."""
    request = session.request
    counts = {rule: count for rule, count in decided.counts.items() if request.wants(rule)}
    now = RuleCount()
    for count in counts.values():
        now.add(count)
    if not request.is_full:
        report.totals.pairs, report.totals.agreed = now.pairs, now.agreed
        return session.base_of_narrowed_run(decided.counts)
    known, replaced = session.known(), decided.replaced
    report.totals.pairs = now.pairs + known.pairs - replaced.pairs
    report.totals.agreed = now.agreed + known.agreed - replaced.agreed
    matched = now.matched + known.matched - replaced.matched
    return Base(matched, now.history + known.history - replaced.history)


def _refuse_if_unsafe(
    request: Request, parts: Parts, base: Base, lines: list[ChangeLine], report: Report
) -> None:
    planned = [line.change for line in lines if line.status is Status.PLANNED]
    counted = tally(planned) + base.before
    limits = parts.rules.limits
    found = breaches(limits, counted, matched=base.matched, history=base.history, allowed=request.allow)
    report.refusals += [str(breach) for breach in found]


def _refuse(lines: list[ChangeLine]) -> None:
    for line in lines:
        line.status = Status.REFUSED


def _execute(session: Session, parts: Parts, lines: list[ChangeLine], report: Report) -> None:
    """Write, read back, settle."""
    todo = [line for line in lines if line.status is Status.PLANNED]
    if not todo:
        return
    starts = session.known_starts([line.change for line in todo])
    hands = Hands(
        lms=parts.lms,
        vet=parts.vet,
        store=parts.store,
        run=report.run,
        now=parts.now,
        start_of=lambda change: starts.get(change.enrolment_id or ""),
        stop=parts.stop,
        progress=parts.progress,
        task_patience=parts.task_patience,
    )
    executor = Executor(hands)
    executor.carry_out(todo)
    parts.progress("reading back", 0, None)
    rules = {rule.id: rule for rule in parts.rules.rules}
    settling = Settling(parts.lms, parts.vet, parts.store, report.run, parts.now, rules)
    settling.record_failures(todo)
    with session.counting_floor():
        back = settling.settle_all(executor)
    for side, calls in executor.extra_floor.items():
        session.floor[side] += calls
    report.trouble += [str(problem) for problem in (*executor.trouble.values(), *back.trouble.values())]
    report.stopped = parts.stop.is_set()
    report.skips += [time_unknown(change) for change in executor.time_unknown]


def _tally_of_applied(lines: list[ChangeLine]) -> Tally:
    done = (Status.APPLIED, Status.UNVERIFIED)
    return tally(line.change for line in lines if line.status in done)


def _count(report: Report, session: Session) -> None:
    """Fill in totals and calls."""
    totals = report.totals
    for line in report.changes:
        name = line.status.value
        setattr(totals, name, getattr(totals, name) + 1)
    totals.review, totals.skipped = len(report.questions), len(report.skips)
    report.calls = session.calls()


def _scope_text(request: Request) -> str:
    scope: dict[str, object] = {}
    if request.rules:
        scope["rules"] = sorted(request.rules)
    if request.learner is not None:
        scope["learner"] = "one"
    return json.dumps(scope)


CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_run_id(now: datetime) -> str:
    """A ULID: sorts by time, 26 characters."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
