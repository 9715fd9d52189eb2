"""Webhook deliveries: is the signature right, which people does it name, and was it delivered before."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

ISPRING, AXCELERATE = "ispring", "axcelerate"
FORM_TYPE = "application/x-www-form-urlencoded"
_USER_KEYS = frozenset({"userid", "userids", "learnerid", "learnerids"})
_CONTACT_KEYS = frozenset({"contactid", "mergedcontactids"})


class Refused(Exception):
    """A delivery that is not answered with 200; `status` says how."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery, believed. `people` are ids as the platform writes them; `code` confirms an iSpring subscription."""

    platform: str
    key: str
    digest: str
    kind: str
    people: tuple[str, ...]
    code: str | None = None


def ispring_delivery(body: bytes, signature: str, secret: str | None, *, at: datetime) -> Delivery:
    """Understand what iSpring Learn posted. Raises Refused.

    Without an id of its own a delivery is known by its text, within the hour: a repetition of the same event on another day
    is news, a second delivery of one is not. Source: iSpring webhooks, delivery (reference, section 10.2).
    """
    if secret and not ispring_signature_fits(body, signature, secret):
        raise Refused(401, "the signature is missing or wrong")
    envelope = _object(body)
    items = [_unwrapped(item) for item in _as_list(envelope.get("payloads"))]
    kind = str(envelope.get("type") or "")
    digest = hashlib.sha256(body).hexdigest()
    return Delivery(
        platform=ISPRING,
        key=f"{digest}/{at:%Y-%m-%dT%H}",
        digest=digest,
        kind=kind,
        people=_named(items, _USER_KEYS),
        code=_confirmation_code(items) if kind == "CONFIRMATION" else None,
    )


def ispring_signature_fits(body: bytes, signature: str, secret: str) -> bool:
    """`X-Hub-Signature` is SHA-256 over body and secret, in hex; the parameter's text speaks of an HMAC, so one is taken too."""
    given = signature.strip().lower().removeprefix("sha256=")
    plain = hashlib.sha256(body + secret.encode()).hexdigest()
    keyed = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    # Both are compared whatever the first says: the time taken tells nothing.
    fits = [hmac.compare_digest(given.encode(), own.encode()) for own in (plain, keyed)]
    return any(fits)


def axcelerate_delivery(body: bytes, signature: str, key: str | None, *, content_type: str = "") -> Delivery:
    """Understand what aXcelerate posted. Raises Refused; with a key configured an unsigned delivery is refused.

    Older workflow actions post a form instead of JSON, and never sign it. Source: aXcelerate webhooks (reference, section 13).
    """
    if key and not axcelerate_signature_fits(body, signature, key):
        raise Refused(401, "the signature is missing or wrong")
    envelope = _object(body)
    # The body itself says what it is: many senders label whatever they post as a form.
    if not envelope and content_type.split(";")[0].strip().lower() == FORM_TYPE:
        envelope = dict(parse_qs(body.decode("utf-8", "replace")))
    message = envelope.get("message")
    people = list(_named([envelope], _CONTACT_KEYS))
    contact = message.get("contact") if isinstance(message, dict) else None
    if isinstance(contact, dict):
        people += _ids(contact.get("id"))
    digest = hashlib.sha256(body).hexdigest()
    return Delivery(
        platform=AXCELERATE,
        key=str(envelope.get("messageId") or digest),
        digest=digest,
        kind=str(envelope.get("type") or envelope.get("eventType") or ""),
        people=tuple(dict.fromkeys(people)),
    )


def axcelerate_signature_fits(body: bytes, signature: str, key: str) -> bool:
    """`Ax-Signature` is the lower-case hexadecimal HMAC-SHA256 of the raw body."""
    own = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(signature.strip().encode(), own.encode())


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object that a believed delivery should be; empty for anything else.

    Such a delivery names nobody and is a hint all the same. Refusing it would only have it sent again: iSpring Learn holds back every
    later event meanwhile, and after a day it forgets them and the subscription.
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _unwrapped(item: Any) -> Any:
    """Some payload items are texts that hold JSON; the confirmation is, and others may be."""
    if not isinstance(item, str):
        return item
    try:
        return json.loads(item)
    except (ValueError, RecursionError):
        return item


def _confirmation_code(items: Iterable[Any]) -> str | None:
    return next((str(item["code"]) for item in items if isinstance(item, dict) and item.get("code")), None)


def _named(items: Iterable[Any], keys: frozenset[str]) -> tuple[str, ...]:
    """Every id that stands under one of these names (in any case), in order, each once."""
    return tuple(dict.fromkeys(_search(list(items), keys)))


def _search(value: Any, keys: frozenset[str], depth: int = 0) -> Iterator[str]:
    if depth > 20:
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if str(name).lower() in keys:
                yield from _ids(item)
            else:
                yield from _search(item, keys, depth + 1)
    elif isinstance(value, list):
        for item in value:
            yield from _search(item, keys, depth + 1)


def _ids(value: Any) -> list[str]:
    return [
        str(item).strip() for item in _as_list(value) if isinstance(item, (str, int)) and str(item).strip()
    ]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
