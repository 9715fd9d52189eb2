"""An account for each story."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .world import Account, served


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    """The invented provider, nobody in an iSpring course yet, three rules, SQLite."""
    with served(tmp_path) as one:
        yield one
