"""REST handlers: webhook subscribers (reference 10.1). For owners and account administrators only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from .incoming import Fields
from .refusals import wrong_parameters
from .render import Reply, element, values_reply
from .rest import Handler, RestCall, Route
from .webhooks import Webhooks


def _guarded(action: Callable[[Webhooks, Fields], None]) -> Handler:
    def handler(call: RestCall) -> Reply:
        call.actor.may("webhooks")
        action(call.services.webhooks, call.fields)
        return Reply()

    return handler


def _name(fields: Fields) -> str:
    return fields.required("subscriberName")


def _secret(fields: Fields) -> str | None:
    # The tables write `Secret`, the samples `secret`; one known client sends the former.
    return fields.text("secret") if fields.text("secret") is not None else fields.text("Secret")


def _register(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.register(_name(fields), fields.required("callbackUrl"), _secret(fields) or "")


def _change(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.change(_name(fields), fields.text("callbackUrl"), _secret(fields))


def _send_code(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.send_code(_name(fields))


def _confirm(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.confirm(_name(fields), fields.required("code"))


def _subscribe(webhooks: Webhooks, fields: Fields) -> None:
    subscription = Fields(fields.mapping("subscription"))
    params = {
        one.required("name"): _id_list(one.required("value")) for one in subscription.mappings("params")
    }
    webhooks.subscribe(_name(fields), subscription.required("subscriptionType"), params)


def _id_list(value: str) -> list[str]:
    """A filter's value is a string that holds a JSON array."""
    try:
        ids = orjson.loads(value)
    except orjson.JSONDecodeError as error:
        raise wrong_parameters("params") from error
    if not isinstance(ids, list):
        raise wrong_parameters("params")
    return [str(one) for one in ids]


def _unsubscribe(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.unsubscribe(_name(fields), fields.required("subscriptionType"))


def _switch_to(active: bool) -> Callable[[Webhooks, Fields], None]:
    def action(webhooks: Webhooks, fields: Fields) -> None:
        webhooks.find(_name(fields)).active = active

    return action


def _remove(webhooks: Webhooks, fields: Fields) -> None:
    webhooks.remove(_name(fields))


def info(call: RestCall) -> Reply:
    call.actor.may("webhooks")
    found = call.services.webhooks.find(_name(call.fields))
    return values_reply(
        {
            "subscriberStatus": "ACTIVE" if found.active else "INACTIVE",
            "confirmationStatus": "CONFIRMED" if found.confirmed else "UNCONFIRMED",
            "notificationProcessStatus": found.process_status,
        }
    )


def subscriptions(call: RestCall) -> Reply:
    call.actor.may("webhooks")
    found = call.services.webhooks.find(_name(call.fields))
    rows = [
        {
            "subscriptionType": kind,
            "params": [{"name": name, "value": orjson.dumps(ids).decode()} for name, ids in filters.items()],
        }
        for kind, filters in found.subscriptions.items()
    ]
    return Reply(
        json=lambda: rows, xml=lambda: element("response", b"".join(_subscription(row) for row in rows))
    )


def _subscription(row: dict[str, Any]) -> bytes:
    params = b"".join(
        element("param", element("name", one["name"]) + element("value", one["value"]))
        for one in row["params"]
    )
    return element(
        "subscription", element("subscriptionType", row["subscriptionType"]) + element("params", params)
    )


_ACTIONS: tuple[tuple[str, Callable[[Webhooks, Fields], None]], ...] = (
    ("register", _register),
    ("settings/change", _change),
    ("code/send", _send_code),
    ("confirm", _confirm),
    ("subscribe", _subscribe),
    ("unsubscribe", _unsubscribe),
    ("disable", _switch_to(active=False)),
    ("enable", _switch_to(active=True)),
    ("remove", _remove),
)

ROUTES = (
    *(Route("POST", f"/webhook/{name}", _guarded(action), "write") for name, action in _ACTIONS),
    Route("GET", "/webhook/subscription/list", subscriptions),
    Route("GET", "/webhook/subscriber/info", info),
)
