"""What each aXcelerate record says about the learner's place, and which one governs (contract, section 4)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from connector.domain.enrolment import ClassEnrolment, ClassStatus, DateValue, ModuleEnrolment, UnitEnrolment
from connector.domain.learner import UNKNOWN, ClassId, Unknown
from connector.domain.memory import Memory, PairMemory
from connector.domain.outcome import Role, role_of
from connector.domain.rule import Field, Rule, Target
from connector.planning.person import Circumstances, Person


class Stand(StrEnum):
    """OPEN: study goes on. CLOSING: access should end. WITHDRAWN: left. FINISHED: judged. IDLE: says nothing. RESTS: not understood."""

    OPEN = "open"
    CLOSING = "closing"
    WITHDRAWN = "withdrawn"
    FINISHED = "finished"
    IDLE = "idle"
    RESTS = "rests"


@dataclass(frozen=True)
class Record:
    """One aXcelerate record under one rule: the aXcelerate half of a pair.

    `why` explains a CLOSING or RESTS stand ("suspended", "unknown_status", …). `code` is the outcome code of a unit, "" otherwise.
    `end` is UNKNOWN where the account does not show end dates. `override` is UNKNOWN where it is not shown, None also for
    units and classes, which have none. `moving` names fields whose value here is not read but on its way from another course of the rule.
    """

    rule: Rule
    key: str
    stand: Stand
    why: str
    class_id: ClassId
    enrol_id: int
    enrolled_at: str
    start: date | None
    end: DateValue
    code: str = ""
    role: Role | None = None
    override: bool | Unknown | None = None
    row: ClassEnrolment | None = None
    unit: UnitEnrolment | None = None
    module: ModuleEnrolment | None = None
    moving: frozenset[Field] = frozenset()

    @property
    def is_final(self) -> bool:
        return self.role is not None and self.role is not Role.INTERIM

    @property
    def has_override(self) -> bool:
        return self.rule.target is Target.MODULE

    @property
    def is_locked(self) -> bool:
        """An open module whose override locks it."""
        in_progress = self.row is not None and self.row.status is ClassStatus.IN_PROGRESS
        return self.stand is Stand.CLOSING and self.why == "override" and in_progress

    @property
    def may_govern(self) -> bool:
        """Open, or perhaps open."""
        return self.stand in (Stand.OPEN, Stand.RESTS) or self.is_locked

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Who governs: enrolled last, then the higher class enrolment id, then the rule that stands first."""
        return (self.enrolled_at, self.enrol_id, -self.rule.position, self.key)

    @property
    def id(self) -> tuple[str, str]:
        return (self.rule.id, self.key)

    @property
    def name(self) -> str:
        """The record as an EnrolmentMemory names its governor."""
        return f"{self.rule.id}|{self.key}"


def records_of(person: Person, memory: Memory, around: Circumstances) -> list[Record]:
    """Every record of this person that a rule is about: those read, and those proven gone."""
    rows = newest_rows(person.classes)
    found: list[Record] = []
    for row in rows.values():
        found.extend(_class_and_unit_records(row, around))
    for rule in around.module_rules:
        found.extend(_module_records(rule, person, rows, around))
    found.sort(key=lambda record: (record.rule.position, record.key))
    known = {record.id for record in found}
    for rule_id, key in sorted((person.gone | _gone_before(memory)) - known):
        rule_of_gone = around.by_id.get(rule_id)
        remembered = memory.pair(rule_id, key)
        if rule_of_gone and remembered:
            found.append(_gone_record(rule_of_gone, key, remembered))
    return found


def _gone_before(memory: Memory) -> set[tuple[str, str]]:
    """Records that an earlier run proved gone and that are still not shown."""
    return {(rule, key) for rule, pairs in memory.pairs.items() for key, pair in pairs.items() if pair.gone}


def newest_rows(classes: Iterable[ClassEnrolment]) -> dict[ClassId, ClassEnrolment]:
    """One row per class: of several enrolments in one class the newest that is not cancelled (reference, row 28)."""
    chosen: dict[ClassId, ClassEnrolment] = {}
    for row in classes:
        other = chosen.get(row.class_id)
        if other is None or _row_order(row) > _row_order(other):
            chosen[row.class_id] = row
    return chosen


def _row_order(row: ClassEnrolment) -> tuple[bool, str, int]:
    return (row.status is not ClassStatus.CANCELLED, _enrolled_at(row), row.enrol_id)


def _enrolled_at(row: ClassEnrolment) -> str:
    return row.enrolled_at.isoformat() if row.enrolled_at else ""


def covers(rule: Rule, row: ClassEnrolment) -> bool:
    """Whether the rule is about this class."""
    if rule.classes:
        return row.class_id in rule.classes
    return not rule.qualification or row.qualification.upper() == rule.qualification.upper()


def _class_and_unit_records(row: ClassEnrolment, around: Circumstances) -> Iterable[Record]:
    for rule in around.class_rules:
        if covers(rule, row):
            yield _class_record(rule, row, around)
    for unit in row.units:
        for rule in around.unit_rules.get(unit.code.upper(), ()):
            if covers(rule, row):
                yield _unit_record(rule, row, unit, around)


def _class_record(rule: Rule, row: ClassEnrolment, around: Circumstances) -> Record:
    stand, why = _class_stand(row, around)
    detail = around.details.get(row.class_id)
    return Record(
        rule=rule,
        key=f"class:{row.class_id}",
        stand=stand,
        why=why,
        class_id=row.class_id,
        enrol_id=row.enrol_id,
        enrolled_at=_enrolled_at(row),
        start=row.start,
        end=detail.finish if detail else UNKNOWN,
        row=row,
    )


def _unit_record(rule: Rule, row: ClassEnrolment, unit: UnitEnrolment, around: Circumstances) -> Record:
    role = role_of(unit.outcome, rule.jurisdiction)
    stand, why = _class_stand(row, around)
    if stand is not Stand.RESTS:
        if role is Role.WITHDRAWN:
            stand, why = Stand.WITHDRAWN, "withdrawn_code"
        elif role is Role.GRANTED:
            stand, why = Stand.CLOSING, "granted"
        elif role is not Role.INTERIM:
            stand, why = Stand.FINISHED, "final_code"
    hidden = unit.end is None and role is Role.INTERIM and not around.shows_end_dates
    return Record(
        rule=rule,
        key=f"unit:{row.class_id}/{unit.code.upper()}",
        stand=stand,
        why=why,
        class_id=row.class_id,
        enrol_id=row.enrol_id,
        enrolled_at=_enrolled_at(row),
        start=unit.start,
        end=UNKNOWN if hidden else unit.end,
        code=unit.outcome,
        role=role,
        row=row,
        unit=unit,
    )


def _class_stand(row: ClassEnrolment, around: Circumstances) -> tuple[Stand, str]:
    if row.class_id in around.rested_classes:
        return Stand.RESTS, "listing_emptied"
    return {
        ClassStatus.IN_PROGRESS: (Stand.OPEN, ""),
        ClassStatus.CANCELLED: (Stand.WITHDRAWN, "cancelled"),
        ClassStatus.SUSPENDED: (Stand.CLOSING, "suspended"),
        ClassStatus.DEFERRED: (Stand.CLOSING, "deferred"),
        ClassStatus.TENTATIVE: (Stand.IDLE, "tentative"),
        ClassStatus.COMPLETED: (Stand.IDLE, "class_completed"),
        ClassStatus.UNKNOWN: (Stand.RESTS, "unknown_status"),
    }[row.status]


def _module_records(
    rule: Rule, person: Person, rows: dict[ClassId, ClassEnrolment], around: Circumstances
) -> Iterable[Record]:
    wanted = (rule.module or "").strip().casefold()
    for module in person.modules:
        row = rows.get(module.class_id)
        if module.name.strip().casefold() != wanted or row is None or not covers(rule, row):
            continue
        if row.enrol_id != module.enrol_id and any(c.enrol_id == module.enrol_id for c in person.classes):
            continue  # belongs to an older enrolment in the same class
        stand, why = _class_stand(row, around)
        if stand is not Stand.RESTS and not module.status.is_open:
            stand, why = Stand.FINISHED, "module_finished"
        elif stand in (Stand.OPEN, Stand.IDLE) and module.override is False:
            stand, why = Stand.CLOSING, "override"
        yield Record(
            rule=rule,
            key=f"module:{module.module_enrolment_id}",
            stand=stand,
            why=why,
            class_id=module.class_id,
            enrol_id=row.enrol_id,
            enrolled_at=_enrolled_at(row),
            start=module.start,
            end=module.end,
            override=module.override,
            row=row,
            module=module,
        )


def _gone_record(rule: Rule, key: str, remembered: PairMemory) -> Record:
    """A record that was there: the learner has left, unless it was finished before."""
    stand = Stand.FINISHED if remembered.finished else Stand.WITHDRAWN
    return Record(
        rule=rule,
        key=key,
        stand=stand,
        why="gone",
        class_id=ClassId(remembered.class_id),
        enrol_id=remembered.enrol_id,
        enrolled_at=remembered.enrolled_at,
        start=None,
        end=None,
    )


def governing(records: Iterable[Record]) -> Record | None:
    """The record that governs an enrolment: of the open ones (where none is open, of all) the last in order.

    One that is not understood counts as open here: if it might govern, nothing else may take its place on a guess. A locked module
    is an open record too: it goes on governing, although access is closed.
    """
    candidates = list(records)
    live = [record for record in candidates if record.may_govern]
    return max(live or candidates, key=lambda record: record.order, default=None)
