"""access: the lock flag and the module override, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.plan import Rank
from tests.planning.build import (
    MARCH_1,
    MAY_1,
    OFF,
    TO_ISPRING,
    a_rule,
    an_enrolment,
)
from tests.planning.simulate import asked, facts, said, settled
from tests.planning.worlds import a_class_world, a_module_world, a_unit_world

OPENED = ("access", "ispring", "closes_after_due", "open")
LOCKED = ("access", "ispring", "open", "closes_after_due")


# -- true and empty ---------------------------------------------------------------------------------------------------


def test_true_means_open_the_due_date_stays_and_nothing_locks():
    world = settled(a_module_world())

    world.edit_module(override=True)
    plan = world.run()

    assert facts(plan) == [OPENED]
    assert world.enrolments["e1"] == an_enrolment(locks=False)


def test_empty_means_what_lock_after_says():
    world = settled(a_module_world(override=True, lock=False))

    world.edit_module(override=None)

    assert facts(world.plan()) == [LOCKED]


def test_at_first_sight_aXcelerate_gives_the_lock():
    world = a_module_world(override=True, lock=True)

    assert facts(world.plan()) == [OPENED]


def test_an_edit_of_the_lock_flag_off_becomes_true():
    world = settled(a_module_world())

    world.edit_enrolment(locks=False)

    assert facts(world.plan()) == [("access", "axcelerate", "closes_after_due", "open")]
    assert world.run().changes[0].override.value == "true"


def test_an_edit_of_the_lock_flag_on_becomes_empty():
    world = settled(a_module_world(override=True, lock=False))

    world.edit_enrolment(locks=True)

    assert facts(world.plan()) == [("access", "axcelerate", "open", "closes_after_due")]
    assert world.run().changes[0].override.value == ""


def test_an_edit_of_the_lock_that_no_override_can_say_is_said():
    world = settled(a_module_world(lock_after=False, lock=False))

    world.edit_enrolment(locks=True)

    assert facts(world.plan()) == []
    assert said(world.run()) == ["no_override"]
    assert said(world.run()) == []


def test_both_edited_to_different_access_is_settled_by_on_conflict():
    world = settled(a_module_world(on_conflict="review", lock_after=False, lock=False, override=True))

    world.edit_module(override=None)
    world.edit_enrolment(locks=True)

    assert asked(world.plan()) == ["conflict"]


def test_a_one_way_lock_edited_on_the_receiving_side_is_said_in_every_run():
    world = settled(a_module_world(access=TO_ISPRING))
    world.edit_enrolment(locks=False)

    first, second = world.run(), world.run()

    assert facts(first) == facts(second) == []
    assert said(first) == said(second) == ["one_way"]


def test_access_that_is_off_never_moves():
    world = settled(a_module_world(access=OFF))

    world.edit_module(override=False)
    world.edit_enrolment(locks=False)

    assert facts(world.plan()) == []


def test_an_override_that_the_account_does_not_show_rests():
    world = settled(a_module_world())

    world.shows_overrides = False
    world.edit_enrolment(locks=False)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["override_not_shown"]


def test_overrides_that_appear_are_met_as_at_first_sight():
    world = a_module_world(override=True)
    world.shows_overrides = False
    world.run()

    world.shows_overrides = True

    assert facts(world.plan()) == [OPENED]
    assert world.plan().changes[0].reason == "first_sight"


# -- units and classes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("a_world", [a_unit_world, a_class_world])
def test_a_lock_edited_for_a_unit_or_class_stays_is_agreed_and_is_said_once(a_world):
    world = settled(a_world())
    world.edit_enrolment(locks=False)

    first, second = world.run(), world.run()

    assert facts(first) == facts(second) == []
    assert (said(first), said(second)) == (["no_override"], [])
    assert world.enrolments["e1"].locks is False


def test_a_units_lock_at_first_sight_is_what_lock_after_says():
    world = a_unit_world(lock=False)

    assert facts(world.plan()) == [LOCKED]


# -- lock_after edited in the mapping -----------------------------------------------------------------------------------


@pytest.mark.parametrize("a_world", [a_unit_world, a_class_world, a_module_world])
def test_a_changed_lock_after_moves_a_lock_that_is_still_what_the_old_file_gave(a_world):
    world = settled(a_world())

    world.rules = tuple(replace(rule, lock_after=False) for rule in world.rules)
    plan = world.run()

    assert facts(plan) == [OPENED]
    assert plan.changes[0].reason == "mapping_changed"
    assert (facts(world.plan()), said(world.plan())) == ([], [])


def test_a_changed_lock_after_leaves_a_lock_that_a_person_set():
    world = settled(a_unit_world())
    world.edit_enrolment(locks=False)
    world.run()

    world.rules = (a_rule(lock_after=False),)

    assert (facts(world.plan()), said(world.plan())) == ([], [])


def test_access_switched_on_is_met_as_at_first_sight():
    world = settled(a_unit_world(access=OFF, lock=False))

    world.rules = (a_rule(),)

    assert facts(world.plan()) == [LOCKED]
    assert world.plan().changes[0].reason == "first_sight"


# -- what counts against the limits, and the order of the queue -------------------------------------------------------------


def test_a_due_date_moved_into_the_past_under_a_lock_removes_access_and_goes_last():
    world = settled(a_module_world())

    world.edit_module(end=MARCH_1)
    (change,) = world.plan().changes

    assert (change.counts_removed, change.rank) == (True, Rank.REMOVE)


def test_a_lock_and_a_past_date_that_come_together_remove_access():
    world = settled(a_module_world(override=True, lock=False))

    world.edit_module(end=MARCH_1, override=None)

    assert all(change.counts_removed for change in world.plan().changes)


def test_a_due_date_moved_out_of_the_past_gives_access_back_first():
    world = settled(a_module_world(end=MARCH_1, due=MARCH_1))

    world.edit_module(end=MAY_1)

    assert [change.rank for change in world.plan().changes] == [Rank.RESTORE]
