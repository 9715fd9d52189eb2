"""One run at a time: refused while another lives, free the moment it dies, and stale owners change nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import sqlalchemy as sa

from connector.errors import PlanRefused, StateError
from connector.state.store import Store, open_store
from tests.state.values import NOON, a_person, an_entry

HOLDER = """
import sys, time
from datetime import UTC, datetime
from connector.state.store import open_store
with open_store(sys.argv[1], now=lambda: datetime(2026, 3, 2, 12, tzinfo=UTC)) as store, store.hold("run-1"):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_is_refused_and_told_who_holds_the_account(store, other_store):
    with store.hold("run-1"):
        with (
            pytest.raises(
                PlanRefused, match=rf"run-1 \(process {os.getpid()} on .*, since 2026-03-02T12:00:00Z\)"
            ),
            other_store.hold("run-2"),
        ):
            pass

        assert other_store.lease().holder == "run-1"


def test_the_account_is_free_again_after_a_run(store, other_store):
    with store.hold("run-1") as first:
        pass

    with other_store.hold("run-2") as second:
        assert second.epoch == first.epoch + 1

    assert other_store.lease().released_at == NOON


def test_a_run_that_fails_gives_the_account_back(store, other_store):
    with pytest.raises(KeyError), store.hold("run-1"):
        raise KeyError

    with other_store.hold("run-2") as lease:
        assert lease.holder == "run-2"


def test_two_accounts_are_held_side_by_side(url, store):
    with (
        open_store(url, account="north/west", now=store.now) as elsewhere,
        store.hold("run-1"),
        elsewhere.hold("run-2"),
    ):
        assert store.lease().holder == "run-1"
        assert elsewhere.lease().holder == "run-2"


def test_a_killed_run_lets_go_at_once(url, store):
    root = Path(__file__).parents[2]
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, url],
        stdout=subprocess.PIPE,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(PlanRefused), store.hold("run-2"):
            pass

        holder.send_signal(signal.SIGKILL)
        holder.wait()
        killed = time.monotonic()
        while True:
            try:
                with store.hold("run-2") as lease:
                    break
            except PlanRefused:
                assert time.monotonic() - killed < 20
                time.sleep(0.005)
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()

    assert lease.holder == "run-2"


def lose_the_lock(url: str) -> None:
    """What an operator, or a restarting server, does to a lock behind its holder's back."""
    if url.startswith("sqlite"):
        Path(f"{sa.make_url(url).database}.lock").unlink()
        return
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(
            sa.text("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
        )
    engine.dispose()


def test_a_stale_owner_changes_nothing(url, store, other_store):
    with store.hold("run-1"):
        store.save_people([a_person(1, run="run-1")])
        lose_the_lock(url)
        with other_store.hold("run-2"):
            other_store.save_people([a_person(1, run="run-2")])

            with pytest.raises(StateError, match="taken over"):
                store.save_people([a_person(1, run="run-1, too late")])
            with pytest.raises(StateError, match="taken over"):
                store.append([an_entry()])

        assert other_store.people([1])[1].run == "run-2"
        assert list(other_store.entries()) == []
        assert other_store.lease().holder == "run-2"


def test_a_stale_owner_still_keeps_what_was_not_a_runs_to_write(url, store, other_store):
    with store.hold("run-1"):
        lose_the_lock(url)
        with other_store.hold("run-2"):
            assert store.add_event("ispring", "key-1", "digest", ["user-1"], NOON)


def test_giving_back_a_lost_lease_leaves_the_new_owner_alone(url, store, other_store):
    holding = store.hold("run-1")
    holding.__enter__()
    lose_the_lock(url)

    with other_store.hold("run-2"):
        holding.__exit__(None, None, None)

        assert other_store.lease().released_at is None
        other_store.set_fact("still", "mine")


def test_an_account_given_back_can_be_taken_at_once(store: Store, other_store: Store):
    for number in range(30):
        taker = (store, other_store)[number % 2]
        with taker.hold(f"run {number}"):
            pass
