"""What a person may decide about a question, and putting the decision on record (contract, section 4, Reviews)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date as Date
from typing import TYPE_CHECKING, Any

from connector.domain.learner import ContactId
from connector.domain.ledger import Entry, EntryKind, Review, ReviewState
from connector.domain.rule import Field, Side
from connector.errors import UsageError
from connector.review.links import relink

if TYPE_CHECKING:
    from connector.state.store import Store

NEEDS_DATE = frozenset({"no_completion_date", "completion_date_implausible", "withdrawn_without_engagement"})
"""Reasons for which an approval has to bring the completion date: a date is never bent to fit, and a final code never goes without."""
NEEDS_PIN = frozenset({"ambiguous_person"})
"""Reasons that no approval can answer: somebody has to say who is who."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A checked decision, not yet on record."""

    review: Review
    state: ReviewState
    take: Side | None = None
    on_date: Date | None = None
    why: str | None = None


def approval(
    review: Review, *, take: Side | None, date: str | None, today: Date, may_change: bool
) -> Decision:
    """Check an approval. Raises UsageError saying what is missing or does not fit."""
    _refuse_decided(review, may_change)
    question = json.loads(review.question)
    if review.reason in NEEDS_PIN:
        raise UsageError(
            f"review {review.id}: approving cannot say who this is; use `connector links pin {review.contact_id} USER_ID`"
        )
    _check_side(review, question, take)
    return Decision(review, ReviewState.APPROVED, take=take, on_date=_checked_date(review, date, today))


def rejection(review: Review, *, why: str, may_change: bool) -> Decision:
    """Check a rejection; it needs a reason in words."""
    _refuse_decided(review, may_change)
    if not why.strip():
        raise UsageError("--reason is empty; say why, it stands in the journal")
    return Decision(review, ReviewState.REJECTED, why=why.strip())


def _refuse_decided(review: Review, may_change: bool) -> None:
    if review.state is ReviewState.WAITING:
        return
    if review.state not in (ReviewState.APPROVED, ReviewState.REJECTED):
        raise UsageError(f"review {review.id} is {review.state.value}: there is nothing left to decide")
    if not may_change:
        raise UsageError(
            f"review {review.id} was {review.state.value} by {review.by} already; --change decides it anew"
        )


def _check_side(review: Review, question: dict[str, Any], take: Side | None) -> None:
    proposed = question.get("proposed")
    if proposed is None:
        if take is None:
            raise UsageError(f"review {review.id} proposes nothing: say --take axcelerate or --take ispring")
        if review.field == Field.OUTCOME and take is Side.ISPRING:
            raise UsageError(
                f"review {review.id}: a final outcome is never overwritten by the program; "
                "a person changes the code in aXcelerate, or approves with --take axcelerate"
            )
    elif take is not None and not _gives(question, take, proposed):
        raise UsageError(
            f"review {review.id} would write {proposed}, which is not what {take.value} holds; "
            "leave --take out, or reject the question"
        )


def _gives(question: dict[str, Any], take: Side, proposed: str) -> bool:
    """Whether the proposal is that side's value; an outcome code always comes from iSpring's result."""
    if question.get("field") == Field.OUTCOME:
        return take is Side.ISPRING
    return bool(question.get(take.value) == proposed)


def _checked_date(review: Review, text: str | None, today: Date) -> Date | None:
    if text is None:
        if review.reason in NEEDS_DATE:
            raise UsageError(f"review {review.id}: say the day of completion with --date YYYY-MM-DD")
        return None
    if review.field != Field.OUTCOME:
        raise UsageError(f"review {review.id} is about {review.field}: --date is for outcomes only")
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise UsageError(f"--date {text}: write the day as YYYY-MM-DD")
    try:
        day = Date.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--date {text} is not a day of the calendar") from exc
    if day > today:
        raise UsageError(f"--date {text} is in the future; a completion date is not")
    if (start := json.loads(review.evidence or "{}").get("start")) and day < Date.fromisoformat(start):
        raise UsageError(
            f"--date {text} is before the start of the unit, {start}; if that start is wrong, "
            "correct it in aXcelerate and approve after the next run"
        )
    return day


def decide(store: Store, decision: Decision, *, by: str) -> Review:
    """Put a decision on record, and a line about it into the journal. Following a merged contact is done at once."""
    take = decision.take.value if decision.take else None
    follows = decision.review.reason == "contact_merged" and decision.state is ReviewState.APPROVED
    if follows:
        survivor = ContactId(int(json.loads(decision.review.question)["proposed"]))
        relink(store, decision.review.contact_id, survivor, by=by)
    review = store.decide(
        decision.review.id, decision.state, by=by, take=take, on_date=decision.on_date, why=decision.why
    )
    store.append([_entry(store, review, by)])
    if follows:
        store.mark([review.id], ReviewState.APPLIED)
    return review


def _entry(store: Store, review: Review, by: str) -> Entry:
    question = json.loads(review.question)
    verdict = f"{review.state.value} ({review.why})" if review.why else review.state.value
    return Entry(
        at=store.now(),
        run="",
        kind=EntryKind.REVIEW,
        text=f"review {review.id} was {verdict}",
        rule=review.rule,
        contact_id=review.contact_id,
        user_id=review.user_id,
        field=review.field,
        before=question.get("axcelerate"),
        after=question.get("proposed") if review.state is ReviewState.APPROVED else None,
        reason=review.reason,
        by=by,
        detail={
            "review": review.id,
            "decision": review.state.value,
            "take": review.take,
            "date": review.on_date.isoformat() if review.on_date else None,
            "why": review.why,
            "evidence": json.loads(review.evidence or "{}"),
        },
    )
