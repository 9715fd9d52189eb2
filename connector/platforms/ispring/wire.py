"""What the adapter asks of a wire form, so that REST+JSON, REST+XML and SOAP look alike from above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

Row = dict[str, Any]
"""One record as decoded: iSpring's own field names, values still as they came (text, numbers, flags, nested lists)."""


class Page(NamedTuple):
    """One page of a list; `next_token` None on the last."""

    rows: list[Row]
    next_token: str | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows of a list are asked for; an empty part does not narrow, two parts narrow together."""

    courses: tuple[str, ...] = ()
    learners: tuple[str, ...] = ()
    enrollments: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()

    def halves(self) -> tuple[Filter, ...]:
        """Two filters that together ask for the same rows; none when no part holds more than one value."""
        parts = {name: getattr(self, name) for name in self.__slots__}
        name = max(parts, key=lambda part: len(parts[part]))
        middle = len(parts[name]) // 2
        if middle == 0:
            return ()
        return replace(self, **{name: parts[name][:middle]}), replace(self, **{name: parts[name][middle:]})

    @property
    def is_empty(self) -> bool:
        return not any(getattr(self, name) for name in self.__slots__)


class Wire(Protocol):
    """One way to talk to an account. Lists raise `Rejected` when the platform refuses the filter (one unknown id is enough).

    Writes raise as `Http.call` does. Field mappings hold iSpring's names and plain values (see `writing.py`).
    """

    def users(self, where: Filter, token: str | None, *, page_size: int) -> Page: ...

    def enrollments(self, where: Filter, token: str | None, *, page_size: int) -> Page: ...

    def results(self, where: Filter, token: str | None, *, page_size: int) -> Page: ...

    def contents(self, items: Sequence[str], token: str | None, *, page_size: int) -> Page: ...

    def enrollment(self, enrollment_id: str) -> Row | None:
        """The record, or None where the answer holds none. Raises Rejected for an id that is not known."""

    def enrol(self, fields: Mapping[str, object]) -> None: ...

    def edit(self, enrollment_id: str, fields: Mapping[str, object]) -> None: ...

    def unenrol(self, enrollment_id: str) -> None: ...

    def set_status(self, fields: Mapping[str, object]) -> str:
        """The task id."""

    def task_status(self, task_id: str) -> str:
        """iSpring's own word."""

    def create_user(self, fields: Mapping[str, object]) -> str | None:
        """The new user's id, where the answer shows one."""
