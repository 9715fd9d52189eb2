"""Decide the fate of what was sent, remember what both sides agree on now, and put it in the journal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from connector.domain import memory as memories
from connector.domain.learner import ContactId
from connector.domain.ledger import Entry, EntryKind, IntentState, ReviewState
from connector.domain.memory import Memory
from connector.domain.plan import Act, Change
from connector.domain.report import ChangeLine, Status
from connector.domain.rule import Rule, Side
from connector.execution.evidence import found_in
from connector.execution.executor import CHANGE_JSON, Executor, Sent
from connector.execution.readback import ReadBack, read_back
from connector.planning.settle import Fate, Settled, agree_with_resent, settle
from connector.platforms.port import LmsPort, VetPort
from connector.state.intents import Settlement
from connector.state.store import Store


@dataclass
class Settling:
    """Reads back and settles; `rules` gives each journal line its mapping place and digest."""

    lms: LmsPort
    vet: VetPort
    store: Store
    run: str
    now: Callable[[], datetime]
    rules: Mapping[str, Rule]

    def settle_all(self, executor: Executor) -> ReadBack:
        """Settle everything that was sent in this run."""
        sent = executor.sent
        back = read_back([s.line.change for s in sent], self.lms, self.vet)
        by_person: dict[ContactId, list[Sent]] = defaultdict(list)
        for each in sent:
            by_person[each.line.change.contact_id].append(each)
        people = self.store.people(list(by_person))
        entries: list[Entry] = []
        settlements: list[Settlement] = []
        applied_reviews: list[str] = []
        for contact, mine in by_person.items():
            state = people.get(contact)
            memory = memories.load(state.memory) if state else Memory()
            agreed_before = memories.agreed_values(memory)
            fates = [self._settle_one(each, memory, back) for each in mine]
            for each, settled in zip(mine, fates, strict=True):
                settled = self._with_resent(each, settled, executor, memory, back)
                entries.append(self.entry(each.line.change, each.answer, settled))
                if each.intent is not None:
                    settlements.append(self._settlement(each, settled))
                if settled.fate is Fate.APPLIED and each.line.change.review:
                    applied_reviews.append(each.line.change.review)
            if state is not None:
                memories.stamp(memory, agreed_before, self.run)
                state.memory = memories.dump(memory)
                state.matched += _enrolled(mine)
                state.history = memory.pairs_with_history
        # Should the process die in between, an intent that is still open has the rest done again by the next run.
        self.store.append(entries)
        self.store.save_people(list(people.values()))
        self.store.mark(applied_reviews, ReviewState.APPLIED)
        self.store.settle_many(settlements)
        return back

    def record_failures(self, lines: Iterable[ChangeLine]) -> None:
        """A change that never left, was refused or had moved since it was read stands in the journal too: law 2 says so.

        Called before `settle_all`, which writes the lines of everything that was sent.
        """
        failed = [line for line in lines if line.status is Status.FAILED]
        nothing = Settled(Fate.UNVERIFIED, "not written")
        self.store.append(
            replace(
                self.entry(line.change, line.error or "", nothing),
                text=f"{line.change.field} in {_platform_name(line.change.platform)}: failed",
            )
            for line in failed
        )

    def _settle_one(self, sent: Sent, memory: Memory, back: ReadBack) -> Settled:
        change = sent.line.change
        if (problem := back.trouble.get(change.platform)) is not None:
            settled = Settled(Fate.UNVERIFIED, f"not read back: {problem}")
        else:
            shown = back.shown[change.contact_id]
            found = found_in(shown, change, accepted=sent.accepted, access_time=sent.access_time)
            settled = settle(change, memory, found)
            if sent.task_failed and settled.fate is Fate.UNVERIFIED:
                settled = replace(settled, fate=Fate.FAILED)
            if change.act is Act.ENROL and settled.fate is Fate.APPLIED:
                # The platform does not say what it made; the read-back does.
                sent.line.change = replace(change, record_id=found.enrolments[0].enrolment_id)
        sent.line.status = Status(settled.fate.value)
        sent.line.error = _error(sent, settled)
        return settled

    def _with_resent(
        self, sent: Sent, settled: Settled, executor: Executor, memory: Memory, back: ReadBack
    ) -> Settled:
        """The fate with what became of the dates that were sent along; decided last, when this run's own moves are remembered."""
        change = sent.line.change
        rewritten = executor.rewritten.get(change.id)
        if rewritten is None or change.platform in back.trouble:
            return settled
        found = found_in(back.shown[change.contact_id], change, accepted=sent.accepted)
        if not (said := agree_with_resent(memory, change, rewritten, found)):
            return settled
        settled = replace(settled, detail="; ".join(part for part in (settled.detail, said) if part))
        sent.line.error = _error(sent, settled)
        return settled

    def _settlement(self, sent: Sent, settled: Settled) -> Settlement:
        assert sent.intent is not None
        if settled.fate is Fate.APPLIED:
            return Settlement(sent.intent, IntentState.VERIFIED, sent.answer)
        if settled.fate is Fate.FAILED:
            return Settlement(sent.intent, IntentState.FAILED, sent.answer)
        state = IntentState.ACCEPTED if sent.accepted or sent.task_id else IntentState.OPEN
        return Settlement(sent.intent, state, settled.detail or sent.answer)

    def entry(self, change: Change, answer: str, settled: Settled) -> Entry:
        """The journal line of one write: what was sent, what the platform said, what it shows now, under which rule."""
        rule = self.rules.get(change.rule)
        return Entry(
            at=self.now(),
            run=self.run,
            kind=EntryKind.WRITE,
            text=f"{change.field} in {_platform_name(change.platform)}: {settled.fate}",
            rule=change.rule,
            contact_id=change.contact_id,
            user_id=change.user_id,
            field=change.field,
            before=change.before,
            after=change.after,
            reason=change.reason,
            detail={
                "change": facts_of(change),
                "answer": answer,
                "read_back": settled.detail or settled.fate.value,
                "mapping": mapping_facts(rule),
            },
        )


def _enrolled(sent: list[Sent]) -> int:
    """How many more pairs have a live enrolment now: the next narrowed run is held against them too."""
    made = {Act.ENROL: 1, Act.UNENROL: -1}
    applied = [s.line.change for s in sent if s.line.status is Status.APPLIED]
    return sum(made.get(change.act, 0) for change in applied)


def _error(sent: Sent, settled: Settled) -> str | None:
    if settled.fate is Fate.APPLIED:
        return settled.detail or None
    return "; ".join(part for part in (sent.answer if not sent.accepted else "", settled.detail) if part)


def facts_of(change: Change) -> dict[str, object]:
    """A change for the journal: everything but who it is about, which the line carries by id."""
    facts: dict[str, object] = CHANGE_JSON.dump_python(change, mode="json", exclude={"email", "new_user"})
    return facts


def mapping_facts(rule: Rule | None) -> dict[str, object]:
    """Where the rule stands, and the digest of everything in it that decides."""
    return {"place": str(rule.place), "digest": rule.digest} if rule else {}


def _platform_name(side: Side) -> str:
    return "iSpring Learn" if side is Side.ISPRING else "aXcelerate"
