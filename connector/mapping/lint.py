"""Warnings: mappings that are valid and probably not meant. Each has a name and says its fix; none changes an exit code."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from connector.domain.enrolment import Status
from connector.domain.outcome import is_final, is_interim, shown
from connector.domain.rule import Approval, MissingLearner, Rule, Target
from connector.mapping.draft import Draft
from connector.mapping.problems import Path, Problem


@dataclass(frozen=True, slots=True)
class Linted:
    """A rule together with where it is written."""

    draft: Draft
    rule: Rule

    def warning(self, name: str, path: Path, message: str) -> Problem:
        return self.draft.problem(path, message, lint=name)


def lint(rules: list[Linted]) -> Iterator[Problem]:
    """All warnings about rules that have no problems."""
    for one in rules:
        for check in LINTS.values():
            yield from check(one)
    yield from _overlapping_rules(rules)


def _final_code_for_failed(one: Linted) -> Iterator[Problem]:
    """Without approval, the first failed attempt would be the last (contract, section 3)."""
    outcome = one.rule.outcome
    code = outcome.to_axcelerate.get(Status.FAILED)
    if code is not None and outcome.approval is Approval.AUTOMATIC and is_final(code, one.rule.jurisdiction):
        yield one.warning(
            "final-code-for-failed",
            ("outcome", "to_axcelerate", "failed"),
            f"{code} is final and is written without approval: a first failed attempt would end the unit; "
            "write `approval: required`, or leave `failed` out",
        )


def _outcome_gap(one: Linted) -> Iterator[Problem]:
    """Which success a course ends with depends on its kind, and content changes its kind when it is republished."""
    table = one.rule.outcome.to_axcelerate
    successes = [status for status in Status if status.is_success]
    left_out = [status for status in successes if status not in table]
    if left_out and len(left_out) < len(successes):
        names = ", ".join(left_out)
        yield one.warning(
            "outcome-gap",
            ("outcome", "to_axcelerate"),
            f"has no code for {names}: a learner whose course ends so gets no outcome; add {names}",
        )


def _success_stays_open(one: Linted) -> Iterator[Problem]:
    for status, code in one.rule.outcome.to_axcelerate.items():
        if status.is_success and is_interim(code, one.rule.jurisdiction):
            yield one.warning(
                "success-stays-open",
                ("outcome", "to_axcelerate", status.value),
                f"{shown(code)} keeps the unit open although the course is {status}; write a final code, or leave {status} out",
            )


def _blank_as_result(one: Linted) -> Iterator[Problem]:
    for status, code in one.rule.outcome.to_axcelerate.items():
        if not code:
            yield one.warning(
                "blank-as-result",
                ("outcome", "to_axcelerate", status.value),
                "whether aXcelerate accepts a blank code is not documented; write 70, or leave the status out",
            )


def _outcome_without_tables(one: Linted) -> Iterator[Problem]:
    if one.draft.is_own("outcome") and not one.rule.outcome.is_used:
        yield one.warning(
            "outcome-without-tables",
            ("outcome",),
            "has neither `to_axcelerate` nor `to_ispring`, so no outcome is ever written; add a table, or leave `outcome` out",
        )


def _status_may_be_refused(one: Linted) -> Iterator[Problem]:
    """iSpring's help knows only `complete`; its newer description lists four (iSpring reference, section 5.1)."""
    table = one.draft.document.outcome.to_ispring or {}
    for code, status in table.items():
        if status != "complete":
            yield one.warning(
                "status-may-be-refused",
                ("outcome", "to_ispring", shown(code)),
                f"not every account lets {status} be set; `complete` is safe",
            )


def _department_unused(one: Linted) -> Iterator[Problem]:
    rule = one.rule.enrolment
    if one.draft.is_own("enrolment", "department") and rule.missing_learner is not MissingLearner.CREATE:
        yield one.warning(
            "department-unused",
            ("enrolment", "department"),
            "is used only with `missing_learner: create`; add that, or leave `department` out",
        )


_UUID = re.compile(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def _course_id_shape(one: Linted) -> Iterator[Problem]:
    for position, course in enumerate(one.rule.courses):
        if not _UUID.fullmatch(course.course_id):
            yield one.warning(
                "course-id-shape",
                ("ispring", "courses", position),
                f"{course.course_id} does not look like a content item id (36 letters and dashes); copy it from the course's address in iSpring",
            )


def _overlapping_rules(rules: list[Linted]) -> Iterator[Problem]:
    """Two rules that write the same thing of the same record: the second run would see the first one's write as an edit."""
    by_target: dict[tuple[Target, str], list[Linted]] = {}
    for one in rules:
        if one.rule.target is not Target.CLASS:
            name = (one.rule.unit or one.rule.module or "").casefold()
            by_target.setdefault((one.rule.target, name), []).append(one)
    for (target, _), together in by_target.items():
        for one, other in itertools.combinations(together, 2):
            fields = _written_by_both(one.rule, other.rule)
            if fields and _scopes_meet(one.rule, other.rule):
                yield other.warning(
                    "overlapping-rules",
                    ("axcelerate", target.value),
                    f"{one.rule.id} ({one.rule.place}) also writes {', '.join(fields)} of "
                    f"{other.rule.unit or other.rule.module}; make it one rule with several courses, or give each its own classes",
                )


def _written_by_both(one: Rule, other: Rule) -> list[str]:
    fields = [
        ("outcome", one.outcome.to_axcelerate, other.outcome.to_axcelerate),
        ("start_date", one.start_date.direction.into_axcelerate, other.start_date.direction.into_axcelerate),
        ("due_date", one.due_date.direction.into_axcelerate, other.due_date.direction.into_axcelerate),
    ]
    return [name for name, first, second in fields if first and second]


def _scopes_meet(one: Rule, other: Rule) -> bool:
    """Whether some class is certainly in both; which classes deliver a qualification is not known here."""
    if one.classes and other.classes:
        return not set(one.classes).isdisjoint(other.classes)
    if one.qualification and other.qualification:
        return one.qualification.casefold() == other.qualification.casefold()
    return not (one.classes or one.qualification) or not (other.classes or other.qualification)


LINTS: dict[str, Callable[[Linted], Iterator[Problem]]] = {
    "final-code-for-failed": _final_code_for_failed,
    "outcome-gap": _outcome_gap,
    "success-stays-open": _success_stays_open,
    "blank-as-result": _blank_as_result,
    "outcome-without-tables": _outcome_without_tables,
    "status-may-be-refused": _status_may_be_refused,
    "department-unused": _department_unused,
    "course-id-shape": _course_id_shape,
}
