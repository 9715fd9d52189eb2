"""Sends webhook deliveries: signed, repeated until answered with 200 (reference 10.2)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import threading
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from .account import Account
from .webhooks import Event, Subscriber, Webhooks

ANSWER_LIMIT_S = 5.0
LOOK_AGAIN_S = 0.25


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request to a callback. `status` 0: no answer came."""

    at: datetime
    subscriber: str
    type: str
    body: bytes
    status: int


def sign(body: bytes, secret: str, form: str) -> str:
    """X-Hub-Signature: SHA-256 over the body followed by the secret; a real HMAC only as a switch (row 21)."""
    if form == "hmac":
        return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    digest = hashlib.sha256(body + secret.encode())
    if form == "base64":
        return base64.b64encode(digest.digest()).decode("ascii")
    return ("sha256=" if form == "prefixed" else "") + digest.hexdigest()


class Postman:
    """Delivers in a thread while started; `deliver_due` does the same at once, for tests."""

    def __init__(self, account: Account, webhooks: Webhooks) -> None:
        self._account, self._webhooks = account, webhooks
        self._wake, self._stopping = threading.Event(), False
        self._one_at_a_time = threading.Lock()
        self._thread: threading.Thread | None = None
        self.deliveries: list[Delivery] = []
        webhooks.wake = self._wake.set
        account.clock.on_move(self._wake.set)

    def start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-webhooks", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(2 * ANSWER_LIMIT_S)
            self._thread = None

    def deliver_due(self) -> int:
        """Send everything that is due, queue by queue; how many requests were made."""
        made = 0
        with self._one_at_a_time:
            while True:
                with self._account.lock:
                    due = [(one, events, self._webhooks.body(events)) for one, events in self._webhooks.due()]
                for subscriber, events, body in due:
                    made += self._deliver(subscriber, events, body)
                if not due:
                    return made

    def _deliver(self, subscriber: Subscriber, events: list[Event], body: bytes) -> int:
        switches = self._account.switches
        status = 0
        for _ in range(max(1, switches.webhook_deliveries)):
            headers = {"Content-Type": "application/json"}
            if subscriber.secret:
                headers["X-Hub-Signature"] = sign(body, subscriber.secret, switches.signature)
            status = _post(subscriber.url, body, headers)
            now = self._account.clock.now()
            self.deliveries.append(Delivery(now, subscriber.name, events[0].type, body, status))
        with self._account.lock:
            # Only 200 counts; 201, 202 and 204 are failures.
            self._webhooks.sent(subscriber, events, accepted=status == 200)
        return max(1, switches.webhook_deliveries)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(LOOK_AGAIN_S)
            self._wake.clear()
            if not self._stopping:
                self.deliver_due()


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    if parts.scheme != "http" or parts.hostname is None:
        return 0
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=ANSWER_LIMIT_S)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body=body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
