"""Reading enrolments: GET /course/enrolments and GET /contact/enrolments/:id (reference, section 8)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson

from . import codes
from .account import Account
from .records import IN_PROGRESS, Place, UnitRecord
from .rows import class_row, linked_rows, place_bytes, unit_row, workshop_row
from .wire import Answer, Params, rows_answer, validation

PAGE = 100
OLDER_THAN_ROWS = 25
FIRST_TRACKED = datetime(2018, 11, 1, tzinfo=UTC)


def course_enrolments(account: Account, params: Params) -> Answer:
    """Class enrolments with everything nested in them; a page is a slice of an index."""
    kind = params.text("type", "p").lower() or "p"
    filter_type = params.text("filterType").lower()
    _check(params, kind, filter_type)
    chosen = _filtered(account, params, _candidates(account, params))
    if kind == "w":
        chosen = [key for key in chosen if account.places[key].training_class.workshop is not None]
    page = [account.places[key] for key in _page(account, params, chosen)]
    if kind == "w":
        rows = [orjson.dumps(workshop_row(account, place)) for place in page]
    elif filter_type:
        rows = [orjson.dumps(row) for place in page for row in _parts(account, place, filter_type)]
    elif params.flag("includeAwards", False):
        rows = [orjson.dumps({**class_row(account, place), "AWARDS": []}) for place in page]
    else:
        rows = [place_bytes(account, place) for place in page]
    return rows_answer(rows, account.switches.empty)


def _check(params: Params, kind: str, filter_type: str) -> None:
    if kind not in ("p", "w"):
        raise validation("type must be p or w.")
    if filter_type not in ("", "s", "el"):
        raise validation("filterType must be s or el.")
    if filter_type and not params.text("contactID"):
        raise validation("contactID is required when filterType is used.")
    for name in ("lastUpdated", "enrolmentDate"):
        if bool(params.text(f"{name}_min")) != bool(params.text(f"{name}_max")):
            raise validation(f"{name}_min and {name}_max must be used together.")


def _candidates(account: Account, params: Params) -> Sequence[int]:
    """Enrolment ids in ascending order, from the narrowest index that the request names."""
    contact, instance, template = params.number("contactID"), params.number("instanceID"), params.number("ID")
    if params.text("type").lower() == "w" and instance is not None:
        owners = [
            record.class_id
            for record in account.classes.values()
            if _workshop_id(record.workshop) == instance
        ]
        found: Sequence[int] = [key for owner in owners for key in account.by_class.get(owner, ())]
        instance = None
    elif contact is not None:
        found = account.by_contact.get(contact, ())
    elif instance is not None:
        found = account.by_class.get(instance, ())
    elif template is not None:
        found = account.by_template.get(template, ())
    else:
        found = account.all_places
    if contact is None and (instance is None or template is None):
        return found
    return [key for key in found if _belongs(account.places[key], contact, instance, template)]


def _workshop_id(workshop: Any) -> int | None:
    return None if workshop is None else int(workshop.workshop_id)


def _belongs(place: Place, contact: int | None, instance: int | None, template: int | None) -> bool:
    return (
        (contact is None or place.contact_id == contact)
        and (instance is None or place.class_id == instance)
        and (template is None or place.training_class.template_id == template)
    )


def _filtered(account: Account, params: Params, keys: Sequence[int]) -> Sequence[int]:
    updated = _window(account, params, "lastUpdated", days=90)
    if updated is not None:
        since, until = max(updated[0], FIRST_TRACKED), updated[1]
        keys = [key for key in keys if since <= _minute(account.places[key].updated) <= until]
    enrolled = _window(account, params, "enrolmentDate", days=30)
    if enrolled is not None:
        keys = [key for key in keys if enrolled[0] <= account.places[key].enrolled_at <= enrolled[1]]
    return _enrolled_after(account, params, keys)


def _enrolled_after(account: Account, params: Params, keys: Sequence[int]) -> Sequence[int]:
    """`enrolmentDateOlderThan` means enrolled after that date, whatever its name says."""
    after = params.day("enrolmentDateOlderThan") or params.day("enrolmentDateLaterThan")
    if after is None:
        return keys
    if after < account.today() - timedelta(days=30):
        raise validation("enrolmentDateOlderThan is limited to the last 30 days.")
    since = datetime.combine(after + timedelta(days=1), time(), account.zone)
    keys = [key for key in keys if account.places[key].enrolled_at >= since]
    return keys if params.text("ID") else keys[:OLDER_THAN_ROWS]


def _window(account: Account, params: Params, name: str, *, days: int) -> tuple[datetime, datetime] | None:
    """Both ends in UTC; they are sent in the account's zone. 412 when further apart than allowed."""
    low, high = params.moment(f"{name}_min", account.zone), params.moment(f"{name}_max", account.zone)
    if low is None or high is None:
        return None
    if high - low > timedelta(days=days):
        raise validation(f"{name}_min and {name}_max must be within {days} days of each other.")
    return low, high


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _page(account: Account, params: Params, keys: Sequence[int]) -> Sequence[int]:
    limit = min(params.number("limit") or PAGE, account.switches.limit_cap)
    offset = params.number("offset") or 0
    if account.switches.row_order == "newest":
        keys = keys[::-1]
    if account.switches.page_overlap and offset:
        offset -= offset // limit
    page = list(keys[offset : offset + limit])
    if account.switches.row_order == "shuffled":
        random.Random(offset).shuffle(page)
    return page


def _parts(account: Account, place: Place, filter_type: str) -> list[dict[str, Any]]:
    if filter_type == "s":
        return [unit_row(account, place, unit) for unit in place.units]
    linked = [row for unit in place.units for row in linked_rows(account, place, unit)]
    return [row for row in linked if row["TYPE"] == "el"]


def contact_enrolments(account: Account, params: Params) -> Answer:
    """All of one person, flat. Unit rows say less than those of /course/enrolments, and say it otherwise."""
    contact_id = params.needed_number("contactID")
    rows = []
    for key in account.by_contact.get(contact_id, ()):
        rows.extend(_flat_rows(account, account.places[key]))
    kind, status = params.text("type").lower(), params.text("status").lower()
    rows = [row for row in rows if kind in ("", row["TYPE"]) and status in ("", str(row["STATUS"]).lower())]
    for number, row in enumerate(rows, start=1):
        row["ROWID"], row["COUNT"] = number, len(rows)
    return rows_answer([orjson.dumps(row) for row in rows], account.switches.empty)


def _flat_rows(account: Account, place: Place) -> list[dict[str, Any]]:
    record = place.training_class
    rows = [
        _flat(place, "p", record.template_id, record.class_id, record.code, record.name)
        | {
            "LEARNERID": place.enrol_id,
            "STARTDATE": _plain(place.start),
            "COMPLETIONDATE": _plain(place.finish),
            "STATUS": "Enrolled" if place.status == IN_PROGRESS else place.status,
        }
    ]
    rows.extend(_flat_unit(place, unit) for unit in place.units)
    rows.extend(_flat_activity(place, unit) for unit in place.units if unit.unit.elearning is not None)
    return rows


def _flat_unit(place: Place, unit: UnitRecord) -> dict[str, Any]:
    """INSTANCEID is the unit's id here, ENROLID the class enrolment's; a finished end is in COMPLETIONDATE."""
    done = codes.is_final(unit.outcome)
    return _flat(place, "s", unit.unit.unit_id, unit.unit.unit_id, unit.unit.code, unit.unit.name) | {
        "LEARNERID": unit.row_id,
        "STARTDATE": _plain(unit.start),
        "FINISHDATE": None if done else _plain(unit.end),
        "COMPLETIONDATE": _plain(unit.end) if done else "",
        "STATUS": codes.label_of(unit.outcome),
        "OUTCOMECODE": unit.outcome,
    }


def _flat_activity(place: Place, unit: UnitRecord) -> dict[str, Any]:
    activity = unit.unit.elearning
    assert activity is not None
    return _flat(place, "el", activity.activity_id, activity.activity_id, None, activity.name) | {
        "LEARNERID": unit.row_id - 61_000_000,
        "STATUS": "Completed" if unit.activity == "Co" else "Booked",
        "LAUNCHURL": "",
    }


def _flat(
    place: Place, kind: str, template: int, instance: int, code: str | None, name: str
) -> dict[str, Any]:
    return {
        "TYPE": kind,
        "ID": template,
        "INSTANCEID": instance,
        "ENROLID": place.enrol_id,
        "INVOICEID": 0,
        "CODE": code,
        "NAME": name,
        "DELIVERYMODE": "I,E",
        "COMMENCEDDATE": "",
        "STARTDATE": "",
        "FINISHDATE": "",
        "COMPLETIONDATE": "",
        "MANDATORY": None,
    }


def _plain(day: date | None) -> str:
    return "" if day is None else day.isoformat()
