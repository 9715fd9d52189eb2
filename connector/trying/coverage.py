"""What no rule names, and rules that match nobody, with the learners behind each. Pure: account and rules in, findings out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from connector.domain.learner import ClassId, ContactId
from connector.domain.rule import Rule, Rules, Target
from connector.reading.account import Account


@dataclass(frozen=True, slots=True)
class Unnamed:
    """Something that an account holds and no rule names. `kind` is course, class, unit or module; `classes` where it is taught."""

    kind: str
    id: str
    name: str
    learners: int
    classes: tuple[ClassId, ...] = ()


@dataclass(frozen=True, slots=True)
class Idle:
    """A rule that matches nobody: no learner of aXcelerate stands behind it, `in_courses` are enrolled in its courses all the same."""

    rule: Rule
    in_courses: int
    why: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Findings, the most learners first within each kind. `set_aside` are rows that could not be understood."""

    unnamed: tuple[Unnamed, ...]
    idle: tuple[Idle, ...]
    set_aside: tuple[str, ...]

    def of(self, kind: str) -> tuple[Unnamed, ...]:
        return tuple(one for one in self.unnamed if one.kind == kind)


def coverage(account: Account, rules: Rules) -> Coverage:
    """Compare an account with the rules. A class counts as named when some rule finds a learner, unit or module in it."""
    found = [
        *_courses(account, rules),
        *_classes(account, rules),
        *_units(account, rules),
        *_modules(account, rules),
    ]
    kinds = ("course", "class", "unit", "module")
    found.sort(key=lambda one: (kinds.index(one.kind), -one.learners, one.name.casefold(), one.id))
    idle = [_idle(rule, account) for rule in rules.rules if not behind(rule, account)]
    return Coverage(tuple(found), tuple(idle), tuple(account.set_aside))


def behind(rule: Rule, account: Account) -> set[ContactId]:
    """The learners whose records a rule is about."""
    return set().union(*places(rule, account).values())


def places(rule: Rule, account: Account) -> dict[ClassId, set[ContactId]]:
    """Where a rule finds what it is about: learners by class."""
    if rule.target is Target.UNIT:
        everywhere = account.units.get((rule.unit or "").upper(), {})
    elif rule.target is Target.MODULE:
        everywhere = account.modules.get((rule.module or "").strip().casefold(), {})
    else:
        everywhere = account.classes
    return {class_id: who for class_id, who in everywhere.items() if _covers(rule, class_id, account)}


def _covers(rule: Rule, class_id: ClassId, account: Account) -> bool:
    """Whether a rule is about a class (the same as `planning.standing.covers`, of a class instead of a row)."""
    if rule.classes:
        return class_id in rule.classes
    qualification = account.qualifications.get(class_id, "")
    return not rule.qualification or qualification.upper() == rule.qualification.upper()


def _courses(account: Account, rules: Rules) -> Iterator[Unnamed]:
    named = {course for rule in rules.rules for course in rule.course_ids}
    for course in account.courses:
        if course.course_id not in named:
            learners = len(account.users.get(course.course_id, ()))
            yield Unnamed("course", course.course_id, course.title, learners)


def _classes(account: Account, rules: Rules) -> Iterator[Unnamed]:
    named = {class_id for rule in rules.rules for class_id in places(rule, account)}
    for class_id, who in account.classes.items():
        if class_id not in named:
            yield Unnamed("class", str(class_id), account.class_name(class_id), len(who), (class_id,))


def _units(account: Account, rules: Rules) -> Iterator[Unnamed]:
    of_units = [rule for rule in rules.rules if rule.target is Target.UNIT]
    for code, by_class in account.units.items():
        mine = [rule for rule in of_units if (rule.unit or "").upper() == code]
        yield from _left_over("unit", code, account.unit_name(code), by_class, mine, account)


def _modules(account: Account, rules: Rules) -> Iterator[Unnamed]:
    of_modules = [rule for rule in rules.rules if rule.target is Target.MODULE]
    for name, by_class in account.modules.items():
        mine = [rule for rule in of_modules if (rule.module or "").strip().casefold() == name]
        yield from _left_over("module", name, account.spelt[name], by_class, mine, account)


def _left_over(
    kind: str,
    key: str,
    name: str,
    by_class: dict[ClassId, set[ContactId]],
    rules: Iterable[Rule],
    account: Account,
) -> Iterator[Unnamed]:
    """What is taught in classes that no rule for it covers: a rule for two intakes leaves the third unnamed."""
    named = {class_id for rule in rules for class_id in places(rule, account)}
    left = {class_id: who for class_id, who in by_class.items() if class_id not in named}
    if left:
        yield Unnamed(kind, account.spelt[key], name, len(set().union(*left.values())), tuple(sorted(left)))


def _idle(rule: Rule, account: Account) -> Idle:
    enrolled = set().union(*(account.users.get(course, set()) for course in rule.course_ids))
    return Idle(rule, len(enrolled), _why_idle(rule, account))


def _why_idle(rule: Rule, account: Account) -> str:
    """The first thing that keeps a rule from finding anybody."""
    absent = [str(class_id) for class_id in rule.classes if class_id not in account.classes]
    if absent and len(absent) == len(rule.classes):
        return f"nobody is enrolled in class {', '.join(absent)}"
    if rule.qualification and rule.qualification.upper() not in {
        code.upper() for code in account.qualifications.values()
    }:
        return f"nobody is enrolled in qualification {rule.qualification}"
    if rule.target is Target.UNIT:
        taught = account.units.get((rule.unit or "").upper(), {})
        return _elsewhere(f"unit {rule.unit}", taught)
    if rule.target is Target.MODULE:
        planned = account.modules.get((rule.module or "").strip().casefold(), {})
        return _elsewhere(f"module {rule.module}", planned)
    return "nobody is enrolled in any class"


def _elsewhere(what: str, by_class: dict[ClassId, set[ContactId]]) -> str:
    if not by_class:
        return f"nobody has {what}"
    classes = ", ".join(str(class_id) for class_id in sorted(by_class))
    return f"{what} is in class {classes}, and not in those that the rule is about"
