"""Platforms that fail while they are read and written: nothing twice, nothing lost, and the exit code says what happened."""

from __future__ import annotations

from typing import Any

import pytest

from connector.domain.report import Exit
from connector.execution import executor

from .provider import (
    APRIL_24,
    DAY,
    FEB_2,
    LEARNERS,
    MAY_1,
    MAY_15,
    MIA,
    NOAH,
    UNIT_RULE,
    WHS,
    WHS_COURSE,
    module_of,
    rules,
    user_of,
)
from .rounds import Rounds
from .world import IMPATIENT, Account, assert_quiet, between_reading_and_writing, explain, gist, settle, told

WRITES = {
    "ispring": ("POST /enrollment", "POST /enrollment/*", "POST /statistics/course*", "DELETE /enrollment*"),
    "axcelerate": ("PUT /course/enrolment", "PUT /v2/learningPlan/modules/enrolments"),
}
READS = {
    "ispring": ("GET /enrollments*", "GET /user*", "GET /learners/results*"),
    "axcelerate": ("GET /course/enrolments", "POST /report/run", "GET /course/instance/detail"),
}
TROUBLE: dict[str, tuple[str, dict[str, Any]]] = {
    "connection reset before": ("reset_before", {}),
    "connection reset after": ("reset_after", {}),
    "hang": ("hang", {"seconds": 0.6}),
    "hang, then nothing": ("hang", {"seconds": 0.6, "applied": False}),
    "half a body": ("truncate", {}),
    "a web page in a 200": ("html", {}),
    "500": ("status", {"status": 500}),
    "502": ("status", {"status": 502, "body": "<html>Bad gateway</html>", "content_type": "text/html"}),
    "429": ("429", {}),
    "429 with Retry-After": ("429", {"retry_after": 1}),
}


def order(account: Account, places: dict[str, tuple[str, ...]], kind: str, options: dict[str, Any]) -> None:
    for platform, matches in places.items():
        for match in matches:
            getattr(account, platform).faults.add(kind, match=match, **options)


# -- short trouble --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trouble", TROUBLE, ids=str)
def test_short_trouble_at_every_kind_of_write_makes_nothing_twice_and_loses_nothing(
    account: Account, trouble: str
):
    rounds = Rounds(account)
    is_slow = "Retry-After" in trouble or "hang" in trouble
    for _ in range(1 if is_slow else 2):
        rounds.edit()
        order(account, WRITES, *TROUBLE[trouble])
        report = account.reconcile()
        assert report.exit_code is Exit.FINISHED, explain(report)
        account.ispring.faults.clear()
        account.axcelerate.faults.clear()

        rounds.recover()


@pytest.mark.parametrize("trouble", ["500", "connection reset before", "connection reset after"])
def test_a_write_that_nobody_answered_is_looked_up_and_made_again_only_where_nothing_of_it_shows(
    account: Account, trouble: str
):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    account.ispring.person.edit_enrollment(
        account.enrollment(user_of(NOAH), WHS_COURSE)["enrollment_id"], due=APRIL_24
    )
    account.writes()
    order(account, {"axcelerate": ("PUT /course/enrolment",)}, *TROUBLE[trouble])

    report = account.reconcile()

    assert report.exit_code is Exit.FINISHED, explain(report)
    assert {line.status for line in report.changes} == {"applied"}
    assert account.unit(NOAH, DAY, WHS)["end"] == APRIL_24
    assert len([call for call in account.writes() if "activityEndDate" in call]) == 1
    assert_quiet(account)


@pytest.mark.parametrize("trouble", ["500", "connection reset before", "connection reset after"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_person_and_an_enrolment_whose_creation_fails_some_times_in_a_row_are_made_once_in_the_same_run(
    account: Account, trouble: str, times: int, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(executor, "LOOKS_AT_CREATE_S", (0.05, 0.1, 0.2))
    eva = account.axcelerate.person.add_contact("Eva", "Tester", "eva@example.org")
    account.axcelerate.person.enrol(eva, DAY, start=FEB_2, due=APRIL_24)
    account.use(rules(UNIT_RULE + f"    enrolment: {{missing_learner: create, department: {LEARNERS}}}\n"))
    kind, options = TROUBLE[trouble]
    order(account, {"ispring": ("POST /user", "POST /enrollment")}, kind, {**options, "times": times})

    report = account.reconcile()

    assert report.exit_code is Exit.FINISHED, explain(report)
    assert {line.status for line in report.changes} == {"applied"}
    (user,) = [row for row in account.ispring.rows("users") if row["email"] == "eva@example.org"]
    assert len(account.enrollments(user["user_id"], WHS_COURSE)) == 1
    assert_quiet(account)


@pytest.mark.parametrize(
    ("status", "body"),
    [(400, '{"ERROR": true, "CODE": "400", "MESSAGES": "Invalid"}'), (200, '{"ERROR": true, "CODE": "0"}')],
)
def test_a_write_that_was_refused_after_it_took_effect_is_found_done(
    account: Account, status: int, body: str
):
    settle(account)
    place = account.enrollment(user_of(MIA), WHS_COURSE)
    account.ispring.person.edit_enrollment(place["enrollment_id"], due=APRIL_24)
    refusal = {"status": status, "body": body, "applied": True}
    order(account, {"axcelerate": ("PUT /course/enrolment",)}, "status", refusal)

    report = account.reconcile()

    assert report.exit_code is Exit.FINISHED, explain(report)
    assert [line.status for line in report.changes] == ["applied"]
    assert account.unit(MIA, DAY, WHS)["end"] == APRIL_24
    assert_quiet(account)


def test_writes_that_are_never_answered_cost_their_pauses_once(account: Account):
    settle(account)
    for contact in (MIA, NOAH):
        place = account.enrollment(user_of(contact), WHS_COURSE)
        account.ispring.person.edit_enrollment(place["enrollment_id"], due=APRIL_24)
    order(account, {"axcelerate": ("PUT /course/enrolment",)}, "status", {"status": 500, "times": None})

    report = account.reconcile()

    assert report.exit_code is Exit.PARTIAL, explain(report)
    assert [line.status for line in report.changes] == ["unverified", "unverified"]
    assert len([call for call in account.axcelerate.calls.list() if call.status == 500]) == 5
    account.axcelerate.faults.clear()
    assert settle(account).changes
    assert_quiet(account)


@pytest.mark.parametrize("trouble", TROUBLE, ids=str)
def test_short_trouble_while_reading_is_outlived(account: Account, trouble: str):
    rounds = Rounds(account)
    rounds.edit()
    order(account, READS, *TROUBLE[trouble])

    report = account.reconcile()

    assert report.exit_code is Exit.FINISHED, explain(report)
    rounds.recover()


def test_an_error_in_a_200_is_an_error(account: Account):
    rounds = Rounds(account)
    rounds.edit()
    for match in (*READS["axcelerate"][:1], *WRITES["axcelerate"]):
        account.axcelerate.faults.add("error_200", match=match)

    account.reconcile()

    rounds.recover()


# -- a platform that dies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("platform", ["ispring", "axcelerate"])
def test_a_platform_that_dies_at_any_of_its_calls_loses_nothing(account: Account, platform: str):
    rounds = Rounds(account)
    account.restart(patience=IMPATIENT)
    box, died = getattr(account, platform), 0
    for calls in range(60):
        rounds.edit()
        box.faults.add("reset_before", after=calls, times=None)
        report = account.reconcile()
        was_struck = any(call.status == 0 for call in box.calls.list())
        box.faults.clear()
        box.calls.clear()
        if was_struck:
            died += 1
            assert report.exit_code is Exit.UNREACHABLE, explain(report)
        account.restart()
        rounds.recover()
        if not was_struck:
            break
    assert not was_struck
    assert died >= 10


def test_a_platform_that_is_dead_from_the_start_is_named_and_the_other_is_not_written(account: Account):
    settle(account)
    account.ispring.person.edit_enrollment(
        account.enrollment(user_of(NOAH), WHS_COURSE)["enrollment_id"], due=MAY_1
    )
    account.restart(patience=IMPATIENT)
    account.ispring.faults.add("status", status=503, times=None)
    account.writes()

    for report in (account.plan(), account.reconcile()):
        assert report.exit_code is Exit.UNREACHABLE
        assert report.trouble[0].startswith("ispring")
        assert told(report) == []
    assert account.writes() == []
    account.ispring.faults.clear()
    account.restart()
    assert gist(settle(account)) == {(NOAH, "whs", "due_date", "axcelerate", "2026-05-01", "applied")}


# -- rights and credentials -----------------------------------------------------------------------------------------------


def test_a_token_revoked_on_the_way_is_renewed_once(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.ispring.faults.add("revoke_token", match="GET /enrollments*")

    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-05-01", "applied")}


@pytest.mark.parametrize(("platform", "status"), [("ispring", 401), ("axcelerate", 401), ("axcelerate", 403)])
def test_refused_credentials_end_the_run_with_5(account: Account, platform: str, status: int):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.writes()
    match = {"ispring": "GET /*", "axcelerate": "*"}[platform]
    getattr(account, platform).faults.add("status", match=match, status=status, times=None)

    report = account.reconcile()

    assert report.exit_code is Exit.UNREACHABLE, explain(report)
    assert account.writes() == []


@pytest.mark.parametrize("how", ["403", "error_200"])
def test_the_first_refusal_for_lack_of_rights_rests_that_kind_of_write(account: Account, how: str):
    settle(account)
    for contact in (MIA, NOAH):
        mine = account.enrollment(user_of(contact), WHS_COURSE)["enrollment_id"]
        account.ispring.person.edit_enrollment(mine, due=MAY_1)
    account.axcelerate.person.set_module(module_of(MIA), end=MAY_15)
    account.axcelerate.switches.forbidden = ("PUT /course/enrolment",)
    account.axcelerate.switches.forbidden_as = how  # type: ignore[assignment]
    account.axcelerate.calls.clear()

    report = account.reconcile()

    assert report.exit_code is Exit.PARTIAL, explain(report)
    assert gist(report) == {
        (MIA, "whs", "due_date", "axcelerate", "2026-05-01", "failed"),
        (NOAH, "whs", "due_date", "axcelerate", "2026-05-01", "failed"),
        (MIA, "safety", "due_date", "ispring", "2026-05-15", "applied"),
    }
    tried = [call for call in account.axcelerate.calls.list() if call.method == "PUT"]
    assert len(tried) == 1
    failed = [line.error or "" for line in report.changes if line.status == "failed"]
    assert "does not allow this account to update_unit" in failed[1]
    account.axcelerate.switches.forbidden = ()
    assert len(settle(account).changes) == 2
    assert_quiet(account)


def test_an_ispring_role_without_the_right_to_edit_rests_edits_only(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, end=MAY_1)
    edited = account.enrollment(user_of(NOAH), WHS_COURSE)
    account.ispring.faults.add("status", match="POST /enrollment/*", status=403, times=None)
    account.ispring.calls.clear()

    report = account.reconcile()

    assert report.exit_code is Exit.PARTIAL, explain(report)
    assert {line.status for line in report.changes} == {"failed"}
    assert len([call for call in account.ispring.calls.list() if call.status == 403]) == 1
    assert account.enrollment(user_of(NOAH), WHS_COURSE)["due_date"] == edited["due_date"]
    account.ispring.faults.clear()
    assert len(settle(account).changes) == 2


# -- edits while a run is on its way --------------------------------------------------------------------------------------


def test_an_edit_made_in_ispring_while_we_were_deciding_is_not_overwritten(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    mine = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]

    report = between_reading_and_writing(
        account, lambda: account.ispring.person.edit_enrollment(mine, due=APRIL_24)
    )

    assert report.exit_code is Exit.PARTIAL
    assert "moved since it was read" in (report.changes[0].error or "")
    on_record = [
        line.entry for line in account.store.entries(run=report.run) if line.entry.text.endswith("failed")
    ]
    assert [(entry.field, "moved since" in entry.detail["answer"]) for entry in on_record] == [
        ("due_date", True)
    ]
    assert account.enrollment(user_of(MIA), WHS_COURSE)["due_date"] == APRIL_24
    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-05-01", "applied")}
    assert_quiet(account)


def test_an_edit_made_in_axcelerate_while_we_were_deciding_is_not_overwritten(account: Account):
    settle(account)
    mine = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    account.ispring.person.edit_enrollment(mine, due=APRIL_24)

    report = between_reading_and_writing(
        account, lambda: account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    )

    assert report.exit_code is Exit.PARTIAL
    assert account.unit(MIA, DAY, WHS)["end"] == MAY_15
    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-05-15", "applied")}
    assert_quiet(account)


def test_somebody_enrolled_by_hand_while_we_were_deciding_is_not_enrolled_twice(account: Account):
    report = between_reading_and_writing(
        account, lambda: account.ispring.person.enrol(user_of(MIA), WHS_COURSE, due=MAY_1, lock=True)
    )

    assert report.exit_code in (Exit.FINISHED, Exit.PARTIAL), explain(report)
    assert len(account.enrollments(user_of(MIA), WHS_COURSE)) == 1
    settle(account)
    assert len(account.enrollments(user_of(MIA), WHS_COURSE)) == 1
    assert_quiet(account)


def test_an_outcome_given_in_axcelerate_while_we_were_deciding_stands(account: Account):
    settle(account)
    mine = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    account.ispring.person.complete(mine, at=account.clock.now())
    waiting = settle(account)
    account.approve(waiting.questions[0].id)

    report = between_reading_and_writing(
        account, lambda: account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="30", end=MAY_1)
    )

    assert report.exit_code is Exit.PARTIAL, explain(report)
    assert account.unit(MIA, DAY, WHS)["outcome"] == "30"
