"""Questions are asked once and keep their answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain.ledger import ReviewState
from connector.errors import UsageError
from tests.state.values import NOON, a_review

HOUR = timedelta(hours=1)


def test_a_question_waits_as_it_was_asked(store):
    early, late = (
        a_review("a"),
        a_review("b", rule="first-aid", contact_id=2, user_id=None, asked_at=NOON + HOUR),
    )

    store.put([late, early])

    assert store.waiting() == [early, late]
    assert store.waiting(rule="whs") == [early]
    assert store.waiting(contact=2) == [late]
    assert store.get("b") == late


def test_questions_of_one_run_stand_by_person_whatever_their_evidence_makes_of_their_ids(store):
    first, second = a_review("z", contact_id=1), a_review("a", contact_id=2)

    store.put([second, first])

    assert store.waiting() == [first, second]


def test_a_question_asked_again_keeps_its_date_and_brings_its_wording(store):
    store.put([a_review("a")])

    store.put(
        [a_review("a", question='{"new":1}', evidence='{"score":9}', run="run-2", asked_at=NOON + HOUR)]
    )

    assert store.get("a") == a_review("a", question='{"new":1}', evidence='{"score":9}', run="run-2")


def test_a_decision_is_kept_when_the_question_is_asked_again(store, clock):
    store.put([a_review("a")])
    clock.pass_by(HOUR)

    decided = store.decide("a", ReviewState.APPROVED, by="Noor", take="axcelerate", on_date=date(2026, 3, 1))
    store.put([a_review("a", run="run-2")])

    assert decided == a_review(
        "a",
        state=ReviewState.APPROVED,
        by="Noor",
        take="axcelerate",
        on_date=date(2026, 3, 1),
        decided_at=NOON + HOUR,
    )
    assert store.get("a").state is ReviewState.APPROVED
    assert store.get("a").by == "Noor"
    assert store.waiting() == []


def test_a_decision_may_be_changed_until_it_is_applied(store):
    store.put([a_review("a")])
    store.decide("a", ReviewState.APPROVED, by="Noor", take="ispring", at=NOON)

    changed = store.decide("a", ReviewState.REJECTED, by="Sam", why="wrong person", at=NOON + HOUR)

    assert (changed.state, changed.by, changed.take, changed.why) == (
        ReviewState.REJECTED,
        "Sam",
        None,
        "wrong person",
    )


@pytest.mark.parametrize("state", [ReviewState.APPLIED, ReviewState.LAPSED])
def test_what_is_over_cannot_be_decided(store, state):
    store.put([a_review("a")])
    store.mark(["a"], state)

    with pytest.raises(UsageError, match=f"review a is {state.value}"):
        store.decide("a", ReviewState.APPROVED, by="Noor")


def test_an_unknown_question_is_a_mistake_of_the_caller(store):
    with pytest.raises(UsageError, match="no review zzz"):
        store.get("zzz")
    with pytest.raises(UsageError, match="no review zzz"):
        store.decide("zzz", ReviewState.REJECTED, by="Noor")


def test_a_lapsed_question_that_comes_back_is_asked_anew(store):
    store.put([a_review("a")])
    store.decide("a", ReviewState.REJECTED, by="Noor", why="not yet")
    store.mark(["a"], ReviewState.LAPSED)

    store.put([a_review("a", asked_at=NOON + HOUR)])

    assert store.waiting() == [a_review("a", asked_at=NOON + HOUR)]


def test_an_applied_question_stays_applied(store):
    store.put([a_review("a")])
    store.decide("a", ReviewState.APPROVED, by="Noor")
    store.mark(["a"], ReviewState.APPLIED)

    store.put([a_review("a")])

    assert store.get("a").state is ReviewState.APPLIED


def test_everything_that_has_not_lapsed_is_handed_to_the_planner(store):
    store.put([a_review(name, contact_id=number) for number, name in enumerate("abcd")])
    store.decide("b", ReviewState.APPROVED, by="Noor")
    store.mark(["c"], ReviewState.LAPSED)

    assert set(store.decisions()) == {"a", "b", "d"}
    assert store.decisions([1, 2])["b"].state is ReviewState.APPROVED
    assert set(store.decisions([1, 2])) == {"b"}


def test_a_person_may_decide_while_a_run_holds_the_account(store, other_store):
    with store.hold("run-1"):
        store.put([a_review("a")])

        other_store.decide("a", ReviewState.APPROVED, by="Noor")

        assert store.decisions()["a"].by == "Noor"
