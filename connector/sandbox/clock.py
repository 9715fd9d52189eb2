"""The sandboxes' clock: a test or an operator decides what time it is on a platform."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class Clock:
    """A settable clock in UTC.

    Without a start it follows the machine's time; with one, or after `set`, it stands still until it is
    moved. `advance` keeps it as it was: running or standing.
    """

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta(0)
        self._standing = None if start is None else _aware(start)
        self._listeners: list[Callable[[], None]] = []

    def now(self) -> datetime:
        """The present moment as an aware UTC datetime."""
        with self._lock:
            return self._standing if self._standing is not None else datetime.now(UTC) + self._offset

    def set(self, moment: datetime) -> None:
        """Stop the clock at `moment` (aware; a naive one is refused with ValueError)."""
        with self._lock:
            self._standing = _aware(moment)
        self._tell()

    def advance(self, by: timedelta) -> None:
        """Move the clock forward, or back when `by` is negative."""
        with self._lock:
            if self._standing is None:
                self._offset += by
            else:
                self._standing += by
        self._tell()

    def run(self) -> None:
        """Let a standing clock run on from where it stands."""
        with self._lock:
            if self._standing is not None:
                self._offset = self._standing - datetime.now(UTC)
                self._standing = None
        self._tell()

    def on_move(self, listener: Callable[[], None]) -> None:
        """Call `listener` after every move, so that what waits for a time can look again."""
        self._listeners.append(listener)

    def _tell(self) -> None:
        for listener in self._listeners:
            listener()


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError("the clock takes aware datetimes only")
    return moment.astimezone(UTC)
