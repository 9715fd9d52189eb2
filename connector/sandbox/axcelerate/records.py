"""What an aXcelerate account holds. Plain records; `account.py` keeps and indexes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from connector.sandbox.people import Contact, Unit, Workshop

IN_PROGRESS, TENTATIVE, CANCELLED, COMPLETED = "In Progress", "Tentative", "Cancelled", "Completed"
MODULE_WORDS = {1: "Enrolled", 2: "In Progress", 3: "Completed", 4: "Withdrawn", 5: "Expired"}


@dataclass(slots=True, eq=False)
class Person:
    """A contact and what the account keeps about it beside the contact itself."""

    contact: Contact
    updated: datetime
    deleted: bool = False


@dataclass(slots=True, eq=False)
class ClassRecord:
    """A class; `unit_row_ids` are the ids that its units have within it, by unit code."""

    class_id: int
    template_id: int
    code: str
    qualification: str
    name: str
    start: date
    finish: date | None
    reporting_standard: str
    units: list[Unit]
    public: bool
    workshop: Workshop | None
    updated: datetime
    unit_row_ids: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class UnitRecord:
    """One learner in one unit of a class. `row_id` is the unit enrolment's own id."""

    unit: Unit
    row_id: int
    outcome: str
    start: date | None
    end: date | None
    custom: dict[str, str] = field(default_factory=dict)
    extras: dict[str, str] = field(default_factory=dict)
    activity: str = ""
    activity_start: date | None = None
    activity_end: date | None = None


@dataclass(slots=True, eq=False)
class ModuleRecord:
    """One learner in one module of a learning plan; `override`: True unlocked, False locked, None none."""

    module_id: int
    name: str
    status: int
    start: date | None
    end: date | None
    override: bool | None
    commenced: date | None
    completed: date | None


@dataclass(slots=True, eq=False)
class Place:
    """One learner's place in one class (a class enrolment) with its units and modules.

    `rendered` is the row of /course/enrolments as bytes, valid for the switch revision `rendered_at`.
    """

    enrol_id: int
    person: Person
    training_class: ClassRecord
    status: str
    enrolled_at: datetime
    start: date | None
    finish: date | None
    plan: str
    updated: datetime
    units: list[UnitRecord] = field(default_factory=list)
    modules: list[ModuleRecord] = field(default_factory=list)
    custom: dict[str, str] = field(default_factory=dict)
    expected_finish: date | None = None
    rendered: bytes = b""
    rendered_at: int = -1

    @property
    def contact_id(self) -> int:
        return self.person.contact.contact_id

    @property
    def class_id(self) -> int:
        return self.training_class.class_id

    def unit(self, code: str) -> UnitRecord | None:
        """The learner's enrolment in the unit with this code."""
        return next((unit for unit in self.units if unit.unit.code == code), None)


@dataclass(slots=True)
class MergeRecord:
    """Two contacts became one."""

    loser: int
    survivor: int
    at: datetime
