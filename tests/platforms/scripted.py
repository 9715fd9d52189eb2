"""A server on loopback that gives scripted answers, byte for byte, and keeps what it was sent."""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True)
class Sent:
    """One request as it arrived; header names in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)


@dataclass
class Script:
    """Answers in order; the last one is given again and again. `reset` in place of bytes resets the connection."""

    answers: list[bytes] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer_to(self, request: Sent) -> bytes:
        with self.lock:
            self.sent.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Delayed(bytes):
    """An answer that leaves only after some seconds; a client that waits less sees a hanging platform."""

    seconds: float


def after(seconds: float, given: bytes) -> Delayed:
    delayed = Delayed(given)
    delayed.seconds = seconds
    return delayed


RESET = b"reset"
HANG_UP = b"hang up"


def answer(
    status: int = 200,
    body: bytes | str = b"",
    content_type: str = "application/json",
    *,
    length: int | None = None,
    **headers: str,
) -> bytes:
    """A whole answer. `length` lies about the body's length; header names are given with underscores."""
    body = body.encode() if isinstance(body, str) else body
    named = {
        "content-type": content_type,
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    size = len(body) if length is None else length
    return f"HTTP/1.1 {status} Scripted\r\n{head}content-length: {size}\r\n\r\n".encode() + body


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while (request := self._read()) is not None:
            given = self.server.script.answer_to(request)  # type: ignore[attr-defined]
            if given == RESET:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                return
            if given == HANG_UP:
                return
            if isinstance(given, Delayed):
                time.sleep(given.seconds)
            try:
                self.wfile.write(given)
            except ConnectionError:
                return  # the client did not wait
            head, _, body = given.partition(b"\r\n\r\n")
            if f"content-length: {len(body)}\r\n".encode() not in head + b"\r\n":
                return  # a lie about the length ends the connection

    def _read(self) -> Sent | None:
        try:
            line = self.rfile.readline().decode()
        except ConnectionError:
            return None
        if not line.strip():
            return None
        method, target, _ = line.split(" ", 2)
        headers = {}
        while (header := self.rfile.readline().decode()).strip():
            name, _, value = header.partition(":")
            headers[name.strip().lower()] = value.strip()
        return Sent(method, target, headers, self.rfile.read(int(headers.get("content-length", 0))))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False


@contextmanager
def scripted(*answers: bytes) -> Iterator[Script]:
    script = Script(list(answers))
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.script = script  # type: ignore[attr-defined]
        script.url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
