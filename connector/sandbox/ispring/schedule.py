"""From the date fields of a request to a schedule: dueDateType and its companions (reference 4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast, get_args
from zoneinfo import ZoneInfo

from .dates import END_OF_DAY, read_moment
from .entities import ContentItem, DueType, Schedule
from .refusals import wrong_parameters


@dataclass(frozen=True)
class WireSchedule:
    """The date fields of a create, an edit or a re-enrolment, as they were sent; None: left out."""

    access_date: str | None
    due_date_type: str | None
    due_date: str | None
    due_period: str | None
    lock: bool | None


@dataclass(frozen=True)
class Calendar:
    """How the account reads dates: its zone, and the time a due day ends at."""

    zone: ZoneInfo
    due_time: time = END_OF_DAY

    def day_end(self, day: date) -> datetime:
        return read_moment(day.isoformat(), self.zone, at=self.due_time)


def schedule_of(sent: WireSchedule, course: ContentItem, *, calendar: Calendar, now: datetime) -> Schedule:
    """The schedule that replaces the former one whole. Raises Refused on what cannot be understood.

    Without an access date the learner may start now. A period counts hours from the access date. The course's
    default is that many days after the access date, or none.
    """
    access = _moment(sent.access_date, "accessDate", calendar.zone) if sent.access_date else now
    schedule = Schedule(access, due_type=_due_type(sent.due_date_type), lock=bool(sent.lock))
    if schedule.due_type == "due_date":
        if not sent.due_date:
            raise wrong_parameters("dueDate is required")
        schedule.due = _moment(sent.due_date, "dueDate", calendar.zone, at=calendar.due_time)
    elif schedule.due_type == "due_period":
        schedule.due_period_h = _hours(sent.due_period)
        schedule.due = access + timedelta(hours=schedule.due_period_h)
    elif schedule.due_type == "default" and course.due_days is not None:
        schedule.due = default_due(access, course.due_days, calendar)
    return schedule


def default_due(access: datetime, days: int, calendar: Calendar) -> datetime:
    """The end of the day that lies `days` after the day of access."""
    return calendar.day_end(access.astimezone(calendar.zone).date() + timedelta(days=days))


def _due_type(text: str | None) -> DueType:
    if text not in get_args(DueType):
        raise wrong_parameters("dueDateType")
    return cast(DueType, text)


def _moment(text: str, name: str, zone: ZoneInfo, *, at: time = time(0)) -> datetime:
    try:
        return read_moment(text, zone, at=at)
    except ValueError as error:
        raise wrong_parameters(name) from error


def _hours(text: str | None) -> int:
    if text is None or not text.strip().isdigit():
        raise wrong_parameters("duePeriod is required")
    return int(text)
