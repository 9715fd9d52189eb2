"""The single values of the grammar: codes, limits, statuses and names, each with what is said about a wrong one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, Strict, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from connector.domain.outcome import normal_code, shown
from connector.domain.outcome_codes import CODES
from connector.domain.reasons import REVIEWS
from connector.domain.rule import OnConflict, Share
from connector.mapping.tree import WHOLE_NUMBER


def spellings(codes: Iterable[str]) -> list[JsonValue]:
    """Every way to write these codes: the number, the number in quotes, and `blank`. (A key is text for JSON, a number for YAML.)"""
    unique = set(codes)
    return [*sorted(int(code) for code in unique if code), *sorted(shown(code) for code in unique)]


_ANY_CODE = {
    "description": "An outcome code: a number, quoted or not; a blank one is `blank`.",
    "enum": spellings(entry.code for entry in CODES),
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
            "share",
            "is no limit; write a whole number of pairs (20) or a percentage (5%)",
            {"nearest": _digits(value)},
        )
    if float(found[1]) > 100:
        raise PydanticCustomError("share", "is more than everything; write a percentage from 0% to 100%")
    return Share(float(found[1]), True)


def _number(value: object) -> Share:
    if isinstance(value, str) and value.rstrip().endswith("%"):
        raise PydanticCustomError(
            "share", "is a percentage, but `created` has nothing to be held against; write a number"
        )
    try:
        return _share(value)
    except PydanticCustomError as error:
        raise PydanticCustomError(
            "share", "is no limit; write a whole number (500)", {"nearest": _digits(value)}
        ) from error


def _digits(value: object) -> str | None:
    """The number that stands in quotes."""
    return value if isinstance(value, str) and WHOLE_NUMBER.fullmatch(value) and value[0] != "-" else None


def _class_number(value: object) -> object:
    number = _digits(value)
    if number is not None:
        raise PydanticCustomError("quoted_number", "is no whole number", {"nearest": number})
    return value


def _not_among(*words: str) -> PydanticCustomError:
    """The complaint that pydantic makes of a wrong choice, where it would name too many words or none."""
    return PydanticCustomError("literal_error", "is no choice", {"expected": ", ".join(words)})


def _version(value: object) -> object:
    # For Python, and so for pydantic, true is 1.
    if isinstance(value, bool):
        raise _not_among("1")
    return value


def _judgement(value: object) -> object:
    if value == "ispring":
        raise PydanticCustomError(
            "assessor",
            "is not possible: an outcome is an assessor's judgement, which iSpring never overrules",
            {"nearest": "review"},
        )
    if value not in tuple(OnConflict):
        raise _not_among(OnConflict.AXCELERATE, OnConflict.REVIEW)
    return value


def _reason(value: object) -> object:
    if value not in REVIEWS:
        raise _not_among(*REVIEWS)
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
    WithJsonSchema({"type": ["string", "integer"], "pattern": r"\S", "maxLength": 300}),
]
Code = Annotated[str, BeforeValidator(_code), WithJsonSchema(_ANY_CODE)]
CodeKey = Annotated[str, BeforeValidator(_code)]
SettableStatus = Annotated[Literal["complete", "passed", "incomplete", "failed"], BeforeValidator(_settable)]
ClassNumber = Annotated[int, Strict(), Field(gt=0), BeforeValidator(_class_number)]
Switch = Annotated[bool, Strict()]
Version = Annotated[Literal[1], BeforeValidator(_version)]
ReviewReason = Annotated[
    str, BeforeValidator(_reason), WithJsonSchema({"enum": list(REVIEWS), "type": "string"})
]
_PERCENT = {"type": "string", "pattern": r"^0*(100(\.0{1,9})?|[0-9]{1,2}(\.[0-9]{1,9})?)\s*%$"}
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
