"""Writes on record before they leave."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.ledger import IntentState
from connector.errors import StateError
from connector.state.intents import Settlement
from tests.state.values import NOON, an_intent


def test_a_write_on_record_is_open_until_it_is_settled(store, clock):
    first, second = an_intent("a"), an_intent("b", contact_id=2)
    store.write_intents([first, second])
    assert store.open_intents() == [first, second]
    clock.pass_by(timedelta(seconds=3))

    store.settle("a", IntentState.ACCEPTED, "202", task_id="task-9", deadline=NOON + timedelta(minutes=1))

    accepted = an_intent(
        "a",
        state=IntentState.ACCEPTED,
        answer="202",
        task_id="task-9",
        deadline=NOON + timedelta(minutes=1),
        answered_at=NOON + timedelta(seconds=3),
    )
    assert store.open_intents() == [accepted, second]
    assert store.open_intents([2]) == [second]
    assert store.open_intents([]) == []


@pytest.mark.parametrize("state", [IntentState.VERIFIED, IntentState.FAILED, IntentState.DROPPED])
def test_a_settled_write_keeps_what_was_answered(store, state):
    store.write_intents([an_intent("a")])
    store.settle("a", IntentState.ACCEPTED, "202", task_id="task-9")

    store.settle("a", state)

    assert store.open_intents() == []
    settled = store.last_intent(22041)
    assert (settled.state, settled.answer, settled.task_id) == (state, "202", "task-9")


def test_open_writes_come_oldest_first(store):
    late, early = an_intent("a", at=NOON + timedelta(seconds=1)), an_intent("z")

    store.write_intents([late, early])

    assert store.open_intents([22041]) == [early, late]


def test_the_last_write_is_found_by_contact_and_rule(store):
    store.write_intents(
        [
            an_intent("a"),
            an_intent("b", at=NOON + timedelta(minutes=1)),
            an_intent("c", at=NOON + timedelta(minutes=2), rule="first-aid", run="run-2"),
        ]
    )

    assert store.last_intent(22041).id == "c"
    assert store.last_intent(22041, "whs").id == "b"
    assert store.last_intent(1) is None
    assert [intent.id for intent in store.intents_of_run("run-1")] == ["a", "b"]


def test_an_unknown_write_cannot_be_settled_and_takes_the_others_with_it(store):
    store.write_intents([an_intent("a")])

    with pytest.raises(StateError, match="never put on record"):
        store.settle_many([Settlement("a", IntentState.VERIFIED), Settlement("b", IntentState.VERIFIED)])

    assert store.last_intent(22041).state is IntentState.OPEN


def test_many_writes_are_settled_at_once(store):
    store.write_intents(an_intent(f"i{number}") for number in range(50))

    store.settle_many(Settlement(f"i{number}", IntentState.VERIFIED, "read back") for number in range(49))

    assert [intent.id for intent in store.open_intents()] == ["i49"]


def test_the_same_write_is_not_put_on_record_twice(store):
    store.write_intents([an_intent("a")])

    with pytest.raises(StateError):
        store.write_intents([an_intent("a")])
