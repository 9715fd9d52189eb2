"""The same store over SQLite and over PostgreSQL, each raised by the real migrations."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.state.migrate import upgrade
from connector.state.store import Store, open_store
from tests.postgres import fresh_database
from tests.state.values import Clock

BOTH = ("sqlite", "postgresql")


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database nobody has used yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'connector.db'}"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("state") / "migrated.db"
    upgrade(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def migrated_database(postgres_server: sa.URL) -> Iterator[str]:
    with fresh_database(postgres_server) as url:
        upgrade(url.render_as_string(hide_password=False))
        yield str(url.database)


@pytest.fixture(params=BOTH)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database: a copy of one, which is quicker than migrating for every test."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_file"), tmp_path / "connector.db")
        yield f"sqlite:///{tmp_path / 'connector.db'}"
        return
    server, template = (
        request.getfixturevalue("postgres_server"),
        request.getfixturevalue("migrated_database"),
    )
    with fresh_database(server, template=template) as copy:
        yield copy.render_as_string(hide_password=False)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(url: str, clock: Clock) -> Iterator[Store]:
    with open_store(url, now=clock) as opened:
        yield opened


@pytest.fixture
def other_store(url: str, clock: Clock) -> Iterator[Store]:
    """The same account, opened by somebody else."""
    with open_store(url, now=clock) as opened:
        yield opened
