"""Closing and restoring access, sentence by sentence (contract, section 4)."""

from __future__ import annotations

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
    TODAY,
    a_class_row,
    a_module,
    a_rule,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, in_order, said, settled
from tests.planning.worlds import a_module_world, a_unit_world

YESTERDAY = TODAY - timedelta(days=1)
CLOSED = ("access", "ispring", "closes_after_due", "closed")
RESTORED = ("access", "ispring", "closed", "closes_after_due")


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


def test_unlocking_a_closed_enrolment_in_ispring_brings_its_dates_back_and_moves_none():
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run()

    world.edit_enrolment(locks=False)
    plan = world.run()

    assert facts(plan) == [
        ("access", "axcelerate", "closed", "open"),
        ("access", "ispring", "closed", "open"),
    ]
    assert world.modules[501] == a_module(override=True)
    assert world.enrolments["e1"] == an_enrolment(locks=False)
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


@pytest.mark.parametrize("direction", [OFF, TO_AXCELERATE])
def test_unlocking_a_closed_enrolment_gives_the_remembered_due_date_where_aXcelerate_gives_none(direction):
    world = World(rules=(a_rule(target="module", due=direction),))
    world.add(a_class_row(), a_module(end=MAY_1), an_enrolment(due=MAY_1))
    settled(world)
    world.edit_module(override=False)
    world.run()
    world.edit_module(end=MAY_8)

    world.edit_enrolment(locks=False)
    world.run()

    assert world.modules[501] == a_module(end=MAY_8, override=True)
    assert world.enrolments["e1"] == an_enrolment(due=MAY_1, locks=False)
    assert facts(world.plan()) == []


def test_an_override_that_a_person_lifted_in_ispring_is_written_before_the_dates_come_back():
    """Between the two calls a crash must leave an open module, never an open enrolment behind a locked one."""
    world = settled(a_module_world())
    world.edit_module(override=False)
    world.run()
    world.edit_enrolment(locks=False)

    plan = world.run(lose=lambda change: "write" if change.platform == "ispring" else "")

    assert [change.rank for change in plan.changes] == [Rank.RESTORE, Rank.RESTORE]
    assert [str(change.platform) for change in in_order(plan.changes)] == ["axcelerate", "ispring"]
    assert facts(world.run()) == [("access", "ispring", "closed", "open")]
    assert world.modules[501] == a_module(override=True)
    assert world.enrolments["e1"] == an_enrolment(locks=False)


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


def test_a_start_never_agreed_comes_with_the_access_that_a_person_gives_back():
    world = a_module_world(override=False)
    world.edit_enrolment(access_from=MARCH_1)
    world.run()

    world.edit_enrolment(due=MAY_8)
    world.run()

    assert world.enrolments["e1"] == an_enrolment(start=FEB_1, due=MAY_8)
    assert facts(world.plan()) == []


def test_of_two_live_enrolments_moving_a_start_back_makes_the_other_not_the_newest():
    world = settled(a_unit_world())
    world.edit_enrolment("e1", access_from=MARCH_20)
    world.add(an_enrolment("e2", start=MARCH_1))
    world.edit_unit(start=FEB_1 - timedelta(days=9))

    world.run()

    assert world.enrolments["e1"].access_from == FEB_1 - timedelta(days=9)
    assert facts(world.plan()) == []
