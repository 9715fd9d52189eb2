"""One whole look at both accounts, whatever the mapping files say: what there is, and how many learners stand behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from connector.domain.catalogue import OfferedClass, OfferedCourse
from connector.domain.enrolment import ClassEnrolment, Enrolment, ModuleEnrolment
from connector.domain.learner import ClassId, ContactId, CourseId, UserId
from connector.errors import AccessDenied, UnexpectedPayload, Unreadable
from connector.platforms.port import Batch, LmsPort, LmsScope, Raw, VetPort, VetScope

Progress = Callable[[str, int, int | None], None]


class LmsAccount(LmsPort, Protocol):
    """A learning platform that can also say which courses there are."""

    def offered_courses(self) -> list[OfferedCourse]:
        """Every course of the account."""


class VetAccount(VetPort, Protocol):
    """A training platform that can also say what a class delivers."""

    def offered_class(self, class_id: ClassId) -> OfferedClass | None:
        """One class with its units; None when it is not shown."""


@dataclass
class Account:
    """What both platforms hold.

    Learners are counted by id, so nobody counts twice. `units` and `modules` are keyed by the code or name as it is compared (upper
    case; case-folded) and then by class; `spelt` gives each key as the platform writes it. `set_aside` says which rows could not be
    understood.
    """

    courses: list[OfferedCourse] = field(default_factory=list)
    users: dict[CourseId, set[UserId]] = field(default_factory=lambda: defaultdict(set))
    classes: dict[ClassId, set[ContactId]] = field(default_factory=lambda: defaultdict(set))
    qualifications: dict[ClassId, str] = field(default_factory=dict)
    units: dict[str, dict[ClassId, set[ContactId]]] = field(default_factory=lambda: defaultdict(dict))
    modules: dict[str, dict[ClassId, set[ContactId]]] = field(default_factory=lambda: defaultdict(dict))
    offered: dict[ClassId, OfferedClass] = field(default_factory=dict)
    spelt: dict[str, str] = field(default_factory=dict)
    set_aside: list[str] = field(default_factory=list)

    def class_name(self, class_id: ClassId) -> str:
        """The class's name; its number where the account does not show it."""
        shown = self.offered.get(class_id)
        return shown.name if shown and shown.name else f"class {class_id}"

    def unit_name(self, code: str) -> str:
        """A unit's name by its code, "" where no class shows it."""
        names = (u.name for c in self.offered.values() for u in c.units if u.code.upper() == code)
        return next((name for name in names if name), "")


def read_account(
    lms: LmsAccount, vet: VetAccount, progress: Progress = lambda step, done, total: None
) -> Account:
    """Read all courses and enrolments of one side, all class enrolments, modules and classes of the other.

    Raises what the platforms raise: what was not read whole is not counted.
    """
    account = Account(courses=lms.offered_courses())
    scope = LmsScope(
        courses=tuple(course.course_id for course in account.courses), people=False, completions=False
    )
    for record in _watched(lms.read(scope), progress):
        _take(account, lms.parse, record)
    for record in _watched(vet.read(VetScope(whole_account=True, units=None)), progress):
        _take(account, vet.parse, record)
    _read_modules(account, vet, progress)
    for number, class_id in enumerate(sorted(account.classes), 1):
        progress("classes", number, len(account.classes))
        shown = vet.offered_class(class_id)
        if shown is not None:
            account.offered[class_id] = shown
    return account


def _read_modules(account: Account, vet: VetAccount, progress: Progress) -> None:
    """Learning-plan modules of the classes seen. An account may have no learning plans, or not show the report: that is said."""
    scope = VetScope(modules=True, module_classes=tuple(sorted(account.classes)))
    try:
        for record in _watched(vet.read(scope), progress):
            _take(account, vet.parse, record)
    except (AccessDenied, UnexpectedPayload) as problem:
        account.set_aside.append(f"learning-plan modules were not read: {problem}")


def _watched(pages: Iterator[Batch], progress: Progress) -> Iterator[Raw]:
    rows: dict[str, int] = defaultdict(int)
    for page in pages:
        rows[page.listing] += len(page.records)
        progress(page.listing, rows[page.listing], None)
        yield from page.records


def _take(account: Account, parse: Callable[[Raw], object], record: Raw) -> None:
    try:
        value = parse(record)
    except Unreadable as problem:
        account.set_aside.append(str(problem))
        return
    if isinstance(value, Enrolment):
        account.users[value.course_id].add(value.user_id)
    elif isinstance(value, ClassEnrolment):
        _take_class(account, value)
    elif isinstance(value, ModuleEnrolment):
        _count(account, account.modules, value.name.casefold(), value.name, value.class_id, value.contact_id)


def _take_class(account: Account, row: ClassEnrolment) -> None:
    account.classes[row.class_id].add(row.contact_id)
    account.qualifications[row.class_id] = row.qualification
    for unit in row.units:
        _count(account, account.units, unit.code.upper(), unit.code, row.class_id, row.contact_id)


def _count(
    account: Account,
    kind: dict[str, dict[ClassId, set[ContactId]]],
    key: str,
    spelt: str,
    class_id: ClassId,
    contact: ContactId,
) -> None:
    account.spelt.setdefault(key, spelt)
    kind[key].setdefault(class_id, set()).add(contact)
