"""Compliance before the write: what an auditor would object to, as data, each rule with the page it comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connector.domain.outcome import Role, role_of, valid_codes
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
COMPLETION_IN_FUTURE = ComplianceRule(
    "C4",
    "completion_date_implausible",
    "The end date of a final outcome is not in the future.",
    "AVETMISS validation practice; reference 10.3 and row 15",
)
NOT_STARTED_AFTER_START = ComplianceRule(
    "C5",
    "not_started_after_start",
    "85, in Western Australia 105 (not yet started), is for a start in the future.",
    "VETtrak knowledge base 51000288077; RAPT export; reference 10.3",
)
WITHDRAWN_WITHOUT_ENGAGEMENT = ComplianceRule(
    "C6",
    "withdrawn_without_engagement",
    "40 (withdrawn) is for a learner who took part before leaving.",
    "NCVER guidance; reference 10.3",
)
COMPLETION_BEFORE_START = ComplianceRule(
    "C7",
    "completion_date_implausible",
    "The end date of a final outcome is not before the start of the unit.",
    "AVETMISS validation practice; reference 10.3",
)
NOT_A_CODE_HERE = ComplianceRule(
    "C8",
    "code_not_valid_here",
    "A code is written only where the rule's reporting jurisdiction has it and has not given it up.",
    "aXcelerate reference 10.1 and row 14",
)
SUPERSEDED = ComplianceRule(
    "C9",
    "superseded_by_later_enrolment",
    "A final outcome is not written to a unit that the learner has been enrolled in again since; "
    "where another class holds a final code, 61 (superseded) too, none is written (`already_assessed`).",
    "NCVER meaning of 61; reference 10.2",
)

ALL_RULES = (
    INTERIM_PAST_END,
    END_BEFORE_START,
    NO_COMPLETION_DATE,
    COMPLETION_IN_FUTURE,
    NOT_STARTED_AFTER_START,
    WITHDRAWN_WITHOUT_ENGAGEMENT,
    COMPLETION_BEFORE_START,
    NOT_A_CODE_HERE,
    SUPERSEDED,
)
NOT_YET_STARTED = frozenset({"85", "105"})
WITHDRAWN_AFTER_ENGAGEMENT = frozenset({"40"})


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


@dataclass(frozen=True, slots=True)
class Proposal:
    """An outcome code about to be written. `later`: the learner has a newer place in the unit."""

    code: str
    completed_on: date | None
    started: bool
    today: date
    later: bool = False


def outcome_breach(record: Record, proposal: Proposal) -> ComplianceRule | None:
    """What speaks against writing this outcome code. What approving cannot mend without a date comes first."""
    code = proposal.code
    if code not in valid_codes(record.rule.jurisdiction):
        return NOT_A_CODE_HERE
    role = role_of(code, record.rule.jurisdiction)
    if role is Role.INTERIM:
        return _interim_breach(record, proposal)
    if code in WITHDRAWN_AFTER_ENGAGEMENT and not proposal.started:
        return WITHDRAWN_WITHOUT_ENGAGEMENT
    if proposal.completed_on is None:
        return NO_COMPLETION_DATE
    if proposal.completed_on > proposal.today:
        return COMPLETION_IN_FUTURE
    if record.start is not None and proposal.completed_on < record.start:
        return COMPLETION_BEFORE_START
    return SUPERSEDED if proposal.later else None


def _interim_breach(record: Record, proposal: Proposal) -> ComplianceRule | None:
    if proposal.code in NOT_YET_STARTED and record.start is not None and record.start <= proposal.today:
        return NOT_STARTED_AFTER_START
    if isinstance(record.end, date) and record.end < proposal.today:
        return INTERIM_PAST_END
    return None
