"""How one field of one pair stands in a plan: what would change, waits, rests, or agrees."""

from __future__ import annotations

from collections.abc import Iterator

from connector.domain.learner import CourseId
from connector.domain.plan import Change, PersonPlan, Question, Skip
from connector.domain.rule import Direction, Field, Rule
from connector.explaining.facts import State, Verdict
from connector.planning.standing import Record

GOVERNED = (Field.ENROLMENT, Field.START_DATE, Field.DUE_DATE, Field.ACCESS)
"""What the governing record decides, for each course of its rule; `outcome` is the unit's own."""

_FIELDS_OF_SKIPS: dict[str, tuple[Field, ...]] = {
    "duplicate_enrolment": (Field.ENROLMENT,),
    "already_over": (Field.ENROLMENT,),
    "kept_open": (Field.ACCESS,),
    "status_running": (Field.OUTCOME,),
}
"""The fields that a skip without one is about; any other is about all that a governing record decides."""

_RESTING = frozenset(
    {
        "unknown_status", "unreadable_record", "not_proven_gone", "listing_emptied",
        "title_moved", "unknown_course", "contact_merged",
    }
)  # fmt: skip
"""Reasons for which the whole record rests, its outcome too."""

_FIELDS_OF_PERSON_QUESTIONS = {
    "ambiguous_person": GOVERNED,
    "link_contradicted": (Field.OUTCOME,),
    "contact_merged": GOVERNED,
}
"""A question about who somebody is concerns every record of theirs, in these fields."""


def fields_of(rule: Rule, record: Record) -> tuple[Field, ...]:
    """The fields that a pair of this rule has."""
    has_outcome = record.unit is not None and rule.outcome.is_used
    return (*GOVERNED, Field.OUTCOME) if has_outcome else GOVERNED


def verdict_of(
    plan: PersonPlan, rule: Rule, key: str | None, field: Field, course: CourseId | None
) -> Verdict:
    """How a field stands. A question comes before a change, a change before what is left alone."""
    found = [
        *(_of_question(q) for q in plan.questions if _asks_about(q, rule, key, field)),
        *(_of_change(c) for c in plan.changes if _changes(c, rule, key, field, course)),
        *(_of_skip(s) for s in plan.skips if _leaves(s, rule, key, field)),
    ]
    if not found:
        return Verdict(State.OFF if _is_off(rule, field) else State.AGREES)
    first, *others = found
    also = tuple(dict.fromkeys(v.reason for v in others if v.reason and v.reason != first.reason))
    return Verdict(first.state, first.kind, first.reason, first.after, first.detail, first.review, also)


def weight(plan: PersonPlan) -> int:
    """How much a plan has to do, ask or leave alone: a suggestion should not make more of it."""
    return len(plan.changes) + len(plan.questions) + len(plan.skips)


def strays(plan: PersonPlan) -> Iterator[Skip]:
    """What was left alone without being a record of a rule: places without a record, rows that cannot be read."""
    for skip in plan.skips:
        if skip.record is None or skip.record.startswith("enrolment:"):
            yield skip


def _asks_about(question: Question, rule: Rule, key: str | None, field: Field) -> bool:
    if question.field is Field.PERSON:
        return field in _FIELDS_OF_PERSON_QUESTIONS.get(question.reason, GOVERNED)
    return (question.rule, question.record, question.field) == (rule.id, key, field)


def _changes(change: Change, rule: Rule, key: str | None, field: Field, course: CourseId | None) -> bool:
    if (change.rule, change.record, change.field) != (rule.id, key, field):
        return False
    return course is None or change.course_id is None or change.course_id == course


def _leaves(skip: Skip, rule: Rule, key: str | None, field: Field) -> bool:
    if (skip.rule, skip.record) != (rule.id, key):
        return False
    if skip.field is not None:
        return skip.field is field
    if skip.reason in _RESTING:
        return True
    return field in _FIELDS_OF_SKIPS.get(skip.reason, GOVERNED)


def _of_question(question: Question) -> Verdict:
    return Verdict(State.WAITS, "review", question.reason, question.proposed, review=question.id)


def _of_change(change: Change) -> Verdict:
    return Verdict(State.WOULD_CHANGE, "change", change.reason, change.after, review=change.review)


def _of_skip(skip: Skip) -> Verdict:
    return Verdict(State.RESTS, "skipped", skip.reason, detail=skip.detail)


def _is_off(rule: Rule, field: Field) -> bool:
    directions = {
        Field.START_DATE: rule.start_date.direction,
        Field.DUE_DATE: rule.due_date.direction,
        Field.ACCESS: rule.access.direction,
    }
    return directions.get(field) is Direction.OFF
