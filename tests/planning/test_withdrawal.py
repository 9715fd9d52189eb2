"""Withdrawal, and what is missing, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.enrolment import ClassStatus, ModuleStatus
from connector.domain.plan import Act, Rank
from tests.planning.build import (
    JAN_10,
    MARCH_1,
    MAY_8,
    OFF,
    TODAY,
    a_class_row,
    a_completion,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_module_world, a_unit_world, two_classes

ENROLLED = ("enrolment", "ispring", None, "enrolled")
WITHDRAWN = ("enrolment", "ispring", "enrolled", "withdrawn")
YESTERDAY = TODAY - timedelta(days=1)


# -- withdrawal -------------------------------------------------------------------------------------------------------


def _cancel(world: World) -> None:
    world.edit_class(status=ClassStatus.CANCELLED)


def _withdrawn_code(world: World) -> None:
    world.edit_unit(outcome="40", end=MARCH_1)


def _gone(world: World) -> None:
    world.rows.clear()


LEAVING = pytest.mark.parametrize("leave", [_cancel, _withdrawn_code, _gone])


@LEAVING
def test_a_learner_who_left_is_locked_out_by_default(leave):
    world = settled(a_unit_world())

    leave(world)
    plan = world.run()

    assert facts(plan) == [WITHDRAWN]
    assert (plan.changes[0].reason, plan.changes[0].rank) == ("withdrawn", Rank.REMOVE)
    assert world.enrolments["e1"].due == YESTERDAY
    assert facts(world.plan()) == []


@LEAVING
def test_on_withdrawal_alone_decides_whatever_access_says(leave):
    world = settled(a_unit_world(access=OFF))

    leave(world)

    assert facts(world.plan()) == [WITHDRAWN]


@LEAVING
def test_keep_closes_nothing(leave):
    world = settled(a_unit_world(on_withdrawal="keep"))

    leave(world)

    assert (facts(world.run()), facts(world.run())) == ([], [])


@LEAVING
def test_unenrol_deletes_an_enrolment_that_was_never_started(leave):
    world = settled(a_unit_world(on_withdrawal="unenrol"))

    leave(world)
    plan = world.run()

    assert (facts(plan), plan.changes[0].act) == ([WITHDRAWN], Act.UNENROL)
    assert world.enrolments == {}
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


@pytest.mark.parametrize("status", ["in_progress", "passed", "failed"])
def test_unenrol_locks_an_enrolment_with_results_instead(status):
    world = settled(a_unit_world(on_withdrawal="unenrol"))
    world.add(a_completion(status))

    _cancel(world)
    (change,) = world.run().changes

    assert (change.act, change.reason, change.after) == (Act.CLOSE, "has_results", "withdrawn")
    assert facts(world.plan()) == []


def test_when_the_one_that_counts_is_deleted_the_duplicate_is_left_too():
    world = a_unit_world(on_withdrawal="unenrol")
    world.add(an_enrolment("e0", start=JAN_10), a_completion("passed", "e0"))
    settled(world)

    _cancel(world)

    assert sorted(change.act for change in world.run().changes) == [Act.CLOSE, Act.UNENROL]
    assert facts(world.plan()) == []


def test_unenrol_locks_an_enrolment_with_a_certificate_instead():
    world = settled(a_unit_world(on_withdrawal="unenrol"))
    world.edit_enrolment(has_certificate=True)

    _cancel(world)

    assert [change.reason for change in world.plan().changes] == ["has_results"]


def test_where_results_were_not_read_nothing_is_deleted():
    world = settled(a_unit_world(on_withdrawal="unenrol"))
    world.more = {"results_read": False}

    _cancel(world)

    assert [change.act for change in world.plan().changes] == [Act.CLOSE]


def test_a_learner_who_returns_is_restored():
    world = settled(a_unit_world())
    _cancel(world)
    world.run()

    world.edit_class(status=ClassStatus.IN_PROGRESS)
    world.run()

    assert world.enrolments["e1"] == an_enrolment()
    assert facts(world.plan()) == []


def test_a_learner_who_returns_after_an_unenrolment_is_enrolled_again():
    world = settled(a_unit_world(on_withdrawal="unenrol"))
    _cancel(world)
    world.run()

    world.edit_class(status=ClassStatus.IN_PROGRESS)

    assert facts(world.plan()) == [ENROLLED]


def test_an_enrolment_is_closed_only_when_every_record_behind_it_says_so():
    world = settled(two_classes())

    world.edit_class(880124, status=ClassStatus.CANCELLED)
    assert WITHDRAWN not in facts(world.run())

    world.edit_class(880123, status=ClassStatus.CANCELLED)
    assert facts(world.run()) == [WITHDRAWN]


def test_every_record_means_those_of_all_rules():
    world = World(rules=(a_rule("first", unit="AAA", position=0), a_rule("second", unit="BBB", position=1)))
    world.add(a_class_row(units=[a_unit("AAA"), a_unit("BBB")]), an_enrolment())
    settled(world)

    world.edit_unit(code="AAA", outcome="40")

    assert facts(world.plan()) == []


def test_an_enrolment_is_deleted_only_where_every_rule_behind_it_unenrols():
    world = World(
        rules=(
            a_rule("first", unit="AAA", position=0, on_withdrawal="unenrol"),
            a_rule("second", unit="BBB", position=1, on_withdrawal="lock"),
        )
    )
    world.add(a_class_row(units=[a_unit("AAA"), a_unit("BBB")]), an_enrolment())
    settled(world)

    _cancel(world)

    assert [change.act for change in world.plan().changes] == [Act.CLOSE]


@pytest.mark.parametrize("status", [ClassStatus.CANCELLED, ClassStatus.SUSPENDED])
def test_a_unit_with_another_final_code_is_finished_and_closes_nothing(status):
    world = settled(a_unit_world())
    world.edit_unit(outcome="20", end=MARCH_1)
    world.run()

    world.edit_class(status=status)
    assert facts(world.run()) == []

    world.rows.clear()
    assert facts(world.run()) == []


def test_a_finished_module_closes_nothing_when_its_class_goes():
    world = settled(a_module_world())
    world.edit_module(status=ModuleStatus.OTHER)
    world.run()

    world.rows.clear()
    world.modules.clear()

    assert facts(world.run()) == []


def test_a_record_that_is_missing_and_not_proven_gone_closes_nothing():
    world = settled(a_unit_world())

    world.rows.clear()
    world.unproven = True

    assert facts(world.run()) == []
    assert said(world.run()) == ["not_proven_gone"]


def test_a_finished_record_that_is_not_shown_stays_finished_in_every_run():
    world = settled(a_unit_world(outcome="20"))

    world.rows.clear()
    world.unproven = True

    assert [said(world.run()) for _ in range(3)] == [[], [], []]


def test_a_class_row_without_any_unit_is_set_aside():
    world = settled(a_unit_world())
    (class_id,) = {row.class_id for row in world.rows.values()}

    world.edit_class(units=(), unit_count=0)
    world.unproven, world.more = True, {"unreadable": frozenset({class_id})}

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["unreadable_record"]


def test_a_merged_contact_is_a_review():
    world = settled(a_unit_world())

    world.rows.clear()
    world.merged_into = 99

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["contact_merged"]


def test_a_class_whose_list_came_back_empty_rests():
    world = settled(a_unit_world())
    (class_id,) = {row.class_id for row in world.rows.values()}

    world.rows.clear()
    world.unproven, world.more = True, {"rested_classes": frozenset({class_id})}

    assert facts(world.plan()) == []


def test_a_rule_whose_course_has_another_title_rests():
    world = settled(a_unit_world())

    world.edit_unit(end=MAY_8)
    world.more = {"rested_rules": {"whs": "title_moved"}}

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["title_moved"]


def test_a_gone_record_that_appears_again_is_restored():
    world = settled(a_unit_world())
    rows = dict(world.rows)
    world.rows.clear()
    world.run()

    world.rows.update(rows)
    world.run()

    assert world.enrolments["e1"] == an_enrolment()
    assert facts(world.plan()) == []
