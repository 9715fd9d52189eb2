"""The iSpring sandbox: one simulated account, served over HTTP on loopback."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connector.sandbox.calls import CallLog
from connector.sandbox.clock import Clock
from connector.sandbox.control import ControlApp
from connector.sandbox.faults import HTML_PAGE, Answer, Faults, PlatformEdge, exchange_of, platform_answer
from connector.sandbox.people import World
from connector.sandbox.server import Receive, Scope, Send, Server

from . import rest_content, rest_enrollments, rest_users, rest_webhooks
from .access import Credentials
from .account import Account
from .deliveries import Postman
from .ids import Ids
from .loading import load_world
from .person import Person
from .rest import RestApi
from .services import build_services
from .soap import SoapApi, operation_name
from .soap_operations import OPERATIONS
from .state import state_kinds
from .switches import IspringSwitches, switch_help

PREFIXES = ("/index.php/api/v2", "/api/v2", "/api/v3")
SOAP_PATH = "/api/v2/soap/2.0"
UNSERVED_URL = "https://sandbox.example.org"


class IspringSandbox:
    """A simulated iSpring Learn account.

    `box.load(world)`, then `with box.serving(): box.url`. All invented credentials of the owner stand in
    `client_id`, `client_secret`, `email` (the login) and `password`; `add_credentials` makes weaker ones.
    A `seed` makes every id the same in every run.
    """

    def __init__(
        self,
        switches: IspringSwitches | None = None,
        clock: Clock | None = None,
        *,
        seed: int | None = None,
        zone: str = "UTC",
    ) -> None:
        self.switches = switches or IspringSwitches()
        self.clock = clock or Clock()
        self.calls, self.faults = CallLog(), Faults()
        self.account = Account(self.switches, self.clock, Ids(seed), zone)
        self._services = build_services(self.account, lambda: self.account_url)
        self._rest = RestApi(
            self._services,
            (*rest_enrollments.ROUTES, *rest_users.ROUTES, *rest_content.ROUTES, *rest_webhooks.ROUTES),
        )
        self._soap = SoapApi(self._services, OPERATIONS)
        self.postman = Postman(self.account, self._services.webhooks)
        self.person = Person(self.account)
        self._kinds = state_kinds(self._services, self.postman)
        self._server: Server | None = None
        self._requests = 0
        self._owner = self.add_credentials(role="owner", login="owner")
        self.app = PlatformEdge(
            self._answer,
            calls=self.calls,
            faults=self.faults,
            clock=self.clock,
            control=ControlApp(self),
            prefixes=PREFIXES,
            name_operation=operation_name,
        )

    @property
    def client_id(self) -> str:
        return self._owner.client_id

    @property
    def client_secret(self) -> str:
        return self._owner.client_secret

    @property
    def email(self) -> str:
        """The login of the account owner, for X-Auth-Email."""
        return self._owner.email

    @property
    def password(self) -> str:
        return self._owner.password

    @property
    def url(self) -> str:
        """The address while serving. Raises RuntimeError before."""
        if self._server is None:
            raise RuntimeError("the sandbox is not being served")
        return self._server.url

    @property
    def account_url(self) -> str:
        """What X-Auth-Account-Url has to name: the address being served, or an invented one before."""
        return UNSERVED_URL if self._server is None else self._server.url

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[IspringSandbox]:
        """Serve on 127.0.0.1 until the block ends; webhooks are delivered meanwhile."""
        server = Server(self.app, port=port)
        server.start()
        self._server = server
        self.postman.start()
        try:
            yield self
        finally:
            self._server = None
            self.postman.stop()
            server.stop()

    def load(self, world: World) -> None:
        with self.account.lock:
            load_world(self.account, world)

    def warm_up(self) -> None:
        """Make the JSON of all rows beforehand, so that a benchmark measures its caller and not this sandbox."""
        rows, renderer = self._services.rows, self._services.renderer
        with self.account.lock:
            enrollments = [*self.account.enrollments.values()]
            renderer.rows(enrollments, rows.enrollment, "json")
            renderer.rows(enrollments, rows.result, "json")
            renderer.rows([*self.account.users.values()], rows.user_v2, "json")

    def add_credentials(
        self,
        *,
        role: str = "administrator",
        departments: Iterable[str] | None = None,
        without: Iterable[str] = (),
        login: str = "",
    ) -> Credentials:
        """Another way in: a role, limited to departments and those below, and without some of its rights.

        The rights are listed in `access.RIGHTS`, for example "edit_statistics". Blocking `user_id` closes it.
        """
        with self.account.lock:
            return self._services.gate.add_credentials(
                role=role,
                departments=None if departments is None else tuple(departments),
                without=frozenset(without),
                login=login or f"{role}.{len(self.account.users) + 1}",
            )

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The present state of one kind. Raises ValueError for an unknown one."""
        if kind not in self._kinds:
            raise ValueError(f"unknown kind {kind!r}; one of {sorted(self._kinds)}")
        with self.account.lock:
            return self._kinds[kind]()

    def kinds(self) -> list[str]:
        return sorted(self._kinds)

    def switch_help(self) -> Mapping[str, str]:
        return switch_help()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        with self.account.lock:
            answer = self._respond(scope, bytes(message["body"]))
        await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _respond(self, scope: Scope, body: bytes) -> Answer:
        headers = {
            name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]
        }
        exchange, path = exchange_of(scope), scope["path"]
        if self._too_many():
            return self._slow_down()
        if path == SOAP_PATH:
            return self._soap.answer(scope["method"], body, exchange)
        prefix = next((one for one in PREFIXES if path.startswith(one + "/")), "")
        if not prefix and not self.switches.root_prefix:
            return platform_answer(200, HTML_PAGE, "text/html; charset=utf-8")
        return self._rest.answer(
            scope["method"],
            _service_path(path[len(prefix) :], prefix),
            scope["query_string"].decode("latin-1"),
            headers,
            body,
            exchange,
            bare=not prefix,
        )

    def _too_many(self) -> bool:
        self._requests += 1
        every = self.switches.rate_limit_every
        return every > 0 and self._requests % every == 0

    def _slow_down(self) -> Answer:
        wait = self.switches.rate_limit_retry_after
        headers = {"retry_after": str(wait)} if wait else {}
        return platform_answer(
            429, b'{"code":429,"message":"Too many requests"}', "application/json", **headers
        )


def _service_path(path: str, prefix: str) -> str:
    # The token endpoint exists under /api/v3 only (reference 1), on every host.
    if path == "/token" and prefix != "/api/v3":
        return "/token/unknown"
    return path
