"""Learner results: the joined view of enrollments with its many filters (reference section 6)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .access import Actor
from .account import Account
from .dates import read_moment
from .entities import ACTIVE, BLOCKED, STATUSES, TERMINATED, Enrollment
from .incoming import Fields
from .refusals import wrong_parameters
from .selections import Selections

EARLIEST, LATEST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)

Range = tuple[datetime, datetime]

_DATES: Mapping[str, Callable[[Enrollment], datetime | None]] = {
    "accessDate": lambda one: one.schedule.access,
    "dueDate": lambda one: one.schedule.due,
    "completionDate": lambda one: one.progress.completed,
}


class Results:
    """Finds the enrollments whose results a caller asks for."""

    def __init__(self, account: Account, selections: Selections) -> None:
        self._account = account
        self._selections = selections

    def find(self, actor: Actor, fields: Fields) -> Sequence[Enrollment]:
        """Sorted rows that fit every filter. Only active users' unless `userStatuses` says otherwise."""
        actor.may("read_results")
        account = self._account
        rows = self._selections.enrollments(
            actor,
            courses=fields.ids("courseIds"),
            users=fields.ids("userIds"),
            ids=fields.ids("enrollmentIds"),
        )
        departments = fields.ids("departmentIds")
        self._selections.known(departments, account.departments, "Unknown department")
        users = self._user_statuses(fields)
        statuses = self._statuses(fields)
        dates = {name: self._range(fields, name) for name in _DATES if fields.mapping(name)}
        # Lists without a filter on progress or dates outlive changes of progress and dates.
        stamp = (account.shape, account.version if statuses or dates else 0)
        key = (
            "results",
            actor.departments,
            *(tuple(fields.ids(name) or ()) for name in ("courseIds", "userIds", "enrollmentIds")),
            tuple(departments or ()),
            users,
            statuses,
            tuple(dates.items()),
        )
        return self._selections.kept(
            key, stamp, lambda: self._filter(rows, departments, users, statuses, dates)
        )

    def _filter(
        self,
        rows: Sequence[Enrollment],
        departments: list[str] | None,
        users: frozenset[int],
        statuses: frozenset[str],
        dates: Mapping[str, Range],
    ) -> Sequence[Enrollment]:
        account = self._account
        inside = None if departments is None else account.subtree(departments)

        def fits(one: Enrollment) -> bool:
            user = account.users[one.user]
            return (
                user.status in users
                and (inside is None or user.department in inside)
                and (not statuses or one.progress.status in statuses)
                and all(_within(_DATES[name](one), ends) for name, ends in dates.items())
            )

        return [one for one in rows if fits(one)]

    def _user_statuses(self, fields: Fields) -> frozenset[int]:
        switches = self._account.switches
        asked = fields.ids("userStatuses")
        if asked is None:
            return frozenset(
                (ACTIVE,) if switches.result_default_users == "active" else (ACTIVE, BLOCKED, TERMINATED)
            )
        accepted = switches.result_user_statuses.split(",")
        if any(one not in accepted for one in asked):
            raise wrong_parameters("userStatuses")
        found = {int(one) for one in asked}
        # Where 5 is no word of the filter, those whose employment ended count as blocked.
        return frozenset(found | ({TERMINATED} if BLOCKED in found and "5" not in accepted else set()))

    def _statuses(self, fields: Fields) -> frozenset[str]:
        asked = frozenset(fields.ids("completionStatuses") or ())
        if asked - STATUSES:
            raise wrong_parameters("completionStatuses")
        return asked

    def _range(self, fields: Fields, name: str) -> Range:
        ends: Mapping[str, Any] = fields.mapping(name)
        zone = self._account.wire_zone
        return (
            _end(ends.get("startDate"), EARLIEST, name, zone),
            _end(ends.get("endDate"), LATEST, name, zone),
        )


def _end(text: Any, otherwise: datetime, name: str, zone: ZoneInfo) -> datetime:
    if not text:
        return otherwise
    try:
        # A plus sign that was not escaped in the query arrives as a space.
        return read_moment(str(text).replace(" ", "+") if "T" in str(text) else str(text), zone)
    except ValueError as error:
        raise wrong_parameters(name) from error


def _within(moment: datetime | None, ends: Range) -> bool:
    return moment is not None and ends[0] <= moment <= ends[1]
