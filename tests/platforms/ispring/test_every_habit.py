"""Whatever an account does where the vendor's pages are silent or contradict each other, the same facts are read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.domain.change import EnrolLearners, RewriteSchedule, Schedule, SetStatus, TaskState, Unenrol
from connector.domain.enrolment import Status
from connector.domain.learner import CourseId
from connector.errors import AccessDenied
from connector.platforms.ispring import IspringPlatform
from connector.platforms.port import LmsScope
from connector.sandbox.clock import Clock
from connector.sandbox.ispring import IspringSandbox, IspringSwitches
from connector.sandbox.ispring.switches import switch_values
from tests.platforms.contract_lms import APRIL_17, FEB_9, NOBODY, Account, at_nine, furnish
from tests.platforms.ispring.conftest import NOW, Connect
from tests.platforms.ispring.test_contract import FORMS

GONE = CourseId("eeeeeeee-7d10-11ee-9f7c-0a58a9feac02")

# Not seen by a client of enrollments, users and results, or tried by a test of its own.
ELSEWHERE = {
    "module_status_word", "signature", "string_payloads", "webhook_retry_minutes", "webhook_deliveries", "webhook_auth",
    "subscription_types", "send_login_email_default", "reenroll", "group_members", "post_list_paging", "post_enrollments",
    "unpaged_enrollments_xml", "accepted_auth", "subscription", "root_prefix", "naive_dates_in", "result_access_time",
    "task_end", "existing_enrollment",
}  # fmt: skip
HABITS = [
    pytest.param(name, value, id=f"{name}={value}")
    for name, values in switch_values().items()
    if name not in ELSEWHERE
    for value in values[1:]
]


@pytest.fixture(params=["rest-json", "rest-xml", "soap-token"])
def form(request: pytest.FixtureRequest) -> dict[str, Any]:
    return FORMS[request.param]


def facts_of(account: Account) -> list[object]:
    """Everything a reading says, in an order of its own."""
    records = [
        record
        for batch in account.lms.read(LmsScope(courses=(account.safety, GONE, account.first_aid)))
        for record in batch.records
    ]
    return sorted((account.lms.parse(record) for record in records), key=repr)


def story(account: Account) -> Iterator[object]:
    """Read, then write everything that a run writes, reading in between."""
    account.person.complete(
        account.mias, "passed", at=datetime(2026, 2, 27, 22, 15, tzinfo=NOW.tzinfo), score=92.5
    )
    yield facts_of(account)
    yield account.lms.unknown_courses
    users = (account.mia, NOBODY, account.noah)
    try:
        receipt = account.lms.apply(
            EnrolLearners(account.first_aid, users, Schedule(at_nine(FEB_9), APRIL_17, True))
        )
        yield receipt.refused.keys() <= {NOBODY}
    except AccessDenied:
        # Where an unknown id is answered 403, it cannot be told from a lack of rights.
        account.lms.apply(
            EnrolLearners(
                account.first_aid, (account.mia, account.noah), Schedule(at_nine(FEB_9), APRIL_17, True)
            )
        )
        yield True
    enrolled = account.lms.enrolments_of([account.mia, account.noah], account.first_aid)
    yield sorted((one.user_id, one.access_from, one.due, one.locks) for one in enrolled)
    account.lms.apply(RewriteSchedule(account.mias, Schedule(at_nine(FEB_9), None, False)))
    now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)
    yield now and (now.access_from, now.due)
    task = account.lms.apply(
        SetStatus(enrolled[0].enrolment_id, account.first_aid, Status.COMPLETE, date(2026, 3, 1), "RPL")
    )
    yield any(account.lms.task(str(task.task_id)) is TaskState.DONE for _ in range(12))
    (after,) = account.lms.completions_of(
        [(enrolled[0].enrolment_id, enrolled[0].user_id, account.first_aid)]
    )
    yield after.status
    account.lms.apply(Unenrol(account.mias))
    yield account.lms.enrolment(account.mias, user=account.mia, course=account.safety)


def told(switches: IspringSwitches, connected: Connect, form: dict[str, Any]) -> list[object]:
    sandbox = IspringSandbox(switches, Clock(NOW), seed=7, zone="Australia/Sydney")
    with sandbox.serving():
        return list(story(furnish(connected(sandbox, **form), sandbox.person)))


_USUAL: dict[str, list[object]] = {}


@pytest.mark.parametrize(("switch", "value"), HABITS)
def test_a_habit_of_the_account_changes_no_fact(
    switch: str, value: Any, connected: Connect, form: dict[str, Any]
):
    if str(form) not in _USUAL:
        _USUAL[str(form)] = told(IspringSwitches(), connected, form)

    assert told(IspringSwitches(**{switch: value}), connected, form) == _USUAL[str(form)]


def test_naive_dates_cut_in_another_zone_are_a_setting_not_a_change(connected: Connect):
    sandbox = IspringSandbox(IspringSwitches(naive_dates_in="utc"), Clock(NOW), zone="Australia/Sydney")
    with sandbox.serving():
        account = furnish(connected(sandbox, zone=ZoneInfo("UTC")), sandbox.person)
        account.lms.apply(RewriteSchedule(account.mias, Schedule(at_nine(FEB_9), APRIL_17, True)))
        now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)

    assert now is not None
    assert (now.access_from, now.due) == (FEB_9, APRIL_17)


@pytest.mark.parametrize("end", ["error", "cancelled"])
def test_a_task_that_ends_badly_is_failed(connected: Connect, end: Any):
    sandbox = IspringSandbox(IspringSwitches(task_end=end), Clock(NOW), zone="Australia/Sydney")
    with sandbox.serving():
        account = furnish(connected(sandbox), sandbox.person)
        task = account.lms.apply(SetStatus(account.mias, account.safety, Status.COMPLETE, FEB_9, "RPL"))

        assert any(account.lms.task(str(task.task_id)) is TaskState.FAILED for _ in range(12))


@pytest.mark.parametrize("value", ["expired", "without_api"])
def test_an_account_without_the_right_plan_denies_access(connected: Connect, value: Any):
    sandbox = IspringSandbox(IspringSwitches(subscription=value), Clock(NOW))
    with sandbox.serving():
        account = furnish(connected(sandbox), sandbox.person)

        with pytest.raises(AccessDenied):
            facts_of(account)


def test_capabilities_say_what_can_be_read_and_write_nothing(connected: Connect, box: IspringSandbox):
    account = furnish(connected(box), box.person)
    assert isinstance(account.lms, IspringPlatform)

    shown = account.lms.capabilities([account.safety])

    assert shown.works
    assert (shown.credentials, shown.dialect, shown.form) == ("access token", "rest", "json")
    assert [proof.read for proof in shown.proofs] == [
        "users",
        "enrollments",
        "results",
        "contents",
    ]
    assert not box.calls.writes()
    assert account.lms.calls.read == 0
