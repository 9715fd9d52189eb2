"""The report builder, as far as learning-plan module enrolments go (aXcelerate reference, section 11)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from .account import Account
from .records import MODULE_WORDS, ModuleRecord, Place
from .wire import Answer, Params, Refused, answer, refusal

REFERENCE = "learningModuleEnrolments"
OVERRIDE = "learningmoduleenrolments.accessoverride"
STATUS_ID = "learningmoduleenrolments.statusid"
OVERRIDE_WORDS: dict[str, dict[bool | None, str | int]] = {
    "true_false": {True: "true", False: "false", None: ""},
    "locked": {True: "Unlocked", False: "Locked", None: ""},
    "1_0": {True: 1, False: 0, None: ""},
}

Cell = str | int | date | None
Read = Callable[[Account, Place, ModuleRecord], Cell]


@dataclass(frozen=True)
class Field:
    """One column or filter of the report. `default`: shown when no view fields are asked for."""

    name: str
    display: str
    group: str
    read: Read
    default: bool = True


def _full_name(place: Place) -> str:
    contact = place.person.contact
    return " ".join(part for part in (contact.given, contact.surname) if part)


FIELDS = (
    Field("contacts.contactid", "Contact ID", "Contact", lambda a, p, m: p.contact_id),
    Field("contacts.fullname", "Full Name", "Contact", lambda a, p, m: _full_name(p)),
    Field("contacts.emailaddress", "Email Address", "Contact", lambda a, p, m: p.person.contact.email, False),
    Field(
        "learningmoduleenrolments.moduleenrolmentid",
        "Module Enrolment ID",
        "Module",
        lambda a, p, m: m.module_id,
    ),
    Field("learningmoduleenrolments.modulename", "Module Name", "Module", lambda a, p, m: m.name),
    Field(
        "learningmoduleenrolments.status", "Status", "Module", lambda a, p, m: MODULE_WORDS.get(m.status, "")
    ),
    Field(STATUS_ID, "Status ID", "Module", lambda a, p, m: m.status, False),
    Field("learningmoduleenrolments.startdate", "Start Date", "Module", lambda a, p, m: m.start),
    Field("learningmoduleenrolments.enddate", "End Date", "Module", lambda a, p, m: m.end),
    Field(
        "learningmoduleenrolments.commencementdate",
        "Commencement Date",
        "Module",
        lambda a, p, m: m.commenced,
    ),
    Field(
        "learningmoduleenrolments.completiondate", "Completion Date", "Module", lambda a, p, m: m.completed
    ),
    Field(OVERRIDE, "Access Override", "Module", lambda a, p, m: _override(a, m), False),
    Field("classes.classid", "Class ID", "Class", lambda a, p, m: p.class_id),
    Field("classes.classdescriptor", "Class Descriptor", "Class", lambda a, p, m: p.training_class.name),
    Field("enrolments.enrolid", "Enrolment ID", "Enrolment", lambda a, p, m: p.enrol_id),
    Field(
        "enrolments.dateenrolled",
        "Enrolment Date",
        "Enrolment",
        lambda a, p, m: a.local(p.enrolled_at).date(),
    ),
    Field("enrolments.learningplanname", "Learning Plan Name", "Enrolment", lambda a, p, m: p.plan),
)


def _override(account: Account, module: ModuleRecord) -> Cell:
    return OVERRIDE_WORDS[account.switches.override_words][module.override]


def _fields(account: Account) -> dict[str, Field]:
    shown = account.switches.override_column == "present"
    return {field.name: field for field in FIELDS if shown or field.name != OVERRIDE}


def list_reports(account: Account, params: Params) -> Answer:
    reports = []
    if account.switches.learning_plans == "present":
        reports.append(
            {
                "NAME": "Learning Plan Module Enrolments",
                "DESCRIPTION": "Modules of learning plans",
                "GROUP": "Enrolments",
                "LIVE_REPORTREFERENCE": REFERENCE,
                "WAREHOUSED_REPORTREFERENCE": "",
            }
        )
    return answer(reports)


def report_fields(account: Account, params: Params) -> Answer:
    params.require("reportReference")
    _check_reference(account, params)
    listed = [
        {"NAME": field.name, "DISPLAY": field.display, "GROUP": field.group}
        for field in _fields(account).values()
    ]
    return answer({"VIEWFIELDS": listed, "FILTERFIELDS": listed})


def report_field(account: Account, params: Params) -> Answer:
    """One field with its operators; `statusid` lists the module statuses."""
    params.require("fieldReference")
    name = params.text("fieldReference").lower()
    field = _fields(account).get(name)
    listed = account.switches.module_status_list
    if (
        field is None
        or account.switches.learning_plans == "none"
        or (name == STATUS_ID and listed == "unavailable")
    ):
        raise refusal(account.switches.unknown_record, "fieldReference", "The field was not found.")
    operators = [
        {"VALUE": word, "DISPLAY": word, "OPTGROUP": "", "REQUIRESVALUE2": word == "between"}
        for word in OPERATORS
    ]
    last = 3 if listed == "three" else 5
    values = [
        {"VALUE": str(number), "DISPLAY": word, "OPTGROUP": "", "REQUIRESVALUE2": False}
        for number, word in MODULE_WORDS.items()
        if name == STATUS_ID and number <= last
    ]
    return answer(
        {"NAME": field.name, "DISPLAY": field.display, "OPERATOROPTIONS": operators, "VALUEOPTIONS": values}
    )


def run_report(account: Account, params: Params) -> Answer:
    """The whole report in one answer. What is wrong with the request is said in the envelope."""
    params.require("reportReference", "selectedFilterFields")
    try:
        _check_reference(account, params)
        fields = _fields(account)
        filters = _read_filters(params.text("selectedFilterFields"), fields)
        columns = _columns(params.text("selectedViewFields"), fields)
    except Refused as refused:
        if account.switches.report_failure == "412":
            raise
        return answer(_envelope([], "", success=False, error=refused.details or refused.messages))
    rows = [
        {_key(account, column): _cell(account, column.read(account, place, module)) for column in columns}
        for place, module in _candidates(account, filters)
        if all(one.holds(account, place, module) for one in filters)
    ]
    data: Any = orjson.dumps(rows).decode() if account.switches.report_data == "string" else rows
    shown = [{"NAME": one.field.name, "VALUE": one.value, "VALUE2": one.value2} for one in filters]
    return answer(_envelope(data, shown, success=True, count=len(rows)))


def _check_reference(account: Account, params: Params) -> None:
    known = params.text("reportReference").lower() == REFERENCE.lower()
    if not known or account.switches.learning_plans == "none":
        raise Refused(412, "reportReference", "The report reference is not known.")


def _envelope(data: Any, filters: Any, *, success: bool, error: str = "", count: int = 0) -> dict[str, Any]:
    return {
        "SUCCESS": success,
        "ERRORMSG": error,
        "COUNT": count,
        "REPORTNAME": "Learning Plan Module Enrolments",
        "CONTENTTYPE": "application/json",
        "PATH": "",
        "DESCRIPTION": "JSON/Collection",
        "FILTERS": filters or [],
        "DATA": data,
    }


def _columns(wanted: str, fields: dict[str, Field]) -> list[Field]:
    if not wanted:
        return [field for field in fields.values() if field.default]
    names = [name.strip().lower() for name in wanted.split(",")]
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise Refused(412, "selectedViewFields", f"Unknown view field {unknown[0]}.")
    return [fields[name] for name in names]


def _key(account: Account, field: Field) -> str:
    style = account.switches.report_keys
    if style == "labels":
        return field.display
    return field.name if style == "field" else field.name.rsplit(".", 1)[1].upper()


def _cell(account: Account, value: Cell) -> str | int:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat() if account.switches.report_dates == "iso" else value.strftime("%d/%m/%Y")
    if isinstance(value, int) and account.switches.report_numbers == "string":
        return str(value)
    return value


# Filters


@dataclass(frozen=True)
class Filter:
    """One condition; values as sent."""

    field: Field
    operator: str
    value: str
    value2: str = ""

    def values(self) -> list[str]:
        return [part.strip().lower() for part in self.value.split(",")]

    def holds(self, account: Account, place: Place, module: ModuleRecord) -> bool:
        cell = self.field.read(account, place, module)
        return OPERATORS[self.operator](_comparable(cell), self)


def _comparable(cell: Cell) -> str:
    if isinstance(cell, date):
        return cell.isoformat()
    return "" if cell is None else str(cell).lower()


OPERATORS: dict[str, Callable[[str, Filter], bool]] = {
    "is": lambda cell, one: cell == one.value.strip().lower(),
    "in": lambda cell, one: cell in one.values(),
    "text in": lambda cell, one: cell in one.values(),
    "on": lambda cell, one: cell == _iso(one.value),
    "before": lambda cell, one: cell != "" and cell < _iso(one.value),
    "after": lambda cell, one: cell != "" and cell > _iso(one.value),
    "between": lambda cell, one: cell != "" and _iso(one.value) <= cell <= _iso(one.value2),
    "startswith": lambda cell, one: cell.startswith(one.value.lower()),
    "endswith": lambda cell, one: cell.endswith(one.value.lower()),
    "contains": lambda cell, one: one.value.lower() in cell,
    "doesnotcontain": lambda cell, one: one.value.lower() not in cell,
}


def _iso(text: str) -> str:
    """Report filters write dates as dd/mm/yyyy."""
    parts = text.strip().split("/")
    return "-".join(reversed(parts)) if len(parts) == 3 else text.strip()


def _read_filters(text: str, fields: dict[str, Field]) -> list[Filter]:
    try:
        raw = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(412, "selectedFilterFields", "selectedFilterFields is not valid JSON.") from None
    if not isinstance(raw, list) or not all(isinstance(item, dict) for item in raw):
        raise Refused(412, "selectedFilterFields", "selectedFilterFields is not an array of structs.")
    return [_read_filter({str(key).lower(): value for key, value in item.items()}, fields) for item in raw]


def _read_filter(item: dict[str, Any], fields: dict[str, Field]) -> Filter:
    name, operator = str(item.get("name", "")).lower(), str(item.get("operator", "")).lower()
    if name not in fields or operator not in OPERATORS:
        raise Refused(412, "selectedFilterFields", f"Unknown filter {name} {operator}.")
    return Filter(fields[name], operator, str(item.get("value", "")), str(item.get("value2", "")))


def _candidates(account: Account, filters: list[Filter]) -> Iterable[tuple[Place, ModuleRecord]]:
    """Module enrolments by class or person where a filter names them, else all, in the order of ids."""
    keys: Iterable[int] = account.all_places
    for one in filters:
        index = {"contacts.contactid": account.by_contact, "classes.classid": account.by_class}.get(
            one.field.name
        )
        if index is not None and one.operator in ("in", "text in", "is"):
            ids = [int(value) for value in one.values() if value.isdigit()]
            keys = sorted(key for value in ids for key in index.get(value, ()))
            break
    for key in keys:
        place = account.places[key]
        for module in place.modules:
            yield place, module
