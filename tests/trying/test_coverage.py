"""What no rule names, and rules that match nobody, with the learners behind each."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from connector.sandbox.axcelerate import AxcelerateSwitches
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes
from tests.cli.conftest import Connector


@pytest.fixture
def mappings(set_up: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The demo's mapping files in a folder of the test's own."""
    folder = set_up / "mappings"
    shutil.copytree(demo_mappings_dir(), folder)
    monkeypatch.setenv("CONNECTOR_MAPPINGS_DIR", str(folder))
    return folder


def _unnamed(connector: Connector, kind: str) -> list[tuple[str, int]]:
    found = connector("mappings", "coverage", "--json").json["unnamed"]
    return [(one["name"], one["learners"]) for one in found if one["kind"] == kind]


def test_a_unit_that_no_rule_names_is_listed_with_its_learners(mappings: Path, connector: Connector) -> None:
    assert _unnamed(connector, "unit") == [("Apply basic principles of infection prevention and control", 3)]


def test_everything_that_a_removed_rule_named_is_listed(mappings: Path, connector: Connector) -> None:
    (mappings / "30-safety-at-work.yaml").unlink()
    (mappings / "40-orientation.yaml").unlink()

    assert _unnamed(connector, "course") == [("Safety at work", 2), ("Orientation for new students", 1)]
    assert _unnamed(connector, "module") == [("Safety at work", 2)]
    assert _unnamed(connector, "class") == []  # the other rules still find units in both


def test_a_rule_for_one_intake_leaves_the_other_unnamed(mappings: Path, connector: Connector) -> None:
    path = mappings / "10-whs-induction.yaml"
    path.write_text(path.read_text().replace("classes: [880123, 880124]", "classes: [880123]"))

    found = connector("mappings", "coverage", "--json").json["unnamed"]

    assert [(u["id"], u["learners"], u["classes"]) for u in found if u["id"] == "BSBWHS211"] == [
        ("BSBWHS211", 3, [880124])
    ]


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("target: unit, unit: BSBWHS999", "nobody has unit BSBWHS999"),
        (
            "target: unit, unit: HLTINF006, classes: [880123]",
            "unit HLTINF006 is in class 880124, and not in those that the rule is about",
        ),
        ("target: class, classes: [990001]", "nobody is enrolled in class 990001"),
        ("target: class, qualification: XYZ00000", "nobody is enrolled in qualification XYZ00000"),
        ("target: module, module: Cooking", "nobody has module Cooking"),
    ],
)
def test_a_rule_that_matches_nobody_says_why(
    mappings: Path, connector: Connector, target: str, why: str
) -> None:
    (mappings / "50-idle.yaml").write_text(
        "version: 1\n"
        "rules:\n"
        "  - id: idle\n"
        "    ispring: {courses: [21d7c303-7d10-11ee-9f7c-0a58a9feac02]}\n"
        f"    axcelerate: {{{target}}}\n"
    )

    (idle,) = connector("mappings", "coverage", "--json").json["idle_rules"]

    assert (idle["rule"], idle["why"], idle["enrolled_in_courses"]) == ("idle", why, 2)


def test_the_screen_names_the_unit_its_learners_and_its_class(mappings: Path, connector: Connector) -> None:
    text = connector("mappings", "coverage").out

    assert "Units that no rule names: 1" in text
    assert (
        "3 learners: Apply basic principles of infection prevention and control (HLTINF006), in class 880124"
        in text
    )
    assert "Rules that match nobody: 0" in text


def test_coverage_only_reads(mappings: Path, connector: Connector, boxes: Sandboxes) -> None:
    connector("mappings", "coverage")

    assert list(boxes.ispring.calls.writes()) == []
    assert list(boxes.axcelerate.calls.writes()) == []


def test_an_account_without_learning_plans_is_covered_without_them(
    mappings: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    with run_sandboxes(axcelerate_switches=AxcelerateSwitches(learning_plans="none")) as boxes:
        for name, value in boxes.environment().items():
            monkeypatch.setenv(name, value)

        found = connector("mappings", "coverage", "--json")

    assert found.code == 0
    assert [rule["rule"] for rule in found.json["idle_rules"]] == ["safety-at-work"]
