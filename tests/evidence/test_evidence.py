"""The evidence about one learner, verified with the script in docs/evidence.md and nothing else."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.cli.exporting import export
from connector.domain.learner import ContactId
from connector.domain.rule import Side
from connector.errors import UsageError
from connector.review.decide import approval, decide
from connector.state.store import Store
from tests.story.conftest import account
from tests.story.provider import DAY, MIA, NOAH, TODAY, WHS, WHS_COURSE, ZONE, user_of
from tests.story.world import Account, settle

__all__ = ["account"]

DOCS = Path(__file__).parents[2] / "docs" / "evidence.md"


@pytest.fixture
def judged(account: Account) -> Account:
    """Mia passed, an assessor approved, and the unit holds 20."""
    settle(account)
    place = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    account.ispring.person.complete(place, at=datetime(2026, 2, 20, 1, tzinfo=UTC), score=92)
    account.reconcile()
    [review] = account.store.waiting()
    decide(
        account.store,
        approval(review, take=None, date=None, today=TODAY, may_change=False),
        by="R. Assessor",
    )
    settle(account)
    assert account.unit(MIA, DAY, WHS)["outcome"] == "20"
    return account


def pack_of(store: Store, folder: Path, **asked: Any) -> Path:
    path = folder / "evidence.json"
    rules = frozenset(asked.get("rules", ()))
    export(store, ContactId(MIA), path, rules=rules, zone=ZoneInfo(ZONE), jurisdictions={"whs": "NAT"})
    return path


def verify(path: Path, *heads: str) -> subprocess.CompletedProcess[str]:
    """Run the script of the documentation in a Python without the program."""
    [script] = re.findall(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    program = path.with_name("verify_evidence.py")
    program.write_text(script, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-S", str(program), str(path), *heads],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_pack_tells_reading_mapping_approver_call_and_read_back(judged: Account, tmp_path: Path) -> None:
    pack = json.loads(pack_of(judged.store, tmp_path, rules=["whs"]).read_text(encoding="utf-8"))

    outcome = [event for event in pack["story"] if event["field"] == "outcome"]
    asked, approved, decided, written = outcome
    assert asked["facts"]["evidence"]["completed_on"] == "2026-02-20"
    assert (approved["kind"], approved["by"]) == ("review", "R. Assessor")
    assert decided["facts"]["change"]["platform"] == Side.AXCELERATE
    assert (decided["before"], decided["after"], decided["reason"]) == ("70", "20", "approved")
    assert (written["facts"]["answer"], written["facts"]["read_back"]) == ("accepted", "applied")
    [mapping] = pack["mappings"]
    assert "to_axcelerate: {passed: 20" in mapping["source"]
    assert mapping["digest"] == decided["mapping"]["digest"]


def test_a_pack_is_verified_without_the_program(judged: Account, tmp_path: Path) -> None:
    head = judged.store.head()
    settle(judged)  # the journal goes on

    result = verify(pack_of(judged.store, tmp_path), head)

    assert result.returncode == 0, result.stderr
    assert "whole" in result.stdout


def test_an_altered_line_is_named(judged: Account, tmp_path: Path) -> None:
    path = pack_of(judged.store, tmp_path)
    pack = json.loads(path.read_text(encoding="utf-8"))
    approved = next(e for e in pack["story"] if e["by"])
    link = next(one for one in pack["chain"] if one["sequence"] == approved["sequence"])
    link["line"] = link["line"].replace("R. Assessor", "Somebody Else")
    path.write_text(json.dumps(pack), encoding="utf-8")

    result = verify(path)

    assert result.returncode == 1
    assert f"line {approved['sequence']} was altered" in result.stderr


def test_a_story_that_is_not_the_journals_is_named(judged: Account, tmp_path: Path) -> None:
    path = pack_of(judged.store, tmp_path)
    path.write_text(
        path.read_text(encoding="utf-8").replace('"by": "R. Assessor"', '"by": "Somebody Else"'),
        encoding="utf-8",
    )

    assert "the story differs from line" in verify(path).stderr


def test_a_journal_written_anew_does_not_have_the_head_that_was_kept(judged: Account, tmp_path: Path) -> None:
    assert "no line has the head" in verify(pack_of(judged.store, tmp_path), "f" * 64).stderr


def test_a_pack_and_its_letter_are_for_their_owner_only(judged: Account, tmp_path: Path) -> None:
    path = pack_of(judged.store, tmp_path)

    for file in (path, path.with_suffix(".md")):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        text = file.read_text(encoding="utf-8")
        assert "mia@example.org" not in text
        assert "Tester" not in text


def test_the_letter_reads_from_the_reading_to_the_read_back(judged: Account, tmp_path: Path) -> None:
    letter = pack_of(judged.store, tmp_path, rules=["whs"]).with_suffix(".md").read_text(encoding="utf-8")

    assert "- outcome: 70 (continuing activity) → 20 (competency achieved)" in letter
    assert "- by: R. Assessor" in letter
    assert "- evidence, completed on: 2026-02-20" in letter
    assert "- read back: applied" in letter


def test_nothing_is_written_about_somebody_unknown(account: Account, tmp_path: Path) -> None:
    path = tmp_path / "evidence.json"

    with pytest.raises(UsageError, match=f"no line about contact {NOAH}"):
        export(
            account.store,
            ContactId(NOAH),
            path,
            rules=frozenset(),
            zone=ZoneInfo(ZONE),
            jurisdictions={},
        )

    assert not path.exists()
