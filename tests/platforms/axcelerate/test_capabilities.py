"""What `connector check` is told about an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from connector.platforms.axcelerate import AxcelerateVet
from connector.platforms.port import Finding, Standing, VetScope
from connector.sandbox.axcelerate import AxcelerateSandbox, AxcelerateSwitches
from connector.sandbox.clock import Clock
from connector.sandbox.people import World
from tests.platforms.axcelerate.stand_in import BRIEF, StandIn
from tests.platforms.contract_vet import Account, furnish

PROVEN, WARNING, FAILED = Standing.PROVEN, Standing.WARNING, Standing.FAILED


@pytest.fixture
def box() -> Iterator[AxcelerateSandbox]:
    box = AxcelerateSandbox(AxcelerateSwitches(), Clock(datetime(2026, 3, 2, tzinfo=UTC)))
    box.load(World(zone="Australia/Brisbane", today=date(2026, 3, 2)))
    with box.serving():
        yield box


@pytest.fixture
def account(box: AxcelerateSandbox) -> Iterator[Account]:
    vet = AxcelerateVet(
        api_url=box.url, api_token=box.api_token, ws_token=box.ws_token, requests_per_second=0, patience=BRIEF
    )
    account = furnish(vet, box.person)
    box.person.add_module(account.mia, account.day_class, "Ethics")
    yield account
    vet.close()


def survey(account: Account) -> dict[str, Finding]:
    assert isinstance(account.vet, AxcelerateVet)
    scope = VetScope(classes=(account.day_class,), qualifications=("BSB10120",), modules=True)
    return {one.what: one for one in account.vet.capabilities(scope, {account.day_class: "QLD"})}


def standings(account: Account) -> dict[str, Standing]:
    return {what: one.standing for what, one in survey(account).items()}


def test_an_account_that_shows_everything_is_proven_without_a_write(
    account: Account, box: AxcelerateSandbox
) -> None:
    found = standings(account)

    assert set(found.values()) == {PROVEN}
    assert {
        "tokens", f"enrolments of class {account.day_class}", "enrolments of BSB10120", "enrolment fields",
        f"class {account.day_class}", "end dates of open units", "module report fields", "access override",
        "module status ids", "learning plans", "mandatory unit fields", "merge history",
    } <= set(found)  # fmt: skip
    assert box.calls.writes() == []
    assert (account.vet.calls.read, account.vet.calls.floor) == (0, 0)


@pytest.mark.parametrize(
    ("switch", "value", "what", "standing"),
    [
        ("unit_finishdate", "null_until_final", "end dates of open units", WARNING),
        ("override_column", "absent", "access override", WARNING),
        ("module_status_list", "unavailable", "module status ids", WARNING),
        ("learning_plans", "none", "learning plans", FAILED),
        ("mandatory_unit_field", "evidence", "mandatory unit fields", WARNING),
        ("class_status", "absent", "enrolment fields", WARNING),
        ("report_dates", "dmy", "learning plans", PROVEN),
        ("forbidden", ("GET /contacts/search",), "contacts", FAILED),
        ("forbidden", ("GET /customFields",), "mandatory unit fields", WARNING),
        ("forbidden", ("GET /course/enrolments",), "enrolments of BSB10120", FAILED),
    ],
)
def test_what_an_account_hides_is_said(
    account: Account, box: AxcelerateSandbox, switch: str, value: object, what: str, standing: Standing
) -> None:
    setattr(box.switches, switch, value)

    assert standings(account)[what] is standing


def test_days_that_cannot_be_read_are_said(account: Account, box: AxcelerateSandbox) -> None:
    box.person.add_module(account.mia, account.day_class, "Law", end=date(2026, 6, 1))
    box.switches.report_dates = "dmy"

    found = survey(account)["learning plans"]

    assert found.standing is WARNING
    assert "not a date" in found.detail


def test_a_class_of_another_jurisdiction_than_the_mapping_says_is_named(account: Account) -> None:
    assert isinstance(account.vet, AxcelerateVet)
    found = account.vet.capabilities(VetScope(classes=(account.day_class,)), {account.day_class: "WA"})

    (finding,) = [one for one in found if one.what == f"class {account.day_class}"]
    assert finding.standing is WARNING
    assert "that is QLD, the mapping says WA" in finding.detail


def test_refused_tokens_end_the_survey(axcelerate: StandIn) -> None:
    axcelerate.replies["GET /contacts/search"] = (
        401,
        {"ERROR": True, "CODE": "401", "MESSAGES": "No API token"},
    )

    findings = list(axcelerate.vet().capabilities(VetScope(whole_account=True)))

    assert [(one.what, one.standing) for one in findings] == [("tokens", FAILED)]
