"""A day of the program as processes of their own: whatever it leaves behind holds no name, no address and no secret.

Names and addresses may stand only where a person asked for a report: on standard output, in a saved plan, in a letter.
"""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from connector.sandbox.people import World
from connector.sandbox.run import Sandboxes, run_sandboxes
from tests.story.provider import (
    AVA,
    DAY,
    LEARNERS,
    LEO,
    MIA,
    NOAH,
    UNIT_RULE,
    WHS,
    WHS_COURSE,
    provider,
    rules,
    user_of,
)

SURNAMES = {MIA: "Quokkington", NOAH: "Wombatsson", AVA: "Kookaburrini", LEO: "Platypuszky"}
GIVEN = {MIA: "Xanthippe", NOAH: "Zebulon", AVA: "Yolandina", LEO: "Quentiniano"}
SECRETS = ("CLIENT_SECRET", "PASSWORD", "API_TOKEN", "WS_TOKEN", "CLIENT_ID")
RULES = rules(
    UNIT_RULE.replace(
        "learner: {match: [email]}\n",
        f"learner: {{match: [email, login]}}\n    enrolment: {{missing_learner: create, department: {LEARNERS}}}\n",
    )
)


def a_world() -> World:
    """The provider of the stories today, with names that stand in no dictionary; Leo has no user yet."""
    world = provider()
    world.today = datetime.now(UTC).date()
    for contact in world.contacts:
        contact.given, contact.surname = GIVEN[contact.contact_id], SURNAMES[contact.contact_id]
        contact.email = f"{contact.surname.lower()}@private.example.org"
    for contact, user in zip(world.contacts, world.users, strict=True):
        user.first_name, user.last_name = contact.given, contact.surname or ""
        user.login = user.email = contact.email
    world.users = [user for user in world.users if user.user_id != user_of(LEO)]
    for place in world.class_enrolments:
        for unit in place.units:
            unit.end = world.today + timedelta(days=40)
    return world


@dataclass
class Day:
    """One working directory and everything that the program wrote to its logs in it."""

    boxes: Sandboxes
    folder: Path
    environ: dict[str, str]
    logs: list[str] = field(default_factory=list)

    def run(self, *argv: str, codes: tuple[int, ...] = (0,)) -> str:
        """One command as a shell runs it; returns what a person asked for, and keeps the rest as log."""
        ended = subprocess.run(
            [sys.executable, "-m", "connector", *argv],
            cwd=self.folder, env=self.environ, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        self.logs.append(ended.stderr)
        assert ended.returncode in codes, (argv, ended.stdout, ended.stderr)
        return ended.stdout

    def daemon(self, seconds: float) -> None:
        """The daemon for a few seconds, with a webhook that names nobody it knows."""
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "daemon"],
            cwd=self.folder, env=self.environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            time.sleep(seconds)
            assert process.poll() is None, process.communicate()
        finally:
            process.send_signal(signal.SIGTERM)
            out, err = process.communicate(timeout=60)
        self.logs += [out, err]

    def forbidden(self) -> list[str]:
        secrets = [
            value for name, value in self.environ.items()
            if name.startswith("CONNECTOR_") and name.rpartition("__")[2] in SECRETS
        ]  # fmt: skip
        people = self.boxes.world.contacts
        names = [word for one in people for word in (one.given, one.surname, one.email) if word]
        assert len(secrets) == len(SECRETS)
        return [text.casefold() for text in (*secrets, *names)]

    def found_in(self, text: str) -> list[str]:
        return [word for word in self.forbidden() if word in text.casefold()]


@pytest.fixture
def day(tmp_path: Path) -> Iterator[Day]:
    folder = tmp_path / "work"
    (folder / "mappings").mkdir(parents=True)
    (folder / "mappings" / "rules.yaml").write_text(RULES, encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}
    with run_sandboxes(a_world()) as boxes:
        environ |= boxes.environment() | {
            "CONNECTOR_HTTP__PORT": "0",
            "CONNECTOR_SCHEDULE__INCREMENTAL": "* * * * *",
            "CONNECTOR_NOTIFY__REVIEWS_OLDER_THAN_DAYS": "0",
            "XDG_STATE_HOME": str(folder / "state"),
        }
        yield Day(boxes, folder, environ)


def test_a_day_leaves_nobody_s_name_and_no_secret_behind(day: Day, tmp_path: Path) -> None:
    ispring, axcelerate = day.boxes.ispring, day.boxes.axcelerate
    reports = tmp_path / "reports"
    reports.mkdir()
    saved, evidence = reports / "plan.json", reports / "evidence.json"

    told = day.run("plan", "--verbose", "--out", str(saved), "--letter", str(reports / "plan.md"))
    ispring.faults.add("reset_after", match="POST *user*")  # the answer to the new user is lost
    ispring.faults.add("reset_after", match="POST *enrollment*")
    day.run("reconcile", "--verbose", codes=(0, 3))
    place = next(
        r for r in ispring.rows("enrollments") if (r["user_id"], r["course_id"]) == (user_of(MIA), WHS_COURSE)
    )
    ispring.person.complete(place["enrollment_id"], at=datetime.now(UTC), score=88)
    axcelerate.person.set_class_enrolment(NOAH, DAY, status="Suspended")
    axcelerate.person.set_unit(AVA, DAY, WHS, end=day.boxes.world.today + timedelta(days=60))
    axcelerate.faults.add("status", status=503, times=2)
    day.run("reconcile", "--verbose", "--json", codes=(0, 3))
    day.run("review", "list")
    explained = day.run("explain", "--learner", f"{SURNAMES[MIA]}@private.example.org")
    day.run(
        "review", "approve", "--rule", "whs", "--reason", "approval_required", "--yes", "--by", "an assessor"
    )
    day.daemon(seconds=4)
    day.run("plan", "--learner", "nobody@private.example.org", codes=(2,))
    day.run("check", codes=(0, 2, 3, 5))
    day.run("history", "--learner", str(MIA), "--export", str(evidence))
    journal = day.run("history", "--json")

    assert any(user["email"].startswith(SURNAMES[LEO].lower()) for user in ispring.rows("users"))
    assert SURNAMES[MIA] in told, "reports that a person asked for name people"
    assert SURNAMES[MIA] in explained
    assert day.found_in("\n".join(day.logs)) == []
    assert day.found_in(journal) == []
    for path in (evidence, evidence.with_suffix(".md")):
        assert day.found_in(path.read_text(encoding="utf-8")) == []
    files = [path for path in day.folder.rglob("*") if path.is_file()]
    assert day.folder / "connector.db" in files
    for path in files:
        assert day.found_in(path.read_bytes().decode("utf-8", "replace")) == [], path
    for path in reports.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
