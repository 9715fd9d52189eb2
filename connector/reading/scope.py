"""Which lists a run has to read (contract, section 4), and how many pages a list of a known length takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.learner import ClassId, CourseId
from connector.domain.rule import Rule, Rules, Target
from connector.platforms.port import LmsScope, VetScope


def rules_to_read(rules: Rules, wanted: frozenset[str]) -> list[Rule]:
    """The rules whose lists a narrowed run needs to decide as the full run would.

    An enrolment may stand behind records of every rule that names its course, and a unit's outcome looks at every class that a rule names for
    the unit: so the wanted rules, and all that share a course or a unit with them, on and on. Where some rules make users and others only
    report who has none, every rule is read: a user whom one makes is enrolled by all.
    """
    makes_users = {rule.enrolment.missing_learner for rule in rules.rules}
    if not wanted or len(makes_users) > 1:
        return list(rules.rules)
    chosen = {rule.id for rule in rules.rules if rule.id in wanted}
    while True:
        courses = {c for rule in rules.rules if rule.id in chosen for c in rule.course_ids}
        units = {rule.unit.upper() for rule in rules.rules if rule.id in chosen and rule.unit}
        wider = {
            rule.id
            for rule in rules.rules
            if courses.intersection(rule.course_ids) or (rule.unit and rule.unit.upper() in units)
        }
        if wider <= chosen:
            return [rule for rule in rules.rules if rule.id in chosen]
        chosen |= wider


def vet_scope(rules: Iterable[Rule]) -> VetScope:
    """Lists per class where a rule names classes, per qualification where it names one, else the whole account."""
    chosen = list(rules)
    whole = any(not rule.classes and not rule.qualification for rule in chosen)
    classes = sorted({c for rule in chosen for c in rule.classes})
    qualifications = sorted(
        {rule.qualification for rule in chosen if rule.qualification and not rule.classes}
    )
    by_module = [rule for rule in chosen if rule.target is Target.MODULE]
    by_class = [rule for rule in chosen if rule.target is Target.CLASS]
    return VetScope(
        classes=() if whole else tuple(classes),
        qualifications=() if whole else tuple(qualifications),
        whole_account=whole,
        units=frozenset(rule.unit.upper() for rule in chosen if rule.unit),
        modules=bool(by_module),
        module_classes=_named_classes(by_module),
        details=bool(by_class),
        detail_classes=_named_classes(by_class),
    )


def _named_classes(rules: list[Rule]) -> tuple[ClassId, ...] | None:
    """The classes that these rules name; None when one of them names none (then the classes seen)."""
    if any(not rule.classes for rule in rules):
        return None
    return tuple(sorted({c for rule in rules for c in rule.classes}))


def lms_scope(rules: Iterable[Rule]) -> LmsScope:
    chosen = list(rules)
    fields = {matcher.lms_field for rule in chosen for matcher in rule.match}
    return LmsScope(
        courses=courses_of(chosen),
        people=True,
        completions=any(rule.outcome.is_used for rule in chosen),
        profile_fields=tuple(sorted(fields - {"email", "login"})),
    )


def courses_of(rules: Iterable[Rule]) -> tuple[CourseId, ...]:
    return tuple(dict.fromkeys(c for rule in rules for c in rule.course_ids))


@dataclass(frozen=True)
class PageSizes:
    ispring: int
    axcelerate: int


def pages_up(rows: int, size: int) -> int:
    """Pages of a list that says when it ends (iSpring Learn): rounded up, at least one."""
    return max(1, -(-rows // size))
