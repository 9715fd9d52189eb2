"""How the simulated aXcelerate account speaks: tokens, parameters, error bodies, faults."""

from __future__ import annotations

import httpx
import pytest

from connector.sandbox.axcelerate import AxcelerateSwitches, switch_help, switch_values

from .conftest import FEBRUARY, MIA


@pytest.mark.parametrize(
    ("headers", "said"),
    [({}, "No API token provided"), ({"apitoken": "wrong", "wstoken": "wrong"}, "Invalid API token")],
)
def test_calls_without_both_tokens_in_headers_are_refused(axcelerate, headers, said):
    query = {"apitoken": axcelerate.box.api_token, "wstoken": axcelerate.box.ws_token}

    answer = httpx.get(f"{axcelerate.box.url}/courses/", params=query, headers=headers)

    assert answer.status_code == 401
    assert answer.json()["MESSAGES"] == said
    assert answer.json()["CODE"] == "401"


def test_both_tokens_are_needed(axcelerate):
    answer = httpx.get(f"{axcelerate.box.url}/courses", headers={"APIToken": axcelerate.box.api_token})

    assert answer.status_code == 401
    assert "web service token" in answer.json()["MESSAGES"]


def test_every_missing_parameter_is_named_in_one_412(axcelerate):
    answer = axcelerate.put("/course/enrolment", competent=20)

    assert answer.status_code == 412
    assert answer.json() == {
        "ERROR": True,
        "CODE": "412",
        "MESSAGES": "Validation Error.",
        "DETAILS": "contactID is undefined in the request collection.,type is undefined in the request collection.",
        "DATA": "",
    }


def test_error_keys_can_be_lower_case(axcelerate):
    axcelerate.box.switches.error_keys = "lower"

    assert axcelerate.put("/course/enrolment").json()["error"] is True


def test_parameter_names_are_matched_in_any_case_and_paths_with_or_without_a_slash(axcelerate):
    answer = axcelerate.get("/course/enrolments/", CONTACTid=MIA, instanceid=FEBRUARY)

    assert [row["ENROLID"] for row in answer.json()] == [9300411]


def test_query_and_form_are_merged(axcelerate):
    answer = axcelerate.http.put(
        f"/course/enrolment?contactID={MIA}&programInstanceID={FEBRUARY}",
        data={"instanceID": 51001, "type": "s", "competent": 30},
    )

    assert answer.json()["STATUS"] == "success"
    assert axcelerate.unit()["OUTCOMECODE"] == "30"


@pytest.mark.parametrize(
    ("switch", "query_works", "form_works"), [("form", False, True), ("query", True, False)]
)
def test_a_put_may_be_read_from_one_place_only(axcelerate, switch, query_works, form_works):
    axcelerate.box.switches.put_params = switch
    wanted = {
        "contactID": MIA,
        "programInstanceID": FEBRUARY,
        "instanceID": 51001,
        "type": "s",
        "competent": 30,
    }

    by_query = axcelerate.http.put("/course/enrolment", params=wanted)
    by_form = axcelerate.http.put("/course/enrolment", data=wanted)

    assert (by_query.status_code == 200, by_form.status_code == 200) == (query_works, form_works)


def test_json_bodies_are_ignored_unless_the_account_accepts_them(axcelerate):
    wanted = {
        "contactID": MIA,
        "programInstanceID": FEBRUARY,
        "instanceID": 51001,
        "type": "s",
        "competent": 30,
    }

    assert axcelerate.http.put("/course/enrolment", json=wanted).status_code == 412
    axcelerate.box.switches.json_body = "accept"
    assert axcelerate.http.put("/course/enrolment", json=wanted).status_code == 200


def test_no_rows_is_204_without_a_body_but_with_a_content_type(axcelerate):
    answer = axcelerate.get("/course/enrolments", contactID=99)

    assert (answer.status_code, answer.content, answer.headers["content-type"]) == (
        204,
        b"",
        "application/json",
    )


@pytest.mark.parametrize(("empty", "status", "body"), [("[]", 200, b"[]"), ("404", 404, None)])
def test_no_rows_can_be_said_otherwise(axcelerate, empty, status, body):
    axcelerate.box.switches.empty = empty

    answer = axcelerate.get("/contacts/search", emailAddress="nobody@")

    assert answer.status_code == status
    assert body is None or answer.content == body


def test_unknown_paths_are_404_and_wrong_methods_405(axcelerate):
    assert axcelerate.get("/nothing/here").status_code == 404
    assert axcelerate.http.delete("/course/enrolment").status_code == 405
    assert axcelerate.http.get(f"{axcelerate.box.root_url}/courses").status_code == 404


def test_a_missing_right_is_said_for_the_operation_it_is_missing_for(axcelerate):
    axcelerate.box.switches.forbidden = ("PUT /course/enrolment",)

    refused = axcelerate.put_unit(competent=20)

    assert refused.status_code == 403
    assert axcelerate.get("/courses").status_code == 200
    axcelerate.box.switches.forbidden_as = "error_200"
    assert axcelerate.put_unit(competent=20).json()["ERROR"] is True
    assert axcelerate.unit()["OUTCOMECODE"] == "70"


def test_an_ordered_coding_fault_answers_200_with_error_true_and_applies_nothing(axcelerate):
    axcelerate.box.faults.add("error_200", match="PUT /course/enrolment")

    answer = axcelerate.put_unit(competent=20)

    assert answer.status_code == 200
    assert (answer.json()["ERROR"], answer.json()["CODE"]) == (True, "0")
    assert axcelerate.unit()["OUTCOMECODE"] == "70"
    assert [*axcelerate.box.calls.writes()] == []


def test_a_lost_answer_leaves_the_write_applied(axcelerate):
    axcelerate.box.faults.add("reset_after", match="PUT /course/enrolment")

    with pytest.raises(httpx.TransportError):
        axcelerate.put_unit(competent=20, activityEndDate="2026-03-01")

    assert axcelerate.unit()["OUTCOMECODE"] == "20"


def test_a_shuffled_page_holds_the_same_rows(axcelerate):
    in_order = [row["ENROLID"] for row in axcelerate.enrolments()]
    axcelerate.box.faults.add("shuffle", match="GET /course/enrolments")

    shuffled = [row["ENROLID"] for row in axcelerate.enrolments()]

    assert shuffled != in_order
    assert sorted(shuffled) == in_order


def test_more_calls_a_minute_than_allowed_are_told_to_wait(axcelerate):
    axcelerate.box.switches.rate_limit_per_minute = 2

    answers = [axcelerate.get("/courses") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["retry-after"] == "1"


def test_reads_and_writes_are_told_apart_in_the_call_log(axcelerate):
    axcelerate.post("/report/run", reportReference="learningModuleEnrolments", selectedFilterFields="[]")
    axcelerate.put_unit(competent=70)
    axcelerate.put_unit(competent=21)

    calls = axcelerate.box.calls
    assert [call.operation for call in calls.reads()] == ["POST /report/run"]
    assert [call.operation for call in calls.writes()] == ["PUT /course/enrolment"]
    assert {call.headers["wstoken"] for call in calls.list()} == {"***"}


def test_every_switch_names_its_question_and_takes_each_of_its_values():
    values, lines = switch_values(), switch_help()

    assert values.keys() == lines.keys()
    for name, choices in values.items():
        board = AxcelerateSwitches()
        assert getattr(board, name) == choices[0]
        assert all(lines[name].startswith("row ") for name in lines)
        for choice in choices:
            setattr(board, name, choice)


@pytest.mark.parametrize(("name", "value"), [("error_keys", "Upper"), ("limit_cap", -1), ("no_such", 1)])
def test_a_switch_cannot_be_set_to_nonsense(name, value):
    with pytest.raises(ValueError, match=name):
        setattr(AxcelerateSwitches(), name, value)
