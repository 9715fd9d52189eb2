"""A checked draft becomes a Rule: values of the domain, the place of every key, and the digest of all that decides."""

from __future__ import annotations

import hashlib
import json
import textwrap
from collections.abc import Iterable
from typing import Any

from connector.domain.enrolment import Status
from connector.domain.learner import ClassId, CourseId
from connector.domain.rule import (
    CourseRef,
    Direction,
    EnrolmentRule,
    FieldRule,
    Limits,
    Matcher,
    OutcomeRule,
    Place,
    Rule,
    Rules,
    Target,
)
from connector.mapping.document import (
    AxcelerateDocument,
    DueDateDocument,
    ISpringDocument,
    LimitsDocument,
    OutcomeDocument,
    StartDateDocument,
)
from connector.mapping.draft import Draft, FileDraft
from connector.mapping.problems import spell


def matcher_of(text: str) -> Matcher | None:
    """The matcher that a word means, or None where it is none."""
    word = text.strip()
    if word in ("email", "login"):
        return Matcher(word, word, by_optional_id=False)
    key, separator, profile_field = word.partition("=")
    if key.strip() != "optional_id" or not separator or not profile_field.strip():
        return None
    return Matcher(word, profile_field.strip().lower(), by_optional_id=True)


def build_rule(file: FileDraft, draft: Draft, *, position: int, jurisdiction: str) -> Rule:
    """The Rule of a draft without problems. `jurisdiction` is the setting; `position` the rank over all files."""
    document = draft.document
    ispring, axcelerate = document.ispring or ISpringDocument(), document.axcelerate or AxcelerateDocument()
    target = axcelerate.target or Target.UNIT
    decisions: dict[str, Any] = {
        "id": document.id or "",
        "courses": tuple(
            CourseRef(CourseId(course.id or ""), course.title) for course in ispring.courses or []
        ),
        "complete_when": ispring.complete_when,
        "target": target,
        "unit": axcelerate.unit,
        "module": axcelerate.module,
        "classes": tuple(ClassId(number) for number in axcelerate.classes or []),
        "qualification": axcelerate.qualification,
        "jurisdiction": axcelerate.jurisdiction or jurisdiction,
        "match": tuple(matcher for text in document.learner.match if (matcher := matcher_of(text))),
        "enrolment": EnrolmentRule(**dict(document.enrolment)),
        "start_date": _date_rule(draft, "start_date", document.start_date),
        "due_date": _date_rule(draft, "due_date", document.due_date),
        "lock_after": document.due_date.lock_after,
        "access": FieldRule(document.access.direction, document.access.on_conflict),
        "outcome": _outcome_rule(document.outcome) if target is Target.UNIT else OutcomeRule(),
    }
    return Rule(
        **decisions,
        was=document.was,
        title=document.title or document.id or "",
        position=position,
        place=draft.node.place,
        places=_places(draft),
        source=_source(file, draft),
        digest=digest_of(decisions),
    )


def build_limits(document: LimitsDocument | None) -> Limits:
    return Limits(**dict(document)) if document is not None else Limits()


def build_rules(rules: Iterable[Rule], limits: Limits) -> Rules:
    """All rules in their order, with the digest over all of them and the limits."""
    ordered = tuple(rules)
    return Rules(ordered, limits, digest_of({"rules": [rule.digest for rule in ordered], "limits": limits}))


def digest_of(values: dict[str, Any]) -> str:
    """SHA-256, hex, over values in a form that does not depend on order of keys, spelling of numbers or Python's version."""
    return hashlib.sha256(
        json.dumps(_canonical(values), sort_keys=True, ensure_ascii=True).encode()
    ).hexdigest()


def _canonical(value: Any) -> Any:
    """Values as JSON has them: words as text, tables by key, dataclasses by field name."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _canonical(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, dict):
        return {str(key): _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _date_rule(draft: Draft, name: str, document: StartDateDocument | DueDateDocument) -> FieldRule:
    """In a class rule dates run to iSpring whatever the defaults say; only the rule itself may switch them off."""
    if draft.target is Target.CLASS and not draft.is_own(name, "direction"):
        return FieldRule(Direction.TO_ISPRING, document.on_conflict)
    return FieldRule(document.direction, document.on_conflict)


def _outcome_rule(document: OutcomeDocument) -> OutcomeRule:
    statuses = {code: Status(word) for code, word in (document.to_ispring or {}).items()}
    return OutcomeRule(document.approval, document.to_axcelerate or {}, statuses, document.on_conflict)


def _places(draft: Draft) -> dict[str, Place]:
    """Where each key stands; a key taken from the defaults stands there."""
    places = {spell(path): node.key for path, node in draft.node.walk()}
    for path, node in draft.defaults.walk() if draft.defaults is not None else ():
        if path and draft.is_taken(path):
            places.setdefault(spell(path), node.key)
    return places


def _source(file: FileDraft, draft: Draft) -> str:
    """The rule's own lines, comments included, without the list's dash and indentation."""
    first, last = draft.node.place.line - 1, draft.node.last_line
    lines = file.lines[first:last]
    if lines and draft.node.place.column > 1:
        margin = draft.node.place.column - 1
        lines[0] = " " * margin + lines[0][margin:]
    return textwrap.dedent("\n".join(line.rstrip("\r") for line in lines)).rstrip()
