"""The operator's day through the command line, against both sandboxes: plan, reconcile, edits, reviews, links, the journal."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox import demo_world as people
from connector.sandbox.ids import USER, ispring_id
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes
from connector.state.store import open_store
from connector.wiring import now
from tests.cli.conftest import Connector, settings_for

CHANGE_KEYS = {
    "id", "rule", "platform", "learner", "record", "field", "before", "after", "agreed", "reason", "status", "error",
}  # fmt: skip
REVIEW_KEYS = {"id", "rule", "learner", "field", "ispring", "axcelerate", "agreed", "proposed", "reason"}
TOTALS = {"pairs", "agreed", "planned", "applied", "failed", "unverified", "review", "skipped"}
PRIYA = people.PRIYA


@pytest.fixture
def boxes() -> Iterator[Sandboxes]:
    """A provider of its own for every test: these tests change it."""
    with run_sandboxes() as served:
        yield served


@pytest.fixture
def reconciled(set_up: Path, connector: Connector) -> Path:
    """A first run has been made."""
    assert connector("reconcile", "--json").code == 0
    return set_up


def test_a_plan_is_json_as_the_contract_has_it_and_writes_nothing(
    set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    result = connector("plan", "--json")

    plan = result.json
    assert result.code == 0
    assert {
        "schema",
        "command",
        "run",
        "started_at",
        "finished_at",
        "changes",
        "reviews",
        "skipped",
    } <= plan.keys()
    assert (plan["schema"], plan["command"]) == (1, "plan")
    assert plan["started_at"].endswith("Z")
    assert plan["changes"]
    for change in plan["changes"]:
        assert change.keys() >= CHANGE_KEYS
        assert change["learner"].keys() == {"contact_id", "user_id", "email"}
        assert change["record"].keys() == {"kind", "id"}
        assert change["status"] == "planned"
    for review in plan["reviews"]:
        assert review.keys() >= REVIEW_KEYS
    for skip in plan["skipped"]:
        assert skip.keys() >= {"rule", "learner", "reason", "detail"}
    assert plan["totals"].keys() >= TOTALS
    for calls in plan["calls"].values():
        assert calls.keys() >= {"read", "write", "floor"}
        assert calls["write"] == 0
    assert {call.method for call in boxes.axcelerate.calls.since(0)} <= {"GET", "POST"}


def test_a_plan_for_people_says_who_what_and_why(set_up: Path, connector: Connector) -> None:
    text = connector("plan").out

    assert "Sam O'Brien <sam.obrien@example.org>, contact 22042" in text
    assert "due date in iSpring Learn:" in text
    assert "because the two sides meet for the first time" in text
    assert "a final outcome needs a person's approval" in text
    assert "no user in iSpring Learn matches this contact: 2" in text
    assert "Nothing was written." in text
    assert "\x1b" not in text


def test_drift_is_told_by_exit_code_and_a_quiet_run_has_none(set_up: Path, connector: Connector) -> None:
    assert connector("plan", "--detailed-exitcode").code == 10

    first = connector("reconcile", "--json")
    again = connector("reconcile", "--json")

    assert first.code == again.code == 0
    assert {change["status"] for change in first.json["changes"]} == {"applied"}
    assert again.json["changes"] == []
    assert [calls["write"] for calls in again.json["calls"].values()] == [0, 0]
    assert connector("plan", "--detailed-exitcode").code == 0


def test_a_rule_or_a_learner_narrows_a_plan_to_its_slice(set_up: Path, connector: Connector) -> None:
    everything = connector("plan", "--json").json["changes"]

    by_rule = connector("plan", "--json", "--rule", "orientation").json["changes"]
    by_address = connector("plan", "--json", "--learner", "sam.obrien@example.org").json["changes"]
    by_number = connector("plan", "--json", "--learner", "22042").json["changes"]

    assert by_rule == [change for change in everything if change["rule"] == "orientation"]
    assert by_address == by_number == [c for c in everything if c["learner"]["contact_id"] == 22042]
    assert connector("plan", "--rule", "nobody-wrote-this").code == 2


@pytest.mark.parametrize("learner", ["99999", "", " ", "nobody"])
def test_a_learner_who_is_nobody_is_a_usage_error(learner: str, set_up: Path, connector: Connector) -> None:
    for command in ("plan", "explain"):
        result = connector(command, "--learner", learner)

        assert result.code == 2, result.out
        assert learner in result.err
    assert connector("history", "--learner", learner).code == (0 if learner == "99999" else 2)


def test_a_contact_whom_no_rule_is_about_is_no_error(set_up: Path, connector: Connector) -> None:
    result = connector("plan", "--rule", "safety-at-work", "--learner", str(people.SAM))

    assert result.code == 0, result.err


def test_an_approval_is_written_by_the_next_run_and_stands_in_the_journal(
    reconciled: Path, boxes: Sandboxes, connector: Connector
) -> None:
    listed = connector("review", "list", "--json").json["reviews"]
    [outcome] = [review for review in listed if review["reason"] == "approval_required"]
    assert (outcome["ispring"], outcome["axcelerate"], outcome["proposed"]) == ("passed", "70", "20")
    assert outcome["learner"]["contact_id"] == PRIYA

    assert connector("review", "approve", outcome["id"], "--by", "Ana").code == 0
    assert connector("review", "approve", outcome["id"]).code == 2
    run = connector("reconcile", "--json").json

    [change] = run["changes"]
    assert (change["field"], change["after"], change["reason"], change["status"]) == (
        "outcome", "20", "approved", "applied",
    )  # fmt: skip
    units = [u for u in boxes.axcelerate.rows("units") if (u["contact_id"], u["code"]) == (PRIYA, people.WHS)]
    assert [unit["outcome"] for unit in units] == ["20"]
    entries = connector("history", "--json", "--kind", "review").json["entries"]
    [entry] = [one for one in entries if one["by"] == "Ana"]
    assert (entry["reason"], entry["before"], entry["after"]) == ("approval_required", "70", "20")
    assert entry["learner"] == {"contact_id": PRIYA, "user_id": ispring_id(USER, PRIYA)}


def test_a_rejection_holds_and_needs_a_reason(reconciled: Path, connector: Connector) -> None:
    [review] = connector("review", "list", "--json", "--field", "outcome").json["reviews"]

    assert connector("review", "reject", review["id"]).code == 2
    assert connector("review", "reject", review["id"], "--reason", "failed the practical part").code == 0

    plan = connector("plan", "--json").json
    assert review["id"] not in [one["id"] for one in plan["reviews"]]
    assert not [change for change in plan["changes"] if change["field"] == "outcome"]
    assert "rejected" in [skip["reason"] for skip in plan["skipped"]]


def test_a_bulk_approval_shows_first_and_decides_with_yes(reconciled: Path, connector: Connector) -> None:
    preview = connector(
        "review", "approve", "--rule", "whs-induction", "--reason", "approval_required", "--json"
    )

    assert preview.json["preview"] is True
    assert len(preview.json["reviews"]) == 1
    assert [
        r["state"] for r in connector("review", "list", "--json", "--field", "outcome").json["reviews"]
    ] == ["waiting"]

    done = connector("review", "approve", "--reason", "approval_required", "--yes", "--json")

    assert [review["state"] for review in done.json["reviews"]] == ["approved"]
    assert connector("review", "approve", "--yes").code == 2


@pytest.mark.parametrize(
    "argv", [["approve", "nothing-has-this-id"], ["reject", "nothing-has-this-id", "--reason", "x"]]
)
def test_an_unknown_review_is_a_usage_error(argv: list[str], set_up: Path, connector: Connector) -> None:
    assert connector("review", *argv).code == 2


def test_an_ambiguous_person_is_answered_by_a_pin(reconciled: Path, connector: Connector) -> None:
    [review] = connector("review", "list", "--json", "--reason", "ambiguous_person").json["reviews"]
    user = ispring_id(USER, people.ALEX)

    assert connector("review", "approve", review["id"], "--take", "ispring").code == 2
    assert connector("links", "pin", str(people.ALEX), user, "--by", "Ana").code == 0
    run = connector("reconcile", "--json").json

    assert [(c["learner"]["user_id"], c["field"], c["status"]) for c in run["changes"]] == [
        (user, "enrolment", "applied")
    ]
    assert connector("review", "list", "--json", "--reason", "ambiguous_person").json["reviews"] == []
    links = {link["contact_id"]: link for link in connector("links", "list", "--json").json["links"]}
    assert (links[people.ALEX]["user_id"], links[people.ALEX]["pinned"]) == (user, True)


def test_a_user_who_is_somebody_already_cannot_be_pinned_to_another(
    reconciled: Path, connector: Connector
) -> None:
    sams_user = ispring_id(USER, people.SAM)

    result = connector("links", "pin", str(people.NOOR), sams_user)

    assert result.code == 2
    assert f"linked to contact {people.SAM}" in result.err
    assert connector("links", "unpin", str(people.NOOR)).code == 2
    assert connector("links", "unpin", str(people.SAM)).code == 0


def test_a_saved_plan_is_private_readable_as_a_letter_and_applied_exactly(
    set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    assert connector("plan", "--out", "plan.json", "--letter", "plan.md").code == 0
    assert connector("plan", "--letter", "plan.html").code == 0
    assert stat.S_IMODE(Path("plan.json").stat().st_mode) == 0o600
    saved = json.loads(Path("plan.json").read_text())
    assert "Sam O'Brien" in Path("plan.md").read_text()
    assert "<td>Sam O&#x27;Brien" in Path("plan.html").read_text()

    # Sam's date moves between plan and run: that record is left alone and named, the others are applied.
    boxes.axcelerate.person.set_unit(people.SAM, people.DISABILITY, people.WHS, end=None)
    later = boxes.world.today.replace(year=boxes.world.today.year + 1).isoformat()
    boxes.axcelerate.person.set_unit(people.SAM, people.DISABILITY, people.WHS, end=later)
    run = connector("reconcile", "--plan", "plan.json", "--json")

    assert run.code == 3
    by_status: dict[str, list[int]] = {}
    for change in run.json["changes"]:
        by_status.setdefault(change["status"], []).append(change["learner"]["contact_id"])
    assert by_status["refused"] == [people.SAM]
    assert len(by_status["applied"]) == len(saved["changes"]) - 1
    assert later in next(c["error"] for c in run.json["changes"] if c["status"] == "refused")


@pytest.mark.parametrize(
    "where",
    [
        ["--out", "."],
        ["--out", "nowhere/plan.json"],
        ["--letter", "."],
        ["--letter", "plan.doc"],
        ["--letter", "nowhere/a.md"],
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_anything_is_read(
    where: list[str], set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    since = len(boxes.axcelerate.calls.since(0))

    result = connector("plan", *where)

    assert result.code == 2
    assert where[1] in result.err
    assert len(boxes.axcelerate.calls.since(0)) == since


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"saved": {"version": 2}}'])
def test_a_file_that_is_no_plan_is_refused(text: str, set_up: Path, connector: Connector) -> None:
    Path("plan.json").write_text(text)

    assert connector("reconcile", "--plan", "plan.json").code == 2
    assert connector("reconcile", "--plan", "missing.json").code == 2


def test_the_journal_names_the_first_altered_line(reconciled: Path, connector: Connector) -> None:
    whole = connector("history", "--verify", "--json")
    assert whole.code == 0
    assert connector("history", "--verify", "--head", whole.json["head"]).code == 0
    assert connector("history", "--verify", "--head", "0" * 63 + "1").code == 3

    with sqlite3.connect(reconciled / "connector.db") as database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f'DROP TRIGGER "{trigger}"')
        database.execute(
            "UPDATE journal SET line = replace(line, 'reconcile', 'reconsider') WHERE sequence = 5"
        )
        database.execute("UPDATE journal SET line = line || ' ' WHERE sequence = 5")
    database.close()
    broken = connector("history", "--verify")

    assert broken.code == 3
    assert "line 5 was altered" in broken.out


def test_history_filters(reconciled: Path, connector: Connector) -> None:
    everything = connector("history", "--json").json["entries"]
    writes = connector("history", "--json", "--kind", "write", "--learner", str(people.SAM)).json["entries"]

    assert everything == sorted(everything, key=lambda entry: -entry["sequence"])
    assert {entry["learner"]["contact_id"] for entry in writes} == {people.SAM}
    assert len(connector("history", "--json", "--limit", "2").json["entries"]) == 2
    assert connector("history", "--json", "--since", "2100-01-01").json["entries"] == []
    assert connector("history", "--since", "yesterday").code == 2
    of_one = connector("history", "--json", "--rule", "orientation").json["entries"]
    of_two = connector("history", "--json", "--rule", "orientation", "--rule", "whs-induction").json[
        "entries"
    ]
    assert {entry["rule"] for entry in of_one} == {"orientation"}
    assert {entry["rule"] for entry in of_two} == {"orientation", "whs-induction"}
    by_address = connector("history", "--json", "--kind", "write", "--learner", "SAM.obrien@example.org")
    assert by_address.json["entries"] == writes


def test_check_proves_reads_and_names_what_writes_are_for(set_up: Path, connector: Connector) -> None:
    result = connector("check", "--json")

    found = {(line["where"], line["what"]): line for line in result.json["findings"]}
    assert result.code == 0
    assert found["aXcelerate", "tokens"]["standing"] == "proven"
    enrol = found["iSpring Learn", "enrol learners"]
    assert enrol["standing"] == "unproven"
    assert "whs-induction" in enrol["detail"]
    assert "cannot be proven without writing" in enrol["detail"]


def test_check_says_that_a_course_has_another_title(
    set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    boxes.ispring.person.rename_course(people.WHS_COURSE, "Something else")

    result = connector("check")

    assert result.code == 3
    assert "title_moved" in result.out
    assert "10-whs-induction.yaml:" in result.out


def test_contents_that_no_mapping_needs_may_be_out_of_sight(
    set_up: Path, boxes: Sandboxes, connector: Connector, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    rule = f"ispring: {{courses: [{people.WHS_COURSE}]}}, axcelerate: {{target: class}}"
    (tmp_path / "one.yaml").write_text(f"version: 1\nrules:\n  - {{id: whs, {rule}}}\n")
    monkeypatch.setenv("CONNECTOR_MAPPINGS_DIR", str(tmp_path))
    boxes.ispring.faults.add("status", match="GET /content*", status=403, times=None)

    result = connector("check", "--json")

    boxes.ispring.faults.clear()
    found = {(line["where"], line["what"]): line["standing"] for line in result.json["findings"]}
    assert result.code == 0, result.out
    assert found["iSpring Learn", "read contents"] == "warning"


def test_refused_credentials_end_with_5(
    set_up: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_AXCELERATE__WS_TOKEN", "wrong")

    result = connector("plan", "--json")

    assert result.code == 5
    assert "aXcelerate" in " ".join(result.json["trouble"]) or "axcelerate" in " ".join(
        result.json["trouble"]
    )
    assert connector("check").code == 5


def test_an_interrupted_run_ends_soon_and_the_next_one_finishes(
    bare: Path, boxes: Sandboxes, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = settings_for(boxes, bare)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    boxes.axcelerate.faults.add("hang", seconds=2)
    process = subprocess.Popen(
        [sys.executable, "-m", "connector", "reconcile", "--json"],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    waited_until = time.monotonic() + 20
    while not boxes.axcelerate.calls.since(0) and time.monotonic() < waited_until:
        time.sleep(0.05)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    assert process.returncode in (0, 3, 5), err
    assert json.loads(out)["stopped"] is True
    boxes.axcelerate.faults.clear()
    assert connector("reconcile", "--json").code == 0
    assert connector("plan", "--json").json["changes"] == []


def test_a_run_that_finds_the_account_taken_ends_with_4(set_up: Path, connector: Connector) -> None:
    with open_store(f"sqlite:///{set_up / 'connector.db'}", now=now) as other, other.hold("somebody else"):
        result = connector("reconcile", "--json")

    assert result.code == result.json["exit_code"] == 4
    assert "somebody else" in result.json["error"]["message"]
    assert result.json["changes"] == result.json["reviews"] == []
    assert result.json["totals"]["applied"] == result.json["calls"]["ispring"]["write"] == 0
    assert connector("history", "--json").json["entries"] == []


def test_a_limit_refuses_a_plan_and_a_run_alike_and_one_word_lifts_it(
    set_up: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = set_up / "mappings"
    folder.mkdir()
    for file in demo_mappings_dir().glob("*.yaml"):
        (folder / file.name).write_text(file.read_text().replace("created: 50 ", "created: 1 "))
    monkeypatch.setenv("CONNECTOR_MAPPINGS_DIR", str(folder))

    plan, run = connector("plan", "--json"), connector("reconcile", "--json")

    for result in (plan, run):
        assert result.code == 4
        assert {change["status"] for change in result.json["changes"]} == {"refused"}
        assert "--allow created" in result.json["refusals"][0]
        assert [calls["write"] for calls in result.json["calls"].values()] == [0, 0]
    assert "Refused by a limit. Nothing was written." in connector("plan").out
    assert connector("reconcile", "--allow", "created").code == 0
