"""Questions for a person, and what was decided."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from connector.domain.learner import ContactId
from connector.domain.ledger import Review, ReviewState
from connector.errors import UsageError
from connector.state.engine import MANY_IDS, AnyRow, AnySelect, Database, chunks, columns, upsert
from connector.state.tables import REVIEW

_FIELDS = tuple(field.name for field in fields(Review))
_DECIDABLE = (ReviewState.WAITING, ReviewState.APPROVED, ReviewState.REJECTED)
_REFRESHED = ("rule", "user_id", "question", "evidence", "run")
# An id comes from the evidence, a completion date among it: alone it would put one run's questions in another order every day.
_IN_ORDER = ("asked_at", "contact_id", "rule", "field", "id")
_OF_A_DECISION = ("state", "decided_at", "by", "take", "on_date", "why")


class Reviews(Database):
    """Asking once, keeping the answer."""

    def put(self, reviews: Iterable[Review]) -> None:
        """Ask these questions. One asked before keeps its decision and its date; its wording and evidence are brought up to date.

        A lapsed question that comes back is asked anew.
        """
        with self._writing() as connection:
            upsert(connection, REVIEW, (self._review_row(review) for review in reviews), updates=_ask_again)

    def get(self, review_id: str) -> Review:
        """One question. Raises UsageError for an unknown id."""
        with self._reading() as connection:
            return self._get_review(connection, review_id)

    def waiting(self, *, rule: str | None = None, contact: ContactId | None = None) -> list[Review]:
        """Questions that nobody has answered, oldest first; those of one run by person, rule and field."""
        query = self._reviews_query().where(REVIEW.c.state == ReviewState.WAITING.value)
        if rule is not None:
            query = query.where(REVIEW.c.rule == rule)
        if contact is not None:
            query = query.where(REVIEW.c.contact_id == contact)
        with self._reading() as connection:
            return [_review(row) for row in connection.execute(query)]

    def decide(
        self,
        review_id: str,
        state: ReviewState,
        *,
        by: str,
        take: str | None = None,
        on_date: date | None = None,
        why: str | None = None,
        at: datetime | None = None,
    ) -> Review:
        """Record a person's decision, APPROVED or REJECTED, and return the question with it.

        A decision may be changed until it was applied. Raises UsageError for an unknown id, or one that is applied or lapsed.
        """
        decision = {
            "state": state.value,
            "by": by,
            "take": take,
            "on_date": on_date,
            "why": why,
            "decided_at": at or self.now(),
        }
        # A person may decide while a run holds the account.
        with self._writing(fenced=False) as connection:
            review = self._get_review(connection, review_id)
            if review.state not in _DECIDABLE:
                raise UsageError(
                    f"review {review_id} is {review.state.value}: there is nothing left to decide"
                )
            connection.execute(
                sa.update(REVIEW).where(self._mine(REVIEW), REVIEW.c.id == review_id).values(decision)
            )
            return self._get_review(connection, review_id)

    def decisions(self, contacts: Collection[ContactId] | None = None) -> dict[str, Review]:
        """Every question that has not lapsed, waiting ones too, by id."""
        query = self._reviews_query().where(REVIEW.c.state != ReviewState.LAPSED.value)
        parts = [query]
        if contacts is not None:
            parts = [query.where(REVIEW.c.contact_id.in_(ids)) for ids in chunks(contacts, MANY_IDS)]
        with self._reading() as connection:
            return {row.id: _review(row) for part in parts for row in connection.execute(part)}

    def mark(self, review_ids: Iterable[str], state: ReviewState) -> None:
        """Move questions on: APPLIED once written, LAPSED once their evidence has changed."""
        with self._writing() as connection:
            for ids in chunks(review_ids, MANY_IDS):
                mine = self._mine(REVIEW) & REVIEW.c.id.in_(ids)
                connection.execute(sa.update(REVIEW).where(mine).values(state=state.value))

    def _reviews_query(self) -> AnySelect:
        query = sa.select(*columns(REVIEW, _FIELDS)).where(self._mine(REVIEW))
        return query.order_by(*columns(REVIEW, _IN_ORDER))

    def _get_review(self, connection: sa.Connection, review_id: str) -> Review:
        query = self._reviews_query().where(REVIEW.c.id == review_id).with_for_update()
        row = connection.execute(query).one_or_none()
        if row is None:
            raise UsageError(f"there is no review {review_id}; `connector review list` shows what waits")
        return _review(row)

    def _review_row(self, review: Review) -> dict[str, Any]:
        row = {name: getattr(review, name) for name in _FIELDS}
        return {**row, "account": self.account, "state": review.state.value}


def _ask_again(stored: sa.Table, asked: Any) -> Mapping[str, Any]:
    """What a question asked again changes of the one on record."""
    has_lapsed = stored.c.state == ReviewState.LAPSED.value
    anew = {
        name: sa.case((has_lapsed, asked[name]), else_=stored.c[name])
        for name in ("asked_at", *_OF_A_DECISION)
    }
    return {name: asked[name] for name in _REFRESHED} | anew


def _review(row: AnyRow) -> Review:
    review = Review(*row)
    review.state = ReviewState(review.state)
    return review
