"""`connector explain` as an operator types it: text for a person, JSON for a script, exit codes as promised."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from connector.sandbox import demo_world as people
from connector.sandbox.run import Sandboxes, run_sandboxes
from tests.cli.conftest import Connector, in_process_of_its_own, settings_for


@pytest.fixture
def boxes() -> Iterator[Sandboxes]:
    with run_sandboxes() as served:
        yield served


def field(told: dict[str, Any], name: str, rule: str = "whs-induction") -> dict[str, Any]:
    pair = next(one for one in told["rules"] if one["rule"] == rule)
    found: dict[str, Any] = next(one for one in pair["fields"] if one["field"] == name)
    return found


def test_a_due_date_is_explained_down_to_mapping_line_and_last_call(
    set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    run = connector("reconcile", "--json").json["run"]
    told = connector("explain", "--learner", "sam.obrien@example.org", "--json").json

    assert (told["schema"], told["command"], told["learner"]["contact_id"]) == (1, "explain", people.SAM)
    assert (told["link"]["how"], told["link"]["pinned"], told["link"]["new"]) == ("email", False, False)
    due = field(told, "due_date")
    assert (due["state"], due["reason"]) == ("agrees", None)
    assert due["ispring"] == due["axcelerate"] == due["agreed"]["ispring"]
    assert due["agreed"]["run"] == run
    assert due["agreed"]["at"] is not None
    place = due["decided_by"]["place"]
    file, _, line = place.rpartition(":")
    assert "due_date" in Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1]
    call = due["last_call"]
    assert (call["run"], call["after"], call["answer"], call["read_back"]) == (
        run,
        due["ispring"],
        "accepted",
        "applied",
    )


def test_a_person_reads_sentences_and_no_names_of_ours(set_up: Path, connector: Connector) -> None:
    told = connector("explain", "--learner", "22042", "--rule", "whs-induction")

    assert told.code == 0
    assert "Sam O'Brien" in told.out
    assert "due date: the next run changes it, because the two sides meet for the first time" in told.out
    assert "to alter this: In iSpring Learn, set the due date of" in told.out
    for word in ("due_date:", "would_change", "first_sight", "None", "True"):
        assert word not in told.out


def test_explaining_writes_nothing_anywhere(set_up: Path, boxes: Sandboxes, connector: Connector) -> None:
    connector("reconcile")
    before = (set_up / "connector.db").read_bytes()
    boxes.ispring.calls.clear()
    boxes.axcelerate.calls.clear()

    connector("explain", "--learner", "22043")

    assert boxes.ispring.calls.writes() == []
    assert boxes.axcelerate.calls.writes() == []
    assert (set_up / "connector.db").read_bytes() == before


def test_only_the_asked_rule_is_told(set_up: Path, connector: Connector) -> None:
    told = connector("explain", "--learner", "22044", "--rule", "orientation", "--json").json

    assert {pair["rule"] for pair in told["rules"]} == {"orientation"}


def test_an_ambiguous_person_is_told_with_the_candidates_and_the_pin_that_helps(
    set_up: Path, connector: Connector
) -> None:
    told = connector("explain", "--learner", str(people.ALEX), "--json").json

    assert told["link"]["reason"] == "ambiguous_person"
    assert len(told["link"]["candidates"]) == 2
    first = field(told, "enrolment")["what_would_change"][0]
    assert (first["platform"], first["action"]) == ("connector", "pin")
    connector("links", "pin", first["record"]["id"], first["value"])
    told = connector("explain", "--learner", str(people.ALEX), "--json").json
    assert (told["link"]["pinned"], told["link"]["reason"]) == (True, None)
    assert field(told, "enrolment")["reason"] == "open_target"


def test_a_waiting_outcome_says_which_command_writes_it(set_up: Path, connector: Connector) -> None:
    outcome = field(connector("explain", "--learner", "22043", "--json").json, "outcome")
    assert "once a run has asked" in outcome["what_would_change"][0]["text"]
    connector("reconcile")

    outcome = field(connector("explain", "--learner", "22043", "--json").json, "outcome")

    assert (outcome["state"], outcome["reason"], outcome["after"]) == ("waits", "approval_required", "20")
    first = outcome["what_would_change"][0]
    assert first["record"] == {"kind": "review", "id": outcome["review"]}
    assert first["text"].startswith(f"Run `connector review approve {outcome['review']}`; then the next run")
    assert connector("review", "approve", outcome["review"]).code == 0


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (["--learner", "nobody@example.org"], 2),
        (["--learner", "22042", "--rule", "no-such-rule"], 2),
        ([], 2),
    ],
)
def test_what_does_not_fit_is_a_usage_error(
    set_up: Path, connector: Connector, argv: list[str], code: int
) -> None:
    assert connector("explain", *argv).code == code


def test_an_unreachable_platform_ends_with_5_and_one_json_object(
    bare: Path, boxes: Sandboxes, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_for(boxes, bare).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("CONNECTOR_AXCELERATE__API_TOKEN", "a-wrong-one")

    told = connector("explain", "--learner", "22042", "--json")

    assert told.code == 5
    assert json.loads(told.out)["exit_code"] == 5
    assert "a-wrong-one" not in told.out + told.err


def test_the_program_runs_in_a_process_of_its_own(bare: Path, boxes: Sandboxes) -> None:
    import os

    environ = os.environ | settings_for(boxes, bare)

    ended = in_process_of_its_own("explain", "--learner", "22041", "--json", cwd=bare, env=environ)

    assert ended.returncode == 0, ended.stderr
    assert field(json.loads(ended.stdout), "enrolment")["reason"] == "open_target"
