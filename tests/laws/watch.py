"""What must be true of every single write, looked at just before it is made (laws 1, 2, 3, 5, 9 and 10)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from connector.domain.change import (
    CreateUser,
    EnrolLearners,
    LmsCommand,
    Override,
    RewriteSchedule,
    SetStatus,
    Unenrol,
    UpdateModule,
    UpdateUnit,
    VetCommand,
)
from connector.domain.enrolment import Enrolment, Status, UnitEnrolment
from connector.domain.ledger import EntryKind, ReviewState
from connector.domain.outcome import Role, role_of
from connector.domain.rule import Approval, Field, Rules
from connector.state.store import Store
from tests.laws.provider import ZONE, Provider
from tests.laws.wires import Process


@dataclass
class Watch:
    """Sees the writes of one run. `order` says of each whether it gave access back, took it, or did neither."""

    provider: Provider
    process: Process
    store: Store
    rules: Rules
    order: list[str] = field(default_factory=list)

    @property
    def today(self) -> date:
        return self.provider.lms.now.astimezone(ZONE).date()

    def see(self, command: LmsCommand | VetCommand) -> None:
        assert self.process.is_whole, f"a write after a reading that was not whole: {command}"
        match command:
            case EnrolLearners():
                self._enrols(command)
            case RewriteSchedule():
                self._reschedules(command)
            case Unenrol():
                self._unenrols(command)
            case SetStatus():
                self._sets_status(command)
            case UpdateUnit():
                self._updates_unit(command)
            case UpdateModule():
                self._updates_module(command)
            case CreateUser():
                contact = self._contact_with(command.email)
                self._said_before(contact, {Field.ENROLMENT})
                assert self.provider.user_of(contact) is None, "a user was made twice"

    # -- iSpring --------------------------------------------------------------------------------------------------

    def _enrols(self, command: EnrolLearners) -> None:
        self._note("other")
        for user in command.users:
            contact = self._contact_of(user)
            live = self.provider.enrolments(contact, command.course_id)
            assert not live, f"a second enrolment beside {live}"
            self._said_before(contact, {Field.ENROLMENT})
            self._on_record(contact)

    def _reschedules(self, command: RewriteSchedule) -> None:
        now = self.provider.lms.places[command.enrolment_id].enrolment
        seen: Enrolment | None = self.process.seen.get(command.enrolment_id)
        assert seen is not None, "an enrolment was edited that was not read"
        schedule = command.schedule
        assert schedule.access_from is not None
        sent = (schedule.due, schedule.access_from.date(), schedule.locks)
        stands = (now.due, now.access_from, now.locks)
        for new, old, read in zip(sent, stands, (seen.due, seen.access_from, seen.locks), strict=True):
            assert new == old or old == read, f"{old} was entered after the reading, and {new} overwrites it"
        before, after = self._shut(now.due, now.locks), self._shut(schedule.due, schedule.locks)  # type: ignore[arg-type]
        self._note("takes" if after and not before else "gives" if before and not after else "other")
        contact = self._contact_of(now.user_id)
        self._said_before(contact, {Field.ENROLMENT, Field.DUE_DATE, Field.START_DATE, Field.ACCESS})
        self._on_record(contact)

    def _unenrols(self, command: Unenrol) -> None:
        place = self.provider.lms.places[command.enrolment_id]
        assert place.completion.status is Status.NOT_STARTED, "an enrolment with results was deleted"
        assert not place.enrolment.has_certificate
        self._note("takes")
        contact = self._contact_of(place.enrolment.user_id)
        self._said_before(contact, {Field.ENROLMENT})
        self._on_record(contact)

    def _sets_status(self, command: SetStatus) -> None:
        place = self.provider.lms.places[command.enrolment_id]
        if command.status is not None:
            allowed = place.completion.status in (Status.NOT_STARTED, Status.IN_PROGRESS)
            assert allowed or place.given is not None, (
                f"{place.completion.status} was earned and is overwritten"
            )
        self._note("other")
        contact = self._contact_of(place.enrolment.user_id)
        self._said_before(contact, {Field.OUTCOME})
        self._on_record(contact)

    # -- aXcelerate -----------------------------------------------------------------------------------------------

    def _updates_unit(self, command: UpdateUnit) -> None:
        row = self.provider.vet.person.place(command.contact_id, command.class_id)
        assert row is not None
        now = next(unit for unit in row.units if unit.unit_id == command.unit_id)
        was = self.process.seen.get(row.enrol_id)
        seen = next((unit for unit in was.units if unit.unit_id == command.unit_id), None) if was else None
        assert seen is not None, "a unit was edited that was not read"
        assert role_of(now.outcome, "NAT") is Role.INTERIM, (
            f"the final outcome {now.outcome} is touched by {command}"
        )
        sent = {"outcome": command.outcome, "start": command.start, "end": command.end}
        self._unseen_edit(sent, now, seen)
        fields = {Field.OUTCOME if command.outcome is not None else Field.DUE_DATE, Field.START_DATE}
        self._said_before(command.contact_id, fields)
        self._on_record(command.contact_id)
        self._note("other")
        if command.outcome is not None and role_of(command.outcome, "NAT") is not Role.INTERIM:
            assert command.end is not None, "a final outcome without its end date"
            assert command.end <= self.today, "a completion date in the future"
            self._was_allowed(command.contact_id, now, command.outcome)

    def _unseen_edit(self, sent: dict[str, object], now: object, seen: object) -> None:
        for name, value in sent.items():
            stands, read = getattr(now, name), getattr(seen, name)
            unseen = value is not None and value != stands and stands != read
            # A final outcome brings its own end date: both dates rest from then on.
            is_completion = name == "end" and sent.get("outcome") is not None
            assert not unseen or is_completion, (
                f"{name} {stands} was entered after the reading, and {value} overwrites it"
            )

    def _was_allowed(self, contact: int, unit: UnitEnrolment, code: str) -> None:
        """Nothing final without a person, unless the rule says so."""
        rule = next(rule for rule in self.rules.rules if rule.unit == unit.code)
        if rule.outcome.approval is Approval.AUTOMATIC:
            return
        approved = [
            review
            for review in self.store.decisions([contact]).values()  # type: ignore[list-item]
            if review.state is ReviewState.APPROVED
            and review.field == Field.OUTCOME
            and review.rule in (rule.id, rule.was)
        ]
        assert approved, f"{code} was written and nobody approved it"

    def _updates_module(self, command: UpdateModule) -> None:
        now = self.provider.vet.modules[command.module_enrolment_id]
        seen = self.process.seen.get(("module", command.module_enrolment_id))
        assert seen is not None, "a module was edited that was not read"
        assert now.status.is_open, "a finished module was written to"
        self._unseen_edit({"start": command.start, "end": command.end}, now, seen)
        if command.override is not Override.LEAVE:
            wanted = {"true": True, "false": False, "": None}[command.override.value]
            assert wanted == now.override or now.override == seen.override, (
                "an override was overwritten unseen"
            )
        self._note("takes" if command.override is Override.LOCK and now.override is not False else "other")
        self._said_before(command.contact_id, {Field.ACCESS, Field.DUE_DATE, Field.START_DATE})
        self._on_record(command.contact_id)

    # -- all ------------------------------------------------------------------------------------------------------

    def _note(self, what: str) -> None:
        """Giving back goes first, taking last."""
        if what == "gives":
            assert set(self.order) <= {"gives"}, f"access is given back after {self.order}"
        if what != "takes":
            assert "takes" not in self.order, f"access was taken before something else: {self.order}"
        self.order.append(what)

    def _shut(self, due: date | None, locks: bool) -> bool:
        return locks and due is not None and due < self.today

    def _said_before(self, contact: int, fields: set[Field]) -> None:
        (began,) = self.store.entries(kind=EntryKind.RUN, limit=1)
        lines = self.store.entries(contact=contact, kind=EntryKind.DECISION, run=began.entry.run)  # type: ignore[arg-type]
        assert any(line.entry.field in fields for line in lines), (
            f"no decision about {fields} of {contact} is on record"
        )

    def _on_record(self, contact: int) -> None:
        assert self.store.open_intents([contact]), f"a write about {contact} left without its intent"  # type: ignore[list-item]

    def _contact_of(self, user: str) -> int:
        return next(contact for contact in self.provider.contacts if self.provider.user_of(contact) == user)

    def _contact_with(self, address: str) -> int:
        return next(key for key, one in self.provider.vet.people.items() if one.email == address)
