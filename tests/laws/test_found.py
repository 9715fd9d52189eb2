"""What the machine found, each as it was seen. A bug mended leaves its test here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from connector.domain.ledger import ReviewState
from connector.domain.report import Exit
from connector.platforms.port import Kind
from tests.laws.machine import Account, explain
from tests.laws.provider import (
    DAY,
    LAW_COURSE,
    NIGHT,
    SAFETY_COURSE,
    WELCOME_COURSE,
    WHS,
    WHS_COURSE,
    renamed,
)
from tests.laws.wires import Trouble


@pytest.fixture
def account() -> Iterator[Account]:
    account = Account()
    yield account
    account.close()


def test_a_narrowed_plan_of_a_new_rule_is_not_refused_because_its_own_courses_are_empty(
    account: Account,
) -> None:
    account.wording = renamed(account.wording, with_welcome=False)
    account.reconcile()
    account.wording = renamed(account.wording, with_welcome=True)

    report = account.plan(rule="welcome")

    assert report.exit_code is Exit.FINISHED, explain(report)


def test_a_date_that_cannot_be_cleared_stands_in_the_journal_although_it_is_said_in_one_run_only(
    account: Account,
) -> None:
    account.reconcile()
    mia = account.provider.contacts[0]
    account.provider.lms.person.edit_enrollment(
        account.provider.enrolments(mia, LAW_COURSE)[0].enrolment_id, due=None
    )

    account.reconcile()

    reasons = [line.entry.reason for line in account.store.entries(contact=mia)]  # type: ignore[arg-type]
    assert reasons.count("cannot_clear") == 1


def test_a_class_that_finishes_later_moves_the_due_dates_of_people_in_whom_nothing_else_changed(
    account: Account,
) -> None:
    account.reconcile()
    account.reconcile()
    account.provider.vet.person.set_class(DAY, finish=date(2026, 9, 18))

    account.reconcile()

    (mias,) = account.provider.enrolments(account.provider.contacts[0], WELCOME_COURSE)
    assert mias.due == date(2026, 9, 18)


def test_a_date_switched_on_in_the_mapping_after_a_create_is_met_as_at_first_sight(account: Account) -> None:
    account.wording = renamed(account.wording, dates="off")
    account.reconcile()
    account.wording = renamed(account.wording, dates="both")

    account.reconcile()

    (mias,) = account.provider.enrolments(account.provider.contacts[0], LAW_COURSE)
    assert (mias.access_from, mias.due) == (date(2026, 2, 2), date(2026, 5, 1))


def test_what_was_said_under_a_rule_that_is_gone_is_said_no_more(account: Account) -> None:
    account.reconcile()
    account.reconcile(rule="welcome")
    account.wording = renamed(account.wording, with_welcome=False)

    report = account.reconcile()

    assert {skip.rule for skip in report.skips} <= {rule.id for rule in account.rules.rules}
    assert {skip.rule for skip in account.plan().skips} <= {rule.id for rule in account.rules.rules}


def test_a_record_that_cannot_be_read_for_once_does_not_lapse_what_a_person_decided(account: Account) -> None:
    _mia_passes(account)
    (question,) = account.reconcile().questions
    account.store.decide(question.id, ReviewState.APPROVED, by="an assessor")

    account.reconcile(trouble=Trouble(garbles=str(account.provider.contacts[0])))
    account.reconcile()

    row = account.provider.vet.person.place(account.provider.contacts[0], DAY)
    assert row is not None
    assert {unit.code: unit.outcome for unit in row.units}[WHS] == "20"


def test_results_that_cannot_be_read_for_once_do_not_lapse_what_a_person_decided(account: Account) -> None:
    _mia_passes(account)
    (question,) = account.reconcile().questions
    account.store.decide(question.id, ReviewState.REJECTED, by="an assessor", why="seen on paper")
    user = account.provider.user_of(account.provider.contacts[0])

    account.reconcile(trouble=Trouble(garbles=user))
    report = account.reconcile()

    assert report.questions == []


def test_an_enrolment_that_cannot_be_read_is_not_taken_for_one_that_was_removed(account: Account) -> None:
    account.reconcile()
    user = account.provider.user_of(account.provider.contacts[0])

    report = account.reconcile(trouble=Trouble(garbles=user, garbled_kind=Kind.ENROLMENT))

    assert report.questions == [], explain(report)
    assert report.changes == []


def test_a_due_date_that_comes_together_with_another_lock_after_brings_the_new_lock(account: Account) -> None:
    account.wording = renamed(account.wording, dates="off")
    account.reconcile()
    account.reconcile()
    account.wording = renamed(account.wording, dates="axcelerate_to_ispring", lock_after=False)

    account.reconcile()

    (shown,) = account.provider.enrolments(account.provider.contacts[1], SAFETY_COURSE)
    assert (shown.due is not None, shown.locks) == (True, False)


def test_while_one_of_two_classes_is_missing_for_once_the_other_does_not_decide_the_outcome(
    account: Account,
) -> None:
    noah, person = account.provider.contacts[1], account.provider.vet.person
    account.provider.join(1, DAY, date(2026, 6, 19))
    person.set_unit(noah, NIGHT, WHS, outcome="51")
    account.reconcile()
    account.reconcile()
    rows = sorted(f"{row.class_id}/{row.enrol_id}" for row in account.provider.vet.places.values())
    newest = f"{DAY}/{max(r.enrol_id for r in account.provider.vet.places.values())}"

    account.reconcile(trouble=Trouble(hides=("axcelerate", rows.index(newest))))

    assert not account.process.writes


def _mia_passes(account: Account) -> None:
    account.reconcile()
    mia = account.provider.contacts[0]
    account.provider.lms.person.complete(
        account.provider.enrolments(mia, WHS_COURSE)[0].enrolment_id, "passed", at=account.now
    )
