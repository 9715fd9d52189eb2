"""What the answers mean, in the words of the domain. Pure."""

from __future__ import annotations

import orjson
from pydantic import ValidationError

from connector.domain.enrolment import (
    ClassEnrolment,
    ClassStatus,
    ModuleEnrolment,
    ModuleStatus,
    TrainingClass,
    UnitEnrolment,
)
from connector.domain.learner import UNKNOWN, ClassId, Contact, ContactId, UnitId, Unknown
from connector.errors import Unreadable
from connector.platforms.axcelerate.payloads import (
    ClassDetail,
    ClassEnrolmentRow,
    ContactRow,
    ModuleRow,
    UnitRow,
)
from connector.platforms.port import Kind, Raw

OVERRIDE_NOT_SHOWN = "?"
"""Stands in a mapped module row where the account's report offers no override column; no word, so it reads UNKNOWN."""

# Words differ between accounts ("Completed" is the only one seen live), so a prefix decides (section 18, row 29).
_CLASS_WORDS = (
    ("in progress", ClassStatus.IN_PROGRESS),
    ("enrolled", ClassStatus.IN_PROGRESS),
    ("tent", ClassStatus.TENTATIVE),
    ("defer", ClassStatus.DEFERRED),
    ("susp", ClassStatus.SUSPENDED),
    ("cancel", ClassStatus.CANCELLED),
    ("complete", ClassStatus.COMPLETED),
)
# The short forms that a status is written with (section 9.3); an account may show them too.
_CLASS_SHORT = {
    "": ClassStatus.IN_PROGRESS,
    "ip": ClassStatus.IN_PROGRESS,
    "def": ClassStatus.DEFERRED,
    "canc": ClassStatus.CANCELLED,
    "comp": ClassStatus.COMPLETED,
}
_UNLOCKED = frozenset({"true", "1", "unlocked", "unlock"})
_LOCKED = frozenset({"false", "0", "locked", "lock"})
_NO_OVERRIDE = frozenset({"", "none", "null"})


def class_status(word: str) -> ClassStatus:
    """The standing that a status word names. No word at all counts as in progress (contract, section 4)."""
    word = " ".join(word.lower().split())
    if word in _CLASS_SHORT:
        return _CLASS_SHORT[word]
    return next((status for prefix, status in _CLASS_WORDS if word.startswith(prefix)), ClassStatus.UNKNOWN)


def module_status(word: str) -> ModuleStatus:
    """The standing of a module by its word, or by its id (1 enrolled, 2 in progress: "Update Enrolment" guide)."""
    word = word.lower().replace("-", " ")
    if word == "1" or word.startswith("enrolled"):
        return ModuleStatus.ENROLLED
    if word == "2" or word.startswith("in progress"):
        return ModuleStatus.IN_PROGRESS
    return ModuleStatus.OTHER


def access_override(cell: object) -> bool | Unknown | None:
    """True unlocked, False locked, None no override; a word that we do not know counts as not shown."""
    word = "" if cell is None else str(cell).strip().lower()
    if word in _UNLOCKED:
        return True
    if word in _LOCKED:
        return False
    return None if word in _NO_OVERRIDE else UNKNOWN


def unit_enrolment(row: UnitRow) -> UnitEnrolment:
    return UnitEnrolment(
        unit_id=UnitId(row.unit_id), code=row.code.upper(), outcome=row.outcome, start=row.start, end=row.end
    )


def class_enrolment(row: ClassEnrolmentRow) -> ClassEnrolment:
    return ClassEnrolment(
        contact_id=ContactId(row.contact_id),
        class_id=ClassId(row.class_id),
        enrol_id=row.enrol_id,
        template_id=row.template_id,
        qualification=row.qualification,
        status=class_status(row.status_word),
        status_word=row.status_word,
        enrolled_at=row.enrolled_at,
        start=row.start,
        finish=row.finish,
        email=row.email,
        given=row.given,
        surname=row.surname,
        unit_count=row.unit_count,
        units=tuple(unit_enrolment(unit) for unit in row.units if unit.code),
        unnamed_units=sum(not unit.code for unit in row.units),
    )


def module_enrolment(row: ModuleRow) -> ModuleEnrolment:
    return ModuleEnrolment(
        module_enrolment_id=row.module_enrolment_id,
        contact_id=ContactId(row.contact_id),
        class_id=ClassId(row.class_id),
        enrol_id=row.enrol_id,
        name=row.name,
        status=module_status(row.status_word),
        status_word=row.status_word,
        start=row.start,
        end=row.end,
        override=access_override(row.override),
    )


def training_class(detail: ClassDetail) -> TrainingClass:
    return TrainingClass(
        class_id=ClassId(detail.instance_id),
        name=detail.name,
        start=detail.start_date,
        finish=detail.finish_date,
        reporting_standard=detail.reporting_standard,
        qualification=detail.qualification.code if detail.qualification else "",
    )


def contact(row: ContactRow) -> Contact:
    return Contact(
        contact_id=ContactId(row.contact_id),
        given=row.given_name,
        surname=row.surname,
        email=row.email_address,
        optional_id=row.optional_id,
    )


def parse(record: Raw) -> ClassEnrolment | ModuleEnrolment | TrainingClass:
    """Understand one record of a listing.

    Raises: Unreadable, naming the record and the fields that cannot mean what they say; never a name or an address.
    """
    try:
        fields = orjson.loads(record.body)
        if record.kind is Kind.CLASS_ENROLMENT:
            return class_enrolment(ClassEnrolmentRow.model_validate(fields))
        if record.kind is Kind.MODULE_ENROLMENT:
            return module_enrolment(ModuleRow.model_validate(fields))
        return training_class(ClassDetail.model_validate(fields))
    except ValidationError as exc:
        raise Unreadable(record.key, _reasons(exc)) from exc


def _reasons(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in problem['loc']) or 'row'}: {problem['msg'].removeprefix('Value error, ')}"
        for problem in error.errors(include_input=False, include_url=False)[:5]
    )
