"""The report of learning-plan module enrolments: what to ask for, and how to read three styles of answer. Pure.

The guide "Update Enrolment" gives the call; which keys the rows come back under is not settled anywhere (field names,
upper-case names, display labels: reference, section 11.3), so every answer is matched to the columns asked for, and an
answer without a needed column is refused whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import orjson
from pydantic import ValidationError

from connector.domain.learner import ClassId, ContactId
from connector.platforms.axcelerate.payloads import (
    ReportColumn,
    ReportEnvelope,
    ReportField,
    query_rows,
    whole_number,
)
from connector.platforms.axcelerate.translate import OVERRIDE_NOT_SHOWN
from connector.platforms.port import Kind, Raw

REFERENCE = "learningModuleEnrolments"
STATUS_FIELD = "learningmoduleenrolments.statusid"
CLASSES_PER_REPORT = 50
VIEW_FIELDS = (
    "contacts.contactid",
    "contacts.fullname",
    "learningmoduleenrolments.moduleenrolmentid",
    "learningmoduleenrolments.modulename",
    "learningmoduleenrolments.status",
    "learningmoduleenrolments.startdate",
    "learningmoduleenrolments.enddate",
    "learningmoduleenrolments.commencementdate",
    "learningmoduleenrolments.completiondate",
    "classes.classid",
    "classes.classdescriptor",
    "enrolments.enrolid",
    "enrolments.dateenrolled",
    "enrolments.learningplanname",
)
"""The columns of the guide's example, in its order."""

# Labels of the vendor's sample that a rule cannot derive; the account's own list of fields goes before them.
_SAMPLE_LABELS = {"enrolmentid": "enrolments.enrolid", "enrolmentdate": "enrolments.dateenrolled"}
_NEEDED = (
    "learningmoduleenrolments.moduleenrolmentid",
    "contacts.contactid",
    "classes.classid",
    "enrolments.enrolid",
    "learningmoduleenrolments.modulename",
    "learningmoduleenrolments.status",
    "learningmoduleenrolments.startdate",
    "learningmoduleenrolments.enddate",
)
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?:[ T].*)?")
_FIELD_NAME = re.compile(r"\w+\.\w+")
_DEFAULT_WORDS = {"1": "Enrolled", "2": "In Progress"}


ReportDates = Literal["iso", "dmy"]
"""How the account's report writes days: 2026-03-02, or 02/03/2026."""


class ReportError(ValueError):
    """The answer is no whole report; the message says why, without its contents."""


def plain_key(key: str) -> str:
    """A key without table prefix, spaces, punctuation and case: "Module Name" and "x.modulename" are the same."""
    bare = key.rpartition(".")[2] if _FIELD_NAME.fullmatch(key.strip()) else key
    return re.sub(r"[^0-9a-z]", "", bare.lower())


@dataclass(frozen=True)
class Columns:
    """What this account's report offers. `labels` maps plain keys to field names, `override` is None where not offered."""

    override: str | None = None
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def view_fields(self) -> tuple[str, ...]:
        return (*VIEW_FIELDS, self.override) if self.override else VIEW_FIELDS

    @property
    def override_shown(self) -> bool:
        return self.override is not None


def columns_of(offered: Sequence[ReportColumn]) -> Columns:
    """Find the override column, and which label stands for which field, in GET /report/fields.

    No page names the override column, so it is the field whose name or label tells of an override or of something overridden; a
    field of the module enrolments goes first. A label that two of our fields share says nothing and is left out.
    """
    overrides = [one for one in offered if "overrid" in plain_key(one.name) + plain_key(one.display)]
    overrides.sort(key=lambda one: (not one.name.lower().startswith("learningmoduleenrolments."), one.name))
    override = overrides[0].name if overrides else None
    wanted = {name.lower(): name for name in (*VIEW_FIELDS, *([override] if override else []))}
    labels: dict[str, str] = {}
    shared: set[str] = set()
    for column in offered:
        name, label = wanted.get(column.name.lower()), plain_key(column.display)
        if name and label and labels.setdefault(label, name) != name:
            shared.add(label)
    return Columns(override, {label: name for label, name in labels.items() if label not in shared})


def run_parameters(
    columns: Columns, classes: Sequence[ClassId], contact: ContactId | None = None
) -> dict[str, str]:
    """The form of POST /report/run for these classes, as in the guide but without its status filter.

    A module that left Enrolled and In Progress is finished, not gone, so every status is read (contract, section 4).
    """
    filters = [] if contact is None else [_filter("contacts.contactid", str(contact))]
    filters.append(_filter("classes.classid", ",".join(str(one) for one in classes)))
    return {
        "reportReference": REFERENCE,
        "selectedViewFields": ",".join(columns.view_fields),
        "selectedFilterFields": orjson.dumps(filters).decode(),
    }


def _filter(name: str, value: str) -> dict[str, str]:
    return {"name": name, "value": value, "operator": "IN"}


def status_words(statuses: ReportField) -> dict[str, str]:
    """Which word a status id stands for on this account."""
    return {one.value: one.display for one in statuses.value_options if one.display}


def report_rows(answer: Any) -> list[dict[str, Any]]:
    """The rows of a report answer.

    Raises: ReportError when the platform says that the report failed, or the rows are cut short or no rows at all.
    """
    try:
        envelope = ReportEnvelope.model_validate(answer)
        data = envelope.data
        rows = query_rows(orjson.loads(data) if isinstance(data, str) and data else data)
    except (ValidationError, orjson.JSONDecodeError) as exc:
        raise ReportError("the answer is not the report envelope") from exc
    if envelope.success is not True:
        raise ReportError(f"the report failed: {envelope.error_msg[:200] or 'no reason given'}")
    rows = rows or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise ReportError("its rows are not a list of objects")
    if envelope.count is not None and envelope.count > len(rows):
        raise ReportError(f"it announces {envelope.count} rows and holds {len(rows)}")
    return rows


def module_records(
    rows: Sequence[dict[str, Any]],
    columns: Columns,
    words: Mapping[str, str] | None = None,
    *,
    dates: ReportDates = "iso",
) -> Iterator[Raw]:
    """One record for each row of a report. `words` gives the word of a numeric status, `dates` how days are written.

    Raises: ReportError when a needed column is in no row. A column that only some rows carry is empty in the others,
    because the server leaves out empty values at times (reference, section 3).
    """
    keys = _keys_by_field(rows, columns)
    override_keys = keys.get(columns.override or "")
    words = words or _DEFAULT_WORDS
    for row in rows:
        module, contact, class_id, enrol, name, status, start, end = (
            _cell(row, keys[one]) for one in _NEEDED
        )
        override = _cell(row, override_keys) if override_keys else OVERRIDE_NOT_SHOWN
        status = words.get(str(status).strip(), status)
        if dates == "dmy":
            start, end = _from_day_first(start), _from_day_first(end)
        body = orjson.dumps([module, contact, class_id, enrol, name, status, start, end, override])
        key = _id_text(module) or str(module)
        yield Raw(Kind.MODULE_ENROLMENT, _id_text(contact), key, _id_text(class_id), body)


def has_unnamed_status(rows: Sequence[dict[str, Any]], columns: Columns) -> bool:
    """Whether some status is a number that the guide does not name, so that GET /report/field has to be asked."""
    keys = _keys_by_field(rows, columns).get("learningmoduleenrolments.status", ())
    cells = {str(_cell(row, keys)).strip() for row in rows}
    return any(cell.isdigit() and cell not in _DEFAULT_WORDS for cell in cells)


def _keys_by_field(rows: Sequence[dict[str, Any]], columns: Columns) -> dict[str, tuple[str, ...]]:
    """For each column asked for, the row keys that it comes under."""
    if not rows:
        return {}
    whole = {name.lower(): name for name in columns.view_fields}
    plain = {plain_key(name): name for name in columns.view_fields}
    by_label = {**_SAMPLE_LABELS, **columns.labels}
    found: dict[str, tuple[str, ...]] = {}
    for key in dict.fromkeys(key for row in rows for key in row):
        if _FIELD_NAME.fullmatch(key.strip()):
            name = whole.get(key.strip().lower())  # another table's column may end like ours
        else:
            name = plain.get(plain_key(key)) or by_label.get(plain_key(key))
        if name:
            found[name] = (*found.get(name, ()), key)
    missing = [name for name in _NEEDED if name not in found]
    if missing:
        raise ReportError(f"it lacks the columns {', '.join(missing)}")
    return found


def _cell(row: dict[str, Any], keys: tuple[str, ...]) -> Any:
    return next((row[key] for key in keys if key in row), None)


def _from_day_first(cell: Any) -> Any:
    """02/03/2026 as 2026-03-02; anything else as it came, to be judged when it is read."""
    match = _DAY_FIRST.fullmatch(cell.strip()) if isinstance(cell, str) else None
    if match is None:
        return cell
    day, month, year = match.groups()
    return f"{year}-{month:0>2}-{day:0>2}"


def _id_text(cell: Any) -> str:
    """An id as it is compared; "" where none can be read, and then `parse` says why."""
    try:
        return str(whole_number(cell))
    except ValueError:
        return ""
