"""One person on two platforms that do exactly as they are told: plan, apply, read back, settle; pure and in memory.

A `World` holds what both sides show and what the connector remembers. People edit it (`edit_unit`, `edit_enrolment`, …),
`run` does what a reconcile does. Between runs the memory passes through its JSON form, as it does in the state database.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any

from connector.domain.change import Override
from connector.domain.enrolment import (
    ClassEnrolment,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
    Status,
    TrainingClass,
)
from connector.domain.learner import UNKNOWN, ClassId, Contact, CourseId, User
from connector.domain.ledger import Review, ReviewState
from connector.domain.memory import Memory, dump, load
from connector.domain.plan import AUTOMATIC, Act, Change, PersonPlan, Question
from connector.domain.rule import Field, Rule
from connector.planning.person import Circumstances, Person
from connector.planning.plan import missing_records, plan_person
from connector.planning.settle import Fate, Found, Settled, settle
from tests.planning.build import TODAY, USER, ZONE, a_contact, a_user, rules_of

Lose = Callable[[Change], str]
"""What becomes of a write: "" all is well, "answer" carried out without anybody hearing of it, "write" never arrived."""


@dataclass(repr=False)
class World:
    """One contact, with an LMS user unless `user` is None. `asked` holds every question that waits.

    `course_locks` is the lock that comes with the course's own due date; None takes the one that was sent.
    """

    rules: tuple[Rule, ...]
    today: date = TODAY
    contact: Contact = field(default_factory=a_contact)
    user: User | None = field(default_factory=a_user)
    identity: str = ""
    shows_end_dates: bool = True
    shows_overrides: bool = True
    course_default: date | None = None
    course_locks: bool | None = None
    rows: dict[int, ClassEnrolment] = field(default_factory=dict)
    modules: dict[int, ModuleEnrolment] = field(default_factory=dict)
    details: dict[ClassId, TrainingClass] = field(default_factory=dict)
    enrolments: dict[str, Enrolment] = field(default_factory=dict)
    results: dict[str, Completion] = field(default_factory=dict)
    earned: dict[str, Completion] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory)
    reviews: dict[str, Review] = field(default_factory=dict)
    asked: dict[str, Question] = field(default_factory=dict)
    unsettled: list[Change] = field(default_factory=list)
    last_read: date | None = None
    unproven: bool = False
    merged_into: int | None = None
    created: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Short, because a failing example prints it."""
        lines = [
            f"World(today={self.today}, last_read={self.last_read}, shows={self.shows_end_dates}/{self.shows_overrides})"
        ]
        for r in self.rules:
            fields = f"{r.start_date.direction}/{r.due_date.direction}/{r.access.direction} {r.due_date.on_conflict}"
            lines.append(
                f"  rule {r.id} {r.target} {r.unit or ''} {r.course_ids} {fields} lock_after={r.lock_after}"
                f" {r.enrolment.on_withdrawal} {r.enrolment.on_unenrolment} {r.outcome.approval}"
                f" {dict(r.outcome.to_axcelerate)} {dict(r.outcome.to_ispring)} {r.complete_when}"
            )
        for row in self.rows.values():
            units = [(u.code, u.outcome, str(u.start), str(u.end)) for u in row.units]
            lines.append(
                f"  class {row.class_id} {row.status} enrolled {row.enrolled_at} start {row.start} {units}"
            )
        for m in self.modules.values():
            lines.append(
                f"  module {m.module_enrolment_id} of {m.class_id} {m.status} {m.start}..{m.end} override {m.override}"
            )
        for e in self.enrolments.values():
            result = self.results.get(e.enrolment_id)
            lines.append(
                f"  enrolment {e.enrolment_id} {e.course_id} {e.access_from}..{e.due} locks {e.locks}"
                f" {result.status if result else '-'}"
            )
        return "\n".join(lines)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))

    # -- what the platforms show ------------------------------------------------------------------------------------

    def person(self, shuffle: random.Random | None = None) -> Person:
        """Everything as a reading shows it, its rows in any order; what is missing is proven gone, unless `unproven`."""
        seen = Person(
            contact=self.contact,
            user=self.user,
            user_id=self.user.user_id if self.user else None,
            identity=self.identity,
            classes=_in_any_order(self.rows.values(), shuffle),
            modules=_in_any_order((self._shown(m) for m in self.modules.values()), shuffle),
            enrolments=_in_any_order(self.enrolments.values(), shuffle),
            completions={EnrolmentId(key): value for key, value in self.results.items()},
        )
        seen = replace(
            seen,
            **{
                k: v
                for k, v in self.more.items()
                if k in ("running", "unreadable", "candidates", "results_read")
            },
        )
        missing = missing_records(seen, self.memory, self.around())
        if self.unproven or not missing:
            return seen
        if self.merged_into:
            return replace(seen, merged_into=self.merged_into)
        gone = {(rule, key) for rule, key, _ in missing if self._is_gone(key)}
        return replace(seen, gone=frozenset(gone))

    def _shown(self, module: ModuleEnrolment) -> ModuleEnrolment:
        return module if self.shows_overrides else replace(module, override=UNKNOWN)

    def _is_gone(self, key: str) -> bool:
        kind, _, identity = key.partition(":")
        if kind == "module":
            return True
        class_id, _, code = identity.partition("/")
        rows = [row for row in self.rows.values() if row.class_id == int(class_id)]
        return not rows or (kind == "unit" and not any(u.code == code for row in rows for u in row.units))

    def around(self) -> Circumstances:
        extra = {k: v for k, v in self.more.items() if k in ("rested_rules", "rested_classes")}
        return Circumstances(
            rules=rules_of(*self.rules),
            today=self.today,
            zone=ZONE,
            now=datetime(self.today.year, self.today.month, self.today.day, tzinfo=UTC),
            shows_end_dates=self.shows_end_dates,
            last_full_read=self.last_read,
            details=self.details,
            decisions={i: r for i, r in self.reviews.items() if r.state is not ReviewState.WAITING},
            **extra,
        )

    # -- what people do ---------------------------------------------------------------------------------------------

    def edit_unit(self, *, class_id: int | None = None, code: str | None = None, **values: Any) -> None:
        """A person changes a unit enrolment in aXcelerate (the only one, unless class or code say which)."""
        for key, row in self.rows.items():
            if class_id in (None, row.class_id):
                units = tuple(replace(u, **values) if code in (None, u.code) else u for u in row.units)
                self.rows[key] = replace(row, units=units)

    def edit_class(self, class_id: int | None = None, **values: Any) -> None:
        for key, row in self.rows.items():
            if class_id in (None, row.class_id):
                self.rows[key] = replace(row, **values)

    def edit_module(self, module_id: int | None = None, **values: Any) -> None:
        for key, module in self.modules.items():
            if module_id in (None, key):
                self.modules[key] = replace(module, **values)

    def edit_enrolment(self, identity: str | None = None, **values: Any) -> None:
        """A person changes an enrolment in iSpring Learn (the only one, unless `identity` says which)."""
        for key, enrolment in self.enrolments.items():
            if identity in (None, key):
                self.enrolments[key] = replace(enrolment, **values)

    def add(self, *things: ClassEnrolment | ModuleEnrolment | Enrolment | Completion | TrainingClass) -> None:
        for thing in things:
            match thing:
                case ClassEnrolment():
                    self.rows[thing.enrol_id] = thing
                case ModuleEnrolment():
                    self.modules[thing.module_enrolment_id] = thing
                case Enrolment():
                    self.enrolments[thing.enrolment_id] = thing
                case Completion():
                    self.results[thing.enrolment_id or ""] = thing
                case TrainingClass():
                    self.details[thing.class_id] = thing

    def remove_enrolment(self, identity: str) -> None:
        self.enrolments.pop(identity, None)
        self.results.pop(identity, None)

    def approve(
        self, identity: str | None = None, *, take: str | None = None, on: date | None = None
    ) -> None:
        """Approve a waiting question (the only one, unless named)."""
        self._decide(identity, ReviewState.APPROVED, take=take, on_date=on)

    def reject(self, identity: str | None = None) -> None:
        self._decide(identity, ReviewState.REJECTED)

    def _decide(self, identity: str | None, state: ReviewState, **more: Any) -> None:
        if identity is None:
            (identity,) = self.asked
        question = self.asked.pop(identity)
        self.reviews[identity] = Review(
            id=identity,
            rule=question.rule,
            contact_id=question.contact_id,
            user_id=question.user_id,
            field=question.field,
            reason=question.reason,
            question="",
            evidence="",
            state=state,
            asked_at=self.around().now,
            run="",
            **more,
        )

    # -- what the connector does ------------------------------------------------------------------------------------

    def plan(self, shuffle: random.Random | None = None) -> PersonPlan:
        """What a plan shows now; nothing is remembered."""
        memory = load(dump(self.memory))
        for change in self.unsettled:
            settle(change, memory, self.found(change))
        return plan_person(self.person(shuffle), memory, self.around())

    def run(self, lose: Lose = lambda change: "", shuffle: random.Random | None = None) -> PersonPlan:
        """One reconcile: settle what an earlier run left open, plan, write, read back, settle, remember."""
        self._settle_open()
        plan = plan_person(self.person(shuffle), self.memory, self.around())
        self.memory = load(dump(plan.memory))
        self._review(plan)
        done = []
        for change in in_order(plan.changes):
            fate = lose(change)
            if fate == "write":
                continue
            change = self._named(change)
            self.apply(change, plan.changes)
            if fate == "answer":
                self.unsettled.append(change)
            else:
                done.append(change)
        for change in done:
            self._settled(change, settle(change, self.memory, self.found(change)))
        self.memory = load(dump(self.memory))
        self.last_read = self.today
        return plan

    def _named(self, change: Change) -> Change:
        """A status for the enrolment that this run has made carries its id once it is made."""
        if change.act is not Act.SET_STATUS or change.enrolment_id is not None:
            return change
        made = self.found(change).enrolments[0].enrolment_id
        return replace(change, enrolment_id=made, record_id=made)

    def _settle_open(self) -> None:
        for change in self.unsettled:
            self._settled(change, settle(change, self.memory, self.found(change)))
        self.unsettled = []

    def _settled(self, change: Change, settled: Settled) -> None:
        if settled.fate is Fate.APPLIED and change.review in self.reviews:
            self.reviews[change.review].state = ReviewState.APPLIED

    def _review(self, plan: PersonPlan) -> None:
        for identity in plan.answered:
            self.reviews[identity].state = ReviewState.APPLIED
        for identity in [i for i, r in self.reviews.items() if i not in plan.standing]:
            if self.reviews[identity].state is not ReviewState.APPLIED:
                del self.reviews[identity]
        self.asked = {question.id: question for question in plan.questions}

    def found(self, change: Change) -> Found:
        """The read-back of the records that a change is about."""
        live = [e for e in self.enrolments.values() if e.course_id == change.course_id]
        kind, _, identity = change.record.partition(":")
        class_id, _, code = identity.partition("/")
        rows = [row for row in self.rows.values() if kind == "unit" and row.class_id == int(class_id)]
        row = max(rows, key=lambda r: (str(r.status) != "cancelled", r.enrolled_at, r.enrol_id), default=None)
        module = self.modules.get(int(identity)) if kind == "module" else None
        return Found(
            enrolments=tuple(sorted(live, key=lambda e: (e.access_from, e.enrolment_id), reverse=True)),
            completion=self.results.get(change.enrolment_id or ""),
            unit=next((u for u in row.units if u.code == code), None) if row else None,
            module=self._shown(module) if module else None,
        )

    # -- what the platforms do --------------------------------------------------------------------------------------

    def apply(self, change: Change, together: list[Change]) -> None:
        """Carry one write out, as the platform would; a final code brings its own end date."""
        match change.act:
            case Act.ENROL:
                self._enrol(change)
            case Act.RESCHEDULE:
                self._reschedule(change)
            case Act.CLOSE | Act.RESTORE:
                self._give_schedule(change)
            case Act.UNENROL:
                self.remove_enrolment(change.enrolment_id or "")
            case Act.SET_STATUS:
                self._set_status(change)
            case Act.UPDATE_UNIT:
                self._update_unit(change, together)
            case Act.UPDATE_MODULE:
                self._update_module(change)

    def _enrol(self, change: Change) -> None:
        assert change.target is not None
        assert change.course_id is not None
        if self.user is None:
            self.user = a_user()
        if any(e.course_id == change.course_id for e in self.enrolments.values()):
            return  # the search before a create finds it
        self.created += 1
        target = change.target
        due = self.course_default if target.due_default else target.due
        identity = EnrolmentId(f"n{self.created}")
        start = date.fromisoformat(target.access[:10]) if target.access else self.today
        course = CourseId(change.course_id)
        own_lock = target.due_default and self.course_locks is not None
        locks = bool(self.course_locks) if own_lock else target.locks
        self.enrolments[identity] = Enrolment(identity, course, USER, start, due, locks and due is not None)
        self.results[identity] = Completion(identity, USER, course, Status.NOT_STARTED)

    def _reschedule(self, change: Change) -> None:
        """An edit replaces the whole schedule; without a due date there is no lock to keep."""
        assert change.enrolment_id is not None
        standing = self.enrolments[change.enrolment_id]
        if change.field is Field.ACCESS:
            self.enrolments[change.enrolment_id] = replace(standing, locks=change.after != "open")
        elif change.field is Field.START_DATE:
            start = date.fromisoformat(change.after or "")
            self.enrolments[change.enrolment_id] = replace(standing, access_from=start)
        else:
            due = date.fromisoformat(change.after) if change.after else None
            locks = standing.locks if change.locks is None else change.locks
            self.enrolments[change.enrolment_id] = replace(standing, due=due, locks=locks and due is not None)

    def _give_schedule(self, change: Change) -> None:
        assert change.enrolment_id is not None
        assert change.target is not None
        standing = self.enrolments[change.enrolment_id]
        target = change.target
        start = date.fromisoformat(target.access[:10]) if target.access else standing.access_from
        self.enrolments[change.enrolment_id] = replace(
            standing, access_from=start, due=target.due, locks=target.locks and target.due is not None
        )

    def _set_status(self, change: Change) -> None:
        identity = change.enrolment_id or ""
        standing = self.results[identity]
        if change.after == AUTOMATIC:
            self.results[identity] = self.earned.pop(identity, replace(standing, status=Status.NOT_STARTED))
            return
        self.earned.setdefault(identity, standing)
        self.results[identity] = replace(standing, status=Status(change.after or ""))

    def _update_unit(self, change: Change, together: list[Change]) -> None:
        final = any(c.on for c in together if c.record == change.record and c.field is Field.OUTCOME)
        class_id, _, code = change.record.removeprefix("unit:").partition("/")
        values: dict[str, Any] = {}
        if change.field is Field.OUTCOME:
            values = {"outcome": change.after} | ({"end": change.on} if change.on else {})
        elif change.field is Field.START_DATE:
            values = {"start": date.fromisoformat(change.after or "")}
        elif not final:
            values = {"end": date.fromisoformat(change.after or "")}
        self.edit_unit(class_id=int(class_id), code=code, **values)

    def _update_module(self, change: Change) -> None:
        values: dict[str, Any] = {}
        if change.field is Field.ACCESS:
            words = {Override.UNLOCK: True, Override.LOCK: False, Override.CLEAR: None}
            values = {"override": words[change.override]}
        else:
            name = "start" if change.field is Field.START_DATE else "end"
            values = {name: date.fromisoformat(change.after or "")}
        self.edit_module(int(change.record.removeprefix("module:")), **values)


def in_order(changes: list[Change]) -> list[Change]:
    """The queue: access given back first, access taken last (law 9)."""
    return sorted(changes, key=lambda change: change.rank)


def _in_any_order(things: Any, shuffle: random.Random | None) -> Any:
    listed = list(things)
    if shuffle is not None:
        shuffle.shuffle(listed)
    return tuple(listed)


def facts(plan: PersonPlan) -> list[tuple[str, str, str | None, str | None]]:
    """What a plan changes: (field, platform, before, after), in no particular order."""
    return sorted(((c.field.value, c.platform.value, c.before, c.after) for c in plan.changes), key=str)


def asked(plan: PersonPlan) -> list[str]:
    return sorted(question.reason for question in plan.questions)


def said(plan: PersonPlan) -> list[str]:
    return sorted(skip.reason for skip in plan.skips)


def settled(world: World) -> World:
    """The world after a first meeting, when the next plan has nothing to do."""
    world.run()
    assert facts(world.plan()) == []
    return world
