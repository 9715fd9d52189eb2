"""The pages over real HTTP: who may look, and what readiness means."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from connector.console.app import Service, build_app
from connector.console.guard import is_loopback
from connector.console.metrics import Metrics
from connector.console.server import PageServer
from connector.domain.ledger import RunRecord
from connector.errors import SettingsError
from connector.sandbox.run import demo_mappings_dir
from connector.settings import load_settings
from connector.state.store import Store, open_store
from connector.wiring import now


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'connector.db'}", now=now) as opened:
        yield opened


class Idle:
    """A worker that makes no runs."""

    def __init__(self, *, alive: bool = True, could_start: bool = True) -> None:
        self.alive, self.could_start = alive, could_start

    def is_alive(self) -> bool:
        return self.alive

    def wake(self, people: Iterable[str] | None = None) -> None:
        """Nobody is there."""


@contextmanager
def pages(store: Store, worker: Idle | None = None, **environment: str) -> Iterator[httpx.Client]:
    """The pages of a service whose worker does nothing."""
    no_file = {"CONNECTOR_TIMEZONE": "Australia/Sydney", "CONNECTOR_MAPPINGS_DIR": str(demo_mappings_dir())}
    settings = load_settings(environ=no_file | environment, need_platforms=False)
    metrics = Metrics(waiting=lambda: 0, last_good=lambda: 0.0)
    service = Service(settings, store, metrics, worker or Idle(), now)
    server = PageServer(build_app(service), "127.0.0.1", 0)
    server.start()
    try:
        with httpx.Client(base_url=server.url) as client:
            yield client
    finally:
        server.stop()


def test_a_password_opens_the_console_and_nothing_else_does(store: Store) -> None:
    with pages(store, CONNECTOR_HTTP__PASSWORD="open sesame") as client:
        assert client.get("/").status_code == 401
        assert client.get("/", auth=("anybody", "wrong")).status_code == 401
        assert client.get("/", auth=("anybody", "open sesame")).status_code == 200
        token = base64.b64encode(b"anybody:open sesame").decode()
        assert client.get("/", headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert client.get("/", headers={"Authorization": "Basic %%%"}).status_code == 401
        assert client.get("/healthz").status_code == 200


def test_without_a_password_a_foreign_name_for_this_machine_is_refused(store: Store) -> None:
    with pages(store) as client:
        assert client.get("/").status_code == 200
        assert client.get("/", headers={"Host": "rebound.example.org"}).status_code == 403


@pytest.mark.parametrize(
    ("address", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.0.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("10.0.0.1", False),
        ("", False),
    ],
)
def test_loopback_addresses_are_this_machine(address: str, local: bool) -> None:
    assert is_loopback(address) is local


def ended_run(store: Store, code: int) -> None:
    started = datetime(2026, 3, 2, tzinfo=UTC)
    run = RunRecord(f"run-{code}", "reconcile", "{}", started)
    store.begin_run(run)
    run.finished_at, run.exit_code, run.report = started + timedelta(seconds=3), code, '{"applied": 7}'
    store.finish_run(run)


@pytest.mark.parametrize(("code", "ready"), [(0, True), (3, True), (4, True), (1, False), (5, False)])
def test_a_service_is_ready_when_its_last_run_went_through(code: int, ready: bool, store: Store) -> None:
    ended_run(store, code)

    with pages(store) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["ready"]) == (200 if ready else 503, ready)


def test_a_service_without_its_worker_is_alive_and_not_ready(store: Store) -> None:
    with pages(store, Idle(alive=False)) as client:
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 503


def test_a_service_whose_mapping_files_were_broken_meanwhile_is_not_ready(store: Store) -> None:
    ended_run(store, 0)

    with pages(store, Idle(could_start=False)) as client:
        answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["worker"]) == (
        503,
        "the last run could not start; the log says why",
    )


def test_the_console_shows_runs_and_rules_and_nobody_by_name(store: Store) -> None:
    ended_run(store, 3)

    with pages(store) as client:
        page = client.get("/").text

    assert "a record failed" in page
    assert "WHS induction, online part" in page
    assert "2026-03-02 11:00" in page
    assert "@" not in page


def test_a_taken_port_is_a_settings_error(store: Store) -> None:
    with pages(store) as client:
        taken = client.base_url.port
        assert taken is not None
        with pytest.raises(SettingsError, match="CONNECTOR_HTTP__PORT"):
            PageServer(lambda *given: None, "127.0.0.1", taken)  # type: ignore[arg-type,return-value]
