"""start_date and due_date compared three ways, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.planning.build import (
    BOTH,
    MARCH_1,
    MARCH_20,
    MAY_1,
    MAY_8,
    MAY_15,
    OFF,
    TO_AXCELERATE,
    TO_ISPRING,
    TODAY,
    a_class_detail,
    a_class_row,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_class_world, a_unit_world

DUE_TO_ISPRING = ("due_date", "ispring", "2026-05-01", "2026-05-08")
DUE_TO_AXCELERATE = ("due_date", "axcelerate", "2026-05-01", "2026-05-08")


# -- three-way --------------------------------------------------------------------------------------------------------


def test_a_due_date_moved_only_in_axcelerate_is_copied_to_ispring():
    world = settled(a_unit_world())

    world.edit_unit(end=MAY_8)

    assert facts(world.plan()) == [DUE_TO_ISPRING]
    assert world.plan().changes[0].reason == "changed_in_axcelerate"


def test_a_due_date_moved_only_in_ispring_is_copied_to_axcelerate():
    world = settled(a_unit_world())

    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == [DUE_TO_AXCELERATE]
    assert world.plan().changes[0].reason == "changed_in_ispring"


def test_a_due_date_moved_on_both_sides_to_different_days_is_settled_by_on_conflict():
    world = settled(a_unit_world(on_conflict="ispring"))

    world.edit_unit(end=MAY_15)
    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-15", "2026-05-08")]
    assert [note.reason for note in world.plan().notes] == ["conflict"]


def test_a_due_date_moved_on_both_sides_to_the_same_day_is_an_agreement():
    world = settled(a_unit_world())

    world.edit_unit(end=MAY_8)
    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert [note.reason for note in world.plan().notes] == ["same_on_both"]


def test_agreed_values_are_one_per_side_so_a_difference_that_was_agreed_is_left_alone():
    world = settled(a_unit_world(due=MAY_1))
    world.edit_enrolment(due=None)
    world.run()  # cannot be cleared in aXcelerate: the difference counts as agreed

    plan = world.plan()

    assert facts(plan) == []
    assert said(plan) == []


@pytest.mark.parametrize(
    ("on_conflict", "change"),
    [
        ("axcelerate", ("due_date", "ispring", "2026-05-08", "2026-05-01")),
        ("ispring", ("due_date", "axcelerate", "2026-05-01", "2026-05-08")),
    ],
)
def test_at_first_sight_the_on_conflict_side_gives_the_value(on_conflict, change):
    world = a_unit_world(on_conflict=on_conflict, end=MAY_1, due=MAY_8)

    plan = world.plan()

    assert facts(plan) == [change]
    assert plan.changes[0].reason == "first_sight"


def test_at_first_sight_review_asks():
    world = a_unit_world(on_conflict="review", end=MAY_1, due=MAY_8)

    plan = world.plan()

    assert facts(plan) == []
    assert asked(plan) == ["conflict"]


@pytest.mark.parametrize(
    ("direction", "change"),
    [
        (TO_ISPRING, ("due_date", "ispring", "2026-05-08", "2026-05-01")),
        (TO_AXCELERATE, ("due_date", "axcelerate", "2026-05-01", "2026-05-08")),
    ],
)
def test_at_first_sight_of_a_one_way_field_the_source_gives_the_value(direction, change):
    world = a_unit_world(due_date=direction, end=MAY_1, due=MAY_8)

    plan = world.plan()

    assert facts(plan) == [change]


def test_an_edit_on_the_receiving_side_of_a_one_way_field_is_left_and_said_in_every_run():
    world = settled(a_unit_world(due_date=TO_ISPRING))
    world.edit_enrolment(due=MAY_8)

    first, second = world.run(), world.run()

    assert facts(first) == facts(second) == []
    assert said(first) == said(second) == ["one_way"]


def test_when_the_source_of_a_one_way_field_is_edited_it_wins():
    world = settled(a_unit_world(due_date=TO_ISPRING))
    world.edit_enrolment(due=MAY_8)
    world.run()

    world.edit_unit(end=MAY_15)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-05-15")]


def test_a_field_that_is_off_never_moves():
    world = settled(a_unit_world(due_date=OFF))

    world.edit_unit(end=MAY_8)
    world.edit_enrolment(due=MAY_15)

    assert facts(world.plan()) == []


def test_a_start_date_moves_one_way_by_default():
    world = settled(a_unit_world())

    world.edit_unit(start=MARCH_1)

    assert facts(world.plan()) == [("start_date", "ispring", "2026-02-01", "2026-03-01")]


# -- conflicts asked of a person ------------------------------------------------------------------------------------


def test_a_conflict_that_a_person_takes_from_ispring_moves_to_axcelerate():
    world = _in_conflict()

    world.approve(take="ispring")

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-15", "2026-05-08")]


def test_a_conflict_that_a_person_takes_from_axcelerate_moves_to_ispring():
    world = _in_conflict()

    world.approve(take="axcelerate")

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-05-15")]


def test_a_rejected_conflict_is_not_asked_again_until_a_side_changes():
    world = _in_conflict()
    world.reject()
    assert said(world.plan()) == ["rejected"]

    world.edit_enrolment(due=MARCH_20)

    assert asked(world.plan()) == ["conflict"]


def test_a_question_keeps_its_id_while_time_passes():
    world = _in_conflict()
    (identity,) = world.asked

    world.today = TODAY + timedelta(days=400)

    assert [question.id for question in world.plan().questions] == [identity]


def test_an_approval_lapses_when_its_own_evidence_changes():
    world = _in_conflict()
    world.approve(take="ispring")

    world.edit_unit(end=MARCH_20)
    plan = world.run()

    assert facts(plan) == []
    assert asked(plan) == ["conflict"]


def _in_conflict() -> World:
    world = settled(a_unit_world(on_conflict="review"))
    world.edit_unit(end=MAY_15)
    world.edit_enrolment(due=MAY_8)
    assert asked(world.run()) == ["conflict"]
    return world


# -- none -------------------------------------------------------------------------------------------------------------


def test_none_in_ispring_is_reported_once_never_written_and_never_put_back():
    world = settled(a_unit_world())
    world.edit_enrolment(due=None)

    first, second = world.run(), world.run()

    assert facts(first) == facts(second) == []
    assert said(first) == ["cannot_clear"]
    assert said(second) == []


def test_none_in_axcelerate_clears_the_due_date_in_ispring():
    world = settled(a_unit_world())

    world.edit_unit(end=None)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", None)]


def test_a_due_date_after_none_is_sent_with_the_lock_that_nobody_could_see():
    world = settled(a_unit_world(end=None, due=None))

    world.edit_unit(end=MAY_8)
    world.run()

    assert world.enrolments["e1"].locks is True
    assert said(world.plan()) == []


# -- classes ----------------------------------------------------------------------------------------------------------


def test_a_class_gives_its_enrolment_start_and_its_finish():
    world = settled(a_class_world())

    world.add(a_class_detail(finish=MAY_8))
    world.edit_class(start=MARCH_1)

    assert facts(world.plan()) == [DUE_TO_ISPRING, ("start_date", "ispring", "2026-02-01", "2026-03-01")]


def test_the_due_date_of_a_class_that_is_listed_and_not_shown_rests_and_is_said():
    world = a_class_world()
    world.details.clear()

    world.run()
    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["end_date_not_shown"]


def test_an_edit_of_a_class_rules_due_date_in_ispring_is_one_way():
    world = settled(a_class_world())

    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["one_way"]


# -- several courses --------------------------------------------------------------------------------------------------


def test_an_edit_in_one_course_moves_to_axcelerate_and_from_there_to_the_others_in_the_same_run():
    world = settled(_two_courses())

    world.edit_enrolment("e2", due=MAY_8)

    assert facts(world.run()) == [DUE_TO_AXCELERATE, DUE_TO_ISPRING]
    assert {e.due for e in world.enrolments.values()} == {MAY_8}
    assert facts(world.plan()) == []


def test_the_same_edit_in_both_courses_is_one_write():
    world = settled(_two_courses())

    world.edit_enrolment(due=MAY_8)

    assert set(facts(world.run())) == {DUE_TO_AXCELERATE}
    assert facts(world.plan()) == []


@pytest.mark.parametrize("on_conflict", ["axcelerate", "ispring"])
def test_different_edits_in_two_courses_are_never_both_written_to_axcelerate(on_conflict):
    world = settled(_two_courses(on_conflict=on_conflict))

    world.edit_enrolment("e1", due=MAY_8)
    world.edit_enrolment("e2", due=MAY_15)
    plan = world.run()

    assert facts(plan) == [DUE_TO_AXCELERATE, ("due_date", "ispring", "2026-05-15", "2026-05-08")]
    assert [note.reason for note in plan.notes] == ["conflict"]
    assert facts(world.plan()) == []


def test_different_edits_in_two_courses_are_asked_about_where_conflicts_are():
    world = settled(_two_courses(on_conflict="review"))

    world.edit_enrolment("e1", due=MAY_8)
    world.edit_enrolment("e2", due=MAY_15)

    assert facts(world.run()) == [DUE_TO_AXCELERATE]
    assert (facts(world.plan()), asked(world.plan())) == ([], ["conflict"])


def test_each_course_is_compared_on_its_own():
    world = settled(_two_courses(due_date=TO_ISPRING))

    world.edit_enrolment("e2", due=MAY_8)
    world.edit_unit(end=MAY_15)

    assert facts(world.plan()) == [
        ("due_date", "ispring", "2026-05-01", "2026-05-15"),
        ("due_date", "ispring", "2026-05-08", "2026-05-15"),
    ]


def _two_courses(**rule: str) -> World:
    rule.setdefault("due", rule.pop("due_date", BOTH))
    world = World(rules=(a_rule(courses=("c1", "c2"), **rule),))
    world.add(a_class_row(units=[a_unit()]), an_enrolment("e1", "c1"), an_enrolment("e2", "c2"))
    return world
