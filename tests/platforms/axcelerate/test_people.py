"""Contacts by id, and where merged ones went."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from connector.domain.learner import Contact, ContactId
from connector.errors import UnexpectedPayload
from tests.platforms.axcelerate.samples import error
from tests.platforms.axcelerate.stand_in import Asked, Reply, StandIn

SEARCH, MERGES = "GET /contacts/search", "POST /log/contactMergeHistory"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


def contact_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {"CONTACTID": number, "GIVENNAME": "Mia", "SURNAME": "Okafor", "EMAILADDRESS": "mia@example.org"}
    return {**row, "OPTIONALID": 77, **changes}


def merge_row(old: int, new: int, at: str = "2026-02-01 10:00") -> dict[str, Any]:
    return {"OLDCONTACTID": old, "CURRENTCONTACTID": str(new), "MERGEDUTC": at}


def test_people_are_found_by_id_with_their_optional_id(axcelerate: StandIn) -> None:
    axcelerate.replies[SEARCH] = (
        200,
        [contact_row(22041), contact_row(22042, SURNAME=None, OPTIONALID=None)],
    )

    found = axcelerate.vet().contacts([ContactId(22041), ContactId(22042)])

    assert found == [
        Contact(ContactId(22041), "Mia", "Okafor", "mia@example.org", "77"),
        Contact(ContactId(22042), "Mia", "", "mia@example.org", ""),
    ]
    assert dict(axcelerate.asked[0].query) == {
        "contactIDs": "22041,22042",
        "offset": "0",
        "displayLength": "100",
    }


def test_who_is_missing_is_asked_for_among_the_inactive(axcelerate: StandIn) -> None:
    axcelerate.replies[SEARCH] = lambda asked: (
        (200, [contact_row(2)]) if ("ContactActive", "false") in asked.query else (200, [contact_row(1)])
    )

    found = axcelerate.vet().contacts([ContactId(1), ContactId(2), ContactId(3)])

    assert [contact.contact_id for contact in found] == [1, 2]
    assert [dict(asked.query)["contactIDs"] for asked in axcelerate.asked] == ["1,2,3", "2,3"]


def test_a_hundred_people_are_asked_for_at_a_time(axcelerate: StandIn) -> None:
    axcelerate.replies[SEARCH] = lambda asked: (
        200, [contact_row(int(one)) for one in dict(asked.query)["contactIDs"].split(",")],
    )  # fmt: skip

    assert len(axcelerate.vet().contacts([ContactId(number) for number in range(1, 251)])) == 250
    assert len(axcelerate.asked) == 3


def test_people_whom_the_search_only_resembles_are_left_out(axcelerate: StandIn) -> None:
    axcelerate.replies[SEARCH] = (200, [contact_row(220411), {"EMAILADDRESS": "who@example.org"}])

    assert axcelerate.vet().contacts([ContactId(22041)]) == []


def test_a_chain_of_merges_is_followed_to_its_end(axcelerate: StandIn) -> None:
    chain = {"1": [merge_row(1, 9, "2025-01-01 10:00"), merge_row(1, 2)], "2": [merge_row(2, 3)]}
    axcelerate.replies[MERGES] = lambda asked: (
        200, chain.get(dict(asked.form)["oldContactID"], [{"merged": False}]),
    )  # fmt: skip
    vet = axcelerate.vet(now=lambda: NOW)

    assert vet.survivor(ContactId(1)) == 3
    assert dict(axcelerate.asked[0].form) == {
        "dateStart": "2005-01-01 00:00:00", "dateEnd": "2026-03-03 23:59:59", "oldContactID": "1",
    }  # fmt: skip
    assert (vet.calls.other, vet.calls.read) == (3, 0)


@pytest.mark.parametrize(
    "reply", [(200, [{"merged": False}]), (204, None), (200, []), (200, [merge_row(5, 6)])]
)
def test_a_contact_that_was_not_merged_has_no_survivor(axcelerate: StandIn, reply: Reply) -> None:
    axcelerate.replies[MERGES] = reply

    assert axcelerate.vet().survivor(ContactId(1)) is None


def test_merges_in_a_circle_end(axcelerate: StandIn) -> None:
    axcelerate.replies[MERGES] = (200, [merge_row(1, 2), merge_row(2, 1)])

    assert axcelerate.vet().survivor(ContactId(1)) == 2


def test_a_window_that_is_refused_is_cut_into_years(axcelerate: StandIn) -> None:
    def reply(asked: Asked) -> Reply:
        form = dict(asked.form)
        if form["dateStart"].startswith("2005"):
            return 412, error("412", "Validation Error.", "The window is too long.")
        is_then = (
            form["dateStart"] <= "2024-06-01 00:00:00" <= form["dateEnd"] and form["oldContactID"] == "1"
        )
        return 200, [merge_row(1, 2, "2024-06-01 00:00")] if is_then else [{"merged": False}]

    axcelerate.replies[MERGES] = reply

    assert axcelerate.vet(now=lambda: NOW).survivor(ContactId(1)) == 2


@pytest.mark.parametrize("rows", [[{"OLDCONTACTID": 1}], [merge_row(5, 6)] * 500], ids=["no merge", "cut"])
def test_a_history_that_cannot_be_understood_is_no_proof(axcelerate: StandIn, rows: Any) -> None:
    axcelerate.replies[MERGES] = (200, rows)

    with pytest.raises(UnexpectedPayload):
        axcelerate.vet().survivor(ContactId(1))
