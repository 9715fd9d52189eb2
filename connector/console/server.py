"""The HTTP server of the daemon, in a thread of its own, so that signals stay with the main thread."""

from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING

import uvicorn

from connector.errors import SettingsError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

STOP_LIMIT_S = 3.0


class PageServer:
    """Serves the pages until stopped. The port is taken at once, so that a taken one is told before anything runs."""

    def __init__(self, app: ASGIApp, host: str, port: int) -> None:
        """Raises SettingsError when host and port cannot be listened on."""
        self._listener = _listen(host, port)
        address = self._listener.getsockname()
        self.host, self.port = str(address[0]), int(address[1])
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._listener]}, name="pages", daemon=True
        )

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End within seconds; a request that still hangs is cut off."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(STOP_LIMIT_S)
        self._listener.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as exc:
        raise SettingsError(f"CONNECTOR_HTTP__HOST {host}: {exc.strerror}") from exc
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(128)
    except OSError as exc:
        listener.close()
        raise SettingsError(f"CONNECTOR_HTTP__PORT {port} on {host}: {exc.strerror}") from exc
    return listener
