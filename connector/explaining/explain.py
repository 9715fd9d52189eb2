"""Explain one learner: every pair, every field, from what was read, what is remembered, and the plan itself. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connector.domain.learner import CourseId
from connector.domain.ledger import Link
from connector.domain.plan import PersonPlan
from connector.domain.rule import Field
from connector.explaining.calls import Key
from connector.explaining.deciding_key import decided_by
from connector.explaining.edits_lms import lms_edits
from connector.explaining.edits_ours import our_edits
from connector.explaining.edits_vet import vet_edits
from connector.explaining.facts import (
    Call,
    Candidate,
    Explanation,
    FieldFacts,
    Governs,
    LinkFacts,
    PairFacts,
    State,
    Verdict,
)
from connector.explaining.hypothesis import World
from connector.explaining.strays import stray_pairs
from connector.explaining.subject import Around, Subject
from connector.explaining.suggest import suggestions
from connector.explaining.values import agreed_on, lms_value, vet_value
from connector.explaining.verdict import GOVERNED, fields_of, verdict_of
from connector.planning.draft import Draft
from connector.planning.plan import by_course, decided_records
from connector.planning.standing import Record, Stand, governing


def explain(
    world: World,
    plan: PersonPlan,
    around: Around,
    *,
    link: Link | None,
    calls: Mapping[Key, Call],
    wanted: frozenset[str] = frozenset(),
) -> Explanation:
    """Everything about one learner. `wanted` narrows it to these rules; `calls` are the last writes per field."""
    records = decided_records(Draft(world.person, world.memory, world.around))
    governors = {course: governing(behind) for course, behind in by_course(records).items()}
    behind = by_course(records)
    teller = _Teller(world, plan, around, governors, behind, calls)
    pairs = [teller.pair(record) for record in records if not wanted or record.rule.id in wanted]
    pairs += [pair for pair in stray_pairs(world, plan) if not wanted or pair.rule.id in wanted]
    contact = world.person.contact
    return Explanation(
        contact_id=contact.contact_id,
        name=contact.name,
        email=contact.email,
        link=_link(world, around, link),
        pairs=tuple(pairs),
    )


def _link(world: World, around: Around, link: Link | None) -> LinkFacts:
    person = world.person
    candidates = tuple(
        Candidate(user, around.users[user].login, around.users[user].email)
        if user in around.users
        else Candidate(user)
        for user in person.candidates
    )
    reason = person.identity or ("" if person.user_id else "no_ispring_user")
    return LinkFacts(
        user_id=person.user_id,
        how=link.how if link else None,
        since=link.linked_at if link else None,
        pinned=bool(link and link.pinned),
        is_new=bool(link and link.linked_at == world.around.now),
        reason=reason,
        candidates=candidates,
    )


class _Teller:
    """Tells one pair after the other."""

    def __init__(
        self,
        world: World,
        plan: PersonPlan,
        around: Around,
        governors: Mapping[CourseId, Record | None],
        behind: Mapping[CourseId, list[Record]],
        calls: Mapping[Key, Call],
    ) -> None:
        self._world, self._plan, self._around = world, plan, around
        self._governors, self._behind, self._calls = governors, behind, calls

    def pair(self, record: Record) -> PairFacts:
        rule = record.rule
        several = len(rule.course_ids) > 1
        fields = [
            self._field(record, field, course, named=course if several and field in GOVERNED else None)
            for field in fields_of(rule, record)
            for course in (rule.course_ids if field in GOVERNED else rule.course_ids[:1])
        ]
        return PairFacts(rule, record.key, _standing(record), self._governs(record), tuple(fields))

    def _field(self, record: Record, field: Field, course: CourseId, *, named: CourseId | None) -> FieldFacts:
        rule = record.rule
        subject = Subject(
            self._world, self._plan, rule, record, field, course, self._governors.get(course), self._around
        )
        verdict = verdict_of(self._plan, rule, record.key, field, named)
        verdict = _with_rest(subject, verdict)
        edits = (*our_edits(subject), *vet_edits(subject), *lms_edits(subject))
        if verdict.state is not State.WAITS:
            edits = (*vet_edits(subject), *lms_edits(subject), *our_edits(subject))
        found = suggestions(
            edits, self._world, self._plan, rule=rule, key=record.key, field=field, course=named
        )
        code = record.code if record.unit else None
        shown = lms_value(subject)
        return FieldFacts(
            field=field,
            course=named,
            ispring=shown,
            axcelerate=vet_value(subject),
            agreed=agreed_on(subject),
            verdict=verdict,
            decided_by=decided_by(rule, field, verdict, ispring=shown, code=code),
            last_call=self._call(record, field, course),
            what_would_change=found,
        )

    def _call(self, record: Record, field: Field, course: CourseId) -> Call | None:
        key = (record.rule.id, record.key, field.value)
        return self._calls.get((*key, course)) or self._calls.get((*key, None))

    def _governs(self, record: Record) -> Governs | None:
        course = record.rule.course_ids[0]
        governor = self._governors.get(course)
        if governor is None:
            return None
        mine = governor.id == record.id
        return Governs(mine, governor.rule.id, governor.key, _why_governing(governor, self._behind[course]))


_STANDINGS = {
    "": "open",
    "cancelled": "the class enrolment is cancelled",
    "withdrawn_code": "the unit carries a withdrawn code",
    "gone": "the record is gone from aXcelerate",
    "suspended": "the class enrolment is suspended",
    "deferred": "the class enrolment is deferred",
    "granted": "the outcome was granted (recognition or credit)",
    "override": "the module is locked in aXcelerate",
    "final_code": "the unit has a final outcome",
    "module_finished": "the module is finished",
    "tentative": "the class enrolment is tentative",
    "class_completed": "the class enrolment is completed",
}


def _standing(record: Record) -> str:
    """How the record stands in aXcelerate, in words."""
    return _STANDINGS.get(record.why, record.why.replace("_", " "))


def _why_governing(governor: Record, behind: list[Record]) -> str:
    """Why this record decides and no other (contract, section 4: one governs)."""
    if len(behind) == 1:
        return "it is the only record behind the course"
    rivals = [record for record in behind if record.may_govern]
    if len(rivals) == 1 and governor.may_govern:
        return f"of {len(behind)} records behind the course it is the only open one"
    which = f"{len(rivals)} open records" if rivals else f"{len(behind)} records, none of them open,"
    same = [r for r in (rivals or behind) if r.enrolled_at == governor.enrolled_at]
    if len(same) == 1:
        return f"of {which} behind the course it was enrolled last ({governor.enrolled_at[:10]})"
    if len({r.enrol_id for r in same}) > 1:
        return f"of {which} behind the course, enrolled at the same time, it has the highest class enrolment number"
    return f"of {which} behind the course its rule stands first in the mapping files"


def _with_rest(subject: Subject, verdict: Verdict) -> Verdict:
    """What a plan leaves alone without a word: the field does not differ from what was agreed, it is not compared."""
    if verdict.state is not State.AGREES:
        return verdict
    text = _rest_of(subject)
    return replace(verdict, state=State.RESTS, detail=text) if text else verdict


def _rest_of(subject: Subject) -> str:
    record, standing = subject.record, _standing(subject.record)
    is_date = subject.field in (Field.START_DATE, Field.DUE_DATE)
    if subject.field is Field.OUTCOME:
        judged = record.is_final or record.stand is Stand.OPEN
        return "" if judged else f"no outcome is written: {standing}"
    if subject.enrolment is None:
        return "" if record.stand is Stand.OPEN else f"no place in the course, and none is made: {standing}"
    if is_date and (record.is_final or record.stand in (Stand.FINISHED, Stand.WITHDRAWN)):
        return "both dates rest: an end date beside a final outcome is a completion date"
    if is_date and subject.closed is not None:
        return "access is closed; the dates come back with it"
    return ""
