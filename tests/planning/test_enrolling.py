"""Who is enrolled, and who a contact is, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.enrolment import ClassStatus, ModuleStatus
from tests.planning.build import (
    FEB_1,
    MARCH_1,
    MAY_1,
    MAY_8,
    MAY_15,
    OFF,
    TODAY,
    a_class_detail,
    a_class_row,
    a_completion,
    a_contact,
    a_module,
    a_rule,
    a_unit,
    a_user,
    an_enrolment,
)
from tests.planning.simulate import World, asked, facts, said, settled
from tests.planning.worlds import a_new_learner, a_unit_world

ENROLLED = ("enrolment", "ispring", None, "enrolled")
YESTERDAY = TODAY - timedelta(days=1)


# -- open targets -----------------------------------------------------------------------------------------------------


def test_an_open_target_makes_an_enrolment_with_aXcelerates_dates_and_access():
    world = a_new_learner()

    plan = world.run()

    assert facts(plan) == [ENROLLED]
    assert plan.changes[0].reason == "open_target"
    assert world.enrolments["n1"] == an_enrolment("n1", start=FEB_1, due=MAY_1, locks=True)
    assert (facts(world.plan()), said(world.plan())) == ([], [])


def test_an_open_target_gives_its_dates_whatever_the_directions_say():
    world = a_new_learner(
        a_rule(start="ispring_to_axcelerate", due="ispring_to_axcelerate", access="ispring_to_axcelerate")
    )

    world.run()

    assert world.enrolments["n1"] == an_enrolment("n1", start=FEB_1, due=MAY_1, locks=True)


def test_with_off_the_course_gives_its_due_date_and_the_start_is_now():
    world = a_new_learner(a_rule(start=OFF, due=OFF))
    world.course_default = MAY_15

    world.run()

    assert world.enrolments["n1"] == an_enrolment("n1", start=TODAY, due=MAY_15)
    assert facts(world.plan()) == []


@pytest.mark.parametrize("course_locks", [True, False])
def test_with_the_courses_own_due_date_comes_its_own_lock_and_the_next_plan_is_empty(course_locks: bool):
    world = a_new_learner(a_rule(due=OFF, lock_after=not course_locks))
    world.course_default, world.course_locks = MAY_15, course_locks

    world.run()

    assert world.enrolments["n1"].locks is course_locks
    assert facts(world.plan()) == []


def test_a_locked_module_makes_a_closed_enrolment_that_opens_with_the_module():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(override=False))

    assert facts(world.run()) == [("enrolment", "ispring", None, "enrolled")]
    assert world.enrolments["n1"] == an_enrolment("n1", start=FEB_1, due=YESTERDAY, locks=True)
    assert facts(world.plan()) == []

    world.edit_module(override=None)

    assert facts(world.run()) == [("access", "ispring", "closed", "closes_after_due")]
    assert world.enrolments["n1"] == an_enrolment("n1", start=FEB_1, due=MAY_1, locks=True)
    assert facts(world.plan()) == []


def test_a_locked_module_beside_an_open_unit_makes_an_open_enrolment():
    world = World(rules=(a_rule("units"), a_rule("modules", target="module")))
    world.add(a_class_row(880124, enrolled=MARCH_1), a_module(502, 880124, override=False))
    world.add(a_class_row(880123, units=(a_unit(),)))

    world.run()

    assert world.enrolments["n1"].due == MAY_1
    assert facts(world.plan()) == []


def test_a_person_who_lets_a_learner_into_an_enrolment_made_closed_clears_the_lock():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(override=False))
    world.run()

    world.edit_enrolment("n1", due=MAY_8)

    assert facts(world.run()) == [
        ("access", "axcelerate", "closed", "closes_after_due"),
        ("due_date", "axcelerate", "2026-05-01", "2026-05-08"),
    ]
    assert facts(world.plan()) == []


def test_an_unlocked_module_makes_an_open_enrolment():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(override=True))

    world.run()

    assert world.enrolments["n1"].locks is False
    assert facts(world.plan()) == []


@pytest.mark.parametrize(
    "status",
    [
        ClassStatus.TENTATIVE,
        ClassStatus.DEFERRED,
        ClassStatus.SUSPENDED,
        ClassStatus.CANCELLED,
        ClassStatus.COMPLETED,
        ClassStatus.UNKNOWN,
    ],
)
def test_only_a_class_enrolment_in_progress_makes_an_enrolment(status):
    world = a_new_learner()

    world.edit_class(status=status)

    assert facts(world.plan()) == []


@pytest.mark.parametrize("code", ["20", "30", "40", "51", "0", "61", "99"])
def test_a_final_code_makes_no_enrolment(code):
    world = a_new_learner(outcome=code)

    assert facts(world.plan()) == []


@pytest.mark.parametrize("code", ["", "70", "85"])
def test_an_interim_or_blank_code_makes_an_enrolment(code):
    world = a_new_learner(outcome=code)

    assert facts(world.plan()) == [ENROLLED]


@pytest.mark.parametrize(
    ("code", "opens"), [("5", True), ("55", True), ("105", True), ("6", False), ("70", False)]
)
def test_codes_mean_what_the_rules_jurisdiction_says(code, opens):
    world = a_new_learner(a_rule(jurisdiction="WA"), outcome=code)

    assert bool(facts(world.plan())) is opens


def test_a_module_that_is_neither_enrolled_nor_in_progress_makes_no_enrolment():
    world = World(rules=(a_rule(target="module"),))
    world.add(a_class_row(), a_module(status=ModuleStatus.OTHER))

    assert facts(world.plan()) == []


def test_an_end_date_before_today_makes_no_enrolment():
    world = a_new_learner(end=YESTERDAY)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["already_over"]


def test_an_end_date_of_today_makes_an_enrolment():
    world = a_new_learner(end=TODAY)

    assert facts(world.plan()) == [ENROLLED]


def test_a_record_that_is_over_governs_an_enrolment_that_exists():
    world = settled(a_unit_world())
    world.today = MAY_8

    world.edit_unit(end=MAY_1 + timedelta(days=1))

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-02")]


def test_a_status_word_that_is_not_known_rests_the_record():
    world = settled(a_unit_world())

    world.edit_class(status=ClassStatus.UNKNOWN)
    world.edit_unit(end=MAY_8)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["unknown_status"]


def test_a_rule_that_creates_nothing_says_so():
    world = a_new_learner(a_rule(create=False))

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["create_off"]


def test_a_class_is_an_open_target_too():
    world = World(rules=(a_rule(target="class"),))
    world.add(a_class_row(), a_class_detail())

    world.run()

    assert world.enrolments["n1"] == an_enrolment("n1", start=FEB_1, due=MAY_1)
    assert facts(world.plan()) == []


def test_a_rule_of_some_classes_or_one_qualification_is_about_those_alone():
    other_class = a_new_learner(a_rule(classes=[1]))
    other_qualification = a_new_learner(a_rule(qualification="BSB20120"))
    this_qualification = a_new_learner(a_rule(qualification="chc43121"))

    assert facts(other_class.plan()) == facts(other_qualification.plan()) == []
    assert facts(this_qualification.plan()) == [ENROLLED]


def test_several_courses_make_several_enrolments():
    world = a_new_learner(a_rule(courses=("c1", "c2")))

    assert facts(world.run()) == [ENROLLED, ENROLLED]
    assert facts(world.plan()) == []


def test_a_create_whose_answer_was_lost_is_made_once():
    world = a_new_learner()
    world.run(lose=lambda _: "answer")

    plan = world.run()

    assert facts(plan) == []
    assert len(world.enrolments) == 1


def test_a_create_that_never_arrived_is_planned_again():
    world = a_new_learner()
    world.run(lose=lambda _: "write")

    assert facts(world.plan()) == [ENROLLED]


def test_an_ispring_enrollment_without_a_record_is_reported_not_touched():
    world = World(rules=(a_rule(),))
    world.add(an_enrolment())

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["no_axcelerate_record"]


# -- people -----------------------------------------------------------------------------------------------------------


def test_a_contact_without_a_user_is_reported():
    world = a_new_learner()
    world.user = None

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["no_ispring_user"]


def test_a_contact_without_a_user_is_made_one_where_the_rule_says_so():
    world = a_new_learner(a_rule(missing_learner="create", department="d-1"))
    world.user = None

    (change,) = world.run().changes

    assert change.new_user is not None
    assert (change.new_user.login, change.new_user.department) == ("mia@example.org", "d-1")
    assert facts(world.plan()) == []


def test_nobody_is_made_without_an_address():
    world = a_new_learner(a_rule(missing_learner="create", department="d-1"))
    world.user, world.contact = None, a_contact(email="  ")

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["no_address"]


def test_two_candidates_wait_for_a_person_and_nobody_is_made():
    world = a_new_learner(a_rule(missing_learner="create", department="d-1"))
    world.user, world.identity, world.more = None, "ambiguous_person", {"candidates": ("u1", "u2")}

    plan = world.plan()

    assert facts(plan) == []
    assert (asked(plan), said(plan)) == (["ambiguous_person"], ["ambiguous_person"])


@pytest.mark.parametrize("status", ["blocked", "terminated"])
def test_nobody_who_may_not_sign_in_is_enrolled(status):
    world = a_new_learner()
    world.user = a_user(status)

    assert facts(world.plan()) == []
    assert said(world.plan()) == ["user_inactive"]


def test_when_a_link_is_contradicted_outcomes_rest_and_dates_go_on():
    world = settled(a_unit_world(to_axcelerate={"passed": 20}, approval="automatic"))
    world.add(a_completion("passed"))
    world.identity, world.more = "link_contradicted", {"candidates": ("u2",)}

    world.edit_unit(end=MAY_8)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-08")]
    assert asked(world.plan()) == ["link_contradicted"]


def test_a_contradicted_link_that_a_person_confirms_is_not_asked_again():
    world = settled(a_unit_world(to_axcelerate={"passed": 20}, approval="automatic"))
    world.add(a_completion("passed"))
    world.identity, world.more = "link_contradicted", {"candidates": ("u2",)}
    world.run()

    world.approve(take="ispring")

    assert facts(world.run()) == [("outcome", "axcelerate", "70", "20")]
    assert asked(world.run()) == []


def test_a_user_whom_one_rule_makes_is_enrolled_by_every_rule():
    world = a_new_learner(
        a_rule("reports", courses=("c1",)),
        a_rule("makes", courses=("c2",), position=1, missing_learner="create", department="d-1"),
    )
    world.user = None

    plan = world.run()

    assert {(c.rule, c.new_user.department if c.new_user else "") for c in plan.changes} == {
        ("reports", "d-1"),
        ("makes", "d-1"),
    }
    assert facts(world.plan()) == []
