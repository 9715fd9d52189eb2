"""Absence needs proof: lists that end early, come back empty or hold rows nobody can read."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from connector.domain.learner import ContactId
from connector.domain.report import Exit
from connector.reading.scope import PageSizes
from connector.review.decide import approval, decide

from .provider import (
    APRIL_10,
    APRIL_24,
    AVA,
    DAY,
    ETHICS,
    LEO,
    MAY_1,
    MIA,
    NIGHT,
    NOAH,
    SAFETY,
    WHS,
    WHS_COURSE,
    module_of,
    user_of,
)
from .world import Account, asked, assert_quiet, explain, gist, settle, skipped, told


def due_of(account: Account, contact: int) -> Any:
    return account.enrollment(user_of(contact), WHS_COURSE)["due_date"]


def class_list(account: Account, class_id: int) -> list[dict[str, Any]]:
    """The rows of a class list as aXcelerate sends them."""
    box = account.axcelerate
    answer = httpx.get(
        f"{box.url}/course/enrolments",
        params={"instanceID": class_id, "type": "p", "limit": 100},
        headers={"apitoken": box.api_token, "wstoken": box.ws_token},
    )
    rows: list[dict[str, Any]] = answer.json()
    return rows


def module_report(account: Account, class_id: int) -> list[dict[str, Any]]:
    """The rows of the module report of a class as aXcelerate sends them."""
    box = account.axcelerate
    wanted = [{"name": "classes.classid", "value": str(class_id), "operator": "IN"}]
    answer = httpx.post(
        f"{box.url}/report/run",
        data={"reportReference": "learningModuleEnrolments", "selectedFilterFields": json.dumps(wanted)},
        headers={"apitoken": box.api_token, "wstoken": box.ws_token},
    )
    rows: list[dict[str, Any]] = answer.json()["DATA"]
    return rows


def enrollment_list(account: Account) -> list[dict[str, Any]]:
    """The rows of the list of enrolments as iSpring sends them."""
    box = account.ispring
    answer = httpx.get(
        f"{box.url}/api/v2/enrollments",
        headers={
            "Accept": "application/json",
            "X-Auth-Account-Url": box.account_url,
            "X-Auth-Email": box.email,
            "X-Auth-Password": box.password,
        },
    )
    rows: list[dict[str, Any]] = answer.json()["enrollments"]
    return rows


def empty_all_courses(account: Account) -> None:
    for row in account.ispring.rows("enrollments"):
        account.ispring.person.unenrol(row["enrollment_id"])


def answer_with(account: Account, rows: Any, *, times: int | None = 1) -> None:
    """The first class list of the next runs is this one."""
    account.axcelerate.faults.add(
        "status", match="GET /course/enrolments", status=200, body=json.dumps(rows), times=times
    )


# -- rows that are gone ---------------------------------------------------------------------------------------------------


def test_a_deleted_class_enrolment_is_looked_at_again_and_withdrawn(account: Account):
    settle(account)
    account.axcelerate.person.delete_enrolment(MIA, DAY)

    report = settle(account)

    assert gist(report) == {(MIA, "whs", "enrolment", "ispring", "withdrawn", "applied")}
    assert_quiet(account)


def test_a_learner_who_is_gone_from_aXcelerate_is_still_named_by_an_address(account: Account):
    settle(account)
    account.axcelerate.person.delete_enrolment(MIA, DAY)

    (line,) = settle(account).changes

    assert (line.change.contact_id, line.change.email) == (MIA, "mia@example.org")


def test_a_row_missing_from_one_reading_is_not_withdrawn_when_a_second_look_shows_it(account: Account):
    settle(account)
    kept = [row for row in class_list(account, DAY) if row["CONTACTID"] != MIA]
    answer_with(account, kept)

    report = account.reconcile()

    assert told(report) == [], explain(report)
    assert due_of(account, MIA) == APRIL_10
    assert_quiet(account)


def test_a_unit_taken_out_of_a_place_is_withdrawn(account: Account):
    settle(account)
    account.axcelerate.person.remove_unit(MIA, DAY, WHS)

    assert gist(settle(account)) == {(MIA, "whs", "enrolment", "ispring", "withdrawn", "applied")}
    assert_quiet(account)


def test_a_class_row_without_any_unit_is_set_aside(account: Account):
    settle(account)
    account.axcelerate.person.remove_unit(MIA, DAY, WHS)
    account.axcelerate.person.remove_unit(MIA, DAY, ETHICS)

    report = settle(account)

    assert told(report) == []
    assert (MIA, "unreadable_record") in skipped(report)
    assert due_of(account, MIA) == APRIL_10


def test_a_module_is_gone_only_when_its_class_enrolment_is_gone_too(account: Account):
    settle(account)
    account.axcelerate.person.remove_module(module_of(MIA))
    report = settle(account)
    assert told(report) == [], explain(report)

    account.axcelerate.person.delete_enrolment(MIA, NIGHT)
    gone = settle(account)

    assert gist(gone) == {
        (MIA, "safety", "enrolment", "ispring", "withdrawn", "applied"),
        (MIA, "welcome", "enrolment", "ispring", "withdrawn", "applied"),
    }


def test_a_merged_contact_is_a_question_and_no_withdrawal(account: Account):
    settle(account)
    account.axcelerate.person.merge_contacts(MIA, NOAH)

    report = account.reconcile()

    assert {change[0] for change in told(report)} <= {NOAH}, explain(report)
    assert (MIA, "person", "contact_merged", str(NOAH)) in asked(report)
    assert due_of(account, MIA) == APRIL_10


def test_approving_a_merge_lets_the_link_and_what_was_agreed_go_on_with_the_survivor(account: Account):
    settle(account)
    survivor = ContactId(account.axcelerate.person.add_contact("Mia", "Twice", "mia.twice@example.org"))
    account.axcelerate.person.merge_contacts(MIA, survivor)
    account.reconcile()
    (question,) = [review for review in account.store.waiting() if review.reason == "contact_merged"]

    decide(
        account.store, approval(question, take=None, date=None, today=MAY_1, may_change=False), by="office"
    )
    report = account.reconcile()

    assert account.store.links()[survivor].user_id == user_of(MIA)
    assert MIA not in account.store.links()
    assert told(report) == [], explain(report)
    assert due_of(account, MIA) == APRIL_10
    assert_quiet(account)


# -- lists that come back empty -------------------------------------------------------------------------------------------


def test_a_class_list_that_came_back_empty_rests_the_class(account: Account):
    settle(account)
    account.axcelerate.person.set_module(module_of(MIA), end=MAY_1)
    account.axcelerate.faults.add("status", match="GET /course/enrolments", status=204, body="")

    report = account.reconcile()

    assert report.exit_code is Exit.UNREACHABLE
    assert any("listing_emptied" in text for text in report.trouble)
    assert gist(report) == {(MIA, "safety", "due_date", "ispring", "2026-05-01", "applied")}
    assert all(due_of(account, contact) == APRIL_10 for contact in (MIA, NOAH, AVA, LEO))
    assert_quiet(account)


def test_allow_emptied_says_that_everybody_has_left(account: Account):
    settle(account)
    for contact in (MIA, NOAH, AVA, LEO):
        account.axcelerate.person.delete_enrolment(contact, DAY)
    assert account.reconcile().exit_code is Exit.UNREACHABLE

    report = settle(account, allow="emptied")

    assert gist(report) == {
        (contact, "whs", "enrolment", "ispring", "withdrawn", "applied") for contact in (MIA, NOAH, AVA, LEO)
    }
    assert_quiet(account)


@pytest.mark.parametrize(
    ("platform", "match", "body"),
    [
        ("axcelerate", "GET /course/enrolments", ""),
        ("ispring", "GET /enrollments*", '{"enrollments": []}'),
        ("ispring", "GET /user*", '{"users": []}'),
    ],
)
def test_when_a_whole_side_comes_back_empty_nothing_is_written(
    account: Account, platform: str, match: str, body: str
):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.ispring.person.edit_enrollment(
        account.enrollment(user_of(NOAH), WHS_COURSE)["enrollment_id"], due=MAY_1
    )
    account.writes()
    box = getattr(account, platform)
    box.faults.add("status", match=match, status=204 if not body else 200, body=body, times=None)

    report = account.reconcile()

    assert report.exit_code is Exit.UNREACHABLE, explain(report)
    assert account.writes() == []
    box.faults.clear()
    assert len(settle(account).changes) == 2
    assert_quiet(account)


def test_a_list_of_which_an_operator_said_that_it_is_empty_is_no_news_until_it_fills_again(account: Account):
    settle(account)
    empty_all_courses(account)
    assert account.reconcile().exit_code is Exit.UNREACHABLE
    settle(account, allow="emptied")

    settle(account)
    question = account.store.waiting()[0]
    decide(
        account.store, approval(question, take=None, date=None, today=MAY_1, may_change=False), by="office"
    )
    (change,) = settle(account).changes

    assert change.change.reason == "approved"
    empty_all_courses(account)
    assert account.reconcile().exit_code is Exit.UNREACHABLE


def test_an_account_that_shows_no_result_before_anybody_begins_is_not_emptied(account: Account):
    account.ispring.faults.add(
        "status", match="GET /learners/results*", status=200, body='{"results": []}', times=None
    )
    settle(account)

    assert told(settle(account)) == []

    account.ispring.faults.clear()
    settle(account)
    account.ispring.faults.add(
        "status", match="GET /learners/results*", status=200, body='{"results": []}', times=None
    )
    assert account.reconcile().exit_code is Exit.UNREACHABLE


def test_a_page_that_came_without_a_body_does_not_end_the_list(account: Account):
    settle(account)
    account.restart(pages=PageSizes(ispring=2, axcelerate=100))
    account.ispring.faults.add("status", match="GET /enrollments*", status=200, body="", after=1)

    report = settle(account)

    assert told(report) == []
    assert asked(report) == set()
    assert_quiet(account)


def test_a_second_look_that_fails_ends_the_run_as_not_read_whole(account: Account):
    settle(account)
    before = account.axcelerate.calls.list()
    account.plan()
    seen = account.axcelerate.calls.list()[len(before) :]
    lists = sum(call.operation == "GET /course/enrolments" for call in seen)
    account.axcelerate.person.delete_enrolment(MIA, DAY)
    account.writes()
    place = "GET /course/enrolments"
    account.axcelerate.faults.add("status", match=place, status=403, after=lists, times=None)

    report = account.reconcile()

    assert report.exit_code is Exit.UNREACHABLE, explain(report)
    assert account.writes() == []
    assert next(iter(account.store.entries(limit=1))).entry.text == "reconcile ended with 5"


# -- rows nobody can read -------------------------------------------------------------------------------------------------


def test_an_unreadable_row_is_set_aside_by_name_and_stops_nobody_else(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, end=APRIL_24)
    rows = class_list(account, DAY)
    mine = next(row for row in rows if row["CONTACTID"] == MIA)
    for unit in mine["ACTIVITIES"]:
        unit["FINISHDATE"] = "the Ides of March"
    answer_with(account, rows)

    report = account.reconcile()

    assert gist(report) == {(NOAH, "whs", "due_date", "ispring", "2026-04-24", "applied")}
    assert (MIA, "unreadable_record") in skipped(report)
    assert due_of(account, MIA) == APRIL_10
    assert_quiet(account)


def test_a_row_that_does_not_say_whose_it_is_is_named_by_its_place(account: Account):
    settle(account)
    rows = class_list(account, DAY)
    for row in rows:
        if row["CONTACTID"] == MIA:
            row["CONTACTID"] = None
    answer_with(account, rows)

    report = account.reconcile()

    assert told(report) == []
    assert any(s.contact_id is None and s.reason == "unreadable_record" for s in report.skips)
    assert due_of(account, MIA) == APRIL_10
    assert_quiet(account)


@pytest.mark.parametrize(("key", "value"), [("CODE", None), ("CODE", ""), ("TYPE", None)])
def test_a_unit_row_that_does_not_say_which_unit_it_is_is_no_withdrawal(
    account: Account, key: str, value: str | None
):
    settle(account)
    rows = class_list(account, DAY)
    mine = next(row for row in rows if row["CONTACTID"] == MIA)
    next(unit for unit in mine["ACTIVITIES"] if unit["CODE"] == WHS)[key] = value
    answer_with(account, rows, times=None)

    report = account.reconcile()

    assert told(report) == [], explain(report)
    assert (MIA, "unreadable_record") in skipped(report)
    account.axcelerate.faults.clear()
    assert_quiet(account)


@pytest.mark.parametrize("value", [None, "", "the day class"])
def test_a_row_that_does_not_say_its_class_stops_nobody_else(account: Account, value: str | None):
    settle(account)
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, end=APRIL_24)
    rows = class_list(account, DAY)
    next(row for row in rows if row["CONTACTID"] == MIA)["INSTANCEID"] = value
    answer_with(account, rows)

    report = account.reconcile()

    assert gist(report) == {(NOAH, "whs", "due_date", "ispring", "2026-04-24", "applied")}, explain(report)
    assert (MIA, "unreadable_record") in skipped(report)
    assert_quiet(account)


@pytest.mark.parametrize("column", ["Class ID", "Module Name"])
def test_a_module_row_without_its_class_or_its_name_is_set_aside(account: Account, column: str):
    settle(account)
    rows = module_report(account, NIGHT)
    next(row for row in rows if row["Contact ID"] == MIA and row["Module Name"] == SAFETY)[column] = ""
    body = json.dumps({"SUCCESS": True, "ERRORMSG": "", "COUNT": len(rows), "DATA": rows})
    account.axcelerate.faults.add("status", match="POST /report/run", status=200, body=body)

    report = account.reconcile()

    assert told(report) == [], explain(report)
    assert (MIA, "unreadable_record") in skipped(report)
    assert_quiet(account)


@pytest.mark.parametrize("key", ["learnerId", "courseId"])
def test_an_enrolment_whose_row_hides_its_learner_or_its_course_is_not_taken_for_removed(
    account: Account, key: str
):
    settle(account)
    rows = enrollment_list(account)
    place = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    next(row for row in rows if row["enrollmentId"] == place)[key] = None
    body = json.dumps({"enrollments": rows})
    account.ispring.faults.add("status", match="GET /enrollments*", status=200, body=body)

    report = account.reconcile()

    assert told(report) == []
    assert asked(report) == set()
    assert (MIA, "unreadable_record") in skipped(report)
    assert_quiet(account)


def test_an_unknown_status_word_rests_the_record(account: Account):
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Gone fishing")
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)

    report = settle(account)

    assert told(report) == []
    assert (MIA, "unknown_status") in skipped(report)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Enrolled")
    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-05-01", "applied")}


def test_rows_repeated_or_shuffled_between_pages_are_each_read_once(account: Account):
    account.restart(pages=type(account.pages)(2, 2))
    settle(account)
    for switch, value in (("page_overlap", True), ("row_order", "shuffled"), ("row_order", "newest")):
        setattr(account.axcelerate.switches, switch, value)
        report = account.reconcile()
        assert (report.exit_code, told(report)) == (Exit.FINISHED, []), explain(report)
        account.axcelerate.switches.page_overlap = False
        account.axcelerate.switches.row_order = "id"
    account.ispring.switches.page_order = "added"
    account.ispring.switches.cursor = "offset"
    assert told(settle(account)) == []


def test_a_repeated_page_token_ends_the_reading_as_incomplete(account: Account):
    account.restart(pages=type(account.pages)(3, 100))
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.writes()
    account.ispring.faults.add("repeat_page_token", match="GET /enrollments*", times=None)

    report = account.reconcile()

    assert report.exit_code is Exit.UNREACHABLE, explain(report)
    assert account.writes() == []
