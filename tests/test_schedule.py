"""When runs happen: cron as everybody's cron reads it, and one run at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.triggers.base import BaseTrigger

from connector.domain.report import Exit, Report
from connector.errors import MappingError, PlanRefused
from connector.schedule import FEW_PEOPLE, Worker, cron_trigger, timetable

SYDNEY = ZoneInfo("Australia/Sydney")
MONDAY = datetime(2026, 6, 1, tzinfo=SYDNEY)


def next_times(trigger: BaseTrigger, count: int, after: datetime = MONDAY) -> list[datetime]:
    found: list[datetime] = []
    previous = None
    moment = after
    for _ in range(count):
        fired = trigger.get_next_fire_time(previous, moment)
        assert fired is not None
        found.append(fired)
        previous, moment = fired, fired + timedelta(microseconds=1)
    return found


@pytest.mark.parametrize(
    ("field", "days"),
    [
        ("0", ["Sun"]),
        ("7", ["Sun"]),
        ("1", ["Mon"]),
        ("1-5", ["Mon", "Tue", "Wed", "Thu", "Fri"]),
        ("5-7", ["Fri", "Sat", "Sun"]),
        ("6,0", ["Sat", "Sun"]),
        ("*/2", ["Tue", "Thu", "Sat", "Sun"]),
        ("mon,fri", ["Mon", "Fri"]),
    ],
)
def test_weekdays_count_from_sunday_as_in_every_cron(field: str, days: list[str]) -> None:
    fired = next_times(cron_trigger(f"0 6 * * {field}", SYDNEY), len(days))

    assert [f"{moment:%a}" for moment in fired] == days


def test_with_both_day_fields_either_is_enough() -> None:
    fired = next_times(cron_trigger("0 6 13 * 5", SYDNEY), 3, after=datetime(2026, 6, 6, tzinfo=SYDNEY))

    assert [moment.day for moment in fired] == [12, 13, 19]


def test_the_default_crons_fire_in_the_providers_zone() -> None:
    quarter = next_times(cron_trigger("*/15 * * * *", SYDNEY), 3)
    nightly = next_times(cron_trigger("30 3 * * *", SYDNEY), 2)

    assert [later - sooner for sooner, later in pairwise(quarter)] == [timedelta(minutes=15)] * 2
    assert [(moment.hour, moment.minute) for moment in nightly] == [(3, 30)] * 2


def test_a_nightly_run_happens_once_on_the_days_when_the_clock_changes() -> None:
    for night in (datetime(2026, 4, 4, 12, tzinfo=SYDNEY), datetime(2026, 10, 3, 12, tzinfo=SYDNEY)):
        first, second = next_times(cron_trigger("30 3 * * *", SYDNEY), 2, after=night)

        assert (second.date() - first.date()).days == 1


@pytest.mark.parametrize("cron", ["* * * *", "* * * * * *", "61 * * * *"])
def test_a_line_that_is_no_cron_is_refused(cron: str) -> None:
    with pytest.raises(ValueError):
        cron_trigger(cron, SYDNEY)


def test_jobs_only_say_that_something_is_due() -> None:
    said = threading.Event()
    scheduler = timetable(["* * * * *"], SYDNEY, said.set)
    scheduler.start(paused=True)

    [job] = scheduler.get_jobs()
    job.modify(next_run_time=datetime.now(UTC))
    scheduler.resume()

    assert said.wait(5)
    assert (job.coalesce, job.max_instances, job.misfire_grace_time) == (True, 1, None)
    scheduler.shutdown(wait=True)


class Runs:
    """Stands for the engine: says what was asked of it, and never more than one at a time."""

    def __init__(self, during: Callable[[], object] = lambda: None) -> None:
        self.asked: list[str | None] = []
        self.at_once = 0
        self.most_at_once = 0
        self._during = during

    def __call__(self, contact: str | None) -> Report:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        self.asked.append(contact)
        self._during()
        self.at_once -= 1
        now = datetime.now(UTC)
        return Report("run", "reconcile", now, now)


def worker_of(runs: Callable[[str | None], Report]) -> Worker:
    worker = Worker(runs, threading.Event(), ended=lambda report, full: None)
    worker.start()
    return worker


def until(condition: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def ended(worker: Worker) -> bool:
    worker.stop()
    worker.join(5)
    return not worker.is_alive()


def test_whatever_is_asked_while_a_run_works_is_done_once_after_it() -> None:
    go_on = threading.Event()
    runs = Runs(during=lambda: go_on.wait(5))
    worker = worker_of(runs)

    worker.wake()
    assert until(lambda: runs.asked == [None])
    for _ in range(10):
        worker.wake()
    go_on.set()

    assert until(lambda: len(runs.asked) == 2)
    assert ended(worker)
    assert runs.asked == [None, None]
    assert runs.most_at_once == 1


def test_people_are_looked_at_one_by_one_and_many_all_at_once() -> None:
    runs = Runs()
    worker = worker_of(runs)

    worker.wake(["22042", "22041"])
    assert until(lambda: runs.asked == ["22041", "22042"])
    worker.wake(str(number) for number in range(FEW_PEOPLE + 1))

    assert until(lambda: runs.asked[2:] == [None])
    assert ended(worker)


def test_a_refused_or_broken_run_does_not_end_the_worker() -> None:
    runs = Runs()
    failures: list[Exception] = [PlanRefused("another run holds the account"), ZeroDivisionError("a bug")]

    def failing_first(contact: str | None) -> Report:
        if failures:
            raise failures.pop(0)
        return runs(contact)

    worker = worker_of(failing_first)
    for left in (1, 0):
        worker.wake()
        assert until(lambda left=left: len(failures) == left)  # type: ignore[misc]
    worker.wake()

    assert until(lambda: runs.asked == [None])
    assert ended(worker)


def test_a_run_that_something_to_edit_prevents_is_told_until_one_goes_through() -> None:
    runs = Runs()
    failures: list[Exception] = [
        MappingError(["a.yaml:2:3: is no rule"]),
        PlanRefused("another run holds the account"),
    ]
    codes: list[Exit] = []

    def failing_first(contact: str | None) -> Report:
        if failures:
            raise failures.pop(0)
        return runs(contact)

    worker = Worker(
        failing_first,
        threading.Event(),
        ended=lambda report, full: None,
        failed=lambda code: codes.append(code),
    )
    worker.start()
    assert worker.could_start
    for left in (1, 0):
        worker.wake()
        assert until(lambda left=left: len(failures) == left)  # type: ignore[misc]
        assert until(lambda: not worker.could_start)
    worker.wake()

    assert until(lambda: worker.could_start)
    assert ended(worker)
    assert codes == [Exit.SETUP]


def test_a_worker_told_to_stop_leaves_what_is_still_due() -> None:
    runs = Runs()
    stop = threading.Event()
    worker = Worker(runs, stop, ended=lambda report, full: stop.set())
    worker.wake(["1", "2", "3"])

    worker.start()
    worker.join(5)

    assert not worker.is_alive()
    assert runs.asked == ["1"]
