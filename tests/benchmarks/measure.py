"""One measurement in a process of its own, so that processor time and peak memory belong to it alone.

Usage: python -m tests.benchmarks.measure fetch|run FOLDER. Prints one JSON object: seconds of processor time (user and
system), of wall time, peak memory in MB, and for a run its totals and calls.
"""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson


def measured(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return {
        **result,
        "cpu": time.process_time() - cpu,
        "wall": time.perf_counter() - wall,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


def fetch(folder: Path) -> dict[str, Any]:
    """The bare cost: get the same pages with the same HTTP client, decode them, and drop them."""
    import httpx

    settings = json.loads((folder / "settings.json").read_text())
    from connector.mapping.load import load_rules

    rules = load_rules(folder / "mappings", jurisdiction="NAT").rules
    courses = sorted({course for rule in rules.rules for course in rule.course_ids})
    classes = sorted({class_id for rule in rules.rules for class_id in rule.classes})

    def work() -> dict[str, Any]:
        counts = [0, 0]
        threads = [
            threading.Thread(target=_fetch_ispring, args=(httpx, settings, courses, counts)),
            threading.Thread(target=_fetch_axcelerate, args=(httpx, settings, classes, counts)),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return {"calls": sum(counts)}

    return measured(work)


def _fetch_ispring(httpx: Any, settings: dict[str, str], courses: list[str], counts: list[int]) -> None:
    base = settings["CONNECTOR_ISPRING__API_URL"]
    with httpx.Client(timeout=60) as client:
        token = client.post(
            base.removesuffix("/api/v2") + "/api/v3/token",
            data={
                "client_id": settings["CONNECTOR_ISPRING__CLIENT_ID"],
                "client_secret": settings["CONNECTOR_ISPRING__CLIENT_SECRET"],
                "grant_type": "client_credentials",
            },
        ).json()["access_token"]
        client.headers.update({"Authorization": f"Bearer {token}", "Accept": "application/json"})
        filters = [("courseIds[]", course) for course in courses]
        statuses = [("userStatuses[]", str(status)) for status in (1, 3, 5)]
        lists = (("/users/v2", []), ("/enrollments", filters), ("/learners/results", filters + statuses))
        for path, params in lists:
            cursor = None
            while True:
                page = [*params, ("pageSize", "1000"), *([("pageToken", cursor)] if cursor else [])]
                body = orjson.loads(client.get(base + path, params=page).content)
                counts[0] += 1
                cursor = body.get("nextPageToken")
                if not cursor:
                    break


def _fetch_axcelerate(httpx: Any, settings: dict[str, str], classes: list[int], counts: list[int]) -> None:
    base = settings["CONNECTOR_AXCELERATE__API_URL"]
    headers = {
        "apitoken": settings["CONNECTOR_AXCELERATE__API_TOKEN"],
        "wstoken": settings["CONNECTOR_AXCELERATE__WS_TOKEN"],
    }
    with httpx.Client(timeout=60, headers=headers) as client:
        for class_id in classes:
            offset = 0
            while True:
                params = {"instanceID": class_id, "type": "p", "limit": 100, "offset": offset}
                answer = client.get(f"{base}/course/enrolments", params=params)
                rows = orjson.loads(answer.content) if answer.content else []
                counts[1] += 1
                offset += 100
                if len(rows) < 100:
                    break


def run(folder: Path) -> dict[str, Any]:
    """One reconcile over the account, from reading the settings to the journal's last line."""
    from connector.mapping.load import load_rules
    from connector.platforms.axcelerate import AxcelerateVet
    from connector.platforms.ispring.client import Account
    from connector.platforms.ispring.connect import connect
    from connector.reading.scope import PageSizes
    from connector.reconcile import Parts, Request
    from connector.reconcile import run as reconcile
    from connector.state.store import open_store

    settings = json.loads((folder / "settings.json").read_text())
    zone = ZoneInfo(settings["CONNECTOR_TIMEZONE"])
    rules = load_rules(folder / "mappings", jurisdiction="NAT").rules
    lms = connect(
        Account(
            api_url=settings["CONNECTOR_ISPRING__API_URL"],
            client_id=settings["CONNECTOR_ISPRING__CLIENT_ID"],
            client_secret=settings["CONNECTOR_ISPRING__CLIENT_SECRET"],
        ),
        zone=zone,
        requests_per_second=0,
    )
    vet = AxcelerateVet(
        api_url=settings["CONNECTOR_AXCELERATE__API_URL"],
        api_token=settings["CONNECTOR_AXCELERATE__API_TOKEN"],
        ws_token=settings["CONNECTOR_AXCELERATE__WS_TOKEN"],
        requests_per_second=0,
    )

    def now() -> datetime:
        return datetime.now(UTC)

    def work() -> dict[str, Any]:
        with open_store(f"sqlite:///{folder}/connector.db", now=now) as store:
            parts = Parts(
                rules=rules,
                lms=lms,
                vet=vet,
                store=store,
                zone=zone,
                lms_zone=zone,
                now=now,
                pages=PageSizes(1000, 100),
            )
            report = reconcile(Request("reconcile", allow=frozenset({"updates", "created"})), parts)
        totals = report.totals
        return {
            "exit": int(report.exit_code),
            "trouble": report.trouble + report.refusals,
            "pairs": totals.pairs,
            "agreed": totals.agreed,
            "applied": totals.applied,
            "read": sum(calls.read for calls in report.calls.values()),
            "write": sum(calls.write for calls in report.calls.values()),
            "floor": sum(calls.floor for calls in report.calls.values()),
        }

    result = measured(work)
    lms.close()
    vet.close()
    return result


if __name__ == "__main__":
    print(json.dumps({"fetch": fetch, "run": run}[sys.argv[1]](Path(sys.argv[2]))))
