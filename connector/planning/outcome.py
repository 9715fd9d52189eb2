"""outcome (units only): decided from present values, never from a difference (contract, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from connector.domain.enrolment import Completion, Enrolment, EnrolmentId, Status
from connector.domain.learner import CourseId
from connector.domain.ledger import Review
from connector.domain.memory import StatusSet
from connector.domain.outcome import Role, role_of
from connector.domain.plan import AUTOMATIC, Act, Rank
from connector.domain.rule import Approval, CompleteWhen, Field, OnConflict, Rule, Side, Target
from connector.planning.compliance import ComplianceRule, Proposal, outcome_breach
from connector.planning.dates import written_record
from connector.planning.draft import Draft
from connector.planning.standing import Record, Stand


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the LMS says about a rule's courses together. `status` None: nothing that counts.

    `completed_on` is the completion date in the RTO's zone. `attempt` names the enrolments it rests on.
    """

    status: Status | None
    completed_on: date | None = None
    score: float | None = None
    has_certificate: bool = False
    attempt: str = ""
    started: bool = False


def plan_outcomes(draft: Draft, records: list[Record]) -> None:
    """Decide the outcome of every unit: one record of each unit counts, the governing one."""
    for same_unit in _by_unit(records):
        _plan_unit(draft, same_unit)


def plan_statuses_of_new(draft: Draft, records: list[Record]) -> None:
    """An enrolment that this plan makes gets the status of its unit's code in the same run: the next one has nothing left to do."""
    made = {change.course_id for change in draft.plan.changes if change.act is Act.ENROL}
    for same_unit in _by_unit(records) if made else ():
        record = _that_counts(same_unit)
        if record is None or record.stand is Stand.RESTS or record.unit is None:
            continue
        wanted = record.rule.outcome.to_ispring.get(record.code)
        for course in record.rule.course_ids:
            if wanted is not None and course in made:
                _plan_set_status(draft, record, course, None, None, wanted, "changed_in_axcelerate")


def _by_unit(records: list[Record]) -> Iterable[list[Record]]:
    by_unit: dict[str, list[Record]] = {}
    for record in records:
        # A record that is neither shown nor proven gone may still be the one that counts, or hold a final code.
        if record.rule.target is Target.UNIT and record.why != "gone":
            by_unit.setdefault(record.key.rpartition("/")[2], []).append(record)
    return by_unit.values()


def _that_counts(same_unit: list[Record]) -> Record | None:
    """Of the records of one unit the governing one among those whose rule has an outcome."""
    records = [record for record in same_unit if record.rule.outcome.is_used]
    return governing_unit(records) if records else None


def _plan_unit(draft: Draft, same_unit: list[Record]) -> None:
    record = _that_counts(same_unit)
    if record is None:
        return
    others = [other for other in same_unit if other.class_id != record.class_id]
    for other in same_unit:
        if other is not record and other.rule.outcome.is_used and other.stand is Stand.OPEN:
            draft.skip(
                other, "governed_by_other_record", f"{record.key} decides the outcome", field=Field.OUTCOME
            )
    if record.stand is Stand.RESTS or record.unit is None:
        return
    evidence = combine(draft, record.rule)
    _plan_to_ispring(draft, record)
    if record.stand is Stand.OPEN and any(_holds_final(other) for other in others):
        if _target_code(record, evidence) is not None:
            detail = "this unit holds a final outcome in another class"
            draft.skip(record, "already_assessed", detail, field=Field.OUTCOME)
        return
    later = any(o.order > record.order and o.stand in (Stand.CLOSING, Stand.IDLE) for o in others)
    _plan_to_axcelerate(draft, record, evidence, later=later)


def _holds_final(record: Record) -> bool:
    """Whether this record holds a final code, or did when it was last shown."""
    return record.is_final or (record.unit is None and record.stand is Stand.FINISHED)


def governing_unit(records: list[Record]) -> Record:
    """Of the open ones (where none is open, of all) the last in order."""
    live = [record for record in records if record.may_govern]
    return max(live or records, key=lambda record: record.order)


def combine(draft: Draft, rule: Rule) -> Evidence:
    """The LMS's word on all courses of a rule (`complete_when`), leaving out what we set ourselves."""
    found = [_course_evidence(draft, course) for course in rule.course_ids]
    if len(found) == 1:
        return found[0]
    succeeded = [item for item in found if item.status is not None and item.status.is_success]
    is_open = [item for item in found if item.status is None or item.status.is_open]
    attempt = "+".join(item.attempt for item in found)
    started = any(item.started for item in found)
    if rule.complete_when is CompleteWhen.ANY and succeeded:
        return _with(min(succeeded, key=_moment), attempt, started)
    if rule.complete_when is CompleteWhen.ALL and len(succeeded) == len(found):
        return _with(max(succeeded, key=_moment), attempt, started)
    if is_open:
        status = Status.IN_PROGRESS if started else _common(is_open)
        return Evidence(status=status, attempt=attempt, started=started)
    last = max((item for item in found if item not in succeeded), key=_moment)
    return Evidence(Status.FAILED, last.completed_on, last.score, attempt=attempt, started=started)


def _common(items: list[Evidence]) -> Status | None:
    statuses = {item.status for item in items}
    return statuses.pop() if len(statuses) == 1 else Status.NOT_STARTED


def _moment(item: Evidence) -> tuple[bool, date]:
    return (item.completed_on is None, item.completed_on or date.min)


def _with(item: Evidence, attempt: str, started: bool) -> Evidence:
    return Evidence(item.status, item.completed_on, item.score, item.has_certificate, attempt, started)


def _course_evidence(draft: Draft, course: CourseId) -> Evidence:
    live = draft.live(course)
    if not live:
        return Evidence(status=None)
    enrolment = live[0]
    completion = draft.person.completions.get(enrolment.enrolment_id)
    attempt = enrolment.enrolment_id
    if completion is None or _set_by_us(draft, enrolment.enrolment_id, completion):
        return Evidence(status=None, attempt=attempt)
    done = completion.completed_at
    return Evidence(
        status=completion.status,
        completed_on=draft.around.day_of(done) if done else None,
        score=completion.score,
        has_certificate=enrolment.has_certificate,
        attempt=attempt,
        started=completion.status is not Status.NOT_STARTED,
    )


def _set_by_us(draft: Draft, enrolment_id: EnrolmentId, completion: Completion) -> bool:
    remembered = draft.memory.enrolments.get(enrolment_id)
    mine = remembered.status_set if remembered else None
    return mine is not None and mine.status is completion.status


def _target_code(record: Record, evidence: Evidence) -> str | None:
    if evidence.status is None:
        return None
    code = record.rule.outcome.to_axcelerate.get(evidence.status)
    return None if code == record.code else code


def _plan_to_axcelerate(draft: Draft, record: Record, evidence: Evidence, *, later: bool) -> None:
    """`later`: another class holds a newer place of the learner in this unit, which is not open."""
    code = _target_code(record, evidence)
    if code is None:
        return
    role = role_of(code, record.rule.jurisdiction)
    if record.is_final:
        if role is not Role.INTERIM:
            _plan_conflict(draft, record, evidence, code)
        return
    if record.stand is not Stand.OPEN:
        return
    breach = outcome_breach(record, _proposal(draft, record, evidence, code, later=later))
    automatic = role is Role.INTERIM or record.rule.outcome.approval is Approval.AUTOMATIC
    if breach is None and automatic:
        on = None if role is Role.INTERIM else evidence.completed_on
        plan_code(draft, record, evidence, code, on=on, reason="completion", counts=role is not Role.INTERIM)
        return
    reason = breach.reason if breach else "approval_required"
    approved = _ask_outcome(draft, record, evidence, code, reason, breach)
    if approved is not None:
        on = None if role is Role.INTERIM else approved.on_date or evidence.completed_on
        plan_code(draft, record, evidence, code, on=on, reason="approved", review=approved.id)


def _proposal(draft: Draft, record: Record, evidence: Evidence, code: str, *, later: bool) -> Proposal:
    return Proposal(
        code,
        evidence.completed_on,
        evidence.started,
        draft.around.today,
        later=later,
    )


def _ask_outcome(
    draft: Draft, record: Record, evidence: Evidence, code: str, reason: str, breach: ComplianceRule | None
) -> Review | None:
    return draft.ask(
        record,
        Field.OUTCOME,
        reason,
        ispring=evidence.status,
        axcelerate=record.code,
        proposed=code,
        evidence=facts_of(record, evidence, code),
        shown={
            "score": None if evidence.score is None else f"{evidence.score:g}",
            "certificate": "yes" if evidence.has_certificate else "no",
            "start": record.start.isoformat() if record.start else None,
            "compliance_rule": breach.number if breach else None,
        },
    )


def facts_of(record: Record, evidence: Evidence, code: str) -> dict[str, str | None]:
    """The evidence of an outcome question: code, status, completion date, attempt, and what the mapping makes of it."""
    return {
        "code": record.code,
        "status": evidence.status,
        "completed_on": evidence.completed_on.isoformat() if evidence.completed_on else None,
        "attempt": evidence.attempt,
        "maps_to": code,
    }


def _plan_conflict(draft: Draft, record: Record, evidence: Evidence, code: str) -> None:
    """A final code beside a status that maps to another final code: a person looks; the program never overwrites."""
    if record.rule.outcome.on_conflict is OnConflict.AXCELERATE:
        detail = f"{evidence.status} would be {code}; aXcelerate holds {record.code}, which stands"
        draft.skip(record, "outcome_conflict", detail, field=Field.OUTCOME)
        return
    draft.ask(  # an approval needs no write: a person changes the code in aXcelerate, or it stands
        record,
        Field.OUTCOME,
        "conflict",
        ispring=evidence.status,
        axcelerate=record.code,
        evidence=facts_of(record, evidence, code),
    )


def plan_code(
    draft: Draft,
    record: Record,
    evidence: Evidence,
    code: str,
    *,
    on: date | None,
    reason: str,
    counts: bool = False,
    review: str | None = None,
) -> None:
    """Plan one outcome code, a final one together with its end date."""
    kind, identity = written_record(record)
    draft.change(
        record,
        Field.OUTCOME,
        Side.AXCELERATE,
        record_kind=kind,
        record_id=identity,
        before=record.code,
        after=code,
        agreed=None,
        reason=reason,
        act=Act.UPDATE_UNIT,
        rank=Rank.OUTCOME,
        source=evidence.status,
        expect=record.code,
        on=on,
        review=review,
        counts_outcome=counts,
    )


def _plan_to_ispring(draft: Draft, record: Record) -> None:
    """A code that maps to a status is set on every course of the rule that has not been earned; taken back with the code."""
    wanted = record.rule.outcome.to_ispring.get(record.code)
    for course in record.rule.course_ids:
        live = draft.live(course)
        if not live or live[0].enrolment_id in draft.person.running:
            if live:
                draft.skip(
                    record, "status_running", "iSpring Learn still works on a status change", lasting=False
                )
            continue
        _plan_status(draft, record, live[0], wanted)


def _plan_status(draft: Draft, record: Record, enrolment: Enrolment, wanted: Status | None) -> None:
    completion = draft.person.completions.get(enrolment.enrolment_id)
    remembered = draft.memory.enrolments.get(enrolment.enrolment_id)
    mine = remembered.status_set if remembered else None
    if completion is None:
        return
    if mine is not None and mine.status is not completion.status:
        assert remembered is not None
        remembered.status_set = mine = None  # earned, or changed by a person, since we set it
    if mine is not None and mine.rule == record.rule.id:
        if record.code != mine.code and wanted is not mine.status:
            reason = "changed_in_axcelerate" if wanted else "code_taken_back"
            _plan_set_status(
                draft, record, enrolment.course_id, enrolment.enrolment_id, completion.status, wanted, reason
            )
    elif (
        wanted is not None and mine is None and completion.status in (Status.NOT_STARTED, Status.IN_PROGRESS)
    ):
        _plan_set_status(
            draft,
            record,
            enrolment.course_id,
            enrolment.enrolment_id,
            completion.status,
            wanted,
            "changed_in_axcelerate",
        )


def _plan_set_status(
    draft: Draft,
    record: Record,
    course: CourseId,
    enrolment: EnrolmentId | None,
    shown: Status | None,
    status: Status | None,
    reason: str,
) -> None:
    """Set a course's status once, whatever other units stand behind the enrolment. None of `enrolment` is the one that this plan makes."""
    assert record.unit is not None
    if any(
        change.act is Act.SET_STATUS and (change.course_id, change.enrolment_id) == (course, enrolment)
        for change in draft.plan.changes
    ):
        return
    today = draft.around.today
    draft.change(
        record,
        Field.OUTCOME,
        Side.ISPRING,
        record_kind="enrolment",
        record_id=enrolment,
        before=shown or Status.NOT_STARTED,
        after=status or AUTOMATIC,
        agreed=None,
        reason=reason,
        act=Act.SET_STATUS,
        rank=Rank.OUTCOME,
        course_id=course,
        enrolment_id=enrolment,
        source=record.code,
        expect=shown,
        on=min(record.unit.end or today, today) if status and status.is_success else None,
    )


def remember_status(code: str, status: Status, rule: str) -> StatusSet:
    """What to remember of a status that we set, so that it is never taken for evidence."""
    return StatusSet(status=status, code=code, rule=rule)
