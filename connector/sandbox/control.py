"""The control app of a sandbox, under /_control: play a person, order faults, turn switches, read the log.

For operators with curl, on loopback only; nothing here exists on the real platforms and none of it is logged
as a call.
"""

from __future__ import annotations

import inspect
import types
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Protocol, get_args, get_origin, get_type_hints

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .calls import Call, CallLog
from .clock import Clock
from .faults import Faults

LOOPBACK = frozenset(("127.0.0.1", "::1", "localhost"))


class Controlled(Protocol):
    """What a sandbox offers to its control app."""

    @property
    def calls(self) -> CallLog: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def switches(self) -> Any: ...
    @property
    def person(self) -> Any: ...
    def kinds(self) -> list[str]: ...
    def rows(self, kind: str) -> list[dict[str, Any]]: ...
    def switch_help(self) -> Mapping[str, str]: ...


class ControlApp(Starlette):
    """Serves one sandbox's controls. Mistakes of the caller are answered 400 with the reason."""

    def __init__(self, box: Controlled) -> None:
        self._box = box
        routes = [
            Route("/_control/", self._guarded(self._help)),
            Route("/_control/calls", self._guarded(self._calls)),
            Route("/_control/faults", self._guarded(self._faults), methods=["GET", "POST", "DELETE"]),
            Route("/_control/switches", self._guarded(self._switches), methods=["GET", "POST"]),
            Route("/_control/clock", self._guarded(self._clock), methods=["GET", "POST"]),
            Route("/_control/state/{kind}", self._guarded(self._state)),
            Route("/_control/person/{action}", self._guarded(self._person), methods=["POST"]),
        ]
        super().__init__(routes=routes)

    def _guarded(self, answer: Callable[[Request, dict[str, Any]], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            if request.client is None or request.client.host not in LOOPBACK:
                return _json({"error": "only from this machine"}, 403)
            try:
                sent = orjson.loads(await request.body() or b"{}")
                if not isinstance(sent, dict):
                    raise ValueError("the body must be a JSON object")
                return _json(answer(request, sent))
            except (ValueError, TypeError, KeyError) as error:
                return _json({"error": f"{type(error).__name__}: {error}"}, 400)

        return endpoint

    def _help(self, request: Request, sent: dict[str, Any]) -> Any:
        return {
            "GET /_control/calls?since=N": "what was asked of this platform, from the N-th call on",
            "GET|POST|DELETE /_control/faults": Faults.__doc__,
            "GET|POST /_control/switches": self._box.switch_help(),
            "GET|POST /_control/clock": '{"now": "2026-03-01T00:00:00+00:00"} or {"advance_days": 1} or {"run": true}',
            "GET /_control/state/{kind}": self._box.kinds(),
            "POST /_control/person/{action}": self._actions(),
        }

    def _actions(self) -> dict[str, str]:
        person = self._box.person
        names = [name for name in dir(person) if not name.startswith("_") and callable(getattr(person, name))]
        return {name: str(inspect.signature(getattr(person, name))) for name in names}

    def _calls(self, request: Request, sent: dict[str, Any]) -> Any:
        since = int(request.query_params.get("since", "0"))
        calls = self._box.calls
        return {"total": len(calls), "calls": [_call_row(call) for call in calls.since(since)]}

    def _faults(self, request: Request, sent: dict[str, Any]) -> Any:
        if request.method == "DELETE":
            self._box.faults.clear()
        elif request.method == "POST":
            self._box.faults.add(str(sent.pop("kind", "")), **sent)
        return [asdict(fault) for fault in self._box.faults.list()]

    def _switches(self, request: Request, sent: dict[str, Any]) -> Any:
        switches = self._box.switches
        known = asdict(switches)
        for name, value in sent.items():
            if name not in known:
                raise ValueError(f"unknown switch {name!r}")
            setattr(switches, name, tuple(value) if isinstance(value, list) else value)
        return asdict(switches)

    def _clock(self, request: Request, sent: dict[str, Any]) -> Any:
        clock = self._box.clock
        if "now" in sent:
            clock.set(datetime.fromisoformat(sent["now"]))
        if "advance_days" in sent:
            clock.advance(timedelta(days=float(sent["advance_days"])))
        if sent.get("run"):
            clock.run()
        return {"now": clock.now()}

    def _state(self, request: Request, sent: dict[str, Any]) -> Any:
        return self._box.rows(request.path_params["kind"])

    def _person(self, request: Request, sent: dict[str, Any]) -> Any:
        name = request.path_params["action"]
        if name not in self._actions():
            raise ValueError(f"unknown action {name!r}; one of {sorted(self._actions())}")
        action = getattr(self._box.person, name)
        return {"result": action(**read_arguments(action, sent))}


def read_arguments(action: Callable[..., Any], sent: Mapping[str, Any]) -> dict[str, Any]:
    """JSON values as the arguments of `action`: text becomes a date or a datetime where one is expected."""
    hints = get_type_hints(action)
    return {name: _argument(value, hints.get(name)) for name, value in sent.items()}


def _argument(value: Any, hint: Any) -> Any:
    expected = get_args(hint) if get_origin(hint) is types.UnionType else (hint,)
    if isinstance(value, str) and date in expected and len(value) == len("2026-03-01"):
        return date.fromisoformat(value)
    if isinstance(value, str) and datetime in expected:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError(f"{value!r} needs an offset, such as +11:00")
        return moment
    return value


def _call_row(call: Call) -> dict[str, Any]:
    return {**asdict(call), "body": call.body.decode("utf-8", "replace")}


def _json(value: Any, status: int = 200) -> Response:
    body = orjson.dumps(value, default=_plain, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Response(body, status, media_type="application/json")


def _plain(value: Any) -> Any:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
