"""The call log of a sandbox: what was asked, when, and what was answered; without secrets."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

KEPT_CALLS = 200_000
KEPT_READ_BODY = 4096
HIDDEN = "***"

_SECRET_HEADERS = frozenset(
    ("authorization", "x-auth-password", "x-password", "apitoken", "wstoken", "cookie", "set-cookie")
)
_SECRET_NAMES = rb"password|client_secret|clientSecret|access_token|token|secret|apitoken|wstoken"
_SECRET_BODY = (
    # XML elements, prefixed or not; JSON strings; form fields.
    re.compile(rb"(<(?:\w+:)?(?:" + _SECRET_NAMES + rb")\b[^>]*>)[^<]*", re.IGNORECASE),
    re.compile(rb'("(?:' + _SECRET_NAMES + rb')"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE),
    re.compile(rb"((?:^|[&?])(?:" + _SECRET_NAMES + rb")=)[^&]*", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to a platform and the status it was answered with (0: the connection was reset first).

    `effect` is "read", "write" (an accepted change, an idempotent one included), "token" (sign-in) or
    "none" (refused, or cut off before the platform looked at it). `operation` is "METHOD /path" without
    version prefixes, followed by the SOAP operation where there is one.
    """

    at: datetime
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int
    effect: str = "read"
    operation: str = ""


class CallLog:
    """The last 200,000 calls, oldest first. Safe to read from any thread."""

    def __init__(self, *, keep: int = KEPT_CALLS) -> None:
        self._lock = threading.Lock()
        self._calls: deque[Call] = deque(maxlen=keep)
        self._total = 0

    def __len__(self) -> int:
        """How many calls were logged since the start or the last `clear`, dropped ones included."""
        return self._total

    def append(self, call: Call) -> None:
        with self._lock:
            self._calls.append(call)
            self._total += 1

    def list(self) -> list[Call]:
        with self._lock:
            return [*self._calls]

    def since(self, index: int) -> Iterable[Call]:
        """The calls logged after the first `index` ones; pair it with `len(log)` taken before."""
        with self._lock:
            dropped = self._total - len(self._calls)
            return [*islice(self._calls, max(0, index - dropped), None)]

    def clear(self) -> None:
        with self._lock:
            self._calls.clear()
            self._total = 0

    def writes(self) -> Iterable[Call]:
        """Accepted changes only: refused, failed and cut-off attempts are not among them."""
        return [call for call in self.list() if call.effect == "write"]

    def reads(self) -> Iterable[Call]:
        return [call for call in self.list() if call.effect == "read"]


def hide_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Header names in lower case to values, secrets replaced by `***`."""
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in raw}
    return {name: HIDDEN if name in _SECRET_HEADERS else value for name, value in headers.items()}


def hide_body(body: bytes) -> bytes:
    """The body with passwords, secrets and tokens of XML, JSON and form bodies replaced by `***`."""
    for pattern in _SECRET_BODY:
        body = pattern.sub(rb"\g<1>***", body)
    return body
