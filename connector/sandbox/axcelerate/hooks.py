"""Webhook deliveries: signed, repeated, out of order and retried, as section 13 of the reference leaves open."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import threading
import time
import uuid
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

import orjson

from connector.sandbox.clock import Clock

from .records import Place, UnitRecord
from .switches import AxcelerateSwitches

RETRIES = 20
CLIENT_ID = 31_877
ANSWER_LIMIT_S = 5.0


@dataclass(frozen=True)
class Subscription:
    """Where events go; `events` are shell patterns of event types, `key` the private key ("" = unsigned)."""

    url: str
    key: str = ""
    events: tuple[str, ...] = ("*",)


@dataclass
class Delivery:
    """One event for one subscriber; `statuses` are its answers so far (0: nobody answered)."""

    subscription: Subscription
    type: str
    body: bytes
    statuses: list[int] = field(default_factory=list)
    due: float = 0.0

    @property
    def done(self) -> bool:
        """Answered with 2xx, or given up after the last retry."""
        return len(self.statuses) > RETRIES or any(200 <= status < 300 for status in self.statuses)


class Hooks:
    """Sends events to subscribers from a thread of its own, which runs only while something waits.

    `sent` holds the last 10,000 deliveries, for a test or a curious operator.
    """

    def __init__(self, switches: AxcelerateSwitches, clock: Clock) -> None:
        self.switches = switches
        self.clock = clock
        self.sent: deque[Delivery] = deque(maxlen=10_000)
        self._subscriptions: list[Subscription] = []
        self._waiting: list[Delivery] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._stopping = False

    def subscribe(self, url: str, *, key: str = "", events: Iterable[str] = ("*",)) -> None:
        """Deliver these event types to this address from now on."""
        with self._changed:
            self._subscriptions.append(Subscription(url, key, tuple(events)))

    @contextmanager
    def gathering(self) -> Iterator[None]:
        """Hold back what happens in the block, so that it is due together (and can be told out of order)."""
        with self._changed:
            yield

    def stop(self) -> None:
        """Drop what waits and end the thread; returns when it has ended."""
        with self._changed:
            self._stopping = True
            self._waiting.clear()
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join(ANSWER_LIMIT_S + 1)
        self._stopping = False

    def wait_until_quiet(self, timeout_s: float = 10.0) -> bool:
        """Wait until every event is delivered or given up; False when the time was not enough."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, timeout_s)

    # Events

    def class_event(self, place: Place, what: str) -> None:
        """`what`: created, updated, deleted or status_changed."""
        ids = self._ids(place)
        self.emit(
            f"student.class_enrolment_{what}",
            {"enrolment": {"student": ids["student"], "class": ids["class"]}},
        )

    def unit_status_changed(self, place: Place, unit: UnitRecord) -> None:
        self._unit_event(place, unit, "unit_enrolment_status_changed")

    def unit_created(self, place: Place, unit: UnitRecord) -> None:
        self._unit_event(place, unit, "unit_enrolment_created")

    def contact_event(self, contact_id: int, what: str, merged: Iterable[int] = ()) -> None:
        message: dict[str, Any] = {"contact": {"id": self._id(contact_id)}}
        losers = [self._id(loser) for loser in merged]
        if losers:
            message["mergedContactIds"] = losers
        self.emit(f"contact.contact_{what}", message)

    def training_class_event(self, class_id: int, what: str) -> None:
        self.emit(f"course.class_{what}", {"class": {"id": self._id(class_id)}})

    def emit(self, kind: str, message: dict[str, Any]) -> None:
        """Queue an event for everybody who subscribed to its type."""
        with self._changed:
            takers = [
                one for one in self._subscriptions if any(fnmatchcase(kind, event) for event in one.events)
            ]
            if not takers:
                return
            body = self._envelope(kind, message)
            for taker in takers:
                self._waiting.extend(Delivery(taker, kind, body) for _ in range(self.switches.hook_copies))
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sandbox-hooks", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def _unit_event(self, place: Place, unit: UnitRecord, kind: str) -> None:
        ids = self._ids(place)
        shapes = {
            "unit": {
                "student": ids["student"],
                "class": ids["class"],
                "unit": {"id": self._id(unit.unit.unit_id), "code": unit.unit.code},
            },
            "enrolment": {"student": ids["student"], "class": ids["class"]},
            "bare": {"id": self._id(unit.row_id)},
        }
        self.emit(f"student.{kind}", {"enrolment": shapes[self.switches.hook_unit_message]})

    def _ids(self, place: Place) -> dict[str, Any]:
        return {
            "student": {"contactId": self._id(place.contact_id)},
            "class": {"id": self._id(place.class_id)},
        }

    def _id(self, number: int) -> int | str:
        return number if self.switches.hook_ids == "number" else str(number)

    def _envelope(self, kind: str, message: dict[str, Any]) -> bytes:
        stamp = self.clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        return orjson.dumps(
            {
                "type": kind,
                "clientId": CLIENT_ID,
                "messageId": str(uuid.uuid4()),
                "timestamp": stamp,
                "message": message,
            }
        )

    # The thread

    def _run(self) -> None:
        while True:
            batch = self._take_due()
            if batch is None:
                return
            if self.switches.hook_order == "reversed":
                batch.reverse()
            for delivery in batch:
                delivery.statuses.append(_post(delivery, self.switches.hook_signature))
                self._after(delivery)

    def _take_due(self) -> list[Delivery] | None:
        """What is due now, waiting for it; None, and no thread any more, when nothing is left."""
        with self._changed:
            while True:
                if self._stopping or not self._waiting:
                    self._thread = None
                    self._changed.notify_all()
                    return None
                now = time.monotonic()
                due = [delivery for delivery in self._waiting if delivery.due <= now]
                if due:
                    self._waiting = [delivery for delivery in self._waiting if delivery.due > now]
                    return due
                self._changed.wait(min(delivery.due for delivery in self._waiting) - now)

    def _after(self, delivery: Delivery) -> None:
        with self._changed:
            if len(delivery.statuses) == 1:
                self.sent.append(delivery)
            if not delivery.done and not self._stopping:
                delivery.due = time.monotonic() + self.switches.hook_retry_s
                self._waiting.append(delivery)


def _post(delivery: Delivery, signature: str) -> int:
    target = urlsplit(delivery.subscription.url)
    headers = {"Content-Type": "application/json", **_signature(delivery, signature)}
    make = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    connection = make(target.hostname or "", target.port, timeout=ANSWER_LIMIT_S)
    try:
        connection.request("POST", target.path or "/", body=delivery.body, headers=headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


def _signature(delivery: Delivery, style: str) -> dict[str, str]:
    key = delivery.subscription.key.encode()
    if not key:
        return {"Ax-Signature-Version": "0", "Ax-Signature": ""}
    digest = hmac.new(key, delivery.body, hashlib.sha256)
    styles = {
        "hex": digest.hexdigest(),
        "base64": base64.b64encode(digest.digest()).decode(),
        "prefixed": f"sha256={digest.hexdigest()}",
        "plain_sha256": hashlib.sha256(delivery.body + key).hexdigest(),
    }
    return {"Ax-Signature-Version": "1", "Ax-Signature": styles[style]}
