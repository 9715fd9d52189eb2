"""Runs, small facts, keyed addresses and the webhook inbox."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from connector.domain.ledger import Event
from connector.errors import StateError
from connector.state.engine import create_engine
from connector.state.store import open_store
from tests.state.values import NOON, a_run

MINUTE = timedelta(minutes=1)


def finished(store, run_id: str, minutes: int, **changes):
    at = NOON + minutes * MINUTE
    run = a_run(run_id, started_at=at)
    store.begin_run(run)
    for name, value in ({"exit_code": 0, "finished_at": at, "report": "{}"} | changes).items():
        setattr(run, name, value)
    store.finish_run(run)
    return run


def test_the_last_full_run_is_the_newest_that_went_through(store):
    assert store.last_full_run() is None
    finished(store, "old", 1)
    good = finished(store, "good", 2, exit_code=3)
    finished(store, "refused", 3, exit_code=4)
    finished(store, "narrow", 4, is_full=False)
    store.begin_run(a_run("running", started_at=NOON + 5 * MINUTE))

    assert store.last_full_run() == good
    assert store.last_full_run(command="plan") is None
    assert [run.id for run in store.last_runs(3)] == ["running", "narrow", "refused"]
    assert [run.id for run in store.runs_since(good)] == ["running", "narrow", "refused"]


def test_a_run_that_was_never_begun_cannot_finish(store):
    with pytest.raises(StateError, match="never begun"):
        store.finish_run(a_run("ghost"))


def test_facts_are_json_values_by_name(store):
    assert store.fact("end_date_shown") is None

    store.set_fact("end_date_shown", {"units": True, "since": "2026-03-02"})
    store.set_fact("end_date_shown", [1, None, "ü"])

    assert store.fact("end_date_shown") == [1, None, "ü"]


def test_an_address_has_one_key_whatever_its_case_and_who_asks(store, other_store):
    key = store.email_key(" Mia@Example.org ")

    assert other_store.email_key("mia@example.org") == key
    assert store.email_key("tom@example.org") != key
    assert len(key) == 32


def test_two_accounts_have_different_keys_for_one_address(url, store, clock):
    with open_store(url, account="north", now=clock) as north:
        assert north.email_key("mia@example.org") != store.email_key("mia@example.org")


def test_no_address_is_in_the_database(store, url):
    store.email_key("mia@example.org")

    engine = create_engine(url)
    with engine.connect() as connection:
        values = connection.scalars(sa.text("SELECT value FROM fact")).all()
    engine.dispose()

    assert len(values) == 1
    assert "mia" not in values[0]


def test_a_delivery_is_kept_once_and_taken_once(store):
    assert store.add_event("ispring", "delivery-2", "digest", ["user-1", "user-2"], NOON + MINUTE)
    assert store.add_event("axcelerate", "delivery-2", "digest", ["22041"], NOON)
    assert not store.add_event("ispring", "delivery-2", "digest", ["user-1"], NOON)

    assert store.take_events() == [
        Event("axcelerate", ("22041",), NOON),
        Event("ispring", ("user-1", "user-2"), NOON + MINUTE),
    ]
    assert store.take_events() == []
    assert not store.add_event("ispring", "delivery-2", "digest", [], NOON)


def test_deliveries_taken_long_ago_are_forgotten(store, clock):
    store.add_event("ispring", "delivery-1", "digest", [], NOON)
    store.take_events()
    clock.pass_by(timedelta(days=31))

    assert store.take_events() == []
    assert store.add_event("ispring", "delivery-1", "digest", [], clock())


def test_an_instant_without_a_zone_is_refused(store):
    with pytest.raises(sa.exc.StatementError, match="without a zone"):
        store.begin_run(a_run("naive", started_at=datetime(2026, 3, 2)))
