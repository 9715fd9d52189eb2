"""The journal: append-only, every line bound to the one before it by its hash (docs/journal.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
import sqlalchemy as sa

from connector.domain.learner import ContactId
from connector.domain.ledger import ChainedEntry, Entry, EntryKind
from connector.state.engine import BULK, AnyRow, AnySelect, Database, chunks, insert_new
from connector.state.tables import JOURNAL, JOURNAL_HEAD

BEGINNING = "0" * 64
"""What the first line names as the hash before it."""


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """What a reading of the whole chain found. `problem` None means whole; else `sequence` is the first line that is wrong or missing."""

    lines: int
    head: str
    problem: str | None = None
    sequence: int | None = None

    @property
    def ok(self) -> bool:
        return self.problem is None


class Journal(Database):
    """Writing the journal, finding lines again, and proving that none was touched."""

    def append(self, entries: Iterable[Entry]) -> str:
        """Chain these lines to the journal and return the new head; all of them or none."""
        with self._writing() as connection:
            sequence, head = self._locked_head(connection)
            for chunk in chunks(entries, BULK):
                rows = []
                for entry in chunk:
                    sequence += 1
                    rows.append(self._journal_row(entry, sequence, head))
                    head = rows[-1]["hash"]
                connection.execute(sa.insert(JOURNAL), rows)
            moved = (
                sa.update(JOURNAL_HEAD).where(self._mine(JOURNAL_HEAD)).values(sequence=sequence, hash=head)
            )
            connection.execute(moved)
        return head

    def head(self) -> str:
        """The hash of the newest line; 64 zeros while there is none."""
        query = sa.select(JOURNAL_HEAD.c.hash).where(self._mine(JOURNAL_HEAD))
        with self._reading() as connection:
            return connection.scalar(query) or BEGINNING

    def entries(
        self,
        *,
        rule: str | None = None,
        contact: ContactId | None = None,
        kind: EntryKind | None = None,
        run: str | None = None,
        limit: int | None = None,
        newest_first: bool = True,
    ) -> Iterator[ChainedEntry]:
        """Lines that fit every condition given, streamed."""
        wanted = {"rule": rule, "contact_id": contact, "kind": kind and kind.value, "run": run}
        query = sa.select(JOURNAL.c.sequence, JOURNAL.c.line, JOURNAL.c.hash).where(self._mine(JOURNAL))
        for name, value in wanted.items():
            if value is not None:
                query = query.where(JOURNAL.c[name] == value)
        for row in self._journal_pages(query, limit, newest_first=newest_first):
            yield _chained(row.sequence, row.line, row.hash)

    def lines_from(self, sequence: int) -> Iterator[tuple[int, str, str]]:
        """(sequence, line, hash) of every line from this one on, oldest first: the text itself, which is what was hashed."""
        query = sa.select(JOURNAL.c.sequence, JOURNAL.c.line, JOURNAL.c.hash).where(
            self._mine(JOURNAL), JOURNAL.c.sequence >= sequence
        )
        for row in self._journal_pages(query, None, newest_first=False):
            yield row.sequence, row.line, row.hash

    def verify(self, head: str | None = None) -> VerifyResult:
        """Recompute the whole chain. `head` is a hash that an earlier run printed: a cut-off end is told by its absence."""
        expected, previous, was_seen = 1, BEGINNING, head in (None, BEGINNING)
        for row in self._journal_pages(
            sa.select(JOURNAL).where(self._mine(JOURNAL)), None, newest_first=False
        ):
            problem = _problem(row, expected, previous)
            if problem:
                return VerifyResult(expected - 1, previous, problem, expected)
            expected, previous = expected + 1, row.hash
            was_seen = was_seen or previous == head
        recorded = self.head()
        if recorded != previous:
            problem = f"line {expected} is missing: the journal ends before the head on record"
        elif not was_seen:
            problem = (
                f"line {expected} is missing: no line has the given head, so the end was cut off or rewritten"
            )
        else:
            return VerifyResult(expected - 1, previous)
        return VerifyResult(expected - 1, previous, problem, expected)

    def _locked_head(self, connection: sa.Connection) -> tuple[int, str]:
        query = sa.select(JOURNAL_HEAD.c.sequence, JOURNAL_HEAD.c.hash).where(self._mine(JOURNAL_HEAD))
        row = connection.execute(query.with_for_update()).one_or_none()
        if row is None:
            insert_new(connection, JOURNAL_HEAD, {"account": self.account, "sequence": 0, "hash": BEGINNING})
            row = connection.execute(query.with_for_update()).one()
        return row.sequence, row.hash

    def _journal_pages(self, query: AnySelect, limit: int | None, *, newest_first: bool) -> Iterator[AnyRow]:
        """Rows by sequence, in pages that are transactions of their own."""
        order = JOURNAL.c.sequence.desc() if newest_first else JOURNAL.c.sequence
        left, page = limit, query
        while left is None or left > 0:
            size = BULK if left is None else min(left, BULK)
            with self._reading() as connection:
                rows = connection.execute(page.order_by(order).limit(size)).all()
            yield from rows
            if len(rows) < size:
                return
            left = None if left is None else left - size
            last = rows[-1].sequence
            page = query.where(JOURNAL.c.sequence < last if newest_first else JOURNAL.c.sequence > last)

    def _journal_row(self, entry: Entry, sequence: int, previous: str) -> dict[str, Any]:
        line = canonical_line(self.account, entry, sequence, previous)
        return {
            "account": self.account,
            "sequence": sequence,
            "run": entry.run,
            "kind": entry.kind.value,
            "rule": entry.rule,
            "contact_id": entry.contact_id,
            "line": line.decode(),
            "hash": hashlib.sha256(line).hexdigest(),
        }


_IN_LINE = (
    "run",
    "text",
    "rule",
    "contact_id",
    "user_id",
    "field",
    "before",
    "after",
    "reason",
    "by",
    "detail",
)
_SEARCHED = ("account", "sequence", "run", "kind", "rule", "contact_id")


def canonical_line(account: str, entry: Entry, sequence: int, previous: str) -> bytes:
    """The bytes that are hashed: one JSON object, keys sorted, no spaces, UTF-8 (docs/journal.md)."""
    line = {name: getattr(entry, name) for name in _IN_LINE}
    instant = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    line |= {
        "account": account,
        "sequence": sequence,
        "previous": previous,
        "at": instant.replace("+00:00", "Z"),
        "kind": entry.kind.value,
    }
    return orjson.dumps(line, option=orjson.OPT_SORT_KEYS)


def _chained(sequence: int, line: str, own_hash: str) -> ChainedEntry:
    facts = orjson.loads(line)
    entry = Entry(
        at=datetime.fromisoformat(facts["at"]),
        kind=EntryKind(facts["kind"]),
        **{name: facts[name] for name in _IN_LINE},
    )
    return ChainedEntry(sequence, entry, facts["previous"], own_hash)


def _problem(row: AnyRow, expected: int, previous: str) -> str | None:
    """What is wrong with this line of the chain, if anything."""
    if row.sequence != expected:
        return f"line {expected} is missing"
    if hashlib.sha256(row.line.encode()).hexdigest() != row.hash:
        return f"line {expected} was altered: it does not match its hash"
    facts = orjson.loads(row.line)
    if facts["previous"] != previous:
        return f"line {expected} does not follow line {expected - 1}: one of them was rewritten"
    if _differs(row, facts, _SEARCHED):
        return f"line {expected} was altered: its columns are not those of its text"
    return None


def _differs(row: AnyRow, facts: dict[str, Any], names: Sequence[str]) -> bool:
    return any(getattr(row, name) != facts[name] for name in names)
