"""The one way out: every request to a platform leaves through `Http.call`.

It paces, counts, repeats what may be repeated, bounds what comes back, and turns every failure into one of the errors
that say what happens next. `httpx` is imported here and nowhere else, in one line, so that its successor can stand in.
"""

from __future__ import annotations

import logging
import re
import threading
import time
from codecs import BOM_UTF8
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import Enum
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import httpx
import orjson
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_before_delay,
    wait_random_exponential,
)

from connector.errors import (
    AccessDenied,
    ChangeRefused,
    PlatformError,
    SettingsError,
    Unavailable,
    Unconfirmed,
    UnexpectedPayload,
    WriteDenied,
)
from connector.platforms.body import BodyBroken, BodyTooLarge, read_body
from connector.platforms.pacing import Pacer
from connector.platforms.patience import Outage, Patience
from connector.platforms.port import Calls

T = TypeVar("T")

MAX_BODY = 64 * 1024 * 1024
NEVER_LEFT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
TRANSIENT = frozenset((408, 425, *range(500, 600)))


class Effect(Enum):
    """What a second delivery of the same request would do."""

    READ = "changes nothing"
    SET = "sets the same value again"
    WRITE = "may take effect a second time"


class Count(Enum):
    """Under which heading of `Calls` a request stands; a repeated one always stands under `other`."""

    READ = "read"
    WRITE = "write"
    OTHER = "other"


class Rejected(UnexpectedPayload):
    """The platform answered a read with a client error (400, 404, …): an id it does not know, a call it does not have."""


class Garbled(Exception):
    """Raised by a decoder: the answer is not what this call gives; asking again may help."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole answer. `headers` compares names without case; `body` is inflated."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def is_html(self) -> bool:
        """A web page in place of an API answer: a wrong prefix, a sign-in page, a proxy's apology."""
        start = self.body[:2048].lstrip().lower()
        if start.startswith((b"<!doctype", b"<html")):
            return True
        # Empty answers are often labelled as HTML all the same.
        return b"<html" in start or (b"<" in start and "html" in self.headers.get("content-type", ""))


@dataclass(frozen=True, slots=True)
class Request:
    """One call. `operation` is what errors and logs say instead of the address, which may hold personal data.

    `body` may be a function where it holds credentials that a renewal replaces. `accept` are statuses beside 2xx that
    the decoder wants to see.
    """

    operation: str
    method: str
    url: str
    effect: Effect = Effect.READ
    count: Count | None = None
    params: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], bytes] = b""
    accept: frozenset[int] = frozenset()


class Credentials(Protocol):
    """Who the calls are made as."""

    def headers(self) -> Mapping[str, str]:
        """Headers of the next call (may fetch a token first)."""

    def renew(self, refused: Mapping[str, str]) -> bool:
        """After a 401 to a call with these headers: True when there are better ones now."""


class NoCredentials:
    """For calls that carry their credentials in the body, or need none."""

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class _Again(Exception):
    """This try failed in a way that may pass. `error` is the truth when no try is left."""

    def __init__(self, error: PlatformError, *, after_s: float | None = None) -> None:
        super().__init__()
        self.error = error
        self.after_s = after_s


@dataclass(slots=True)
class _State:
    """What one call remembers between its tries."""

    tries: int = 0
    renewed: bool = False
    timed_out: bool = False
    sent: float = 0.0
    may_be_done: bool = False


class Http:
    """A platform's HTTP client; threads may share it.

    `stop` ends every wait when the program is told to stop: the call then fails with what it knows.
    """

    def __init__(
        self,
        platform: str,
        *,
        calls: Calls,
        requests_per_second: float = 0,
        credentials: Credentials | None = None,
        patience: Patience | None = None,
        stop: threading.Event | None = None,
        max_body: int = MAX_BODY,
    ) -> None:
        self._platform = platform
        self._calls = calls
        self._credentials: Credentials = credentials or NoCredentials()
        self._patience = patience or Patience()
        self._stop = stop or threading.Event()
        self._max_body = max_body
        self._pacer = Pacer(requests_per_second)
        self._outage = Outage(platform, self._patience)
        self._counting = threading.Lock()
        self._pause = wait_random_exponential(
            multiplier=self._patience.first_pause_s, max=self._patience.longest_pause_s
        )
        self._client = _build_client(self._patience)

    def close(self) -> None:
        self._client.close()

    def call(
        self, request: Request, decode: Callable[[Answer], T], *, credentials: Credentials | None = None
    ) -> T:
        """Make the call and give `decode`'s view of the answer; `decode` may raise Garbled or a PlatformError.

        Raises: Unavailable when surely nothing was done and waiting did not help; Unconfirmed when a write may have
        been; AccessDenied on 401 after one renewal, and on 403 of a read; WriteDenied on 403 of a write; Rejected (read) or
        ChangeRefused (write) on other client errors; UnexpectedPayload when a read's answer stays unreadable.
        """
        state = _State()
        tries = Retrying(
            retry=retry_if_exception_type(_Again),
            wait=self._wait,
            stop=self._give_up,
            sleep=self._sleep,
            reraise=True,
        )
        try:
            value: T = tries(self._try, request, decode, credentials or self._credentials, state)
            return value
        except _Again as again:
            raise _settled(again.error, state) from again.__cause__
        except ChangeRefused as refused:
            # "Not found" after a lost first try may mean that the first try deleted it.
            raise _settled(refused, state) from refused.__cause__

    def _wait(self, state: RetryCallState) -> float:
        again = state.outcome.exception() if state.outcome else None
        asked = again.after_s if isinstance(again, _Again) and again.after_s is not None else 0.0
        return max(asked, self._pause(state))

    def _sleep(self, seconds: float) -> None:
        self._stop.wait(seconds)

    def _give_up(self, state: RetryCallState) -> bool:
        is_late = stop_before_delay(self._patience.call_s)(state)
        return is_late or self._stop.is_set() or state.upcoming_sleep >= self._outage.left()

    def _try(
        self, request: Request, decode: Callable[[Answer], T], credentials: Credentials, state: _State
    ) -> T:
        if self._outage.is_shut():
            raise _settled(self._error(Unavailable, request, "the platform does not answer"), state)
        headers = credentials.headers()
        self._wait_for_turn(request, state)
        answer = self._send(request, headers, state)
        if answer.status == 401 and not state.renewed:
            state.renewed = True
            if credentials.renew(headers):
                answer = self._send(request, credentials.headers(), state)
        return self._understood(request, answer, decode, state)

    def _wait_for_turn(self, request: Request, state: _State) -> None:
        while delay := self._pacer.delay():
            if self._stop.wait(delay):
                raise _settled(self._error(Unavailable, request, "stopping"), state)

    def _send(self, request: Request, headers: Mapping[str, str], state: _State) -> Answer:
        self._count(request, state)
        state.tries += 1
        state.sent = time.monotonic()
        try:
            return self._exchange(request, headers, state)
        except NEVER_LEFT as exc:
            detail = str(exc)[:120] if isinstance(exc, httpx.ConnectError) else "no connection in time"
            error = self._error(Unavailable, request, detail or "no connection")
            raise self._again(request, error, state) from exc
        except (httpx.TransportError, httpx.DecodingError, BodyBroken) as exc:
            state.timed_out = isinstance(exc, httpx.TimeoutException)
            detail = "no answer in time" if state.timed_out else "the connection broke"
            raise self._lost(request, state, detail) from exc
        except BodyTooLarge as exc:
            raise self._beyond_reading(request, f"the answer is too large: {exc}") from exc

    def _exchange(self, request: Request, headers: Mapping[str, str], state: _State) -> Answer:
        built = self._client.build_request(
            request.method,
            f"{request.url}?{urlencode(request.params)}" if request.params else request.url,
            headers=_as_bytes({**headers, **request.headers}),
            content=request.body() if callable(request.body) else request.body or None,
            timeout=self._timeout(request, state),
        )
        deadline = time.monotonic() + self._patience.body_s
        response = self._client.send(built, stream=True)
        try:
            encoding = response.headers.get("content-encoding", "").strip().lower()
            chunks = _before(deadline, response)
            return Answer(
                response.status_code,
                response.headers,
                # A byte order mark is no part of a document, and a JSON decoder takes it for a fault.
                read_body(chunks, encoding=encoding, limit=self._max_body).removeprefix(BOM_UTF8),
            )
        finally:
            response.close()

    def _timeout(self, request: Request, state: _State) -> httpx.Timeout:
        patience = self._patience
        if request.effect is Effect.WRITE:
            answer_s = patience.write_answer_s
        else:
            wanted_s = patience.slow_answer_s if state.timed_out else patience.first_answer_s
            answer_s = self._outage.answer_in(wanted_s)
        return httpx.Timeout(answer_s, connect=patience.connect_s, pool=patience.call_s)

    def _understood(
        self, request: Request, answer: Answer, decode: Callable[[Answer], T], state: _State
    ) -> T:
        if not (200 <= answer.status < 300 or answer.status in request.accept):
            raise self._refusal(request, answer, state)
        try:
            value = decode(answer)
        except Garbled as exc:
            state.may_be_done |= request.effect is not Effect.READ
            raise self._garbled(request, str(exc), state) from exc
        self._outage.over()
        return value

    def _refusal(self, request: Request, answer: Answer, state: _State) -> Exception:
        """The error of a status that is no success."""
        status, is_read = answer.status, request.effect is Effect.READ
        detail = f"HTTP {status}"
        pause = _retry_after(answer)
        if status == 429 or (status == 503 and pause is not None):
            self._pacer.hold(min(pause or 0.0, self._patience.call_s))
            error = self._error(Unavailable, request, detail, status)
            return self._again(request, error, state, after_s=pause)
        if status in TRANSIENT:
            return self._lost(request, state, detail, status)
        self._outage.over()
        if status == 401:
            return self._error(AccessDenied, request, f"the credentials are refused ({detail})", status)
        if status == 403:
            kind = AccessDenied if is_read else WriteDenied
            return self._error(kind, request, f"this account may not do that ({detail})", status)
        if status < 400:
            detail += " (a redirect: is the API address right?)"
            return self._error(UnexpectedPayload if is_read else Unconfirmed, request, detail, status)
        return self._error(Rejected if is_read else ChangeRefused, request, detail, status)

    def _lost(self, request: Request, state: _State, detail: str, status: int | None = None) -> Exception:
        """The request left, and what came of it is not known."""
        if request.effect is Effect.READ:
            return self._again(request, self._error(Unavailable, request, detail, status), state)
        state.may_be_done = True
        error = self._error(Unconfirmed, request, detail, status)
        if request.effect is Effect.SET:
            return self._again(request, error, state)
        self._outage.goes_on(request.operation, detail, sent=state.sent)
        return error

    def _garbled(self, request: Request, detail: str, state: _State) -> Exception:
        if request.effect is Effect.WRITE:
            return self._error(Unconfirmed, request, detail)
        return self._again(request, self._error(UnexpectedPayload, request, detail), state)

    def _beyond_reading(self, request: Request, detail: str) -> PlatformError:
        return self._error(
            UnexpectedPayload if request.effect is Effect.READ else Unconfirmed, request, detail
        )

    def _again(
        self, request: Request, error: PlatformError, state: _State, *, after_s: float | None = None
    ) -> _Again:
        self._outage.goes_on(request.operation, error.detail, sent=state.sent)
        return _Again(error, after_s=after_s)

    def _error(
        self, kind: type[PlatformError], request: Request, detail: str, status: int | None = None
    ) -> PlatformError:
        return kind(self._platform, request.operation, detail, status=status)

    def _count(self, request: Request, state: _State) -> None:
        heading = request.count or (Count.READ if request.effect is Effect.READ else Count.WRITE)
        if state.tries:
            heading = Count.OTHER
        with self._counting:
            setattr(self._calls, heading.value, getattr(self._calls, heading.value) + 1)


def _settled(error: PlatformError, state: _State) -> PlatformError:
    """What to raise when no try is left: a try that may have been carried out outweighs a later one that never left."""
    if state.may_be_done and not isinstance(error, Unconfirmed):
        return Unconfirmed(error.platform, error.operation, error.detail, status=error.status)
    return error


def _build_client(patience: Patience) -> httpx.Client:
    for name in ("httpx", "httpcore"):
        # At INFO these write whole addresses, and addresses hold e-mail filters and contact ids.
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.Client(
        headers={"Accept-Encoding": "gzip", "User-Agent": "connector"},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        follow_redirects=False,
        timeout=httpx.Timeout(patience.first_answer_s),
        limits=httpx.Limits(max_connections=16, max_keepalive_connections=8, keepalive_expiry=4.0),
    )


def _as_bytes(headers: Mapping[str, str]) -> dict[bytes, bytes]:
    """Header credentials may hold any letter; left to itself httpx refuses all but ASCII."""
    return {name.encode("ascii"): value.encode() for name, value in headers.items()}


def _before(deadline: float, response: httpx.Response) -> Any:
    """The raw chunks of a body; a body that drips past the deadline counts as a time-out."""
    for chunk in response.iter_raw():
        yield chunk
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout("the body did not end in time", request=response.request)


def _retry_after(answer: Answer) -> float | None:
    """Seconds of `Retry-After` (a number or an HTTP date); None when it is absent or unreadable."""
    text = answer.headers.get("retry-after", "").strip()
    if not text:
        return None
    if re.fullmatch(r"\d+(\.\d+)?", text, re.ASCII):
        return float(text)
    try:
        return max(parsedate_to_datetime(text).timestamp() - time.time(), 0.0)
    except ValueError:
        return None


def json_of(answer: Answer) -> Any:
    """The decoded JSON of an answer. Raises Garbled for a web page, a cut text or none at all."""
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as exc:
        what = "a web page came instead of JSON" if answer.is_html else "the answer is not JSON"
        raise Garbled(what) from exc


def checked_url(url: str, *, setting: str) -> str:
    """The address without a trailing slash. Raises SettingsError, naming the setting, when it is no http(s) address."""
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(f"{setting}: {url!r} is not an http or https address")
    return url.strip().rstrip("/")
