"""Our values in words that somebody reads who does not program."""

from __future__ import annotations

from datetime import datetime, timedelta

from connector.domain import reasons
from connector.domain.outcome import describe, shown
from connector.domain.plan import AUTOMATIC, CLOSED, CLOSES_AFTER_DUE, OPEN
from connector.domain.rule import Field, Side

FIELDS = {
    Field.ENROLMENT: "enrolment",
    Field.START_DATE: "start date",
    Field.DUE_DATE: "due date",
    Field.ACCESS: "access",
    Field.OUTCOME: "outcome",
    Field.PERSON: "who this is",
}
PLATFORMS = {Side.ISPRING: "iSpring Learn", Side.AXCELERATE: "aXcelerate"}
_ACCESS = {
    OPEN: "open",
    CLOSES_AFTER_DUE: "closes after the due date",
    CLOSED: "closed",
}


def value_words(field: Field, value: str | None, jurisdiction: str | None = None) -> str:
    """A value of a report. A code is shown with its meaning where the rule's jurisdiction is known."""
    if value is None:
        return "not enrolled" if field is Field.ENROLMENT else "none"
    if value == "?":
        return "not shown"
    if field is Field.ACCESS:
        return _ACCESS.get(value, value)
    if field is Field.OUTCOME:
        return _outcome_words(value, jurisdiction)
    return value


def _outcome_words(value: str, jurisdiction: str | None) -> str:
    if value == AUTOMATIC:
        return "as iSpring Learn works it out"
    if value and not value.isdigit():
        return value.replace("_", " ")
    return f"{shown(value)} ({describe(value, jurisdiction)})" if jurisdiction else shown(value)


def record_words(key: str | None) -> str:
    """A record's key for people: "unit BSBWHS211 in class 880123"."""
    kind, _, identity = (key or "").partition(":")
    if kind == "unit":
        class_id, _, unit = identity.partition("/")
        return f"unit {unit} in class {class_id}"
    return f"{kind} {identity}" if identity else kind


def advice(reason: str, review_id: str, contact: int) -> str:
    """What a person can do about a question, ready to be copied."""
    text = reasons.fix("review", reason).replace("CONTACT_ID", str(contact))
    return text.replace("approve ID", f"approve {review_id}").replace("reject ID", f"reject {review_id}")


def ago(then: datetime, now: datetime) -> str:
    """How long ago, in the largest unit that fits."""
    passed = max(now - then, timedelta(0))
    for size, word in (
        (timedelta(days=1), "day"),
        (timedelta(hours=1), "hour"),
        (timedelta(minutes=1), "minute"),
    ):
        count = passed // size
        if count:
            return f"{count} {word}{'s' if count != 1 else ''} ago"
    return "just now"
