"""Editing a mapping is no edit of a record (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from connector.domain.learner import CourseId
from tests.planning.build import (
    JAN_10,
    MAY_1,
    MAY_8,
    OFF,
    a_class_row,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_removed_learner, a_unit_world

# -- editing the mapping ------------------------------------------------------------------------------------------------


def test_what_no_rule_names_any_more_is_forgotten_with_a_note_and_nobody_is_withdrawn():
    world = settled(a_unit_world())

    world.rules = (a_rule("other", unit="CCC", courses=("c9",)),)
    plan = world.run()

    assert facts(plan) == []
    assert [note.reason for note in plan.notes] == ["forgotten"]
    assert world.memory.pairs == {}


def test_a_class_that_a_rule_no_longer_names_is_forgotten_and_nobody_is_withdrawn():
    world = settled(a_unit_world(classes=[880123]))

    world.rules = (a_rule(classes=[1]),)

    assert facts(world.run()) == []
    assert facts(world.run()) == []


def test_a_new_rule_id_is_met_as_at_first_sight():
    world = settled(a_unit_world(on_conflict="ispring"))
    world.edit_enrolment(due=MAY_8)

    world.rules = (a_rule("another", on_conflict="ispring"),)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-05-08")]
    assert world.plan().changes[0].reason == "first_sight"


def test_a_renamed_rule_keeps_its_history():
    world = settled(a_unit_world(on_conflict="review"))
    world.edit_enrolment(due=MAY_8)

    world.rules = (a_rule("renamed", was="whs", on_conflict="review"),)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-05-08")]
    assert world.plan().changes[0].reason == "changed_in_ispring"


def test_a_renamed_rule_keeps_what_people_decided():
    world = a_removed_learner()
    world.reject()
    world.run()

    world.rules = (a_rule("renamed", was="whs"),)

    assert (asked(world.run()), said(world.run())) == ([], ["rejected"])


def test_when_the_governing_rule_is_forgotten_the_next_one_begins_to_govern():
    world = World(
        rules=(
            a_rule("first", unit="AAA", position=0),
            a_rule("second", unit="BBB", position=1, on_conflict="ispring"),
        )
    )
    world.add(a_class_row(units=[a_unit("AAA", end=MAY_1), a_unit("BBB", end=MAY_8)]), an_enrolment())
    settled(world)

    world.rules = (replace(world.rules[1], position=0),)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-08")]


def test_a_field_switched_on_is_met_as_at_first_sight():
    world = settled(a_unit_world(due_date=OFF, due=MAY_8))

    world.rules = (a_rule(),)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-05-01")]


def test_a_course_added_to_a_rule_is_met_for_the_first_time():
    world = settled(a_unit_world())

    world.rules = (a_rule(courses=("c1", "c2")),)
    plan = world.run()

    assert [change.course_id for change in plan.changes] == [CourseId("c2")]
    assert facts(world.plan()) == []


def test_a_class_joined_twice_counts_by_its_newest_enrolment_that_is_not_cancelled():
    world = settled(a_unit_world())

    world.add(a_class_row(enrol_id=5, enrolled=JAN_10 - timedelta(days=30), status="cancelled"))

    assert facts(world.plan()) == []
