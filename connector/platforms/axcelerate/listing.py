"""Reading a list of class enrolments page by page, while it may be moving.

The server promises no order and tells no total (reference, section 5): a page shorter than asked is the last one. How a list
that moves between two pages is met: docs/decisions/0201.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from connector.errors import UnexpectedPayload
from connector.platforms.axcelerate.client import PLATFORM
from connector.platforms.axcelerate.rows import class_records
from connector.platforms.port import Batch, Raw

Fetch = Callable[[int], list[Any]]
"""Gives the page that begins at an offset."""


class EnrolmentList:
    """One list, read to its end. `wanted` decides which of its records are ours."""

    def __init__(
        self,
        name: str,
        fetch: Fetch,
        *,
        page_size: int,
        units: frozenset[str] | None,
        wanted: Callable[[Raw], bool] = lambda record: True,
    ) -> None:
        self._name = name
        self._fetch = fetch
        self._page_size = page_size
        self._units = units
        self._wanted = wanted
        self.least_calls = 1
        """The calls that as many rows take at least: whole pages, and the short one that ends the list."""

    def read(self, known: set[str]) -> Iterator[Batch]:
        """Yield the pages, at least one, without the records in `known`, which grows by what is yielded.

        A row met on two pages proves that rows moved while we read, so one may have slipped past us: the list is then
        read once more, and what was missed comes out of the second pass.

        Raises: UnexpectedPayload when a full page brings nothing new, which would go on for ever (offset ignored).
        """
        moved = yield from self._pass(known)
        if moved:
            yield from self._pass(known)

    def _pass(self, known: set[str]) -> Generator[Batch, None, bool]:
        """One reading from first page to last; returns whether a row was met on two pages."""
        met: set[str] = set()
        moved = False
        offset = 0
        while True:
            rows = self._fetch(offset)
            place = f"{self._name} offset {offset}"
            page = {record.key: record for record in class_records(rows, self._units, place=place)}
            new = page.keys() - met
            moved |= len(new) < len(page)
            is_last = len(rows) < self._page_size
            if not is_last and not any(page[key].owner for key in new):
                raise UnexpectedPayload(PLATFORM, "read enrolments", f"{place}: the page brings nothing new")
            met |= new
            fresh = [record for key, record in page.items() if key not in known and self._wanted(record)]
            known.update(record.key for record in fresh)
            yield Batch(self._name, fresh)
            if is_last:
                self.least_calls = len(met) // self._page_size + 1
                return moved
            offset += len(rows)
