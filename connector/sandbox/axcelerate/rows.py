"""Records as rows of `GET /course/enrolments` (aXcelerate reference, section 8.1)."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson

from . import codes
from .account import Account
from .records import IN_PROGRESS, TENTATIVE, Place, UnitRecord
from .wire import local_stamp, utc_stamp

Row = dict[str, Any]

NUMBERS = ("ID", "INSTANCEID", "ENROLID", "LEARNERID", "CONTACTID", "OWNERID", "AMOUNTPAID")
OWNER_ID = 410
CLASSROOM = {"CODE": 10, "DESCRIPTION": "Classroom-based"}


def place_bytes(account: Account, place: Place) -> bytes:
    """The nested row of a class enrolment, rendered once until it or a switch changes."""
    revision = account.switches.revision
    if not place.rendered or place.rendered_at != revision:
        place.rendered = orjson.dumps(class_row(account, place))
        place.rendered_at = revision
    return place.rendered


def class_row(account: Account, place: Place) -> Row:
    """A `p` row with its units in ACTIVITIES; a tentative place has none."""
    switches = account.switches
    row: Row = {
        "TYPE": "p",
        "ID": place.training_class.template_id,
        "INSTANCEID": place.class_id,
        "ENROLID": place.enrol_id,
        "LEARNERID": place.enrol_id,
        **_person(place),
        "OWNERID": OWNER_ID,
        "CODE": place.training_class.code,
        "NAME": place.training_class.name,
        "ENROLMENTDATE": local_stamp(account.local(place.enrolled_at), switches),
        "STARTDATE": local_stamp(place.start, switches),
        "FINISHDATE": local_stamp(place.finish, switches),
        "DELIVERY": "Not specified",
        "AMOUNTPAID": 0,
        "VICPROGRAMSTATUSID": "",
        "SCHOOLTYPEID": "",
        "SCHOOLORGID": None,
        "PSTACDATEVIC": None,
        "CUSTOMFIELD_LMSCOURSE": None,
        **_custom(place.custom),
    }
    if switches.class_status == "present":
        row["STATUS"] = switches.in_progress_word if place.status == IN_PROGRESS else place.status
    if switches.class_lastupdated == "present":
        row["LASTUPDATEDUTC"] = utc_stamp(place.updated)
    units = [] if place.status == TENTATIVE else place.units
    row["ACTIVITIES"] = [unit_row(account, place, unit) for unit in units]
    return _styled(account, row)


def unit_row(account: Account, place: Place, unit: UnitRecord) -> Row:
    """An `s` row with its workshops and e-learning in ACTIVITIES. INSTANCEID is not the unit's id: never write it."""
    switches = account.switches
    row: Row = {
        "TYPE": "s",
        "ID": unit.unit.unit_id,
        "INSTANCEID": place.training_class.unit_row_ids[unit.unit.code],
        "ENROLID": unit.row_id,
        "LEARNERID": unit.row_id,
        **_person(place),
        "CODE": unit.unit.code,
        "NAME": unit.unit.name,
        "OUTCOMECODE": unit.outcome,
        "STATUS": codes.label_of(unit.outcome),
        "ENROLMENTDATE": local_stamp(account.local(place.enrolled_at).date(), switches),
        "STARTDATE": local_stamp(unit.start, switches),
        "FINISHDATE": local_stamp(_shown_end(unit, switches.unit_finishdate), switches),
        "AMOUNTPAID": None,
        "DELIVERY": CLASSROOM,
        "VIRTUALCLASSROOMID": None,
        **_custom(unit.custom),
    }
    if switches.unit_enrolid == "absent":
        del row["ENROLID"]
    row["ACTIVITIES"] = linked_rows(account, place, unit)
    return _styled(account, row)


def linked_rows(account: Account, place: Place, unit: UnitRecord) -> list[Row]:
    """The class's workshop (the same booking under every unit) and the unit's e-learning activity."""
    rows = []
    if place.training_class.workshop is not None:
        rows.append(_styled(account, workshop_row(account, place)))
    if unit.unit.elearning is not None:
        rows.append(_styled(account, activity_row(account, unit)))
    return rows


def workshop_row(account: Account, place: Place) -> Row:
    """A `w` row; the class must have a workshop."""
    workshop = place.training_class.workshop
    assert workshop is not None
    return {
        "TYPE": "w",
        "ID": workshop.workshop_id - 1,
        "INSTANCEID": workshop.workshop_id,
        "LEARNERID": place.enrol_id + 80_000_000,
        "CONTACTID": place.contact_id,
        "CODE": None,
        "NAME": workshop.name,
        "STARTDATE": local_stamp(workshop.day, account.switches),
        "FINISHDATE": local_stamp(workshop.day, account.switches),
        "AMOUNTPAID": 0,
        "ACTIVITIES": [],
    }


def activity_row(account: Account, unit: UnitRecord) -> Row:
    """An `el` row; the unit must have an e-learning activity. ID and INSTANCEID are the same."""
    activity = unit.unit.elearning
    assert activity is not None
    return {
        "TYPE": "el",
        "ID": activity.activity_id,
        "INSTANCEID": activity.activity_id,
        "LEARNERID": unit.row_id - 61_000_000,
        "CODE": None,
        "NAME": activity.name,
        "STARTDATE": local_stamp(unit.activity_start or unit.start, account.switches),
        "FINISHDATE": local_stamp(unit.activity_end, account.switches),
        "AMOUNTPAID": None,
        "ACTIVITIES": [],
    }


def _person(place: Place) -> Row:
    contact = place.person.contact
    return {
        "CONTACTID": contact.contact_id,
        "GIVENNAME": contact.given,
        "SURNAME": contact.surname,
        "EMAIL": contact.email,
        "MOBILEPHONE": contact.mobile,
    }


def _shown_end(unit: UnitRecord, mode: str) -> date | None:
    if mode == "always_null" or (mode == "null_until_final" and not codes.is_final(unit.outcome)):
        return None
    return unit.end


def _custom(fields: dict[str, str]) -> Row:
    return {f"CUSTOMFIELD_{name}": value for name, value in fields.items()}


def _styled(account: Account, row: Row) -> Row:
    if account.switches.number_style == "string":
        for name in NUMBERS:
            if isinstance(row.get(name), int):
                row[name] = str(row[name])
    return row
