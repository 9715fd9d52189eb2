"""`connector init` against both sandboxes: asked or told, tried, written where nobody else can read, planned, never overwritten."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.sandbox.generate import make_world
from connector.sandbox.run import Sandboxes, run_sandboxes
from tests.cli.conftest import Connector


@pytest.fixture
def told(bare: Path, boxes: Sandboxes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Credentials in the environment, as a script would give them; the working directory is empty."""
    for name, value in boxes.environment().items():
        monkeypatch.setenv(name, value)
    return bare


UNPACED = {f"CONNECTOR_{name}__REQUESTS_PER_SECOND": "0" for name in ("ISPRING", "AXCELERATE")}


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_told_everything_it_writes_settings_a_mapping_and_a_plan(told: Path, connector: Connector):
    ended = connector("init", "--no-input")

    assert ended.code == 0, ended.err
    assert "rule: Safety at work ↔ module Safety at work (both have the same name)" in ended.out
    assert "2 pairs, 1 in agreement, 1 to change" in ended.out
    assert "Nothing was written to either platform." in ended.out


def test_the_next_command_works_with_what_was_written(
    told: Path, boxes: Sandboxes, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    connector("init", "--no-input")
    for name in boxes.environment():
        monkeypatch.delenv(name)
    monkeypatch.setenv("CONNECTOR_SECRETS_DIR", "secrets")

    assert connector("mappings", "check").code == 0
    assert connector("plan", "--json").json["totals"]["planned"] == 1


def test_it_only_reads_the_platforms(told: Path, boxes: Sandboxes, connector: Connector):
    connector("init", "--no-input")

    assert list(boxes.ispring.calls.writes()) == []
    assert list(boxes.axcelerate.calls.writes()) == []


def test_secrets_stand_in_files_of_their_own_that_nobody_else_can_read(
    told: Path, boxes: Sandboxes, connector: Connector
):
    connector("init", "--no-input")

    settings = told / "connector.yaml"
    hidden = [boxes.ispring.client_secret, boxes.axcelerate.api_token, boxes.axcelerate.ws_token]
    written = {path.name: path.read_text().strip() for path in (told / "secrets").iterdir()}
    assert set(hidden) <= set(written.values())
    assert not any(secret in settings.read_text() for secret in hidden)
    assert mode(settings) == 0o600
    assert mode(told / "secrets") == 0o700
    assert {mode(path) for path in (told / "secrets").iterdir()} == {0o600}


def test_a_readable_file_that_is_overwritten_ends_unreadable_for_others(told: Path, connector: Connector):
    (told / "connector.yaml").write_text("old\n")
    (told / "connector.yaml").chmod(0o644)

    assert connector("init", "--no-input", "--force").code == 0

    assert mode(told / "connector.yaml") == 0o600
    assert "old" not in (told / "connector.yaml").read_text()


def test_it_overwrites_nothing_unless_forced(told: Path, connector: Connector):
    (told / "connector.yaml").write_text("mine: yes\n")

    ended = connector("init", "--no-input")

    assert ended.code == 2
    assert "there already: connector.yaml; --force writes them anew" in ended.err
    assert (told / "connector.yaml").read_text() == "mine: yes\n"


def test_mapping_files_of_somebody_are_left_as_they_are_even_when_forced(told: Path, connector: Connector):
    (told / "mappings").mkdir()
    (told / "mappings" / "mine.yaml").write_text(
        "version: 1\nrules:\n  - id: mine\n"
        "    ispring: {courses: [21d7c303-7d10-11ee-9f7c-0a58a9feac02]}\n"
        "    axcelerate: {target: module, module: Safety at work}\n"
    )

    ended = connector("init", "--no-input", "--force")

    assert "holds mapping files already; none was written" in ended.out
    assert [path.name for path in (told / "mappings").iterdir()] == ["mine.yaml"]


def test_a_missing_answer_is_named_and_nothing_is_written(
    told: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.delenv("CONNECTOR_AXCELERATE__WS_TOKEN")

    ended = connector("init", "--no-input")

    assert ended.code == 2
    assert "CONNECTOR_AXCELERATE__WS_TOKEN is missing" in ended.err
    assert list(told.iterdir()) == []


def test_refused_credentials_are_said_and_nothing_is_written(
    told: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONNECTOR_AXCELERATE__WS_TOKEN", "wrong")

    ended = connector("init", "--no-input")

    assert ended.code == 5
    assert "FAILED  aXcelerate: tokens" in ended.out
    assert not (told / "connector.yaml").exists()
    assert not (told / "secrets").exists()


def test_a_person_is_asked_for_what_is_missing_and_again_after_a_wrong_answer(bare: Path, boxes: Sandboxes):
    known = boxes.environment()
    answers = [
        "Sydney",  # no such zone: asked again
        "Australia/Sydney",
        "",  # the jurisdiction that is offered
        known["CONNECTOR_AXCELERATE__API_URL"],
        known["CONNECTOR_AXCELERATE__API_TOKEN"],
        known["CONNECTOR_AXCELERATE__WS_TOKEN"],
        known["CONNECTOR_ISPRING__API_URL"],
        known["CONNECTOR_ISPRING__CLIENT_ID"],
        known["CONNECTOR_ISPRING__CLIENT_SECRET"],
    ]

    ended = _asked(answers)

    assert ended.returncode == 0, ended.stderr
    assert "Sydney is no time zone; nearest: Australia/Sydney" in ended.stderr
    assert "iSpring Learn: client secret: " in ended.stderr
    assert "timezone: Australia/Sydney" in (bare / "connector.yaml").read_text()


def test_without_a_client_id_an_administrator_is_asked_for(bare: Path, boxes: Sandboxes):
    known = boxes.environment()
    answers = [
        "",
        "",
        known["CONNECTOR_AXCELERATE__API_URL"],
        known["CONNECTOR_AXCELERATE__API_TOKEN"],
        known["CONNECTOR_AXCELERATE__WS_TOKEN"],
        known["CONNECTOR_ISPRING__API_URL"],
        "",
        known["CONNECTOR_ISPRING__ACCOUNT_URL"],
        known["CONNECTOR_ISPRING__EMAIL"],
        known["CONNECTOR_ISPRING__PASSWORD"],
    ]

    ended = _asked(answers)

    assert ended.returncode == 0, ended.stderr
    assert (bare / "secrets" / "CONNECTOR_ISPRING__PASSWORD").read_text().strip() == boxes.ispring.password


def test_answers_that_end_too_early_write_nothing(bare: Path):
    ended = _asked(["Australia/Sydney"])

    assert ended.returncode == 2
    assert "the answers ended before the questions did" in ended.stderr
    assert list(bare.iterdir()) == []


def _asked(answers: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "connector", "init"],
        input="".join(f"{answer}\n" for answer in answers),
        env=os.environ | UNPACED,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_adopting_an_account_that_has_drifted_far_apart_is_a_plan_that_a_limit_refuses(
    bare: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
):
    with run_sandboxes(make_world(seed=3, learners=60)) as boxes:
        for name, value in boxes.environment().items():
            monkeypatch.setenv(name, value)

        ended = connector("init", "--no-input")

    assert ended.code == 4, ended.err
    assert "lift it for one run with --allow access_removed" in ended.out
    assert ended.out.count("rule: ") == 8
    assert connector("mappings", "check").code == 0
    assert connector("mappings", "test").code == 0
