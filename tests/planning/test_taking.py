"""Access that a person takes and gives back in iSpring Learn, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from datetime import timedelta

from tests.planning.build import (
    FEB_1,
    MARCH_1,
    MARCH_20,
    MAY_1,
    MAY_8,
    OFF,
    TO_ISPRING,
    TODAY,
    a_class_row,
    a_module,
    a_rule,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_module_world

YESTERDAY = TODAY - timedelta(days=1)
CLOSED = ("access", "ispring", "closes_after_due", "closed")
TAKEN = ("access", "axcelerate", "closes_after_due", "closed")


# -- access taken and given back by a person in iSpring -----------------------------------------------------------------


def test_an_edit_that_takes_access_becomes_false_and_the_module_keeps_its_end_date():
    world = settled(a_module_world())

    world.edit_enrolment(due=MARCH_1)
    plan = world.run()

    assert facts(plan) == [TAKEN]
    assert world.modules[501] == a_module(override=False)
    assert world.enrolments["e1"] == an_enrolment(due=MARCH_1)
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_later_edit_to_a_date_from_today_on_clears_the_override_and_moves_as_a_date():
    world = settled(a_module_world())
    world.edit_enrolment(due=MARCH_1)
    world.run()

    world.edit_enrolment(due=MAY_8)
    plan = world.run()

    assert facts(plan) == [
        ("access", "axcelerate", "closed", "closes_after_due"),
        ("due_date", "axcelerate", "2026-05-01", "2026-05-08"),
    ]
    assert world.modules[501] == a_module(end=MAY_8, override=None)
    assert facts(world.plan()) == []


def test_access_that_a_person_took_and_aXcelerate_gives_back_gets_aXcelerates_dates():
    world = settled(a_module_world())
    world.edit_enrolment(due=MARCH_1)
    world.run()

    world.edit_module(override=None)
    world.run()

    assert world.enrolments["e1"] == an_enrolment(due=MAY_1)
    assert facts(world.plan()) == []


def test_taken_access_stays_taken_while_time_passes():
    world = settled(a_module_world())
    world.edit_enrolment(due=MARCH_1)
    world.run()

    world.today = TODAY + timedelta(days=30)

    assert (facts(world.plan()), asked(world.plan()), said(world.plan())) == ([], [], [])


def test_a_past_date_not_before_the_day_of_our_last_reading_moves_as_a_date():
    world = settled(a_module_world())
    world.today = TODAY + timedelta(days=5)

    world.edit_enrolment(due=TODAY)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-10")]


def test_a_past_date_without_a_lock_moves_as_a_date():
    world = settled(a_module_world(override=True, lock=False))

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-01")]


def test_a_past_date_of_a_learner_who_could_not_get_in_before_moves_as_a_date():
    world = settled(a_module_world(end=MARCH_1, due=MARCH_1))

    world.edit_enrolment(due=FEB_1 + timedelta(days=3))

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-03-01", "2026-02-04")]


def test_a_past_date_of_a_learner_whose_access_has_not_begun_takes_nothing():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(start=MARCH_20), an_enrolment(start=MARCH_20))
    settled(world)

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["end_before_start"]


def test_unlocking_after_access_was_taken_does_not_make_the_date_that_took_it_the_modules_end():
    world = settled(a_module_world())
    world.edit_enrolment(due=MARCH_1)
    world.run()

    world.edit_enrolment(locks=False)
    plan = world.run()

    assert facts(plan) == [("access", "axcelerate", "closed", "open")]
    assert world.modules[501] == a_module(override=True)
    assert world.enrolments["e1"] == an_enrolment(due=MARCH_1, locks=False)
    assert facts(world.plan()) == []


def test_at_first_sight_a_past_due_date_is_only_a_date():
    world = a_module_world(due=MARCH_1, on_conflict="ispring")

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-01")]


def test_taking_access_where_the_direction_forbids_it_moves_as_a_date():
    world = settled(a_module_world(access=TO_ISPRING))

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-01")]


def test_access_is_taken_by_a_due_date_that_does_not_move_itself():
    world = settled(World(rules=(a_rule(target="module", due=OFF),)))
    world.add(a_class_row(), a_module(), an_enrolment())
    world.run()

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == [TAKEN]


def test_taking_access_in_one_of_two_courses_closes_the_other_in_the_same_run():
    world = World(rules=(a_rule(target="module", courses=("c1", "c2")),))
    world.add(a_class_row(), a_module(), an_enrolment("e1", "c1"), an_enrolment("e2", "c2"))
    settled(world)

    world.edit_enrolment("e2", due=MARCH_1)

    assert facts(world.run()) == [TAKEN, CLOSED]
    assert world.enrolments["e1"].due == YESTERDAY
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_taken_access_is_not_given_back_by_an_older_module_that_is_open():
    world = settled(_two_modules())

    world.edit_enrolment(due=MARCH_1)
    world.run()

    assert facts(world.plan()) == []
    assert world.enrolments["e1"].due == MARCH_1


def test_a_locked_module_beside_an_open_one_closes_nothing_and_is_said():
    world = settled(_two_modules())

    world.edit_module(502, override=False)

    assert facts(world.plan()) == []
    assert "kept_open" in said(world.plan())


def test_a_locked_module_closes_when_the_other_one_is_locked_too():
    world = settled(_two_modules())
    world.edit_module(502, override=False)
    world.run()

    world.edit_module(501, override=False)

    assert facts(world.plan()) == [CLOSED]


def _two_modules() -> World:
    world = World(rules=(a_rule(target="module"),))
    world.add(
        a_class_row(880123), a_class_row(880124, enrolled=MARCH_1), a_module(501), a_module(502, 880124)
    )
    world.add(an_enrolment())
    return world
