"""Dates as iSpring's wire writes them, in and out (reference section 13)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, tzinfo
from zoneinfo import ZoneInfo

END_OF_DAY = time(23, 59, 59)


def read_moment(text: str, zone: ZoneInfo, *, at: time = time(0)) -> datetime:
    """A moment in UTC from `YYYY-MM-DD`, `YYYY-MM-DD HH:MM:SS` or RFC 3339; raises ValueError on others.

    Without an offset it is read in `zone`; a bare date means `at` on that day.
    """
    cleaned = text.strip()
    if len(cleaned) == len("2024-02-01"):
        return datetime.combine(date.fromisoformat(cleaned), at, zone).astimezone(UTC)
    moment = datetime.fromisoformat(cleaned)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def show_day(moment: datetime, zone: ZoneInfo) -> str:
    """The calendar day of a moment in `zone`, `YYYY-MM-DD`."""
    return moment.astimezone(zone).date().isoformat()


def show_moment(moment: datetime, zone: tzinfo) -> str:
    """RFC 3339 with offset, to the second."""
    return moment.astimezone(zone).isoformat(timespec="seconds")
