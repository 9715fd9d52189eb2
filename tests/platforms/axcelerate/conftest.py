"""A stand-in server for each test that asks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.platforms.axcelerate.stand_in import StandIn, standing_in


@pytest.fixture
def axcelerate() -> Iterator[StandIn]:
    with standing_in(StandIn()) as stand_in:
        yield stand_in
