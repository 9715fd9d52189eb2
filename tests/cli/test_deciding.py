"""What a person may decide about a question (contract, section 4, Reviews)."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime

import pytest

from connector.domain.learner import ContactId
from connector.domain.ledger import Review, ReviewState
from connector.domain.rule import Side
from connector.errors import UsageError
from connector.review.decide import approval, rejection

TODAY = date(2026, 3, 20)


def a_review(
    reason: str,
    *,
    field: str = "outcome",
    proposed: str | None = None,
    ispring: str | None = "passed",
    axcelerate: str | None = "70",
    state: ReviewState = ReviewState.WAITING,
    evidence: dict[str, str] | None = None,
) -> Review:
    question = {"field": field, "proposed": proposed, "ispring": ispring, "axcelerate": axcelerate}
    return Review(
        id="3f2a91c0d4e5",
        rule="whs-induction",
        contact_id=ContactId(22041),
        user_id=None,
        field=field,
        reason=reason,
        question=json.dumps(question),
        evidence=json.dumps(evidence or {}),
        state=state,
        asked_at=datetime(2026, 3, 1, tzinfo=UTC),
        run="01J",
        by="Ana" if state is not ReviewState.WAITING else None,
    )


def approve(review: Review, *, take: Side | None = None, date: str | None = None, may_change: bool = False):  # type: ignore[no-untyped-def]
    return approval(review, take=take, date=date, today=TODAY, may_change=may_change)


def test_a_proposal_is_approved_without_another_word() -> None:
    decision = approve(a_review("approval_required", proposed="20"))

    assert (decision.state, decision.take, decision.on_date) == (ReviewState.APPROVED, None, None)


def test_where_nothing_is_proposed_a_side_has_to_be_named() -> None:
    question = a_review("conflict", field="due_date", ispring="2026-03-01", axcelerate="2026-03-08")

    with pytest.raises(UsageError, match="--take"):
        approve(question)
    assert approve(question, take=Side.ISPRING).take is Side.ISPRING


def test_a_final_outcome_is_never_taken_from_ispring() -> None:
    question = a_review("conflict", ispring="failed", axcelerate="20")

    with pytest.raises(UsageError, match="never overwritten"):
        approve(question, take=Side.ISPRING)
    assert approve(question, take=Side.AXCELERATE).take is Side.AXCELERATE


def test_a_side_that_is_not_what_would_be_written_is_refused() -> None:
    past = a_review(
        "avetmiss_interim_past_end",
        field="due_date",
        proposed="2026-03-01",
        ispring="2026-03-01",
        axcelerate="2026-04-01",
    )

    assert approve(past, take=Side.ISPRING).take is Side.ISPRING
    with pytest.raises(UsageError, match="reject"):
        approve(past, take=Side.AXCELERATE)


@pytest.mark.parametrize("reason", ["no_completion_date", "completion_date_implausible"])
def test_a_missing_completion_date_has_to_be_given(reason: str) -> None:
    question = a_review(reason, proposed="20")

    with pytest.raises(UsageError, match="--date"):
        approve(question)
    assert approve(question, date="2026-03-14").on_date == date(2026, 3, 14)


@pytest.mark.parametrize(
    "text", ["14/03/2026", "2026-3-14", "20260314", "2026-02-30", "2026-03-21", "yesterday"]
)
def test_a_date_is_a_day_of_the_calendar_and_not_in_the_future(text: str) -> None:
    with pytest.raises(UsageError, match="--date"):
        approve(a_review("no_completion_date", proposed="20"), date=text)


def test_a_completion_date_is_not_before_the_start_of_the_unit() -> None:
    """Seen: the day that a person named was written although the unit began after it."""
    question = a_review("completion_date_implausible", proposed="20", evidence={"start": "2026-03-10"})

    with pytest.raises(UsageError, match="before the start of the unit, 2026-03-10"):
        approve(question, date="2026-03-09")
    assert approve(question, date="2026-03-10").on_date == date(2026, 3, 10)


def test_a_date_is_for_outcomes_only() -> None:
    with pytest.raises(UsageError, match="outcomes only"):
        approve(a_review("unenrolled", field="enrolment", proposed="enrolled"), date="2026-03-14")


def test_who_somebody_is_cannot_be_approved() -> None:
    with pytest.raises(UsageError, match="links pin 22041"):
        approve(a_review("ambiguous_person", field="person"), take=Side.ISPRING)


def test_a_decision_is_changed_only_where_somebody_says_so() -> None:
    decided = a_review("approval_required", proposed="20", state=ReviewState.REJECTED)

    with pytest.raises(UsageError, match="rejected by Ana"):
        approve(decided)
    assert approve(decided, may_change=True).state is ReviewState.APPROVED


@pytest.mark.parametrize("state", [ReviewState.APPLIED, ReviewState.LAPSED])
def test_what_is_written_or_lapsed_is_past_deciding(state: ReviewState) -> None:
    with pytest.raises(UsageError, match="nothing left to decide"):
        approve(a_review("approval_required", proposed="20", state=state), may_change=True)


def test_a_rejection_says_why() -> None:
    question = a_review("approval_required", proposed="20")

    with pytest.raises(UsageError):
        rejection(question, why="  ", may_change=False)
    assert rejection(question, why=" practical part failed ", may_change=False).why == "practical part failed"
