"""A simulated account for each test that asks, and ways to connect to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.platforms.ispring import Account, IspringPlatform, connect
from connector.platforms.patience import Patience
from connector.sandbox.clock import Clock
from connector.sandbox.ispring import IspringSandbox

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)
SYDNEY = ZoneInfo("Australia/Sydney")
BRIEF = Patience(
    call_s=3, outage_s=4, first_answer_s=2, write_answer_s=2, first_pause_s=0.01, longest_pause_s=0.1
)

Connect = Callable[..., IspringPlatform]


@pytest.fixture
def box() -> Iterator[IspringSandbox]:
    sandbox = IspringSandbox(clock=Clock(NOW), zone="Australia/Sydney")
    with sandbox.serving():
        yield sandbox


@pytest.fixture
def connected() -> Iterator[Connect]:
    """Connect to a sandbox: `by` "token" or "headers", any other argument as `connect` takes it."""
    platforms: list[IspringPlatform] = []

    def to(box: IspringSandbox, *, by: str = "token", **changes: Any) -> IspringPlatform:
        account = Account(
            api_url=f"{box.url}/api/v2",
            client_id=box.client_id if by == "token" else "",
            client_secret=box.client_secret if by == "token" else "",
            account_url=box.account_url,
            email=box.email,
            password=box.password,
        )
        chosen = {"zone": SYDNEY, "requests_per_second": 0, "patience": BRIEF, **changes}
        platforms.append(connect(account, **chosen))
        return platforms[-1]

    yield to
    for platform in platforms:
        platform.close()
