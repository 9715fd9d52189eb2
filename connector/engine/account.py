"""The facts of the account that decide for everybody: what it shows, which rules rest, which classes moved."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from connector.domain import memory as memories
from connector.domain.enrolment import ClassEnrolment, TrainingClass
from connector.domain.learner import ClassId
from connector.domain.ledger import PersonDigest
from connector.domain.outcome import is_interim
from connector.domain.report import Report
from connector.domain.rule import Rules
from connector.engine.parts import Parts
from connector.errors import Unreadable
from connector.planning.person import Circumstances
from connector.platforms.port import Kind
from connector.reading.people import staged
from connector.state.scratch import Scratch


def rested_rules(parts: Parts, rules: Rules, report: Report) -> dict[str, str]:
    """Rules whose course has another title than the mapping says, or is unknown."""
    named = [(rule, course) for rule in rules.rules for course in rule.courses if course.title is not None]
    if not named:
        return {}
    titles = parts.lms.course_titles([course.course_id for _, course in named])
    rested = {}
    for rule, course in named:
        shown = titles.get(course.course_id)
        if shown is None:
            rested[rule.id] = "unknown_course"
            report.rested.append(f"{rule.id}: iSpring Learn shows no course {course.course_id}")
        elif shown.strip() != (course.title or "").strip():
            rested[rule.id] = "title_moved"
            report.rested.append(
                f"{rule.id}: title_moved: the course {course.course_id} is called {shown!r}, "
                f"the mapping says {course.title!r} ({rule.place_of('ispring.courses')})"
            )
    return rested


def circumstances(
    parts: Parts, rules: Rules, scratch: Scratch, report: Report, rested: dict[str, str]
) -> Circumstances:
    """What holds for the whole run, from this reading and from what the account has shown before."""
    store = parts.store
    now = parts.now()
    last = store.fact("last_full_read")
    around = Circumstances(
        rules=rules,
        today=now.astimezone(parts.zone).date(),
        zone=parts.zone,
        now=now,
        last_full_read=date.fromisoformat(last) if last else None,
        details=_details(parts, scratch, report),
        rested_rules=rested,
    )
    return replace(
        around, shows_end_dates=bool(store.fact("shows_end_dates")) or _end_date_shown(parts, rules, scratch)
    )


def _details(parts: Parts, scratch: Scratch, report: Report) -> dict[ClassId, TrainingClass]:
    found = {}
    for record in scratch.of_kind(Kind.TRAINING_CLASS):
        try:
            value = parts.vet.parse(staged(record))
        except Unreadable as problem:
            report.rested.append(str(problem))
            continue
        if isinstance(value, TrainingClass):
            found[value.class_id] = value
    return found


def _end_date_shown(parts: Parts, rules: Rules, scratch: Scratch) -> bool:
    """Whether this reading shows one end date of a unit without a final code; stops at the first."""
    jurisdiction = {rule.unit.upper(): rule.jurisdiction for rule in rules.rules if rule.unit}
    if not jurisdiction:
        return False
    for record in scratch.of_kind(Kind.CLASS_ENROLMENT):
        try:
            row = parts.vet.parse(staged(record))
        except Unreadable:
            continue
        assert isinstance(row, ClassEnrolment)
        for unit in row.units:
            home = jurisdiction.get(unit.code.upper())
            if unit.end is not None and home is not None and is_interim(unit.outcome, home):
                return True
    return False


def decided_by(around: Circumstances) -> str:
    """What quiet people were decided by: when it changes, everybody is looked at again."""
    return f"{around.rules.digest} {around.zone.key} {around.shows_end_dates}"


def class_finishes(around: Circumstances) -> dict[str, str]:
    """When each class of a class rule finishes: it decides for everybody in the class, and stands in no record of theirs."""
    return {str(class_id): str(detail.finish) for class_id, detail in around.details.items()}


def load_known(parts: Parts, scratch: Scratch, around: Circumstances, *, is_full: bool) -> None:
    """Load what was known, so that the scratch can say who has news.

    Nobody is quiet when the rules changed or one of them rests, and nobody in a class whose finish moved.
    """
    store = parts.store
    scratch.load_links(store.linked_ids())
    if not is_full:
        return
    if store.fact("decided_by") != decided_by(around) or around.rested_rules:
        scratch.load_known(digest._replace(quiet=False) for digest in store.digests())
        return
    touched = _in_moved_classes(parts, scratch, around)
    digests: Iterator[PersonDigest] = iter(store.digests())
    scratch.load_known(
        (d._replace(quiet=False) if d.contact_id in touched else d for d in digests) if touched else digests
    )


def _in_moved_classes(parts: Parts, scratch: Scratch, around: Circumstances) -> set[int]:
    """Contacts in classes whose finish is another one than the last full run saw."""
    known = parts.store.fact("class_finishes") or {}
    moved = {class_id for class_id, finish in class_finishes(around).items() if known.get(class_id) != finish}
    if not moved:
        return set()
    rows = map(staged, scratch.of_kind(Kind.CLASS_ENROLMENT))
    return {int(raw.owner) for raw in rows if raw.group in moved}


def places_known(parts: Parts, rules: Rules) -> int:
    """LMS enrolments that are remembered in the courses of this run; those of other rules say nothing about its lists."""
    courses = {course for rule in rules.rules for course in rule.course_ids}
    return sum(
        known.course_id in courses
        for person in parts.store.all_people()
        for known in memories.load(person.memory).enrolments.values()
    )
