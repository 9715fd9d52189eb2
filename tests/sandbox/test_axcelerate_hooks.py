"""Webhooks of the simulated aXcelerate account: signed, repeated, out of order, retried."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from .conftest import FEBRUARY, MIA, SAM

KEY = "invented-key"


class Receiver:
    """A web server that keeps what it is sent and answers with the status it is told."""

    def __init__(self) -> None:
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.answers: list[int] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
                receiver.headers.append({name.lower(): value for name, value in self.headers.items()})
                self.send_response(receiver.answers.pop(0) if receiver.answers else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hooks/axcelerate"

    def stop(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def events(self) -> list[dict]:
        return [json.loads(body) for body in self.bodies]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    yield receiver
    receiver.stop()


def test_a_status_change_is_told_with_person_and_class(axcelerate, receiver):
    axcelerate.box.hooks.subscribe(receiver.url, events=["student.class_enrolment_status_changed"])

    axcelerate.box.person.set_class_enrolment(MIA, FEBRUARY, status="Suspended")
    axcelerate.box.person.set_class_enrolment(MIA, FEBRUARY, start="2026-02-05")

    assert axcelerate.box.hooks.wait_until_quiet()
    (event,) = receiver.events()
    assert event["type"] == "student.class_enrolment_status_changed"
    assert event["message"] == {"enrolment": {"student": {"contactId": MIA}, "class": {"id": FEBRUARY}}}
    assert event["timestamp"] == "2026-03-10T01:30:00.000Z"
    assert (receiver.headers[0]["ax-signature-version"], receiver.headers[0]["ax-signature"]) == ("0", "")


def test_a_write_over_the_api_is_told_as_well_and_a_repeated_one_is_not(axcelerate, receiver):
    axcelerate.box.hooks.subscribe(receiver.url, events=["student.unit_*"])

    axcelerate.put_unit(competent=30)
    axcelerate.put_unit(competent=30)

    assert axcelerate.box.hooks.wait_until_quiet()
    (event,) = receiver.events()
    assert event["message"]["enrolment"]["unit"] == {"id": 51001, "code": "BSBWHS211"}
    axcelerate.box.switches.repeated_put_fires = True
    axcelerate.put_unit(competent=30)
    assert axcelerate.box.hooks.wait_until_quiet()
    assert len(receiver.bodies) == 2


@pytest.mark.parametrize("style", ["hex", "base64", "prefixed", "plain_sha256"])
def test_the_body_is_signed_with_the_private_key(axcelerate, receiver, style):
    axcelerate.box.switches.hook_signature = style
    axcelerate.box.hooks.subscribe(receiver.url, key=KEY)

    axcelerate.box.person.set_contact(MIA, mobile="0400 000 000")

    assert axcelerate.box.hooks.wait_until_quiet()
    digest = hmac.new(KEY.encode(), receiver.bodies[0], hashlib.sha256)
    expected = {
        "hex": digest.hexdigest(),
        "base64": base64.b64encode(digest.digest()).decode(),
        "prefixed": "sha256=" + digest.hexdigest(),
        "plain_sha256": hashlib.sha256(receiver.bodies[0] + KEY.encode()).hexdigest(),
    }
    assert receiver.headers[0]["ax-signature-version"] == "1"
    assert receiver.headers[0]["ax-signature"] == expected[style]


def test_a_refused_delivery_is_repeated_until_it_is_taken(axcelerate, receiver):
    axcelerate.box.switches.hook_retry_s = 0.01
    receiver.answers = [500, 503]
    axcelerate.box.hooks.subscribe(receiver.url)

    axcelerate.box.person.set_contact(MIA, given="Mia-Rose")

    assert axcelerate.box.hooks.wait_until_quiet()
    assert len({event["messageId"] for event in receiver.events()}) == 1
    assert [delivery.statuses for delivery in axcelerate.box.hooks.sent] == [[500, 503, 200]]


def test_a_delivery_is_given_up_after_twenty_retries(axcelerate, receiver):
    axcelerate.box.switches.hook_retry_s = 0.001
    receiver.answers = [500] * 30
    axcelerate.box.hooks.subscribe(receiver.url)

    axcelerate.box.person.set_contact(MIA, given="Mia-Rose")

    assert axcelerate.box.hooks.wait_until_quiet()
    assert len(receiver.bodies) == 21


def test_events_may_come_more_than_once_and_in_another_order(axcelerate, receiver):
    axcelerate.box.switches.hook_copies = 3
    axcelerate.box.switches.hook_order = "reversed"
    axcelerate.box.switches.hook_ids = "string"
    axcelerate.box.hooks.subscribe(receiver.url)

    with axcelerate.box.hooks.gathering():
        axcelerate.box.person.set_contact(MIA, given="First")
        axcelerate.box.person.set_contact(SAM, given="Second")

    assert axcelerate.box.hooks.wait_until_quiet()
    assert [event["message"]["contact"]["id"] for event in receiver.events()] == [str(SAM)] * 3 + [
        str(MIA)
    ] * 3


@pytest.mark.parametrize(("shape", "keys"), [("enrolment", {"student", "class"}), ("bare", {"id"})])
def test_a_unit_event_may_name_less(axcelerate, receiver, shape, keys):
    axcelerate.box.switches.hook_unit_message = shape
    axcelerate.box.hooks.subscribe(receiver.url)

    axcelerate.box.person.set_unit(MIA, FEBRUARY, "BSBWHS211", outcome=30)

    assert axcelerate.box.hooks.wait_until_quiet()
    assert receiver.events()[0]["message"]["enrolment"].keys() == keys


def test_a_merge_names_the_survivor_and_the_losers(axcelerate, receiver):
    axcelerate.box.hooks.subscribe(receiver.url, events=["contact.*"])

    axcelerate.box.person.merge_contacts(SAM, MIA)

    assert axcelerate.box.hooks.wait_until_quiet()
    (event,) = receiver.events()
    assert event["message"] == {"contact": {"id": MIA}, "mergedContactIds": [SAM]}


def test_a_subscriber_that_is_gone_does_not_hold_up_the_end(axcelerate):
    axcelerate.box.hooks.subscribe("http://127.0.0.1:9/hooks")

    axcelerate.box.person.delete_enrolment(SAM, FEBRUARY)
    axcelerate.box.hooks.stop()

    assert axcelerate.box.hooks.wait_until_quiet(0)
