"""How learners are enrolled, and how dates and access move, over real HTTP and a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from .provider import (
    APRIL_10,
    APRIL_17,
    APRIL_24,
    AVA,
    CLASS_RULE,
    DAY,
    FEB_2,
    JUNE_30,
    LEARNERS,
    LEO,
    MAY_1,
    MAY_15,
    MIA,
    MODULE_RULE,
    NOAH,
    SAFETY_COURSE,
    TODAY,
    UNIT_RULE,
    WELCOME_COURSE,
    WHS,
    WHS_COURSE,
    module_of,
    rules,
    user_of,
)
from .world import Account, asked, assert_quiet, gist, settle, skipped, told

YESTERDAY = TODAY - timedelta(days=1)


def dates(row: dict[str, Any]) -> tuple[date, date | None, bool]:
    return row["access_date"], row["due_date"], row["lock"]


def whs(account: Account, contact: int) -> dict[str, Any]:
    return account.enrollment(user_of(contact), WHS_COURSE)


def safety(account: Account, contact: int) -> dict[str, Any]:
    return account.enrollment(user_of(contact), SAFETY_COURSE)


# -- enrolling ------------------------------------------------------------------------------------------------------------


def test_whoever_has_an_open_target_is_enrolled_with_axcelerates_dates(account: Account):
    report = settle(account)

    assert len(report.changes) == 12
    assert {change[2:7] for change in told(report)} == {
        ("enrolment", "ispring", None, "enrolled", "open_target")
    }
    for contact in (MIA, NOAH, AVA, LEO):
        assert dates(whs(account, contact)) == (FEB_2, APRIL_10, True)
        assert dates(safety(account, contact)) == (FEB_2, APRIL_17, True)
        assert dates(account.enrollment(user_of(contact), WELCOME_COURSE)) == (FEB_2, JUNE_30, True)
    assert_quiet(account)


def test_creates_with_one_course_and_one_schedule_share_a_call(account: Account):
    account.writes()

    settle(account)

    assert len(account.writes()) == 3


def test_nobody_is_enrolled_whose_target_is_not_open(account: Account):
    staff = account.axcelerate.person
    staff.set_class_enrolment(MIA, DAY, status="Tentative")
    staff.set_unit(NOAH, DAY, WHS, outcome="20", end=YESTERDAY)
    staff.set_unit(AVA, DAY, WHS, end=YESTERDAY)
    staff.set_class_enrolment(LEO, DAY, status="Cancelled")

    report = settle(account, rule="whs")

    assert told(report) == []
    assert (AVA, "already_over") in skipped(report)
    assert not any(account.enrollments(user_of(contact), WHS_COURSE) for contact in (MIA, NOAH, AVA, LEO))


def test_a_learner_without_a_user_is_reported_or_made(account: Account):
    eva = account.axcelerate.person.add_contact("Eva", "Tester", "Eva@Example.org")
    account.axcelerate.person.enrol(eva, DAY, start=FEB_2, due=APRIL_10)

    assert (eva, "no_ispring_user") in skipped(settle(account))

    creating = UNIT_RULE + f"    enrolment: {{missing_learner: create, department: {LEARNERS}}}\n"
    account.use(rules(creating, MODULE_RULE, CLASS_RULE))
    report = settle(account)

    assert gist(report) == {(eva, "whs", "enrolment", "ispring", "enrolled", "applied")}
    (user,) = [row for row in account.ispring.rows("users") if row["email"].lower() == "eva@example.org"]
    assert dates(account.enrollment(user["user_id"], WHS_COURSE)) == (FEB_2, APRIL_10, True)
    assert account.ispring.rows("mails") == []
    assert_quiet(account)


# -- dates ----------------------------------------------------------------------------------------------------------------


def test_a_due_date_moved_on_either_side_is_copied_to_the_other(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=APRIL_24)
    account.ispring.person.edit_enrollment(whs(account, NOAH)["enrollment_id"], due=MAY_1)
    account.axcelerate.person.set_module(module_of(AVA), end=MAY_15)
    account.ispring.person.edit_enrollment(safety(account, LEO)["enrollment_id"], due=APRIL_24)

    report = settle(account)

    assert {
        (c, rule, side, before, after, why) for c, rule, _, side, before, after, why, _ in told(report)
    } == {
        (MIA, "whs", "ispring", "2026-04-10", "2026-04-24", "changed_in_axcelerate"),
        (NOAH, "whs", "axcelerate", "2026-04-10", "2026-05-01", "changed_in_ispring"),
        (AVA, "safety", "ispring", "2026-04-17", "2026-05-15", "changed_in_axcelerate"),
        (LEO, "safety", "axcelerate", "2026-04-17", "2026-04-24", "changed_in_ispring"),
    }
    assert dates(whs(account, MIA)) == (FEB_2, APRIL_24, True)
    assert account.unit(NOAH, DAY, WHS)["end"] == MAY_1
    assert dates(safety(account, AVA)) == (FEB_2, MAY_15, True)
    assert account.module(module_of(LEO))["end"] == APRIL_24
    assert_quiet(account)


def test_of_two_edits_axcelerates_stands_or_a_person_is_asked(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=APRIL_24)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], due=MAY_1)

    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-04-24", "applied")}

    asking = UNIT_RULE.replace("on_conflict: axcelerate, lock_after", "on_conflict: review, lock_after")
    account.use(rules(asking, MODULE_RULE, CLASS_RULE))
    assert_quiet(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], due=MAY_15)
    waiting = settle(account)
    assert (told(waiting), asked(waiting)) == ([], {(MIA, "due_date", "conflict", None)})

    account.approve(waiting.questions[0].id, take="ispring")
    taken = settle(account)

    assert gist(taken) == {(MIA, "whs", "due_date", "axcelerate", "2026-05-15", "applied")}
    assert account.unit(MIA, DAY, WHS)["end"] == MAY_15
    assert_quiet(account)


def test_the_same_edit_on_both_sides_is_an_agreement(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=APRIL_24)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], due=APRIL_24)

    assert_quiet(account)


def test_a_date_taken_away_in_ispring_is_said_and_never_put_back(account: Account):
    settle(account)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], due=None)

    report = settle(account)

    assert told(report) == []
    assert (MIA, "cannot_clear") in skipped(report)
    assert account.unit(MIA, DAY, WHS)["end"] == APRIL_10
    assert_quiet(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=APRIL_24)
    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-04-24", "applied")}


def test_an_edit_on_the_receiving_side_stays_and_is_said_in_every_run(account: Account):
    settle(account)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], access=date(2026, 2, 9))

    for _ in range(2):
        report = settle(account)
        assert told(report) == []
        assert (MIA, "one_way") in skipped(report)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, start=date(2026, 2, 16))

    assert gist(settle(account)) == {(MIA, "whs", "start_date", "ispring", "2026-02-16", "applied")}
    assert_quiet(account)


def test_an_edit_keeps_the_time_of_day_and_everything_else_as_it_stands(account: Account):
    settle(account)
    half_past_eight = datetime(2026, 2, 1, 21, 30, tzinfo=UTC)
    mine = whs(account, MIA)["enrollment_id"]
    account.ispring.person.edit_enrollment(mine, access=half_past_eight)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=APRIL_24)

    settle(account)

    assert whs(account, MIA)["access"] == half_past_eight
    assert dates(whs(account, MIA)) == (FEB_2, APRIL_24, True)


# -- access ---------------------------------------------------------------------------------------------------------------


def test_a_suspension_closes_and_its_end_restores(account: Account):
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Suspended")

    closed = settle(account)

    assert gist(closed) == {(MIA, "whs", "access", "ispring", "closed", "applied")}
    assert dates(whs(account, MIA)) == (FEB_2, YESTERDAY, True)
    assert_quiet(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    assert_quiet(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="In Progress")

    restored = settle(account)

    assert {change[2:7] for change in told(restored)} == {
        ("access", "ispring", "closed", "closes_after_due", "access_restored")
    }
    assert dates(whs(account, MIA)) == (FEB_2, MAY_1, True)
    assert account.unit(MIA, DAY, WHS)["end"] == MAY_1
    assert_quiet(account)


def test_an_override_unlocks_locks_and_clears(account: Account):
    settle(account)
    staff = account.axcelerate.person

    staff.set_module(module_of(MIA), override=True)
    assert gist(settle(account)) == {(MIA, "safety", "access", "ispring", "open", "applied")}
    assert dates(safety(account, MIA)) == (FEB_2, APRIL_17, False)
    assert_quiet(account)

    staff.set_module(module_of(MIA), override=False)
    assert gist(settle(account)) == {(MIA, "safety", "access", "ispring", "closed", "applied")}
    assert dates(safety(account, MIA)) == (FEB_2, YESTERDAY, True)
    assert_quiet(account)

    staff.set_module(module_of(MIA), override=None)
    assert gist(settle(account)) == {(MIA, "safety", "access", "ispring", "closes_after_due", "applied")}
    assert dates(safety(account, MIA)) == (FEB_2, APRIL_17, True)
    assert account.module(module_of(MIA))["end"] == APRIL_17
    assert_quiet(account)


def test_a_lock_lifted_in_ispring_becomes_an_override(account: Account):
    settle(account)
    mine = safety(account, MIA)["enrollment_id"]
    account.ispring.person.edit_enrollment(mine, lock=False)

    report = settle(account)

    assert gist(report) == {(MIA, "safety", "access", "axcelerate", "open", "applied")}
    assert account.module(module_of(MIA))["override"] is True
    assert_quiet(account)
    account.ispring.person.edit_enrollment(mine, lock=True)
    assert gist(settle(account)) == {(MIA, "safety", "access", "axcelerate", "closes_after_due", "applied")}
    assert account.module(module_of(MIA))["override"] is None
    assert_quiet(account)


def test_access_taken_in_ispring_locks_the_module_and_keeps_its_end_date(account: Account):
    settle(account)
    account.pass_days(1)
    mine = safety(account, MIA)["enrollment_id"]
    account.ispring.person.edit_enrollment(mine, due=date(2026, 2, 20), lock=True)

    report = settle(account)

    assert gist(report) == {(MIA, "safety", "access", "axcelerate", "closed", "applied")}
    assert account.module(module_of(MIA))["override"] is False
    assert account.module(module_of(MIA))["end"] == APRIL_17
    assert dates(safety(account, MIA)) == (FEB_2, date(2026, 2, 20), True)
    assert_quiet(account)
    account.ispring.person.edit_enrollment(mine, due=MAY_1)
    settle(account)
    assert account.module(module_of(MIA))["override"] is None
    assert account.module(module_of(MIA))["end"] == MAY_1
    assert_quiet(account)


def test_a_lock_changed_where_no_override_exists_stays_and_is_said_once(account: Account):
    settle(account)
    account.ispring.person.edit_enrollment(whs(account, MIA)["enrollment_id"], lock=False)

    first, second = settle(account), settle(account)

    assert (MIA, "no_override") in skipped(first)
    assert (MIA, "no_override") not in skipped(second)
    assert whs(account, MIA)["lock"] is False
    assert_quiet(account)
