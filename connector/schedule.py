"""When runs happen: a worker that does one at a time, and a timetable that only says what is due (APScheduler 3.x).

Jobs never run anything themselves: a run outlives its job's turn, and must be asked to end between two records.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.combining import OrTrigger
from apscheduler.triggers.cron import CronTrigger

from connector.domain.report import Exit, Report
from connector.errors import ConnectorError, PlanRefused, SetupError

FEW_PEOPLE = 5
"""So many people named by webhooks are looked at one by one; for more, one full run is cheaper."""

RunOnce = Callable[[str | None], Report]
"""Makes one run: of one contact (id as text), or of everything (None)."""

_log = structlog.get_logger(__name__)


@dataclass
class Due:
    """What waits to be done. Naming something twice asks for it once."""

    everything: bool = False
    people: set[str] = field(default_factory=set)

    @property
    def is_empty(self) -> bool:
        return not self.everything and not self.people

    def orders(self) -> list[str | None]:
        """The runs that this takes; a full run covers everybody."""
        if self.everything or len(self.people) > FEW_PEOPLE:
            return [None]
        return [*sorted(self.people)]


class Worker(threading.Thread):
    """Makes one run at a time, in a thread of its own, whenever something is due.

    A run that finds the account in another run's hands is said and stays due for the next time; so does one that a
    platform broke off. `could_start` is False while the last attempt did not even become a run (a broken mapping file, a state
    database that is away). `stop` ends the run in hand after its record, and the worker after that.
    """

    def __init__(
        self,
        run_once: RunOnce,
        stop: threading.Event,
        *,
        ended: Callable[[Report, bool], None],
        failed: Callable[[Exit], None] = lambda code: None,
    ) -> None:
        super().__init__(name="runs", daemon=True)
        self._run_once = run_once
        self._stop_asked = stop
        self._ended = ended
        self._failed = failed
        self._due = Due()
        self._changed = threading.Condition()
        self.could_start = True

    def wake(self, people: Iterable[str] | None = None) -> None:
        """Ask for a run of these contacts, or of everything. Returns at once."""
        with self._changed:
            if people is None:
                self._due.everything = True
            else:
                self._due.people.update(people)
            self._changed.notify()

    def stop(self) -> None:
        """Ask the worker to end; the record in hand is finished first."""
        self._stop_asked.set()
        with self._changed:
            self._changed.notify()

    def run(self) -> None:
        while (due := self._next()) is not None:
            for contact in due.orders():
                if self._stop_asked.is_set():
                    return
                self._attempt(contact)

    def _next(self) -> Due | None:
        """What is due, once something is; None when it is time to end."""
        with self._changed:
            self._changed.wait_for(lambda: self._stop_asked.is_set() or not self._due.is_empty)
            if self._stop_asked.is_set():
                return None
            due, self._due = self._due, Due()
            return due

    def _attempt(self, contact: str | None) -> None:
        action = "run" if contact is None else "run for a webhook"
        try:
            report = self._run_once(contact)
        except PlanRefused as refused:
            _log.info("put off", action=action, reason=str(refused))
        except ConnectorError as error:
            _log.error("could not run", action=action, reason=str(error))
            self._note_failure(Exit.SETUP if isinstance(error, SetupError) else Exit.BUG)
        except Exception:  # the outermost loop: the next run may succeed, and somebody must learn of this one
            _log.exception("unexpected failure", action=action)
            self._note_failure(Exit.BUG)
        else:
            self.could_start = True
            _tell(report, action)
            self._ended(report, contact is None)

    def _note_failure(self, code: Exit) -> None:
        self.could_start = False
        self._failed(code)


def _tell(report: Report, action: str) -> None:
    """One line per run, louder when it did not go through."""
    totals = report.totals
    quiet = report.exit_code is Exit.FINISHED
    (_log.info if quiet else _log.warning)(
        "run ended",
        action=action,
        run=report.run,
        exit_code=int(report.exit_code),
        pairs=totals.pairs,
        applied=totals.applied,
        failed=totals.failed,
        unverified=totals.unverified,
        waiting_reviews=totals.review,
        trouble=report.trouble or None,
        refusals=report.refusals or None,
        stopped=report.stopped or None,
    )


def timetable(crons: Iterable[str], zone: ZoneInfo, due: Callable[[], None]) -> BackgroundScheduler:
    """A scheduler, not yet started, that says `due` by each of these cron lines, in `zone`.

    Its jobs live in memory: what is due is said again after every start anyway. A missed time is made up for once, however late.
    """
    scheduler = BackgroundScheduler(
        timezone=zone, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
    )
    for cron in crons:
        scheduler.add_job(due, cron_trigger(cron, zone), name=cron)
    return scheduler


DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")


def cron_trigger(cron: str, zone: ZoneInfo) -> BaseTrigger:
    """A cron line as everybody's cron reads it. Raises ValueError for one that is none.

    APScheduler counts weekdays from Monday and wants both day fields to fit; cron counts from Sunday, and where both are given
    either is enough.
    """
    parts = cron.split()
    if len(parts) != 5:
        raise ValueError(f"{cron!r} has {len(parts)} fields, a cron line has 5")
    minute, hour, day, month, weekday = parts
    weekdays = _weekdays(weekday)

    def trigger(day: str, weekdays: str) -> CronTrigger:
        return CronTrigger(
            minute=minute, hour=hour, day=day, month=month, day_of_week=weekdays, timezone=zone
        )

    if day != "*" and weekdays != "*":
        return OrTrigger([trigger(day, "*"), trigger("*", weekdays)])
    return trigger(day, weekdays)


def _weekdays(text: str) -> str:
    """Cron's weekday field in names: "1-5" becomes "mon,tue,wed,thu,fri"; names stay as they are."""
    if text == "*" or any(letter.isalpha() for letter in text):
        return text
    chosen: set[int] = set()
    for part in text.split(","):
        span, _, step = part.partition("/")
        first, _, last = ("0", "-", "6") if span == "*" else span.partition("-")
        end = int(last or (6 if step else first))
        chosen.update(day % 7 for day in range(int(first), end + 1, int(step or 1)))
    return ",".join(DAYS[day] for day in sorted(chosen))
