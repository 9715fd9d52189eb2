"""The documented answers of aXcelerate: tolerant in spelling and type, strict in meaning.

Keys are read without case and numbers may be text, because both differ between resources and accounts (reference,
section 3). A value that cannot mean what its field says is an error, never a guess.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:[ T](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?")
_NO_DATE = date(1900, 1, 1)
_CODE = re.compile(r"[0-9A-Za-z]{0,8}")
_EMPTY: tuple[object, ...] = (None, "", [])
OUTCOME_MISSING = "?"
"""Stands in a mapped row for a unit row without any OUTCOMECODE key; a blank code is shown as an empty value."""


def whole_number(value: object) -> int:
    """Read an id or a count: a number, or a number as text (ColdFusion sends both, and 22041.0 at times)."""
    if isinstance(value, bool):
        raise ValueError("not a whole number")
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"\s*-?\d+(\.0+)?\s*", value):
        return int(value.partition(".")[0])
    raise ValueError("not a whole number")


def _optional_number(value: object) -> int | None:
    return None if value in _EMPTY else whole_number(value)


def plain_text(value: object) -> str:
    """Read a text; null, "" and [] are all empty."""
    if value in _EMPTY:
        return ""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(int(value)) if float(value).is_integer() else str(value)
    raise ValueError("not a text")


def name(value: object) -> str:
    """Read a text that a record cannot be placed without."""
    text = plain_text(value)
    if not text:
        raise ValueError("no name is shown")
    return text


def moment(value: object) -> datetime | None:
    """Read account-local wall time in minutes or seconds precision, or a date alone; nothing and 1900-01-01 are None.

    A date with slashes is refused: 3/4/2026 has two meanings (reference, section 18, row 11).
    """
    if isinstance(value, list | str | None) and not value:
        return None
    match = _ISO.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"not a date: {str(value)[:24]!r}")
    year, month, day, hour, minute, second = (int(part or 0) for part in match.groups())
    found = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 (wall time of the account, which names no zone)
    return None if found.date() == _NO_DATE else found


def calendar_day(value: object) -> date | None:
    """Read a calendar date as the account shows it, dropping the time of day."""
    found = moment(value)
    return found.date() if found else None


def query_rows(value: object) -> object:
    """A ColdFusion query as a list of objects: it is written as COLUMNS with DATA or ROWS, by row or by column.

    Anything else comes back as it is, to be judged where rows are expected.
    """
    table = fold_keys(value) if isinstance(value, dict) else {}
    columns, cells = table.get("COLUMNS"), table.get("DATA", table.get("ROWS"))
    if not isinstance(columns, list) or not isinstance(cells, list | dict):
        return value
    try:
        if isinstance(cells, dict):
            cells = list(zip(*(cells[name] for name in columns), strict=True))
        return [dict(zip(columns, row, strict=True)) for row in cells]
    except (KeyError, TypeError, ValueError):
        return value  # cells that do not fit the columns


def outcome_code(value: object) -> str:
    """Read an outcome code: compared as trimmed text, "" when blank."""
    code = plain_text(value)
    if code == OUTCOME_MISSING:
        raise ValueError("the unit row shows no outcome code at all")
    if not _CODE.fullmatch(code):
        raise ValueError("not an outcome code")
    return code


def flag(value: object) -> bool | None:
    """Read true/false, 1/0 and their texts; None for anything else."""
    word = str(value).strip().lower()
    return True if word in ("true", "1", "yes") else False if word in ("false", "0", "no") else None


Number = Annotated[int, BeforeValidator(whole_number)]
Text = Annotated[str, BeforeValidator(plain_text)]
Name = Annotated[str, BeforeValidator(name)]
Day = Annotated[date | None, BeforeValidator(calendar_day)]
Moment = Annotated[datetime | None, BeforeValidator(moment)]
OutcomeCode = Annotated[str, BeforeValidator(outcome_code)]
Flag = Annotated[bool | None, BeforeValidator(flag)]


def fold_keys(row: dict[str, Any]) -> dict[str, Any]:
    """The same object with upper-case keys."""
    return {str(key).upper(): value for key, value in row.items()}


class Payload(BaseModel):
    """An object whose keys are read without case; `contact_id` stands for CONTACTID."""

    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", "").upper(), extra="ignore", frozen=True
    )

    @model_validator(mode="before")
    @classmethod
    def _fold(cls, data: Any) -> Any:
        return fold_keys(data) if isinstance(data, dict) else data


class MappedRow(BaseModel):
    """A row in its short form, a list: the values stand in the order of the fields (`rows.py`, `report.py`)."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, data: Any) -> Any:
        if not isinstance(data, list) or len(data) != len(cls.model_fields):
            raise ValueError("not a row of this list")
        return dict(zip(cls.model_fields, data, strict=True))


class UnitRow(MappedRow):
    """A row of type s. `unit_id` is its ID: INSTANCEID and ENROLID mean other things on other resources (section 2)."""

    unit_id: Number
    code: Text
    outcome: OutcomeCode
    start: Day
    end: Day


class ClassEnrolmentRow(MappedRow):
    """A row of type p of GET /course/enrolments."""

    contact_id: Number
    class_id: Number
    enrol_id: Number
    template_id: Number
    qualification: Text
    status_word: Text
    enrolled_at: Moment
    start: Day
    finish: Day
    email: Text
    given: Text
    surname: Text
    unit_count: Number
    units: list[UnitRow]


class ModuleRow(MappedRow):
    """A row of the learningModuleEnrolments report. `override` stays as sent; translate.py knows its words."""

    module_enrolment_id: Number
    contact_id: Number
    class_id: Number
    enrol_id: Number
    name: Name
    status_word: Text
    start: Day
    end: Day
    override: bool | int | float | str | None


class Qualification(Payload):
    """The template that a class is an instance of."""

    id: Number | None = None
    code: Text = ""


class ClassDetail(Payload):
    """GET /course/instance/detail, type p."""

    instance_id: Number
    name: Text = ""
    start_date: Day = None
    finish_date: Day = None
    reporting_standard: Text = ""
    qualification: Qualification | None = None


class CourseRow(Payload):
    """A row of GET /courses/."""

    id: Number
    code: Text = ""
    type: Text = ""


class ContactRow(Payload):
    """A row of GET /contacts/search. SURNAME is null for people with one name; OPTIONALID null is "none", absent "not shown"."""

    contact_id: Number
    given_name: Text = ""
    surname: Text = ""
    email_address: Text = ""
    optional_id: Annotated[str | None, BeforeValidator(plain_text)] = None


class MergeRow(Payload):
    """A row of POST /log/contactMergeHistory."""

    old_contact_id: Number
    current_contact_id: Number
    merged_utc: Moment = None


class ReportEnvelope(Payload):
    """POST /report/run. `data` is a list of objects or a query in ColdFusion's own form, or one of them as JSON text."""

    success: Flag = None
    error_msg: Text = ""
    count: Annotated[int | None, BeforeValidator(_optional_number)] = None
    data: Any = None


class ReportColumn(Payload):
    """One VIEWFIELDS entry of GET /report/fields."""

    name: Text
    display: Text = ""


class ReportFields(Payload):
    """GET /report/fields."""

    view_fields: Annotated[list[ReportColumn], BeforeValidator(query_rows)] = Field(default_factory=list)


class FieldValue(Payload):
    """One VALUEOPTIONS entry of GET /report/field."""

    value: Text
    display: Text = ""


class ReportField(Payload):
    """GET /report/field."""

    value_options: list[FieldValue] = Field(default_factory=list)


class CustomField(Payload):
    """A row of GET /customFields."""

    variable_name: Text = ""
    label: Text = ""
    active: Flag = None
    mandatory: Flag = None
