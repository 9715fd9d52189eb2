"""Answers to writes: carried out, refused, or not known."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.domain.change import UpdateModule, UpdateUnit
from connector.domain.learner import ClassId, ContactId, UnitId
from connector.errors import AccessDenied, ChangeRefused, PlatformError, Unconfirmed, WriteDenied
from tests.platforms.axcelerate.samples import error
from tests.platforms.axcelerate.stand_in import Asked, Reply, StandIn

PUT = "PUT /course/enrolment"
PASS = UpdateUnit(ContactId(22041), ClassId(880123), UnitId(51001), outcome="20", end=date(2026, 5, 29))
EXTEND = UpdateModule(ContactId(22041), ClassId(880123), 9300411, 41877, end=date(2026, 6, 1))


def failure(axcelerate: StandIn, reply: Any) -> PlatformError:
    axcelerate.replies[PUT] = reply
    with pytest.raises(PlatformError) as raised:
        axcelerate.vet().apply(PASS)
    return raised.value


@pytest.mark.parametrize("body", [{"STATUS": "success", "ERROR": None}, {"STATUS": "success"}, b"", [1]])
def test_a_good_status_without_an_error_is_a_success(axcelerate: StandIn, body: Any) -> None:
    axcelerate.replies[PUT] = (200, body)
    vet = axcelerate.vet()

    vet.apply(PASS)

    assert (vet.calls.write, vet.calls.floor) == (1, 1)


@pytest.mark.parametrize("flag", [True, "true", 1])
@pytest.mark.parametrize("status", [200, 400, 404, 412])
def test_a_refusal_carries_the_platforms_words(axcelerate: StandIn, status: int, flag: Any) -> None:
    body = {
        "error": flag,
        "code": "412",
        "messages": "Validation Error.",
        "details": "Unit is not in this class.",
    }

    refused = failure(axcelerate, (status, body))

    assert type(refused) is ChangeRefused
    assert "Unit is not in this class." in refused.detail


def test_an_address_in_the_platforms_words_is_not_passed_on(axcelerate: StandIn) -> None:
    refused = failure(axcelerate, (412, error("412", "Validation Error.", "mia@example.org is locked.")))

    assert "mia" not in str(refused)
    assert "is locked" in str(refused)


@pytest.mark.parametrize(
    "reply", [(500, b"<html>"), (503, b""), (200, b"<html>oops</html>"), (200, b'{"STATUS": "su')]
)
def test_an_answer_that_does_not_say_what_happened_is_unconfirmed_and_not_repeated(
    axcelerate: StandIn, reply: Reply
) -> None:
    assert type(failure(axcelerate, reply)) is Unconfirmed
    assert len(axcelerate.asked) == 1


def test_a_lack_of_rights_is_told_from_a_refused_record(axcelerate: StandIn) -> None:
    said = "You do not have permission to use this resource."

    assert type(failure(axcelerate, (403, error("403", "Forbidden")))) is WriteDenied
    assert type(failure(axcelerate, (200, error("0", said)))) is WriteDenied
    assert type(failure(axcelerate, (403, error("403", "not allowed to view this contact")))) is ChangeRefused
    assert type(failure(axcelerate, (401, error("401", "No API token provided")))) is AccessDenied


@pytest.mark.parametrize(
    "unheard",
    [
        (
            412,
            error(
                "412",
                "Validation Error.",
                "contactID is undefined in the request collection.,type is undefined",
            ),
        ),
        (412, error("412", "Validation Error.", "programInstanceID is undefined in the request collection.")),
        (400, error("400", "contactID is required")),
        (400, error("400", "Missing required parameters: contactID, type")),
        (200, error("0", "key [TYPE] doesn't exist")),
    ],
)
def test_a_form_that_the_server_does_not_hear_goes_out_again_in_the_address(
    axcelerate: StandIn, unheard: Reply
) -> None:
    def reply(asked: Asked) -> Reply:
        return (200, {"STATUS": "success"}) if asked.query else unheard

    axcelerate.replies[PUT] = reply
    vet = axcelerate.vet()

    vet.apply(PASS)
    vet.apply(PASS)

    assert [bool(asked.query) for asked in axcelerate.asked] == [False, True, True]
    assert dict(axcelerate.asked[1].query)["instanceID"] == "51001"


@pytest.mark.parametrize(
    "details",
    ["instanceID 51001 was not found", "competent is required", "The trainer type is missing a licence"],
)
def test_a_refusal_for_another_reason_is_not_sent_again(axcelerate: StandIn, details: str) -> None:
    axcelerate.replies[PUT] = (412, error("412", "Validation Error.", details))

    with pytest.raises(ChangeRefused):
        axcelerate.vet().apply(PASS)

    assert len(axcelerate.asked) == 1


def test_an_account_may_be_set_to_one_way_of_sending(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /v2/learningPlan/modules/enrolments"] = (200, {})

    axcelerate.vet(write_encoding="query").apply(EXTEND)

    assert axcelerate.asked[0].form == []
    assert dict(axcelerate.asked[0].query)["endDate"] == "2026-06-01"


def test_a_form_stays_a_form_where_the_account_is_set_to_it(axcelerate: StandIn) -> None:
    axcelerate.replies[PUT] = (
        412,
        error("412", "Validation Error.", "contactID is undefined in the request."),
    )

    with pytest.raises(ChangeRefused):
        axcelerate.vet(write_encoding="form").apply(PASS)

    assert len(axcelerate.asked) == 1
