"""The store: all that the program remembers of one account, behind one object."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import TracebackType
from typing import Self

from connector.state.engine import create_engine
from connector.state.facts import Facts
from connector.state.inbox import Inbox
from connector.state.intents import Intents
from connector.state.journal import Journal
from connector.state.lease import Leases
from connector.state.migrate import ensure_schema
from connector.state.people import People
from connector.state.reviews import Reviews
from connector.state.runs import Runs


class Store(People, Journal, Intents, Reviews, Runs, Facts, Inbox, Leases):
    """Rows in and domain values out; one transaction per method; safe to share between threads.

    Raises StateError when the database is locked, gone, or the account was taken over by another run.
    """

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_store(url: str, *, account: str = "default", now: Callable[[], datetime]) -> Store:
    """Open the state database of one account; `now` gives aware instants.

    A missing SQLite file is created. Raises StateError, naming the command that helps, when the schema is not this program's.
    """
    engine = create_engine(url)
    try:
        ensure_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return Store(engine, account=account, now=now)
