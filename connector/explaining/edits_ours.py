"""What a person could decide in the connector, or edit in a mapping file, about one pair."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from connector.domain.learner import User
from connector.domain.ledger import Review, ReviewState
from connector.domain.plan import Question
from connector.domain.rule import (
    Approval,
    Direction,
    Field,
    OnConflict,
    OnUnenrolment,
    OnWithdrawal,
    Rule,
    Side,
    Target,
)
from connector.explaining import hypothesis as what_if
from connector.explaining.facts import Where
from connector.explaining.hypothesis import World
from connector.explaining.subject import Subject
from connector.explaining.suggest import WIDE, Edit
from connector.review.decide import NEEDS_DATE

OURS, MAPPING = Where.CONNECTOR, Where.MAPPING


def our_edits(subject: Subject) -> Iterator[Edit]:
    """Answers to questions, who is who, and the mapping keys of this field."""
    yield from _answers(subject)
    yield from _second_thoughts(subject)
    yield from _pins(subject)
    if subject.record.why == "listing_emptied":
        yield Edit(
            OURS, "allow", ("run", ""), Field.ENROLMENT, "emptied",
            partial(what_if.with_emptied_list_believed, record=subject.record),
        )  # fmt: skip
    yield from _mapping(subject)


# -- questions ----------------------------------------------------------------------------------------------------------


def _answers(subject: Subject) -> Iterator[Edit]:
    """Approving or rejecting what is asked about this field."""
    for question in subject.plan.questions:
        about_person = question.field is Field.PERSON
        mine = (question.rule, question.record) == subject.record.id and question.field is subject.field
        if not mine and not (about_person and question.reason != "ambiguous_person"):
            continue
        for take in _takes(question):
            value = take if take else subject.today.isoformat() if question.reason in NEEDS_DATE else None
            review = _review(question, subject, take)
            yield Edit(
                OURS, "approve", ("review", question.id), question.field, value,
                partial(what_if.with_decision, review=review),
            )  # fmt: skip


def _takes(question: Question) -> tuple[str | None, ...]:
    if question.proposed is not None:
        return (None,)
    if question.field is Field.OUTCOME:
        return (Side.AXCELERATE,)
    return (Side.AXCELERATE, Side.ISPRING)


def _review(question: Question, subject: Subject, take: str | None) -> Review:
    now = subject.world.around.now
    return Review(
        id=question.id,
        rule=question.rule,
        contact_id=question.contact_id,
        user_id=question.user_id,
        field=question.field,
        reason=question.reason,
        question="{}",
        evidence="{}",
        state=ReviewState.APPROVED,
        asked_at=now,
        run="",
        decided_at=now,
        take=take,
        on_date=subject.today if question.reason in NEEDS_DATE else None,
    )


def _second_thoughts(subject: Subject) -> Iterator[Edit]:
    """A decision on record that is not written yet, decided the other way (`--change`)."""
    for review in subject.world.around.decisions.values():
        about = json.loads(review.question or "{}").get("record")
        if (review.rule, about, review.field) != (*subject.record.id, subject.field):
            continue
        if review.state is ReviewState.REJECTED and review.id in subject.plan.standing:
            other, action = replace(review, state=ReviewState.APPROVED, take=review.take), "approve"
            takes: tuple[str | None, ...] = (None,)
            if json.loads(review.question).get("proposed") is None:
                takes = (Side.AXCELERATE,) if subject.field is Field.OUTCOME else tuple(Side)
            for take in takes:
                yield _decide_anew(replace(other, take=take), action, take)
        elif review.state is ReviewState.APPROVED and review.id in subject.plan.standing:
            yield _decide_anew(replace(review, state=ReviewState.REJECTED), "reject", None)


def _decide_anew(review: Review, action: str, take: str | None) -> Edit:
    return Edit(
        OURS, action, ("review", review.id), review.field, take, partial(what_if.with_decision, review=review)
    )


# -- people -------------------------------------------------------------------------------------------------------------


def _pins(subject: Subject) -> Iterator[Edit]:
    person = subject.world.person
    contact = str(person.contact.contact_id)
    users: list[User] = [subject.around.users[u] for u in person.candidates if u in subject.around.users]
    if person.user is not None and person.identity:
        users.insert(0, person.user)
    for user in users:
        yield Edit(
            OURS, "pin", ("contact", contact), Field.PERSON, user.user_id,
            partial(what_if.with_user, user=user),
            is_guess=True,
        )  # fmt: skip
    if person.merged_into and person.user_id:
        yield Edit(OURS, "unpin", ("contact", contact), Field.PERSON, person.user_id, _without_link)


def _without_link(world: World) -> World:
    return what_if.with_user(world, None)


# -- mapping ------------------------------------------------------------------------------------------------------------


def _mapping(subject: Subject) -> Iterator[Edit]:
    rule = subject.rule
    why = subject.world.around.rested_rules.get(rule.id)
    if why is not None:
        yield from _course_keys(subject, why)
    for key, value, edited in _edited(subject):
        if edited != rule:
            world = partial(what_if.with_rule, rule=edited)
            yield Edit(MAPPING, "edit", ("rule", rule.id), key, value, world, cost=WIDE)


def _course_keys(subject: Subject, why: str) -> Iterator[Edit]:
    for course in subject.rule.courses:
        shown = subject.around.titles.get(course.course_id)
        is_right = shown is not None and shown.strip() == (course.title or shown).strip()
        if course.title is None or is_right:
            continue
        key = "ispring.courses.title" if why == "title_moved" else "ispring.courses"
        yield Edit(
            MAPPING, "edit", ("rule", subject.rule.id), key, shown,
            partial(what_if.without_rest, rule=subject.rule.id),
        )  # fmt: skip


def _edited(subject: Subject) -> Iterator[tuple[str, str, Rule]]:
    """Keys of this field with another value: (key, value as it is written, the rule as it would be)."""
    rule, field = subject.rule, subject.field
    enrolment = rule.enrolment
    if field is Field.ENROLMENT:
        yield "enrolment.create", "true", replace(rule, enrolment=replace(enrolment, create=True))
        yield "enrolment.create", "false", replace(rule, enrolment=replace(enrolment, create=False))
        for choice in (OnUnenrolment.REVIEW, OnUnenrolment.RECREATE):
            edited = replace(rule, enrolment=replace(enrolment, on_unenrolment=choice))
            yield "enrolment.on_unenrolment", choice, edited
        keep = replace(enrolment, on_withdrawal=OnWithdrawal.KEEP)
        yield "enrolment.on_withdrawal", OnWithdrawal.KEEP, replace(rule, enrolment=keep)
    elif field is Field.OUTCOME:
        for approval in Approval:
            yield (
                "outcome.approval",
                approval,
                replace(rule, outcome=replace(rule.outcome, approval=approval)),
            )
        review = replace(rule.outcome, on_conflict=OnConflict.REVIEW)
        yield "outcome.on_conflict", OnConflict.REVIEW, replace(rule, outcome=review)
    else:
        if field in (Field.ACCESS, Field.DUE_DATE):
            text = "false" if rule.lock_after else "true"
            yield "due_date.lock_after", text, replace(rule, lock_after=not rule.lock_after)
        yield from _field_keys(rule, field)


def _field_keys(rule: Rule, field: Field) -> Iterator[tuple[str, str, Rule]]:
    choice = getattr(rule, field.value)
    one_way = rule.target is Target.CLASS and field is not Field.ACCESS
    directions = (Direction.TO_ISPRING, Direction.OFF) if one_way else tuple(Direction)
    for direction in directions:
        yield f"{field}.direction", direction, replace(rule, **{field: replace(choice, direction=direction)})
    for side in OnConflict:
        yield f"{field}.on_conflict", side, replace(rule, **{field: replace(choice, on_conflict=side)})
