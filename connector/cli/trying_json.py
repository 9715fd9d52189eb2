"""What-if and coverage as JSON objects. Keys may be added to, never changed."""

from __future__ import annotations

from typing import Any

from connector.cli.json_report import SCHEMA, change_json, instant, question_json, skip_json
from connector.domain.plan import Change, Question
from connector.domain.report import ChangeLine, Status
from connector.trying.coverage import Coverage, Idle, Unnamed
from connector.trying.on_record import Redecided
from connector.trying.what_if import Difference, Line, WhatIf


def what_if_json(found: WhatIf) -> dict[str, Any]:
    """Rules, differences of today (each with what either plan says), and decisions on record that would differ."""
    return {
        "schema": SCHEMA,
        "command": "mappings what-if",
        "rules": [
            {
                "rule": one.rule,
                "step": one.step,
                "pairs": {"present": one.present_pairs, "edited": one.edited_pairs},
                "forgotten": found.forgotten.get(one.rule, 0),
            }
            for one in found.rules
        ],
        "differences": [_difference(one) for one in found.differences],
        "same": found.same,
        "refusals": list(found.refusals),
        "rested": dict(found.rested),
        "on_record": {
            "looked_at": found.on_record.looked_at,
            "differences": [_redecided(one) for one in found.on_record.differences],
        },
        "trouble": list(found.trouble),
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "rule": one.rule,
        "learner": {"contact_id": one.contact_id, "email": one.email},
        "record": one.record,
        "field": one.field.value if one.field else None,
        "present": [line_json(line) for line in one.present],
        "edited": [line_json(line) for line in one.edited],
    }


def line_json(line: Line) -> dict[str, Any]:
    """One line of a plan; `says` tells whether it is a change, a review, or something left alone."""
    if isinstance(line, Change):
        return {"says": "change"} | change_json(ChangeLine(line, Status.PLANNED))
    if isinstance(line, Question):
        return {"says": "review"} | question_json(line)
    return {"says": "skipped"} | skip_json(line)


def _redecided(one: Redecided) -> dict[str, Any]:
    return {
        "at": instant(one.at),
        "run": one.run,
        "contact_id": one.contact_id,
        "rule": one.rule,
        "field": one.field,
        "did": one.did,
        "would": one.would,
        "place": str(one.place) if one.place else None,
    }


def coverage_json(found: Coverage) -> dict[str, Any]:
    """What no rule names, by kind, and rules that match nobody."""
    return {
        "schema": SCHEMA,
        "command": "mappings coverage",
        "unnamed": [_unnamed(one) for one in found.unnamed],
        "idle_rules": [_idle(one) for one in found.idle],
        "set_aside": list(found.set_aside),
    }


def _unnamed(one: Unnamed) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "id": one.id,
        "name": one.name,
        "learners": one.learners,
        "classes": list(one.classes),
    }


def _idle(one: Idle) -> dict[str, Any]:
    return {
        "rule": one.rule.id,
        "place": str(one.rule.place),
        "why": one.why,
        "enrolled_in_courses": one.in_courses,
    }
