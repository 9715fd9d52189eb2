"""Several courses, and statuses set in iSpring Learn, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain.enrolment import EnrolmentId, Status
from tests.planning.build import (
    FEB_1,
    MARCH_1,
    TODAY,
    a_class_row,
    a_completion,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_unit_world

TABLE = {"passed": 20, "complete": 20, "accepted": 20, "in_progress": 70, "failed": 30}
FEB_20, JAN_1 = date(2026, 2, 20), date(2026, 1, 1)


# -- several courses ------------------------------------------------------------------------------------------------------


def a_two_course_world(first: str | None, second: str | None, complete_when: str) -> World:
    rule = a_rule(
        courses=("c1", "c2"), complete_when=complete_when, to_axcelerate=TABLE, approval="automatic"
    )
    world = World(rules=(rule,))
    world.add(a_class_row(units=[a_unit(outcome="85", start=FEB_1)]))
    world.add(an_enrolment("e1", "c1"), an_enrolment("e2", "c2"))
    settled(world)
    if first:
        world.add(a_completion(first, "e1", "c1", on=FEB_20))
    if second:
        world.add(a_completion(second, "e2", "c2", on=MARCH_1))
    return world


@pytest.mark.parametrize(
    ("complete_when", "first", "second", "code"),
    [
        ("all", "passed", "complete", "20"),
        ("all", "passed", "in_progress", "70"),
        ("all", "passed", "not_started", "70"),
        ("all", "passed", None, "70"),
        ("all", "failed", "in_progress", "70"),
        ("all", "passed", "failed", "30"),
        ("all", "declined", "passed", "30"),
        ("any", "passed", "in_progress", "20"),
        ("any", "failed", "passed", "20"),
        ("any", "failed", "in_progress", "70"),
        ("any", "failed", "declined", "30"),
        ("all", "not_started", "not_started", None),
        ("any", "not_started", None, None),
    ],
)
def test_several_courses_make_one_status(complete_when, first, second, code):
    world = a_two_course_world(first, second, complete_when)

    outcomes = [change.after for change in world.plan().changes]

    assert outcomes == ([code] if code else [])


def test_all_takes_the_date_of_the_last_course():
    world = a_two_course_world("passed", "passed", "all")

    assert [change.on for change in world.plan().changes] == [MARCH_1]


def test_any_takes_the_date_of_the_first_course():
    world = a_two_course_world("passed", "passed", "any")

    assert [change.on for change in world.plan().changes] == [FEB_20]


def test_all_waits_for_the_date_of_every_course():
    world = a_two_course_world("passed", "passed", "all")
    world.add(a_completion("passed", "e2", "c2", on=None))

    assert asked(world.plan()) == ["no_completion_date"]


# -- to iSpring ---------------------------------------------------------------------------------------------------------


def a_credit_world(status: str = "not_started", **rule) -> World:
    """A learner in agreement whose rule sets a course status for granted codes."""
    world = a_unit_world(to_ispring={51: "complete", 60: "complete"}, **({"access": "off"} | rule))
    world.add(a_completion(status))
    return settled(world)


@pytest.mark.parametrize("status", ["not_started", "in_progress"])
def test_a_code_sets_the_status_over_not_started_and_in_progress(status):
    world = a_credit_world(status)

    world.edit_unit(outcome="51", end=MARCH_1)

    assert facts(world.run()) == [("outcome", "ispring", status, "complete")]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


@pytest.mark.parametrize(
    "status", ["pending", "complete", "passed", "accepted", "incomplete", "failed", "declined"]
)
def test_no_other_status_is_overwritten(status):
    world = a_credit_world(status)

    world.edit_unit(outcome="51", end=MARCH_1)

    assert facts(world.plan()) == []


def test_the_status_is_written_to_every_course_of_the_rule():
    world = World(rules=(a_rule(courses=("c1", "c2"), to_ispring={51: "complete"}, access="off"),))
    world.add(a_class_row(units=[a_unit()]), an_enrolment("e1", "c1"), an_enrolment("e2", "c2"))
    world.add(a_completion("in_progress", "e1", "c1"), a_completion("passed", "e2", "c2"))
    settled(world)

    world.edit_unit(outcome="51", end=MARCH_1)

    assert [change.enrolment_id for change in world.plan().changes] == ["e1"]


def test_a_status_that_we_set_is_no_evidence_for_a_code():
    world = a_credit_world("in_progress", to_axcelerate=TABLE, approval="automatic")
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.edit_unit(outcome="53", end=MARCH_1)

    assert asked(world.plan()) == []


@pytest.mark.parametrize("days", [0, 30])
def test_our_own_status_write_is_never_read_back_as_an_edit(days):
    world = a_credit_world("in_progress", to_axcelerate=TABLE, approval="automatic")
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.today = TODAY + timedelta(days=days)

    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_status_earned_after_we_set_one_is_evidence_again():
    world = a_credit_world("in_progress", to_axcelerate=TABLE)
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.add(a_completion("failed"))

    assert asked(world.plan()) == ["conflict"]


def test_when_the_code_is_taken_back_the_status_becomes_automatic():
    world = a_credit_world("in_progress", to_axcelerate=TABLE)
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.edit_unit(outcome="70")
    plan = world.run()

    assert ("outcome", "ispring", "complete", "automatic") in facts(plan)
    assert world.results["e1"].status is Status.IN_PROGRESS
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_another_code_with_the_same_meaning_takes_nothing_back():
    world = a_credit_world()
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.edit_unit(outcome="60")

    assert facts(world.plan()) == []


def test_a_code_that_leaves_the_table_was_not_taken_back():
    world = a_credit_world()
    world.edit_unit(outcome="51", end=MARCH_1)
    world.run()

    world.rules = (a_rule(access="off", to_ispring={60: "complete"}),)

    assert facts(world.plan()) == []


def test_an_unfinished_status_task_is_left_to_its_end():
    world = a_credit_world()

    world.edit_unit(outcome="51", end=MARCH_1)
    world.more = {"running": frozenset({EnrolmentId("e1")})}

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["status_running"]


# -- one course behind several units ---------------------------------------------------------------------------------------


def two_granted_units_and_an_open_one() -> World:
    """Three units share a course, each under its own rule; credit was given for two of them."""
    granted = {"to_ispring": {60: "complete"}}
    rules = (
        a_rule("a", unit="AAA", position=0, **granted),
        a_rule("b", unit="BBB", position=1, **granted),
        a_rule("c", unit="CCC", position=2),
    )
    world = World(rules=rules)
    world.add(a_class_row(units=[a_unit("AAA", "60"), a_unit("BBB", "60"), a_unit("CCC")]))
    return world


def test_a_status_that_two_units_give_is_set_once():
    world = two_granted_units_and_an_open_one()
    world.add(an_enrolment("e1"), a_completion("not_started", "e1"))

    plan = world.run()

    assert [(c.rule, c.after) for c in plan.changes if c.field == "outcome"] == [("a", "complete")]
    assert facts(world.plan()) == []


def test_an_enrolment_is_given_its_status_in_the_run_that_makes_it():
    world = two_granted_units_and_an_open_one()

    plan = world.run()

    assert facts(plan) == [
        ("enrolment", "ispring", None, "enrolled"),
        ("outcome", "ispring", "not_started", "complete"),
    ]
    assert world.results["n1"].status is Status.COMPLETE
    assert facts(world.plan()) == []
