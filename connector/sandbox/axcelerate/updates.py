"""PUT /course/enrolment: everything is checked before anything is applied (reference, section 9)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time

from . import codes
from .account import Account
from .records import CANCELLED, COMPLETED, TENTATIVE, Place, UnitRecord
from .wire import Answer, Params, answer, refusal, validation

CLASS_STATUSES = {
    "tent": TENTATIVE,
    "ip": "In Progress",
    "def": "Deferred",
    "susp": "Suspended",
    "canc": CANCELLED,
    "comp": COMPLETED,
}
ACTIVITY_STATUSES = {"a": "A", "cm": "Cm", "co": "Co", "c": "C", "f": "F"}
# Accepted, kept and shown nowhere, as in the account's own screens.
UNIT_EXTRAS = ("outcomeTrainingOrg", "comments", "trainerID", "deliveryModeAVETMISS", "doNotReportAvetmiss")


def update_enrolment(account: Account, params: Params) -> Answer:
    """Dispatch by `type`. The answer never echoes the new values."""
    params.require("contactID", "type")
    kind = params.text("type").lower()
    if kind == "s":
        _update_unit(account, params)
    elif kind == "p":
        _update_class(account, params)
    elif kind == "el":
        _update_activity(account, params)
    elif kind == "w":
        _update_workshop(account, params)
    else:
        raise validation("type must be one of p, w, el, s.")
    body: dict[str, object] = {"STATUS": "success", "MSG": "Enrolment was updated successfully."}
    if account.switches.success_error_null:
        body["ERROR"] = None
    return answer(body)


# Units


@dataclass
class _UnitChange:
    """What a unit will hold once the request is accepted."""

    outcome: str
    start: date | None
    end: date | None


def _update_unit(account: Account, params: Params) -> None:
    place, unit = _addressed_unit(account, params)
    custom = params.custom_fields()
    change = _wanted(account, params, unit)
    _refuse_outcome(account, place, unit, change, custom)
    if change.start and change.end and change.end < change.start and account.switches.date_check == "412":
        raise validation("The activity end date is before the activity start date.")
    moved = (change.outcome, change.start, change.end) != (unit.outcome, unit.start, unit.end)
    new_code = change.outcome != unit.outcome
    unit.outcome, unit.start, unit.end = change.outcome, change.start, change.end
    unit.custom.update(custom)
    unit.extras.update({name: params.text(name) for name in UNIT_EXTRAS if params.has(name)})
    if params.flag("updateClassEnrolmentCompletedOrExpectedDate", False):
        _update_class_date(place, change.end)
    if moved or custom:
        account.touch_unit(place)
    if new_code or account.switches.repeated_put_fires:
        account.hooks.unit_status_changed(place, unit)


def _addressed_unit(account: Account, params: Params) -> tuple[Place, UnitRecord]:
    """By contact, class and the unit's own id or code. A row's INSTANCEID is nobody's unit id."""
    alias = "classID" if account.switches.class_id_alias and not params.has("programInstanceID") else ""
    params.require(alias or "programInstanceID")
    if not params.text("instanceID"):
        params.require("subjectCode")
    place = _addressed_place(account, params, alias or "programInstanceID")
    code = params.text("subjectCode")
    if params.text("instanceID"):
        known = account.unit_by_id(params.needed_number("instanceID"))
        code = known.code if known is not None else ""
    unit = place.unit(code)
    if unit is None or place.status == TENTATIVE:
        raise refusal(
            account.switches.unknown_unit, "instanceID", "The unit was not found in this enrolment."
        )
    return place, unit


def _addressed_place(account: Account, params: Params, class_parameter: str) -> Place:
    contact_id, class_id = params.needed_number("contactID"), params.needed_number(class_parameter)
    how = account.switches.unknown_record
    person = account.people.get(contact_id)
    if person is None or person.deleted:
        raise refusal(how, "contactID", "The contact was not found in this account.")
    place = account.current_place(contact_id, class_id)
    if place is None:
        raise refusal(how, class_parameter, "The enrolment was not found in this account.")
    return place


def _wanted(account: Account, params: Params, unit: UnitRecord) -> _UnitChange:
    outcome = unit.outcome
    if params.text("competent"):
        outcome = str(params.number("competent"))
        if not codes.is_known(outcome):
            raise validation("competent is not a valid outcome code.")
    elif _emptied(account, params, "competent"):
        outcome = ""
    return _UnitChange(
        outcome,
        _date_after(account, params, "activityStartDate", unit.start),
        _date_after(account, params, "activityEndDate", unit.end),
    )


def _date_after(account: Account, params: Params, name: str, before: date | None) -> date | None:
    sent = params.day(name)
    if sent is not None:
        return sent
    return None if _emptied(account, params, name) else before


def _emptied(account: Account, params: Params, name: str) -> bool:
    """Whether an empty value was sent and empties the field, which is a switch (row 16)."""
    if not params.has(name) or params.text(name):
        return False
    if account.switches.empty_parameter == "412":
        raise validation(f"{name} is empty.")
    return account.switches.empty_parameter == "clear"


def _refuse_outcome(
    account: Account, place: Place, unit: UnitRecord, change: _UnitChange, custom: dict[str, str]
) -> None:
    """The rules that an account may have for outcome codes; fills the end date where it does that."""
    switches = account.switches
    if change.outcome == unit.outcome:
        return
    standard = place.training_class.reporting_standard
    if switches.jurisdiction_check and not codes.fits_jurisdiction(change.outcome, standard):
        raise validation(f"competent {change.outcome} is not valid for the reporting standard of this class.")
    if switches.overwrite_final == "412" and codes.is_final(unit.outcome):
        raise validation("The unit already has a final outcome.")
    if not codes.is_final(change.outcome):
        return
    if change.end is None and switches.final_without_end == "412":
        raise validation("activityEndDate is required for a final outcome.")
    if change.end is None and switches.final_without_end == "fill":
        change.end = account.today()
    if change.end is not None and change.end > account.today() and switches.date_check == "412":
        raise validation("The activity end date of a final outcome is in the future.")
    field = switches.mandatory_unit_field.upper()
    if field and not (custom.get(field) or unit.custom.get(field)):
        raise validation(f"The custom field {field} is mandatory for completion.")


def _update_class_date(place: Place, end: date | None) -> None:
    if end is None:
        return
    if all(codes.is_final(unit.outcome) for unit in place.units):
        place.finish = end
    else:
        place.expected_finish = end


# Classes, activities, workshops


def _update_class(account: Account, params: Params) -> None:
    params.require("instanceID")
    place = _addressed_place(account, params, "instanceID")
    start = _date_after(account, params, "DateCommenced", place.start)
    finish = _date_after(account, params, "DateCompleted", place.finish)
    expected = _date_after(account, params, "DateCompletionExpected", place.expected_finish)
    enrolled = params.day("DateEnrolled")
    status = _wanted_status(params, place)
    before = place.status
    place.status, place.start, place.finish, place.expected_finish = status, start, finish, expected
    if enrolled is not None:
        place.enrolled_at = datetime.combine(enrolled, time(), account.zone)
    if status in (CANCELLED, COMPLETED) and place.finish is None:
        place.finish = account.today()
    place.custom.update(params.custom_fields())
    account.touch(place)
    account.hooks.class_event(place, "updated")
    if status != before:
        account.hooks.class_event(place, "status_changed")


def _wanted_status(params: Params, place: Place) -> str:
    """412 where the units do not allow the status; then nothing of the request happens."""
    word = params.text("enrolmentStatus").lower()
    if not word:
        return place.status
    if word not in CLASS_STATUSES:
        raise validation("enrolmentStatus must be one of tent, ip, def, susp, canc, comp.")
    if word == "tent" and place.units:
        raise validation("An enrolment with unit enrolments cannot be made tentative.")
    if word in ("canc", "comp") and any(not codes.is_final(unit.outcome) for unit in place.units):
        raise validation("The enrolment still has units with an interim outcome.")
    return CLASS_STATUSES[word]


def _update_activity(account: Account, params: Params) -> None:
    params.require("instanceID")
    contact_id, activity_id = params.needed_number("contactID"), params.needed_number("instanceID")
    found = [
        (account.places[key], unit)
        for key in account.by_contact.get(contact_id, ())
        for unit in account.places[key].units
        if unit.unit.elearning is not None and unit.unit.elearning.activity_id == activity_id
    ]
    if not found:
        raise refusal(account.switches.unknown_record, "instanceID", "The enrolment was not found.")
    status = params.text("enrolmentStatus").lower()
    if status and status not in ACTIVITY_STATUSES:
        raise validation("enrolmentStatus must be one of A, Cm, Co, C, F.")
    start, end = params.day("activityStartDate"), params.day("activityEndDate")
    for place, unit in found:
        unit.activity = ACTIVITY_STATUSES.get(status, unit.activity)
        unit.activity_start, unit.activity_end = start or unit.activity_start, end or unit.activity_end
        if unit.activity == "Co" and account.switches.native_automation and not codes.is_final(unit.outcome):
            unit.outcome, unit.end = "20", unit.activity_end or account.today()
            account.hooks.unit_status_changed(place, unit)
        account.touch_unit(place)


def _update_workshop(account: Account, params: Params) -> None:
    """Custom fields and log entries are taken; the listings show nothing of them."""
    params.require("instanceID")
    contact_id, workshop_id = params.needed_number("contactID"), params.needed_number("instanceID")
    booked = any(
        place.training_class.workshop is not None and place.training_class.workshop.workshop_id == workshop_id
        for place in (account.places[key] for key in account.by_contact.get(contact_id, ()))
    )
    if not booked:
        raise refusal(account.switches.unknown_record, "instanceID", "The enrolment was not found.")
