"""How far a run has come, on stderr, and only where somebody looks at a terminal."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

_WORDS = {
    "users": "reading people in iSpring Learn",
    "enrolments": "reading enrolments in iSpring Learn",
    "completions": "reading results in iSpring Learn",
    "account": "reading enrolments in aXcelerate",
    "modules": "reading learning plans in aXcelerate",
    "details": "reading classes in aXcelerate",
}


class Progress:
    """A line that moves while a run works. `step` may be called from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._status: Status | None = None
        self._closed = not sys.stderr.isatty()

    def step(self, what: str, done: int, total: int | None) -> None:
        """`what` is a listing or a stage; `done` of `total` (None: not known) things in it."""
        with self._lock:
            if self._closed:
                return
            text = _words(what)
            if done:
                text += f" {done:,}" + (f" of {total:,}" if total else "")
            if self._status is None:
                from connector.cli.screen import notices

                self._status = notices().status(text)
                self._status.start()
            else:
                self._status.update(text)

    def close(self) -> None:
        """Take the line away; further steps are not shown."""
        with self._lock:
            self._closed = True
            if self._status is not None:
                self._status.stop()
                self._status = None


def _words(what: str) -> str:
    kind, _, name = what.partition(":")
    if name:
        return f"reading {kind} {name} in aXcelerate"
    return _WORDS.get(what, what)
