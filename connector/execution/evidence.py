"""What a reading shows of the records that a change is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from connector.domain.enrolment import (
    ClassEnrolment,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
    UnitEnrolment,
)
from connector.domain.plan import Change
from connector.planning.settle import Found
from connector.planning.standing import newest_rows


@dataclass
class Shown:
    """One person's records as a reading shows them."""

    classes: list[ClassEnrolment] = field(default_factory=list)
    modules: list[ModuleEnrolment] = field(default_factory=list)
    enrolments: list[Enrolment] = field(default_factory=list)
    completions: dict[EnrolmentId, Completion] = field(default_factory=dict)


def found_in(shown: Shown, change: Change, *, accepted: bool, access_time: str | None = None) -> Found:
    """The part of a reading that decides this change's fate."""
    completion = shown.completions.get(change.enrolment_id) if change.enrolment_id else None
    return Found(
        enrolments=live_in_course(shown.enrolments, change),
        completion=completion,
        unit=unit_of(shown.classes, change),
        module=module_of(shown.modules, change),
        access_time=access_time,
        accepted=accepted,
    )


def live_in_course(enrolments: Iterable[Enrolment], change: Change) -> tuple[Enrolment, ...]:
    found = [e for e in enrolments if e.course_id == change.course_id]
    return tuple(sorted(found, key=lambda e: (e.access_from, e.enrolment_id), reverse=True))


def unit_of(classes: Iterable[ClassEnrolment], change: Change) -> UnitEnrolment | None:
    """The unit enrolment that a change names ("unit:CLASS/CODE"), in the row of that class that counts."""
    kind, _, identity = change.record.partition(":")
    row = newest_rows(classes).get(change.class_id) if kind == "unit" and change.class_id else None
    if row is None:
        return None
    code = identity.partition("/")[2]
    return next((unit for unit in row.units if unit.code.upper() == code), None)


def module_of(modules: Iterable[ModuleEnrolment], change: Change) -> ModuleEnrolment | None:
    kind, _, identity = change.record.partition(":")
    if kind != "module":
        return None
    return next((m for m in modules if str(m.module_enrolment_id) == identity), None)


def by_owner(shown: Mapping[int, Shown], contact: int) -> Shown:
    return shown.get(contact) or Shown()
