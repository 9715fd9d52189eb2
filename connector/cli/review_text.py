"""Questions as a person reads them, and as scripts do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from connector.cli.json_report import instant
from connector.cli.screen import say
from connector.cli.words import FIELDS, PLATFORMS, advice, ago, value_words
from connector.domain import reasons
from connector.domain.ledger import ReviewState
from connector.domain.rule import Field, Side

if TYPE_CHECKING:
    from connector.domain.ledger import Review

_EVIDENCE = {
    "status": "status in iSpring Learn",
    "score": "score",
    "completed_on": "completed on",
    "start": "start of the unit",
    "certificate": "certificate",
    "compliance_rule": "compliance rule",
    "matchers_say": "the matchers say",
    "merged_into": "merged into contact",
}
"""Evidence worth a line on the screen; the JSON holds all of it."""


def review_json(review: Review) -> dict[str, Any]:
    """The question as the report of a run shows it, with its evidence and what was decided."""
    question: dict[str, Any] = json.loads(review.question)
    return question | {
        "id": review.id,
        "evidence": json.loads(review.evidence or "{}"),
        "state": review.state.value,
        "asked_at": instant(review.asked_at),
        "decided_at": instant(review.decided_at),
        "by": review.by,
        "take": review.take,
        "date": review.on_date.isoformat() if review.on_date else None,
        "why": review.why,
    }


def show_reviews(reviews: list[Review], jurisdictions: Mapping[str, str], *, now: datetime) -> None:
    """Every question with both values, the evidence, its age, and the exact write of an approval."""
    for review in reviews:
        _show(review, jurisdictions.get(review.rule), now)
    if not reviews:
        say("Nothing waits for a person.")
        return
    waiting = sum(review.state is ReviewState.WAITING for review in reviews)
    say(f"{waiting} waiting for a person")


def _show(review: Review, jurisdiction: str | None, now: datetime) -> None:
    question = json.loads(review.question)
    field = Field(review.field)
    email = question.get("learner", {}).get("email") or ""
    person = f"{email}, contact {review.contact_id}" if email else f"contact {review.contact_id}"
    say((review.id, "bold"), f"  {person}", (f"  asked {ago(review.asked_at, now)}", "dim"))
    say(f"{FIELDS[field]}, rule {review.rule}: {reasons.says('review', review.reason)}", indent=2)
    for side in Side:
        value = value_words(field, question.get(side.value), jurisdiction)
        say(f"{PLATFORMS[side]}: {value}", indent=4)
    if question.get("agreed") is not None:
        say(f"last agreed: {value_words(field, question['agreed'], jurisdiction)}", indent=4)
    for name, value in json.loads(review.evidence or "{}").items():
        if name in _EVIDENCE and value is not None:
            say(f"{_EVIDENCE[name]}: {value}", indent=4)
    _show_decision(review, field, question, jurisdiction)


def _show_decision(review: Review, field: Field, question: dict[str, Any], jurisdiction: str | None) -> None:
    if review.state is not ReviewState.WAITING:
        say(f"{review.state.value} by {review.by}", indent=4)
        return
    if question.get("proposed") is not None:
        proposed = value_words(field, question["proposed"], jurisdiction)
        say((f"approving writes: {proposed}", "cyan"), indent=4)
    say((advice(review.reason, review.id, review.contact_id), "dim"), indent=4)
