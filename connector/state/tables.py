"""The rows. They carry no rules; `migrations/` makes the tables, and a test holds the two together.

Every row belongs to an account (contract, section 8). Statements go through the Core tables at the end of this module:
rows are moved in bulk, and the unit of work would be ten to a hundred times slower.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, Table, Text, text
from sqlmodel import Field, SQLModel

from connector.state.columns import Day, Flag, Instant, Number

SCHEMA = "0001"
"""The migration that this program works with; a test compares it with the newest one."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
SQLModel.metadata.naming_convention = NAMING

STRICT = {"sqlite_strict": True}
CLUSTERED = {"sqlite_strict": True, "sqlite_with_rowid": False}
"""Narrow tables that are read in the order of their key."""


class LinkRow(SQLModel, table=True):
    __tablename__ = "link"
    __table_args__ = (Index("ix_link_account_user_id", "account", "user_id"), CLUSTERED)

    account: str = Field(primary_key=True, sa_type=Text)
    contact_id: int = Field(primary_key=True, sa_type=Number)
    user_id: str = Field(sa_type=Text)
    how: str = Field(sa_type=Text)
    pinned: bool = Field(sa_type=Flag)
    linked_at: datetime | None = Field(sa_type=Instant)


class PersonRow(SQLModel, table=True):
    """What a quiet run reads of everybody, kept narrow; the wide memory stands in a table of its own."""

    __tablename__ = "person"
    __table_args__ = (
        Index(
            "ix_person_said",
            "account",
            "contact_id",
            sqlite_where=text("said <> ''"),
            postgresql_where=text("said <> ''"),
        ),
        CLUSTERED,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    contact_id: int = Field(primary_key=True, sa_type=Number)
    user_id: str | None = Field(sa_type=Text)
    vet_digest: int = Field(sa_type=Number)
    lms_digest: int = Field(sa_type=Number)
    quiet: bool = Field(sa_type=Flag)
    said: str = Field(sa_type=Text)
    pairs: int = Field(sa_type=Number)
    matched: int = Field(sa_type=Number)
    history: int = Field(sa_type=Number)
    agreed: int = Field(sa_type=Number)
    run: str = Field(sa_type=Text)


class MemoryRow(SQLModel, table=True):
    __tablename__ = "memory"
    __table_args__ = STRICT

    account: str = Field(primary_key=True, sa_type=Text)
    contact_id: int = Field(primary_key=True, sa_type=Number)
    memory: str = Field(sa_type=Text)


class RunRow(SQLModel, table=True):
    __tablename__ = "run"
    __table_args__ = (Index("ix_run_account_started_at", "account", "started_at"), STRICT)

    account: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    command: str = Field(sa_type=Text)
    scope: str = Field(sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(sa_type=Instant)
    exit_code: int | None = Field(sa_type=Number)
    report: str = Field(sa_type=Text)
    mapping_digest: str = Field(sa_type=Text)
    is_full: bool = Field(sa_type=Flag)


class JournalRow(SQLModel, table=True):
    """One line of the journal. `line` is what was hashed (docs/journal.md); the other columns only find it again."""

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_account_contact_id_sequence", "account", "contact_id", "sequence"),
        Index("ix_journal_account_rule_sequence", "account", "rule", "sequence"),
        Index("ix_journal_account_run_sequence", "account", "run", "sequence"),
        STRICT,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(primary_key=True, sa_type=Number)
    run: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    rule: str | None = Field(sa_type=Text)
    contact_id: int | None = Field(sa_type=Number)
    line: str = Field(sa_type=Text)
    hash: str = Field(sa_type=Text)


class JournalHeadRow(SQLModel, table=True):
    """Where the chain ends: the next line is appended under a lock on this row."""

    __tablename__ = "journal_head"
    __table_args__ = STRICT

    account: str = Field(primary_key=True, sa_type=Text)
    sequence: int = Field(sa_type=Number)
    hash: str = Field(sa_type=Text)


class IntentRow(SQLModel, table=True):
    __tablename__ = "intent"
    __table_args__ = (
        Index("ix_intent_account_contact_id_at", "account", "contact_id", "at"),
        Index("ix_intent_account_state", "account", "state"),
        STRICT,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    run: str = Field(sa_type=Text)
    contact_id: int = Field(sa_type=Number)
    rule: str = Field(sa_type=Text)
    change: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    at: datetime = Field(sa_type=Instant)
    answered_at: datetime | None = Field(sa_type=Instant)
    answer: str = Field(sa_type=Text)
    task_id: str | None = Field(sa_type=Text)
    deadline: datetime | None = Field(sa_type=Instant)


class ReviewRow(SQLModel, table=True):
    __tablename__ = "review"
    __table_args__ = (
        Index("ix_review_account_contact_id", "account", "contact_id"),
        Index("ix_review_account_state", "account", "state"),
        STRICT,
    )

    account: str = Field(primary_key=True, sa_type=Text)
    id: str = Field(primary_key=True, sa_type=Text)
    rule: str = Field(sa_type=Text)
    contact_id: int = Field(sa_type=Number)
    user_id: str | None = Field(sa_type=Text)
    field: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    question: str = Field(sa_type=Text)
    evidence: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    asked_at: datetime = Field(sa_type=Instant)
    run: str = Field(sa_type=Text)
    decided_at: datetime | None = Field(sa_type=Instant)
    by: str | None = Field(sa_type=Text)
    take: str | None = Field(sa_type=Text)
    on_date: date | None = Field(sa_type=Day)
    why: str | None = Field(sa_type=Text)


class FactRow(SQLModel, table=True):
    __tablename__ = "fact"
    __table_args__ = STRICT

    account: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    value: str = Field(sa_type=Text)


class EventRow(SQLModel, table=True):
    __tablename__ = "event"
    __table_args__ = (Index("ix_event_account_taken_at", "account", "taken_at"), STRICT)

    account: str = Field(primary_key=True, sa_type=Text)
    platform: str = Field(primary_key=True, sa_type=Text)
    dedupe_key: str = Field(primary_key=True, sa_type=Text)
    body_digest: str = Field(sa_type=Text)
    people: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=Instant)
    taken_at: datetime | None = Field(sa_type=Instant)


class LeaseRow(SQLModel, table=True):
    """Who has the account. `epoch` grows with every holder, so that a stale one can be told apart."""

    __tablename__ = "lease"
    __table_args__ = STRICT

    account: str = Field(primary_key=True, sa_type=Text)
    epoch: int = Field(sa_type=Number)
    holder: str = Field(sa_type=Text)
    host: str = Field(sa_type=Text)
    pid: int = Field(sa_type=Number)
    since: datetime = Field(sa_type=Instant)
    released_at: datetime | None = Field(sa_type=Instant)


def _table(name: str) -> Table:
    return SQLModel.metadata.tables[name]


LINK = _table("link")
PERSON = _table("person")
MEMORY = _table("memory")
RUN = _table("run")
JOURNAL = _table("journal")
JOURNAL_HEAD = _table("journal_head")
INTENT = _table("intent")
REVIEW = _table("review")
FACT = _table("fact")
EVENT = _table("event")
LEASE = _table("lease")
