"""What one person's decisions are made from: everything read about them, and the circumstances of the run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from connector.domain.enrolment import (
    ClassEnrolment,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
    TrainingClass,
)
from connector.domain.learner import ClassId, Contact, CourseId, User, UserId
from connector.domain.ledger import Review
from connector.domain.rule import Rule, Rules, Target


@dataclass(frozen=True)
class Person:
    """One contact as both sides show it in this run.

    `user` is the linked LMS user, `user_id` also set when the link stands but the user was not in the listing.
    `identity` is why the person cannot be matched ("ambiguous_person") or why outcomes rest ("link_contradicted"); "" when fine.
    `sharing` is who else has the address of a contact whom nobody matches.
    `gone` holds (rule id, record key) of records proven gone. `unreadable` holds classes whose row was set aside
    (NO_CLASS: a row that does not name its class),
    `unreadable_courses` courses in which an LMS enrolment was ("": in one that its row does not name).
    `running` holds enrolments whose course status change still runs at the LMS. `results_read` is False where
    completions were not read (no rule needs them); then a missing completion means nothing.
    """

    contact: Contact
    user: User | None
    user_id: UserId | None = None
    identity: str = ""
    candidates: tuple[UserId, ...] = ()
    sharing: tuple[str, ...] = ()
    classes: tuple[ClassEnrolment, ...] = ()
    modules: tuple[ModuleEnrolment, ...] = ()
    enrolments: tuple[Enrolment, ...] = ()
    completions: Mapping[EnrolmentId, Completion] = field(default_factory=dict)
    results_read: bool = True
    gone: frozenset[tuple[str, str]] = frozenset()
    merged_into: int | None = None
    unreadable: frozenset[ClassId] = frozenset()
    unreadable_courses: frozenset[CourseId] = frozenset()
    running: frozenset[EnrolmentId] = frozenset()


@dataclass(frozen=True)
class Circumstances:
    """What holds for the whole run. `today` is the date in the RTO's zone; `zone` turns instants into completion dates.

    `shows_end_dates`: this account has shown an end date of a unit without a final code. `last_full_read` is the day of the last
    full reading before this run. `rested_rules` maps a rule id to the reason why it rests in this run (`title_moved`),
    `rested_classes` are classes whose listing was emptied. `decisions` are the reviews on record by id, lapsed ones left out.
    """

    rules: Rules
    today: date
    zone: ZoneInfo
    now: datetime
    shows_end_dates: bool = False
    last_full_read: date | None = None
    details: Mapping[ClassId, TrainingClass] = field(default_factory=dict)
    rested_rules: Mapping[str, str] = field(default_factory=dict)
    rested_classes: frozenset[ClassId] = frozenset()
    decisions: Mapping[str, Review] = field(default_factory=dict)

    @cached_property
    def by_course(self) -> dict[CourseId, list[Rule]]:
        """Rules that name a course, in their order."""
        found: dict[CourseId, list[Rule]] = {}
        for rule in self.rules.rules:
            for course in rule.course_ids:
                found.setdefault(course, []).append(rule)
        return found

    @cached_property
    def unit_rules(self) -> dict[str, list[Rule]]:
        """Unit rules by unit code, upper-cased."""
        found: dict[str, list[Rule]] = {}
        for rule in self.rules.rules:
            if rule.target is Target.UNIT and rule.unit:
                found.setdefault(rule.unit.upper(), []).append(rule)
        return found

    @cached_property
    def class_rules(self) -> list[Rule]:
        return [rule for rule in self.rules.rules if rule.target is Target.CLASS]

    @cached_property
    def module_rules(self) -> list[Rule]:
        return [rule for rule in self.rules.rules if rule.target is Target.MODULE]

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules.rules}

    def day_of(self, instant: datetime) -> date:
        """The calendar date of an aware instant in the RTO's zone."""
        return instant.astimezone(self.zone).date()
