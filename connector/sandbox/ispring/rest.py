"""The REST side: finds the handler of a path, signs the caller in, answers in JSON or XML."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

import orjson

from connector.sandbox.faults import HTML_PAGE, Answer, Exchange, platform_answer

from .access import Actor
from .entities import Entity
from .incoming import Fields, read_fields
from .paging import encode
from .refusals import Refused
from .render import JSON_TYPE, XML_HEAD, XML_TYPE, Kind, Reply, element
from .services import Services

E = TypeVar("E", bound=Entity)

Effect = Literal["read", "write", "token"]


# The nil UUID sorts before every row: a token that leads to the first page.
FIRST_PAGE = encode(str(uuid.UUID(int=0)))


@dataclass(frozen=True)
class RestCall:
    """One signed-in REST request, ready for its handler."""

    services: Services
    actor: Actor
    fields: Fields
    path: Mapping[str, str]
    exchange: Exchange

    def page(self, rows: Sequence[Any], kind: Kind[Any]) -> Reply:
        """One page of `rows` as `pageSize` and `pageToken` ask for it."""
        token = self.fields.text("pageToken") or ""
        page, next_token = self.services.selections.page(
            rows, token=token, size=self.fields.integer("pageSize")
        )
        next_token, page = spoil(self.services, self.exchange, token, next_token, page)
        return self.services.renderer.page(page, kind, next_token)


def spoil(
    services: Services, exchange: Exchange, token: str, next_token: str, page: Sequence[E]
) -> tuple[str, Sequence[E]]:
    """Commit the faults of lists: rows in another order, or the token of the same page again."""
    if exchange.asked("shuffle"):
        page = [page[position] for position in services.account.ids.shuffled(len(page))]
    if exchange.asked("repeat_page_token"):
        next_token = token or FIRST_PAGE
    return next_token, page


Handler = Callable[[RestCall], Reply]


@dataclass(frozen=True)
class Route:
    """`{name}` in a path takes one segment. `open_to_all`: no sign-in (the token endpoint)."""

    method: str
    path: str
    handler: Handler
    effect: Effect = "read"
    open_to_all: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


NO_ACTOR = Actor("", frozenset())


class RestApi:
    """All REST routes over one account."""

    def __init__(self, services: Services, routes: Sequence[Route]) -> None:
        self._services = services
        self._routes = [(route, route.pattern) for route in routes]

    def answer(
        self,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes,
        exchange: Exchange,
        *,
        bare: bool,
    ) -> Answer:
        """Answer one request. `path` has no version prefix; `bare` says that it never had one."""
        matches = [(route, match) for route, pattern in self._routes if (match := pattern.fullmatch(path))]
        if not matches and bare:
            return platform_answer(200, HTML_PAGE, "text/html; charset=utf-8")
        wants_json = "application/json" in headers.get("accept", "") or path == "/token"
        try:
            reply = self._reply(method, matches, query, headers, body, exchange)
        except Refused as refused:
            exchange.effect = "none" if exchange.effect == "write" else exchange.effect
            reply = _refusal(refused)
        return _answer(reply, wants_json=wants_json)

    def _reply(
        self,
        method: str,
        matches: Sequence[tuple[Route, re.Match[str]]],
        query: str,
        headers: dict[str, str],
        body: bytes,
        exchange: Exchange,
    ) -> Reply:
        if not matches:
            raise Refused(404, "Not found")
        found = next(((route, match) for route, match in matches if route.method == method), None)
        if found is None:
            raise Refused(405, "Method not allowed")
        route, match = found
        exchange.effect = route.effect
        if exchange.asked("revoke_token"):
            self._services.gate.revoke_all()
        actor = NO_ACTOR
        if not route.open_to_all:
            actor = self._services.gate.by_headers(headers, webhooks=route.path.startswith("/webhook/"))
        fields = read_fields(query, body, headers.get("content-type", ""))
        self._services.statistics.catch_up()
        return route.handler(RestCall(self._services, actor, fields, match.groupdict(), exchange))


def _refusal(refused: Refused) -> Reply:
    inner = element("code", str(refused.status)) + element("message", refused.message)
    return Reply(
        status=refused.status,
        json=lambda: {"code": refused.status, "message": refused.message},
        xml=lambda: element("response", inner),
        plain=refused.message if refused.plain else None,
    )


def _answer(reply: Reply, *, wants_json: bool) -> Answer:
    if reply.plain is not None:
        return platform_answer(reply.status, reply.plain.encode(), "text/plain; charset=utf-8")
    if reply.json is None:
        return platform_answer(reply.status, b"", JSON_TYPE if wants_json else XML_TYPE)
    if wants_json:
        return platform_answer(reply.status, orjson.dumps(reply.json()), JSON_TYPE, **reply.headers)
    return platform_answer(reply.status, XML_HEAD + reply.xml(), XML_TYPE, **reply.headers)
