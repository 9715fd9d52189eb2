"""A loopback server that answers with documented shapes, retyped, and notes what it was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import orjson

from connector.platforms.axcelerate import AxcelerateVet
from connector.platforms.patience import Patience

BRIEF = Patience(
    call_s=0.4, outage_s=2.0, first_answer_s=2.0, slow_answer_s=2.0, write_answer_s=2.0,
    first_pause_s=0.01, longest_pause_s=0.02,
)  # fmt: skip


@dataclass
class Asked:
    """One request as it came over the wire."""

    method: str
    path: str
    query: list[tuple[str, str]]
    form: list[tuple[str, str]]
    headers: dict[str, str]


Reply = tuple[int, Any]
"""A status and a body: bytes as they are, anything else as JSON, None for no body."""


@dataclass
class StandIn:
    """Replies by "METHOD /path": one reply for always, or a list used up from its head with the last one staying."""

    replies: dict[str, Reply | list[Reply] | Callable[[Asked], Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    url: str = ""
    opened: list[AxcelerateVet] = field(default_factory=list)

    def of(self, method: str, path: str) -> list[Asked]:
        return [one for one in self.asked if (one.method, one.path) == (method, path)]

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        reply = self.replies.get(f"{asked.method} {asked.path}", (404, b""))
        if callable(reply):
            return reply(asked)
        if isinstance(reply, list):
            return reply.pop(0) if len(reply) > 1 else reply[0]
        return reply

    def vet(self, **options: Any) -> AxcelerateVet:
        settings = {"requests_per_second": 0, "patience": BRIEF, **options}
        vet = AxcelerateVet(api_url=self.url, api_token="A-TOKEN", ws_token="W-TOKEN", **settings)
        self.opened.append(vet)
        return vet


@contextmanager
def standing_in(stand_in: StandIn) -> Iterator[StandIn]:
    """Serve it under /api on a free port."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body leave together, or the second one waits 40 ms for an acknowledgement

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            is_form = self.headers.get("Content-Type") == "application/x-www-form-urlencoded"
            status, content = stand_in.reply(
                Asked(
                    self.command,
                    parts.path.removeprefix("/api"),
                    parse_qsl(parts.query, keep_blank_values=True),
                    parse_qsl(body.decode(), keep_blank_values=True) if is_form else [],
                    {name.lower(): value for name, value in self.headers.items()},
                )
            )
            payload = (
                content if isinstance(content, bytes) else b"" if content is None else orjson.dumps(content)
            )
            self.send_response(status)
            self.send_header("Content-Type", "text/html" if payload[:1] == b"<" else "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PUT = answer

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    try:
        yield stand_in
    finally:
        for vet in stand_in.opened:
            vet.close()
        server.shutdown()
        server.server_close()
        thread.join(5)
