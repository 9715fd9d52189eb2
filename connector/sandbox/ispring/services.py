"""The parts of one simulated account, put together once and handed to every handler."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .access import Gate
from .account import Account
from .directory import Directory
from .enrolling import Enrolling
from .render import Renderer
from .results import Results
from .rows import Rows
from .selections import Selections
from .statistics import Statistics
from .webhooks import Webhooks


@dataclass(frozen=True)
class Services:
    account: Account
    gate: Gate
    selections: Selections
    enrolling: Enrolling
    statistics: Statistics
    results: Results
    directory: Directory
    rows: Rows
    renderer: Renderer
    webhooks: Webhooks


def build_services(account: Account, account_url: Callable[[], str]) -> Services:
    selections = Selections(account)
    return Services(
        account=account,
        gate=Gate(account, account_url),
        selections=selections,
        enrolling=Enrolling(account, selections),
        statistics=Statistics(account, selections),
        results=Results(account, selections),
        directory=Directory(account, selections),
        rows=Rows(account),
        renderer=Renderer(account.switches),
        webhooks=Webhooks(account),
    )
