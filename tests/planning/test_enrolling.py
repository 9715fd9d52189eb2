"""enrolment: who governs, who is enrolled, attempts and withdrawals, sentence by sentence (contract, section 4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from connector.domain.enrolment import ClassStatus, ModuleStatus
from connector.domain.learner import CourseId
from connector.domain.plan import Act, Rank
from tests.planning.build import (
    FEB_1,
    JAN_10,
    MARCH_1,
    MARCH_20,
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
from tests.planning.worlds import a_module_world, a_unit_world

ENROLLED = ("enrolment", "ispring", None, "enrolled")
WITHDRAWN = ("enrolment", "ispring", "enrolled", "withdrawn")
YESTERDAY = TODAY - timedelta(days=1)


def a_new_learner(*rules, **unit) -> World:
    """Somebody with an open unit in aXcelerate and no place in iSpring yet."""
    world = World(rules=rules or (a_rule(),))
    world.add(a_class_row(units=[a_unit(**unit)]))
    return world


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


# -- one governs ------------------------------------------------------------------------------------------------------


def two_classes(*rules, **first) -> World:
    """The same unit in two classes; the second class was joined later and ends later."""
    world = World(rules=rules or (a_rule(),))
    world.add(
        a_class_row(880123, units=[a_unit(end=MAY_1)], **first),
        a_class_row(880124, units=[a_unit(end=MAY_8)], enrolled=MARCH_1),
    )
    world.add(an_enrolment(due=MAY_8))
    return world


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
    world = _removed()

    world.approve()

    assert facts(world.run()) == [ENROLLED]
    assert (facts(world.plan()), asked(world.plan())) == ([], [])


def test_rejecting_an_unenrolment_accepts_the_removal():
    world = _removed()

    world.reject()

    assert (facts(world.run()), asked(world.run())) == ([], [])


def test_a_removal_that_a_second_time_happens_is_a_new_question():
    world = _removed()
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


def _removed() -> World:
    world = settled(a_unit_world())
    world.remove_enrolment("e1")
    world.run()
    return world


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


# -- editing the mapping ------------------------------------------------------------------------------------------------


def test_what_no_rule_names_any_more_is_forgotten_with_a_note_and_nobody_is_withdrawn():
    world = settled(a_unit_world())

    world.rules = (a_rule("other", unit="CCC", courses=("c9",)),)
    plan = world.run()

    assert facts(plan) == []
    assert [note.reason for note in plan.notes] == ["forgotten"]
    assert world.memory.pairs == {}


def test_a_class_that_a_rule_no_longer_names_is_forgotten_and_nobody_is_withdrawn():
    world = settled(a_unit_world(classes=[880123]))

    world.rules = (a_rule(classes=[1]),)

    assert facts(world.run()) == []
    assert facts(world.run()) == []


def test_a_new_rule_id_is_met_as_at_first_sight():
    world = settled(a_unit_world(on_conflict="ispring"))
    world.edit_enrolment(due=MAY_8)

    world.rules = (a_rule("another", on_conflict="ispring"),)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-05-08")]
    assert world.plan().changes[0].reason == "first_sight"


def test_a_renamed_rule_keeps_its_history():
    world = settled(a_unit_world(on_conflict="review"))
    world.edit_enrolment(due=MAY_8)

    world.rules = (a_rule("renamed", was="whs", on_conflict="review"),)

    assert facts(world.plan()) == [("due_date", "axcelerate", "2026-05-01", "2026-05-08")]
    assert world.plan().changes[0].reason == "changed_in_ispring"


def test_a_renamed_rule_keeps_what_people_decided():
    world = _removed()
    world.reject()
    world.run()

    world.rules = (a_rule("renamed", was="whs"),)

    assert (asked(world.run()), said(world.run())) == ([], ["rejected"])


def test_when_the_governing_rule_is_forgotten_the_next_one_begins_to_govern():
    world = World(
        rules=(
            a_rule("first", unit="AAA", position=0),
            a_rule("second", unit="BBB", position=1, on_conflict="ispring"),
        )
    )
    world.add(a_class_row(units=[a_unit("AAA", end=MAY_1), a_unit("BBB", end=MAY_8)]), an_enrolment())
    settled(world)

    world.rules = (replace(world.rules[1], position=0),)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-01", "2026-05-08")]


def test_a_field_switched_on_is_met_as_at_first_sight():
    world = settled(a_unit_world(due_date=OFF, due=MAY_8))

    world.rules = (a_rule(),)

    assert facts(world.plan()) == [("due_date", "ispring", "2026-05-08", "2026-05-01")]


def test_a_course_added_to_a_rule_is_met_for_the_first_time():
    world = settled(a_unit_world())

    world.rules = (a_rule(courses=("c1", "c2")),)
    plan = world.run()

    assert [change.course_id for change in plan.changes] == [CourseId("c2")]
    assert facts(world.plan()) == []


def test_a_class_joined_twice_counts_by_its_newest_enrolment_that_is_not_cancelled():
    world = settled(a_unit_world())

    world.add(a_class_row(enrol_id=5, enrolled=JAN_10 - timedelta(days=30), status="cancelled"))

    assert facts(world.plan()) == []
