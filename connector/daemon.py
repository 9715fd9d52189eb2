"""`connector daemon`: worker, timetable and pages, put together and ended together."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import FrameType

import structlog

from connector.console.app import Service, build_app
from connector.console.metrics import Metrics
from connector.console.server import PageServer
from connector.digest import tell
from connector.domain.report import Exit, Report
from connector.engine.parts import RECONCILE, Request
from connector.reconcile import run
from connector.schedule import RunOnce, Worker, timetable
from connector.settings import Settings, load_settings
from connector.state.store import Store
from connector.wiring import now, opened_parts, opened_store, rules_of

GRACE_S = 7.0
"""How long the record in hand may take once the daemon is told to stop. A supervisor waits ten seconds, and the rest takes one or two."""

_log = structlog.get_logger(__name__)


def run_daemon(config: Path | None) -> int:
    """Run until SIGTERM or SIGINT. Raises SetupError before anything runs when settings, mappings or database do not fit."""
    settings = load_settings(config)
    for warning in settings.warnings:
        _log.warning("settings", detail=warning)
    rules_of(settings)
    stop = threading.Event()
    with opened_store(settings) as store, _signals(stop):
        metrics = Metrics(waiting=lambda: len(store.waiting()), last_good=lambda: _last_good(store))
        runner = _runner(settings, store, stop)
        worker = Worker(runner, stop, ended=metrics.count_run, failed=metrics.count_failure)
        service = Service(settings, store, metrics, worker, now)
        pages = PageServer(build_app(service), settings.http.host, settings.http.port)
        scheduler = timetable(
            (settings.schedule.incremental, settings.schedule.full), settings.zone, worker.wake
        )
        with closing(_Running(worker, pages)):
            pages.start()
            worker.start()
            # Whoever starts the daemon wants to see it work, and what happened meanwhile is taken up now.
            worker.wake()
            scheduler.start()
            _log.info("serving", url=pages.url)
            notify("READY=1")
            stop.wait()
            notify("STOPPING=1")
            scheduler.shutdown(wait=False)
    _log.info("stopped")
    return Exit.FINISHED


def _runner(settings: Settings, store: Store, stop: threading.Event) -> RunOnce:
    """One run of one contact or of everything; mapping files are read anew, so that an edit needs no restart."""
    up_since = now()

    def run_once(contact: str | None) -> Report:
        try:
            with opened_parts(settings, stop=stop) as parts:
                # Deliveries are hints: what they named is either this run's, or waits beside it, or is part of a full one.
                parts.store.take_events()
                return run(Request(command=RECONCILE, learner=contact), parts)
        finally:
            # Also where a run could not even start: a broken mapping file must not silence the daemon for a week.
            if contact is None and not stop.is_set():
                tell(store, settings, now(), up_since=up_since)

    return run_once


def _last_good(store: Store) -> float:
    """When the last full run that went through ended, in seconds since 1970; 0 before the first."""
    run = store.last_full_run()
    return run.finished_at.timestamp() if run and run.finished_at else 0.0


class _Running:
    """What has to end, in the order in which it has to."""

    def __init__(self, worker: Worker, pages: PageServer) -> None:
        self._worker = worker
        self._pages = pages

    def close(self) -> None:
        deadline = time.monotonic() + GRACE_S
        self._worker.stop()
        self._pages.stop()
        if self._worker.is_alive():
            self._worker.join(max(0.0, deadline - time.monotonic()))
        if self._worker.is_alive():
            _log.error("the record in hand did not end in time; the next run looks what became of it")


@contextmanager
def _signals(stop: threading.Event) -> Iterator[None]:
    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def notify(state: str) -> bool:
    """Tell systemd (Type=notify) how the service stands; says whether somebody listens."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
        channel.connect("\0" + address[1:] if address[0] == "@" else address)
        channel.sendall(state.encode())
    return True
