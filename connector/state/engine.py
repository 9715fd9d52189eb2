"""Connections to the state database, and the two kinds of transaction: reading, and writing under the lease's number."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, make_url

from connector.errors import StateError
from connector.state.tables import LEASE

AnyRow: TypeAlias = "sa.Row[*tuple[Any, ...]]"
AnySelect: TypeAlias = "sa.Select[*tuple[Any, ...]]"

BULK = 5_000
"""Rows of one bulk statement, and people of one chunk of a streamed reading."""
MANY_IDS = 1_000
"""Ids of one IN list."""

_SQLITE_PRAGMAS = ("busy_timeout=10000", "journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")

T = TypeVar("T")


def create_engine(url: str) -> sa.Engine:
    """An engine for this address; nothing is connected yet. Raises StateError for an unusable address."""
    address = parse_url(url)
    if address.get_backend_name() == "sqlite":
        engine = sa.create_engine(address, hide_parameters=True)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    # A server must notice a vanished host within minutes, or its lease would outlive it.
    keepalives = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    return sa.create_engine(
        address,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"application_name": "connector", "connect_timeout": 10, **keepalives},
    )


def parse_url(url: str) -> URL:
    """The address of the database, its driver filled in. Raises StateError when it names no file and no PostgreSQL."""
    try:
        address = make_url(url)
    except sa.exc.ArgumentError as exc:
        raise StateError(
            "the database address is not of the form sqlite:///FILE or postgresql+psycopg://…"
        ) from exc
    if address.drivername in ("postgresql", "postgres"):
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StateError(
            f"{address.drivername} is not supported: use sqlite:///FILE or postgresql+psycopg://…"
        )
    if address.get_backend_name() == "sqlite" and address.database in (None, "", ":memory:"):
        raise StateError("an SQLite database in memory forgets everything: name a file, sqlite:///FILE")
    return address


def sqlite_file(engine: sa.Engine) -> Path | None:
    """The file behind an SQLite engine; None for PostgreSQL."""
    return Path(str(engine.url.database)) if engine.dialect.name == "sqlite" else None


def make_private_file(path: Path) -> None:
    """Create an empty database file that only its owner can read: it says who studies what."""
    if not path.parent.is_dir():
        raise StateError(f"there is no folder {path.parent} for the state database {path.name}")
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Transactions are begun below, by name; the driver's own would be deferred ones.
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred writer fails at once with "database is locked", whatever the timeout says.
    is_reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN DEFERRED" if is_reading else "BEGIN IMMEDIATE")


@contextmanager
def translated() -> Iterator[None]:
    """Turn the database's own trouble into a StateError, without the statement and its values."""
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.DatabaseError) as exc:
        reason = str(exc.orig).splitlines()[0] if exc.orig else type(exc).__name__
        raise StateError(f"the state database did not answer: {reason}") from exc


class Database:
    """One account's rows in one database. The parts of the store build on it.

    Every public method of a part is one transaction. While this object holds the account (`hold`), every write of a run first
    compares the lease's number with its own, in the same transaction: a stale owner changes nothing.
    """

    def __init__(self, engine: sa.Engine, *, account: str, now: Callable[[], datetime]) -> None:
        self.engine = engine
        self.account = account
        self.now = now
        self._epoch: int | None = None

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with translated(), self.engine.connect() as connection:
            connection = connection.execution_options(reading=True)
            with connection.begin():
                yield connection

    @contextmanager
    def _writing(self, *, fenced: bool = True) -> Iterator[sa.Connection]:
        """A transaction that writes. `fenced` is False for what is not a run's: a person's decision, an arriving event."""
        with translated(), self.engine.begin() as connection:
            if fenced and self._epoch is not None:
                self._refuse_if_stale(connection)
            yield connection

    def _refuse_if_stale(self, connection: sa.Connection) -> None:
        # FOR SHARE keeps the number from moving until this transaction ends; in SQLite the write lock does.
        query = sa.select(LEASE.c.epoch).where(LEASE.c.account == self.account).with_for_update(read=True)
        if connection.scalar(query) != self._epoch:
            raise StateError("another run has taken over this account; nothing more was stored by this one")

    def _mine(self, table: sa.Table) -> sa.ColumnElement[bool]:
        return table.c.account == self.account


def upsert(
    connection: sa.Connection,
    table: sa.Table,
    rows: Iterable[Mapping[str, Any]],
    *,
    updates: Callable[[sa.Table, Any], Mapping[str, Any]] | None = None,
) -> None:
    """Insert rows, or overwrite the ones with the same key; in bulk, `BULK` rows a statement.

    `updates` says what to write over an existing row, given the table and the row that was refused; everything by default.
    """
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    insert = dialect.insert(table)
    keys = [column.name for column in table.primary_key]
    refused = insert.excluded
    changed = (
        updates(table, refused)
        if updates
        else {column.name: refused[column.name] for column in table.c if column.name not in keys}
    )
    statement = insert.on_conflict_do_update(index_elements=keys, set_=changed)
    for chunk in chunks(rows, BULK):
        connection.execute(statement, chunk)


def insert_new(connection: sa.Connection, table: sa.Table, row: Mapping[str, Any]) -> bool:
    """Insert one row unless its key exists; says whether it was new."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    # Not every driver counts the rows of an insert; one that returns its row was new.
    statement = dialect.insert(table).values(row).on_conflict_do_nothing().returning(table.c.account)
    return connection.execute(statement).first() is not None


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Cut a stream into lists of at most `size`."""
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk


def columns(table: sa.Table, names: Sequence[str]) -> list[sa.Column[Any]]:
    """The columns with these names, in their order: a row then fills a value by position."""
    return [table.c[name] for name in names]
