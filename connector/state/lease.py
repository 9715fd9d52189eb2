"""One run at a time per account: a lock that dies with its holder, and a number that outlives it.

The lock (a file lock beside an SQLite database, a session lock in PostgreSQL) is let go by the operating system or the server the
moment the holder dies. Should the lock be lost while the holder lives (a server that restarted), the number of the
lease has grown by the time a new holder writes, and the old one's writes are refused.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

from connector.errors import PlanRefused
from connector.state.engine import Database, columns, sqlite_file, translated, upsert
from connector.state.tables import LEASE


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds an account, since when (UTC), and under which number. `released_at` is None while held, or after a crash."""

    epoch: int
    holder: str
    host: str
    pid: int
    since: datetime
    released_at: datetime | None = None

    def __str__(self) -> str:
        since = self.since.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        return f"{self.holder} (process {self.pid} on {self.host}, since {since})"


_FIELDS = tuple(Lease.__dataclass_fields__)


class Leases(Database):
    """Taking and giving back the account."""

    @contextmanager
    def hold(self, holder: str) -> Iterator[Lease]:
        """Hold the account for one run; `holder` says what for (a run id). Raises PlanRefused while another run lives."""
        with ExitStack() as stack:
            if not stack.enter_context(self._lock()):
                raise PlanRefused(
                    f"the account is in the hands of {self.lease() or 'another run'}; nothing was written"
                )
            lease = self._next_lease(holder)
            self._epoch = lease.epoch
            try:
                yield lease
            finally:
                self._epoch = None
                self._give_back(lease)

    def lease(self) -> Lease | None:
        """The latest holder on record; whether it still lives only the lock knows."""
        query = sa.select(*columns(LEASE, _FIELDS)).where(self._mine(LEASE))
        with self._reading() as connection:
            row = connection.execute(query).one_or_none()
        return Lease(*row) if row else None

    def _next_lease(self, holder: str) -> Lease:
        now = self.now()
        row = {
            "account": self.account,
            "epoch": 1,
            "holder": holder,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": now,
            "released_at": None,
        }
        with self._writing(fenced=False) as connection:
            upsert(connection, LEASE, [row], updates=lambda old, new: {**dict(new), "epoch": old.c.epoch + 1})
            epoch = connection.scalar(sa.select(LEASE.c.epoch).where(self._mine(LEASE)))
        return Lease(int(epoch or 0), holder, str(row["host"]), os.getpid(), now)

    def _give_back(self, lease: Lease) -> None:
        mine = self._mine(LEASE) & (LEASE.c.epoch == lease.epoch)
        with self._writing(fenced=False) as connection:
            connection.execute(sa.update(LEASE).where(mine).values(released_at=self.now()))

    @contextmanager
    def _lock(self) -> Iterator[bool]:
        path = sqlite_file(self.engine)
        with self._file_lock(path) if path else self._session_lock() as held:
            yield held

    @contextmanager
    def _file_lock(self, database: Path) -> Iterator[bool]:
        # The file stays: removing it would let two runs lock two files of the same name.
        suffix = "" if self.account == "default" else f".{quote(self.account, safe='')}"
        with Path(f"{database}{suffix}.lock").open("a", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
            else:
                yield True

    @contextmanager
    def _session_lock(self) -> Iterator[bool]:
        # A connection of its own, out of the pool's reach: the lock lives exactly as long as it does.
        digest = hashlib.blake2b(f"connector lease {self.account}".encode(), digest_size=8).digest()
        key = int.from_bytes(digest, signed=True)
        with translated():
            connection = self.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            connection.detach()
        with connection:
            with translated():
                held = bool(connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": key}))
            try:
                yield held
            finally:
                # Said aloud, because the server ends a closed session only a moment later; a lost one has ended already.
                if held:
                    with suppress(sa.exc.SQLAlchemyError):
                        connection.execute(sa.text("SELECT pg_advisory_unlock(:key)"), {"key": key})
