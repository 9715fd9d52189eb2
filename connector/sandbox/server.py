"""One HTTP server on loopback in a thread: what every sandbox is served by."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from types import TracebackType
from typing import Any

import uvicorn

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
AsgiApp = Callable[[Scope, Receive, Send], Awaitable[None]]

START_LIMIT_S = 10.0
STOP_LIMIT_S = 10.0
HANG_LIMIT_S = 1.0


class Server:
    """Serves an ASGI app on a loopback address until stopped.

    The port is bound on `start`, so `url` is known before the first request; port 0 takes a free one.
    `stop` is bounded (a request that still hangs is cancelled after a second) and may be called twice.
    """

    def __init__(self, app: AsgiApp, *, host: str = "127.0.0.1", port: int = 0) -> None:
        self._app = app
        self._host = host
        self._port = port
        self._server: _PromptServer | None = None
        self._thread: threading.Thread | None = None
        self._address: tuple[str, int] | None = None

    @property
    def url(self) -> str:
        """Base address without a trailing slash. Raises RuntimeError before `start`."""
        if self._address is None:
            raise RuntimeError("the server was not started")
        return f"http://{self._address[0]}:{self._address[1]}"

    def start(self) -> None:
        """Bind, serve in a daemon thread, and return once connections are accepted.

        Raises OSError when the port is taken.
        """
        listener = self._bind()
        ready = threading.Event()
        self._server = _PromptServer(self._config(), ready)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [listener]}, name=f"sandbox-{self.url}", daemon=True
        )
        self._thread.start()
        if not ready.wait(START_LIMIT_S):
            raise RuntimeError("the sandbox server did not start in time")

    def stop(self) -> None:
        """Close the listener and every connection; return when the thread has ended."""
        if self._server is None or self._thread is None:
            return
        self._server.ask_to_stop()
        self._thread.join(STOP_LIMIT_S)
        if self._thread.is_alive():
            raise RuntimeError("the sandbox server did not stop in time")
        self._server = self._thread = None

    def __enter__(self) -> Server:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _bind(self) -> socket.socket:
        # With the protocol named, asyncio turns Nagle's delay off; without it every answer takes 40 ms longer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # asyncio switches Nagle's algorithm off only for sockets that name their protocol; accepted ones inherit this.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            listener.bind((self._host, self._port))
        except OSError:
            listener.close()
            raise
        listener.listen(128)
        self._address = listener.getsockname()[:2]
        return listener

    def _config(self) -> uvicorn.Config:
        return uvicorn.Config(
            self._app,
            log_config=None,
            log_level="critical",
            access_log=False,
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=75,
        )


class _PromptServer(uvicorn.Server):
    """A uvicorn server that says when it listens and stops at once when asked: tests start hundreds."""

    def __init__(self, config: uvicorn.Config, ready: threading.Event) -> None:
        super().__init__(config)
        self._ready = ready
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked_to_stop = asyncio.Event()

    def ask_to_stop(self) -> None:
        """May be called from any thread."""
        if self._loop is not None and self._loop.is_running():
            self._loop.call_soon_threadsafe(self._asked_to_stop.set)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        await super().startup(sockets)
        self._ready.set()

    async def main_loop(self) -> None:
        while not self._asked_to_stop.is_set():
            # A tick keeps the Date header right; uvicorn's own loop would look for the stop only then.
            await self.on_tick(0)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._asked_to_stop.wait(), timeout=1)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listener in sockets or ():
            listener.close()
        for connection in [*self.server_state.connections]:
            connection.shutdown()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._last_answers(), timeout=HANG_LIMIT_S)
        for task in [*self.server_state.tasks]:
            task.cancel()

    async def _last_answers(self) -> None:
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.002)
