"""What is no edit of a date: time, hidden values, completion dates; and what is asked first (contract, section 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.planning.build import (
    BOTH,
    MARCH_1,
    MARCH_20,
    MAY_1,
    MAY_8,
    TODAY,
    a_completion,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_module_world, a_unit_world

DUE_TO_ISPRING = ("due_date", "ispring", "2026-05-01", "2026-05-08")


# -- what is written and not shown ------------------------------------------------------------------------------------


def test_until_the_account_has_shown_an_end_date_the_due_date_rests_both_ways():
    world = a_unit_world(end=None, shows_end_dates=False)
    world.run()

    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["end_date_not_shown"]


def test_when_end_dates_appear_they_are_met_as_at_first_sight():
    world = a_unit_world(end=None, shows_end_dates=False)
    world.run()

    world.shows_end_dates = True
    world.edit_unit(end=MAY_8)

    assert facts(world.plan()) == [DUE_TO_ISPRING]
    assert world.plan().changes[0].reason == "first_sight"


def test_a_date_that_was_accepted_and_is_not_shown_stands_until_a_reading_contradicts_it():
    world = a_unit_world(start=BOTH, on_conflict="ispring", unit_start=None)
    world.run()
    world.edit_unit(start=None)  # the account takes the start date and does not show it
    world.run()

    assert facts(world.plan()) == []

    world.edit_unit(start=MARCH_1)
    assert facts(world.plan()) == [("start_date", "ispring", "2026-02-01", "2026-03-01")]


# -- time -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("days", [1, 30, 60, 400])
def test_the_passing_of_time_and_of_a_due_date_changes_nothing(days):
    world = settled(a_unit_world())

    world.today = TODAY + timedelta(days=days)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == []


def test_a_restart_changes_nothing():
    world = settled(a_unit_world())

    again = World(rules=world.rules, memory=world.memory, last_read=world.last_read)
    again.rows, again.enrolments, again.results = world.rows, world.enrolments, world.results

    assert facts(again.plan()) == []


def test_a_platform_that_rewrites_what_we_sent_by_a_day_produces_no_change():
    world = settled(a_unit_world())
    world.edit_unit(end=MAY_8)
    change = world.plan().changes[0]
    world.run(lose=lambda _: "answer")

    world.edit_enrolment(due=MAY_8 - timedelta(days=1))  # cut in another time zone
    world.run()

    assert change.after == "2026-05-08"
    assert facts(world.plan()) == []


def test_an_edit_made_while_we_were_writing_is_an_edit():
    world = settled(a_unit_world())
    world.edit_unit(end=MAY_8)
    world.run(lose=lambda _: "answer")

    world.edit_enrolment(due=MARCH_20)
    plan = world.run()

    assert facts(plan) == [("due_date", "axcelerate", "2026-05-08", "2026-03-20")]


# -- completion dates -------------------------------------------------------------------------------------------------


def test_once_a_code_is_final_both_dates_rest():
    world = settled(a_unit_world(start=BOTH))
    world.edit_unit(outcome="20", end=MARCH_1)
    world.run()

    world.edit_enrolment(due=MAY_8, access_from=MARCH_1)

    assert facts(world.plan()) == []


def test_a_date_edited_in_ispring_after_the_final_code_is_said_and_goes_nowhere():
    world = settled(a_unit_world())
    world.edit_unit(outcome="20", end=MARCH_1)
    world.run()
    assert said(world.plan()) == []

    world.edit_enrolment(due=MAY_8)

    assert facts(world.plan()) == []
    assert said(world.run()) == said(world.run()) == ["dates_rest"]


def test_a_completion_date_that_the_account_hides_once_the_code_is_taken_back_is_still_left():
    world = a_unit_world(end=None, shows_end_dates=False)
    world.run()
    world.edit_unit(outcome="20", end=MARCH_1)  # the account shows the end date of a final code only
    world.run()

    world.edit_unit(outcome="70", end=None)
    assert said(world.run()) == ["completion_date_left"]

    world.shows_end_dates = True
    world.edit_unit(end=MARCH_1)
    assert (facts(world.plan()), said(world.plan())) == ([], ["completion_date_left"])


def test_when_a_final_code_is_taken_back_the_date_left_is_no_due_date():
    world = settled(a_unit_world())
    world.edit_unit(outcome="20", end=MARCH_1)
    world.run()

    world.edit_unit(outcome="70")

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["completion_date_left"]
    assert said(world.run()) == said(world.run()) == ["completion_date_left"]


def test_a_final_code_that_we_wrote_and_a_person_took_back_at_once_leaves_a_completion_date_too():
    world = settled(a_unit_world(to_axcelerate={"passed": 20}, approval="automatic"))
    world.add(a_completion("passed", on=MARCH_1))
    world.run()

    world.edit_unit(outcome="70")
    world.results.clear()

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["completion_date_left"]


def test_only_a_change_of_the_date_left_is_an_edit():
    world = settled(a_unit_world())
    world.edit_unit(outcome="20", end=MARCH_1)
    world.run()
    world.edit_unit(outcome="70")
    world.run()

    world.edit_unit(end=MAY_8)

    assert facts(world.plan()) == [DUE_TO_ISPRING]


def test_a_final_code_written_in_this_run_takes_no_due_date_with_it():
    world = settled(a_unit_world(to_axcelerate={"passed": 20}, approval="automatic"))
    world.add(a_completion("passed", on=MARCH_1))
    world.edit_enrolment(due=MAY_8)

    plan = world.run()

    assert facts(plan) == [("outcome", "axcelerate", "70", "20")]
    assert world.rows[1880123].units[0].end == MARCH_1


# -- compliance -------------------------------------------------------------------------------------------------------


def test_a_move_that_would_leave_an_interim_unit_with_an_end_date_before_today_is_a_review():
    world = settled(a_unit_world())

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["avetmiss_interim_past_end"]


def test_today_is_not_before_today():
    world = settled(a_unit_world())

    world.edit_enrolment(due=TODAY)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-10")]


def test_an_approved_date_in_the_past_is_written():
    world = settled(a_unit_world())
    world.edit_enrolment(due=MARCH_1)
    world.run()

    world.approve()

    assert facts(world.run()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-01")]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_past_date_of_a_module_moves_as_a_date():
    world = settled(a_module_world(lock=False, override=True))

    world.edit_enrolment(due=MARCH_1)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-01")]


def test_an_end_before_the_start_is_a_review():
    world = settled(a_module_world())
    world.edit_module(start=MAY_1)
    world.run()

    world.edit_enrolment(due=MARCH_20)

    assert asked(world.plan()) == ["end_before_start"]


@pytest.mark.parametrize(
    ("begins", "ends"), [(MARCH_1, MARCH_20), (MAY_8, MAY_8 + timedelta(days=60))], ids=["earlier", "later"]
)
def test_both_dates_moved_past_the_old_ones_move_at_once_and_nobody_is_asked(begins, ends):
    world = settled(a_unit_world(start=BOTH, unit_start=MAY_1 - timedelta(days=20)))

    world.edit_enrolment(access_from=begins, due=ends)

    assert sorted(facts(world.run())) == [
        ("due_date", "axcelerate", "2026-05-01", ends.isoformat()),
        ("start_date", "axcelerate", "2026-04-11", begins.isoformat()),
    ]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_of_two_dates_moved_so_that_the_end_comes_first_one_is_asked_about():
    world = settled(a_unit_world(start=BOTH))

    world.edit_enrolment(access_from=MAY_8, due=MARCH_20)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-03-20")]
    assert asked(world.plan()) == ["end_before_start"]
