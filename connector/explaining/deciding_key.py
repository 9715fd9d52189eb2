"""Which key of the mapping decides about a field, and the line where it stands."""

from __future__ import annotations

from enum import Enum
from typing import Any

from connector.domain.rule import Field, Rule
from connector.explaining.facts import DecidedBy, Verdict

_BY_REASON = {
    "open_target": "enrolment.create",
    "create_off": "enrolment.create",
    "already_over": "enrolment.create",
    "recreated": "enrolment.on_unenrolment",
    "unenrolled": "enrolment.on_unenrolment",
    "withdrawn": "enrolment.on_withdrawal",
    "has_results": "enrolment.on_withdrawal",
    "access_closed": "access.direction",
    "access_restored": "access.direction",
    "mapping_changed": "due_date.lock_after",
    "no_ispring_user": "learner.match",
    "ambiguous_person": "learner.match",
    "link_contradicted": "learner.match",
    "no_address": "enrolment.missing_learner",
    "title_moved": "ispring.courses",
    "unknown_course": "ispring.courses",
    "approval_required": "outcome.approval",
    "completion": "outcome.approval",
    "governed_by_other_record": "ispring.courses",
    "duplicate_enrolment": "ispring.courses",
    "no_axcelerate_record": "ispring.courses",
}
_BY_ON_CONFLICT = frozenset({"conflict", "first_sight", "outcome_conflict"})
_OF_FIELD = {
    Field.ENROLMENT: "enrolment.create",
    Field.START_DATE: "start_date.direction",
    Field.DUE_DATE: "due_date.direction",
    Field.ACCESS: "access.direction",
    Field.OUTCOME: "outcome.to_axcelerate",
    Field.PERSON: "learner.match",
}


def decided_by(
    rule: Rule, field: Field, verdict: Verdict, *, ispring: str | None, code: str | None
) -> DecidedBy:
    """The key that decided, its place in the file, the line's text, and the value that holds."""
    key = _key(rule, field, verdict, ispring, code)
    place = rule.place_of(key)
    return DecidedBy(place, key, _value(rule, key), _line(rule, place.line), key not in rule.places)


def _key(rule: Rule, field: Field, verdict: Verdict, ispring: str | None, code: str | None) -> str:
    if verdict.reason in _BY_ON_CONFLICT and field not in (Field.ENROLMENT, Field.PERSON):
        return f"{field}.on_conflict"
    if verdict.reason in _BY_REASON:
        return _BY_REASON[verdict.reason]
    if field is not Field.OUTCOME:
        return _OF_FIELD[field]
    if code is not None and code in rule.outcome.to_ispring:
        return f"outcome.to_ispring.{code or 'blank'}"
    if ispring in rule.outcome.to_axcelerate:
        return f"outcome.to_axcelerate.{ispring}"
    return _OF_FIELD[field]


def _value(rule: Rule, key: str) -> str:
    """The value of a key as an operator writes it."""
    group, _, name = key.partition(".")
    if key == "due_date.lock_after":
        return _text(rule.lock_after)
    if key == "learner.match":
        return ", ".join(matcher.text for matcher in rule.match)
    if key == "ispring.courses":
        return ", ".join(rule.course_ids)
    if group == "outcome" and name.startswith("to_"):
        return _outcome_value(rule, name)
    return _text(getattr(getattr(rule, group), name))


def _outcome_value(rule: Rule, name: str) -> str:
    table, _, entry = name.partition(".")
    if table == "to_ispring":
        found: dict[str, Any] = {code or "blank": status for code, status in rule.outcome.to_ispring.items()}
    else:
        found = {status.value: code or "blank" for status, code in rule.outcome.to_axcelerate.items()}
    if entry:
        return _text(found[entry])
    return ", ".join(f"{one}: {_text(other)}" for one, other in found.items())


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value.value) if isinstance(value, Enum) else str(value)


def _line(rule: Rule, line: int) -> str:
    """The text of a line of the rule; "" for a line outside it (`defaults` of the file)."""
    lines = rule.source.splitlines()
    number = line - rule.place.line
    return lines[number].strip() if 0 <= number < len(lines) else ""
