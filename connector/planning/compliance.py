"""Compliance before the write: what an auditor would object to, as data, each rule with the page it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.domain.outcome import Role, role_of
from connector.domain.rule import Field, Target
from connector.planning.standing import Record


@dataclass(frozen=True, slots=True)
class ComplianceRule:
    """One thing that is never written without a person. `reason` is the word of the report, `number` names the rule."""

    number: str
    reason: str
    says: str
    source: str


INTERIM_PAST_END = ComplianceRule(
    "C1",
    "avetmiss_interim_past_end",
    "An interim outcome must not stand beside an end date that has passed.",
    "aXcelerate support, AVETMISS error guide (SUP-360000314116)",
)
END_BEFORE_START = ComplianceRule(
    "C2",
    "end_before_start",
    "A unit or module must not end before it starts.",
    "AVETMISS validation practice",
)
NO_COMPLETION_DATE = ComplianceRule(
    "C3",
    "no_completion_date",
    "A final outcome needs its activity end date.",
    "aXcelerate support (SUP-360000314116); reference 10.3",
)
IMPLAUSIBLE_COMPLETION = ComplianceRule(
    "C4",
    "completion_date_implausible",
    "The end date of a final outcome is neither in the future nor before the start.",
    "AVETMISS validation practice; reference 10.3",
)
NOT_STARTED_AFTER_START = ComplianceRule(
    "C5",
    "not_started_after_start",
    "85 (not yet started) is for a start in the future.",
    "VETtrak knowledge base 51000288077; reference 10.3",
)
WITHDRAWN_WITHOUT_ENGAGEMENT = ComplianceRule(
    "C6",
    "withdrawn_without_engagement",
    "40 (withdrawn) is for a learner who took part before leaving.",
    "NCVER guidance; reference 10.3",
)

ALL_RULES = (
    INTERIM_PAST_END,
    END_BEFORE_START,
    NO_COMPLETION_DATE,
    IMPLAUSIBLE_COMPLETION,
    NOT_STARTED_AFTER_START,
    WITHDRAWN_WITHOUT_ENGAGEMENT,
)


def end_date_breach(record: Record, field: Field, value: date, today: date) -> ComplianceRule | None:
    """What speaks against writing this date to a unit or module enrolment."""
    if field is Field.DUE_DATE:
        if record.rule.target is Target.UNIT and record.role is Role.INTERIM and value < today:
            return INTERIM_PAST_END
        if record.start is not None and value < record.start:
            return END_BEFORE_START
    elif isinstance(record.end, date) and value > record.end:
        return END_BEFORE_START
    return None


def outcome_breach(
    record: Record, code: str, *, completed_on: date | None, started: bool, today: date
) -> ComplianceRule | None:
    """What speaks against writing this outcome code with this completion date."""
    role = role_of(code, record.rule.jurisdiction)
    if role is Role.INTERIM:
        if code == "85" and record.start is not None and record.start <= today:
            return NOT_STARTED_AFTER_START
        return None
    if role is Role.WITHDRAWN and code == "40" and not started:
        return WITHDRAWN_WITHOUT_ENGAGEMENT
    if completed_on is None:
        return NO_COMPLETION_DATE
    if completed_on > today or (record.start is not None and completed_on < record.start):
        return IMPLAUSIBLE_COMPLETION
    return None
