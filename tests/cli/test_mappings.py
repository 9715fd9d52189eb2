"""`connector mappings`: problems with their places, the schema, and the examples in the files."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.sandbox.run import demo_mappings_dir
from tests.cli.conftest import Connector


@pytest.fixture
def mappings(bare: Path) -> Path:
    """A copy of the demo's mapping files where the program looks for them."""
    folder = bare / "mappings"
    folder.mkdir()
    for file in demo_mappings_dir().glob("*.yaml"):
        (folder / file.name).write_text(file.read_text())
    return folder


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_sound_files_pass(mappings: Path, connector: Connector) -> None:
    result = connector("mappings", "check")

    assert result.code == 0
    assert "4 rules in 4 files, no problem" in result.out


def test_every_problem_is_said_at_once_with_its_place(mappings: Path, connector: Connector) -> None:
    edit(mappings / "10-whs-induction.yaml", "passed: 20, complete", "passed: 21, complete")
    edit(mappings / "20-legal-and-ethics.yaml", "target: unit", "target: subject")

    result = connector("mappings", "check")

    assert result.code == 2
    assert result.out == ""
    assert "mappings/10-whs-induction.yaml:44:" in result.err
    assert "21 is not an outcome code of NAT; nearest: 20 (competency achieved)" in result.err
    assert "mappings/20-legal-and-ethics.yaml:" in result.err


def test_problems_are_json_too(mappings: Path, connector: Connector) -> None:
    edit(mappings / "10-whs-induction.yaml", "passed: 20, complete", "passed: 21, complete")

    result = connector("mappings", "check", "--json")

    [problem, *_] = result.json["problems"]
    assert result.code == 2
    assert (problem["file"], problem["line"]) == ("mappings/10-whs-induction.yaml", 44)
    assert problem["nearest"] == "20 (competency achieved)"


def test_the_examples_in_the_files_are_run(mappings: Path, connector: Connector) -> None:
    assert connector("mappings", "test").code == 0

    edit(mappings / "10-whs-induction.yaml", "expect: {axcelerate: 20}}", "expect: {axcelerate: 70}}")
    result = connector("mappings", "test", "--json")

    assert result.code == 2
    assert result.json["failed"] == 1
    assert [one["got"]["axcelerate"] for one in result.json["examples"]] == ["20", "70"]


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        ("passed", "70", {"axcelerate": "20"}),
        ("in_progress", "85", {"axcelerate": "70"}),
        ("not_started", "51", {"ispring": "complete"}),
        ("passed", "51", {}),
        ("passed", "20", {}),
        ("failed", "70", {}),
    ],
)
def test_an_example_is_decided_as_the_planner_decides(
    status: str, code: str, expected: dict[str, str], bare: Path
) -> None:
    from connector.domain.enrolment import Status
    from connector.mapping.load import load_rules
    from connector.trying.decision import decide

    [rule] = [
        r for r in load_rules(demo_mappings_dir(), jurisdiction="NAT").rules.rules if r.id == "whs-induction"
    ]

    got = decide(rule, Status(status), code)

    assert {key: value for key, value in got.items() if key != "review"} == expected


def test_the_schema_is_one_json_object(bare: Path, connector: Connector) -> None:
    assert connector("mappings", "schema").json["$schema"].endswith("2020-12/schema")
