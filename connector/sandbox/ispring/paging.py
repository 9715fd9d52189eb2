"""Pages by a cursor: base64 of the last id (reference 4.2), or of a position, as the switch says."""

from __future__ import annotations

import base64
import binascii
import uuid
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import TypeVar

from .entities import Entity
from .refusals import wrong_parameters

E = TypeVar("E", bound=Entity)

DEFAULT_SIZE = 1000


def page_of(
    rows: Sequence[E],
    *,
    key: Callable[[E], object],
    place: Callable[[str], object],
    cursor: str,
    token: str,
    size: int,
) -> tuple[Sequence[E], str]:
    """The page after `token` ("" for the first) and the token of the next one ("" on the last page).

    `rows` are sorted by `key`; `place` gives the key of an id, of a deleted row too, so a cursor outlives the
    row it points at. Costs O(log n + size).
    """
    content = decode(token) if token else ""
    if not token:
        first = 0
    elif cursor == "offset":
        first = _position(content)
    else:
        first = bisect_right(rows, place(_uuid(content)), key=key)  # type: ignore[call-overload]
    page = rows[first : first + size]
    if first + size >= len(rows):
        return page, ""
    return page, encode(str(first + size) if cursor == "offset" else page[-1].id)


def encode(text: str) -> str:
    return base64.b64encode(text.encode("ascii")).decode("ascii")


def decode(token: str) -> str:
    """Raises Refused for what is no base64."""
    try:
        return base64.b64decode(token, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError) as error:
        raise wrong_parameters("pageToken") from error


def _position(text: str) -> int:
    if not text.isdigit():
        raise wrong_parameters("pageToken")
    return int(text)


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError as error:
        raise wrong_parameters("pageToken") from error
