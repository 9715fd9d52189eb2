"""Limits, narrowed runs, saved plans: how much one run may change, and what it is asked about."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from connector.domain.learner import ContactId, UserId
from connector.domain.report import Exit
from connector.errors import UsageError
from connector.reading.scope import PageSizes
from connector.review.links import pin
from connector.sandbox.agreeing_world import make_agreeing_world
from connector.sandbox.mapping_files import world_mappings

from .provider import (
    ALL_RULES,
    APRIL_24,
    AVA,
    CLASS_RULE,
    DAY,
    MAY_1,
    MAY_15,
    MIA,
    MODULE_RULE,
    NIGHT,
    NOAH,
    NOW,
    TODAY,
    UNIT_RULE,
    WHS,
    WHS_COURSE,
    module_of,
    provider,
    rules,
    user_of,
)
from .world import Account, asked, assert_quiet, explain, gist, planned, served, settle, told

TEN_UNITS = [f"TSTUNT{number:03d}" for number in range(1, 11)]


def many_rules(limits: str) -> str:
    """One file of what an operator of the agreeing world would have written, with these limits."""
    world = make_agreeing_world(40, today=TODAY)
    texts = [text.partition("rules:\n")[2] for text in world_mappings(world).values()]
    return f"version: 1\nlimits: {{{limits}}}\nrules:\n" + "".join(texts)


@pytest.fixture
def forty(tmp_path: Path) -> Iterator[Account]:
    """Forty pairs of ten learners, in agreement and met once, under the default limits."""
    world = make_agreeing_world(40, today=TODAY)
    with served(tmp_path, world, rules_text=many_rules("created: 2")) as account:
        assert settle(account).totals.pairs == 40
        yield account


def move_due_dates(account: Account, count: int) -> None:
    """Move this many units' end dates in aXcelerate."""
    units = account.axcelerate.rows("units")[:count]
    for unit in units:
        account.axcelerate.person.set_unit(
            unit["contact_id"], unit["class_id"], unit["code"], end=unit["end"] + timedelta(days=3)
        )


def suspend_units(account: Account, count: int) -> None:
    """Withdraw learners from this many units."""
    for unit in account.axcelerate.rows("units")[:count]:
        account.axcelerate.person.set_unit(
            unit["contact_id"], unit["class_id"], unit["code"], outcome="40", end=TODAY
        )


def pass_courses(account: Account, count: int) -> None:
    done = NOW - timedelta(days=2)
    for row in account.ispring.rows("enrollments")[:count]:
        account.ispring.person.complete(row["enrollment_id"], "passed", at=done)


# -- limits ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "limit", "equal"),
    [(move_due_dates, "updates", 20), (suspend_units, "access_removed", 4), (pass_courses, "outcomes", 12)],
    ids=["updates", "access_removed", "outcomes"],
)
def test_a_limit_holds_at_one_more_and_not_at_equal(forty: Account, edit, limit: str, equal: int):
    forty.use(many_rules("created: 2").replace("approval: required", "approval: automatic"))
    settle(forty)
    edit(forty, equal + 1)
    forty.writes()

    planned_over, refused = forty.plan(), forty.reconcile()

    for report in (planned_over, refused):
        assert report.exit_code is Exit.REFUSED
        assert [line.partition(":")[0] for line in report.refusals] == [limit]
        assert {change[-1] for change in told(report)} == {"refused"}
    assert forty.writes() == []

    lifted = settle(forty, allow=limit)
    assert len(lifted.changes) == equal + 1
    assert_quiet(forty)


@pytest.mark.parametrize(("edit", "equal"), [(move_due_dates, 20), (suspend_units, 4), (pass_courses, 12)])
def test_a_plan_as_large_as_the_limit_is_carried_out(forty: Account, edit, equal: int):
    forty.use(many_rules("created: 2").replace("approval: required", "approval: automatic"))
    settle(forty)
    edit(forty, equal)

    assert len(settle(forty).changes) == equal
    assert_quiet(forty)


def test_the_limit_of_new_enrollments_is_a_number(forty: Account):
    removed = [row["enrollment_id"] for row in forty.ispring.rows("enrollments")[:3]]
    for enrollment in removed:
        forty.ispring.person.unenrol(enrollment)
    recreating = many_rules("created: 2").replace(
        "    learner:", "    enrolment: {on_unenrolment: recreate}\n    learner:"
    )
    forty.use(recreating)

    assert forty.reconcile().exit_code is Exit.REFUSED
    assert len(settle(forty, allow="created").changes) == 3


def test_narrowed_runs_count_together_until_the_next_full_one(forty: Account):
    move_due_dates(forty, 21)
    whole = forty.plan()
    assert whole.exit_code is Exit.REFUSED
    people = sorted({change[0] for change in told(whole)})

    last = None
    done = 0
    for person in people:
        last = forty.reconcile(learner=str(person))
        if last.exit_code is not Exit.FINISHED:
            break
        done += len(last.changes)

    assert last is not None
    assert last.exit_code is Exit.REFUSED, explain(last)
    assert done <= 20
    assert settle(forty).totals.applied == 1
    move_due_dates(forty, 1)
    assert settle(forty, learner=str(people[0])).totals.applied == 1


def test_a_suspended_intake_is_refused_and_nothing_is_written(forty: Account):
    class_id = forty.axcelerate.rows("classes")[0]["class_id"]
    for contact in {row["contact_id"] for row in forty.axcelerate.rows("units")}:
        forty.axcelerate.person.set_class_enrolment(contact, class_id, status="Suspended")
    forty.writes()

    report = forty.reconcile()

    assert report.exit_code is Exit.REFUSED
    assert "access_removed: 40 of 40 pairs" in " ".join(report.refusals)
    assert forty.writes() == []
    assert all(row["lock"] and row["due_date"] > TODAY for row in forty.ispring.rows("enrollments"))


# -- narrowed runs --------------------------------------------------------------------------------------------------------


def edit_everywhere(account: Account) -> None:
    staff, admin = account.axcelerate.person, account.ispring.person
    staff.set_unit(MIA, DAY, WHS, end=APRIL_24)
    staff.set_module(module_of(MIA), override=False)
    staff.set_class_enrolment(NOAH, DAY, status="Suspended")
    staff.set_class(NIGHT, finish=MAY_15)
    admin.edit_enrollment(account.enrollment(user_of(AVA), WHS_COURSE)["enrollment_id"], due=MAY_1)
    mine = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    admin.complete(mine, at=NOW - timedelta(days=1))


def test_a_narrowed_plan_is_the_slice_of_the_whole_plan(account: Account):
    settle(account)
    edit_everywhere(account)

    whole = account.plan()

    assert len(whole.changes) == 8
    for rule in ("whs", "safety", "welcome"):
        narrowed = account.plan(rule=rule)
        assert told(narrowed) == [one for one in told(whole) if one[1] == rule]
        assert asked(narrowed) == {
            (int(q.contact_id), str(q.field), q.reason, q.proposed) for q in whole.questions if q.rule == rule
        }
    for contact in (MIA, NOAH, AVA):
        narrowed = account.plan(learner=str(contact))
        assert told(narrowed) == [one for one in told(whole) if one[0] == contact]
        assert asked(narrowed) == {one for one in asked(whole) if one[0] == contact}
    both = account.plan(rule="whs welcome", learner="Mia@Example.org")
    assert told(both) == [one for one in told(whole) if one[0] == MIA and one[1] in ("whs", "welcome")]
    ids = {line.change.id for line in whole.changes}
    assert {line.change.id for line in account.plan(rule="whs").changes} <= ids


def test_narrowed_runs_end_where_a_full_run_ends_and_plans_are_empty_at_every_scope(account: Account):
    settle(account)
    edit_everywhere(account)
    settle(account, learner=str(MIA))
    settle(account, rule="whs")
    for contact in (NOAH, AVA):
        assert told(account.plan(learner=str(contact), rule="whs")) == []
    settle(account)

    assert_quiet(account)
    for scope in ({"rule": "whs"}, {"rule": "safety"}, {"rule": "welcome"}, {"learner": str(MIA)}):
        assert told(account.plan(**scope)) == []
        assert told(account.reconcile(**scope)) == []


def test_an_address_given_to_another_user_is_noticed_when_nothing_else_is_new(account: Account):
    settle(account)
    account.ispring.person.set_user(user_of(MIA), email="old-mia@example.org", login="old-mia")
    assert asked(settle(account)) == set()

    account.ispring.person.add_user("mia2", "mia@example.org", "Mia", "Second")

    doubt = (MIA, "person", "link_contradicted", None)
    assert doubt in asked(account.plan())
    assert asked(account.plan(learner=str(MIA))) == {doubt}


def test_a_contact_pinned_to_another_user_is_enrolled_as_that_user_and_nobody_is_asked(account: Account):
    settle(account)
    second = account.ispring.person.add_user("mia2", "second@example.org", "Mia", "Second")

    pin(account.store, ContactId(MIA), UserId(second), by="an operator")

    settle(account)
    assert asked(account.plan()) == set()
    assert account.enrollment(second, WHS_COURSE)["due_date"] == account.unit(MIA, DAY, WHS)["end"]
    assert_quiet(account)


def test_a_contact_pinned_to_a_user_with_a_place_meets_it_and_aXcelerate_gives_the_dates(account: Account):
    settle(account)
    second = account.ispring.person.add_user("mia2", "second@example.org", "Mia", "Second")
    account.ispring.person.enrol(second, WHS_COURSE, due=MAY_15)
    due = account.unit(MIA, DAY, WHS)["end"]

    pin(account.store, ContactId(MIA), UserId(second), by="an operator")

    settle(account)
    assert account.enrollment(second, WHS_COURSE)["due_date"] == due
    assert account.unit(MIA, DAY, WHS)["end"] == due
    assert_quiet(account)


def test_an_address_given_to_another_user_contradicts_beside_a_matcher_by_optional_id(account: Account):
    account.use(ALL_RULES.replace("match: [email]", "match: [email, optional_id=login]"))
    settle(account)
    account.ispring.person.set_user(user_of(MIA), email="old-mia@example.org", login="old-mia")
    account.ispring.person.add_user("mia2", "mia@example.org", "Mia", "Second")

    assert (MIA, "person", "link_contradicted", None) in asked(account.plan())


def test_a_learner_is_read_by_contact_and_costs_no_page_of_the_account(account: Account):
    settle(account)
    account.writes()

    report = account.plan(learner=str(MIA))

    assert report.exit_code is Exit.FINISHED
    paths = [f"{call.path}?{call.query}" for call in account.axcelerate.calls.list()]
    assert [path for path in paths if "course/enrolments" in path and f"contactID={MIA}" not in path] == []


def test_an_unknown_rule_or_learner_is_a_usage_error(account: Account):
    with pytest.raises(UsageError, match="no mapping file has a rule forklift"):
        account.plan(rule="forklift")
    with pytest.raises(UsageError, match="no contact in aXcelerate"):
        account.plan(learner="nobody@example.org")


# -- saved plans ----------------------------------------------------------------------------------------------------------


def test_a_saved_plan_is_applied_record_by_record_and_says_what_moved(account: Account):
    settle(account)
    edit_everywhere(account)
    saved = planned(account.plan(rule="whs"))
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    account.axcelerate.person.set_class_enrolment(NOAH, DAY, status="In Progress")

    report = account.reconcile(saved=saved)

    by_learner = {line.change.contact_id: line for line in report.changes}
    assert by_learner[AVA].status == "applied"
    assert "would now be 2026-04-10 to 2026-05-15" in (by_learner[MIA].error or "")
    assert "nothing is to be changed here any more" in (by_learner[NOAH].error or "")
    assert report.exit_code is Exit.PARTIAL
    assert account.module(module_of(MIA))["override"] is False
    assert account.enrollment(user_of(NOAH), WHS_COURSE)["due_date"] > TODAY
    assert {change[0] for change in told(account.plan(rule="whs"))} == {MIA}


def test_what_moved_since_a_plan_was_saved_is_told_of_each_learner_and_not_of_a_classmate(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, end=MAY_15)
    saved = planned(account.plan(rule="whs"))
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, end=APRIL_24)

    report = account.reconcile(saved=saved)

    moved = {line.change.contact_id: line.error or "" for line in report.changes}
    assert "to 2026-05-01" in moved[MIA]
    assert "to 2026-04-24" in moved[NOAH]


def test_a_saved_plan_is_applied_once(account: Account):
    saved = planned(account.plan())
    assert len(settle(account, saved=saved).changes) == 12

    again = account.reconcile(saved=saved)

    assert {line.status for line in again.changes} == {"refused"}
    assert len(account.ispring.rows("enrollments")) == 12
    assert_quiet(account)


# -- mapping files --------------------------------------------------------------------------------------------------------


def test_editing_a_mapping_is_no_edit_of_a_record(account: Account):
    settle(account)
    account.use(rules(UNIT_RULE))
    assert_quiet(account)
    forgotten = {one.entry.rule for one in account.store.entries() if one.entry.reason == "forgotten"}
    assert forgotten == {"safety", "welcome"}

    account.use(
        rules(UNIT_RULE.replace("id: whs", "id: safety-first\n    was: whs"), MODULE_RULE, CLASS_RULE)
    )
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    report = settle(account)

    assert gist(report) == {(MIA, "safety-first", "due_date", "ispring", "2026-05-15", "applied")}
    assert [change[6] for change in told(report)] == ["changed_in_axcelerate"]


def test_an_edited_lock_after_moves_the_locks_that_the_old_file_gave(account: Account):
    settle(account)
    edited = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
    account.ispring.person.edit_enrollment(edited, lock=False)
    settle(account)
    account.ispring.person.edit_enrollment(edited, lock=True)
    settle(account)
    account.use(rules(UNIT_RULE.replace("lock_after: true", "lock_after: false"), MODULE_RULE, CLASS_RULE))

    report = settle(account)

    assert {change[0] for change in told(report)} >= {NOAH, AVA}
    assert {change[2:7] for change in told(report)} == {
        ("access", "ispring", "closes_after_due", "open", "mapping_changed")
    }
    assert_quiet(account)


# -- calls ----------------------------------------------------------------------------------------------------------------


def test_the_floor_of_a_narrowed_run_asks_for_no_class_that_the_learner_is_not_in(tmp_path: Path):
    """Seen: for one learner the floor held a report, and a detail, for every class that the rules name."""
    both = f"classes: [{DAY}, {NIGHT}]"
    wide = CLASS_RULE.replace(f"classes: [{NIGHT}]", both)
    world = provider(MIA, NOAH)
    world.class_enrolments = [
        one for one in world.class_enrolments if (one.contact_id, one.class_id) != (MIA, DAY)
    ]
    with served(tmp_path, world, rules_text=rules(wide)) as account:
        calls = account.plan(learner=str(MIA)).calls

        assert calls["axcelerate"].read == calls["axcelerate"].floor == 2


def test_a_class_that_two_lists_hold_is_in_the_floor_of_both(tmp_path: Path):
    """Seen: rows of a class that a qualification's list holds again were left out of the floor of that list."""
    by_class = CLASS_RULE.replace(f"classes: [{NIGHT}]", f"classes: [{DAY}]")
    by_qualification = UNIT_RULE.replace(f"classes: [{DAY}]", "qualification: CHC43121")
    pages = PageSizes(ispring=1000, axcelerate=2)
    with served(tmp_path, provider(), rules_text=rules(by_class, by_qualification), pages=pages) as account:
        calls = account.plan().calls

        whole_list = 4 // 2 + 1
        assert calls["axcelerate"].read == calls["axcelerate"].floor == 2 * whole_list + 1
