"""What every folder of tests may use: a PostgreSQL, and how long a property is tried."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from hypothesis import settings

from tests.postgres import fresh_database, running_server

# On shared cores a slow example says nothing about the code. The checks try the same examples every time, so that a run that
# was green stays green; HYPOTHESIS_PROFILE=explore tries others.
settings.register_profile("connector", deadline=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "connector"))


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[sa.URL]:
    """The address of a PostgreSQL server, started when the first test asks."""
    with running_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: sa.URL) -> Iterator[str]:
    """An empty database of its own."""
    with fresh_database(postgres_server) as url:
        yield url.render_as_string(hide_password=False)
