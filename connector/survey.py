"""What `connector check` finds: settings, database, mappings, then every read on both platforms, and which rules need which write.

Nothing is written. A write cannot be proven without writing, so each is named with the rules that need it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from connector.domain.report import Exit
from connector.domain.rule import MissingLearner, OnWithdrawal, Rule, Rules, Target
from connector.errors import MappingError, PlatformError, SetupError
from connector.platforms.port import Standing
from connector.wiring import opened_axcelerate, opened_ispring

if TYPE_CHECKING:
    from connector.domain.learner import ClassId
    from connector.platforms.axcelerate import AxcelerateVet
    from connector.platforms.ispring import IspringPlatform
    from connector.platforms.ispring.capabilities import Proof
    from connector.settings import Settings

SETTINGS, DATABASE, MAPPINGS = "settings", "database", "mappings"
ISPRING, AXCELERATE = "iSpring Learn", "aXcelerate"


@dataclass(frozen=True, slots=True)
class Found:
    """One line of the table. `code` is what a failure of this line makes of the exit code."""

    where: str
    what: str
    standing: Standing
    detail: str = ""
    code: Exit = Exit.FINISHED


def survey(settings: Settings) -> Iterator[Found]:
    """Look at everything, in the order in which mistakes are best mended; with broken mappings the platforms are not asked."""
    for warning in settings.warnings:
        yield Found(SETTINGS, "doubtful", Standing.WARNING, warning)
    yield Found(SETTINGS, "read", Standing.PROVEN, f"calendar dates are in {settings.zone.key}")
    yield _database(settings)
    rules = None
    for line in _mappings(settings):
        if isinstance(line, Rules):
            rules = line
        else:
            yield line
    if rules is None:
        return
    # Both at once: where neither answers, the second must not be reported minutes after the first.
    vet = _beside(_axcelerate(settings, rules))
    yield from _ispring(settings, rules)
    yield from vet()
    yield from writes_needed(rules)


def _beside(findings: Iterator[Found]) -> Callable[[], list[Found]]:
    """Collect findings in a thread that Ctrl-C need not wait for; the function returned gives them once they are all there."""
    found: list[Found] = []
    failures: list[BaseException] = []

    def collect() -> None:
        try:
            found.extend(findings)
        except BaseException as failure:  # handed to the thread that asks, which raises it there
            failures.append(failure)

    thread = threading.Thread(target=collect, name="survey", daemon=True)
    thread.start()

    def result() -> list[Found]:
        thread.join()
        if failures:
            raise failures[0]
        return found

    return result


def exit_code(found: Iterable[Found]) -> Exit:
    """The exit code of the table: settings and mappings first, then platforms, then rules that rest."""
    codes = {line.code for line in found if line.standing is Standing.FAILED}
    return next(
        (code for code in (Exit.SETUP, Exit.UNREACHABLE, Exit.PARTIAL) if code in codes), Exit.FINISHED
    )


def _database(settings: Settings) -> Found:
    from connector.state.migrate import check

    try:
        return Found(
            DATABASE, "state database", Standing.PROVEN, check(settings.database_url.get_secret_value())
        )
    except SetupError as error:
        return Found(DATABASE, "state database", Standing.FAILED, str(error), Exit.SETUP)


def _mappings(settings: Settings) -> Iterator[Found | Rules]:
    from connector.mapping.load import load_rules

    try:
        loaded = load_rules(settings.mappings_dir, jurisdiction=settings.axcelerate.jurisdiction)
    except MappingError as error:
        for problem in error.problems:
            yield Found(MAPPINGS, "problem", Standing.FAILED, problem, Exit.SETUP)
        return
    for warning in loaded.warnings:
        yield Found(MAPPINGS, warning.lint or "doubtful", Standing.WARNING, str(warning))
    count = len(loaded.rules.rules)
    yield Found(MAPPINGS, "rules", Standing.PROVEN, f"{count} rule{'' if count == 1 else 's'}, no problem")
    yield loaded.rules


def _ispring(settings: Settings, rules: Rules) -> Iterator[Found]:
    from connector.reading.scope import courses_of

    with opened_ispring(settings) as lms:
        shown = lms.capabilities(courses_of(rules.rules))
        how = f"{shown.dialect}, {shown.form}, {shown.credentials}"
        for proof in shown.proofs:
            standing = _standing(proof, rules)
            yield Found(ISPRING, f"read {proof.read}", standing, f"{proof.detail} ({how})", Exit.UNREACHABLE)
        if shown.works:
            yield from _titles(lms, rules)


def _standing(proof: Proof, rules: Rules) -> Standing:
    """A read that fails is a failure where runs make it; contents are read for the titles that mappings give."""
    titled = any(course.title is not None for rule in rules.rules for course in rule.courses)
    if proof.works:
        return Standing.PROVEN
    return Standing.WARNING if proof.read == "contents" and not titled else Standing.FAILED


def _titles(lms: IspringPlatform, rules: Rules) -> Iterator[Found]:
    """Every course is there, under the title that the mapping gives it."""
    courses = [(rule, course) for rule in rules.rules for course in rule.courses]
    try:
        titles = lms.course_titles([course.course_id for _, course in courses])
    except PlatformError as error:
        yield Found(ISPRING, "course titles", Standing.FAILED, str(error), Exit.UNREACHABLE)
        return
    for rule, course in courses:
        what, title = f"course {course.course_id}", titles.get(course.course_id)
        place = rule.place_of("ispring.courses")
        if title is None:
            detail = f"the account does not show it ({place}); rule {rule.id} rests"
            yield Found(ISPRING, what, Standing.FAILED, detail, Exit.PARTIAL)
        elif course.title is not None and title.strip() != course.title.strip():
            detail = f"title_moved: it is called {title!r}, the mapping says {course.title!r} ({place}); rule {rule.id} rests"
            yield Found(ISPRING, what, Standing.FAILED, detail, Exit.PARTIAL)
        else:
            yield Found(ISPRING, what, Standing.PROVEN, f"{title}, rule {rule.id}")


def _axcelerate(settings: Settings, rules: Rules) -> Iterator[Found]:
    from connector.reading.scope import vet_scope

    with opened_axcelerate(settings) as vet:
        yield from _vet_findings(vet, rules, vet_scope(rules.rules))


def _vet_findings(vet: AxcelerateVet, rules: Rules, scope: object) -> Iterator[Found]:
    for finding in vet.capabilities(scope, _assumed(rules)):  # type: ignore[arg-type]
        yield Found(AXCELERATE, finding.what, finding.standing, finding.detail, Exit.UNREACHABLE)


def _assumed(rules: Rules) -> dict[ClassId, str]:
    """The jurisdiction that the mapping assumes of each class it names."""
    return {class_id: rule.jurisdiction for rule in rules.rules for class_id in rule.classes}


def writes_needed(rules: Rules) -> Iterator[Found]:
    """For each kind of write the rules that need it."""
    for where, what, needs in _WRITES:
        needed_by = [rule.id for rule in rules.rules if needs(rule)]
        if needed_by:
            detail = f"needed by {', '.join(needed_by)}; cannot be proven without writing"
            yield Found(where, what, Standing.UNPROVEN, detail)


def _moves_schedule(rule: Rule) -> bool:
    return any(choice.direction.into_ispring for choice in (rule.start_date, rule.due_date, rule.access))


def _moves_unit(rule: Rule) -> bool:
    dates = any(choice.direction.into_axcelerate for choice in (rule.start_date, rule.due_date))
    return rule.target is Target.UNIT and (dates or bool(rule.outcome.to_axcelerate))


def _moves_module(rule: Rule) -> bool:
    moved = (rule.start_date, rule.due_date, rule.access)
    return rule.target is Target.MODULE and any(choice.direction.into_axcelerate for choice in moved)


_WRITES = (
    (ISPRING, "enrol learners", lambda rule: rule.enrolment.create),
    (
        ISPRING,
        "edit dates and access",
        lambda rule: _moves_schedule(rule) or rule.enrolment.on_withdrawal is not OnWithdrawal.KEEP,
    ),
    (ISPRING, "unenrol", lambda rule: rule.enrolment.on_withdrawal is OnWithdrawal.UNENROL),
    (ISPRING, "set course status", lambda rule: bool(rule.outcome.to_ispring)),
    (ISPRING, "add users", lambda rule: rule.enrolment.missing_learner is MissingLearner.CREATE),
    (AXCELERATE, "update unit enrolments (dates, outcomes)", _moves_unit),
    (AXCELERATE, "update learning-plan modules (dates, override)", _moves_module),
)
