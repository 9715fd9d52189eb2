"""From decoded rows to `Raw` records, fast: this runs for every row of every reading.

Only the mapped fields are kept, in a fixed order, so that progress, viewing time and other values that change by themselves
never look like an edit. Flags and small numbers are brought to one form, so that JSON, XML and SOAP give equal bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from connector.platforms.ispring.listing import Seen
from connector.platforms.ispring.shapes import as_list
from connector.platforms.ispring.wire import Row
from connector.platforms.port import Kind, Raw

ENROLLMENT_FIELDS = (
    "enrollmentId",
    "courseId",
    "learnerId",
    "accessDate",
    "dueDate",
    "expirationDate",
    "shouldLockAfterDueDate",
    "hasCertificate",
    "enrollmentTypeGroup",
)
RESULT_FIELDS = (
    "enrollmentId",
    "userId",
    "courseId",
    "accessDate",
    "completionDate",
    "completionStatus",
    "awardedScore",
)
USER_FIELDS = ("userId", "login", "email", "status", "fields")

_FLAGS = {True: True, False: False, "1": True, "0": False, "true": True, "false": False}
_NUMBERS = {"0": 0, "1": 1, "3": 3, "5": 5}
# Older pages name the certificate's fields without a wrapper, and some type its first letter in Cyrillic.
_CYRILLIC_CERTIFICATE = "\u0441ertificate"

ToRecord = Callable[[Row], Raw]
_dumps = orjson.dumps
# What every record needs, looked up once; a named tuple made in this way costs half.
_new = tuple.__new__
_USER, _ENROLMENT, _COMPLETION = Kind.USER, Kind.ENROLMENT, Kind.COMPLETION
_NO_PROFILE: dict[str, Any] = {}


def enrollment_record(row: Row) -> Raw:
    get = row.get
    key, course, learner = get("enrollmentId"), get("courseId"), get("learnerId")
    lock, group = get("shouldLockAfterDueDate"), get("enrollmentTypeGroup")
    body = _dumps(
        (
            key,
            course,
            learner,
            get("accessDate") or None,
            get("dueDate") or None,
            get("expirationDate") or None,
            lock if lock is True or lock is False else _flag(lock),
            _has_certificate(row),
            _NUMBERS.get(group, group) if type(group) is str else group,
        )
    )
    return _raw(_ENROLMENT, learner, key, course, body)


def result_record(row: Row) -> Raw:
    get = row.get
    key, user, course, score = get("enrollmentId"), get("userId"), get("courseId"), get("awardedScore")
    body = _dumps(
        (
            key,
            user,
            course,
            get("accessDate") or None,
            get("completionDate") or None,
            get("completionStatus"),
            score if type(score) is float else _number(score),
        )
    )
    return _raw(_COMPLETION, user, key or f"{user}/{course}", course, body)


def user_record(profile_fields: Sequence[str]) -> ToRecord:
    """A maker of user records that carry these profile fields (lower-cased names), empty text where one is absent."""
    wanted = tuple(sorted(profile_fields))
    # Answers write field names in upper case; whatever does not is found by the slower way.
    shown = tuple(name.upper() for name in wanted)

    def record(row: Row) -> Raw:
        try:
            values = {field["name"]: field["value"] for field in row["fields"]}
            login, email = values["LOGIN"], values["EMAIL"]
            profile = [values[name] or "" for name in shown]
        except (KeyError, TypeError):
            values = _profile(row)
            login, email = values.get("login") or row.get("login"), values.get("email") or row.get("email")
            profile = [values.get(name) or "" for name in wanted]
        key, status = row.get("userId"), row.get("status")
        number = _NUMBERS.get(status, status) if type(status) is str else status
        named = dict(zip(wanted, profile, strict=True)) if wanted else _NO_PROFILE
        return _raw(_USER, key, key, "", _dumps((key, login or "", email or "", number, named)))

    return record


def records_of(rows: list[Row], to_record: ToRecord, seen: Seen) -> list[Raw]:
    """The rows as records, those already seen in this listing left out. A row without an id is kept, to be set aside by name."""
    is_new = seen.is_new
    return [record for record in map(to_record, rows) if not record.key or is_new(record.key)]


def _raw(kind: Kind, owner: Any, key: Any, group: Any, body: bytes) -> Raw:
    """A record; ids are nearly always text, and asking so is cheaper than making them so."""
    if not (type(owner) is type(key) is type(group) is str):
        owner, key, group = _name(owner), _name(key), _name(group)
    return _new(Raw, (kind, owner, key, group, body))


def _name(value: Any) -> str:
    return "" if value is None else str(value)


def _profile(row: Row) -> dict[str, Any]:
    fields = row.get("fields")
    if type(fields) is not list:
        # One field comes as an object; the vendor's file also draws the fields as an object of name: value.
        if isinstance(fields, dict) and "field" not in fields and "name" not in fields:
            return {name.lower(): value for name, value in fields.items()}
        fields = as_list(fields, "field")
    return {str(field.get("name")).lower(): field.get("value") for field in fields if type(field) is dict}


def _flag(value: Any) -> Any:
    if type(value) is str:
        value = value.strip().lower()
    return _FLAGS.get(value, value) if isinstance(value, str | int) else value


def _number(value: Any) -> Any:
    if type(value) is int:
        return float(value)
    if type(value) is not str:
        return value
    try:
        return float(value.replace(",", "."))
    except ValueError:
        return value or None


def _has_certificate(row: Row) -> bool:
    get = row.get
    found = get("certificate")
    if found is None:
        return bool(get("issuedCertificateId") or get("certIssueDate") or get(_CYRILLIC_CERTIFICATE))
    return any(found.values()) if type(found) is dict else bool(found)
