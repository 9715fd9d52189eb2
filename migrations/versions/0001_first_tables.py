"""The first tables: people, links, runs, the journal and its guards, intents, reviews, facts, events, the lease.

The column types stand here in full: a migration must mean the same for ever, whatever the program's own types become.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TEXT = sa.Text()
NUMBER = sa.Integer().with_variant(sa.BigInteger(), "postgresql")
FLAG = sa.Integer().with_variant(sa.Boolean(), "postgresql")
INSTANT = sa.Text().with_variant(sa.DateTime(timezone=True), "postgresql")
DAY = sa.Text().with_variant(sa.Date(), "postgresql")

TABLES = [
    "lease",
    "event",
    "fact",
    "review",
    "intent",
    "journal_head",
    "journal",
    "run",
    "memory",
    "person",
    "link",
]  # in the order of going

SQLITE_GUARDS = (
    """CREATE TRIGGER journal_never_changed BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    """CREATE TRIGGER journal_never_deleted BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above.
    """CREATE TRIGGER journal_never_replaced BEFORE INSERT ON journal
    WHEN EXISTS (SELECT 1 FROM journal WHERE account = NEW.account AND sequence = NEW.sequence)
    BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
)
POSTGRESQL_GUARDS = (
    """CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_never_changed BEFORE UPDATE OR DELETE ON journal
    FOR EACH ROW EXECUTE FUNCTION journal_is_append_only()""",
    """CREATE TRIGGER journal_never_truncated BEFORE TRUNCATE ON journal
    FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()""",
)


def upgrade() -> None:
    _people()
    _runs()
    _journal()
    _intents()
    _reviews()
    _rest()


def downgrade() -> None:
    for name in TABLES:
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION journal_is_append_only()")


def _required(name: str, kind: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, kind, nullable=False)


def _optional(name: str, kind: sa.types.TypeEngine) -> sa.Column:
    return sa.Column(name, kind, nullable=True)


def _table(name: str, *columns: sa.Column, key: tuple[str, ...], clustered: bool = False) -> None:
    """One table, strict in SQLite; `clustered` ones are stored there in the order of their key."""
    op.create_table(
        name,
        _required("account", TEXT),
        *columns,
        sa.PrimaryKeyConstraint("account", *key, name=f"pk_{name}"),
        sqlite_strict=True,
        sqlite_with_rowid=not clustered,
    )


def _people() -> None:
    _table(
        "link",
        _required("contact_id", NUMBER),
        _required("user_id", TEXT),
        _required("how", TEXT),
        _required("pinned", FLAG),
        _optional("linked_at", INSTANT),
        key=("contact_id",),
        clustered=True,
    )
    op.create_index("ix_link_account_user_id", "link", ["account", "user_id"])
    _table(
        "person",
        _required("contact_id", NUMBER),
        _optional("user_id", TEXT),
        _required("vet_digest", NUMBER),
        _required("lms_digest", NUMBER),
        _required("quiet", FLAG),
        _required("said", TEXT),
        _required("pairs", NUMBER),
        _required("matched", NUMBER),
        _required("history", NUMBER),
        _required("agreed", NUMBER),
        _required("run", TEXT),
        key=("contact_id",),
        clustered=True,
    )
    something_said = sa.text("said <> ''")
    op.create_index(
        "ix_person_said",
        "person",
        ["account", "contact_id"],
        sqlite_where=something_said,
        postgresql_where=something_said,
    )
    _table("memory", _required("contact_id", NUMBER), _required("memory", TEXT), key=("contact_id",))


def _runs() -> None:
    _table(
        "run",
        _required("id", TEXT),
        _required("command", TEXT),
        _required("scope", TEXT),
        _required("started_at", INSTANT),
        _optional("finished_at", INSTANT),
        _optional("exit_code", NUMBER),
        _required("report", TEXT),
        _required("mapping_digest", TEXT),
        _required("is_full", FLAG),
        key=("id",),
    )
    op.create_index("ix_run_account_started_at", "run", ["account", "started_at"])


def _journal() -> None:
    _table(
        "journal",
        _required("sequence", NUMBER),
        _required("run", TEXT),
        _required("kind", TEXT),
        _optional("rule", TEXT),
        _optional("contact_id", NUMBER),
        _required("line", TEXT),
        _required("hash", TEXT),
        key=("sequence",),
    )
    for column in ("contact_id", "rule", "run"):
        op.create_index(f"ix_journal_account_{column}_sequence", "journal", ["account", column, "sequence"])
    _table("journal_head", _required("sequence", NUMBER), _required("hash", TEXT), key=())
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if is_sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def _intents() -> None:
    _table(
        "intent",
        _required("id", TEXT),
        _required("run", TEXT),
        _required("contact_id", NUMBER),
        _required("rule", TEXT),
        _required("change", TEXT),
        _required("state", TEXT),
        _required("at", INSTANT),
        _optional("answered_at", INSTANT),
        _required("answer", TEXT),
        _optional("task_id", TEXT),
        _optional("deadline", INSTANT),
        key=("id",),
    )
    op.create_index("ix_intent_account_contact_id_at", "intent", ["account", "contact_id", "at"])
    op.create_index("ix_intent_account_state", "intent", ["account", "state"])


def _reviews() -> None:
    _table(
        "review",
        _required("id", TEXT),
        _required("rule", TEXT),
        _required("contact_id", NUMBER),
        _optional("user_id", TEXT),
        _required("field", TEXT),
        _required("reason", TEXT),
        _required("question", TEXT),
        _required("evidence", TEXT),
        _required("state", TEXT),
        _required("asked_at", INSTANT),
        _required("run", TEXT),
        _optional("decided_at", INSTANT),
        _optional("by", TEXT),
        _optional("take", TEXT),
        _optional("on_date", DAY),
        _optional("why", TEXT),
        key=("id",),
    )
    op.create_index("ix_review_account_contact_id", "review", ["account", "contact_id"])
    op.create_index("ix_review_account_state", "review", ["account", "state"])


def _rest() -> None:
    _table("fact", _required("name", TEXT), _required("value", TEXT), key=("name",))
    _table(
        "event",
        _required("platform", TEXT),
        _required("dedupe_key", TEXT),
        _required("body_digest", TEXT),
        _required("people", TEXT),
        _required("received_at", INSTANT),
        _optional("taken_at", INSTANT),
        key=("platform", "dedupe_key"),
    )
    op.create_index("ix_event_account_taken_at", "event", ["account", "taken_at"])
    _table(
        "lease",
        _required("epoch", NUMBER),
        _required("holder", TEXT),
        _required("host", TEXT),
        _required("pid", NUMBER),
        _required("since", INSTANT),
        _optional("released_at", INSTANT),
        key=(),
    )
