"""Which record governs, new attempts and removals, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from connector.domain.enrolment import ClassStatus
from tests.planning.build import (
    MARCH_1,
    MARCH_20,
    MAY_8,
    MAY_15,
    a_class_row,
    a_rule,
    a_unit,
    a_user,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_removed_learner, a_unit_world, two_classes

ENROLLED = ("enrolment", "ispring", None, "enrolled")


# -- one governs ------------------------------------------------------------------------------------------------------


def test_of_the_open_records_the_one_enrolled_last_governs_and_the_others_are_skipped():
    world = settled(two_classes())

    world.edit_unit(class_id=880123, end=MAY_15)
    assert facts(world.plan()) == []
    assert said(world.plan()) == ["governed_by_other_record"]

    world.edit_unit(class_id=880124, end=MARCH_20)
    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-03-20")]


def test_of_two_enrolled_at_once_the_higher_class_enrolment_id_governs():
    world = World(rules=(a_rule(),))
    world.add(a_class_row(880123, enrol_id=9, units=[a_unit(end=MAY_15)]))
    world.add(a_class_row(880124, enrol_id=8, units=[a_unit(end=MAY_8)]), an_enrolment())

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-15")]


def test_of_two_rules_about_one_class_enrolment_the_one_that_stands_first_governs():
    world = World(rules=(a_rule("first", unit="AAA", position=0), a_rule("second", unit="BBB", position=1)))
    world.add(a_class_row(units=[a_unit("BBB", end=MAY_8), a_unit("AAA", end=MAY_15)]), an_enrolment())

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-15")]


def test_an_open_record_governs_before_one_that_was_enrolled_later_and_is_not_open():
    world = two_classes()

    world.edit_class(880124, status=ClassStatus.COMPLETED)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-05-01")]


def test_when_another_record_begins_to_govern_aXcelerate_gives_and_nothing_moves_to_it():
    world = settled(two_classes(a_rule(on_conflict="ispring")))

    world.edit_class(880124, status=ClassStatus.COMPLETED)
    world.edit_enrolment(due=MAY_15)
    plan = world.run()

    assert facts(plan) == [("due_date", "ispring", "2026-05-15", "2026-05-01")]
    assert facts(world.plan()) == []


def test_a_narrowed_reading_of_the_same_rules_decides_the_same():
    world = settled(two_classes())
    world.edit_unit(class_id=880124, end=MARCH_20)

    assert facts(world.plan()) == facts(world.plan())


# -- attempts and removals ----------------------------------------------------------------------------------------------


def test_another_live_enrolment_in_place_of_the_known_one_is_a_new_attempt():
    world = settled(a_unit_world(on_conflict="ispring"))

    world.remove_enrolment("e1")
    world.add(an_enrolment("e2", due=MAY_15))
    plan = world.run()

    assert facts(plan) == [("due_date", "ispring", "2026-05-15", "2026-05-01")]
    assert asked(plan) == []
    assert facts(world.plan()) == []


def test_of_two_live_ones_the_newest_access_date_counts_and_the_other_is_a_duplicate():
    world = a_unit_world()
    world.add(an_enrolment("e0", start=MARCH_1, due=MAY_15))
    world.edit_unit(start=MARCH_1)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-15", "2026-05-01")]
    assert said(world.plan()) == ["duplicate_enrolment"]


def test_of_two_with_the_same_access_date_the_higher_id_counts():
    world = a_unit_world()
    world.add(an_enrolment("e2", due=MAY_15))

    (change,) = world.plan().changes

    assert change.enrolment_id == "e2"


def test_a_removed_enrolment_of_an_active_user_is_a_review():
    world = settled(a_unit_world())

    world.remove_enrolment("e1")
    plan = world.plan()

    assert facts(plan) == []
    assert asked(plan) == ["unenrolled"]
    assert plan.questions[0].proposed == "enrolled"


def test_approving_an_unenrolment_enrols_again():
    world = a_removed_learner()

    world.approve()

    assert facts(world.run()) == [ENROLLED]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_rejecting_an_unenrolment_accepts_the_removal():
    world = a_removed_learner()

    world.reject()

    assert (facts(world.run()), asked(world.run())) == ([], [])


def test_a_removal_that_a_second_time_happens_is_a_new_question():
    world = a_removed_learner()
    world.approve()
    world.run()

    world.remove_enrolment("n1")

    assert asked(world.plan()) == ["unenrolled"]


def test_recreate_makes_it_again_once_for_each_record():
    world = settled(a_unit_world(on_unenrolment="recreate"))
    world.remove_enrolment("e1")
    assert facts(world.run()) == [ENROLLED]

    world.remove_enrolment("n1")

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["unenrolled"]


def test_keep_leaves_a_removal_and_says_so():
    world = settled(a_unit_world(on_unenrolment="keep"))

    world.remove_enrolment("e1")

    assert (facts(world.plan()), asked(world.plan()), said(world.plan())) == ([], [], ["unenrolled"])


def test_on_unenrolment_does_not_apply_while_the_user_is_blocked():
    world = settled(a_unit_world(on_unenrolment="recreate"))

    world.remove_enrolment("e1")
    world.user = a_user("blocked")

    assert (facts(world.plan()), asked(world.plan()), said(world.plan())) == ([], [], ["user_inactive"])
