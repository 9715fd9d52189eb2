"""Webhook subscribers and their queues of events (reference section 10). `deliveries.py` sends them."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

import orjson

from .account import Account
from .refusals import Refused, wrong_parameters

LONGEST_TEXT = 255
KEPT_FOR = timedelta(days=1)
CONFIRMATION = "CONFIRMATION"

EVENT_FILTERS: Mapping[str, tuple[str, ...]] = {
    "USER_REGISTERED": (),
    "LEARNERS_ENROLLED_IN_COURSE": ("userIds", "courseIds"),
    "COURSE_COMPLETED_SUCCESSFULLY": ("userIds", "courseIds"),
    "COURSE_STATUS_CHANGED": ("userIds", "courseIds"),
    "COURSE_ITEM_COMPLETED_SUCCESSFULLY": ("userIds", "courseItemIds"),
    "COURSE_ITEM_STATUS_CHANGED": ("userIds", "courseItemIds"),
    "TRAINING_MEETING_ADDED": (),
    "TRAINING_MEETING_REMOVED": (),
    "TRAINING_MEETING_UPDATED": (),
    "TRAINING_SESSION_PARTICIPANTS_ADDED": ("userIds",),
    "TRAINING_SESSION_PARTICIPANT_REMOVED": ("userIds",),
}
_PAYLOAD_IDS: Mapping[str, tuple[str, ...]] = {
    "userIds": ("learnerId", "learnerIds", "userId"),
    "courseIds": ("courseId",),
}


@dataclass(slots=True)
class Event:
    type: str
    payload: dict[str, Any]


@dataclass(slots=True)
class Subscriber:
    """One receiver. `queue` holds what it was not given yet; `failed_since` when the first of it failed."""

    name: str
    url: str
    secret: str = ""
    active: bool = True
    confirmed: bool = False
    code: str = ""
    subscriptions: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    queue: list[Event] = field(default_factory=list)
    failed_since: datetime | None = None
    next_attempt: datetime | None = None
    attempts: int = 0

    @property
    def process_status(self) -> Literal["ACTIVE", "INACTIVE", "SUSPENDED"]:
        if not self.active:
            return "INACTIVE"
        return "ACTIVE" if self.failed_since is None else "SUSPENDED"


class Webhooks:
    """The subscribers of one account. `wake` is called whenever there is something to send."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self.subscribers: dict[str, Subscriber] = {}
        self.wake: Callable[[], None] = lambda: None
        account.on_event.append(self._event)

    def find(self, name: str) -> Subscriber:
        found = self.subscribers.get(name)
        if found is None:
            raise Refused(404, "Subscriber not found")
        return found

    def register(self, name: str, url: str, secret: str) -> None:
        """Add a subscriber: active at once, unconfirmed until it gives back a code."""
        if (
            name in self.subscribers
            or not all(_short(text) for text in (name, url))
            or len(secret) > LONGEST_TEXT
        ):
            raise wrong_parameters("subscriberName, callbackUrl or secret")
        self.subscribers[name] = Subscriber(name, url, secret)

    def change(self, name: str, url: str | None, secret: str | None) -> None:
        """A changed address has to be confirmed again."""
        subscriber = self.find(name)
        if url and url != subscriber.url:
            subscriber.url, subscriber.confirmed = url, False
        if secret is not None:
            subscriber.secret = secret

    def send_code(self, name: str) -> None:
        """Post a fresh code to the callback; earlier codes stop working."""
        subscriber = self.find(name)
        subscriber.code = str(uuid.UUID(self._account.ids.new()))
        subscriber.queue.insert(0, Event(CONFIRMATION, {"code": subscriber.code}))
        self.wake()

    def confirm(self, name: str, code: str) -> None:
        subscriber = self.find(name)
        if not subscriber.code or code != subscriber.code:
            raise wrong_parameters("code")
        subscriber.code, subscriber.confirmed = "", True

    def subscribe(self, name: str, kind: str, params: Mapping[str, list[str]]) -> None:
        subscriber = self.find(name)
        if kind not in EVENT_FILTERS or set(params) - set(EVENT_FILTERS[kind]):
            raise wrong_parameters("subscription")
        others = set(subscriber.subscriptions) - {kind}
        if others and self._account.switches.subscription_types == "one":
            raise wrong_parameters("one type of event per subscriber")
        subscriber.subscriptions[kind] = dict(params)

    def unsubscribe(self, name: str, kind: str) -> None:
        if self.find(name).subscriptions.pop(kind, None) is None:
            raise Refused(404, "Subscription not found")

    def remove(self, name: str) -> None:
        del self.subscribers[self.find(name).name]

    def due(self) -> list[tuple[Subscriber, list[Event]]]:
        """What is to be sent now: per subscriber the first events of its queue that are of one type."""
        now = self._account.clock.now()
        ready = [one for one in self.subscribers.values() if one.queue and _may_send(one, now)]
        return [(one, _first_of_one_type(one.queue)) for one in ready]

    def sent(self, subscriber: Subscriber, events: Sequence[Event], *, accepted: bool) -> None:
        """Take accepted events off the queue, or plan the next attempt; after a day everything is lost."""
        now = self._account.clock.now()
        if accepted or events[0].type == CONFIRMATION:
            # Codes are sent once. The queue may have grown at its end meanwhile, never at its head but for a code.
            subscriber.queue = [
                event for event in subscriber.queue if not any(event is one for one in events)
            ]
            if accepted:
                subscriber.failed_since, subscriber.next_attempt, subscriber.attempts = None, None, 0
            return
        subscriber.failed_since = subscriber.failed_since or now
        if now - subscriber.failed_since >= KEPT_FOR:
            subscriber.confirmed, subscriber.queue = False, []
            subscriber.failed_since, subscriber.next_attempt, subscriber.attempts = None, None, 0
            return
        steps = [int(step) for step in self._account.switches.webhook_retry_minutes.split(",")]
        wait = steps[subscriber.attempts] if subscriber.attempts < len(steps) else 60
        subscriber.attempts += 1
        subscriber.next_attempt = now + timedelta(minutes=wait)

    def body(self, events: Sequence[Event]) -> bytes:
        """The envelope; a confirmation's item, or every one, is a string that holds JSON."""
        strings = self._account.switches.string_payloads
        as_text = strings == "all" or (strings == "confirmation" and events[0].type == CONFIRMATION)
        items = [orjson.dumps(event.payload).decode() if as_text else event.payload for event in events]
        return orjson.dumps({"type": events[0].type, "payloads": items})

    def _event(self, kind: str, payload: dict[str, Any]) -> None:
        wanting = [one for one in self.subscribers.values() if _wants(one, kind, payload)]
        for subscriber in wanting:
            subscriber.queue.append(Event(kind, payload))
        if wanting:
            self.wake()


def _short(text: str) -> bool:
    return 0 < len(text) <= LONGEST_TEXT


def _may_send(subscriber: Subscriber, now: datetime) -> bool:
    if subscriber.queue[0].type == CONFIRMATION:
        return True
    waited = subscriber.next_attempt is None or subscriber.next_attempt <= now
    return subscriber.active and subscriber.confirmed and waited


def _first_of_one_type(queue: Sequence[Event]) -> list[Event]:
    kind, first = queue[0].type, list[Event]()
    for event in queue:
        if event.type != kind:
            break
        first.append(event)
    return first


def _wants(subscriber: Subscriber, kind: str, payload: Mapping[str, Any]) -> bool:
    if not (subscriber.active and subscriber.confirmed) or kind not in subscriber.subscriptions:
        return False
    filters = subscriber.subscriptions[kind]
    return all(not ids or _named(payload, name) & set(ids) for name, ids in filters.items())


def _named(payload: Mapping[str, Any], name: str) -> set[str]:
    found: set[str] = set()
    for key in _PAYLOAD_IDS.get(name, ()):
        value = payload.get(key, [])
        found |= {value} if isinstance(value, str) else set(value)
    return found
