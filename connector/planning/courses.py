"""All courses of one person, those of one record together: an edit in one reaches the others in the same run.

The edit moves to aXcelerate and from there to the others (contract, section 4), whether one rule names the courses or several.
So every other course is planned as if aXcelerate showed the new value already; otherwise a second run would still have
something to do, and two courses could send two values to one field.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import date

from connector.domain.change import Override
from connector.domain.learner import CourseId
from connector.domain.plan import Change
from connector.domain.rule import Field, Side
from connector.planning.draft import Draft
from connector.planning.enrolling import plan_course
from connector.planning.standing import Record, Stand, governing

Moves = dict[Field, Change]
OVERRIDES = {Override.UNLOCK: True, Override.CLEAR: None, Override.LOCK: False}


def plan_courses(draft: Draft, courses: Mapping[CourseId, list[Record]]) -> None:
    """Decide everything but outcomes, course by course."""
    governors = {course: record for course, behind in courses.items() if (record := governing(behind))}
    moves = _moves_to_axcelerate(draft, courses, governors)
    for course, governor in governors.items():
        seen = _as_if_moved(governor, moves.get(governor.key, {}), course)
        behind = [seen if record.id == governor.id else record for record in courses[course]]
        plan_course(draft, course, behind, seen)


def _moves_to_axcelerate(
    draft: Draft, courses: Mapping[CourseId, list[Record]], governors: Mapping[CourseId, Record]
) -> dict[str, Moves]:
    """What each course alone would move to aXcelerate, by record, the first course first; only of records with several courses."""
    shared = [record.key for record in governors.values()]
    found: dict[str, Moves] = {}
    for course, governor in governors.items():
        if shared.count(governor.key) < 2:
            continue
        trial = Draft(draft.person, deepcopy(draft.memory), draft.around)
        plan_course(trial, course, courses[course], governor)
        for change in trial.plan.changes:
            if change.platform is Side.AXCELERATE:
                found.setdefault(governor.key, {}).setdefault(change.field, change)
    return found


def _as_if_moved(record: Record, moves: Moves, course: CourseId) -> Record:
    """The record as this course will see it once the edits of the other courses have been written."""
    for field, change in moves.items():
        if change.course_id == course:
            continue
        moved = date.fromisoformat(change.after) if field is not Field.ACCESS and change.after else None
        if field is Field.DUE_DATE:
            record = replace(record, end=moved)
        elif field is Field.START_DATE:
            record = replace(record, start=moved)
        elif field is Field.ACCESS:
            record = _with_override(record, OVERRIDES[change.override])
        record = replace(record, moving=record.moving | {field})
    return record


def _with_override(record: Record, override: bool | None) -> Record:
    if override is False and record.stand is Stand.OPEN:
        return replace(record, override=override, stand=Stand.CLOSING, why="override")
    if override is not False and record.is_locked:
        return replace(record, override=override, stand=Stand.OPEN, why="")
    return replace(record, override=override)
