"""What an edited mapping would change: over today's reading and over the journal, told and never written."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox import demo_world as people
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes
from tests.cli.conftest import Connector

WHS = "10-whs-induction.yaml"
Edit = Callable[..., Path]


@pytest.fixture
def boxes() -> Any:
    """Accounts of their own for every test: each writes its own history."""
    with run_sandboxes() as served:
        yield served


@pytest.fixture
def edited(set_up: Path) -> Edit:
    """A copy of the demo's mappings in which words were replaced; `gone` names files that were taken away."""

    def edit(*words: tuple[str, str], file: str = WHS, gone: str | None = None) -> Path:
        folder = set_up / "edited"
        shutil.copytree(demo_mappings_dir(), folder, dirs_exist_ok=True)
        text = (folder / file).read_text(encoding="utf-8")
        for old, new in words:
            assert old in text
            text = text.replace(old, new)
        (folder / file).write_text(text, encoding="utf-8")
        if gone:
            (folder / gone).unlink()
        return folder

    return edit


def _differences(found: dict[str, Any], contact: int) -> list[tuple[str, str, str]]:
    """Field, what the present plan says, what the edited plan says."""

    def says(lines: list[dict[str, Any]]) -> str:
        return " and ".join(
            f"{one['says']}: {one.get('after') or one.get('proposed') or one['reason']}" for one in lines
        )

    return [
        (one["field"], says(one["present"]), says(one["edited"]))
        for one in found["differences"]
        if one["learner"]["contact_id"] == contact
    ]


def test_an_edit_that_changes_no_meaning_changes_nothing(edited: Edit, connector: Connector) -> None:
    folder = edited(("# the content item's id", "# the course's number"))

    found = connector("mappings", "what-if", folder, "--json")

    assert found.code == 0
    assert found.json["differences"] == []
    assert found.json["same"] > 0
    assert {rule["step"] for rule in found.json["rules"]} == {"unchanged"}


def test_another_code_in_the_outcome_table_is_told_for_the_learner_who_passed(
    edited: Edit, connector: Connector
) -> None:
    folder = edited(("passed: 20, complete", "passed: 30, complete"))

    found = connector("mappings", "what-if", folder, "--json").json

    assert _differences(found, people.PRIYA) == [("outcome", "review: 20", "review: 30")]
    assert {one["learner"]["contact_id"] for one in found["differences"]} == {people.PRIYA}


def test_a_due_date_that_no_longer_flows_back_is_told_for_the_learner_whose_date_was_moved(
    edited: Edit, connector: Connector, boxes: Sandboxes
) -> None:
    connector("reconcile")
    later = boxes.world.today + timedelta(days=44)
    sam = next(
        e for e in boxes.world.course_enrolments if e.user_id == people.ispring_id(people.USER, people.SAM)
    )
    boxes.ispring.person.edit_enrollment(sam.enrolment_id, due=later)
    folder = edited(("due_date: {direction: both", "due_date: {direction: axcelerate_to_ispring"))

    found = connector("mappings", "what-if", folder, "--json").json

    assert _differences(found, people.SAM) == [("due_date", f"change: {later}", "skipped: one_way")]


def test_a_rule_that_is_taken_away_is_told_with_the_learners_whose_history_ends(
    edited: Edit, connector: Connector
) -> None:
    connector("reconcile")
    folder = edited(gone="40-orientation.yaml")

    found = connector("mappings", "what-if", folder, "--json").json

    (removed,) = [rule for rule in found["rules"] if rule["step"] == "removed"]
    assert removed == {
        "rule": "orientation",
        "step": "removed",
        "pairs": {"present": 3, "edited": 0},
        "forgotten": 2,
    }


def test_a_renamed_rule_keeps_its_history_and_differs_in_nothing(edited: Edit, connector: Connector) -> None:
    connector("reconcile")
    folder = edited(("  - id: whs-induction ", "  - id: safety-induction\n    was: whs-induction "))

    found = connector("mappings", "what-if", folder, "--json").json

    assert found["differences"] == []
    assert {rule["rule"]: rule["forgotten"] for rule in found["rules"]}["safety-induction"] == 0


def test_a_new_rule_shows_whom_it_would_enrol(edited: Edit, connector: Connector) -> None:
    connector("reconcile")
    extra = (
        "  - id: infection\n"
        f"    ispring: {{courses: [{people.ETHICS_COURSE}]}}\n"
        "    axcelerate: {target: unit, unit: HLTINF006, classes: [880124]}\n"
    )
    folder = edited()
    (folder / "50-infection.yaml").write_text(f"version: 1\nrules:\n{extra}", encoding="utf-8")

    found = connector("mappings", "what-if", folder, "--json").json

    assert _differences(found, people.TANE) == [("enrolment", "", "change: enrolled")]
    assert {r["rule"]: r["pairs"] for r in found["rules"]}["infection"] == {"present": 0, "edited": 3}


def test_an_edit_that_would_run_into_a_limit_says_so(edited: Edit, connector: Connector) -> None:
    folder = edited(("created: 50 ", "created: 1 "))

    found = connector("mappings", "what-if", folder, "--json").json

    assert [line.split(":")[0] for line in found["refusals"]] == ["created"]


def test_a_decision_on_record_that_the_new_table_would_make_otherwise_is_told(
    edited: Edit, connector: Connector
) -> None:
    connector("reconcile")
    (review,) = [
        one["id"] for one in connector("review", "list", "--json").json["reviews"] if one["proposed"] == "20"
    ]
    connector("review", "approve", review)
    connector("reconcile")
    folder = edited(
        ("passed: 20, complete", "passed: 30, complete"), ("approval: required", "approval: automatic")
    )

    record = connector("mappings", "what-if", folder, "--json").json["on_record"]

    (one,) = record["differences"]
    assert one["contact_id"] == people.PRIYA
    assert one["did"] == "70 was to become 20, after approval"
    assert one["would"] == "30 would be written at once"
    assert one["place"].endswith("10-whs-induction.yaml:44:23")


def test_a_moved_date_on_record_is_told_when_its_direction_is_switched_off(
    edited: Edit, connector: Connector, boxes: Sandboxes
) -> None:
    connector("reconcile")
    boxes.axcelerate.person.set_unit(
        people.SAM, people.DISABILITY, people.WHS, end=boxes.world.today + timedelta(days=50)
    )
    connector("reconcile")
    folder = edited(("due_date: {direction: both", 'due_date: {direction: "off"'))

    record = connector("mappings", "what-if", folder, "--json").json["on_record"]

    assert [(one["contact_id"], one["field"], one["would"]) for one in record["differences"]] == [
        (people.SAM, "due_date", "it would not be moved: due_date is off")
    ]


def test_trying_writes_nothing_to_either_platform_nor_to_state(
    edited: Edit, connector: Connector, boxes: Sandboxes, set_up: Path
) -> None:
    connector("reconcile")
    folder = edited(("passed: 20, complete", "passed: 30, complete"), gone="40-orientation.yaml")
    before = _all_rows(set_up / "connector.db")
    writes = [len(box.calls.writes()) for box in (boxes.ispring, boxes.axcelerate)]

    assert connector("mappings", "what-if", folder).code == 0

    assert _all_rows(set_up / "connector.db") == before
    assert [len(box.calls.writes()) for box in (boxes.ispring, boxes.axcelerate)] == writes


def _all_rows(database: Path) -> str:
    import sqlite3

    connection = sqlite3.connect(database)
    try:
        return hashlib.sha256("\n".join(connection.iterdump()).encode()).hexdigest()
    finally:
        connection.close()


def test_both_mappings_decide_about_one_reading(edited: Edit, connector: Connector, boxes: Sandboxes) -> None:
    folder = edited(("passed: 20, complete", "passed: 30, complete"))
    mark = len(boxes.ispring.calls)

    connector("mappings", "what-if", folder)

    listed = [call for call in boxes.ispring.calls.since(mark) if call.path.endswith("/enrollments")]
    assert len(listed) == 1


def test_problems_of_the_edited_files_are_told_before_anything_is_read(
    edited: Edit, connector: Connector, boxes: Sandboxes
) -> None:
    folder = edited(("passed: 20, complete", "passed: 21, complete"))
    mark = len(boxes.ispring.calls)

    ended = connector("mappings", "what-if", folder)

    assert ended.code == 2
    assert "10-whs-induction.yaml:44:31: outcome.to_axcelerate.passed: 21 is not an outcome code" in ended.err
    assert len(boxes.ispring.calls) == mark


def test_a_platform_that_is_down_compares_nothing(
    edited: Edit, connector: Connector, boxes: Sandboxes
) -> None:
    boxes.axcelerate.faults.add("status", match="GET /course/enrolments", status=403, times=99)

    ended = connector("mappings", "what-if", edited(), "--json")

    assert ended.code == 5
    assert ended.json["differences"] == []
    assert ended.json["trouble"]
