"""Continuing units that will fail when the collection year is closed, read from the simulated aXcelerate."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connector.domain.enrolment import ClassStatus
from connector.year_end.findings import FINDINGS, check
from connector.year_end.report import YearEnd, year_end
from tests.planning.build import a_class_row, a_unit
from tests.story.conftest import account
from tests.story.provider import DAY, ETHICS, MIA, NOAH, WHS
from tests.story.world import Account

__all__ = ["account"]

NEXT_YEAR = date(2027, 3, 1)


def read(account: Account, year: int = 2026) -> YearEnd:
    return year_end(account.vet, account.rules, year=year, jurisdiction="NAT")


def numbers(found: YearEnd) -> set[tuple[int, str, str]]:
    return {
        (line.enrolment.contact_id, line.unit.code, finding.number)
        for line in found.lines
        for finding in line.findings
    }


@pytest.fixture
def tidy(account: Account) -> Account:
    """Every continuing unit goes on into the next year."""
    for row in account.axcelerate.rows("units"):
        account.axcelerate.person.set_unit(row["contact_id"], row["class_id"], row["code"], end=NEXT_YEAR)
    return account


def test_units_that_go_on_into_the_next_year_are_not_listed(tidy: Account) -> None:
    found = read(tidy)

    assert found.lines == []
    assert (found.units, found.learners) == (8, 4)


def test_an_interim_outcome_with_an_end_in_the_year_is_listed_also_in_units_that_no_rule_names(
    tidy: Account,
) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, ETHICS, end=date(2026, 12, 31))

    assert numbers(read(tidy)) == {(MIA, ETHICS, "Y1")}


def test_an_end_before_the_year_is_told_apart(tidy: Account) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, WHS, start=date(2025, 2, 1), end=date(2025, 11, 30))

    assert numbers(read(tidy)) == {(MIA, WHS, "Y2")}


def test_a_final_outcome_is_not_listed(tidy: Account) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="20", end=date(2026, 5, 1))

    assert read(tidy).lines == []


def test_85_whose_start_passes_within_the_year_is_listed_and_a_later_start_is_not(tidy: Account) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="85", start=date(2026, 10, 1))
    tidy.axcelerate.person.set_unit(NOAH, DAY, WHS, outcome="85", start=date(2027, 1, 1))

    assert numbers(read(tidy)) == {(MIA, WHS, "Y3")}


def test_a_missing_end_date_is_listed_where_the_account_shows_others(tidy: Account) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, WHS, end=None)

    assert numbers(read(tidy)) == {(MIA, WHS, "Y4")}


def test_an_account_that_shows_no_end_dates_cannot_be_judged_by_them(tidy: Account) -> None:
    tidy.axcelerate.switches.unit_finishdate = "null_until_final"

    found = read(tidy)

    assert (found.lines, found.shows_end_dates) == ([], False)


def test_an_end_before_the_start_is_listed(tidy: Account) -> None:
    tidy.axcelerate.person.set_unit(MIA, DAY, WHS, start=date(2027, 5, 1))

    assert numbers(read(tidy)) == {(MIA, WHS, "Y5")}


def test_an_interim_outcome_in_a_completed_class_enrolment_is_listed(tidy: Account) -> None:
    tidy.axcelerate.person.set_class_enrolment(MIA, DAY, status="Completed")

    assert numbers(read(tidy)) == {(MIA, WHS, "Y6"), (MIA, ETHICS, "Y6")}


def test_nothing_is_written(tidy: Account) -> None:
    tidy.writes()

    read(tidy)

    assert tidy.writes() == []


def test_every_finding_is_numbered_in_order_and_names_its_source() -> None:
    assert [finding.number for finding in FINDINGS] == [f"Y{n}" for n in range(1, len(FINDINGS) + 1)]
    assert all(finding.source and finding.fix for finding in FINDINGS)


@pytest.mark.parametrize(
    ("day", "found"), [("2025-12-31", "Y2"), ("2026-01-01", "Y1"), ("2026-12-31", "Y1"), ("2027-01-01", None)]
)
def test_the_year_begins_and_ends_with_its_days(day: str, found: str | None) -> None:
    unit: Any = a_unit(start=date(2025, 1, 1), end=date.fromisoformat(day))
    row = a_class_row(units=[unit])
    assert row.status is ClassStatus.IN_PROGRESS

    line = check(row, unit, year=2026, shows_end_dates=True)

    assert [one.number for one in line.findings] == [found] if line else found is None
