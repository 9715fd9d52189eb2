"""Absence needs proof (law 5): what is missing from a whole list is gone only after a closer look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import ClassId, ContactId
from connector.domain.memory import Memory
from connector.errors import ChangeRefused, Unreadable
from connector.planning.person import Person
from connector.platforms.port import VetPort


@dataclass
class Proof:
    """What was found about one person's missing records.

    `gone` are (rule, record) proven away; `unreadable` classes whose row shows no unit although some are known, or one without a code;
    `emptied` classes whose list came back empty; `merged_into` the surviving contact.
    """

    gone: set[tuple[str, str]] = field(default_factory=set)
    unreadable: set[ClassId] = field(default_factory=set)
    emptied: set[ClassId] = field(default_factory=set)
    merged_into: ContactId | None = None


def prove(
    missing: Iterable[tuple[str, str, ClassId]],
    person: Person,
    memory: Memory,
    vet: VetPort,
    *,
    empty_classes: Mapping[ClassId, bool],
) -> Proof:
    """Look closer at what this reading does not show: one read of that contact and class, then the merge history.

    `empty_classes` says, for class lists that came back without a row, whether an operator said that this is true.
    """
    proof = Proof()
    looked: dict[ClassId, list[ClassEnrolment]] = {}
    for rule_id, key, class_id in missing:
        pair = memory.pair(rule_id, key)
        if class_id in empty_classes and not empty_classes[class_id] and pair is not None and pair.open:
            proof.emptied.add(class_id)
            continue
        if key.startswith("unit:") and _hides_units(
            [row for row in person.classes if row.class_id == class_id]
        ):
            proof.unreadable.add(class_id)
            continue
        if class_id not in looked:
            try:
                looked[class_id] = _look(vet, person.contact.contact_id, class_id)
            except Unreadable:
                proof.unreadable.add(class_id)
                continue
        if _is_gone(key, looked[class_id]):
            proof.gone.add((rule_id, key))
        elif _hides_units(looked[class_id]):
            proof.unreadable.add(class_id)
    if proof.gone and not person.classes:
        proof.merged_into = vet.survivor(person.contact.contact_id)
        if proof.merged_into is not None:
            proof.gone.clear()
    return proof


def without_stand_ins(person: Person, memory: Memory, vet: VetPort) -> Person:
    """Set aside classes that show only older enrolments of this person than the one known, while that one still stands.

    Of several enrolments in one class the newest counts; missing from a list for once, it must not let an older one decide.
    """
    known: dict[ClassId, int] = {}
    for pairs in memory.pairs.values():
        for pair in pairs.values():
            if not pair.gone:
                class_id = ClassId(pair.class_id)
                known[class_id] = max(pair.enrol_id, known.get(class_id, 0))
    shown: dict[ClassId, int] = {}
    for row in person.classes:
        shown[row.class_id] = max(row.enrol_id, shown.get(row.class_id, 0))
    doubtful = [c for c, enrol_id in shown.items() if enrol_id < known.get(c, 0)]
    hidden = {c for c in doubtful if _still_stands(known[c], person.contact.contact_id, c, vet)}
    if not hidden:
        return person
    classes = tuple(row for row in person.classes if row.class_id not in hidden)
    return replace(person, classes=classes, unreadable=person.unreadable | hidden)


def _still_stands(enrol_id: int, contact: ContactId, class_id: ClassId, vet: VetPort) -> bool:
    try:
        return any(row.enrol_id == enrol_id for row in _look(vet, contact, class_id))
    except Unreadable:
        return True


def _look(vet: VetPort, contact: ContactId, class_id: ClassId) -> list[ClassEnrolment]:
    """The closer look; a contact that may no longer be seen (merged, deleted) has no rows."""
    try:
        return vet.class_enrolments(contact, class_id)
    except ChangeRefused:
        return []


def _hides_units(rows: list[ClassEnrolment]) -> bool:
    """The class row is there and not whole: it shows no unit at all, or one without a code, which may be the one that is missed."""
    return bool(rows) and (all(row.unit_count == 0 for row in rows) or any(row.unnamed_units for row in rows))


def _is_gone(key: str, rows: list[ClassEnrolment]) -> bool:
    """A class or module is gone with its class enrolment, a unit also when the enrolment shows others and not it."""
    kind, _, identity = key.partition(":")
    if not rows:
        return True
    if kind != "unit":
        return False
    code = identity.partition("/")[2]
    return not _hides_units(rows) and not any(unit.code.upper() == code for row in rows for unit in row.units)
