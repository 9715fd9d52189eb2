"""What staff do in aXcelerate's own screens: edits without HTTP, for tests, the demo and an operator with curl.

Days are given as `date` or as `YYYY-MM-DD`; what is not given stays as it is, and None empties a field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final, Literal

from connector.sandbox.people import (
    ClassEnrolment,
    Contact,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
)

from . import codes
from .account import Account
from .records import COMPLETED, TENTATIVE, Place, UnitRecord

Day = date | str | None


class _Unchanged(Enum):
    """The value of an argument that was not given, where None has a meaning of its own."""

    UNCHANGED = "unchanged"


UNCHANGED: Final = _Unchanged.UNCHANGED
Kept = Literal[_Unchanged.UNCHANGED]

MODULE_COMPLETED = 3


class AxceleratePerson:
    """Staff at work in one account. KeyError or ValueError where the record is not there or cannot be so."""

    def __init__(self, account: Account) -> None:
        self._account = account

    # People

    def add_contact(
        self,
        given: str,
        surname: str | None,
        email: str,
        optional_id: str = "",
        mobile: str | None = None,
        contact_id: int | None = None,
    ) -> int:
        """Enter a person; returns the contact id."""
        account = self._account
        with account.lock:
            new_id = contact_id or max(account.people, default=22_000) + 1
            account.add_person(
                Contact(new_id, given, surname, email, optional_id, True, mobile), account.now()
            )
            account.hooks.contact_event(new_id, "created")
            return new_id

    def set_contact(self, contact_id: int, **changes: Any) -> None:
        """Change fields of a contact by their names in `people.Contact`."""
        account = self._account
        known = {field.name for field in fields(Contact)} - {"contact_id"}
        if changes.keys() - known:
            raise ValueError(f"a contact has no {sorted(changes.keys() - known)[0]}")
        with account.lock:
            person = account.people[contact_id]
            for name, value in changes.items():
                setattr(person.contact, name, value)
            person.updated = account.now()
            account.touch_all(account.by_contact.get(contact_id, ()))
            account.hooks.contact_event(contact_id, "updated")

    def deactivate(self, contact_id: int) -> None:
        self.set_contact(contact_id, active=False)

    def merge_contacts(self, loser: int, survivor: int) -> None:
        """Merge two contacts; the enrolments go to the survivor."""
        account = self._account
        if loser == survivor:
            raise ValueError("a contact cannot be merged into itself")
        with account.lock:
            account.merge(loser, survivor, account.now())
            account.hooks.contact_event(survivor, "merged", [loser])

    # Units and classes

    def add_unit(self, code: str, name: str, unit_id: int | None = None) -> int:
        """Add a unit of competency to the account; returns its id."""
        account = self._account
        with account.lock:
            new_id = unit_id or max((unit.unit_id for unit in account.units.values()), default=51_000) + 1
            account.units[code] = Unit(new_id, code, name)
            return new_id

    def add_class(
        self,
        qualification_code: str,
        name: str,
        start: Day,
        finish: Day,
        reporting_standard: str = "NAT National",
        units: Iterable[str] = (),
        class_id: int | None = None,
    ) -> int:
        """Plan a class of a qualification (a new one where the code is new); returns the class id."""
        account = self._account
        with account.lock:
            same = [record for record in account.classes.values() if record.code == qualification_code]
            template = same[0].template_id if same else self._next_template()
            new_id = class_id or max(account.classes, default=880_000) + 1
            begins = _day(start)
            if begins is None:
                raise ValueError("a class needs a start")
            account.add_class(
                TrainingClass(
                    class_id=new_id,
                    qualification_id=template,
                    qualification_code=qualification_code,
                    qualification_name=same[0].qualification if same else qualification_code,
                    name=name,
                    start=begins,
                    finish=_day(finish),
                    reporting_standard=reporting_standard,
                    units=[*units],
                ),
                account.now(),
            )
            account.hooks.training_class_event(new_id, "created")
            return new_id

    def _next_template(self) -> int:
        return max((record.template_id for record in self._account.classes.values()), default=7_000) + 1

    def set_class(
        self, class_id: int, *, start: Day | Kept = UNCHANGED, finish: Day | Kept = UNCHANGED, name: str = ""
    ) -> None:
        """Move a class or rename it; unit dates of the learners stay as they are."""
        account = self._account
        with account.lock:
            record = account.classes[class_id]
            record.start = _day(start) or record.start if start is not UNCHANGED else record.start
            record.finish = record.finish if finish is UNCHANGED else _day(finish)
            record.name = name or record.name
            record.updated = account.now()
            account.touch_all(account.by_class.get(class_id, ()))
            account.hooks.training_class_event(class_id, "updated")

    # Enrolments

    def enrol(
        self,
        contact_id: int,
        class_id: int,
        *,
        start: Day = None,
        finish: Day = None,
        status: str = "In Progress",
        enrolled_at: datetime | str | None = None,
        units: Iterable[str] | None = None,
        plan: str = "",
        outcome: str | None = None,
        due: Day = None,
    ) -> int:
        """Enrol a person in a class and in its units (all, or these); returns the class enrolment id.

        Units start with the class enrolment and end on `due`, else with the class; their first code is `outcome`,
        else that of aXcelerate (future start 85, past start 70, WA 55). A tentative enrolment has no units.
        """
        account = self._account
        with account.lock:
            record = account.classes[class_id]
            begins = _day(start) or record.start
            first = _first_code(record.reporting_standard, future=begins > account.today())
            chosen = [unit.code for unit in record.units] if units is None else [*units]
            values = (first if outcome is None else outcome, begins, _day(due) or record.finish)
            given = ClassEnrolment(
                enrol_id=account.next_enrol_id(),
                contact_id=contact_id,
                class_id=class_id,
                status=status,
                enrolled_at=_moment(enrolled_at) or account.now(),
                start=begins,
                finish=_day(finish),
                plan=plan,
                units=[UnitEnrolment(code, *values) for code in chosen] if status != TENTATIVE else [],
            )
            place = account.add_place(given, account.now())
            account.hooks.class_event(place, "created")
            for unit in place.units:
                account.hooks.unit_created(place, unit)
            return place.enrol_id

    def set_class_enrolment(
        self,
        contact_id: int,
        class_id: int,
        *,
        status: str | None = None,
        start: Day | Kept = UNCHANGED,
        finish: Day | Kept = UNCHANGED,
        enrolled_at: datetime | str | None = None,
    ) -> None:
        """Change the newest place of a person in a class; `status` is the word shown, for example Suspended."""
        account = self._account
        with account.lock:
            place = self._place(contact_id, class_id)
            before = place.status
            place.status = status or place.status
            place.start = place.start if start is UNCHANGED else _day(start)
            place.finish = place.finish if finish is UNCHANGED else _day(finish)
            place.enrolled_at = _moment(enrolled_at) or place.enrolled_at
            if place.status == COMPLETED and place.finish is None:
                place.finish = account.today()
            account.touch(place)
            account.hooks.class_event(place, "updated")
            if place.status != before:
                account.hooks.class_event(place, "status_changed")

    def delete_enrolment(self, contact_id: int, class_id: int) -> None:
        """Delete the newest place of a person in a class."""
        account = self._account
        with account.lock:
            place = self._place(contact_id, class_id)
            account.remove(place)
            account.hooks.class_event(place, "deleted")

    def set_unit(
        self,
        contact_id: int,
        class_id: int,
        code: str,
        *,
        outcome: str | int | None = None,
        start: Day | Kept = UNCHANGED,
        end: Day | Kept = UNCHANGED,
    ) -> None:
        """Change a unit enrolment; `outcome` "" is the blank code."""
        account = self._account
        with account.lock:
            place, unit = self._unit(contact_id, class_id, code)
            changed = outcome is not None and str(outcome) != unit.outcome
            if outcome is not None:
                if not codes.is_known(str(outcome)):
                    raise ValueError(f"{outcome} is not an outcome code")
                unit.outcome = str(outcome)
            unit.start = unit.start if start is UNCHANGED else _day(start)
            unit.end = unit.end if end is UNCHANGED else _day(end)
            account.touch_unit(place)
            if changed:
                account.hooks.unit_status_changed(place, unit)

    def add_unit_enrolment(self, contact_id: int, class_id: int, code: str, **values: Any) -> None:
        """Enrol a person who has a place in one more unit of the class; values as of `people.UnitEnrolment`."""
        account = self._account
        with account.lock:
            place = self._place(contact_id, class_id)
            values = {
                name: _day(value) if name in ("start", "end") else value for name, value in values.items()
            }
            unit = account.new_unit(UnitEnrolment(code, **values))
            if code not in place.training_class.unit_row_ids:
                raise ValueError(f"{code} is not a unit of class {class_id}")
            place.units.append(unit)
            account.touch_unit(place)
            account.hooks.unit_created(place, unit)

    def remove_unit(self, contact_id: int, class_id: int, code: str) -> None:
        """Take one unit out of a place."""
        account = self._account
        with account.lock:
            place, unit = self._unit(contact_id, class_id, code)
            place.units.remove(unit)
            account.touch_unit(place)

    # Learning plans

    def add_module(
        self,
        contact_id: int,
        class_id: int,
        name: str,
        *,
        start: Day = None,
        end: Day = None,
        override: bool | None = None,
        status: int = 1,
        module_enrolment_id: int | None = None,
    ) -> int:
        """Add a module to the learning plan of a place; returns the module enrolment id."""
        account = self._account
        with account.lock:
            new_id = module_enrolment_id or account.next_module_id()
            given = ModuleEnrolment(new_id, name, status, _day(start), _day(end), override)
            account.add_module(self._place(contact_id, class_id), given)
            return new_id

    def set_module(
        self,
        module_enrolment_id: int,
        *,
        start: Day | Kept = UNCHANGED,
        end: Day | Kept = UNCHANGED,
        override: bool | Kept | None = UNCHANGED,
        status: int | None = None,
    ) -> None:
        """Change a module enrolment; `override` True unlocks, False locks, None clears."""
        account = self._account
        with account.lock:
            place, module = account.modules[module_enrolment_id]
            module.start = module.start if start is UNCHANGED else _day(start)
            module.end = module.end if end is UNCHANGED else _day(end)
            module.override = module.override if override is UNCHANGED else override
            if status is not None:
                module.status = status
                module.completed = account.today() if status == MODULE_COMPLETED else None
                if status == MODULE_COMPLETED and account.switches.native_automation:
                    account.complete_open_units(place, account.today())

    def remove_module(self, module_enrolment_id: int) -> None:
        """Take a module out of its learning plan."""
        account = self._account
        with account.lock:
            place, module = account.modules.pop(module_enrolment_id)
            place.modules.remove(module)

    # Finding

    def _place(self, contact_id: int, class_id: int) -> Place:
        place = self._account.current_place(contact_id, class_id)
        if place is None:
            raise ValueError(f"contact {contact_id} has no place in class {class_id}")
        return place

    def _unit(self, contact_id: int, class_id: int, code: str) -> tuple[Place, UnitRecord]:
        place = self._place(contact_id, class_id)
        unit = place.unit(code)
        if unit is None:
            raise ValueError(f"contact {contact_id} has no {code} in class {class_id}")
        return place, unit


def _first_code(reporting_standard: str, *, future: bool) -> str:
    """Reference, section 10.4."""
    where = codes.jurisdiction_of(reporting_standard)
    if where == codes.WA:
        return "55"
    if where in ("NSW", "NSW_ACE"):
        return ""
    return "85" if future else "70"


def _day(value: Day | Kept) -> date | None:
    if isinstance(value, str):
        return date.fromisoformat(value) if value else None
    if isinstance(value, datetime) or value is UNCHANGED:
        raise ValueError("give a calendar date")
    return value


def _moment(value: datetime | str | None) -> datetime | None:
    if value is None:
        return None
    moment = datetime.fromisoformat(value) if isinstance(value, str) else value
    if moment.tzinfo is None:
        raise ValueError("give a moment with its offset")
    return moment.astimezone(UTC)
