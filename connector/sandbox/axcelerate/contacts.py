"""Contacts, their merges and their logins (aXcelerate reference, section 6)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import orjson

from connector.sandbox.people import Contact

from .account import Account
from .records import Person
from .wire import Answer, Params, answer, refusal, rows_answer, utc_stamp, validation

MAX_ROWS = 100
MAX_MERGES = 500
USER_ROWS = 10
FIRST_USER_ID = 500_000
PREFIXED = {
    "givenName": "given",
    "surname": "surname",
    "emailAddress": "email",
    "mobilephone": "mobile",
}


def read_contact(account: Account, params: Params) -> Answer:
    """The whole record. A merged or deleted contact is an error that speaks of permission."""
    person = account.people.get(params.needed_number("contactID"))
    if person is None or person.deleted:
        raise refusal(
            account.switches.missing_contact,
            "Contact could not be read",
            "You are not allowed to view this contact. User no: 0",
        )
    return answer(_full(account, person))


def search_contacts(account: Account, params: Params) -> Answer:
    """All given filters must match; texts match from their beginning, ids and optionalID exactly."""
    active = params.flag("ContactActive", True)
    found = [
        person
        for person in _by_id(account, params)
        if not person.deleted and person.contact.active == active and _matches(person.contact, params)
    ]
    size = min(params.number("displayLength") or 10, MAX_ROWS)
    offset = params.number("offset") or 0
    page = found[offset : offset + size]
    return rows_answer([orjson.dumps(_short(account, person)) for person in page], account.switches.empty)


def _by_id(account: Account, params: Params) -> list[Person]:
    wanted = params.numbers("contactIDs")
    one = params.number("contactID")
    if wanted is None and one is None:
        return [account.people[key] for key in sorted(account.people)]
    keys = set(wanted if wanted is not None else [one or 0])
    if one is not None:
        keys &= {one}
    return [account.people[key] for key in sorted(keys) if key in account.people]


def _matches(contact: Contact, params: Params) -> bool:
    optional_id = params.text("optionalID")
    if optional_id and contact.optional_id != optional_id:
        return False
    for parameter, attribute in PREFIXED.items():
        wanted = params.text(parameter)
        if wanted and not _begins(getattr(contact, attribute), wanted):
            return False
    anywhere = params.text("q") or params.text("search")
    return not anywhere or any(_begins(getattr(contact, name), anywhere) for name in PREFIXED.values())


def _begins(value: str | None, wanted: str) -> bool:
    return (value or "").lower().startswith(wanted.lower())


def create_contact(account: Account, params: Params) -> Answer:
    """Never de-duplicates, unless asked to check the address."""
    params.require("surname", *(("givenName",) if account.switches.given_name_required else ()))
    email = params.text("emailAddress")
    taken = any(
        person.contact.email.lower() == email.lower()
        for person in account.people.values()
        if not person.deleted
    )
    if email and taken and params.flag("checkEmailAddressUnique", False):
        raise validation("emailAddress is already used by another contact.")
    contact = Contact(
        contact_id=max(account.people, default=22_000) + 1,
        given=params.text("givenName"),
        surname=params.text("surname"),
        email=email,
        optional_id=params.text("optionalID"),
        mobile=params.text("mobilephone") or None,
    )
    account.add_person(contact, account.now())
    account.hooks.contact_event(contact.contact_id, "created")
    return answer(
        {
            "CONTACTID": contact.contact_id,
            "GIVENNAME": contact.given,
            "SURNAME": contact.surname,
            "EMAILADDRESS": contact.email,
        }
    )


def merge_history(account: Account, params: Params) -> Answer:
    """Merges in a window; one object with `merged: false` when there were none."""
    params.require("dateStart", "dateEnd")
    low, high = _bound(account, params, "dateStart"), _bound(account, params, "dateEnd")
    old, current = params.number("oldContactID"), params.number("currentContactID")
    rows = [
        {
            "OLDCONTACTID": merge.loser,
            "CURRENTCONTACTID": merge.survivor,
            "MERGEDUTC": utc_stamp(merge.at),
            "MERGEDBYCONTACTID": 410,
            "STARTDATE": params.text("dateStart"),
            "ENDDATE": params.text("dateEnd"),
        }
        for merge in account.merges
        if low <= merge.at <= high and old in (None, merge.loser) and current in (None, merge.survivor)
    ]
    return answer(rows[:MAX_MERGES] or [{"merged": False}])


def _bound(account: Account, params: Params, name: str) -> datetime:
    moment = params.moment(name, account.zone)
    assert moment is not None
    return moment


def search_users(account: Account, params: Params) -> Answer:
    """Ten rows at most and no paging: filter."""
    state = params.number("isActive")
    rows = [
        row
        for row in (_user(person) for _, person in sorted(account.people.items()) if not person.deleted)
        if _user_matches(row, params)
        and row["ACTIVE"] in ((0, 1) if state == 2 else (1 if state is None else state,))
    ]
    return rows_answer([orjson.dumps(row) for row in rows[:USER_ROWS]], account.switches.empty)


def _user_matches(row: dict[str, Any], params: Params) -> bool:
    contact_id = params.number("contactID")
    if contact_id is not None and row["CONTACTID"] != contact_id:
        return False
    email = params.text("email") or params.text("username")
    return not email or _begins(row["USERNAME"], email)


def _user(person: Person) -> dict[str, Any]:
    contact = person.contact
    return {
        "USERID": FIRST_USER_ID + contact.contact_id,
        "CONTACTID": contact.contact_id,
        "CONTACT_NAME": " ".join(part for part in (contact.given, contact.surname) if part),
        "USERNAME": contact.email,
        "ROLEID": 5,
        "ROLENAME": "Learner",
        "ROLETYPEID": 2,
        "DOMAINID": 1,
        "ACTIVE": int(contact.active),
        "PENDINGLOGININVITE": 0,
        "FIRSTLOGINDATE": None,
    }


def _short(account: Account, person: Person) -> dict[str, Any]:
    contact = person.contact
    return {
        "CONTACTID": contact.contact_id,
        "GIVENNAME": contact.given,
        "SURNAME": contact.surname,
        "MIDDLENAME": "",
        "PREFERREDNAME": "",
        "EMAILADDRESS": contact.email,
        "MOBILEPHONE": contact.mobile,
        "OPTIONALID": _optional_id(account, contact.optional_id),
        "ORGANISATION": "",
        "CONTACTACTIVE": contact.active,
        "LASTUPDATED": account.local(person.updated).strftime("%Y-%m-%d %H:%M"),
    }


def _optional_id(account: Account, value: str) -> str | int | None:
    """A string or null live, a number in one sample (section 3)."""
    if account.switches.optional_id_style == "number" and value.isdigit():
        return int(value)
    return value or None


def _full(account: Account, person: Person) -> dict[str, Any]:
    return {
        **_short(account, person),
        "USERID": FIRST_USER_ID + person.contact.contact_id,
        "TITLE": None,
        "SEX": "",
        "DOB": "",
        "USI": None,
        "USI_VERIFIED": False,
        "ORGID": "0",
        "ORGIDS": [],
        "DOMAINIDS": [],
        "CATEGORYIDS": [],
        "CITY": "",
        "STATE": "",
        "POSTCODE": "",
        "COUNTRY": "Australia",
        "PHONE": None,
        "WORKPHONE": None,
        "CONTACTENTRYDATE": account.local(person.updated).strftime("%Y-%m-%d %H:%M"),
    }


def list_custom_fields(account: Account, params: Params) -> Answer:
    """Every custom field, or those of `linkTo`; paged only when both offset and limit are sent."""
    fields = [("classEnrolment", "lmscourse", "LMS course", False)]
    if account.switches.mandatory_unit_field:
        name = account.switches.mandatory_unit_field
        fields.append(("unitEnrolment", name, name.capitalize(), True))
    wanted = params.text("linkTo").lower()
    rows = [
        {
            "ID": number,
            "LINKTO": link,
            "VARIABLENAME": name,
            "LABEL": label,
            "TYPE": "text",
            "OPTIONS": None,
            "ACTIVE": True,
            "MANDATORY": mandatory,
            "AVAILABLETOEXTERNAL": True,
        }
        for number, (link, name, label, mandatory) in enumerate(fields, start=1)
        if wanted in ("", link.lower())
    ]
    if params.has("offset") and params.has("limit"):
        offset = params.number("offset") or 0
        rows = rows[offset : offset + (params.number("limit") or 0)]
    return rows_answer([orjson.dumps(row) for row in rows], account.switches.empty)
