"""One simulated aXcelerate account: its records, the indexes that listings are served from, and its changes."""

from __future__ import annotations

import threading
from bisect import insort
from collections import defaultdict
from collections.abc import Iterable
from copy import copy
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from connector.sandbox.clock import Clock
from connector.sandbox.people import (
    ClassEnrolment,
    Contact,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
    World,
)

from . import codes
from .hooks import Hooks
from .records import CANCELLED, ClassRecord, MergeRecord, ModuleRecord, Person, Place, UnitRecord
from .switches import AxcelerateSwitches

FIRST_ENROL_ID = 9_300_001
FIRST_MODULE_ID = 41_001


class Account:
    """Everything the account holds. Callers take `lock` around whatever must be seen as one."""

    def __init__(self, switches: AxcelerateSwitches, clock: Clock) -> None:
        self.lock = threading.RLock()
        self.switches = switches
        self.clock = clock
        self.hooks = Hooks(switches, clock)
        self.clear()

    def clear(self) -> None:
        """Forget every record."""
        self.zone = ZoneInfo("Australia/Sydney")
        self.people: dict[int, Person] = {}
        self.merges: list[MergeRecord] = []
        self.units: dict[str, Unit] = {}
        self.classes: dict[int, ClassRecord] = {}
        self.places: dict[int, Place] = {}
        # Enrolment ids in ascending order, so that a page is a slice.
        self.all_places: list[int] = []
        self.by_class: dict[int, list[int]] = defaultdict(list)
        self.by_contact: dict[int, list[int]] = defaultdict(list)
        self.by_template: dict[int, list[int]] = defaultdict(list)
        self.modules: dict[int, tuple[Place, ModuleRecord]] = {}
        self.search_cache: dict[str, tuple[datetime, list[bytes]]] = {}
        self._unit_rows = count(61_200_001)
        self._class_units = count(7_720_001)

    # Reading

    def now(self) -> datetime:
        """Now on the platform, aware, in UTC."""
        return self.clock.now()

    def today(self) -> date:
        """The calendar day in the account's zone."""
        return self.local(self.now()).date()

    def local(self, moment: datetime) -> datetime:
        """A moment in the account's zone."""
        return moment.astimezone(self.zone)

    def places_in(self, contact_id: int, class_id: int) -> list[Place]:
        """The places of one person in one class, the newest first; more than one after a re-enrolment."""
        mine = [self.places[key] for key in self.by_contact.get(contact_id, ())]
        found = [place for place in mine if place.class_id == class_id]
        return sorted(found, key=lambda place: (place.enrolled_at, place.enrol_id), reverse=True)

    def current_place(self, contact_id: int, class_id: int) -> Place | None:
        """The place a write is meant for: the newest that is not cancelled, else the newest."""
        places = self.places_in(contact_id, class_id)
        live = [place for place in places if place.status != CANCELLED]
        return next(iter(live or places), None)

    def unit_by_id(self, unit_id: int) -> Unit | None:
        """The unit with this id, which is the same in every class."""
        return next((unit for unit in self.units.values() if unit.unit_id == unit_id), None)

    def next_enrol_id(self) -> int:
        return max(self.places, default=FIRST_ENROL_ID - 1) + 1

    def next_module_id(self) -> int:
        return max(self.modules, default=FIRST_MODULE_ID - 1) + 1

    # Filling

    def load(self, world: World) -> None:
        """Replace everything by this world's aXcelerate half; it counts as last changed a day ago."""
        self.clear()
        self.zone = ZoneInfo(world.zone)
        since = self.now() - timedelta(days=1)
        for unit in world.units:
            self.units[unit.code] = copy(unit)
        for contact in world.contacts:
            self.add_person(contact, since)
        for training_class in world.classes:
            self.add_class(training_class, since)
        for enrolment in sorted(world.class_enrolments, key=lambda item: item.enrol_id):
            self.add_place(enrolment, since)
        for merge in world.merges:
            self.merge(merge.loser, merge.survivor, merge.at)

    def add_person(self, contact: Contact, updated: datetime) -> Person:
        person = self.people[contact.contact_id] = Person(copy(contact), updated)
        return person

    def add_class(self, given: TrainingClass, updated: datetime) -> ClassRecord:
        """Take a class in; its units must be known. KeyError names one that is not."""
        record = ClassRecord(
            class_id=given.class_id,
            template_id=given.qualification_id,
            code=given.qualification_code,
            qualification=given.qualification_name,
            name=given.name,
            start=given.start,
            finish=given.finish,
            reporting_standard=given.reporting_standard,
            units=[self.units[code] for code in given.units],
            public=given.public,
            workshop=given.workshop,
            updated=updated,
        )
        record.unit_row_ids = {code: next(self._class_units) for code in given.units}
        self.classes[record.class_id] = record
        return record

    def add_place(self, given: ClassEnrolment, updated: datetime) -> Place:
        """Take a class enrolment in, with its units and modules."""
        place = Place(
            enrol_id=given.enrol_id,
            person=self.people[given.contact_id],
            training_class=self.classes[given.class_id],
            status=given.status,
            enrolled_at=given.enrolled_at,
            start=given.start,
            finish=given.finish,
            plan=given.plan,
            updated=updated,
        )
        place.units = [self.new_unit(unit) for unit in given.units]
        self.places[place.enrol_id] = place
        for index in self._indexes_of(place):
            insort(index, place.enrol_id)
        for module in given.modules:
            self.add_module(place, module)
        return place

    def new_unit(self, given: UnitEnrolment) -> UnitRecord:
        """A unit enrolment with an id of its own, not yet part of a place."""
        return UnitRecord(
            self.units[given.code], next(self._unit_rows), given.outcome, given.start, given.end
        )

    def add_module(self, place: Place, given: ModuleEnrolment) -> ModuleRecord:
        module = ModuleRecord(
            given.module_enrolment_id,
            given.name,
            given.status,
            given.start,
            given.end,
            given.override,
            given.commenced,
            given.completed,
        )
        place.modules.append(module)
        self.modules[module.module_id] = (place, module)
        return module

    # Changing

    def touch(self, place: Place, *, bump: bool = True) -> None:
        """Say that a place changed: its row is rendered anew; `bump` moves its LASTUPDATEDUTC."""
        place.rendered = b""
        if bump:
            place.updated = self.now()

    def touch_unit(self, place: Place) -> None:
        """A unit of the place changed; whether that shows on the class row is a switch."""
        self.touch(place, bump=self.switches.class_lastupdated_bump)

    def touch_all(self, enrol_ids: Iterable[int]) -> None:
        """What these rows repeat (a person's name, a class's name) changed; their own times stay."""
        for key in enrol_ids:
            self.places[key].rendered = b""

    def remove(self, place: Place) -> None:
        """Staff deleted an enrolment: it is visible by its absence only."""
        del self.places[place.enrol_id]
        for index in self._indexes_of(place):
            index.remove(place.enrol_id)
        for module in place.modules:
            del self.modules[module.module_id]

    def merge(self, loser: int, survivor: int, at: datetime) -> None:
        """The survivor takes over every enrolment; the old id stops working."""
        gone, stays = self.people[loser], self.people[survivor]
        gone.deleted = True
        for key in self.by_contact.pop(loser, []):
            self.places[key].person = stays
            self.places[key].rendered = b""
            insort(self.by_contact[survivor], key)
        self.merges.append(MergeRecord(loser, survivor, at))

    def complete_open_units(self, place: Place, day: date) -> None:
        """The platform's own automation: open units become competent, dates and all (row 38)."""
        for unit in place.units:
            if not codes.is_final(unit.outcome):
                unit.outcome, unit.end = "20", day
                self.hooks.unit_status_changed(place, unit)
        self.touch_unit(place)

    def _indexes_of(self, place: Place) -> list[list[int]]:
        return [
            self.all_places,
            self.by_class[place.class_id],
            self.by_contact[place.contact_id],
            self.by_template[place.training_class.template_id],
        ]
