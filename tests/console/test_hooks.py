"""Webhook deliveries: believed when signed as the platforms sign, read for the people they name, and nothing else."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from connector.console.hooks import Refused, axcelerate_delivery, ispring_delivery

NOON = datetime(2026, 3, 2, 12, 5, tzinfo=UTC)
SECRET, KEY = "a secret of the tests", "a key of the tests"
ENROLLED = {
    "type": "LEARNERS_ENROLLED_IN_COURSE",
    "payloads": [
        {"courseId": "course-1", "learnerIds": ["user-1", "user-2"]},
        {"courseId": "course-2", "learnerIds": ["user-1"]},
    ],
}
STATUS_CHANGED = {
    "type": "student.class_enrolment_status_changed",
    "messageId": "3e0f6f0a",
    "message": {"enrolment": {"student": {"contactId": 22041}, "class": {"id": 880123}}},
}


def body_of(value: object) -> bytes:
    return json.dumps(value).encode()


def plain(body: bytes) -> str:
    return hashlib.sha256(body + SECRET.encode()).hexdigest()


def keyed(body: bytes, key: str = KEY) -> str:
    return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    "sign",
    [
        plain,
        lambda body: "sha256=" + plain(body),
        lambda body: plain(body).upper(),
        lambda body: keyed(body, SECRET),
    ],
    ids=["hex", "prefixed", "upper", "hmac"],
)
def test_ispring_signatures_are_believed_in_every_form_its_pages_allow(sign) -> None:  # type: ignore[no-untyped-def]
    body = body_of(ENROLLED)

    delivery = ispring_delivery(body, sign(body), SECRET, at=NOON)

    assert delivery.people == ("user-1", "user-2")
    assert delivery.kind == "LEARNERS_ENROLLED_IN_COURSE"


@pytest.mark.parametrize("signature", ["", "00", "sha256=", keyed(b"another body", SECRET), "ü"])
def test_a_wrong_ispring_signature_is_refused(signature: str) -> None:
    with pytest.raises(Refused) as refused:
        ispring_delivery(body_of(ENROLLED), signature, SECRET, at=NOON)

    assert refused.value.status == 401


def test_without_a_secret_ispring_deliveries_are_taken_unsigned() -> None:
    assert ispring_delivery(body_of(ENROLLED), "", None, at=NOON).people == ("user-1", "user-2")


def test_a_confirmation_comes_as_text_that_holds_json() -> None:
    body = body_of({"type": "CONFIRMATION", "payloads": ['{"code": "5f0c-code"}']})

    assert ispring_delivery(body, plain(body), SECRET, at=NOON).code == "5f0c-code"


def test_the_same_ispring_delivery_has_one_key_within_the_hour_and_is_news_on_another_day() -> None:
    body = body_of(ENROLLED)
    keys = [
        ispring_delivery(body, plain(body), SECRET, at=at).key
        for at in (NOON, NOON + timedelta(minutes=5), NOON + timedelta(days=1))
    ]

    assert keys[0] == keys[1] != keys[2]


def test_axcelerate_signs_the_raw_body() -> None:
    body = body_of(STATUS_CHANGED)

    delivery = axcelerate_delivery(body, keyed(body), KEY)

    assert (delivery.key, delivery.people) == ("3e0f6f0a", ("22041",))


@pytest.mark.parametrize("signature", ["", keyed(b"another body"), keyed(body_of(STATUS_CHANGED)).upper()])
def test_an_unsigned_axcelerate_delivery_is_refused_once_a_key_is_configured(signature: str) -> None:
    with pytest.raises(Refused):
        axcelerate_delivery(body_of(STATUS_CHANGED), signature, KEY)


@pytest.mark.parametrize(
    ("message", "people"),
    [
        ({"contact": {"id": "22041"}}, ("22041",)),
        ({"contact": {"id": 22041}, "mergedContactIds": [22042, 22043]}, ("22042", "22043", "22041")),
        ({"class": {"id": 880123}}, ()),
        ({}, ()),
    ],
)
def test_contacts_are_found_in_every_shape_that_was_seen(message: object, people: tuple[str, ...]) -> None:
    assert axcelerate_delivery(body_of({"message": message, "messageId": "1"}), "", None).people == people


def test_older_workflow_actions_post_a_form() -> None:
    delivery = axcelerate_delivery(
        b"contactID=22041&eventType=status",
        "",
        None,
        content_type="application/x-www-form-urlencoded; charset=utf-8",
    )

    assert delivery.people == ("22041",)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b'"text"', b"\xff"])
def test_a_signed_delivery_that_nobody_understands_is_a_hint_that_names_nobody(body: bytes) -> None:
    """Refused, it would be sent again and again, and iSpring Learn would hold back every later event for its sake."""
    for delivery in (
        ispring_delivery(body, plain(body), SECRET, at=NOON),
        axcelerate_delivery(body, keyed(body), KEY),
    ):
        assert delivery.people == ()


def test_json_that_is_labelled_as_a_form_is_read_as_json() -> None:
    body = body_of(STATUS_CHANGED)

    delivery = axcelerate_delivery(body, keyed(body), KEY, content_type="application/x-www-form-urlencoded")

    assert (delivery.key, delivery.people) == ("3e0f6f0a", ("22041",))


def test_a_deep_body_names_nobody_and_does_no_harm() -> None:
    deep: object = {"contactId": 1}
    for _ in range(50):
        deep = {"more": deep}

    assert axcelerate_delivery(body_of({"message": deep}), "", None).people == ()
