"""The same kinds of edit again and again, each round with other values, so that trouble can strike at every step of a run.

A round moves a due date on each side, lifts or sets a lock, suspends or takes back, grants or takes back a credit, lets a learner
pass, and brings a new learner. What has to stand afterwards follows from the edits alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from connector.domain.report import Exit, Report

from .provider import (
    APRIL_10,
    APRIL_17,
    AVA,
    CLASS_RULE,
    DAY,
    FEB_2,
    LEO,
    MIA,
    MODULE_RULE,
    NOAH,
    SAFETY_COURSE,
    TODAY,
    UNIT_RULE,
    WHS,
    WHS_COURSE,
    module_of,
    rules,
    user_of,
)
from .world import Account, explain, settle, told

YESTERDAY = TODAY - timedelta(days=1)
PASSED_ON = TODAY - timedelta(days=3)
RULES = rules(UNIT_RULE.replace("outcome:", "outcome:\n      approval: automatic"), MODULE_RULE, CLASS_RULE)
Row = tuple[object, ...]


@dataclass
class Rounds:
    """An account in which rounds are played; `number` is the present one."""

    account: Account
    number: int = 0

    def __post_init__(self) -> None:
        self.account.use(RULES)
        settle(self.account)
        self._newcomers: list[tuple[int, str]] = []

    @property
    def is_odd(self) -> bool:
        return self.number % 2 == 1

    @property
    def day(self) -> date:
        return date(2026, 5, 1) + timedelta(days=self.number)

    def edit(self) -> None:
        """The edits of the next round, on both sides."""
        self.number += 1
        account, staff, admin = self.account, self.account.axcelerate.person, self.account.ispring.person
        staff.set_unit(MIA, DAY, WHS, end=self.day)
        admin.edit_enrollment(self._whs(user_of(AVA)), due=self.day)
        safety = account.enrollment(user_of(AVA), SAFETY_COURSE)["enrollment_id"]
        admin.edit_enrollment(safety, lock=not self.is_odd)
        staff.set_class_enrolment(NOAH, DAY, status="Suspended" if self.is_odd else "In Progress")
        staff.set_unit(LEO, DAY, WHS, outcome="51" if self.is_odd else "70")
        if self._newcomers:
            passed_at = account.clock.now() - timedelta(days=3)
            admin.complete(self._whs(self._newcomers[-1][1]), "passed", at=passed_at)
        self._add_newcomer()

    def _whs(self, user: str) -> str:
        return str(self.account.enrollment(user, WHS_COURSE)["enrollment_id"])

    def _add_newcomer(self) -> None:
        name, email = f"Newcomer {self.number}", f"newcomer{self.number}@example.org"
        user = self.account.ispring.person.add_user(email, email, name, "Tester")
        contact = self.account.axcelerate.person.add_contact(name, "Tester", email)
        self.account.axcelerate.person.enrol(contact, DAY, start=FEB_2, due=APRIL_10, units=[WHS])
        self._newcomers.append((contact, user))

    def expected(self) -> list[Row]:
        """What has to stand on both sides after this round."""
        closed = (user_of(NOAH), FEB_2, YESTERDAY, True, "not_started")
        granted = (user_of(LEO), FEB_2, YESTERDAY, True, "complete")
        rows: list[Row] = [
            (user_of(MIA), FEB_2, self.day, True, "not_started"),
            (user_of(AVA), FEB_2, self.day, True, "not_started"),
            closed if self.is_odd else (user_of(NOAH), FEB_2, APRIL_10, True, "not_started"),
            granted if self.is_odd else (user_of(LEO), FEB_2, APRIL_10, True, "not_started"),
            *((user, FEB_2, APRIL_10, True, "passed") for _, user in self._newcomers[:-1]),
            (self._newcomers[-1][1], FEB_2, APRIL_10, True, "not_started"),
            (MIA, "70", FEB_2, self.day),
            (AVA, "70", FEB_2, self.day),
            (NOAH, "70", FEB_2, APRIL_10),
            (LEO, "51" if self.is_odd else "70", FEB_2, APRIL_10),
            *((contact, "20", FEB_2, PASSED_ON) for contact, _ in self._newcomers[:-1]),
            (self._newcomers[-1][0], "70", FEB_2, APRIL_10),
            (module_of(AVA), True if self.is_odd else None, APRIL_17),
        ]
        return sorted(rows, key=repr)

    def standing(self) -> list[Row]:
        """What stands: every live place in the course, every unit, Ava's module. A place made twice would show twice."""
        ispring, axcelerate = self.account.ispring, self.account.axcelerate
        rows: list[Row] = [
            (row["user_id"], row["access_date"], row["due_date"], row["lock"], row["status"])
            for row in ispring.rows("enrollments")
            if row["course_id"] == WHS_COURSE
        ]
        rows += [
            (row["contact_id"], row["outcome"], row["start"], row["end"])
            for row in axcelerate.rows("units")
            if row["code"] == WHS
        ]
        module = self.account.module(module_of(AVA))
        rows.append((module["module_enrolment_id"], module["override"], module["end"]))
        return sorted(rows, key=repr)

    def recover(self) -> Report:
        """The next run after the trouble has passed; it finishes, and what was to happen has happened, once."""
        report = self.account.reconcile()
        for _ in range(3):
            # A write still without an answer is decided by this reading; a status task may take a few more looks.
            if report.exit_code is Exit.PARTIAL or any(s.reason == "status_running" for s in report.skips):
                report = self.account.reconcile()
        assert report.exit_code is Exit.FINISHED, explain(report)
        assert self.standing() == self.expected(), explain(report)
        quiet = self.account.plan()
        assert told(quiet) == [], explain(quiet)
        return report


def fresh(folder: Path) -> Path:
    """A folder of its own."""
    with suppress(FileExistsError):
        folder.mkdir(parents=True)
    return folder
