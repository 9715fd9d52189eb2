"""Reading a list whole: page by page to its end, around ids that the platform does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connector.errors import AccessDenied, UnexpectedPayload
from connector.platforms.http import Rejected
from connector.platforms.ispring.wire import Filter, Page

Fetch = Callable[[Filter, str | None], Page]

IDS_IN_AN_ADDRESS = 80
"""An id takes some 50 characters of an address; many servers refuse addresses beyond 8,000."""
UNKNOWN_ID = frozenset((400, 404, 422))
REFUSED_ID = UNKNOWN_ID | {403}
ENOUGH_DENIALS = 3


def pages(fetch: Fetch, where: Filter) -> Iterator[Page]:
    """Every page of one list. Raises UnexpectedPayload when a cursor comes back, for then the end is never reached."""
    seen: set[str] = set()
    token: str | None = None
    while True:
        page = fetch(where, token)
        yield page
        token = page.next_token
        if token is None:
            return
        if token in seen:
            raise UnexpectedPayload(
                "ispring", "list", "the page token repeats itself; the list was not read whole"
            )
        seen.add(token)


def pages_of_known(fetch: Fetch, where: Filter, on_unknown: Callable[[Filter], None]) -> Iterator[Page]:
    """As `pages`; but a filter that the platform rejects is halved until the ids it does not know stand alone.

    One unknown id makes the whole request a 400 (reference, section 6), on some accounts a 403 or 404. `on_unknown` is told
    each filter of single values that stays rejected. Raises what the platform said when the list has no filter, and AccessDenied
    when every part is denied: then it is the list that is not allowed.
    """
    parts, unknown = [where], list[Filter]()
    denied: AccessDenied | None = None
    has_answered = False
    while parts:
        part = parts.pop()
        walk = pages(fetch, part)
        try:
            first = next(walk)
        except (Rejected, AccessDenied) as exc:
            if exc.status not in REFUSED_ID or part.is_empty:
                raise
            denied = exc if isinstance(exc, AccessDenied) else denied
            halves = part.halves()
            parts.extend(reversed(halves))
            unknown.extend(() if halves else (part,))
            if denied is not None and not has_answered and len(unknown) >= ENOUGH_DENIALS:
                raise denied from None
            continue
        has_answered = True
        yield first
        yield from walk
    if denied is not None and not has_answered:
        raise denied
    for part in unknown:
        on_unknown(part)


def chunks(ids: Sequence[str], size: int = IDS_IN_AN_ADDRESS) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(ids), size):
        yield tuple(ids[start : start + size])


class Seen:
    """Which ids a listing showed lately: rows that move while pages are read come twice, on neighbouring pages.

    Remembers at least the last `window` ids and at most twice as many, whatever the size of the account.
    """

    def __init__(self, window: int = 50_000) -> None:
        self._window = window
        self._recent: set[str] = set()
        self._older: set[str] = set()

    def is_new(self, key: str) -> bool:
        if key in self._recent or key in self._older:
            return False
        self._recent.add(key)
        if len(self._recent) >= self._window:
            self._older, self._recent = self._recent, set()
        return True
