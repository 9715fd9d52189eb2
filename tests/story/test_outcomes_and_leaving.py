"""What becomes of learners: outcomes, withdrawals, removals and new attempts, over real HTTP and a real database."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from connector.domain.report import Exit
from connector.sandbox.people import World

from .provider import (
    APRIL_10,
    APRIL_24,
    CLASS_RULE,
    DAY,
    ETHICS,
    FEB_2,
    JUNE_30,
    MAY_1,
    MAY_15,
    MIA,
    MODULE_RULE,
    NIGHT,
    NOAH,
    SAFETY_COURSE,
    TODAY,
    UNIT_RULE,
    WELCOME_COURSE,
    WHS,
    WHS_COURSE,
    module_of,
    provider,
    rules,
    user_of,
)
from .world import Account, asked, assert_quiet, explain, gist, served, settle, skipped, told

YESTERDAY = TODAY - timedelta(days=1)


def dates(row: dict[str, Any]) -> tuple[date, date | None, bool]:
    return row["access_date"], row["due_date"], row["lock"]


def whs(account: Account, contact: int) -> dict[str, Any]:
    return account.enrollment(user_of(contact), WHS_COURSE)


def safety(account: Account, contact: int) -> dict[str, Any]:
    return account.enrollment(user_of(contact), SAFETY_COURSE)


# -- outcomes -------------------------------------------------------------------------------------------------------------


def test_a_passed_course_is_reviewed_approved_written_with_its_end_date_and_read_back(account: Account):
    settle(account)
    mine = whs(account, MIA)["enrollment_id"]
    account.ispring.person.complete(mine, "passed", at=datetime(2026, 2, 26, 22, tzinfo=UTC))

    waiting = settle(account)

    assert asked(waiting) == {(MIA, "outcome", "approval_required", "20")}
    assert account.unit(MIA, DAY, WHS)["outcome"] == "70"
    account.pass_days(3)
    again = settle(account)
    assert [q.id for q in again.questions] == [q.id for q in waiting.questions]

    account.approve(waiting.questions[0].id)
    written = settle(account)

    assert {change[2:] for change in told(written)} == {
        ("outcome", "axcelerate", "70", "20", "approved", "applied")
    }
    assert account.unit(MIA, DAY, WHS)["outcome"] == "20"
    assert account.unit(MIA, DAY, WHS)["end"] == date(2026, 2, 27)
    assert dates(whs(account, MIA)) == (FEB_2, APRIL_10, True)
    assert_quiet(account)


def test_a_rejected_outcome_is_not_asked_again_until_its_evidence_changes(account: Account):
    settle(account)
    mine = whs(account, MIA)["enrollment_id"]
    account.ispring.person.complete(mine, "passed", at=account.clock.now() - timedelta(days=2))
    account.reject(settle(account).questions[0].id)

    account.pass_days(40)
    assert asked(settle(account)) == set()
    account.ispring.person.complete(mine, "passed", at=account.clock.now() - timedelta(days=1))
    assert asked(settle(account)) == {(MIA, "outcome", "approval_required", "20")}


def test_an_approval_lapses_when_the_code_has_changed_meanwhile(account: Account):
    settle(account)
    account.ispring.person.complete(
        whs(account, MIA)["enrollment_id"], at=account.clock.now() - timedelta(days=2)
    )
    waiting = settle(account)
    account.approve(waiting.questions[0].id)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="30", end=YESTERDAY)

    report = settle(account)

    assert told(report) == []
    assert account.unit(MIA, DAY, WHS)["outcome"] == "30"
    assert asked(report) == {(MIA, "outcome", "conflict", None)}


def test_automatic_approval_writes_at_once(account: Account):
    account.use(rules(UNIT_RULE.replace("outcome:", "outcome:\n      approval: automatic")))
    settle(account)
    account.ispring.person.start(whs(account, NOAH)["enrollment_id"])
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, outcome="85")
    account.ispring.person.complete(
        whs(account, MIA)["enrollment_id"], at=account.clock.now() - timedelta(days=2)
    )

    report = settle(account)

    assert gist(report) == {
        (MIA, "whs", "outcome", "axcelerate", "20", "applied"),
        (NOAH, "whs", "outcome", "axcelerate", "70", "applied"),
    }
    assert account.unit(MIA, DAY, WHS)["outcome"] == "20"
    assert_quiet(account)


def test_credit_given_in_axcelerate_completes_the_course_closes_it_and_is_taken_back(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="51", end=YESTERDAY)

    report = settle(account)

    assert gist(report) == {
        (MIA, "whs", "outcome", "ispring", "complete", "applied"),
        (MIA, "whs", "access", "ispring", "closed", "applied"),
    }
    assert whs(account, MIA)["status"] == "complete"
    assert_quiet(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="70", end=APRIL_24)

    back = settle(account)

    assert gist(back) == {
        (MIA, "whs", "outcome", "ispring", "automatic", "applied"),
        (MIA, "whs", "access", "ispring", "closes_after_due", "applied"),
    }
    assert not whs(account, MIA)["status_was_set"]
    assert dates(whs(account, MIA))[1:] == (APRIL_24, True)
    assert asked(back) == set()
    assert_quiet(account)


def test_credit_for_two_units_of_one_course_sets_it_once_in_the_run_that_enrols(account: Account):
    for_ethics = UNIT_RULE.replace("id: whs", "id: ethics").replace(f"unit: {WHS}", f"unit: {ETHICS}")
    for_day = CLASS_RULE.replace(str(NIGHT), str(DAY))
    account.use(rules(UNIT_RULE, for_ethics, _of_the_same_course(for_day)))
    for code in (WHS, ETHICS):
        account.axcelerate.person.set_unit(MIA, DAY, code, outcome="60")

    report = account.reconcile()

    assert report.exit_code is Exit.FINISHED, explain(report)
    statuses = [one for one in told(report) if one[0] == MIA and "complete" in one]
    assert len(statuses) == 1
    assert whs(account, MIA)["enrollment_id"] in {line.change.enrolment_id for line in report.changes}
    assert_quiet(account)


def test_a_status_for_an_enrolment_that_another_rule_makes_waits_for_a_run_with_that_rule(account: Account):
    account.use(rules(UNIT_RULE, _of_the_same_course(CLASS_RULE.replace(str(NIGHT), str(DAY)))))
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="60")

    narrowed = account.reconcile(rule="whs")

    assert narrowed.exit_code is Exit.FINISHED, explain(narrowed)
    assert [one for one in told(narrowed) if one[0] == MIA] == []
    settle(account)
    assert_quiet(account)


def _of_the_same_course(rule: str) -> str:
    return rule.replace(WELCOME_COURSE, WHS_COURSE)


def test_a_final_code_is_never_lowered(account: Account):
    settle(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, outcome="20", end=YESTERDAY)
    settle(account)
    account.ispring.person.set_progress(whs(account, MIA)["enrollment_id"], "in_progress", 40)

    report = settle(account)

    assert told(report) == []
    assert account.unit(MIA, DAY, WHS)["outcome"] == "20"
    assert_quiet(account)


# -- leaving --------------------------------------------------------------------------------------------------------------


def test_a_withdrawn_learner_is_locked_out(account: Account):
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Cancelled")
    account.axcelerate.person.set_unit(NOAH, DAY, WHS, outcome="40", end=YESTERDAY)

    report = settle(account)

    assert {change[:7] for change in told(report)} == {
        (contact, "whs", "enrolment", "ispring", "enrolled", "withdrawn", "withdrawn")
        for contact in (MIA, NOAH)
    }
    for contact in (MIA, NOAH):
        assert dates(whs(account, contact)) == (FEB_2, YESTERDAY, True)
    assert_quiet(account)


UNENROLLING = rules(UNIT_RULE + "    enrolment: {on_withdrawal: unenrol}\n", MODULE_RULE, CLASS_RULE)


def test_unenrolling_deletes_only_what_was_never_started(account: Account):
    account.use(UNENROLLING)
    settle(account)
    account.ispring.person.start(whs(account, NOAH)["enrollment_id"])
    for contact in (MIA, NOAH):
        account.axcelerate.person.set_class_enrolment(contact, DAY, status="Cancelled")

    report = settle(account)

    assert {(c, after, why) for c, _, _, _, _, after, why, _ in told(report)} == {
        (MIA, "withdrawn", "withdrawn"),
        (NOAH, "withdrawn", "has_results"),
    }
    assert account.enrollments(user_of(MIA), WHS_COURSE) == []
    assert dates(whs(account, NOAH)) == (FEB_2, YESTERDAY, True)
    assert_quiet(account)


def test_a_learner_who_was_suspended_before_leaving_is_unenrolled_where_no_results_are_read(account: Account):
    account.use(rules(MODULE_RULE + "    enrolment: {on_withdrawal: unenrol}\n"))
    settle(account)
    account.ispring.person.start(account.enrollment(user_of(NOAH), SAFETY_COURSE)["enrollment_id"])
    for status in ("Suspended", "Cancelled"):
        for contact in (MIA, NOAH):
            account.axcelerate.person.set_class_enrolment(contact, NIGHT, status=status)
        settle(account)

    assert account.enrollments(user_of(MIA), SAFETY_COURSE) == []
    assert dates(account.enrollment(user_of(NOAH), SAFETY_COURSE)) == (FEB_2, YESTERDAY, True)
    assert_quiet(account)


def test_a_withdrawal_that_the_rule_ignores_changes_nothing(account: Account):
    account.use(rules(UNIT_RULE + "    enrolment: {on_withdrawal: keep}\n", MODULE_RULE, CLASS_RULE))
    settle(account)
    account.axcelerate.person.set_class_enrolment(MIA, DAY, status="Cancelled")

    assert_quiet(account)


def test_a_removed_enrollment_is_asked_about_and_made_again_when_approved(account: Account):
    settle(account)
    account.ispring.person.unenrol(whs(account, MIA)["enrollment_id"])

    waiting = settle(account)

    assert (told(waiting), asked(waiting)) == ([], {(MIA, "enrolment", "unenrolled", "enrolled")})
    account.approve(waiting.questions[0].id)
    assert gist(settle(account)) == {(MIA, "whs", "enrolment", "ispring", "enrolled", "applied")}
    assert dates(whs(account, MIA)) == (FEB_2, APRIL_10, True)
    assert_quiet(account)


def test_a_rejected_question_about_a_removal_accepts_it(account: Account):
    settle(account)
    account.ispring.person.unenrol(whs(account, MIA)["enrollment_id"])
    account.reject(settle(account).questions[0].id)

    report = settle(account)

    assert (told(report), asked(report)) == ([], set())
    assert account.enrollments(user_of(MIA), WHS_COURSE) == []


def test_recreate_makes_a_removed_enrollment_again_once(account: Account):
    account.use(rules(UNIT_RULE + "    enrolment: {on_unenrolment: recreate}\n", MODULE_RULE, CLASS_RULE))
    settle(account)
    account.ispring.person.unenrol(whs(account, MIA)["enrollment_id"])
    assert gist(settle(account)) == {(MIA, "whs", "enrolment", "ispring", "enrolled", "applied")}
    account.ispring.person.unenrol(whs(account, MIA)["enrollment_id"])

    assert asked(settle(account)) == {(MIA, "enrolment", "unenrolled", "enrolled")}


def test_a_new_attempt_is_met_with_axcelerates_dates(account: Account):
    settle(account)
    account.ispring.person.reenrol(whs(account, MIA)["enrollment_id"], access=TODAY, due=MAY_15, lock=False)

    report = settle(account)

    assert asked(report) == set()
    assert {side for _, _, _, side, *_ in told(report)} == {"ispring"}
    assert dates(whs(account, MIA)) == (FEB_2, APRIL_10, True)
    assert_quiet(account)


def test_of_two_classes_the_one_enrolled_last_governs(account: Account):
    settle(account)
    extra = account.axcelerate.person.add_class("CHC43121", "Evening class", FEB_2, JUNE_30, units=[WHS])
    account.use(rules(UNIT_RULE.replace(f"[{DAY}]", f"[{DAY}, {extra}]"), MODULE_RULE, CLASS_RULE))
    account.axcelerate.person.enrol(MIA, extra, start=FEB_2, due=MAY_15)

    report = settle(account)

    assert gist(report) == {(MIA, "whs", "due_date", "ispring", "2026-05-15", "applied")}
    assert (MIA, "governed_by_other_record") in skipped(report)
    assert_quiet(account)
    account.axcelerate.person.set_class_enrolment(MIA, extra, status="Cancelled")
    assert gist(settle(account)) == {(MIA, "whs", "due_date", "ispring", "2026-04-10", "applied")}
    assert_quiet(account)


def test_an_enrollment_without_a_record_is_said_and_not_touched(account: Account):
    stranger = account.ispring.person.add_user("stranger", "stranger@example.org", "A", "Stranger")
    account.ispring.person.enrol(stranger, WHS_COURSE, due=MAY_1)
    settle(account)

    report = settle(account)

    assert (None, "no_axcelerate_record") in skipped(report)
    assert told(report) == []


def test_a_blocked_user_is_not_enrolled_and_a_blocked_learners_results_still_count(account: Account):
    account.ispring.person.block_user(user_of(MIA))
    report = settle(account)
    assert (MIA, "user_inactive") in skipped(report)
    assert account.enrollments(user_of(MIA), WHS_COURSE) == []
    mine = whs(account, NOAH)["enrollment_id"]
    account.ispring.person.complete(mine, at=account.clock.now() - timedelta(days=2))
    account.ispring.person.block_user(user_of(NOAH))

    assert (NOAH, "outcome", "approval_required", "20") in asked(settle(account))


def test_a_rule_without_outcome_leaves_the_unit_alone(tmp_path: Path):
    text = UNIT_RULE[: UNIT_RULE.index("    outcome:")].replace(WHS, ETHICS)
    with served(tmp_path, provider(MIA), rules_text=rules(text)) as account:
        settle(account)
        account.ispring.person.complete(whs(account, MIA)["enrollment_id"])

        assert_quiet(account)
        assert account.unit(MIA, DAY, ETHICS)["outcome"] == "70"


def test_a_title_that_moved_rests_the_rule(account: Account):
    settle(account)
    account.ispring.person.rename_course(WHS_COURSE, "Forklifts")
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_1)
    account.axcelerate.person.set_module(module_of(MIA), end=MAY_1)

    report = account.reconcile()

    assert report.exit_code is Exit.PARTIAL
    assert any("title_moved" in line for line in report.rested), explain(report)
    assert gist(report) == {(MIA, "safety", "due_date", "ispring", "2026-05-01", "applied")}


def test_nobody_is_left_over_in_an_empty_world(tmp_path: Path):
    world = provider(MIA)
    with served(tmp_path, World(zone=world.zone, today=world.today, courses=world.courses)) as account:
        report = account.reconcile(allow="emptied")

        assert told(report) == []
        assert NIGHT not in {row["class_id"] for row in account.axcelerate.rows("classes")}
