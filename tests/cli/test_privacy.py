"""Secrets never leave the settings; names and addresses stand only in reports that a person asked for (one day, all files, all logs)."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector.sandbox import demo_world as people
from connector.sandbox.run import Sandboxes, run_sandboxes
from tests.cli.conftest import Connector

SECRETS = (
    "CONNECTOR_ISPRING__CLIENT_SECRET",
    "CONNECTOR_ISPRING__PASSWORD",
    "CONNECTOR_AXCELERATE__API_TOKEN",
    "CONNECTOR_AXCELERATE__WS_TOKEN",
)


@pytest.fixture
def boxes() -> Iterator[Sandboxes]:
    with run_sandboxes() as served:
        yield served


def forbidden(boxes: Sandboxes) -> list[str]:
    """Every secret, address, and name of the account (names of one syllable may be part of other words)."""
    secrets = [boxes.environment()[name] for name in SECRETS]
    addresses = [contact.email for contact in boxes.world.contacts]
    names = [
        contact.surname for contact in boxes.world.contacts if contact.surname and len(contact.surname) > 4
    ]
    return [text.casefold() for text in (*secrets, *addresses, *names)]


def found_in(text: str, boxes: Sandboxes) -> list[str]:
    return [word for word in forbidden(boxes) if word in text.casefold()]


def test_a_day_leaves_no_name_no_address_and_no_secret_in_state_or_logs(
    set_up: Path, boxes: Sandboxes, connector: Connector
) -> None:
    logs = [connector("reconcile", "--verbose").err]
    boxes.axcelerate.faults.add("status", status=503, times=2)
    boxes.ispring.faults.add("reset_after", match="POST *enrollment*")
    boxes.axcelerate.person.set_class_enrolment(people.CHLOE, people.DISABILITY, status="In Progress")
    boxes.axcelerate.person.set_contact(people.SAM, email="another.sam@example.org")
    [review] = connector("review", "list", "--json", "--field", "outcome").json["reviews"]
    logs.append(connector("review", "approve", review["id"]).err)
    logs.append(connector("reconcile", "--verbose", "--json").err)
    logs.append(connector("check", "--verbose").err)
    logs.append(connector("history", "--json").out)

    assert found_in("\n".join(logs), boxes) == []
    files = [path for path in set_up.rglob("*") if path.is_file()]
    assert any(path.name == "connector.db" for path in files)
    for path in files:
        assert found_in(path.read_bytes().decode("utf-8", "replace"), boxes) == [], path
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 or path.suffix == ".lock", path


def test_an_error_about_credentials_shows_none(
    set_up: Path, boxes: Sandboxes, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = "a-secret-that-somebody-mistyped"
    for name in SECRETS:
        monkeypatch.setenv(name, wrong)

    results = [connector("plan", "--verbose"), connector("plan", "--json"), connector("check")]

    assert [result.code for result in results] == [5, 5, 5]
    for result in results:
        assert wrong not in result.out + result.err
    assert os.environ[SECRETS[0]] == wrong
