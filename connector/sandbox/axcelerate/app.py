"""The ASGI app of the simulated account: authenticates, finds the endpoint, answers whole."""

from __future__ import annotations

import hmac
import random
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson

from connector.sandbox.faults import Exchange, exchange_of
from connector.sandbox.server import Receive, Scope, Send

from . import contacts, courses, enrolments, plans, reports, updates
from .account import Account
from .wire import JSON, Answer, Params, Refused, error_answer, read_params, refusal

Endpoint = Callable[[Account, Params], Answer]

BASE = "/api"


@dataclass(frozen=True)
class Route:
    """An endpoint and whether an accepted call counts as a write."""

    endpoint: Endpoint
    writes: bool = False


# A path ending in `:name` takes one more segment as the parameter of that name.
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/course/enrolments"): Route(enrolments.course_enrolments),
    ("GET", "/contact/enrolments/:contactID"): Route(enrolments.contact_enrolments),
    ("PUT", "/course/enrolment"): Route(updates.update_enrolment, writes=True),
    ("GET", "/course/instance/detail"): Route(courses.read_instance),
    ("POST", "/course/instance/search"): Route(courses.search_instances),
    ("GET", "/course/instances"): Route(courses.list_instances),
    ("GET", "/courses"): Route(courses.list_courses),
    ("GET", "/course/detail"): Route(courses.read_course),
    ("GET", "/contacts/search"): Route(contacts.search_contacts),
    ("GET", "/contact/:contactID"): Route(contacts.read_contact),
    ("POST", "/contact"): Route(contacts.create_contact, writes=True),
    ("POST", "/log/contactmergehistory"): Route(contacts.merge_history),
    ("POST", "/users"): Route(contacts.search_users),
    ("GET", "/customfields"): Route(contacts.list_custom_fields),
    ("GET", "/report/list"): Route(reports.list_reports),
    ("GET", "/report/fields"): Route(reports.report_fields),
    ("GET", "/report/field"): Route(reports.report_field),
    ("POST", "/report/run"): Route(reports.run_report),
    ("PUT", "/v2/learningplan/modules/enrolments"): Route(plans.update_module, writes=True),
}


class AxcelerateApp:
    """Serves one account under /api; tokens are read from headers only."""

    def __init__(self, account: Account, *, api_token: str, ws_token: str) -> None:
        self._account = account
        self._tokens = {"apitoken": api_token, "wstoken": ws_token}
        self._calls: deque[float] = deque()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = (await receive()).get("body", b"")
        exchange = exchange_of(scope)
        with self._account.lock:
            given = self._answer(scope, body, exchange)
        headers = [(b"content-type", JSON.encode()), (b"content-length", str(len(given.body)).encode())]
        headers.extend((name.encode(), value.encode()) for name, value in given.headers.items())
        await send({"type": "http.response.start", "status": given.status, "headers": headers})
        await send({"type": "http.response.body", "body": given.body})

    def _answer(self, scope: Scope, body: bytes, exchange: Exchange) -> Answer:
        try:
            self._authenticate(scope, exchange)
            wait = self._rate_limited()
            if wait is not None:
                return wait
            return self._serve(scope, body, exchange)
        except Refused as refused:
            return error_answer(refused, self._account.switches)

    def _authenticate(self, scope: Scope, exchange: Exchange) -> None:
        sent = {name.decode("latin-1").lower(): value for name, value in scope["headers"]}
        for header, said in (("apitoken", "API token"), ("wstoken", "web service token")):
            token = sent.get(header, b"")
            if not token:
                raise Refused(
                    401,
                    f"No {said} provided",
                    f"A valid {said} must exist in the HTTP header in order to use this API",
                )
            wrong = not hmac.compare_digest(token, self._tokens[header].encode())
            if wrong or exchange.asked("revoke_token") is not None:
                raise Refused(401, f"Invalid {said}", f"The {said} is not valid")

    def _rate_limited(self) -> Answer | None:
        """429 for what exceeds the account's calls a minute, measured in real time."""
        switches = self._account.switches
        if not switches.rate_limit_per_minute:
            return None
        now = time.monotonic()
        while self._calls and now - self._calls[0] > 60:
            self._calls.popleft()
        if len(self._calls) < switches.rate_limit_per_minute:
            self._calls.append(now)
            return None
        told = switches.rate_limit_retry_after
        refused = error_answer(Refused(429, "Too many requests"), switches)
        return Answer(refused.body, 429, {"retry-after": str(told)} if told else {})

    def _serve(self, scope: Scope, body: bytes, exchange: Exchange) -> Answer:
        switches, method = self._account.switches, scope["method"]
        route, path, segment = _find(method, scope["path"])
        params = read_params(method, scope["query_string"], body, _content_type(scope), switches).with_value(
            segment
        )
        if exchange.asked("error_200") is not None:
            raise Refused(200, "key [TYPE] doesn't exist", code="0")
        if any(f"{method} {path}".lower() == operation.lower() for operation in switches.forbidden):
            raise refusal(
                switches.forbidden_as, "Not allowed", "You do not have permission to use this resource"
            )
        given = route.endpoint(self._account, params)
        exchange.effect = "write" if route.writes else "read"
        if exchange.asked("shuffle") is not None:
            given = _shuffled(given)
        return given


def _find(method: str, path: str) -> tuple[Route, str, dict[str, str]]:
    """The route of a path, with or without trailing slashes. 404 for an unknown one, 405 for another method."""
    bare = path.rstrip("/")
    inner = bare[len(BASE) :].lower() if bare.lower().startswith(BASE + "/") else ""
    route = ROUTES.get((method, inner))
    if route is not None:
        return route, inner, {}
    parent, _, last = inner.rpartition("/")
    route = ROUTES.get((method, f"{parent}/:contactID"))
    if route is not None and last.isdigit():
        return route, f"{parent}/:contactID", {"contactID": last}
    if any(known == inner for _, known in ROUTES):
        raise Refused(405, "Method not allowed")
    raise Refused(404, "Not Found", "The resource does not exist.")


def _content_type(scope: Scope) -> str:
    return next((value.decode("latin-1") for name, value in scope["headers"] if name == b"content-type"), "")


def _shuffled(given: Answer) -> Answer:
    content: Any = orjson.loads(given.body) if given.body else None
    if not isinstance(content, list):
        return given
    random.Random(len(content)).shuffle(content)
    return Answer(orjson.dumps(content), given.status, given.headers)
