"""Compliance before the write: each rule of docs/compliance.md refuses to write silently, and nothing more than it says."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.cli.compliance_page import page
from connector.domain.outcome import role_of
from connector.planning.compliance import ALL_RULES, Proposal, outcome_breach
from connector.planning.standing import Record, records_of
from tests.planning.build import FEB_1, MARCH_1, MAY_1, TODAY, a_class_row, a_completion, a_rule, a_unit
from tests.planning.simulate import World, asked, facts
from tests.planning.worlds import a_unit_world

DOCS = Path(__file__).parents[2] / "docs" / "compliance.md"


def a_record(**values: Any) -> Record:
    """An open unit from the first of February to the first of May."""
    world = a_unit_world()
    [record] = records_of(world.person(), world.memory, world.around())
    return replace(record, **values)


def breach(code: str, record: Record | None = None, **values: Any) -> str | None:
    facts = {"completed_on": MARCH_1, "started": True, "today": TODAY} | values
    found = outcome_breach(record or a_record(), Proposal(code, **facts))
    return found.number if found else None


@pytest.mark.parametrize(
    ("number", "code", "record", "values"),
    [
        ("C1", "70", {"end": TODAY - timedelta(days=1)}, {}),
        ("C3", "20", {}, {"completed_on": None}),
        ("C4", "20", {}, {"completed_on": TODAY + timedelta(days=1)}),
        ("C5", "85", {"start": TODAY}, {}),
        ("C6", "40", {}, {"started": False}),
        ("C7", "20", {}, {"completed_on": FEB_1 - timedelta(days=1)}),
        ("C8", "90", {}, {}),
        ("C9", "20", {}, {"later": True}),
    ],
)
def test_a_breach_is_found(number: str, code: str, record: dict[str, Any], values: dict[str, Any]) -> None:
    assert breach(code, a_record(**record), **values) == number


@pytest.mark.parametrize(
    ("code", "record", "values"),
    [
        ("70", {"end": TODAY}, {}),
        ("70", {"end": None}, {}),
        ("20", {}, {"completed_on": TODAY}),
        ("20", {}, {"completed_on": FEB_1}),
        ("20", {"start": None}, {"completed_on": date(2020, 1, 1)}),
        ("85", {"start": TODAY + timedelta(days=1)}, {}),
        ("85", {"start": None}, {}),
        ("40", {}, {}),
        ("70", {}, {"later": True}),
    ],
)
def test_what_no_rule_objects_to_is_written(
    code: str, record: dict[str, Any], values: dict[str, Any]
) -> None:
    assert breach(code, a_record(**record), **values) is None


def test_not_yet_started_after_the_start_is_105_in_western_australia() -> None:
    record = a_record(rule=a_rule(jurisdiction="WA"))

    assert breach("105", record) == "C5"
    assert role_of("105", "WA") == "interim"


def test_an_interim_code_beside_a_past_end_date_waits_for_a_person() -> None:
    world = _in_progress(end=TODAY - timedelta(days=3))

    plan = world.plan()

    assert asked(plan) == ["avetmiss_interim_past_end"]
    assert [q.evidence["compliance_rule"] for q in plan.questions] == ["C1"]
    assert ("outcome", "axcelerate", "85", "70") not in facts(plan)


def test_an_interim_code_beside_a_coming_end_date_is_written() -> None:
    assert ("outcome", "axcelerate", "85", "70") in facts(_in_progress(end=MAY_1).plan())


def _in_progress(*, end: date) -> World:
    world = a_unit_world(outcome="85", end=end, due=end, to_axcelerate={"in_progress": 70})
    world.add(a_completion("in_progress"))
    return world


def test_a_final_code_for_a_unit_enrolled_again_since_waits_for_a_person() -> None:
    world = a_unit_world(approval="automatic", to_axcelerate={"passed": 20})
    world.add(a_completion("passed", on=MARCH_1))
    again = a_class_row(880124, status="suspended", enrolled=FEB_1, units=[a_unit()])
    world.add(again)

    plan = world.plan()

    assert asked(plan) == ["superseded_by_later_enrolment"]
    assert [fact for fact in facts(plan) if fact[0] == "outcome"] == []


def test_the_page_is_made_from_the_rules() -> None:
    assert DOCS.read_text(encoding="utf-8") == "\n".join(page()) + "\n"
    assert [rule.number for rule in ALL_RULES] == [f"C{number}" for number in range(1, len(ALL_RULES) + 1)]
