"""Who may look at the console: without a password this machine alone, with one whoever knows it."""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1", ""})
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def refusal(request: Request, password: str | None) -> Response | None:
    """The answer for somebody who may not look; None for somebody who may."""
    if password:
        if _knows(request, password):
            return None
        return PlainTextResponse(
            "The console asks for its password (any user name).\n",
            401,
            {"WWW-Authenticate": 'Basic realm="connector", charset="UTF-8"'},
        )
    if _is_local(request):
        return None
    return PlainTextResponse(
        "The console answers on this machine only; CONNECTOR_HTTP__PASSWORD opens it to others.\n", 403
    )


def _is_local(request: Request) -> bool:
    """From this machine, and under one of its own names: a page elsewhere must not reach it through a name of its own."""
    host = request.url.hostname or ""
    return request.client is not None and is_loopback(request.client.host) and host in LOCAL_NAMES


def is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return bool((mapped or found).is_loopback)


def _knows(request: Request, password: str) -> bool:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        _, _, told = base64.b64decode(given, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        told = ""
    return hmac.compare_digest(told.encode(), password.encode()) and scheme.lower() == "basic"
