"""Suggestions and standings in sentences for people who do not program."""

from __future__ import annotations

from connector.cli.words import FIELDS, PLATFORMS, record_words, value_words
from connector.domain import reasons
from connector.domain.rule import Field, Side
from connector.explaining.facts import State, Suggestion, Verdict, Where

_PLACES = {Where.ISPRING: PLATFORMS[Side.ISPRING], Where.AXCELERATE: PLATFORMS[Side.AXCELERATE]}
_STATES = {
    State.AGREES: "both sides agree",
    State.WOULD_CHANGE: "the next run changes it",
    State.WAITS: "it waits for a person",
    State.RESTS: "it is left alone",
    State.OFF: "the rule does not look at it",
}


def verdict_words(verdict: Verdict) -> str:
    """How a field stands, with the reason in words."""
    if verdict.reason is None:
        return _STATES[verdict.state] + (f": {verdict.detail}" if verdict.detail else "")
    return f"{_STATES[verdict.state]}, because {reasons.says(verdict.kind, verdict.reason)}"


def suggestion_words(suggestion: Suggestion, jurisdiction: str | None, asked: frozenset[str]) -> str:
    """One suggestion as a sentence, with what would follow. `asked` holds the questions that can be answered already."""
    then = suggestion.then
    deed = _deed(suggestion, jurisdiction)
    if suggestion.action == "approve" and suggestion.record[1] not in asked:
        deed += " once a run has asked"
    return f"{deed}; then {verdict_words(then) if then else 'the next run decides by what is shown'}."


def _deed(suggestion: Suggestion, jurisdiction: str | None) -> str:
    if suggestion.platform is Where.MAPPING:
        value = suggestion.value if suggestion.value is not None else "a course that the account has"
        return f"In the mapping, write `{suggestion.field}: {value}` in the rule {suggestion.record[1]}"
    if suggestion.platform is Where.CONNECTOR:
        return _our_deed(suggestion)
    return f"In {_PLACES[suggestion.platform]}, {_their_deed(suggestion, jurisdiction)}"


def _our_deed(suggestion: Suggestion) -> str:
    identity, value = suggestion.record[1], suggestion.value
    match suggestion.action:
        case "approve":
            return f"Run `connector review approve {identity}{_option(value)}`"
        case "reject":
            return f"Run `connector review reject {identity} --change --reason …`"
        case "pin":
            return f"Run `connector links pin {identity} {value}`"
        case "unpin":
            return f"Run `connector links unpin {identity}`"
        case "allow":
            return f"If that is true, run `connector reconcile --allow {value}` once"
        case _:
            return "Wait for the next run, which looks again"


def _option(value: str | None) -> str:
    if value is None:
        return ""
    return f" --take {value}" if value in tuple(Side) else f" --date {value}"


def _their_deed(suggestion: Suggestion, jurisdiction: str | None) -> str:
    kind, identity = suggestion.record
    record, value = record_words(f"{kind}:{identity}"), suggestion.value
    match suggestion.action:
        case "set" if suggestion.field == "status":
            return f"set the learner's status in class {identity} to {value}"
        case "enrol":
            return f"enrol the learner in {record}"
        case "unenrol":
            return f"remove the learner's place ({identity})"
        case "activate":
            return f"activate the user {identity}"
        case "add_user":
            return f"add a user with the address {value}"
        case "rename":
            return f"call the course {identity} “{value}” again"
        case "show":
            return f"let the connector's user see {_SHOWN.get(suggestion.field, suggestion.field)}"
        case "repair":
            return f"open {record} and save it again, so that it can be read"
        case "wait":
            return "nothing: the change that it is working on has to end"
        case _:
            return f"set {_what(suggestion.field)} of {record} to {_value(suggestion.field, value, jurisdiction)}"


_SHOWN = {"end_dates": "the end dates of open units", "access_override": "the access override of modules"}


def _what(field: str) -> str:
    return f"the {FIELDS[Field(field)]}" if field in tuple(Field) else f"the {field}"


def _value(field: str, value: str | None, jurisdiction: str | None) -> str:
    if field == "email":
        return value or "the learner's address"
    return value_words(Field(field), value, jurisdiction) if field in tuple(Field) else str(value)
