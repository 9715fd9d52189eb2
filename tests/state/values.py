"""Invented values to store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from connector.domain.learner import ContactId, UserId
from connector.domain.ledger import (
    Entry,
    EntryKind,
    Intent,
    IntentState,
    Link,
    PersonState,
    Review,
    ReviewState,
    RunRecord,
)

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    """A clock that stands still until told otherwise."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def pass_by(self, time: timedelta) -> None:
        self.at += time


def a_link(contact: int, user: str, **changes: Any) -> Link:
    values: dict[str, Any] = {"how": "email", "linked_at": NOON} | changes
    return Link(ContactId(contact), UserId(user), **values)


def a_person(contact: int, **changes: Any) -> PersonState:
    values: dict[str, Any] = {
        "user_id": f"user-{contact}",
        "vet_digest": contact * 3,
        "lms_digest": contact * 5,
        "quiet": True,
        "memory": '{"pairs":{}}',
        "said": "",
        "pairs": 1,
        "matched": 1,
        "history": 1,
        "agreed": 1,
        "run": "run-1",
    }
    return PersonState(contact_id=ContactId(contact), **(values | changes))


def an_entry(text: str = "due date moved", **changes: Any) -> Entry:
    values: dict[str, Any] = {"at": NOON, "run": "run-1", "kind": EntryKind.DECISION} | changes
    return Entry(text=text, **values)


def an_intent(intent_id: str, **changes: Any) -> Intent:
    values: dict[str, Any] = {
        "run": "run-1",
        "contact_id": ContactId(22041),
        "rule": "whs",
        "change": '{"due":"2026-03-15"}',
        "state": IntentState.OPEN,
        "at": NOON,
    }
    return Intent(id=intent_id, **(values | changes))


def a_review(review_id: str, **changes: Any) -> Review:
    values: dict[str, Any] = {
        "rule": "whs",
        "contact_id": ContactId(22041),
        "user_id": UserId("user-22041"),
        "field": "outcome",
        "reason": "approval_required",
        "question": '{"proposed":"20"}',
        "evidence": '{"status":"passed"}',
        "state": ReviewState.WAITING,
        "asked_at": NOON,
        "run": "run-1",
    }
    return Review(id=review_id, **(values | changes))


def a_run(run_id: str, **changes: Any) -> RunRecord:
    values: dict[str, Any] = {"command": "reconcile", "scope": "{}", "started_at": NOON} | changes
    return RunRecord(id=run_id, **values)
