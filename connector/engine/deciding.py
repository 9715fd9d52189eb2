"""Decide for everybody with news, a batch of people at a time, so that memory is bounded by the batch."""

from __future__ import annotations

import json
import pickle
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import islice
from typing import IO, NamedTuple

from connector.domain import memory as memories
from connector.domain.enrolment import EnrolmentId
from connector.domain.learner import ClassId, Contact, ContactId, UserId
from connector.domain.ledger import (
    Entry,
    EntryKind,
    Intent,
    IntentState,
    Link,
    PersonState,
    Review,
    ReviewState,
)
from connector.domain.memory import Memory
from connector.domain.plan import Act, Change, PersonPlan, Question, RuleCount, Skip
from connector.execution.evidence import Shown, found_in
from connector.execution.executor import CHANGE_JSON
from connector.planning.person import Circumstances, Person
from connector.planning.plan import missing_records, plan_person
from connector.planning.settle import Fate, settle
from connector.platforms.port import LmsPort, VetPort, VetScope
from connector.reading.identity import Identities, Matchmaker
from connector.reading.people import LmsSide, Reader, VetSide, contact_of, person_of
from connector.reading.proof import prove
from connector.state.intents import Settlement
from connector.state.scratch import Scratch
from connector.state.store import Store

BATCH = 500

LOST_TASK_GRACE = timedelta(hours=1)
"""How long a status change whose task is unknown may still show: iSpring Learn names no end, its tasks take seconds to minutes."""

Witness = Callable[[Person, Memory, Circumstances, PersonPlan], None]
"""Sees what one person's plan was made from, and the plan (`connector explain`); the memory is the one before the plan."""


class Spill:
    """Person states that wait for the limits to be checked; on disk, so that a first run over a big account stays small."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def put(self, states: list[PersonState]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        pickle.dump(states, self._file)

    def batches(self) -> Iterator[list[PersonState]]:
        if self._file is None:
            return
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@dataclass
class Decided:
    """Everything decided in one run, before the limits have been asked. `counts` is by rule, of the people planned in this run.

    `emptied` are classes whose list came back empty although open records are known in it. `replaced` sums the counts that the people planned
    now had before, so that totals can be made of them and of those in whom nothing changed.
    """

    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    counts: dict[str, RuleCount] = field(default_factory=dict)
    replaced: RuleCount = field(default_factory=RuleCount)
    entries: list[Entry] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    lapsed: list[str] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    applied_reviews: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    ambiguous: dict[ContactId, tuple[UserId, ...]] = field(default_factory=dict)
    emptied: set[ClassId] = field(default_factory=set)
    names: dict[ContactId, str] = field(default_factory=dict)
    waiting: dict[str, Review] = field(default_factory=dict)
    states: Spill = field(default_factory=Spill)


@dataclass
class Decider:
    """Plans people in batches. `read_rules` are the ids of the rules whose lists were read; `full` says that all of them were."""

    lms: LmsPort
    vet: VetPort
    store: Store
    scratch: Scratch
    around: Circumstances
    run: str
    read_rules: frozenset[str]
    full: bool
    results_read: bool
    empty_classes: dict[ClassId, bool] | None
    running: frozenset[EnrolmentId] = frozenset()
    allows_emptied: bool = False
    witness: Witness | None = None
    out: Decided = field(default_factory=Decided)

    def __post_init__(self) -> None:
        self._reader = Reader(self.scratch, self.lms, self.vet)
        self._matchmaker: Matchmaker | None = None
        self._identities = Identities()

    def decide(self, contacts: Iterable[ContactId]) -> Decided:
        """Plan these people."""
        waiting = iter(contacts)
        while batch := list(islice(waiting, BATCH)):
            self._plan_batch(batch)
        return self.out

    # -- who is who ---------------------------------------------------------------------------------------------------

    def meet(self, contacts: Iterable[ContactId]) -> None:
        """Ask the matchers for contacts without a link, all of them at once, before anybody is planned."""
        people = {}
        waiting = iter(contacts)
        while batch := list(islice(waiting, BATCH)):
            sides = self._reader.vet_sides(batch)
            read = self._optional_ids(batch, sides)
            for contact_id, side in sides.items():
                matchers = self.matchmaker.matchers_for(side.classes)
                if matchers:
                    people[contact_id] = (contact_of(contact_id, side, read), matchers)
        if not people:
            return
        self._identities = self.matchmaker.find(people)
        self.out.ambiguous = self._identities.ambiguous
        now = self.around.now
        for contact_id, match in self._identities.links.items():
            assert match.user_id is not None
            self.out.links.append(Link(contact_id, match.user_id, match.how, linked_at=now))
            self.out.entries.append(self._link_entry(contact_id, match.user_id, match.how))

    @property
    def matchmaker(self) -> Matchmaker:
        if self._matchmaker is None:
            taken = {link.user_id: link.contact_id for link in self.store.stream_links()}
            self._matchmaker = Matchmaker(self.around.rules, self._reader.users, taken)
        return self._matchmaker

    def _optional_ids(
        self, batch: list[ContactId], sides: dict[ContactId, VetSide]
    ) -> dict[ContactId, Contact]:
        wanted = [
            contact
            for contact in batch
            if any(m.by_optional_id for m in self.matchmaker.matchers_for(sides[contact].classes))
        ]
        return {c.contact_id: c for c in self.vet.contacts(wanted)} if wanted else {}

    def _link_entry(self, contact: ContactId, user: UserId, how: str) -> Entry:
        return Entry(
            at=self.around.now,
            run=self.run,
            kind=EntryKind.LINK,
            text=f"linked by {how}",
            contact_id=contact,
            user_id=user,
            reason=how,
        )

    # -- one batch ----------------------------------------------------------------------------------------------------

    def _plan_batch(self, batch: list[ContactId]) -> None:
        stored = self.store.people(batch)
        links = self.store.links(batch)
        for contact_id in batch:
            match = self._identities.links.get(contact_id)
            if match is not None and match.user_id is not None:
                links[contact_id] = Link(contact_id, match.user_id, match.how)
        vet = self._reader.vet_sides(batch)
        lms = self._reader.lms_sides([link.user_id for link in links.values()])
        reviews = self.store.decisions(batch)
        intents = _by_contact(self.store.open_intents(batch))
        around = replace(self.around, decisions=_decided(reviews))
        digests = self.scratch.digests(batch)
        states = []
        for contact_id in batch:
            state = stored.get(contact_id)
            link = links.get(contact_id)
            side = lms.get(link.user_id) if link else None
            plan, unsettled = self._plan_one(contact_id, vet[contact_id], side, link, state, intents, around)
            self._collect(plan, state, vet[contact_id], reviews)
            states.append(self._state(plan, state, digests.get(contact_id), quiet=not unsettled))
        self.out.states.put(states)

    def _plan_one(
        self,
        contact_id: ContactId,
        vet: VetSide,
        lms: LmsSide | None,
        link: Link | None,
        state: PersonState | None,
        intents: dict[ContactId, list[Intent]],
        around: Circumstances,
    ) -> tuple[PersonPlan, bool]:
        """Plan one person; also says whether something of theirs is still unsettled."""
        whole = memories.load(state.memory if state else "")
        memory, rest = self._split(whole)
        agreed_before = memories.agreed_values(memory)
        contact = contact_of(contact_id, vet, {})
        person = person_of(contact, vet, lms, link, results_read=self.results_read)
        person = self._identify(person, link)
        unsettled = self._settle_open(intents.get(contact_id, []), person, memory)
        person = replace(person, running=self.running)
        missing = [m for m in missing_records(person, memory, around) if m[0] in self.read_rules]
        if missing:
            proof = prove(missing, person, memory, self.vet, empty_classes=self._emptied_of(missing))
            self.out.emptied |= proof.emptied
            around = replace(around, rested_classes=around.rested_classes | proof.emptied)
            person = replace(
                person,
                gone=frozenset(proof.gone),
                merged_into=proof.merged_into,
                unreadable=person.unreadable | proof.unreadable,
            )
        plan = plan_person(person, memory, around)
        if not self.results_read and any(c.reason == "has_results" for c in plan.changes):
            person = self._with_results(person, plan)
            plan = plan_person(person, memory, around)
        if self.witness is not None:
            self.witness(person, memory, around, plan)
        memories.stamp(plan.memory, agreed_before, self.run)
        plan.memory.pairs.update(rest.pairs)
        plan.memory.enrolments.update(rest.enrolments)
        if not self.full:
            plan.memory.read_on = around.today
        self._say_unreadable(plan, person, vet, lms)
        # Until its intents are settled and its reviews marked, a person is looked at again: the process may die before that.
        unsettled = unsettled or contact_id in intents or bool(plan.answered)
        return plan, unsettled or bool(vet.problems)

    def _emptied_of(self, missing: list[tuple[str, str, ClassId]]) -> dict[ClassId, bool]:
        """Class lists that came back empty. One person's reading has none of them, so the first page of each is looked at."""
        if self.empty_classes is not None:
            return self.empty_classes
        return {
            class_id: self.allows_emptied
            for class_id in {class_id for _, _, class_id in missing}
            if not any(batch.records for batch in islice(self.vet.read(VetScope(classes=(class_id,))), 1))
        }

    def doubts(self, contact_id: ContactId | None, link: Link) -> bool:
        """Whether no matcher finds the linked user any more; whom they find instead only a list of all users can tell."""
        if contact_id is None or link.pinned:
            return False
        side = self._reader.vet_sides([contact_id])[contact_id]
        user = self._reader.lms_sides([link.user_id])[link.user_id].user
        if user is None or not side.classes:
            return False
        matchers = self.matchmaker.matchers_for(side.classes)
        return not self.matchmaker.stands(contact_of(contact_id, side, {}), user, matchers)

    def _identify(self, person: Person, link: Link | None) -> Person:
        contact_id = person.contact.contact_id
        if contact_id in self._identities.ambiguous:
            candidates = self._identities.ambiguous[contact_id]
            return replace(person, identity="ambiguous_person", candidates=candidates)
        if link is None or person.user is None or link.pinned or not person.classes:
            return person
        matchers = self.matchmaker.matchers_for(person.classes)
        others = self.matchmaker.contradicted(person.contact, person.user, link, matchers)
        return replace(person, identity="link_contradicted", candidates=others) if others else person

    def _with_results(self, person: Person, plan: PersonPlan) -> Person:
        """Read the results of enrolments that would be removed: only one never started may go."""
        wanted = [
            (c.enrolment_id, c.user_id, c.course_id)
            for c in plan.changes
            if c.act is Act.CLOSE and c.enrolment_id and c.user_id and c.course_id
        ]
        found = self.lms.completions_of(wanted)
        known = dict(person.completions) | {c.enrolment_id: c for c in found if c.enrolment_id}
        return replace(person, completions=known, results_read=True)

    def _split(self, memory: Memory) -> tuple[Memory, Memory]:
        """What this run may decide about, and the rest, which it must not forget."""
        if self.full:
            return memory, Memory()
        courses = self.around.by_course
        mine = {rule: pairs for rule, pairs in memory.pairs.items() if rule in self.read_rules}
        mine |= {rule: pairs for rule, pairs in memory.pairs.items() if rule in self._former_ids}
        rest = {rule: pairs for rule, pairs in memory.pairs.items() if rule not in mine}
        inside = {e: m for e, m in memory.enrolments.items() if m.course_id in courses}
        outside = {e: m for e, m in memory.enrolments.items() if m.course_id not in courses}
        return Memory(mine, inside, memory.read_on), Memory(rest, outside)

    @property
    def _former_ids(self) -> frozenset[str]:
        """What the rules of this run were called before."""
        return frozenset(rule.was for rule in self.around.rules.rules if rule.was)

    # -- what an earlier run left open --------------------------------------------------------------------------------

    def _settle_open(self, intents: list[Intent], person: Person, memory: Memory) -> bool:
        """Decide writes whose answer or read-back never came by what the platforms show now."""
        shown = Shown(
            list(person.classes), list(person.modules), list(person.enrolments), dict(person.completions)
        )
        still_open = False
        for intent in intents:
            change = change_of(intent)
            if change.enrolment_id in self.running and change.act is Act.SET_STATUS:
                still_open = True
                continue
            if not self.full and change.rule not in self.read_rules | self._former_ids:
                continue  # what this run has not read, it cannot judge
            accepted = intent.state is IntentState.ACCEPTED
            time = (
                intent.answer.removeprefix("sent with ") if intent.answer.startswith("sent with ") else None
            )
            settled = settle(change, memory, found_in(shown, change, accepted=accepted, access_time=time))
            applied = settled.fate is Fate.APPLIED
            if not applied and self._may_still_happen(change, intent):
                still_open = True
                continue
            state = IntentState.VERIFIED if applied else IntentState.DROPPED
            self.out.settlements.append(Settlement(intent.id, state, settled.detail or settled.fate.value))
            if applied and change.review:
                self.out.applied_reviews.append(change.review)
            self.out.entries.append(self._settled_entry(change, intent, applied, settled.detail))
        return still_open

    def _may_still_happen(self, change: Change, intent: Intent) -> bool:
        """A status change whose answer was lost runs on without our knowing its task: forgetting it would make our own status evidence."""
        unanswered = intent.state is IntentState.OPEN and intent.task_id is None
        return change.act is Act.SET_STATUS and unanswered and self.around.now - intent.at < LOST_TASK_GRACE

    def _settled_entry(self, change: Change, intent: Intent, applied: bool, detail: str) -> Entry:
        found = "found carried out" if applied else "found not carried out; it is decided anew"
        return Entry(
            at=self.around.now,
            run=self.run,
            kind=EntryKind.WRITE,
            text=f"a write of run {intent.run} was {found}",
            rule=change.rule,
            contact_id=change.contact_id,
            user_id=change.user_id,
            field=change.field,
            before=change.before,
            after=change.after,
            reason=change.reason,
            detail={"read_back": detail or ("as sent" if applied else "not as sent"), "intent": intent.id},
        )

    # -- collecting ---------------------------------------------------------------------------------------------------

    def _say_unreadable(self, plan: PersonPlan, person: Person, vet: VetSide, lms: LmsSide | None) -> None:
        problems = vet.problems + (lms.problems if lms else [])
        rule = self.around.rules.rules[0].id
        for problem in problems:
            plan.skips.append(
                Skip(
                    rule=rule,
                    contact_id=plan.contact_id,
                    user_id=plan.user_id,
                    email=person.contact.email,
                    record=None,
                    reason="unreadable_record",
                    detail=problem,
                    lasting=False,
                )
            )

    def _collect(
        self, plan: PersonPlan, state: PersonState | None, vet: VetSide, reviews: dict[str, Review]
    ) -> None:
        out = self.out
        out.changes += plan.changes
        out.questions += plan.questions
        out.skips += plan.skips
        out.answered += plan.answered
        for rule, count in plan.rules.items():
            out.counts.setdefault(rule, RuleCount()).add(count)
        if state is not None:
            out.replaced.add(RuleCount(state.pairs, state.matched, state.history, state.agreed))
        mine = {i: r for i, r in reviews.items() if r.contact_id == plan.contact_id} if reviews else {}
        out.lapsed += [
            identity
            for identity, review in mine.items()
            if identity not in plan.standing
            and review.rule in self.read_rules
            and review.state in (ReviewState.WAITING, ReviewState.APPROVED, ReviewState.REJECTED)
        ]
        out.waiting |= {i: r for i, r in mine.items() if r.state is ReviewState.WAITING}
        for note in plan.notes:
            kind = EntryKind.MAPPING if note.reason == "forgotten" else EntryKind.DECISION
            out.entries.append(
                Entry(
                    at=self.around.now,
                    run=self.run,
                    kind=kind,
                    text=note.text,
                    rule=note.rule,
                    contact_id=plan.contact_id,
                    user_id=plan.user_id,
                    field=note.field,
                    reason=note.reason,
                )
            )
        said_before = _said(state)
        out.entries += [
            self._skip_entry(skip) for skip in plan.skips if skip.once or _spoken(skip) not in said_before
        ]
        if vet.classes and (plan.changes or plan.questions or plan.skips):
            out.names[plan.contact_id] = contact_of(plan.contact_id, vet, {}).name

    def _skip_entry(self, skip: Skip) -> Entry:
        """What is left alone stands in the journal when it is first said, not with every run that repeats it (law 2)."""
        return Entry(
            at=self.around.now,
            run=self.run,
            kind=EntryKind.DECISION,
            text=f"left alone: {skip.detail}",
            rule=skip.rule,
            contact_id=skip.contact_id,
            user_id=skip.user_id,
            field=skip.field,
            reason=skip.reason,
            detail={"record": skip.record} if skip.record else {},
        )

    def _state(
        self, plan: PersonPlan, state: PersonState | None, digests: tuple[int, int] | None, *, quiet: bool
    ) -> PersonState:
        total = RuleCount()
        for count in plan.rules.values():
            total.add(count)
        if not self.full and state is not None:
            total = RuleCount(state.pairs, state.matched, state.history, state.agreed)
        vet_digest, lms_digest = digests or (0, 0)
        return PersonState(
            contact_id=plan.contact_id,
            user_id=plan.user_id,
            vet_digest=vet_digest,
            lms_digest=lms_digest,
            quiet=quiet and self.full and plan.is_quiet,
            memory=memories.dump(plan.memory),
            said=said_of(plan.skips, [one for one in _said(state) if one.rule not in self.read_rules]),
            pairs=total.pairs,
            matched=total.matched,
            history=plan.memory.pairs_with_history,
            agreed=total.agreed,
            run=self.run,
        )


def change_of(intent: Intent) -> Change:
    """The planned change that an intent carries."""
    return CHANGE_JSON.validate_json(intent.change)


class Spoken(NamedTuple):
    """What every run repeats about a person while nothing changes; addresses are not kept in state."""

    rule: str
    record: str | None
    reason: str
    detail: str
    field: str | None


def said_of(skips: list[Skip], of_other_rules: list[Spoken]) -> str:
    """What these skips say, as state keeps it; a narrowed run keeps what was said of the rules that it did not read."""
    kept = [*of_other_rules, *(_spoken(skip) for skip in skips if not skip.once)]
    return json.dumps([one._asdict() for one in kept], separators=(",", ":")) if kept else ""


def _spoken(skip: Skip) -> Spoken:
    return Spoken(skip.rule, skip.record, skip.reason, skip.detail, skip.field)


def _said(state: PersonState | None) -> list[Spoken]:
    return [Spoken(**one) for one in json.loads(state.said)] if state and state.said else []


def _decided(reviews: dict[str, Review]) -> dict[str, Review]:
    return {i: r for i, r in reviews.items() if r.state is not ReviewState.WAITING}


def _by_contact(intents: list[Intent]) -> dict[ContactId, list[Intent]]:
    found: dict[ContactId, list[Intent]] = {}
    for intent in intents:
        found.setdefault(intent.contact_id, []).append(intent)
    return found
