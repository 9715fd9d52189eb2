"""Read aXcelerate and gather what will fail: the classes that the mappings name, every unit in them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from connector.domain.enrolment import ClassEnrolment
from connector.domain.rule import Rules
from connector.errors import Unreadable
from connector.planning.standing import newest_rows
from connector.platforms.port import VetPort
from connector.reading.scope import vet_scope
from connector.year_end.findings import Line, check, continuing


@dataclass
class YearEnd:
    """What was found. `unreadable` names rows that were set aside; `shows_end_dates`: one continuing unit showed its end date."""

    year: int
    lines: list[Line] = field(default_factory=list)
    units: int = 0
    learners: int = 0
    shows_end_dates: bool = False
    unreadable: list[str] = field(default_factory=list)


def year_end(vet: VetPort, rules: Rules, *, year: int, jurisdiction: str) -> YearEnd:
    """Every continuing unit that fails at the end of `year`. Raises PlatformError when a list could not be read whole."""
    found = YearEnd(year)
    rows = _rows(vet, rules, found)
    home_of = {c: rule.jurisdiction for rule in rules.rules for c in rule.classes}
    units = list(continuing(rows, home_of, jurisdiction))
    found.units, found.learners = len(units), len({row.contact_id for row, _ in units})
    found.shows_end_dates = any(unit.end is not None for _, unit in units)
    lines = [check(row, unit, year=year, shows_end_dates=found.shows_end_dates) for row, unit in units]
    found.lines = sorted(
        (line for line in lines if line is not None),
        key=lambda line: (line.enrolment.class_id, line.enrolment.contact_id, line.unit.code),
    )
    return found


def _rows(vet: VetPort, rules: Rules, found: YearEnd) -> list[ClassEnrolment]:
    """The newest place of each learner in each class."""
    scope = replace(vet_scope(rules.rules), modules=False, details=False, units=None)
    by_contact: dict[int, list[ClassEnrolment]] = {}
    for batch in vet.read(scope):
        for raw in batch.records:
            try:
                value = vet.parse(raw)
            except Unreadable as problem:
                found.unreadable.append(str(problem))
                continue
            if isinstance(value, ClassEnrolment):
                by_contact.setdefault(value.contact_id, []).append(value)
    return [row for rows in by_contact.values() for row in newest_rows(rows).values()]
