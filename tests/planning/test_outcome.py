"""Outcome codes written to aXcelerate, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.enrolment import ClassStatus
from tests.planning.build import (
    FEB_1,
    MARCH_1,
    MAY_1,
    MAY_8,
    TODAY,
    a_class_row,
    a_completion,
    a_module,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_unit_world

TABLE = {"passed": 20, "complete": 20, "accepted": 20, "in_progress": 70, "failed": 30}
COMPETENT = ("outcome", "axcelerate", "70", "20")
FEB_20, JAN_1 = date(2026, 2, 20), date(2026, 1, 1)


def a_result_world(status: str = "passed", *, on: date | None = MARCH_1, code: str = "70", **rule) -> World:
    """A learner in agreement whose result in iSpring is new."""
    rule = {"to_axcelerate": TABLE} | rule
    world = settled(a_unit_world(outcome=code, **rule))
    world.add(a_completion(status, on=on))
    return world


# -- proposals --------------------------------------------------------------------------------------------------------


def test_an_interim_code_is_written():
    world = a_result_world("in_progress", code="")

    assert facts(world.run()) == [("outcome", "axcelerate", "", "70")]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_final_code_needs_approval():
    world = a_result_world()

    plan = world.plan()

    assert facts(plan) == []
    assert asked(plan) == ["approval_required"]
    assert (plan.questions[0].proposed, plan.questions[0].ispring) == ("20", "passed")


def test_a_final_code_needs_no_approval_where_the_rule_is_automatic():
    world = a_result_world(approval="automatic")

    plan = world.run()

    assert facts(plan) == [COMPETENT]
    assert (plan.changes[0].reason, plan.changes[0].counts_outcome) == ("completion", True)
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_final_code_is_written_with_the_completion_date_in_the_rtos_zone():
    world = a_result_world(approval="automatic")
    late = datetime(2026, 2, 28, 22, 0, tzinfo=UTC)  # the first of March in Brisbane
    world.add(replace(a_completion(), completed_at=late))

    world.run()

    assert world.rows[1880123].units[0].end == MARCH_1


def test_what_the_table_leaves_out_is_never_written():
    world = a_result_world("incomplete", approval="automatic")

    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_a_proposal_is_decided_from_present_values_at_first_sight_too():
    world = a_unit_world(to_axcelerate=TABLE, approval="automatic")
    world.add(a_completion())

    assert COMPETENT in facts(world.plan())


def test_modules_and_classes_have_no_outcome():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(), an_enrolment(), a_completion())

    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_codes_are_those_of_the_rules_jurisdiction():
    world = a_result_world(code="55", to_axcelerate={"passed": 1}, jurisdiction="WA", approval="automatic")

    assert facts(world.plan()) == [("outcome", "axcelerate", "55", "1")]


@pytest.mark.parametrize("status", [ClassStatus.SUSPENDED, ClassStatus.CANCELLED, ClassStatus.COMPLETED])
def test_an_outcome_goes_to_open_units_only(status):
    world = a_result_world(approval="automatic")

    world.edit_class(status=status)

    assert COMPETENT not in facts(world.plan())


def test_a_unit_whose_end_date_has_passed_still_gets_its_outcome():
    world = a_result_world(approval="automatic")

    world.today = MAY_8

    assert facts(world.plan()) == [COMPETENT]


# -- never lowered ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["20", "30", "51", "40", "0", "61", "99"])
@pytest.mark.parametrize("status", ["not_started", "in_progress", "passed", "failed"])
def test_a_final_code_is_never_overwritten_and_never_lowered(code, status):
    world = a_unit_world(outcome=code, end=MARCH_1, to_axcelerate=TABLE, approval="automatic")
    world.add(a_completion(status))

    plan = world.plan()

    assert [c for c in plan.changes if c.field == "outcome"] == []


def test_a_final_code_beside_a_status_that_maps_to_another_final_code_is_the_conflict():
    world = a_result_world("failed", code="20")

    plan = world.plan()

    assert facts(plan) == []
    assert asked(plan) == ["conflict"]
    assert plan.questions[0].proposed is None


def test_the_conflict_is_only_reported_where_aXcelerate_decides():
    world = a_result_world("failed", code="20", outcome_conflict="axcelerate")

    assert (asked(world.plan()), said(world.plan())) == ([], ["outcome_conflict"])


def test_a_final_code_beside_a_status_that_maps_to_an_interim_code_is_no_conflict():
    world = a_result_world("in_progress", code="20")

    assert (facts(world.plan()), asked(world.plan())) == ([], [])


@pytest.mark.parametrize("take", ["axcelerate", "ispring"])
def test_a_conflict_that_was_answered_is_not_asked_again(take):
    world = a_result_world("failed", code="20")
    world.run()

    world.approve(take=take)

    assert (facts(world.run()), asked(world.run())) == ([], [])


# -- completion dates ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("approval", ["required", "automatic"])
@pytest.mark.parametrize(
    ("on", "reason"),
    [
        (None, "no_completion_date"),
        (TODAY + timedelta(days=1), "completion_date_implausible"),
        (JAN_1, "completion_date_implausible"),
    ],
)
def test_a_date_is_never_bent_to_fit(on, reason, approval):
    world = a_result_world(on=on, approval=approval)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == [reason]


def test_approving_a_missing_completion_date_takes_a_date():
    world = a_result_world(on=None)
    world.run()

    world.approve(on=FEB_20)
    world.run()

    unit = world.rows[1880123].units[0]
    assert (unit.outcome, unit.end) == ("20", FEB_20)
    assert asked(world.plan()) == []


def test_an_approval_is_written_once_and_with_its_review():
    world = a_result_world()
    (identity,) = (question.id for question in world.run().questions)

    world.approve()
    plan = world.run()

    assert facts(plan) == [COMPETENT]
    assert (plan.changes[0].reason, plan.changes[0].review) == ("approved", identity)
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_an_approved_code_is_no_code_without_approval():
    world = a_result_world()
    world.run()

    world.approve()

    assert world.plan().changes[0].counts_outcome is False


def test_an_approval_never_lapses_by_time():
    world = a_result_world()
    world.run()
    world.approve()

    world.today = TODAY + timedelta(days=400)

    assert facts(world.plan()) == [COMPETENT]


@pytest.mark.parametrize(
    "change",
    [
        lambda world: world.edit_unit(outcome=""),
        lambda world: world.add(a_completion("complete")),
        lambda world: world.add(a_completion(on=FEB_20)),
    ],
)
def test_a_change_of_code_status_or_completion_date_lapses_an_approval(change):
    world = a_result_world()
    world.run()
    world.approve()

    change(world)
    plan = world.run()

    assert facts(plan) == []
    assert asked(plan) == ["approval_required"]


def test_a_new_attempt_lapses_an_approval():
    world = a_result_world()
    world.run()
    world.approve()

    world.remove_enrolment("e1")
    world.add(an_enrolment("e2"), a_completion(identity="e2"))

    assert asked(world.run()) == ["approval_required"]


def test_a_score_or_a_certificate_is_no_new_question():
    world = a_result_world()
    (identity,) = (question.id for question in world.run().questions)

    world.add(a_completion(score=55))
    world.edit_enrolment(has_certificate=True)

    assert [question.id for question in world.plan().questions] == [identity]


def test_a_question_shows_the_start_of_the_unit_which_is_no_evidence():
    world = a_result_world()
    (question,) = world.run().questions

    world.edit_unit(start=JAN_1)

    (same,) = world.plan().questions
    assert (same.id, same.evidence["start"]) == (question.id, JAN_1.isoformat())
    assert question.evidence["start"] != JAN_1.isoformat()


def test_a_rejection_holds_until_the_evidence_changes():
    world = a_result_world()
    world.run()
    world.reject()
    assert (asked(world.run()), said(world.run())) == ([], ["rejected"])

    world.add(a_completion("complete"))

    assert asked(world.plan()) == ["approval_required"]


def test_the_same_facts_after_a_code_was_taken_back_are_a_new_question():
    world = a_result_world()
    world.run()
    world.approve()
    world.run()

    world.edit_unit(outcome="70", end=MAY_1)

    assert facts(world.plan()) == []
    assert asked(world.plan()) == ["approval_required"]


def test_85_after_the_start_is_a_review():
    world = a_result_world("not_started", to_axcelerate={"not_started": 85})

    assert asked(world.plan()) == ["not_started_after_start"]


def test_40_for_a_learner_who_never_took_part_is_a_review():
    world = a_result_world("not_started", to_axcelerate={"not_started": 40}, approval="automatic")

    assert asked(world.plan()) == ["withdrawn_without_engagement"]


# -- several classes and rules --------------------------------------------------------------------------------------------


def test_every_open_unit_behind_one_enrolment_gets_its_own_code():
    world = World(
        rules=(
            a_rule("first", unit="AAA", position=0, to_axcelerate={"passed": 20}, approval="automatic"),
            a_rule("second", unit="BBB", position=1, to_axcelerate={"passed": 81}, approval="automatic"),
        )
    )
    world.add(a_class_row(units=[a_unit("AAA"), a_unit("BBB")]), an_enrolment(), a_completion())

    outcomes = [fact for fact in facts(world.plan()) if fact[0] == "outcome"]

    assert outcomes == [COMPETENT, ("outcome", "axcelerate", "70", "81")]


def test_of_one_unit_in_several_classes_only_the_governing_one_gets_the_code():
    world = _unit_in_two_classes()

    outcomes = [change.record for change in world.plan().changes if change.field == "outcome"]

    assert outcomes == ["unit:880124/BSBWHS211"]


@pytest.mark.parametrize("code", ["20", "30", "51"])
def test_once_another_class_holds_a_final_code_none_gets_one(code):
    world = _unit_in_two_classes()

    world.edit_unit(class_id=880123, outcome=code, end=MARCH_1)

    assert [c for c in world.plan().changes if c.field == "outcome"] == []
    assert "already_assessed" in said(world.plan())


def test_another_class_counts_whose_rule_writes_no_outcomes():
    world = _unit_in_two_classes(
        a_rule("first", classes=[880123]),
        a_rule("second", classes=[880124], position=1, to_axcelerate=TABLE, approval="automatic"),
    )

    world.edit_unit(class_id=880123, outcome="20", end=MARCH_1)

    assert [c for c in world.plan().changes if c.field == "outcome"] == []
    assert "already_assessed" in said(world.plan())


def _unit_in_two_classes(*rules) -> World:
    world = World(rules=rules or (a_rule(to_axcelerate=TABLE, approval="automatic"),))
    world.add(a_class_row(880123, units=[a_unit()]), an_enrolment(), a_completion())
    world.add(a_class_row(880124, units=[a_unit()], enrolled=FEB_1))
    return world
