"""What is asked of a run, and what it works with."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connector.domain.plan import Change
from connector.domain.rule import Rules
from connector.execution.executor import TASK_PATIENCE
from connector.platforms.port import LmsPort, VetPort
from connector.reading.scope import PageSizes
from connector.state.store import Store

PLAN, RECONCILE = "plan", "reconcile"


@dataclass(frozen=True)
class Request:
    """What is asked of a run.

    `rules` and `learner` (e-mail or contact id) narrow it; `allow` lifts limits for this run ("created", "updates",
    "access_removed", "outcomes", "emptied"); `saved` is a plan to apply, change by change.
    """

    command: str
    rules: frozenset[str] = frozenset()
    learner: str | None = None
    allow: frozenset[str] = frozenset()
    saved: tuple[Change, ...] | None = None

    @property
    def only_plan(self) -> bool:
        return self.command == PLAN

    @property
    def is_full(self) -> bool:
        return not self.rules and self.learner is None

    def wants(self, rule: str) -> bool:
        return not self.rules or rule in self.rules


@dataclass
class Parts:
    """What a run works with; `wiring` builds it from settings. `zone` is the RTO's, `lms_zone` the LMS account's."""

    rules: Rules
    lms: LmsPort
    vet: VetPort
    store: Store
    zone: ZoneInfo
    lms_zone: ZoneInfo
    now: Callable[[], datetime]
    pages: PageSizes
    progress: Callable[[str, int, int | None], None] = lambda step, done, total: None
    stop: threading.Event = field(default_factory=threading.Event)
    task_patience: timedelta = TASK_PATIENCE
