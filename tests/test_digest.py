"""Somebody is told of questions that have waited too long, and of runs that do not go through."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from connector.digest import tell
from connector.domain.learner import ContactId
from connector.domain.ledger import Review, ReviewState, RunRecord
from connector.settings import load_settings
from connector.state.store import Store, open_store

NOW = datetime(2026, 3, 20, 2, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'connector.db'}", now=lambda: NOW) as opened:
        yield opened


def ask(store: Store, name: str, *, days_ago: int) -> None:
    asked = NOW - timedelta(days=days_ago)
    evidence = {"rule": "whs-induction", "field": "outcome", "reason": "approval_required"}
    store.put(
        [Review(name, "whs-induction", ContactId(22041), None, "outcome", "approval_required", json.dumps(evidence), "{}", ReviewState.WAITING, asked, "01J")]
    )  # fmt: skip


@contextmanager
def listener(status: int = 200) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """An operator's webhook on loopback, and what was posted to it."""
    posted: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Quietly."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/digest", posted
        server.shutdown()
        thread.join()


def settings(**environment: str):  # type: ignore[no-untyped-def]
    return load_settings(
        environ={"CONNECTOR_TIMEZONE": "Australia/Sydney"} | environment, need_platforms=False
    )


def test_old_questions_are_told_once_a_day_and_nobody_is_named(store: Store) -> None:
    ask(store, "old", days_ago=5)
    ask(store, "new", days_ago=1)

    with listener() as (url, posted):
        ours = settings(CONNECTOR_NOTIFY__URL=url, CONNECTOR_NOTIFY__REVIEWS_OLDER_THAN_DAYS="3")
        told = [tell(store, ours, now, up_since=now) for now in (NOW, NOW, NOW + timedelta(days=1))]

    assert told == [["reviews_waiting"], [], ["reviews_waiting"]]
    assert [[review["id"] for review in digest["reviews"]] for digest in posted] == [["old"], ["old"]]
    assert (posted[0]["count"], posted[0]["oldest"]) == (1, "2026-03-15T02:00:00+00:00")
    assert posted[0]["reviews"][0]["contact_id"] == 22041


def test_nothing_is_told_while_nothing_has_waited_too_long(store: Store) -> None:
    ask(store, "new", days_ago=1)

    assert tell(store, settings(), NOW, up_since=NOW) == []


def test_a_webhook_that_refuses_is_tried_again(store: Store) -> None:
    ask(store, "old", days_ago=5)

    with listener(status=400) as (url, posted):
        ours = settings(CONNECTOR_NOTIFY__URL=url)
        told = [tell(store, ours, NOW, up_since=NOW) for _ in range(2)]

    assert told == [[], []]
    assert len(posted) == 2


def ended(store: Store, name: str, *, hours_ago: int, code: int) -> None:
    begun = NOW - timedelta(hours=hours_ago)
    record = RunRecord(name, "reconcile", "{}", begun, mapping_digest="", is_full=True)
    store.begin_run(record)
    record.finished_at, record.exit_code = begun + timedelta(minutes=1), code
    store.finish_run(record)


def test_runs_that_are_refused_for_a_day_are_told_with_the_last_one_that_went_through(store: Store) -> None:
    ended(store, "01A", hours_ago=30, code=3)
    ended(store, "01B", hours_ago=20, code=4)

    with listener() as (url, posted):
        ours = settings(CONNECTOR_NOTIFY__URL=url)
        told = [tell(store, ours, NOW, up_since=NOW) for _ in range(2)]

    assert told == [["no_run"], []]
    assert (posted[0]["since"], posted[0]["last_exit_code"]) == ("2026-03-18T20:00:00+00:00", 4)


def test_a_daemon_none_of_whose_runs_ever_went_through_is_told_of_from_its_start(store: Store) -> None:
    a_day_ago = NOW - timedelta(days=1)

    told = [tell(store, settings(), NOW, up_since=since) for since in (NOW, a_day_ago)]

    assert told == [[], ["no_run"]]


def test_nothing_is_told_while_runs_go_through(store: Store) -> None:
    ended(store, "01A", hours_ago=20, code=0)

    assert tell(store, settings(), NOW, up_since=NOW - timedelta(days=9)) == []
