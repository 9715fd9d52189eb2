"""Webhooks: the confirmation round, what is delivered, signatures, retries and their end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.sandbox.server import Server

NAME = {"subscriberName": "ax-connector"}


class Receiver:
    """Keeps what it is sent and answers with `status`."""

    def __init__(self):
        self.status, self.got, self._news = 200, [], threading.Condition()

    async def __call__(self, scope, receive, send):
        body = (await receive())["body"]
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        status = self.status
        with self._news:
            self.got.append((json.loads(body), headers, body))
            self._news.notify_all()
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})

    def wait_for(self, count):
        with self._news:
            assert self._news.wait_for(lambda: len(self.got) >= count, timeout=5), self.got
        return [envelope for envelope, _, _ in self.got]


@pytest.fixture
def receiver():
    receiver = Receiver()
    with Server(receiver) as server:
        receiver.url = server.url + "/hooks/ispring?x=1"
        yield receiver


def register(caller, receiver, secret="s3cret"):
    answer = caller.post("/webhook/register", {**NAME, "callbackUrl": receiver.url, "secret": secret})
    assert answer.status_code == 200


def confirm(caller, receiver):
    """Register, take the code and give it back; the receiver is empty again afterwards."""
    register(caller, receiver)
    caller.post("/webhook/code/send", NAME)
    code = json.loads(receiver.wait_for(1)[0]["payloads"][0])["code"]
    assert caller.post("/webhook/confirm", {**NAME, "code": code}).status_code == 200
    receiver.got.clear()


def subscribe(caller, kind, **filters):
    params = [{"name": name, "value": json.dumps(ids)} for name, ids in filters.items()]
    body = {**NAME, "subscription": {"subscriptionType": kind, "params": params}}
    return caller.post("/webhook/subscribe", body)


def info(caller):
    return caller.get("/webhook/subscriber/info", **NAME).json()


@pytest.fixture
def subscribed(caller, receiver):
    confirm(caller, receiver)
    for kind in ("LEARNERS_ENROLLED_IN_COURSE", "COURSE_COMPLETED_SUCCESSFULLY"):
        assert subscribe(caller, kind).status_code == 200
    return receiver


def settled(box):
    """Whether the first attempt of what is waiting was made and failed."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        row = box.rows("subscribers")[0]
        if row["process"] == "SUSPENDED":
            return row
        time.sleep(0.01)
    raise AssertionError(box.rows("subscribers"))


def test_a_callback_is_confirmed_with_the_code_it_was_sent(box, caller, receiver):
    register(caller, receiver)
    assert info(caller)["confirmationStatus"] == "UNCONFIRMED"
    caller.post("/webhook/code/send", NAME)
    envelope = receiver.wait_for(1)[0]

    assert envelope["type"] == "CONFIRMATION"
    assert isinstance(envelope["payloads"][0], str)
    assert caller.post("/webhook/confirm", {**NAME, "code": "wrong"}).status_code == 400
    code = json.loads(envelope["payloads"][0])
    assert caller.post("/webhook/confirm", {**NAME, **code}).status_code == 200
    assert info(caller) == {
        "subscriberStatus": "ACTIVE",
        "confirmationStatus": "CONFIRMED",
        "notificationProcessStatus": "ACTIVE",
    }


def test_an_earlier_code_stops_working(caller, receiver):
    register(caller, receiver)
    caller.post("/webhook/code/send", NAME)
    receiver.wait_for(1)
    caller.post("/webhook/code/send", NAME)
    first, second = (json.loads(envelope["payloads"][0]) for envelope in receiver.wait_for(2))

    assert caller.post("/webhook/confirm", {**NAME, **first}).status_code == 400
    assert caller.post("/webhook/confirm", {**NAME, **second}).status_code == 200


def test_an_enrolment_is_delivered_without_enrollment_ids(box, story, caller, subscribed):
    caller.post(
        "/enrollment", {"courseIds": [story.course], "learnerIds": [story.user], "dueDateType": "unlimited"}
    )

    payload = {"courseId": story.course, "learnerIds": [story.user]}
    assert subscribed.wait_for(1) == [{"type": "LEARNERS_ENROLLED_IN_COURSE", "payloads": [payload]}]


def test_a_completion_is_delivered_with_nanoseconds(box, story, caller, subscribed):
    one = box.person.enrol(story.user, story.course, access=date(2026, 3, 1))
    subscribed.wait_for(1)

    box.person.complete(one, at=datetime(2026, 3, 5, tzinfo=UTC))

    payload = subscribed.wait_for(2)[1]["payloads"][0]
    assert payload["completionDate"] == 1772668800_000000000
    assert (payload["learnerId"], payload["enrollmentIds"]) == (story.user, [one])


@pytest.mark.parametrize(
    ("form", "expected"),
    [
        ("hex", lambda body: hashlib.sha256(body + b"s3cret").hexdigest()),
        ("prefixed", lambda body: "sha256=" + hashlib.sha256(body + b"s3cret").hexdigest()),
        ("base64", lambda body: base64.b64encode(hashlib.sha256(body + b"s3cret").digest()).decode()),
        ("hmac", lambda body: hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()),
    ],
)
def test_deliveries_are_signed_over_body_and_secret(box, story, caller, subscribed, form, expected):
    box.switches.signature = form

    box.person.enrol(story.user, story.course)

    subscribed.wait_for(1)
    _, headers, body = subscribed.got[0]
    assert headers["x-hub-signature"] == expected(body)


def test_without_a_secret_nothing_is_signed(caller, receiver):
    register(caller, receiver, secret="")
    caller.post("/webhook/code/send", NAME)

    receiver.wait_for(1)

    assert "x-hub-signature" not in receiver.got[0][1]


@pytest.mark.parametrize(("habit", "kind"), [("all", str), ("confirmation", dict), ("none", dict)])
def test_payload_items_may_be_strings(box, story, caller, subscribed, habit, kind):
    box.switches.string_payloads = habit

    box.person.enrol(story.user, story.course)

    assert isinstance(subscribed.wait_for(1)[0]["payloads"][0], kind)


def test_a_filter_keeps_other_courses_away(box, story, caller, receiver):
    confirm(caller, receiver)
    second = box.person.add_course("Second")
    subscribe(caller, "LEARNERS_ENROLLED_IN_COURSE", courseIds=[second], userIds=[story.user])

    box.person.enrol(story.user, story.course)
    box.person.enrol(story.user, second)

    envelopes = receiver.wait_for(1)
    assert [payload["courseId"] for envelope in envelopes for payload in envelope["payloads"]] == [second]


def test_only_200_counts_and_what_waits_goes_out_together_by_type(box, story, caller, clock, subscribed):
    subscribed.status = 204
    one = box.person.enrol(story.user, story.course)
    assert settled(box)["waiting"] == 1
    assert info(caller)["notificationProcessStatus"] == "SUSPENDED"
    box.person.enrol(story.user, box.person.add_course("Second"))
    box.person.complete(one)
    box.person.enrol(story.user, box.person.add_course("Third"))
    subscribed.got.clear()
    subscribed.status = 200

    clock.advance(timedelta(minutes=1))

    shapes = [(envelope["type"], len(envelope["payloads"])) for envelope in subscribed.wait_for(3)]
    assert shapes == [
        ("LEARNERS_ENROLLED_IN_COURSE", 2),
        ("COURSE_COMPLETED_SUCCESSFULLY", 1),
        ("LEARNERS_ENROLLED_IN_COURSE", 1),
    ]


def test_a_failed_delivery_is_repeated_at_growing_distances(box, story, caller, clock, subscribed):
    subscribed.status = 500
    box.person.enrol(story.user, story.course)
    settled(box)
    box.postman.stop()
    start, attempts = clock.now(), []

    while len(attempts) < 6:
        clock.advance(timedelta(minutes=1))
        if box.postman.deliver_due():
            attempts.append((clock.now() - start) // timedelta(minutes=1))

    assert attempts == [1, 6, 21, 81, 141, 201]


def test_after_a_day_everything_is_lost_and_the_address_unconfirmed(box, story, caller, clock, subscribed):
    subscribed.status = 500
    box.person.enrol(story.user, story.course)
    settled(box)
    box.postman.stop()

    clock.advance(timedelta(days=1))
    box.postman.deliver_due()

    row = box.rows("subscribers")[0]
    assert (row["waiting"], row["confirmed"]) == (0, False)
    assert box.postman.deliver_due() == 0


def test_a_callback_that_is_not_there_counts_as_failed(box, story, caller, subscribed):
    address = {**NAME, "callbackUrl": "http://127.0.0.1:9/none"}
    caller.post("/webhook/settings/change", address)
    caller.post("/webhook/code/send", NAME)
    deadline = time.monotonic() + 5
    while len(box.rows("deliveries")) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)

    assert box.rows("deliveries")[-1]["status"] == 0
    assert info(caller)["confirmationStatus"] == "UNCONFIRMED"


def test_a_delivery_may_come_twice(box, story, caller, subscribed):
    box.switches.webhook_deliveries = 2

    box.person.enrol(story.user, story.course)

    first, second = subscribed.wait_for(2)
    assert first == second


def test_a_disabled_subscriber_gets_nothing(box, story, caller, subscribed):
    caller.post("/webhook/disable", NAME)
    box.person.enrol(story.user, story.course)
    caller.post("/webhook/enable", NAME)
    box.person.enrol(story.user, box.person.add_course("Second"))

    assert len(subscribed.wait_for(1)[0]["payloads"]) == 1


def test_subscriptions_are_listed_and_taken_back(caller, receiver, story):
    register(caller, receiver)
    subscribe(caller, "COURSE_STATUS_CHANGED", courseIds=[story.course])
    kind = {"subscriptionType": "COURSE_STATUS_CHANGED"}

    listed = caller.get("/webhook/subscription/list", **NAME).json()

    assert listed == [{**kind, "params": [{"name": "courseIds", "value": f'["{story.course}"]'}]}]
    assert (
        caller.xml("/webhook/subscription/list", **NAME).findtext("subscription/params/param/name")
        == "courseIds"
    )
    assert caller.post("/webhook/unsubscribe", {**NAME, **kind}).status_code == 200
    assert caller.post("/webhook/unsubscribe", {**NAME, **kind}).status_code == 404


@pytest.mark.parametrize(("habit", "second"), [("many", 200), ("one", 400)])
def test_a_subscriber_may_be_held_to_one_type(box, caller, receiver, habit, second):
    box.switches.subscription_types = habit
    register(caller, receiver)

    assert subscribe(caller, "USER_REGISTERED").status_code == 200
    assert subscribe(caller, "COURSE_STATUS_CHANGED").status_code == second


def test_a_removed_name_is_free_again_and_an_unknown_one_is_not_found(caller, receiver):
    register(caller, receiver)
    assert caller.post("/webhook/register", {**NAME, "callbackUrl": receiver.url}).status_code == 400
    assert caller.post("/webhook/remove", NAME).status_code == 200
    assert caller.get("/webhook/subscriber/info", **NAME).status_code == 404
    register(caller, receiver)


@pytest.mark.parametrize(
    "change", [{"callbackUrl": "http://x/" + "y" * 255}, {"callbackUrl": ""}, {"secret": "s" * 256}]
)
def test_what_is_too_long_or_missing_is_refused(caller, receiver, change):
    answer = caller.post("/webhook/register", {**NAME, "callbackUrl": receiver.url, **change})

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("kind", "filters"),
    [("SOMETHING", {}), ("USER_REGISTERED", {"courseIds": []}), ("COURSE_STATUS_CHANGED", {"x": []})],
)
def test_an_unknown_type_or_filter_is_refused(caller, receiver, kind, filters):
    register(caller, receiver)

    assert subscribe(caller, kind, **filters).status_code == 400


def test_webhook_calls_may_want_the_old_headers(box, caller, receiver):
    box.switches.webhook_auth = "headers"
    body = {**NAME, "callbackUrl": receiver.url}
    login = {"X-Auth-Account-Url": box.url, "X-Auth-Email": box.email, "X-Auth-Password": box.password}

    assert caller.post("/webhook/register", body).status_code == 401
    assert caller.http.post("/webhook/register", json=body, headers=login).status_code == 200


def test_a_department_administrator_may_not_manage_webhooks(box, caller, receiver):
    caller.sign_in(box.add_credentials(role="department_administrator", departments=[box.account.root.id]))

    assert caller.post("/webhook/register", {**NAME, "callbackUrl": receiver.url}).status_code == 403
