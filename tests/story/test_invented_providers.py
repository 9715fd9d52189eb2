"""Invented providers with everything awkward in them: one run brings them into agreement, the second has nothing to do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from connector.domain.report import Exit
from connector.sandbox.demo_world import demo_world
from connector.sandbox.generate import make_world
from connector.sandbox.mapping_files import world_mappings
from connector.sandbox.people import World
from connector.sandbox.run import demo_mappings_dir

from .compact import tell
from .provider import AVA, DAY, MIA, NOAH, TODAY, WHS, provider
from .world import WIRES, Account, Wire, asked, assert_quiet, explain, served, skipped, told

EVERYTHING = "created updates access_removed outcomes"
GENEROUS = "limits: {created: 2000, updates: 100%, access_removed: 100%, outcomes: 100%}"


def mapping_of(world: World, scope: str) -> str:
    texts = [text.partition("rules:\n")[2] for text in world_mappings(world, scope=scope).values()]
    return f"version: 1\n{GENEROUS}\nrules:\n" + "".join(texts)


def assert_nobody_twice(account: Account) -> None:
    """Nobody has two live places in one course but those that the world began with."""
    places = Counter((row["user_id"], row["course_id"]) for row in account.ispring.rows("enrollments"))
    began = Counter((one.user_id, one.course_id) for one in account.boxes.world.course_enrolments)
    assert {place for place, count in places.items() if count > 1 and count > began[place]} == set()


@pytest.mark.parametrize("scope", ["classes", "qualification", "account"])
@pytest.mark.parametrize("seed", [1, 2])
def test_an_awkward_provider_is_brought_into_agreement_in_one_run(tmp_path: Path, seed: int, scope: str):
    world = make_world(seed, 40, today=TODAY)
    with served(tmp_path, world, rules_text=mapping_of(world, scope)) as account:
        plan = account.plan()
        first = account.reconcile(allow=EVERYTHING)

        assert first.exit_code is Exit.FINISHED, explain(first)
        assert [one[:7] for one in told(first)] == [one[:7] for one in told(plan)]
        assert_nobody_twice(account)
        assert_quiet(account)
        for rule in account.rules.rules:
            narrowed = account.plan(rule=rule.id)
            assert (narrowed.exit_code, told(narrowed)) == (Exit.FINISHED, []), explain(narrowed)


def test_a_class_longer_than_a_page_is_read_whole_in_every_wire_form(tmp_path: Path):
    world = make_world(3, 130, today=TODAY)
    with served(tmp_path, world, rules_text=mapping_of(world, "classes")) as account:
        report = account.reconcile(allow=EVERYTHING)
        assert report.exit_code is Exit.FINISHED, explain(report)
        for wire in ("rest-xml-token", "soap-headers"):
            account.restart(wire=WIRES[wire])
            assert_quiet(account)


def test_the_demos_learners_are_each_what_its_page_says(tmp_path: Path):
    text = "\n".join(
        path.read_text(encoding="utf-8").partition("rules:\n")[2]
        for path in sorted(demo_mappings_dir().glob("*.yaml"))
    )
    with served(tmp_path, demo_world(TODAY), rules_text=f"version: 1\n{GENEROUS}\nrules:\n{text}") as account:
        report = account.reconcile()

        assert report.exit_code is Exit.FINISHED, explain(report)
        assert {(c, rule, name, after) for c, rule, name, _, _, after, _, _ in told(report)} == {
            (22041, "whs-induction", "enrolment", "enrolled"),
            (22041, "legal-and-ethics", "enrolment", "enrolled"),
            (22049, "orientation", "enrolment", "enrolled"),
            (22042, "whs-induction", "due_date", "2026-04-01"),
            (22044, "safety-at-work", "access", "open"),
            (22045, "whs-induction", "access", "closed"),
            (22046, "whs-induction", "enrolment", "withdrawn"),
        }
        assert {(c, why) for c, _, why, _ in asked(report)} == {
            (22043, "approval_required"),
            (22047, "ambiguous_person"),
        }
        assert (22048, "no_ispring_user") in skipped(report)
        assert_quiet(account)


def test_postgresql_tells_the_same_story(tmp_path: Path, postgres_url: str):
    from connector.state.migrate import upgrade

    upgrade(postgres_url)
    (tmp_path / "lite").mkdir()
    (tmp_path / "server").mkdir()
    with served(tmp_path / "lite", provider(MIA, NOAH, AVA)) as account:
        usual = tell(account)
    with served(tmp_path / "server", provider(MIA, NOAH, AVA), url=postgres_url) as account:
        told_there = tell(account)

    assert told_there == usual, str(told_there)


# -- what goes over the wire ----------------------------------------------------------------------------------------------

SOAP_OF_THE_SEEDS = {
    "getEnrollments": "GET /enrollments",
    "changeEnrollment": "POST /enrollment/",
    "updateCourseStatus": "POST /statistics/course",
}


@pytest.mark.parametrize("form", WIRES)
def test_each_form_speaks_its_own_wire_only(tmp_path: Path, form: str):
    wire: Wire = WIRES[form]
    with served(tmp_path, provider(MIA, NOAH, AVA), wire=wire) as account:
        account.reconcile()
        place = account.ispring.rows("enrollments")[0]
        account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Suspended")
        account.axcelerate.person.set_unit(NOAH, DAY, WHS, outcome="51")
        account.reconcile()
        calls = [call for call in account.ispring.calls.list() if call.effect != "token"]

        assert place["lock"]
        soap = [call.operation for call in calls if "/soap/" in call.path]
        rest = [call for call in calls if "/soap/" not in call.path]
        for operation, path in SOAP_OF_THE_SEEDS.items():
            over_soap = any(name.lower().endswith(operation.lower()) for name in soap)
            over_rest = any(call.operation.startswith(path) and call.status < 300 for call in rest)
            assert (over_soap, over_rest) == (wire.dialect == "soap", wire.dialect == "rest"), operation
        for call in rest:
            assert ("authorization" in call.headers) == (wire.by == "token"), call.operation
            assert ("x-auth-account-url" in call.headers) == (wire.by == "headers"), call.operation
            assert ("json" in call.headers["accept"]) == (wire.form == "json"), call.operation
            if call.effect == "write":
                assert ("json" in call.headers["content-type"]) == (wire.form == "json"), call.operation
