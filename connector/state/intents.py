"""Writes, on record before they leave, and what became of them (design, section 2)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from connector.domain.learner import ContactId
from connector.domain.ledger import Intent, IntentState
from connector.errors import StateError
from connector.state.engine import BULK, MANY_IDS, AnyRow, AnySelect, Database, chunks, columns
from connector.state.tables import INTENT

_FIELDS = tuple(field.name for field in fields(Intent))
_UNSETTLED = (IntentState.OPEN.value, IntentState.ACCEPTED.value)


class Settlement(NamedTuple):
    """What became of one intent. None leaves what is on record."""

    id: str
    state: IntentState
    answer: str | None = None
    task_id: str | None = None
    deadline: datetime | None = None


class Intents(Database):
    """The write-ahead record."""

    def write_intents(self, intents: Iterable[Intent]) -> None:
        """Put writes on record; only then may they leave. An id that is on record already is a StateError."""
        with self._writing() as connection:
            for chunk in chunks(intents, BULK):
                connection.execute(sa.insert(INTENT), [self._intent_row(intent) for intent in chunk])

    def settle(
        self,
        intent_id: str,
        state: IntentState,
        answer: str | None = None,
        *,
        task_id: str | None = None,
        deadline: datetime | None = None,
    ) -> None:
        """Record what the platform said about one write, or what the reading back found."""
        self.settle_many([Settlement(intent_id, state, answer, task_id, deadline)])

    def settle_many(self, settlements: Iterable[Settlement]) -> None:
        """Record the fate of many writes at once. Raises StateError for an id that is not on record; then none is."""
        now = self.now()
        columns_of = ("answer", "task_id", "deadline")
        statement = (
            sa.update(INTENT)
            .where(INTENT.c.account == sa.bindparam("of_account"), INTENT.c.id == sa.bindparam("of_id"))
            .values(
                state=sa.bindparam("to_state"),
                answered_at=sa.bindparam("to_answered_at"),
                **{
                    name: sa.func.coalesce(
                        sa.bindparam(f"to_{name}", type_=INTENT.c[name].type), INTENT.c[name]
                    )
                    for name in columns_of
                },
            )
        )
        with self._writing() as connection:
            for chunk in chunks(settlements, BULK):
                rows = [
                    {
                        "of_account": self.account,
                        "of_id": one.id,
                        "to_state": one.state.value,
                        "to_answered_at": now,
                        **{f"to_{name}": getattr(one, name) for name in columns_of},
                    }
                    for one in chunk
                ]
                if connection.execute(statement, rows).rowcount != len(rows):
                    raise StateError("a write was answered that was never put on record")

    def open_intents(self, contacts: Collection[ContactId] | None = None) -> list[Intent]:
        """Writes whose fate is not known yet (OPEN, ACCEPTED), oldest first."""
        query = self._intents_query().where(INTENT.c.state.in_(_UNSETTLED))
        return sorted(self._fetch_intents(query, contacts), key=lambda intent: (intent.at, intent.id))

    def intents_of_run(self, run: str) -> list[Intent]:
        """Every write of one run, oldest first."""
        return self._fetch_intents(self._intents_query().where(INTENT.c.run == run), None)

    def intents_of(self, contact: ContactId) -> list[Intent]:
        """Every write about one contact, oldest first, whatever became of it."""
        return self._fetch_intents(self._intents_query().where(INTENT.c.contact_id == contact), None)

    def last_intent(self, contact: ContactId, rule: str | None = None) -> Intent | None:
        """The newest write for a contact (in one rule), whatever became of it."""
        query = self._intents_query(newest_first=True).where(INTENT.c.contact_id == contact)
        if rule is not None:
            query = query.where(INTENT.c.rule == rule)
        found = self._fetch_intents(query.limit(1), None)
        return found[0] if found else None

    def _intents_query(self, *, newest_first: bool = False) -> AnySelect:
        order = [INTENT.c.at, INTENT.c.id]
        query = sa.select(*columns(INTENT, _FIELDS)).where(self._mine(INTENT))
        return (
            query.order_by(*(column.desc() for column in order)) if newest_first else query.order_by(*order)
        )

    def _fetch_intents(self, query: AnySelect, contacts: Collection[ContactId] | None) -> list[Intent]:
        parts = [query]
        if contacts is not None:
            parts = [query.where(INTENT.c.contact_id.in_(ids)) for ids in chunks(contacts, MANY_IDS)]
        with self._reading() as connection:
            return [_intent(row) for part in parts for row in connection.execute(part)]

    def _intent_row(self, intent: Intent) -> dict[str, Any]:
        row = {name: getattr(intent, name) for name in _FIELDS}
        return {**row, "account": self.account, "state": intent.state.value}


def _intent(row: AnyRow) -> Intent:
    intent = Intent(*row)
    intent.state = IntentState(intent.state)
    return intent
