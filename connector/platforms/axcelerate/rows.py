"""The quick way: a decoded page of GET /course/enrolments to raw records, without building objects.

A row that carries every expected key in upper case takes the short way. Any other row (other key case, an absent ENROLID
or STATUS, ids as text) takes the tolerant way, which gives the same fields. Neither judges values: `translate.parse` does.
Left out on purpose: LASTUPDATEDUTC and amounts, which move without an edit that concerns us.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import Any

import orjson

from connector.platforms.axcelerate.payloads import OUTCOME_MISSING, fold_keys, whole_number
from connector.platforms.port import Kind, Raw

_FIELDS = (
    "ID",
    "CODE",
    "STATUS",
    "ENROLMENTDATE",
    "STARTDATE",
    "FINISHDATE",
    "EMAIL",
    "GIVENNAME",
    "SURNAME",
)
_CLASS = itemgetter("CONTACTID", "INSTANCEID", "ENROLID", *_FIELDS)
_UNIT = itemgetter("ID", "CODE", "OUTCOMECODE", "STARTDATE", "FINISHDATE")
_TEMPLATE_AT = 3
_KIND = Kind.CLASS_ENROLMENT


def class_records(rows: Iterable[Any], units: frozenset[str] | None, *, place: str) -> Iterator[Raw]:
    """One record for each class enrolment of a page, in its order; `units` (upper-case codes) None keeps every unit.

    A row without a readable contact, class or enrolment id is yielded too, under a key that names its place in the list
    (`place`): `parse` refuses it, so one broken row stops one record. Rows of another type than p are left out.
    """
    for position, row in enumerate(rows):
        record: Raw | None
        try:
            record = _quick(row, units)
        except (KeyError, TypeError, AttributeError):
            record = _tolerant(row, units, place=f"{place} row {position}")
        if record is not None:
            yield record


def template_of(record: Raw) -> int | None:
    """The template (qualification) that a record's class is an instance of; None where the row does not say."""
    fields = orjson.loads(record.body)
    return _id(fields[_TEMPLATE_AT]) if fields else None


def _quick(row: Any, units: frozenset[str] | None) -> Raw:
    contact, class_id, enrol, *fields = _CLASS(row)
    if row["TYPE"] != "p" or not (type(contact) is type(class_id) is type(enrol) is int):
        raise TypeError
    activities = row["ACTIVITIES"]
    for activity in activities:
        if activity["TYPE"] != "s":
            raise TypeError
    kept = [
        unit
        for unit in map(_UNIT, activities)
        if units is None or unit[1] in units or _is_wanted(unit[1].strip().upper(), units)
    ]
    if len(kept) > 1:  # sorted, because the order of rows means nothing and must not look like news
        kept.sort()
    body = orjson.dumps((contact, class_id, enrol, *fields, len(activities), kept))
    return Raw(_KIND, str(contact), f"{class_id}/{enrol}", str(class_id), body)


def _tolerant(row: Any, units: frozenset[str] | None, *, place: str) -> Raw | None:
    if not isinstance(row, dict):
        return Raw(_KIND, "", place, "", b"null")
    row = fold_keys(row)
    if str(row.get("TYPE") or "p").strip().lower() != "p":
        return None
    found = [_mapped_unit(activity) for activity in _unit_rows(row.get("ACTIVITIES"))]
    kept = [unit for unit in found if units is None or _is_wanted(str(unit[1] or "").strip().upper(), units)]
    kept.sort(key=lambda unit: str(unit[0]))
    # On class rows both ids are equal, and samples show rows with only one of them (section 2).
    ids = [
        _id(row.get("CONTACTID")),
        _id(row.get("INSTANCEID")),
        _id(row.get("ENROLID") or row.get("LEARNERID")),
    ]
    body = orjson.dumps([*ids, *(row.get(name) for name in _FIELDS), len(found), kept])
    contact, class_id, enrol = ("" if value is None else str(value) for value in ids)
    key = f"{class_id}/{enrol}" if contact and class_id and enrol else place
    return Raw(_KIND, contact, key, class_id, body)


def _is_wanted(code: str, units: frozenset[str]) -> bool:
    """A unit row without a code may be one that a rule names, so it is not passed over."""
    return not code or code in units


def _unit_rows(activities: Any) -> Iterator[dict[str, Any]]:
    for activity in activities if isinstance(activities, list) else ():
        unit = fold_keys(activity) if isinstance(activity, dict) else {}
        kind = str(unit.get("TYPE") or "").strip().lower()
        if kind == "s":
            yield unit
        elif not kind:  # it may be a unit: kept as one without a code
            yield {**unit, "CODE": None}


def _mapped_unit(unit: dict[str, Any]) -> list[Any]:
    # A missing key is not a blank code: written over, it could lower an outcome that is only hidden from us.
    outcome = unit.get("OUTCOMECODE", OUTCOME_MISSING)
    return [unit.get("ID"), unit.get("CODE"), outcome, unit.get("STARTDATE"), unit.get("FINISHDATE")]


def _id(value: Any) -> int | None:
    try:
        return whole_number(value)
    except ValueError:
        return None
