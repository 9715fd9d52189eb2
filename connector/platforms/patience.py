"""How long a platform in trouble is waited for: per call, and for the platform as a whole."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass

import structlog

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """Limits in seconds. The defaults keep the contract: 60 s a call, a dead platform reported within two minutes.

    `first_answer_s` is what the first try of a repeatable call waits for bytes; a try after a time-out waits for
    `slow_answer_s`, because an account was seen to take 71 s over a page. A write that must not be repeated waits for
    `write_answer_s`. `outage_s` after the first call without a good answer all waiting ends; then a try is let through
    every `probe_s`, and given `probe_answer_s`.
    """

    call_s: float = 60.0
    outage_s: float = 100.0
    connect_s: float = 10.0
    first_answer_s: float = 25.0
    slow_answer_s: float = 75.0
    write_answer_s: float = 60.0
    body_s: float = 180.0
    first_pause_s: float = 0.25
    longest_pause_s: float = 8.0
    probe_s: float = 10.0
    probe_answer_s: float = 5.0


class Outage:
    """Since when a platform has given no good answer. Shared by all threads of one client."""

    def __init__(self, platform: str, patience: Patience) -> None:
        self._platform = platform
        self._patience = patience
        self._lock = threading.Lock()
        self._since: float | None = None
        self._last = 0.0
        self._good = 0.0

    def over(self) -> None:
        """The platform answered as it should."""
        self._good = time.monotonic()
        if self._since is None:
            return
        with self._lock:
            since, self._since = self._since, None
        if since is not None:
            seconds = round(time.monotonic() - since, 1)
            _log.info(
                "platform answers again", action="platform_back", platform=self._platform, after_s=seconds
            )

    def goes_on(self, operation: str, detail: str, *, sent: float | None = None) -> None:
        """A call that was sent at `sent` failed in a way that may pass: who does not answer was silent since then."""
        now = time.monotonic()
        with self._lock:
            # Trouble that nobody has met for so long is over or new; a daemon rests between two runs.
            began = self._since is None or now - self._last > self._patience.outage_s
            self._last = now
            if began:
                # A call that hung while others were answered says nothing of the time before.
                self._since = now if sent is None else max(sent, self._good)
        if began:
            _log.warning(
                "platform in trouble",
                action="platform_trouble",
                platform=self._platform,
                operation=operation,
                detail=detail,
            )

    def left(self) -> float:
        """Seconds of waiting left for the platform as a whole."""
        since, now = self._since, time.monotonic()
        if since is None or now - self._last > self._patience.outage_s:
            return self._patience.outage_s
        return max(self._patience.outage_s - (now - since), 0.0)

    def answer_in(self, seconds: float) -> float:
        """How long a try may wait for its answer: less than `seconds` where the platform's time is nearly up."""
        return min(seconds, max(self.left(), self._patience.probe_answer_s))

    def is_shut(self) -> bool:
        """Whether the platform was given up a moment ago, so that trying again now only costs time."""
        return self.left() == 0.0 and time.monotonic() - self._last < self._patience.probe_s
