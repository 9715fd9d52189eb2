"""What is remembered about one contact between runs: agreed values, and what we did that must not be read back as an edit.

Agreed values are two per field, one per side, each as last read there (design, law 4). They belong to a record and an
enrolment together, so they stand under both. The whole memory of a person is one JSON document.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connector.domain.enrolment import DateValue, EnrolmentId, Status
from connector.domain.learner import UNKNOWN, CourseId, Unknown

Lock = bool | None
"""Whether access ends after the due date; None where no due date makes it visible."""
OverrideValue = bool | None | Unknown


@dataclass
class Held:
    """What one record and one enrolment agree on. A field that was never agreed is None.

    `due` and `start` hold (LMS, aXcelerate); `access` holds (lock, override). `lock_given` is the mapping's `lock_after` of that time.
    `vet_gives` stays true until a meeting in which aXcelerate gives the values has been carried out. `seen_due` is the LMS's due date
    as last read, for modules whose due date is not compared: an edit of it may still take access.
    `agreed_in` names, by "due", "start" and "access", the run in which the value was agreed on (`stamp`); it decides nothing.
    """

    enrolment_id: EnrolmentId
    vet_gives: bool = False
    due: tuple[DateValue, DateValue] | None = None
    start: tuple[DateValue, DateValue] | None = None
    access: tuple[Lock, OverrideValue] | None = None
    lock_given: bool | None = None
    seen_due: tuple[DateValue] | None = None
    agreed_in: dict[str, str] = field(default_factory=dict)

    @property
    def has_history(self) -> bool:
        """Whether anything was ever agreed here."""
        return any(values is not None for values in (self.due, self.start, self.access))


@dataclass
class PairMemory:
    """One rule and one aXcelerate record of this person.

    `enrolled_at` and `enrol_id` order the record after it is gone. `open`: it was open when last read; `finished`: it was judged
    (a final code that is not a withdrawal, or a finished module). `final_end` is the end date that stood beside a final code, kept
    while `was_final` until a person changes it. `recreated` lists courses whose enrolment was made again once (`on_unenrolment: recreate`).
    """

    class_id: int
    enrol_id: int
    enrolled_at: str
    open: bool = False
    finished: bool = False
    gone: bool = False
    was_final: bool = False
    final_end: str | None = None
    qualification: str = ""
    recreated: list[str] = field(default_factory=list)
    courses: dict[CourseId, Held] = field(default_factory=dict)

    @property
    def has_history(self) -> bool:
        """Whether anything was ever agreed about this pair."""
        return any(held.has_history for held in self.courses.values())


@dataclass
class Closed:
    """An enrolment that we closed: why, what was there before (`real_*`), and what it showed when read back (`shown_*`).

    `real_access` is a wall time in the LMS account's zone ("2026-02-01T09:30:00") or a bare date where no time was shown.
    """

    why: str
    real_due: date | None
    real_access: str
    real_locks: bool
    shown_due: date | None
    shown_access: date
    shown_locks: bool

    def still_shows(self, due: date | None, access: date) -> bool:
        """Whether a schedule still holds a date that the closing put there."""
        due_is_ours = due == self.shown_due != self.real_due
        start_is_ours = access == self.shown_access and access.isoformat() != self.real_access[:10]
        return due_is_ours or start_is_ours


@dataclass
class StatusSet:
    """A course status that we set: what, and the outcome code and rule that made us."""

    status: Status
    code: str
    rule: str


@dataclass
class EnrolmentMemory:
    """One LMS enrolment: who governs it ("rule|record"), whether we closed it, whether a person took access in the LMS.

    `counted` is the access date by which it counted among several live ones, so that a date we write makes no other one the newest.
    `access_time` is the time of day that we last wrote ("09:30:00"); `read_on` the day of the last reading outside full runs.
    """

    course_id: CourseId
    governed_by: str | None = None
    closed: Closed | None = None
    taken: bool = False
    counted: str = ""
    access_time: str | None = None
    status_set: StatusSet | None = None


@dataclass
class Memory:
    """Everything remembered about one contact. `pairs` is keyed by rule id, then record key; `user` is whose enrolments they agree with."""

    pairs: dict[str, dict[str, PairMemory]] = field(default_factory=dict)
    enrolments: dict[EnrolmentId, EnrolmentMemory] = field(default_factory=dict)
    read_on: date | None = None
    user: str | None = None

    def pair(self, rule: str, record: str) -> PairMemory | None:
        return self.pairs.get(rule, {}).get(record)

    @property
    def pairs_with_history(self) -> int:
        """How many pairs have agreed on anything so far; what the limit `updates` is held against."""
        return sum(
            any(held.has_history for held in pair.courses.values())
            for pairs in self.pairs.values()
            for pair in pairs.values()
        )


OF_ANOTHER_USER = EnrolmentId("")
"""Stands for an enrolment of the user that the contact was linked to before."""


def meet_user(memory: Memory, user: str) -> None:
    """Remember whose enrolments these are. When the contact is another user now, nothing of that one's was removed or agreed on:

    the next enrolment of each record is another one, met as at first sight with aXcelerate giving the values (contract, section 4).
    """
    if memory.user not in (None, user):
        memory.enrolments.clear()
        for records in memory.pairs.values():
            for pair in records.values():
                pair.recreated.clear()
                for course in pair.courses:
                    pair.courses[course] = Held(enrolment_id=OF_ANOTHER_USER)
    memory.user = user


_STAMPED = ("due", "start", "access")
Agreed = dict[tuple[str, str, CourseId, str], tuple[EnrolmentId, Any]]


def agreed_values(memory: Memory) -> Agreed:
    """Every agreed value, to tell later which of them are new (`stamp`)."""
    return {
        (rule, record, course, name): (held.enrolment_id, getattr(held, name))
        for rule, records in memory.pairs.items()
        for record, pair in records.items()
        for course, held in pair.courses.items()
        for name in _STAMPED
    }


def stamp(memory: Memory, before: Agreed, run: str) -> None:
    """Remember for each agreed value that was not agreed `before` that it was agreed in this run."""
    for rule, records in memory.pairs.items():
        for record, pair in records.items():
            for course, held in pair.courses.items():
                for name in _STAMPED:
                    _stamp(held, name, before.get((rule, record, course, name)), run)


def _stamp(held: Held, name: str, before: tuple[EnrolmentId, Any] | None, run: str) -> None:
    value = getattr(held, name)
    if value is None:
        held.agreed_in.pop(name, None)
    elif before != (held.enrolment_id, value):
        held.agreed_in[name] = run


def dump(memory: Memory) -> str:
    """The memory as a JSON document (compact, keys sorted, so equal memories give equal text)."""
    return json.dumps(_plain(memory), sort_keys=True, separators=(",", ":"))


def load(text: str) -> Memory:
    """Read a document that `dump` wrote; "" is an empty memory."""
    if not text:
        return Memory()
    raw = json.loads(text)
    return Memory(
        pairs={
            rule: {record: _pair(value) for record, value in records.items()}
            for rule, records in raw.get("pairs", {}).items()
        },
        enrolments={EnrolmentId(key): _enrolment(value) for key, value in raw.get("enrolments", {}).items()},
        read_on=_date(raw.get("read_on")),
        user=raw.get("user"),
    )


def _plain(value: Any) -> Any:
    """Dataclasses to dicts without what is empty; dates to text; UNKNOWN to "?"."""
    if value is UNKNOWN:
        return "?"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if hasattr(value, "__dataclass_fields__"):
        kept = ((name, getattr(value, name)) for name in value.__dataclass_fields__)
        return {name: _plain(item) for name, item in kept if item is not None and item != [] and item != {}}
    return value


def _pair(raw: dict[str, Any]) -> PairMemory:
    plain = {key: value for key, value in raw.items() if key != "courses"}
    courses = {CourseId(course): _held(value) for course, value in raw.get("courses", {}).items()}
    defaults: dict[str, Any] = {"class_id": 0, "enrol_id": 0, "enrolled_at": ""}
    return PairMemory(**(defaults | plain), courses=courses)


def _held(raw: dict[str, Any]) -> Held:
    return Held(
        enrolment_id=EnrolmentId(raw["enrolment_id"]),
        vet_gives=raw.get("vet_gives", False),
        due=_two_dates(raw.get("due")),
        start=_two_dates(raw.get("start")),
        access=_access(raw.get("access")),
        lock_given=raw.get("lock_given"),
        seen_due=(_date_value(raw["seen_due"][0]),) if raw.get("seen_due") else None,
        agreed_in=raw.get("agreed_in", {}),
    )


def _enrolment(raw: dict[str, Any]) -> EnrolmentMemory:
    closed, status = raw.get("closed"), raw.get("status_set")
    return EnrolmentMemory(
        course_id=CourseId(raw["course_id"]),
        governed_by=raw.get("governed_by"),
        closed=_closed(closed) if closed else None,
        taken=raw.get("taken", False),
        counted=raw.get("counted", ""),
        access_time=raw.get("access_time"),
        status_set=StatusSet(Status(status["status"]), status.get("code", ""), status["rule"])
        if status
        else None,
    )


def _closed(raw: dict[str, Any]) -> Closed:
    shown_access = _date(raw["shown_access"])
    assert shown_access is not None
    return Closed(
        why=raw["why"],
        real_due=_date(raw.get("real_due")),
        real_access=raw["real_access"],
        real_locks=raw.get("real_locks", False),
        shown_due=_date(raw.get("shown_due")),
        shown_access=shown_access,
        shown_locks=raw.get("shown_locks", False),
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _date_value(text: str | None) -> DateValue:
    return UNKNOWN if text == "?" else _date(text)


def _two_dates(raw: list[str | None] | None) -> tuple[DateValue, DateValue] | None:
    return (_date_value(raw[0]), _date_value(raw[1])) if raw else None


def _access(raw: list[Any] | None) -> tuple[Lock, OverrideValue] | None:
    return (raw[0], UNKNOWN if raw[1] == "?" else raw[1]) if raw else None
