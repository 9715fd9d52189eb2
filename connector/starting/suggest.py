"""Which course probably belongs to which unit or module, by code and by name. Pure; suggested, never decided."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from connector.domain.catalogue import OfferedCourse
from connector.domain.learner import ClassId
from connector.domain.rule import Target
from connector.reading.account import Account

SURE = 0.8
"""Names that are at least this alike are taken for the same thing; below, the pair is written as a comment."""
LIKELY = 0.45
"""Names less alike than this are not worth a look."""

_CODE = re.compile(r"[A-Z]{3,}[A-Z0-9]*\d{3,}[A-Z]?")
_FILLING = frozenset(
    ("online", "part", "course", "module", "unit", "the", "and", "of", "to", "a", "for", "in", "at")
)


@dataclass(frozen=True, slots=True)
class Belongs:
    """One suggestion: these courses belong to this unit or module. `because` is half a sentence for the file's comment.

    `name` is the unit's name, "" for a module, whose `key` is its name; `classes` are those in which it is taught; `learners`
    have it in aXcelerate.
    """

    courses: tuple[OfferedCourse, ...]
    target: Target
    key: str
    name: str
    classes: tuple[ClassId, ...]
    learners: int
    because: str
    is_sure: bool


@dataclass(frozen=True, slots=True)
class Suggested:
    """Everything that is suggested: `sure` pairs become rules, `likely` ones comments; `alone` are courses that resemble nothing."""

    sure: tuple[Belongs, ...]
    likely: tuple[Belongs, ...]
    alone: tuple[OfferedCourse, ...]


@dataclass(frozen=True, slots=True)
class _Candidate:
    target: Target
    key: str
    likeness: float
    because: str


def suggest(account: Account) -> Suggested:
    """Look at every course. Courses that surely belong to one unit make one rule together."""
    sure: dict[tuple[Target, str], list[tuple[OfferedCourse, _Candidate]]] = {}
    likely: list[Belongs] = []
    alone: list[OfferedCourse] = []
    for course in account.courses:
        best = max(_candidates(course, account), key=lambda one: one.likeness, default=None)
        if best is None or best.likeness < LIKELY:
            alone.append(course)
        elif best.likeness < SURE:
            likely.append(_belongs([course], best, account, is_sure=False))
        else:
            sure.setdefault((best.target, best.key), []).append((course, best))
    rules = [
        _belongs([course for course, _ in found], found[0][1], account, is_sure=True)
        for found in sure.values()
    ]
    return Suggested(tuple(rules), tuple(likely), tuple(alone))


def _belongs(courses: list[OfferedCourse], by: _Candidate, account: Account, *, is_sure: bool) -> Belongs:
    taught = (account.units if by.target is Target.UNIT else account.modules)[by.key]
    return Belongs(
        courses=tuple(courses),
        target=by.target,
        key=account.spelt[by.key],
        name=account.unit_name(by.key) if by.target is Target.UNIT else "",
        classes=tuple(sorted(taught)),
        learners=len(set().union(*taught.values())),
        because=by.because,
        is_sure=is_sure,
    )


def _candidates(course: OfferedCourse, account: Account) -> Iterator[_Candidate]:
    codes = set(_CODE.findall(course.title.upper()))
    for code in account.units:
        if code in codes:
            yield _Candidate(Target.UNIT, code, 2.0, "the title holds the unit's code")
        alike = likeness(course.title, account.unit_name(code))
        yield _Candidate(Target.UNIT, code, alike, f"the names are {alike:.0%} alike")
    for name in account.modules:
        alike = likeness(course.title, name)
        because = "both have the same name" if alike == 1 else f"the names are {alike:.0%} alike"
        yield _Candidate(Target.MODULE, name, alike, because)


def likeness(one: str, other: str) -> float:
    """How alike two names are, 0 to 1: the better of their letters and of the words they share, without filling words."""
    first, second = _words(one), _words(other)
    if not first or not second:
        return 0.0
    shared = len(set(first) & set(second)) / len(set(first) | set(second))
    letters = SequenceMatcher(None, " ".join(first), " ".join(second)).ratio()
    return max(shared, letters)


def _words(name: str) -> list[str]:
    return [word for word in re.findall(r"\w+", name.casefold()) if word not in _FILLING]
