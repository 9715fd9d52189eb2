"""One story short enough to be told in every wire form and with every habit of either platform.

Enrol, edit on both sides, unlock, close by suspension and by override, grant credit, complete, review, approve, restore,
withdraw, and a quiet run at the end. `tell` gives back what happened in each chapter and what stands at the end, in
words that no wire form and no habit may change.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.report import Exit, Report

from .provider import (
    APRIL_24,
    AVA,
    DAY,
    MAY_1,
    MIA,
    NIGHT,
    NOAH,
    SAFETY_COURSE,
    WHS,
    WHS_COURSE,
    module_of,
    user_of,
)
from .world import Account, asked, explain, gist

PEOPLE = (MIA, NOAH, AVA)
CHAPTERS = ("enrol", "edit", "close", "restore", "quiet")


@dataclass
class Told:
    """The story as it happened: by chapter the exit code, the changes and the questions; then what stands on both sides."""

    exits: list[Exit] = field(default_factory=list)
    changes: list[set[tuple[Any, ...]]] = field(default_factory=list)
    questions: list[set[tuple[Any, ...]]] = field(default_factory=list)
    ispring: dict[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)
    axcelerate: dict[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)
    writes_of_the_quiet_run: int = 0
    reports: list[Report] = field(default_factory=list, compare=False, repr=False)

    def add(self, report: Report) -> None:
        self.reports.append(report)
        self.exits.append(report.exit_code)
        self.changes.append(gist(report))
        self.questions.append(asked(report))

    @property
    def said(self) -> set[str]:
        """Every reason that was given for leaving something alone."""
        return {skip.reason for report in self.reports for skip in report.skips}

    @property
    def trouble(self) -> list[str]:
        return [text for report in self.reports for text in report.trouble]

    def __str__(self) -> str:
        return "\n".join(explain(report) for report in self.reports)


def tell(account: Account) -> Told:
    told = Told()
    told.add(account.reconcile())
    _edit(account)
    told.add(account.reconcile())
    _close(account)
    told.add(account.reconcile())
    _restore(account, told.reports[-1])
    told.add(account.reconcile())
    account.writes()
    told.add(account.reconcile())
    told.writes_of_the_quiet_run = len(account.writes())
    _look(account, told)
    return told


def _place(account: Account, contact: int, course: str) -> str | None:
    """The learner's enrollment; none where the account did not let us make one."""
    found = account.enrollments(user_of(contact), course)
    return found[-1]["enrollment_id"] if found else None


def _edit(account: Account) -> None:
    staff, admin = account.axcelerate.person, account.ispring.person
    staff.set_unit(MIA, DAY, WHS, end=APRIL_24)
    staff.set_module(module_of(AVA), override=True)
    if (place := _place(account, NOAH, WHS_COURSE)) is not None:
        admin.edit_enrollment(place, due=MAY_1)
    if (place := _place(account, NOAH, SAFETY_COURSE)) is not None:
        admin.edit_enrollment(place, lock=False)


def _close(account: Account) -> None:
    staff, admin = account.axcelerate.person, account.ispring.person
    staff.set_class_enrolment(MIA, DAY, status="Suspended")
    staff.set_module(module_of(AVA), override=False)
    staff.set_unit(NOAH, DAY, WHS, outcome="51")
    if (place := _place(account, AVA, WHS_COURSE)) is not None:
        admin.complete(place, "passed", at=datetime(2026, 2, 26, 22, tzinfo=UTC), certificate=True)


def _restore(account: Account, last: Report) -> None:
    staff = account.axcelerate.person
    staff.set_class_enrolment(MIA, DAY, status="In Progress")
    staff.set_module(module_of(AVA), override=None)
    staff.set_class_enrolment(MIA, NIGHT, status="Cancelled")
    for question in last.questions:
        if question.proposed:
            account.approve(question.id)


def _look(account: Account, told: Told) -> None:
    """What stands: iSpring's (access, due, lock, status) by course, aXcelerate's (code or override, start, end) by unit or module."""
    names = {user_of(contact): contact for contact in PEOPLE}
    titles = {row["course_id"]: row["title"] for row in account.ispring.rows("courses")}
    zone = ZoneInfo(account.lms_zone)
    rows = account.ispring.rows("enrollments")
    for row in rows:
        due = row["due"] and row["due"].astimezone(zone).date()
        key = (names[row["user_id"]], titles[row["course_id"]])
        told.ispring[key] = (row["access"].astimezone(zone).date(), due, row["lock"], row["status"])
    assert len(told.ispring) == len(rows), "somebody is enrolled twice"
    for row in account.axcelerate.rows("units"):
        told.axcelerate[row["contact_id"], row["code"]] = (row["outcome"], row["start"], row["end"])
    for row in account.axcelerate.rows("modules"):
        told.axcelerate[row["contact_id"], row["name"]] = (row["override"], row["start"], row["end"])
