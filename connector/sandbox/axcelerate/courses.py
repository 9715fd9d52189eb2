"""Courses (templates) and classes (instances): aXcelerate reference, section 7."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import orjson

from .account import Account
from .records import ClassRecord
from .wire import Answer, Params, answer, local_stamp, refusal, rows_answer, utc_stamp, validation

OWNER_ID = 410
THREE_MONTHS = timedelta(days=92)
CACHE_LIFE = timedelta(seconds=30)

Row = dict[str, Any]


def list_courses(account: Account, params: Params) -> Answer:
    """Qualifications and e-learning of the account; `type` narrows, all by default."""
    kind = params.text("type", "all").lower() or "all"
    term = params.text("searchTerm").lower()
    wanted = params.number("ID")
    rows = [
        row
        for row in _templates(account)
        if kind in ("all", row["TYPE"])
        and wanted in (None, row["ID"])
        and (not term or term in str(row["NAME"]).lower() or term in str(row["CODE"] or "").lower())
    ]
    offset, size = params.number("offset") or 0, params.number("displayLength") or 10
    page = rows[offset : offset + min(size, account.switches.limit_cap)]
    for number, row in enumerate(page, start=offset + 1):
        row["ROWID"], row["COUNT"] = number, len(rows)
    return rows_answer([orjson.dumps(row) for row in page], account.switches.empty)


def read_course(account: Account, params: Params) -> Answer:
    params.require("ID", "type")
    wanted, kind = params.needed_number("ID"), params.text("type").lower()
    for row in _templates(account):
        if row["ID"] == wanted and row["TYPE"] == kind:
            return answer({**row, "DESCRIPTION": "", "OUTLINE": ""})
    raise refusal("404", "Course not found")


def _templates(account: Account) -> list[Row]:
    rows: dict[int, Row] = {}
    for record in account.classes.values():
        row = _template("p", record.template_id, record.code, record.qualification, utc_stamp(record.updated))
        row["ISACTIVE"] = True
        rows.setdefault(record.template_id, row)
    for unit in account.units.values():
        if unit.elearning is not None:
            # ISACTIVE is missing on some rows of the real listing; it is on these.
            activity = unit.elearning
            rows[activity.activity_id] = _template("el", activity.activity_id, None, activity.name, None)
    return [rows[key] for key in sorted(rows)]


def _template(kind: str, template_id: int, code: str | None, name: str, updated: str | None) -> Row:
    return {
        "ID": template_id,
        "TYPE": kind,
        "NAME": name,
        "STREAMNAME": None,
        "CODE": code,
        "COST": 0,
        "GST_TYPE": 0,
        "DELIVERY": "Not specified",
        "DURATION": None,
        "DURATIONTYPE": None,
        "SHORTDESCRIPTION": "",
        "LASTUPDATEDUTC": updated,
    }


def list_instances(account: Account, params: Params) -> Answer:
    """Classes of one course. For type p `public=false` lists the non-public ones only."""
    params.require("ID", "type")
    template, kind = params.needed_number("ID"), params.text("type").lower()
    public, current = params.flag("public", True), params.flag("current", True)
    rows = [
        _instance(account, record)
        for record in account.classes.values()
        if kind == "p"
        and record.template_id == template
        and record.public == public
        and (not current or (record.finish is not None and record.finish >= account.today()))
    ]
    return rows_answer([orjson.dumps(row) for row in rows], account.switches.empty)


def search_instances(account: Account, params: Params) -> Answer:
    """The search hides closed, non-public and far-away classes unless told otherwise."""
    if params.flag("purgeCache", True) or not account.switches.search_cache:
        rows = _search(account, params)
    else:
        rows = _cached(account, params)
    offset, size = params.number("offset") or 0, params.number("displayLength") or 10
    page = rows[offset : offset + min(size, account.switches.limit_cap)]
    return rows_answer(page, account.switches.empty)


def _cached(account: Account, params: Params) -> list[bytes]:
    key = repr(sorted(params.items()))
    at, rows = account.search_cache.get(key, (None, []))
    if at is None or account.now() - at > CACHE_LIFE:
        rows = _search(account, params)
        account.search_cache[key] = (account.now(), rows)
    return rows


def _search(account: Account, params: Params) -> list[bytes]:
    kind = params.text("type", "all").lower() or "all"
    if kind not in ("w", "p", "el", "all"):
        raise validation("type must be one of w, p, el, all.")
    if kind not in ("p", "all"):
        return []
    tests = _search_tests(account, params)
    found = [record for record in account.classes.values() if all(test(record) for test in tests)]
    return [
        orjson.dumps(_instance(account, record)) for record in sorted(found, key=lambda one: one.class_id)
    ]


def _search_tests(account: Account, params: Params) -> list[Callable[[ClassRecord], bool]]:
    template, instance = params.number("ID"), params.number("InstanceID")
    code, name, term = (params.text(word).lower() for word in ("code", "name", "searchTerm"))
    public, opened = params.flag("public", True), params.flag("enrolmentOpen", True)
    start, finish = _window(account, params, "startDate"), _window(account, params, "finishDate")
    tests: list[Callable[[ClassRecord], bool]] = [
        lambda one: template in (None, one.template_id),
        lambda one: instance in (None, one.class_id),
        lambda one: one.code.lower().startswith(code) and one.name.lower().startswith(name),
        lambda one: term in one.name.lower() or term in one.code.lower(),
        lambda one: not opened or _is_open(account, one),
    ]
    if instance is None:
        tests.append(lambda one: one.public == public)
        tests.append(lambda one: start[0] <= one.start <= start[1])
    exempt = instance is not None and account.switches.finish_window_with_instance == "ignore"
    if not exempt:
        tests.append(lambda one: one.finish is None or finish[0] <= one.finish <= finish[1])
    return tests


def _window(account: Account, params: Params, name: str) -> tuple[date, date]:
    low, high = params.moment(f"{name}_min", account.zone), params.moment(f"{name}_max", account.zone)
    today = account.today()
    return (
        account.local(low).date() if low else today - THREE_MONTHS,
        account.local(high).date() if high else today + THREE_MONTHS,
    )


def read_instance(account: Account, params: Params) -> Answer:
    """One class with its unit list and its REPORTINGSTANDARD."""
    params.require("instanceID", "type")
    record = account.classes.get(params.needed_number("instanceID"))
    if record is None or params.text("type").lower() != "p":
        raise refusal(
            account.switches.unknown_record, "instanceID", "The instance was not found in this account."
        )
    with_workshops = params.flag("includeAssociatedWorkshops", False)
    return answer(
        {
            "INSTANCEID": record.class_id,
            "ID": record.template_id,
            "NAME": record.name,
            "QUALIFICATION": {
                "ID": record.template_id,
                "CODE": record.code,
                "NAME": record.qualification,
                "STREAMNAME": None,
            },
            "REPORTINGSTANDARD": record.reporting_standard,
            "LOCATION": "Head office",
            "DELIVERYLOCATIONID": 88,
            **_shared(account, record),
            "UNITS": [_class_unit(record, order, with_workshops) for order in range(len(record.units))],
        }
    )


def _class_unit(record: ClassRecord, order: int, with_workshops: bool) -> Row:
    unit = record.units[order]
    row: Row = {
        "UNITID": unit.unit_id,
        "UNITCODE": unit.code,
        "UNIT": unit.name,
        "UNITORDER": order + 1,
        "ELECTIVE": 0,
        "SCHEDULEDSTARTDATE": None,
        "SCHEDULEDENDDATE": None,
        "MODULE": {},
    }
    if with_workshops:
        workshop = record.workshop
        row["WORKSHOPS"] = [] if workshop is None else [{"INSTANCEID": workshop.workshop_id}]
    return row


def _instance(account: Account, record: ClassRecord) -> Row:
    return {
        "ID": record.template_id,
        "INSTANCEID": record.class_id,
        "NAME": record.name,
        "CODE": record.code,
        "COURSENAME": record.qualification,
        "LOCATION": "Head office",
        "PARTICIPANTS": len(account.by_class.get(record.class_id, ())),
        "MAXPARTICIPANTS": None,
        "MINPARTICIPANTS": None,
        "PARTICIPANTVACANCY": None,
        "ISACTIVE": True,
        "STATUS": "Active",
        **_shared(account, record),
    }


def _shared(account: Account, record: ClassRecord) -> Row:
    switches = account.switches
    return {
        "STARTDATE": local_stamp(record.start, switches),
        "FINISHDATE": local_stamp(record.finish, switches),
        "DATEDESCRIPTOR": date_descriptor(record),
        "ENROLMENTOPEN": _is_open(account, record),
        "PUBLIC": record.public,
        "NOTICES": None,
        "COST": 0,
        "GST_TYPE": 1,
        "OWNERCONTACTID": OWNER_ID,
        "TRAINERCONTACTID": None,
        "LASTUPDATEDUTC": utc_stamp(record.updated),
    }


def date_descriptor(record: ClassRecord) -> str:
    """The class's dates as staff read them, for example 2/02/2026 - 18/12/2026."""
    days = (record.start, record.finish)
    return " - ".join(f"{day.day}/{day.month:02}/{day.year}" for day in days if day is not None)


def _is_open(account: Account, record: ClassRecord) -> bool:
    return record.finish is None or record.finish >= account.today()
