"""The daemon's pages (contract, section 7). Every answer is quick: a hook is only put down and the engine woken."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from connector.console import guard, hooks, views
from connector.console.metrics import CONTENT_TYPE, Metrics
from connector.domain.learner import UserId
from connector.errors import StateError

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.state.store import Store

MAX_BODY = 1024 * 1024
WENT_WELL = (None, 0, 3, 4)
"""Exit codes after which the service is ready: a failed record or a limit is for a person, not for a supervisor."""

_log = structlog.get_logger(__name__)


class Works(Protocol):
    """What the pages want of whoever makes the runs (`schedule.Worker`)."""

    could_start: bool

    def is_alive(self) -> bool:
        """Whether it still makes runs."""

    def wake(self, people: Iterable[str] | None = None) -> None:
        """Ask for runs of these contacts; None asks for everything."""


@dataclass
class Service:
    """What the pages work with."""

    settings: Settings
    store: Store
    metrics: Metrics
    worker: Works
    now: Callable[[], datetime]


def build_app(service: Service) -> Starlette:
    """The routes over one service."""
    pages = Pages(service)
    return Starlette(
        routes=[
            Route("/", pages.home),
            Route("/healthz", pages.health),
            Route("/readyz", pages.ready),
            Route("/metrics", pages.metrics),
            Route("/hooks/ispring", pages.hook_ispring, methods=["POST"]),
            Route("/hooks/axcelerate", pages.hook_axcelerate, methods=["POST"]),
        ]
    )


class Pages:
    """One method a page."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def home(self, request: Request) -> Response:
        service = self._service
        secret = service.settings.http.password
        refused = guard.refusal(request, secret.get_secret_value() if secret else None)
        if refused is not None:
            return refused
        body = views.render(views.page_of(service.store, service.settings))
        return Response(body, media_type="text/html", headers=guard.HEADERS)

    def health(self, request: Request) -> Response:
        """The process lives and answers."""
        return PlainTextResponse("ok\n")

    def ready(self, request: Request) -> Response:
        """The database answers, the worker lives and can start runs, and the last run went through."""
        found: dict[str, Any] = {"database": "ok", "worker": self._worker()}
        try:
            last = next((r for r in self._service.store.last_runs(5) if r.exit_code is not None), None)
        except StateError as error:
            found["database"], last = str(error), None
        found["last_run"] = last.exit_code if last else None
        is_ready = found["database"] == "ok" and found["worker"] == "ok" and found["last_run"] in WENT_WELL
        return JSONResponse(found | {"ready": is_ready}, 200 if is_ready else 503)

    def _worker(self) -> str:
        if not self._service.worker.is_alive():
            return "ended"
        return "ok" if self._service.worker.could_start else "the last run could not start; the log says why"

    def metrics(self, request: Request) -> Response:
        return Response(self._service.metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def hook_ispring(self, request: Request) -> Response:
        secret = self._service.settings.ispring.webhook_secret

        def understood(body: bytes) -> hooks.Delivery:
            return hooks.ispring_delivery(
                body,
                request.headers.get("x-hub-signature", ""),
                secret.get_secret_value() if secret else None,
                at=self._service.now(),
            )

        return await self._take(request, hooks.ISPRING, understood)

    async def hook_axcelerate(self, request: Request) -> Response:
        key = self._service.settings.axcelerate.webhook_key

        def understood(body: bytes) -> hooks.Delivery:
            return hooks.axcelerate_delivery(
                body,
                request.headers.get("ax-signature", ""),
                key.get_secret_value() if key else None,
                content_type=request.headers.get("content-type", ""),
            )

        return await self._take(request, hooks.AXCELERATE, understood)

    async def _take(
        self, request: Request, platform: str, understood: Callable[[bytes], hooks.Delivery]
    ) -> Response:
        counted = self._service.metrics.hooks
        try:
            delivery = understood(await _body(request))
        except hooks.Refused as refused:
            counted.labels(platform, str(refused.status)).inc()
            _log.warning("delivery refused", platform=platform, reason=refused.reason)
            return PlainTextResponse(f"{refused.reason}\n", refused.status)
        await run_in_threadpool(self._keep, delivery)
        counted.labels(platform, "200").inc()
        return PlainTextResponse("ok\n")

    def _keep(self, delivery: hooks.Delivery) -> None:
        """Put a delivery down once, and wake the engine for whom it names; for whom it does not name, for everybody."""
        if delivery.code is not None:
            _log.warning(
                "iSpring Learn asks to confirm this address: send the code with POST /webhook/confirm",
                code=delivery.code,
            )
            return
        service = self._service
        is_new = service.store.add_event(
            delivery.platform, delivery.key, delivery.digest, delivery.people, service.now()
        )
        if not is_new:
            return
        contacts = self._contacts(delivery)
        _log.info("delivery", platform=delivery.platform, kind=delivery.kind, people=len(delivery.people))
        service.worker.wake(contacts or None)

    def _contacts(self, delivery: hooks.Delivery) -> list[str]:
        """The contacts that a delivery is about; none where one of its people is not known yet."""
        if delivery.platform == hooks.AXCELERATE:
            numbers = [person for person in delivery.people if person.isdigit()]
            return numbers if len(numbers) == len(delivery.people) else []
        links = [self._service.store.link_of_user(UserId(person)) for person in delivery.people]
        return [str(found[0].contact_id) for found in links if found] if all(links) else []


async def _body(request: Request) -> bytes:
    """The raw body, bounded: anybody may post here. Raises Refused."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            raise hooks.Refused(413, "the body is too large")
    return body
