"""What fails at the year's end, as data and as a pure check of one unit (docs/compliance.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from connector.domain.enrolment import ClassEnrolment, ClassStatus, UnitEnrolment
from connector.domain.learner import ClassId
from connector.domain.outcome import is_interim
from connector.planning.compliance import NOT_YET_STARTED


@dataclass(frozen=True, slots=True)
class Finding:
    """One way in which a continuing unit fails. `number` is stable."""

    number: str
    says: str
    fix: str
    source: str


ENDS_IN_THE_YEAR = Finding(
    "Y1",
    "An interim outcome stands beside an end date inside the collection year.",
    "Record the final outcome, or move the end date into the next year.",
    "aXcelerate support, AVETMISS error guide (SUP-360000314116); rule C1",
)
ENDED_BEFORE = Finding(
    "Y2",
    "An interim outcome stands beside an end date before the collection year.",
    "Record the final outcome with its own date; it is late, and reported in the year of that date.",
    "aXcelerate support, AVETMISS error guide (SUP-360000314116); rule C1",
)
NOT_STARTED_IN_TIME = Finding(
    "Y3",
    "85, in Western Australia 105 (not yet started), although the start will have passed when the year ends.",
    "Record 70 (continuing) if study has begun, or move the start.",
    "VETtrak knowledge base 51000288077; rule C5",
)
NO_END_DATE = Finding(
    "Y4",
    "An interim outcome has no end date, although this account shows end dates of other continuing units.",
    "Enter the scheduled end.",
    "aXcelerate reference 10.3",
)
ENDS_BEFORE_IT_STARTS = Finding(
    "Y5",
    "The end date lies before the start.",
    "Correct one of the dates.",
    "AVETMISS validation practice; rule C2",
)
CLASS_OVER = Finding(
    "Y6",
    "The class enrolment is completed or cancelled and the unit's outcome is still interim.",
    "Record the final outcome, or 40 for a learner who took part and left.",
    "aXcelerate reference 8.5: a completed or cancelled enrolment has no interim outcome",
)

FINDINGS = (
    ENDS_IN_THE_YEAR,
    ENDED_BEFORE,
    NOT_STARTED_IN_TIME,
    NO_END_DATE,
    ENDS_BEFORE_IT_STARTS,
    CLASS_OVER,
)


@dataclass(frozen=True, slots=True)
class Line:
    """One continuing unit that will fail, and why; it may fail for several reasons."""

    enrolment: ClassEnrolment
    unit: UnitEnrolment
    findings: tuple[Finding, ...]


def continuing(
    rows: Iterable[ClassEnrolment], home_of: Mapping[ClassId, str], home: str
) -> Iterator[tuple[ClassEnrolment, UnitEnrolment]]:
    """Units without a final outcome; `home_of` names the jurisdiction of a class, `home` that of any other."""
    for row in rows:
        for unit in row.units:
            if is_interim(unit.outcome, home_of.get(row.class_id, home)):
                yield row, unit


def check(row: ClassEnrolment, unit: UnitEnrolment, *, year: int, shows_end_dates: bool) -> Line | None:
    """What will be wrong with this continuing unit when the year is closed; None when nothing is."""
    found = tuple(_problems(row, unit, date(year, 1, 1), date(year, 12, 31), shows_end_dates))
    return Line(row, unit, found) if found else None


def _problems(
    row: ClassEnrolment, unit: UnitEnrolment, first: date, last: date, shows_end_dates: bool
) -> Iterator[Finding]:
    if row.status in (ClassStatus.COMPLETED, ClassStatus.CANCELLED):
        yield CLASS_OVER
    if unit.end is None:
        if shows_end_dates:
            yield NO_END_DATE
    elif unit.start is not None and unit.end < unit.start:
        yield ENDS_BEFORE_IT_STARTS
    elif unit.end < first:
        yield ENDED_BEFORE
    elif unit.end <= last:
        yield ENDS_IN_THE_YEAR
    if unit.outcome in NOT_YET_STARTED and unit.start is not None and unit.start <= last:
        yield NOT_STARTED_IN_TIME
