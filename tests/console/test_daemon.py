"""The daemon as a supervisor sees it: a process with pages and hooks that reconciles, and ends when told."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from connector.sandbox import demo_world as people
from connector.sandbox.ids import USER, ispring_id
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes
from connector.state.store import open_store
from connector.wiring import now
from tests.cli.conftest import settings_for
from tests.console.test_hooks import KEY, SECRET, keyed, plain

NEVER = "0 0 1 1 *"


@pytest.fixture
def boxes() -> Iterator[Sandboxes]:
    with run_sandboxes() as served:
        yield served


class Daemon:
    """A running daemon, and how to ask it."""

    def __init__(self, process: subprocess.Popen[str], url: str, log: Path) -> None:
        self.process = process
        self.url = url
        self.log = log

    def get(self, path: str, **options: object) -> httpx.Response:
        return httpx.get(self.url + path, timeout=10, **options)  # type: ignore[arg-type]

    def lines(self, event: str) -> list[dict[str, object]]:
        found = [json.loads(line) for line in self.log.read_text().splitlines() if line.startswith("{")]
        return [line for line in found if line.get("event") == event]

    def until(self, condition: Callable[[], bool], seconds: float = 20) -> bool:
        deadline = time.monotonic() + seconds
        while not condition() and time.monotonic() < deadline and self.process.poll() is None:
            time.sleep(0.05)
        return condition()

    def end(self) -> tuple[int, float]:
        """Its exit code after SIGTERM, and how long that took."""
        asked = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=15), time.monotonic() - asked


@contextmanager
def daemon(folder: Path, boxes: Sandboxes, **settings: str) -> Iterator[Daemon]:
    plainly = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}
    environment = (
        plainly
        | settings_for(boxes, folder)
        | {
            "CONNECTOR_HTTP__PORT": "0",
            "CONNECTOR_SCHEDULE__INCREMENTAL": NEVER,
            "CONNECTOR_SCHEDULE__FULL": NEVER,
            **settings,
        }
    )
    log = folder / "daemon.log"
    with (
        log.open("w") as file,
        subprocess.Popen(
            [sys.executable, "-m", "connector", "daemon"], cwd=folder, env=environment, stderr=file, text=True
        ) as process,
    ):
        running = Daemon(process, "", log)
        try:
            assert running.until(lambda: bool(running.lines("serving"))), log.read_text()
            running.url = str(running.lines("serving")[0]["url"])
            yield running
        finally:
            if process.poll() is None:
                process.kill()


def test_a_daemon_reconciles_at_its_start_serves_its_pages_and_ends_when_told(
    tmp_path: Path, boxes: Sandboxes
) -> None:
    with daemon(tmp_path, boxes) as running:
        assert running.until(lambda: bool(running.lines("run ended")))

        assert running.get("/healthz").status_code == 200
        assert running.get("/readyz").json()["ready"] is True
        page = running.get("/")
        assert page.status_code == 200
        assert "whs-induction" in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        metrics = running.get("/metrics").text
        assert 'connector_runs_total{exit_code="0"} 1.0' in metrics
        assert "connector_reviews_waiting 2.0" in metrics
        code, seconds = running.end()

    assert (code, seconds < 10) == (0, True)
    assert running.lines("stopped")


def test_a_mapping_file_that_was_broken_meanwhile_makes_the_daemon_unready_until_it_is_mended(
    tmp_path: Path, boxes: Sandboxes
) -> None:
    shutil.copytree(demo_mappings_dir(), tmp_path / "ours")
    file = tmp_path / "ours" / "10-whs-induction.yaml"
    good, key = file.read_text(), {"CONNECTOR_AXCELERATE__WEBHOOK_KEY": KEY}
    with daemon(tmp_path, boxes, CONNECTOR_MAPPINGS_DIR="ours", **key) as running:
        assert running.until(lambda: bool(running.lines("run ended")))

        def wake(message: str) -> None:
            body = json.dumps({"type": "class.class_updated", "messageId": message, "message": {}}).encode()
            httpx.post(running.url + "/hooks/axcelerate", content=body, headers={"Ax-Signature": keyed(body)})

        file.write_text(good.replace("due_date:", "due_dat:"))
        wake("1")
        assert running.until(lambda: running.get("/readyz").status_code == 503)
        assert "could not start" in running.get("/readyz").json()["worker"]
        file.write_text(good)
        wake("2")
        assert running.until(lambda: running.get("/readyz").status_code == 200)
        good_at = float(
            running.get("/metrics")
            .text.partition("\nconnector_last_good_run_timestamp_seconds ")[2]
            .split()[0]
        )
        running.end()

    assert abs(good_at - time.time()) < 60


def test_a_delivery_wakes_the_engine_for_the_people_it_names_and_a_second_one_does_nothing(
    tmp_path: Path, boxes: Sandboxes
) -> None:
    secrets = {"CONNECTOR_AXCELERATE__WEBHOOK_KEY": KEY, "CONNECTOR_ISPRING__WEBHOOK_SECRET": SECRET}
    message = {"type": "student.unit", "messageId": "1", "message": {"student": {"contactId": people.SAM}}}
    body = json.dumps(message).encode()
    with daemon(tmp_path, boxes, **secrets) as running:
        assert running.until(lambda: bool(running.lines("run ended")))
        later = boxes.world.today.replace(year=boxes.world.today.year + 1)
        boxes.axcelerate.person.set_unit(people.SAM, people.DISABILITY, people.WHS, end=later)

        def deliver(path: str, body: bytes, **headers: str) -> int:
            return httpx.post(running.url + path, content=body, headers=headers, timeout=10).status_code

        assert deliver("/hooks/axcelerate", body) == 401
        assert deliver("/hooks/axcelerate", body, **{"Ax-Signature": keyed(body)}) == 200
        assert deliver("/hooks/axcelerate", body, **{"Ax-Signature": keyed(body)}) == 200
        assert running.until(lambda: len(running.lines("run ended")) == 2)
        confirmation = b'{"type": "CONFIRMATION", "payloads": ["{\\"code\\": \\"5f0c\\"}"]}'
        assert deliver("/hooks/ispring", confirmation, **{"X-Hub-Signature": plain(confirmation)}) == 200
        assert deliver("/hooks/ispring", b"x" * 2_000_000) == 413
        running.end()

    runs = running.lines("run ended")
    assert [(run["action"], run["applied"]) for run in runs[1:]] == [("run for a webhook", 1)]
    assert [str(row["due"])[:10] for row in _sams_places(boxes)] == [later.isoformat()]


def _sams_places(boxes: Sandboxes) -> list[dict[str, object]]:
    user = ispring_id(USER, people.SAM)
    rows = boxes.ispring.rows("enrollments")
    return [row for row in rows if user in row.values() and people.WHS_COURSE in row.values()]


def test_while_another_run_holds_the_account_the_daemon_waits_for_its_next_time(
    tmp_path: Path, boxes: Sandboxes
) -> None:
    with (
        open_store(f"sqlite:///{tmp_path / 'connector.db'}", now=now) as other,
        other.hold("somebody else"),
        daemon(tmp_path, boxes) as running,
    ):
        assert running.until(lambda: bool(running.lines("put off")))
        assert "somebody else" in str(running.lines("put off")[0]["reason"])
        assert running.get("/readyz").json()["ready"] is True
        assert running.end()[0] == 0

    assert boxes.axcelerate.calls.since(0) == [] or not running.lines("run ended")


def test_the_record_in_hand_is_finished_before_the_daemon_ends(tmp_path: Path, boxes: Sandboxes) -> None:
    boxes.axcelerate.faults.add("hang", match="GET /api/course/enrolments", seconds=2)
    with daemon(tmp_path, boxes) as running:
        assert running.until(lambda: bool(boxes.axcelerate.calls.since(0)))
        code, seconds = running.end()

    assert (code, seconds < 10) == (0, True)


def test_systemd_is_told_when_the_daemon_is_ready_and_when_it_stops(tmp_path: Path, boxes: Sandboxes) -> None:
    address = str(tmp_path / "notify")
    told: list[str] = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind(address)
        channel.settimeout(20)

        def listen() -> None:
            for _ in range(2):
                told.append(channel.recv(100).decode())

        listener = threading.Thread(target=listen)
        listener.start()
        with daemon(tmp_path, boxes, NOTIFY_SOCKET=address) as running:
            assert running.until(lambda: told == ["READY=1"])
            running.end()
        listener.join(10)

    assert told == ["READY=1", "STOPPING=1"]


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"CONNECTOR_MAPPINGS_DIR": "nowhere"}, "nowhere"),
        ({"CONNECTOR_HTTP__HOST": "203.0.113.7"}, "CONNECTOR_HTTP__PORT"),
        ({"CONNECTOR_SCHEDULE__FULL": "at night"}, "CONNECTOR_SCHEDULE__FULL"),
    ],
)
def test_a_daemon_that_cannot_work_says_so_and_does_not_start(
    settings: dict[str, str], named: str, tmp_path: Path, boxes: Sandboxes
) -> None:
    plainly = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}

    done = subprocess.run(
        [sys.executable, "-m", "connector", "daemon"],
        cwd=tmp_path,
        env=plainly | settings_for(boxes, tmp_path) | settings,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 2
    assert named in done.stderr
