"""Read back what was written: one list page per touched course or class, not one call per record."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from connector.domain.enrolment import ClassEnrolment, Completion, Enrolment, ModuleEnrolment
from connector.domain.learner import ClassId, ContactId, UserId
from connector.domain.plan import Act, Change
from connector.domain.rule import Field, Side
from connector.errors import PlatformError, Unreadable
from connector.execution.evidence import Shown
from connector.platforms.port import LmsPort, LmsScope, VetPort, VetScope

FEW_USERS = 50
"""Up to so many learners a list is narrowed to them; beyond, the whole list of the touched courses is read."""

FEW_CONTACTS = 2
"""Up to so many contacts of one class are read one by one; beyond, the list of the class."""


@dataclass
class ReadBack:
    """What both sides show now of the touched people. `trouble` names a platform that could not be read back."""

    shown: dict[ContactId, Shown] = field(default_factory=lambda: defaultdict(Shown))
    trouble: dict[Side, PlatformError] = field(default_factory=dict)


def read_back(changes: Iterable[Change], lms: LmsPort, vet: VetPort) -> ReadBack:
    """Read everything that these changes touch. A change of either side needs both: what is agreed is as both show it."""
    found = ReadBack()
    touched = list(changes)
    on_lms = [c for c in touched if c.course_id is not None and c.user_id is not None and _needs_lms(c)]
    on_vet = [c for c in touched if c.platform is Side.AXCELERATE]
    try:
        _read_lms(on_lms, lms, found)
    except PlatformError as problem:
        found.trouble[Side.ISPRING] = problem
    try:
        _read_vet(on_vet, vet, found)
    except PlatformError as problem:
        found.trouble[Side.AXCELERATE] = problem
    return found


def _needs_lms(change: Change) -> bool:
    return change.platform is Side.ISPRING or change.field is Field.ACCESS


def _read_lms(changes: list[Change], lms: LmsPort, found: ReadBack) -> None:
    if not changes:
        return
    owners: dict[UserId, ContactId] = {}
    for change in changes:
        assert change.user_id is not None
        owners[change.user_id] = change.contact_id
    courses = tuple(dict.fromkeys(c.course_id for c in changes if c.course_id is not None))
    scope = LmsScope(
        courses=courses,
        people=False,
        completions=any(c.act is Act.SET_STATUS for c in changes),
        users=tuple(owners) if len(owners) <= FEW_USERS else None,
    )
    for batch in lms.read(scope):
        for raw in batch.records:
            contact = owners.get(UserId(raw.owner))
            if contact is not None:
                _take(found.shown[contact], lms, raw)


def _read_vet(changes: list[Change], vet: VetPort, found: ReadBack) -> None:
    units, modules = _by_class(changes, Act.UPDATE_UNIT), _by_class(changes, Act.UPDATE_MODULE)
    codes = frozenset(c.record.rpartition("/")[2] for c in changes if c.act is Act.UPDATE_UNIT)
    for class_id, contacts in units.items():
        if len(contacts) <= FEW_CONTACTS:
            for contact in contacts:
                found.shown[contact].classes += vet.class_enrolments(contact, class_id)
        else:
            _read_list(VetScope(classes=(class_id,), units=codes), contacts, vet, found)
    many = {c: contacts for c, contacts in modules.items() if len(contacts) > FEW_CONTACTS}
    for class_id in modules.keys() - many.keys():
        for contact in modules[class_id]:
            found.shown[contact].modules += vet.module_enrolments(contact, class_id)
    if many:
        everybody = set().union(*many.values())
        _read_list(VetScope(modules=True, module_classes=tuple(sorted(many))), everybody, vet, found)


def _by_class(changes: list[Change], act: Act) -> dict[ClassId, set[ContactId]]:
    grouped: dict[ClassId, set[ContactId]] = defaultdict(set)
    for change in changes:
        if change.act is act and change.class_id is not None:
            grouped[change.class_id].add(change.contact_id)
    return grouped


def _read_list(scope: VetScope, contacts: set[ContactId], vet: VetPort, found: ReadBack) -> None:
    for batch in vet.read(scope):
        for raw in batch.records:
            if raw.owner and ContactId(int(raw.owner)) in contacts:
                _take(found.shown[ContactId(int(raw.owner))], vet, raw)


def _take(shown: Shown, platform: LmsPort | VetPort, raw: object) -> None:
    try:
        value = platform.parse(raw)  # type: ignore[arg-type]
    except Unreadable:
        return  # not shown: the change stays unverified
    if isinstance(value, Enrolment):
        shown.enrolments.append(value)
    elif isinstance(value, Completion) and value.enrolment_id is not None:
        shown.completions[value.enrolment_id] = value
    elif isinstance(value, ClassEnrolment):
        shown.classes.append(value)
    elif isinstance(value, ModuleEnrolment):
        shown.modules.append(value)
