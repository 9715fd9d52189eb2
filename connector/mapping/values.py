"""The single values of the grammar: codes, limits, statuses and names, each with what is said about a wrong one."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from connector.domain.outcome import normal_code, shown
from connector.domain.outcome_codes import CODES
from connector.domain.rule import OnConflict, Share

_ANY_CODE = {
    "description": "An outcome code: a number, quoted or not; a blank one is `blank`.",
    "anyOf": [
        {"enum": sorted({int(entry.code) for entry in CODES if entry.code})},
        {"enum": sorted({shown(entry.code) for entry in CODES})},
    ],
}


def _code(value: object) -> str:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise PydanticCustomError("code", "is no outcome code; write its number, or `blank`")
    return normal_code(value)


def _share(value: object) -> Share:
    """A number of pairs, or a percentage of them."""
    if isinstance(value, Share):
        return value
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return Share(value, False)
    found = (
        re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*%", value, re.ASCII)
        if isinstance(value, str)
        else None
    )
    if found is None:
        raise PydanticCustomError(
            "share", "is no limit; write a whole number of pairs (20) or a percentage (5%)"
        )
    if float(found[1]) > 100:
        raise PydanticCustomError("share", "is more than everything; write a percentage from 0% to 100%")
    return Share(float(found[1]), True)


def _number(value: object) -> Share:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        raise PydanticCustomError(
            "share", "is a percentage, but `created` has nothing to be held against; write a number"
        )
    return _share(value)


def _judgement(value: object) -> object:
    if value == "ispring":
        raise PydanticCustomError(
            "assessor",
            "an outcome is an assessor's judgement, which iSpring never overrules",
            {"nearest": "review"},
        )
    return value


def _settable(value: object) -> object:
    """Statuses that the LMS lets a caller set (iSpring reference, section 5.1); the others only come about by studying."""
    unsettable = {
        "accepted": "complete",
        "declined": "failed",
        "not_started": "incomplete",
        "in_progress": "incomplete",
        "pending": "incomplete",
    }
    if isinstance(value, str) and value in unsettable:
        raise PydanticCustomError(
            "unsettable",
            f"{value} is a status that iSpring does not let anybody set",
            {"nearest": unsettable[value]},
        )
    return value


# What is all digits may stand without quotes; the tree keeps as text what would lose something as a number.
Text = Annotated[
    str,
    StringConstraints(min_length=1, max_length=300, strip_whitespace=True),
    WithJsonSchema({"type": ["string", "integer"], "minLength": 1, "maxLength": 300}),
]
Code = Annotated[str, BeforeValidator(_code), WithJsonSchema(_ANY_CODE)]
CodeKey = Annotated[
    str, BeforeValidator(_code), WithJsonSchema({"enum": sorted({shown(entry.code) for entry in CODES})})
]
SettableStatus = Annotated[Literal["complete", "passed", "incomplete", "failed"], BeforeValidator(_settable)]
ClassNumber = Annotated[int, Strict(), Field(gt=0)]
Switch = Annotated[bool, Strict()]
_PERCENT = {"type": "string", "pattern": r"^[0-9]{1,9}(\.[0-9]{1,9})?\s*%$"}
_COUNT = {"type": "integer", "minimum": 0}
AnyShare = Annotated[Share, BeforeValidator(_share), WithJsonSchema({"anyOf": [_COUNT, _PERCENT]})]
NumberOnly = Annotated[Share, BeforeValidator(_number), WithJsonSchema(_COUNT)]
JurisdictionName = Literal["NAT", "NSW", "NSW_ACE", "NSW_SS", "VIC", "QLD", "SA", "TAS", "NT", "ACT", "WA"]
"""Written out, because a type checker wants to see the words; a test holds it equal to the tables."""
OutcomeConflict = Annotated[
    OnConflict,
    BeforeValidator(_judgement),
    WithJsonSchema({"enum": ["review", "axcelerate"], "type": "string"}),
]
