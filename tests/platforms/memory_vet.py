"""aXcelerate as a few dictionaries: what `VetPort` promises, without wire or delay.

`person` edits it as staff would, with the method names of the simulator's `person`; `faults` breaks the next writes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal

from connector.domain.change import Override, Receipt, UpdateModule, UpdateUnit, VetCommand
from connector.domain.enrolment import (
    ClassEnrolment,
    ClassStatus,
    ModuleEnrolment,
    ModuleStatus,
    TrainingClass,
    UnitEnrolment,
)
from connector.domain.learner import UNKNOWN, ClassId, Contact, ContactId, UnitId, same_address
from connector.errors import ChangeRefused, Unavailable, Unconfirmed, Unreadable
from connector.platforms.port import Batch, Calls, Kind, Raw, VetScope

Fault = Literal["refused", "never_left", "lost_before", "lost_after"]
"""How the next write fails: refused for good; nothing was sent; sent and not, or indeed, carried out, without an answer."""

_STATUSES = {
    "": ClassStatus.IN_PROGRESS,
    "In Progress": ClassStatus.IN_PROGRESS,
    "Enrolled": ClassStatus.IN_PROGRESS,
    "Tentative": ClassStatus.TENTATIVE,
    "Deferred": ClassStatus.DEFERRED,
    "Suspended": ClassStatus.SUSPENDED,
    "Cancelled": ClassStatus.CANCELLED,
    "Completed": ClassStatus.COMPLETED,
}
_MODULE_STATUSES = {
    1: (ModuleStatus.ENROLLED, "Enrolled"),
    2: (ModuleStatus.IN_PROGRESS, "In Progress"),
    3: (ModuleStatus.OTHER, "Completed"),
}
_OVERRIDES = {Override.UNLOCK: True, Override.LOCK: False, Override.CLEAR: None}

Value = ClassEnrolment | ModuleEnrolment | TrainingClass


@dataclass
class MemoryVet:
    """One account. `shows_override` and `shows_open_end_dates` switch what the account lets be read."""

    page_size: int = 100
    shows_override: bool = True
    shows_open_end_dates: bool = True
    calls: Calls = field(default_factory=Calls)
    faults: deque[Fault] = field(default_factory=deque)
    writes: list[VetCommand] = field(default_factory=list)
    people: dict[int, Contact] = field(default_factory=dict)
    classes: dict[int, TrainingClass] = field(default_factory=dict)
    class_units: dict[int, tuple[str, ...]] = field(default_factory=dict)
    unit_ids: dict[str, UnitId] = field(default_factory=dict)
    templates: dict[str, int] = field(default_factory=dict)
    next_enrol_id: int = 9300411
    places: dict[int, ClassEnrolment] = field(default_factory=dict)
    modules: dict[int, ModuleEnrolment] = field(default_factory=dict)
    merges: dict[int, int] = field(default_factory=dict)
    _values: dict[bytes, Value] = field(default_factory=dict)

    @property
    def person(self) -> Staff:
        return Staff(self)

    def read(self, scope: VetScope) -> Iterator[Batch]:
        known: set[str] = set()
        seen: set[ClassId] = set()
        for name, places in self._lists(scope):
            chosen = [place for place in places if f"{place.class_id}/{place.enrol_id}" not in known]
            self._asked(len(places) // self.page_size + 1)
            for start in range(0, len(chosen) + 1, self.page_size):
                page = [
                    self._place_record(place, scope.units) for place in chosen[start : start + self.page_size]
                ]
                known.update(record.key for record in page)
                seen.update(ClassId(int(record.group)) for record in page)
                if page or not start:
                    yield Batch(name, page)
        if scope.modules:
            yield from self._module_batches(scope, seen)
        if scope.details:
            yield from self._detail_batches(scope, seen)

    def parse(self, record: Raw) -> Value:
        try:
            return self._values[record.body]
        except KeyError:
            raise Unreadable(record.key, "not a record of this account") from None

    def class_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ClassEnrolment]:
        self._asked(1)
        return [
            self._shown(place)
            for place in self._places()
            if (place.contact_id, place.class_id) == (contact, class_id)
        ]

    def module_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ModuleEnrolment]:
        self._asked(1)
        return [one for one in self._modules() if (one.contact_id, one.class_id) == (contact, class_id)]

    def contacts(self, contacts: Sequence[ContactId]) -> list[Contact]:
        self.calls.read += 1
        return [self.people[contact] for contact in contacts if contact in self.people]

    def contacts_by_email(self, address: str) -> list[Contact]:
        beginning = same_address(address)
        return [one for one in self.people.values() if same_address(one.email).startswith(beginning)]

    def contacts_by_optional_id(self, value: str) -> list[Contact]:
        wanted = same_address(value)
        return [one for one in self.people.values() if same_address(one.optional_id or "") == wanted]

    def survivor(self, contact: ContactId) -> ContactId | None:
        last = int(contact)
        while last in self.merges:
            last = self.merges[last]
        return None if last == contact else ContactId(last)

    def apply(self, command: VetCommand) -> Receipt:
        self.calls.write += 1
        self.calls.floor += 1
        fault = self.faults.popleft() if self.faults else None
        if fault == "refused":
            raise ChangeRefused("axcelerate", "write", "refused by order")
        if fault == "never_left":
            raise Unavailable("axcelerate", "write", "no connection")
        if fault == "lost_before":
            raise Unconfirmed("axcelerate", "write", "no answer")
        self._carry_out(command)
        if fault == "lost_after":
            raise Unconfirmed("axcelerate", "write", "no answer")
        return Receipt()

    def _asked(self, calls: int) -> None:
        self.calls.read += calls
        self.calls.floor += calls

    def _lists(self, scope: VetScope) -> Iterator[tuple[str, list[ClassEnrolment]]]:
        places = list(self._places())
        if scope.contact is not None:
            own = [place for place in places if place.contact_id == scope.contact]
            yield f"contact:{scope.contact}", [place for place in own if _in_scope(place, scope)]
            return
        if scope.whole_account:
            yield "account", places
            return
        for class_id in scope.classes:
            yield f"class:{class_id}", [place for place in places if place.class_id == class_id]
        for code in scope.qualifications:
            yield f"qualification:{code}", [place for place in places if place.qualification == code]

    def _places(self) -> Iterator[ClassEnrolment]:
        """Class enrolments with the names and addresses of today, oldest first."""
        for _, place in sorted(self.places.items()):
            person = self.people[place.contact_id]
            yield replace(place, email=person.email, given=person.given, surname=person.surname)

    def _modules(self) -> Iterator[ModuleEnrolment]:
        alive = {place.enrol_id for place in self.places.values()}
        for _, module in sorted(self.modules.items()):
            if module.enrol_id in alive:
                yield module if self.shows_override else replace(module, override=UNKNOWN)

    def _shown(self, place: ClassEnrolment, units: frozenset[str] | None = None) -> ClassEnrolment:
        everything = () if place.status is ClassStatus.TENTATIVE else place.units
        kept = tuple(
            unit
            if self.shows_open_end_dates or unit.outcome not in ("", "70", "85")
            else replace(unit, end=None)
            for unit in everything
            if units is None or unit.code in units
        )
        return replace(place, units=kept, unit_count=len(everything))

    def _place_record(self, place: ClassEnrolment, units: frozenset[str]) -> Raw:
        key = f"{place.class_id}/{place.enrol_id}"
        return self._record(
            Kind.CLASS_ENROLMENT, str(place.contact_id), key, str(place.class_id), self._shown(place, units)
        )

    def _module_batches(self, scope: VetScope, seen: set[ClassId]) -> Iterator[Batch]:
        wanted = _wanted(scope.module_classes, seen, scope)
        yield Batch("modules", [])
        for start in range(0, len(wanted), 50):
            self._asked(1)
            part = wanted[start : start + 50]
            found = [
                one
                for one in self._modules()
                if one.class_id in part and scope.contact in (None, one.contact_id)
            ]
            yield Batch("modules", [self._module_record(one) for one in found])

    def _module_record(self, one: ModuleEnrolment) -> Raw:
        key = str(one.module_enrolment_id)
        return self._record(Kind.MODULE_ENROLMENT, str(one.contact_id), key, str(one.class_id), one)

    def _detail_batches(self, scope: VetScope, seen: set[ClassId]) -> Iterator[Batch]:
        yield Batch("details", [])
        for class_id in _wanted(scope.detail_classes, seen, scope):
            self._asked(1)
            if class_id in self.classes:
                key = str(class_id)
                yield Batch(
                    "details", [self._record(Kind.TRAINING_CLASS, "", key, key, self.classes[class_id])]
                )

    def _record(self, kind: Kind, owner: str, key: str, group: str, value: Value) -> Raw:
        body = repr(value).encode()
        self._values[body] = value
        return Raw(kind, owner, key, group, body)

    def _carry_out(self, command: VetCommand) -> None:
        self.writes.append(command)
        if isinstance(command, UpdateModule):
            self._update_module(command)
            return
        place = self.person.place(command.contact_id, command.class_id)
        if place is None or command.unit_id not in {unit.unit_id for unit in place.units}:
            raise ChangeRefused("axcelerate", "write unit", "no such unit enrolment")
        units = tuple(
            _updated(unit, command) if unit.unit_id == command.unit_id else unit for unit in place.units
        )
        self.places[place.enrol_id] = replace(place, units=units)

    def _update_module(self, command: UpdateModule) -> None:
        module = self.modules.get(command.module_enrolment_id)
        if module is None or (module.contact_id, module.enrol_id) != (command.contact_id, command.enrol_id):
            raise ChangeRefused("axcelerate", "write module", "no such module enrolment")
        self.modules[command.module_enrolment_id] = replace(
            module,
            override=_OVERRIDES.get(command.override, module.override),
            start=command.start or module.start,
            end=command.end or module.end,
        )


@dataclass
class Staff:
    """Edits that people make in the account; every method changes only what it is given."""

    vet: MemoryVet

    def add_contact(self, given: str, surname: str | None, email: str, optional_id: str = "") -> int:
        contact_id = 22001 + len(self.vet.people) + len(self.vet.merges)
        contact = Contact(ContactId(contact_id), given, surname or "", email, optional_id)
        self.vet.people[contact_id] = contact
        return contact_id

    def set_contact(self, contact_id: int, **changes: Any) -> None:
        self.vet.people[contact_id] = replace(self.vet.people[contact_id], **changes)

    def merge_contacts(self, loser: int, survivor: int) -> None:
        self.vet.merges[loser] = survivor
        del self.vet.people[loser]
        for key, place in self.vet.places.items():
            if place.contact_id == loser:
                self.vet.places[key] = replace(place, contact_id=ContactId(survivor))
        for key, module in self.vet.modules.items():
            if module.contact_id == loser:
                self.vet.modules[key] = replace(module, contact_id=ContactId(survivor))

    def add_unit(self, code: str, name: str) -> int:
        return self.vet.unit_ids.setdefault(code, UnitId(51001 + len(self.vet.unit_ids)))

    def add_class(
        self,
        qualification_code: str,
        name: str,
        start: date,
        finish: date | None,
        reporting_standard: str = "NAT National",
        units: Iterable[str] = (),
    ) -> int:
        class_id = 880123 + len(self.vet.classes)
        self.vet.classes[class_id] = TrainingClass(
            ClassId(class_id), name, start, finish, reporting_standard, qualification_code
        )
        self.vet.class_units[class_id] = tuple(units)
        return class_id

    def set_class(self, class_id: int, **changes: Any) -> None:
        self.vet.classes[class_id] = replace(self.vet.classes[class_id], **changes)

    def enrol(
        self,
        contact_id: int,
        class_id: int,
        *,
        start: date | None = None,
        finish: date | None = None,
        status: str = "In Progress",
        enrolled_at: datetime | None = None,
        units: Iterable[str] | None = None,
        outcome: str = "70",
        due: date | None = None,
    ) -> int:
        """Units begin with the class enrolment and end on `due`, else with the class."""
        enrol_id = self.vet.next_enrol_id
        self.vet.next_enrol_id += 1
        codes = self.vet.class_units[class_id] if units is None else tuple(units)
        training_class = self.vet.classes[class_id]
        begin, end = start or training_class.start, due or training_class.finish
        self.vet.places[enrol_id] = ClassEnrolment(
            contact_id=ContactId(contact_id),
            class_id=ClassId(class_id),
            enrol_id=enrol_id,
            template_id=self.vet.templates.setdefault(
                training_class.qualification, 7001 + len(self.vet.templates)
            ),
            qualification=training_class.qualification,
            status=_STATUSES.get(status, ClassStatus.UNKNOWN),
            status_word=status,
            enrolled_at=enrolled_at,
            start=begin,
            finish=finish,
            email="",
            given="",
            surname="",
            unit_count=len(codes),
            units=tuple(UnitEnrolment(self.vet.unit_ids[code], code, outcome, begin, end) for code in codes),
        )
        return enrol_id

    def place(self, contact_id: int, class_id: int) -> ClassEnrolment | None:
        """The newest enrolment of this person in this class."""
        found = [
            one
            for one in self.vet.places.values()
            if (one.contact_id, one.class_id) == (contact_id, class_id)
        ]
        return max(found, key=lambda one: one.enrol_id, default=None)

    def set_class_enrolment(self, contact_id: int, class_id: int, **changes: Any) -> None:
        if "status" in changes:
            word = changes.pop("status")
            changes |= {"status": _STATUSES.get(word, ClassStatus.UNKNOWN), "status_word": word}
        place = self._place(contact_id, class_id)
        self.vet.places[place.enrol_id] = replace(place, **changes)

    def delete_enrolment(self, contact_id: int, class_id: int) -> None:
        del self.vet.places[self._place(contact_id, class_id).enrol_id]

    def set_unit(self, contact_id: int, class_id: int, code: str, **changes: Any) -> None:
        place = self._place(contact_id, class_id)
        units = tuple(replace(unit, **changes) if unit.code == code else unit for unit in place.units)
        self.vet.places[place.enrol_id] = replace(place, units=units)

    def remove_unit(self, contact_id: int, class_id: int, code: str) -> None:
        place = self._place(contact_id, class_id)
        units = tuple(unit for unit in place.units if unit.code != code)
        self.vet.places[place.enrol_id] = replace(place, units=units)

    def add_module(
        self,
        contact_id: int,
        class_id: int,
        name: str,
        *,
        status: int = 1,
        start: date | None = None,
        end: date | None = None,
        override: bool | None = None,
    ) -> int:
        module_id = 41877 + len(self.vet.modules)
        place = self._place(contact_id, class_id)
        standing, word = _MODULE_STATUSES[status]
        self.vet.modules[module_id] = ModuleEnrolment(
            module_id,
            place.contact_id,
            place.class_id,
            place.enrol_id,
            name,
            standing,
            word,
            start,
            end,
            override,
        )
        return module_id

    def set_module(self, module_enrolment_id: int, **changes: Any) -> None:
        if "status" in changes:
            changes["status"], changes["status_word"] = _MODULE_STATUSES[changes["status"]]
        self.vet.modules[module_enrolment_id] = replace(self.vet.modules[module_enrolment_id], **changes)

    def _place(self, contact_id: int, class_id: int) -> ClassEnrolment:
        place = self.place(contact_id, class_id)
        assert place is not None, f"contact {contact_id} is not in class {class_id}"
        return place


def _updated(unit: UnitEnrolment, command: UpdateUnit) -> UnitEnrolment:
    return replace(
        unit,
        outcome=unit.outcome if command.outcome is None else command.outcome,
        start=command.start or unit.start,
        end=command.end or unit.end,
    )


def _in_scope(place: ClassEnrolment, scope: VetScope) -> bool:
    return (
        scope.whole_account or place.class_id in scope.classes or place.qualification in scope.qualifications
    )


def _wanted(named: tuple[ClassId, ...] | None, seen: set[ClassId], scope: VetScope) -> list[ClassId]:
    wanted = seen if named is None else set(named)
    return sorted(wanted & seen if scope.contact is not None else wanted)
