"""Documented answers, retyped with invented people (aXcelerate reference, sections 6 to 11)."""

from __future__ import annotations

from typing import Any

Row = dict[str, Any]


def unit_row(**changes: Any) -> Row:
    return {
        "TYPE": "s", "ID": 51001, "INSTANCEID": 7720981, "ENROLID": 61200345, "LEARNERID": 61200345,
        "CONTACTID": 22041, "GIVENNAME": "Mia", "SURNAME": "Okafor", "EMAIL": "mia@example.org",
        "CODE": "CHCLEG003", "NAME": "Manage legal and ethical compliance", "OUTCOMECODE": "70", "STATUS": "CA",
        "ENROLMENTDATE": "2026-02-02 00:00", "STARTDATE": "2026-02-02 00:00", "FINISHDATE": "2026-05-29 00:00",
        "AMOUNTPAID": None, "DELIVERY": {"CODE": 10, "DESCRIPTION": "Classroom-based"}, "ACTIVITIES": [],
        **changes,
    }  # fmt: skip


def class_row(**changes: Any) -> Row:
    return {
        "TYPE": "p", "ID": 7001, "INSTANCEID": 880123, "ENROLID": 9300411, "LEARNERID": 9300411,
        "CONTACTID": 22041, "OWNERID": 410, "GIVENNAME": "Mia", "SURNAME": "Okafor", "EMAIL": "mia@example.org",
        "MOBILEPHONE": None, "CODE": "CHC43121", "NAME": "Cert IV Disability", "STATUS": "In Progress",
        "ENROLMENTDATE": "2026-01-28 09:40", "STARTDATE": "2026-02-02 00:00", "FINISHDATE": None,
        "DELIVERY": "Not specified", "AMOUNTPAID": 0, "LASTUPDATEDUTC": "2026-03-02 22:05",
        "ACTIVITIES": [unit_row()],
        **changes,
    }  # fmt: skip


def class_rows(first: int, count: int) -> list[Row]:
    """Rows of one class with enrolment ids from `first` on."""
    return [class_row(ENROLID=number, CONTACTID=20000 + number) for number in range(first, first + count)]


def class_detail(**changes: Any) -> Row:
    return {
        "INSTANCEID": 880123, "ID": 7001, "NAME": "Feb intake",
        "QUALIFICATION": {"ID": 7001, "CODE": "CHC43121", "NAME": "Certificate IV", "STREAMNAME": None},
        "REPORTINGSTANDARD": "QLD DETE (DETConnect)", "STARTDATE": "2026-02-02 00:00",
        "FINISHDATE": "2026-12-18 00:00", "COST": 0, "UNITS": [],
        **changes,
    }  # fmt: skip


def module_row(**changes: Any) -> Row:
    return {
        "Contact ID": 22041, "Full Name": "Mia Okafor", "Module Enrolment ID": 41877, "Module Name": "Ethics",
        "Status": "In Progress", "Start Date": "2026-02-02", "End Date": "", "Commencement Date": "2026-02-10",
        "Completion Date": "", "Class ID": 880123, "Class Descriptor": "Feb intake", "Enrolment ID": 9300411,
        "Enrolment Date": "2026-01-28", "Learning Plan Name": "Disability plan",
        **changes,
    }  # fmt: skip


def report(rows: Any, **changes: Any) -> Row:
    return {
        "SUCCESS": True, "ERRORMSG": "", "COUNT": len(rows), "REPORTNAME": "Learning Plan Module Enrolments",
        "CONTENTTYPE": "application/json", "DATA": rows,
        **changes,
    }  # fmt: skip


FIELD_LABELS = {
    "contacts.contactid": "Contact ID",
    "contacts.fullname": "Full Name",
    "learningmoduleenrolments.moduleenrolmentid": "Module Enrolment ID",
    "learningmoduleenrolments.modulename": "Module Name",
    "learningmoduleenrolments.status": "Status",
    "learningmoduleenrolments.startdate": "Start Date",
    "learningmoduleenrolments.enddate": "End Date",
    "learningmoduleenrolments.commencementdate": "Commencement Date",
    "learningmoduleenrolments.completiondate": "Completion Date",
    "classes.classid": "Class ID",
    "classes.classdescriptor": "Class Descriptor",
    "enrolments.enrolid": "Enrolment ID",
    "enrolments.dateenrolled": "Enrolment Date",
    "enrolments.learningplanname": "Learning Plan Name",
}


def report_fields(override: str | None = None, **labels: str) -> Row:
    """GET /report/fields; `override` is the name of the override column where the account offers one."""
    names = {**FIELD_LABELS, **labels, **({override: "Access Override"} if override else {})}
    fields = [{"NAME": name, "DISPLAY": label, "GROUP": "Module"} for name, label in names.items()]
    return {"VIEWFIELDS": fields, "FILTERFIELDS": fields}


def error(code: str, text: str, details: str = "", *, lower: bool = False) -> Row:
    body = {"ERROR": True, "CODE": code, "MESSAGES": text, "DETAILS": details, "DATA": ""}
    return {key.lower(): value for key, value in body.items()} if lower else body
