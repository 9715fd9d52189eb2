"""Faults on order, and the edge of a sandbox that carries them out and logs every call.

A fault is ordered with `Faults.add` and consumed by the calls that match it. Faults of the wire (a reset,
a hang, a cut body, an error page) are carried out here for both platforms; those that only a platform
itself can commit (a repeated page token, say) are handed to its app through `Exchange.asked`.
"""

from __future__ import annotations

import asyncio
import fnmatch
import socket
import struct
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from .calls import KEPT_READ_BODY, Call, CallLog, hide_body, hide_headers
from .clock import Clock
from .server import AsgiApp, Receive, Scope, Send

WIRE_FAULTS = frozenset(("status", "429", "html", "reset_before", "reset_after", "hang", "truncate"))
PLATFORM_FAULTS = frozenset(("repeat_page_token", "revoke_token", "shuffle", "error_200"))
HTML_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><div id='app'></div></body></html>"
)


@dataclass
class Fault:
    """One ordered fault: skips `after` matching calls, then strikes `times` of them (None: every one)."""

    kind: str
    match: str = "*"
    times: int | None = 1
    after: int = 0
    options: dict[str, Any] = field(default_factory=dict)


class Faults:
    """The faults ordered on one sandbox. Safe to change from any thread.

    Kinds and their options: `status` (status=500, body=bytes|str, content_type; nothing applied unless applied=True), `429` (retry_after=seconds
    or None), `html` (an HTML page in a 200, nothing applied), `reset_before` (connection reset, nothing
    applied), `reset_after` (applied, then reset), `hang` (seconds=; applied first unless applied=False,
    which ends in a reset), `truncate` (applied; half the body under the full Content-Length), and, carried
    out by the platform: `repeat_page_token`, `revoke_token`, `shuffle`, `error_200`.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    def add(
        self, kind: str, *, match: str = "*", times: int | None = 1, after: int = 0, **options: Any
    ) -> None:
        """Order a fault for calls whose "METHOD /path" fits the shell pattern `match`.

        Raises ValueError for an unknown kind.
        """
        if kind not in WIRE_FAULTS | PLATFORM_FAULTS:
            raise ValueError(
                f"unknown fault {kind!r}; known: {', '.join(sorted(WIRE_FAULTS | PLATFORM_FAULTS))}"
            )
        with self._lock:
            self._faults.append(Fault(kind, match, times, after, options))

    def clear(self) -> None:
        with self._lock:
            self._faults.clear()

    def list(self) -> list[Fault]:
        with self._lock:
            return [*self._faults]

    def strike(self, operation: str) -> tuple[Fault, ...]:
        """Consume and return what strikes this call: at most one fault of the wire, any of the platform."""
        if not self._faults:
            return ()
        with self._lock:
            struck: list[Fault] = []
            for fault in self._faults:
                if fault.kind in WIRE_FAULTS and any(other.kind in WIRE_FAULTS for other in struck):
                    continue
                if _strikes(fault, operation):
                    struck.append(fault)
            self._faults = [fault for fault in self._faults if fault.times is None or fault.times > 0]
            return tuple(struck)


def _strikes(fault: Fault, operation: str) -> bool:
    if not fnmatch.fnmatchcase(operation, fault.match):
        return False
    if fault.after > 0:
        fault.after -= 1
        return False
    if fault.times is not None:
        fault.times -= 1
    return True


@dataclass
class Exchange:
    """What the edge and a platform's app tell each other about one call (`exchange_of(scope)`)."""

    effect: str = "read"
    faults: tuple[Fault, ...] = ()

    def asked(self, kind: str) -> Fault | None:
        """The fault of this kind that strikes the call, if any."""
        return next((fault for fault in self.faults if fault.kind == kind), None)


def exchange_of(scope: Scope) -> Exchange:
    """The exchange of a request; apps set its `effect` to "write" or "token" where that is what they did."""
    return cast(Exchange, scope["sandbox"])


@dataclass(frozen=True)
class Answer:
    """One whole answer, as bytes."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


def platform_answer(status: int, body: bytes, content_type: str, **headers: str) -> Answer:
    """An answer with its length set. Header names are given with underscores: `retry_after="5"`."""
    named = [
        (name.replace("_", "-").encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    ]
    named.append((b"content-type", content_type.encode("latin-1")))
    named.append((b"content-length", str(len(body)).encode("ascii")))
    return Answer(status, named, body)


class PlatformEdge:
    """ASGI middleware around one platform's app: reads the request, commits faults, logs, answers.

    Answers are sent whole, and logged just before they leave, so a caller that has its answer finds its
    call in the log. Requests under `/_control` go to the control app, unlogged and unharmed.
    """

    def __init__(
        self,
        app: AsgiApp,
        *,
        calls: CallLog,
        faults: Faults,
        clock: Clock,
        control: AsgiApp | None = None,
        prefixes: Sequence[str] = (),
        name_operation: Callable[[str, dict[str, str], bytes], str] | None = None,
    ) -> None:
        self._app = app
        self._control = control
        self._calls = calls
        self._faults = faults
        self._clock = clock
        # Longest first: /index.php/api/v2 ends in /api/v2.
        self._prefixes = sorted(prefixes, key=len, reverse=True)
        self._name_operation = name_operation

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        if self._control is not None and scope["path"].startswith("/_control"):
            await self._control(scope, receive, send)
            return
        body = await _read_body(receive)
        operation = self._operation(scope, body)
        exchange = Exchange("read" if scope["method"] == "GET" else "none", self._faults.strike(operation))
        scope["sandbox"] = exchange
        wire = next((fault for fault in exchange.faults if fault.kind in WIRE_FAULTS), None)
        request = _Request(scope, body, operation)
        if wire is None:
            answer = await self._ask(request)
            self._log(request, exchange, answer.status)
            await _answer(send, answer)
        else:
            await self._strike(request, wire, send)

    async def _strike(self, request: _Request, fault: Fault, send: Send) -> None:
        exchange = exchange_of(request.scope)
        instead = _instead_of_answer(fault)
        if instead is not None:
            if fault.options.get("applied", False):
                await self._ask(request)
                self._log(request, exchange, instead.status)
            else:
                self._refuse(request, exchange, instead.status)
            await _answer(send, instead)
            return
        if fault.kind == "reset_before" or (fault.kind == "hang" and not fault.options.get("applied", True)):
            self._refuse(request, exchange, 0)
            await asyncio.sleep(_seconds(fault))
            await _reset(send)
            return
        answer = await self._ask(request)
        self._log(request, exchange, answer.status)
        if fault.kind == "reset_after":
            await _reset(send)
        elif fault.kind == "truncate":
            await _answer(send, answer, cut=True)
        else:
            await asyncio.sleep(_seconds(fault))
            await _answer(send, answer)

    async def _ask(self, request: _Request) -> Answer:
        """Let the app answer, and keep the answer instead of sending it."""
        status, headers, body = 500, list[tuple[bytes, bytes]](), bytearray()
        pending = [{"type": "http.request", "body": request.body, "more_body": False}]

        async def receive() -> dict[str, Any]:
            return pending.pop() if pending else {"type": "http.disconnect"}

        async def keep(message: Any) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], [*message.get("headers", [])]
            else:
                body.extend(message.get("body", b""))

        await self._app(request.scope, receive, keep)
        return Answer(status, headers, bytes(body))

    def _refuse(self, request: _Request, exchange: Exchange, status: int) -> None:
        exchange.effect = "none" if exchange.effect == "write" else exchange.effect
        self._log(request, exchange, status)

    def _log(self, request: _Request, exchange: Exchange, status: int) -> None:
        scope, body = request.scope, hide_body(request.body)
        self._calls.append(
            Call(
                at=self._clock.now(),
                method=scope["method"],
                path=scope["path"],
                query=scope["query_string"].decode("latin-1"),
                headers=hide_headers(scope["headers"]),
                body=body if exchange.effect == "write" else body[:KEPT_READ_BODY],
                status=status,
                effect=exchange.effect,
                operation=request.operation,
            )
        )

    def _operation(self, scope: Scope, body: bytes) -> str:
        path = scope["path"]
        for prefix in self._prefixes:
            if path.startswith(prefix + "/"):
                path = path[len(prefix) :]
                break
        operation = f"{scope['method']} {path}"
        if self._name_operation is None:
            return operation
        named = self._name_operation(path, hide_headers(scope["headers"]), body)
        return f"{operation} {named}" if named else operation


@dataclass(frozen=True)
class _Request:
    scope: Scope
    body: bytes
    operation: str


def _instead_of_answer(fault: Fault) -> Answer | None:
    options = fault.options
    if fault.kind == "429":
        wait = options.get("retry_after")
        headers = {} if wait is None else {"retry_after": str(wait)}
        return platform_answer(
            429, b'{"code":429,"message":"Too many requests"}', "application/json", **headers
        )
    if fault.kind == "html":
        return platform_answer(200, HTML_PAGE, "text/html; charset=utf-8")
    if fault.kind == "status":
        status = int(options.get("status", 500))
        body = options.get("body", f'{{"code":{status},"message":"Ordered fault"}}')
        raw = body.encode() if isinstance(body, str) else bytes(body)
        return platform_answer(status, raw, options.get("content_type", "application/json"))
    return None


def _seconds(fault: Fault) -> float:
    return float(fault.options.get("seconds", 0 if fault.kind != "hang" else 30))


async def _read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _answer(send: Send, answer: Answer, *, cut: bool = False) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    if not cut:
        await send({"type": "http.response.body", "body": answer.body})
        return
    await send(
        {"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True}
    )
    await _hang_up(send, reset=False)


async def _reset(send: Send) -> None:
    await _hang_up(send, reset=True)


async def _hang_up(send: Send, *, reset: bool) -> None:
    # uvicorn passes a bound method of its request cycle, which holds the connection; ASGI has no reset.
    transport = cast(Any, send).__self__.transport
    if reset:
        # A zero linger makes the kernel send RST instead of FIN: the client sees a reset connection.
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    else:
        transport.close()
    # Let the protocol notice the lost connection before the app returns, else it would answer 500.
    while not cast(Any, send).__self__.disconnected:
        await asyncio.sleep(0)
