"""Carry a plan out: intent on record, a fresh look, one call, the answer on record (design, section 2)."""

from __future__ import annotations

import threading
import time as clock
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pydantic import TypeAdapter

from connector.domain.change import CreateUser, EnrolLearners, Receipt, Rewritten, TaskState
from connector.domain.learner import UserId
from connector.domain.ledger import Entry, EntryKind, Intent, IntentState, Link
from connector.domain.plan import Act, Change
from connector.domain.report import ChangeLine, Status
from connector.domain.rule import Side
from connector.errors import (
    AccessDenied,
    ChangeRefused,
    PlatformError,
    Unavailable,
    Unconfirmed,
    UnexpectedPayload,
    Unreadable,
    WriteDenied,
)
from connector.execution.evidence import live_in_course
from connector.execution.write import (
    Prepared,
    StartOf,
    Write,
    prepare_module,
    prepare_schedule,
    prepare_status,
    prepare_unit,
    schedule_of_create,
    writes_of,
)
from connector.platforms.port import LmsPort, VetPort
from connector.state.store import Store

CHANGE_JSON: TypeAdapter[Change] = TypeAdapter(Change)
"""Changes as JSON documents: in intents and in saved plans."""

TASK_PATIENCE = timedelta(seconds=60)
"""How long a run waits for the status tasks of iSpring Learn (contract, section 4)."""

LOOKS_S = (0.2, 1.0, 3.0)
"""Pauses before a write without a clear answer is looked up, and made again where nothing of it shows."""
LOOKS_AT_CREATE_S = (3.0, 6.0, 12.0)
"""A create that is made again too early would be there twice: it is given longer to show."""
CALL_S = 60.0
"""How long one write may take with its repetitions (contract, section 1)."""


@dataclass
class Sent:
    """A change that was sent, or found to be so already; what it is worth the read-back decides.

    `task_failed`: iSpring Learn took the status change, and its task ended badly.
    """

    line: ChangeLine
    intent: str | None
    accepted: bool
    access_time: str | None = None
    task_id: str | None = None
    answer: str = ""
    task_failed: bool = False


@dataclass
class Hands:
    """What the executor works with. `task_patience` is how long a run waits for the status tasks that it began."""

    lms: LmsPort
    vet: VetPort
    store: Store
    run: str
    now: Callable[[], datetime]
    start_of: StartOf
    stop: threading.Event
    progress: Callable[[str, int, int | None], None]
    task_patience: timedelta = TASK_PATIENCE


@dataclass
class Executor:
    """Works through the writes of one run; `trouble` names a platform that stopped answering, `time_unknown` changes without a time of day, `rewritten` by change the schedule that it was part of."""

    hands: Hands
    sent: list[Sent] = field(default_factory=list)
    trouble: dict[Side, PlatformError] = field(default_factory=dict)
    denied: dict[Act, str] = field(default_factory=dict)
    time_unknown: list[Change] = field(default_factory=list)
    rewritten: dict[str, Rewritten] = field(default_factory=dict)
    extra_floor: dict[Side, int] = field(default_factory=lambda: {Side.ISPRING: 0, Side.AXCELERATE: 0})
    _intents: dict[str, str] = field(default_factory=dict)
    _unheard: set[Act] = field(default_factory=set)
    _people_unheard: bool = False

    def carry_out(self, lines: list[ChangeLine]) -> list[Sent]:
        """Write every change that still may be written, then wait for the tasks that were begun."""
        writes = writes_of(lines)
        for number, write in enumerate(writes, 1):
            if self.hands.stop.is_set():
                _fail(write.lines, "stopped before this was written; the next run takes it up")
            elif write.platform in self.trouble:
                _fail(write.lines, f"not written: {self.trouble[write.platform]}")
            elif write.first.act in self.denied:
                _fail(write.lines, f"not written: {self.denied[write.first.act]}")
            else:
                self._guarded(write)
            self.hands.progress("writing", number, len(writes))
        self._wait_for_tasks()
        return self.sent

    def _guarded(self, write: Write) -> None:
        """One write, with one branch for each thing that may happen (style guide, section 5)."""
        began = clock.monotonic()
        try:
            self._write(write)
            self._look_again(write, began + CALL_S)
        except WriteDenied as denied:
            self.denied[write.first.act] = (
                f"{denied.platform} does not allow this account to {write.first.act}"
            )
            self._close(write, str(denied))
        except ChangeRefused as refused:
            if not self._done_all_the_same(write, str(refused)):
                self._close(write, str(refused))
        except (Unavailable, AccessDenied) as gone:
            self.trouble[write.platform] = gone
            self._close(write, str(gone))
        except (UnexpectedPayload, Unreadable) as odd:
            self._close(write, str(odd))

    def _look_again(self, write: Write, until: float) -> None:
        """A write whose answer was lost is looked up, and made again where nothing of it shows; never blindly (reference, 16).

        An act that stays without an answer is left to the read-back for the rest of the run: it would cost every change these pauses.
        """
        act = write.first.act
        if act is Act.SET_STATUS or act in self._unheard:
            return  # a status shows only when its task has ended (docs/decisions/0511)
        for pause in LOOKS_AT_CREATE_S if act is Act.ENROL else LOOKS_S:
            lost = [sent for sent in self.sent if not sent.accepted and sent.line in write.lines]
            if not lost:
                return
            if clock.monotonic() + pause > until or self.hands.stop.wait(pause):
                return
            self._write_again(lost)
        if any(not sent.accepted and sent.line in write.lines for sent in self.sent):
            self._unheard.add(act)

    def _write_again(self, lost: list[Sent]) -> None:
        """The same changes through the same fresh look. Where that look settles nothing, the first call stands for the read-back."""
        self.sent = [sent for sent in self.sent if sent not in lost]
        floor = dict(self.extra_floor)
        try:
            self._write(Write([sent.line for sent in lost]))
        except (ChangeRefused, WriteDenied):
            lost = []
            raise
        finally:
            self.extra_floor = floor  # repetitions are not part of it
            on_their_way = {sent.line.change.id for sent in self.sent}
            for sent in lost:
                if sent.line.change.id not in on_their_way:
                    sent.line.status, sent.line.error = Status.PLANNED, None
                    self.sent.append(sent)

    def _done_all_the_same(self, write: Write, refusal: str) -> bool:
        """Whether aXcelerate shows what it has just refused: it was seen to refuse after the effect (reference, section 4.1)."""
        if write.platform is not Side.AXCELERATE:
            return False
        lines = [line for line in write.lines if line.status is Status.PLANNED]
        try:
            prepared = self._prepared(Write(lines)) if lines else None
        except (PlatformError, Unreadable):
            return False
        if prepared is None or prepared.command is not None:
            return False
        self.sent += [self._so_already(line, f"{refusal}; found done all the same") for line in lines]
        return True

    def _close(self, write: Write, answer: str) -> None:
        """Nothing was written: say so on every line that is not yet on its way."""
        on_its_way = {sent.line.change.id for sent in self.sent}
        rest = [line for line in write.lines if line.change.id not in on_its_way]
        _fail(rest, answer)

    def _write(self, write: Write) -> None:
        if write.first.act is Act.ENROL:
            self._enrol(write)
            return
        prepared = self._prepared(write)
        for line in write.lines:
            if (difference := write.moved.get(line.change.id)) is not None:
                line.status, line.error = Status.FAILED, f"moved since it was read: {difference}"
        if prepared is not None:
            self._send(write, prepared)

    def _prepared(self, write: Write) -> Prepared | None:
        """A fresh look at the record, and the command that is left to send; None when none may be sent any more."""
        act = write.first.act
        self.extra_floor[write.platform] += 1  # the precondition
        if act is Act.SET_STATUS:
            return prepare_status(write, self.hands.lms) if self._find_made(write) else None
        if act is Act.UPDATE_UNIT:
            return prepare_unit(write, self.hands.vet)
        if act is Act.UPDATE_MODULE:
            return prepare_module(write, self.hands.vet)
        return prepare_schedule(write, self.hands.lms, self.hands.start_of)

    def _send(self, write: Write, prepared: Prepared) -> None:
        lines = [line for line in write.lines if line.change.id not in write.moved]
        if prepared.time_unknown:
            self.time_unknown.append(lines[0].change)
        if prepared.command is None:
            self.sent += [self._so_already(line, "it was so already", prepared.access_time) for line in lines]
            return
        if write.first.act is Act.RESCHEDULE and prepared.rewritten is not None:
            self.rewritten |= {line.change.id: prepared.rewritten for line in lines}
        self._call(lines, lambda: self._apply(write.platform, prepared), prepared.access_time)

    def _so_already(self, line: ChangeLine, answer: str, access_time: str | None = None) -> Sent:
        """Nothing is left to send; an earlier call of this run without an answer has done it, if there was one."""
        return Sent(line, self._intents.get(line.change.id), True, access_time, answer=answer)

    def _apply(self, platform: Side, prepared: Prepared) -> Receipt:
        self.extra_floor[platform] += 1
        if platform is Side.ISPRING:
            return self.hands.lms.apply(prepared.command)  # type: ignore[arg-type]
        return self.hands.vet.apply(prepared.command)  # type: ignore[arg-type]

    def _call(
        self, lines: list[ChangeLine], call: Callable[[], Receipt], access_time: str | None
    ) -> Receipt | None:
        """Intents committed, then the one call, then its answer."""
        intents = [self._intent(line.change, access_time) for line in lines]
        self.hands.store.write_intents(i for i in intents if i.id not in self._intents.values())
        self._intents |= {line.change.id: i.id for line, i in zip(lines, intents, strict=True)}
        try:
            receipt = call()
        except Unconfirmed as unclear:
            pairs = zip(lines, intents, strict=True)
            self.sent += [Sent(line, i.id, False, access_time, answer=str(unclear)) for line, i in pairs]
            return None
        except PlatformError as refusal:
            for intent in intents:
                self.hands.store.settle(intent.id, IntentState.FAILED, str(refusal))
            raise
        deadline = self.hands.now() + self.hands.task_patience if receipt.task_id else None
        for line, intent in zip(lines, intents, strict=True):
            self.hands.store.settle(
                intent.id, IntentState.ACCEPTED, "accepted", task_id=receipt.task_id, deadline=deadline
            )
            self.sent.append(Sent(line, intent.id, True, access_time, receipt.task_id, "accepted"))
        return receipt

    def _intent(self, change: Change, access_time: str | None) -> Intent:
        return Intent(
            id=f"{self.hands.run}-{change.id}",
            run=self.hands.run,
            contact_id=change.contact_id,
            rule=change.rule,
            # State knows people by id: addresses and names stay out of it.
            change=CHANGE_JSON.dump_json(replace(change, email="", new_user=None)).decode(),
            state=IntentState.OPEN,
            at=self.hands.now(),
            answer=f"sent with {access_time}" if access_time else "",
        )

    def _enrol(self, write: Write) -> None:
        """Create enrolments with one schedule in one course: search first, so that a lost answer makes nothing twice."""
        lines = [line for line in write.lines if self._with_user(line)]
        users = [line.change.user_id for line in lines if line.change.user_id is not None]
        course, target = write.first.course_id, write.first.target
        if not users or course is None or target is None:
            return
        self.extra_floor[Side.ISPRING] += 2  # the search and the write
        present = {e.user_id for e in self.hands.lms.enrolments_of(users, course)}
        for line in lines:
            if line.change.user_id in present:
                self.sent.append(self._so_already(line, "the enrolment was there already"))
        lines = [line for line in lines if line.change.user_id not in present]
        wanted = tuple(user for user in users if user not in present)
        if not wanted:
            return
        command = EnrolLearners(course, wanted, schedule_of_create(target))
        time = "00:00:00" if target.access else None
        receipt = self._call(lines, lambda: self.hands.lms.apply(command), time)
        for user, why in receipt.refused.items() if receipt else ():
            self._refuse_one(user, why)

    def _refuse_one(self, user: UserId, why: str) -> None:
        """The platform took the rest of a batch and refused this learner."""
        for sent in [
            s for s in self.sent if s.line.change.user_id == user and s.line.change.act is Act.ENROL
        ]:
            self.sent.remove(sent)
            sent.line.status, sent.line.error = Status.FAILED, why
            if sent.intent:
                self.hands.store.settle(sent.intent, IntentState.FAILED, why)

    def _with_user(self, line: ChangeLine) -> bool:
        """Make the LMS user first where the change brings one; the link is on record before the enrolment."""
        person = line.change.new_user
        if person is None or line.change.user_id is not None:
            return line.change.user_id is not None
        store, lms = self.hands.store, self.hands.lms
        known = store.links([line.change.contact_id]).get(line.change.contact_id)
        user = known.user_id if known else lms.find_user(login=person.login, email=person.email)
        if user is None:
            command = CreateUser(person.login, person.email, person.given, person.surname, person.department)
            user = self._create_user(line, command)
        if user is None:
            return False
        if known is None:
            if others := store.link_of_user(user):
                _fail([line], f"the user with this address is contact {others[0].contact_id} already")
                return False
            link = Link(line.change.contact_id, user, "created", linked_at=self.hands.now())
            store.save_links([link])
            store.append([self._link_entry(line.change, user)])
        line.change = replace(line.change, user_id=user)
        return True

    def _find_made(self, write: Write) -> bool:
        """Name the enrolment that this run has made, where the change is about that one; the platform did not say its id."""
        line = write.lines[0]
        change = line.change
        if change.enrolment_id is not None or change.course_id is None:
            return True
        link = self.hands.store.links([change.contact_id]).get(change.contact_id)
        user = change.user_id or (link.user_id if link else None)
        self.extra_floor[Side.ISPRING] += 1
        shown = self.hands.lms.enrolments_of([user], change.course_id) if user else []
        live = live_in_course(shown, change)
        if not live:
            write.moved[change.id] = "the new enrolment is not shown"
            return False
        made = live[0].enrolment_id
        line.change = replace(change, user_id=user, enrolment_id=made, record_id=made)
        return True

    def _create_user(self, line: ChangeLine, command: CreateUser) -> UserId | None:
        """A creation without a clear answer is looked up, and made again where nobody shows: no login is there twice."""
        self.extra_floor[Side.ISPRING] += 2
        until = clock.monotonic() + CALL_S
        user = self._made(command)
        for pause in () if self._people_unheard else LOOKS_AT_CREATE_S:
            if user or clock.monotonic() + pause > until or self.hands.stop.wait(pause):
                break
            shown = self.hands.lms.find_user(login=command.login, email=command.email)
            user = shown or self._made(command, again=True)
        if user is None:
            self._people_unheard = True
            line.status, line.error = (
                Status.UNVERIFIED,
                "the new user is not shown yet; the next run looks again",
            )
        return user

    def _made(self, command: CreateUser, *, again: bool = False) -> UserId | None:
        """One try. A refusal of a second one may be about a person whom the first one made."""
        try:
            receipt = self.hands.lms.apply(command)
        except Unconfirmed:
            return None
        except ChangeRefused:
            if again:
                return None
            raise
        return UserId(receipt.created_id) if receipt.created_id else None

    def _link_entry(self, change: Change, user: UserId) -> Entry:
        return Entry(
            at=self.hands.now(),
            run=self.hands.run,
            kind=EntryKind.LINK,
            text="linked to the user made for this contact",
            rule=change.rule,
            contact_id=change.contact_id,
            user_id=user,
            reason="created",
        )

    def _wait_for_tasks(self) -> None:
        """Follow status tasks to their end, for up to a minute; an unfinished one is taken up by the next run.

        A platform that stopped answering is not waited for: it is reported within two minutes (contract, section 1).
        """
        running = [sent for sent in self.sent if sent.task_id is not None]
        until = clock.monotonic() + self.hands.task_patience.total_seconds()
        pause = 0.05
        while running and clock.monotonic() < until and not self.hands.stop.is_set():
            running = [sent for sent in running if not self._task_ended(sent)]
            if Side.ISPRING in self.trouble:
                break
            if running:
                self.hands.progress("waiting for iSpring Learn", 0, None)
                self.hands.stop.wait(pause)
                pause = min(pause * 2, 5.0)
        for sent in running:
            sent.accepted = False
            sent.answer = sent.answer if Side.ISPRING in self.trouble else "the status task has not ended"

    def _task_ended(self, sent: Sent) -> bool:
        assert sent.task_id is not None
        if Side.ISPRING in self.trouble:
            return False
        try:
            state = self.hands.lms.task(sent.task_id)
        except (Unavailable, AccessDenied) as gone:
            self.trouble[Side.ISPRING] = gone
            sent.answer = str(gone)
            return False
        except PlatformError as problem:
            sent.answer = str(problem)
            return False
        if state is TaskState.RUNNING:
            return False
        sent.task_id = None
        if state is TaskState.FAILED:
            sent.accepted, sent.task_failed, sent.answer = False, True, "the status task failed"
        return True


def _fail(lines: list[ChangeLine], error: str) -> None:
    for line in lines:
        if line.status is Status.PLANNED:
            line.status, line.error = Status.FAILED, error
