"""access: the lock flag, the module override, closing and restoring, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.enrolment import ClassStatus, ModuleStatus
from connector.domain.plan import Rank
from tests.planning.build import (
    FEB_1,
    MARCH_1,
    MARCH_20,
    MAY_1,
    MAY_8,
    MAY_15,
    OFF,
    TO_AXCELERATE,
    TO_ISPRING,
    TODAY,
    a_class_row,
    a_module,
    a_rule,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_class_world, a_module_world, a_unit_world

YESTERDAY = TODAY - timedelta(days=1)
OPENED = ("access", "ispring", "closes_after_due", "open")
LOCKED = ("access", "ispring", "open", "closes_after_due")
CLOSED = ("access", "ispring", "closes_after_due", "closed")
RESTORED = ("access", "ispring", "closed", "closes_after_due")
TAKEN = ("access", "axcelerate", "closes_after_due", "closed")


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


# -- false ------------------------------------------------------------------------------------------------------------


def test_false_closes_now():
    world = settled(a_module_world())

    world.edit_module(override=False)
    plan = world.run()

    assert facts(plan) == [CLOSED]
    assert plan.changes[0].reason == "access_closed"
    assert world.enrolments["e1"] == an_enrolment(due=YESTERDAY, locks=True)


def test_a_start_still_to_come_is_not_after_the_end_of_access():
    world = settled(a_module_world())
    world.edit_module(start=MAY_1, end=MAY_8)
    world.run()

    world.edit_module(override=False)
    world.run()

    assert world.enrolments["e1"].access_from == YESTERDAY


@pytest.mark.parametrize("days", [0, 1, 30, 400])
def test_a_closing_is_never_read_back_as_an_edit(days):
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run()

    world.today = TODAY + timedelta(days=days)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == []


def test_when_the_reason_to_close_goes_ispring_gets_aXcelerates_present_dates():
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run()
    world.edit_module(end=MAY_15, start=MARCH_1)
    world.run()

    world.edit_module(override=None)
    plan = world.run()

    assert facts(plan) == [RESTORED]
    assert plan.changes[0].rank is Rank.RESTORE
    assert world.enrolments["e1"] == an_enrolment(start=MARCH_1, due=MAY_15)
    assert facts(world.plan()) == []


def test_where_the_direction_forbids_it_the_remembered_dates_return():
    world = settled(a_module_world(due=MAY_1, start=OFF))
    world.rules = (a_rule(target="module", due=TO_AXCELERATE, start=OFF),)
    world.edit_module(override=False)
    world.run()
    world.edit_module(end=MAY_15)

    world.edit_module(override=True)
    world.run()

    assert world.enrolments["e1"] == an_enrolment(due=MAY_1, locks=False)
    assert said(world.plan()) == ["one_way"]


def test_an_enrolment_without_a_due_date_is_closed_and_restored():
    world = settled(a_module_world(end=None, due=None))
    world.edit_module(override=False)
    world.run()
    assert world.enrolments["e1"].due == YESTERDAY

    world.edit_module(override=None)
    world.run()

    assert world.enrolments["e1"].due is None
    assert (facts(world.plan()), said(world.plan())) == ([], [])


def test_a_closing_whose_answer_was_lost_is_understood_at_the_next_reading():
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run(lose=lambda _: "answer")

    plan = world.run()

    assert facts(plan) == []
    world.edit_module(override=None)
    world.run()
    assert world.enrolments["e1"] == an_enrolment()


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


# -- suspended, deferred, granted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [ClassStatus.SUSPENDED, ClassStatus.DEFERRED])
def test_suspended_and_deferred_close_through_access(status):
    world = settled(a_unit_world())

    world.edit_class(status=status)

    assert facts(world.run()) == [CLOSED]
    assert facts(world.plan()) == []


@pytest.mark.parametrize("code", ["51", "60"])
def test_a_granted_code_closes_through_access(code):
    world = settled(a_unit_world())

    world.edit_unit(outcome=code, end=MARCH_1)

    assert facts(world.run()) == [CLOSED]
    assert facts(world.plan()) == []


@pytest.mark.parametrize("direction", [OFF, TO_AXCELERATE])
def test_where_access_may_not_move_ispring_nothing_closes(direction):
    world = settled(a_unit_world(access=direction))

    world.edit_class(status=ClassStatus.SUSPENDED)

    assert facts(world.plan()) == []


def test_a_class_that_goes_on_is_restored():
    world = settled(a_unit_world())
    world.edit_class(status=ClassStatus.SUSPENDED)
    world.run()
    world.edit_unit(end=MAY_8)

    world.edit_class(status=ClassStatus.IN_PROGRESS)
    world.run()

    assert world.enrolments["e1"] == an_enrolment(due=MAY_8)
    assert facts(world.plan()) == []


def test_a_lock_edited_by_a_person_before_the_closing_returns_as_it_was():
    world = settled(a_unit_world())
    world.edit_enrolment(locks=False)
    world.run()
    world.edit_class(status=ClassStatus.SUSPENDED)
    world.run()

    world.edit_class(status=ClassStatus.IN_PROGRESS)
    world.run()

    assert world.enrolments["e1"].locks is False


def test_while_closed_an_ispring_edit_is_a_review():
    world = settled(a_unit_world())
    world.edit_class(status=ClassStatus.SUSPENDED)
    world.run()

    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["conflict"]


def test_while_closed_the_edit_that_a_person_confirms_stays():
    world = _edited_while_suspended()

    world.approve(take="ispring")
    world.run()

    assert world.enrolments["e1"].due == MAY_8
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_while_closed_the_edit_that_a_person_refuses_is_closed_again():
    world = _edited_while_suspended()

    world.approve(take="axcelerate")
    world.run()

    assert world.enrolments["e1"].due == YESTERDAY
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def _edited_while_suspended() -> World:
    world = settled(a_unit_world())
    world.edit_class(status=ClassStatus.SUSPENDED)
    world.run()
    world.edit_enrolment(due=MAY_8)
    world.run()
    return world


def test_while_an_override_closes_an_ispring_edit_that_lets_in_is_carried_to_it():
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run()

    world.edit_enrolment(due=MAY_8)
    world.run()

    assert world.modules[501] == a_module(end=MAY_8, override=None)
    assert facts(world.plan()) == []


def test_the_start_that_our_closing_moved_is_not_taken_for_an_edit_when_a_person_gives_access_back():
    world = settled(a_module_world(start="both"))
    world.edit_module(start=MARCH_20)
    world.run()
    world.edit_module(override=False)
    world.run()

    world.edit_enrolment(due=MAY_8)
    world.run()

    assert world.enrolments["e1"] == an_enrolment(start=MARCH_20, due=MAY_8)
    assert facts(world.plan()) == []


def test_of_two_live_enrolments_closing_one_makes_the_other_not_the_newest():
    world = a_unit_world()
    world.add(an_enrolment("e0", start=FEB_1 - timedelta(days=9)))
    world.edit_enrolment("e1", access_from=MARCH_20)
    world.edit_unit(start=MARCH_20)
    settled(world)

    world.edit_class(status=ClassStatus.SUSPENDED)
    world.run()

    assert facts(world.plan()) == []
    assert world.enrolments["e0"].due == MAY_1


def test_a_finished_module_is_neither_closed_nor_moved():
    world = settled(a_module_world())

    world.edit_module(status=ModuleStatus.OTHER, override=False, end=MAY_15)

    assert facts(world.plan()) == []


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
