"""Decide for everybody with news, a batch of people at a time, so that memory is bounded by the batch."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from connector.domain import memory as memories
from connector.domain.enrolment import EnrolmentId
from connector.domain.learner import ClassId, ContactId
from connector.domain.ledger import Entry, EntryKind, Intent, Link, PersonState, Review, ReviewState
from connector.domain.memory import Memory
from connector.domain.plan import Note, PersonPlan, RuleCount
from connector.engine.decided import Decided
from connector.engine.leftovers import Leftovers
from connector.engine.saying import Spoken, first_said, said_before, said_of, unreadable
from connector.engine.who import BATCH, Acquaintance
from connector.planning.person import Circumstances, Person
from connector.planning.plan import missing_records, plan_person
from connector.platforms.port import LmsPort, VetPort, VetScope
from connector.reading.beyond import Beyond
from connector.reading.people import LmsSide, Reader, VetSide, contact_of, person_of
from connector.reading.proof import prove, without_stand_ins
from connector.state.scratch import Scratch
from connector.state.store import Store

Witness = Callable[[Person, Memory, Circumstances, PersonPlan], None]
"""Sees what one person's plan was made from, and the plan (`connector explain`); the memory is the one before the plan."""


@dataclass
class Decider:
    """Plans people in batches. `read_rules` are the ids of the rules whose lists were read; `full` says that all of them were.

    `nameless` are the keys of rows that do not say whose they are: who is known by one of them is not missing. `beyond` is what a narrowed
    run has not read.
    """

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
    nameless: frozenset[str] = frozenset()
    running: frozenset[EnrolmentId] = frozenset()
    allows_emptied: bool = False
    beyond: Beyond | None = None
    witness: Witness | None = None
    out: Decided = field(default_factory=Decided)

    def __post_init__(self) -> None:
        self._reader = Reader(self.scratch, self.lms, self.vet)
        self.who = Acquaintance(
            self.around, self._reader, self.lms, self.vet, self.store, self.run, self.beyond
        )
        judged = None if self.full else self.read_rules | self._former_ids
        self._leftovers = Leftovers(self.around, self.run, self.running, judged)

    def meet(self, contacts: Iterable[ContactId]) -> None:
        """Find users for contacts without a link, all of them at once, before anybody is planned."""
        self.who.meet(contacts, self.out)

    def decide(self, contacts: Iterable[ContactId]) -> Decided:
        """Plan these people."""
        waiting = iter(contacts)
        while batch := list(islice(waiting, BATCH)):
            self._plan_batch(batch)
        return self.out

    def _plan_batch(self, batch: list[ContactId]) -> None:
        stored = self.store.people(batch)
        links = self.store.links(batch)
        for contact_id in batch:
            if (link := self.who.new_link(contact_id)) is not None:
                links[contact_id] = link
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
            is_whole = not vet[contact_id].problems and not (side and side.problems)
            self._collect(plan, state, vet[contact_id], reviews, is_whole=is_whole)
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
        if link is not None:
            memories.meet_user(whole, link.user_id)
        memory, rest = self._split(whole)
        agreed_before = memories.agreed_values(memory)
        contact = contact_of(contact_id, vet, {})
        person = person_of(contact, vet, lms, link, results_read=self.results_read)
        person = self.who.identify(self._known_by_rows(person, memory), link)
        unsettled = self._leftovers.settle(intents.get(contact_id, []), person, memory, self.out)
        person = replace(person, running=self.running)
        person, around = self._look_closer(person, memory, around)
        plan = plan_person(person, memory, around)
        if plan.unread:
            person = self._with_results(person, plan)
            plan = plan_person(person, memory, around)
        if self.witness is not None:
            self.witness(person, memory, around, plan)
        memories.stamp(plan.memory, agreed_before, self.run)
        plan.memory.pairs.update(rest.pairs)
        plan.memory.enrolments.update(rest.enrolments)
        if not self.full:
            plan.memory.read_on = around.today
        plan.skips += unreadable(plan, around.rules.rules[0].id, contact.email, vet, lms)
        # Until its intents are settled and its reviews marked, a person is looked at again: the process may die before that.
        unsettled = unsettled or contact_id in intents or bool(plan.answered)
        unsettled = unsettled or self.who.is_doubtful(person, link)
        return plan, unsettled or bool(vet.problems)

    def _known_by_rows(self, person: Person, memory: Memory) -> Person:
        """An enrolment whose row came without its learner was read, and cannot be understood: nobody has removed it."""
        known = {m.course_id for key, m in memory.enrolments.items() if key in self.nameless}
        return replace(person, unreadable_courses=person.unreadable_courses | known) if known else person

    def _look_closer(
        self, person: Person, memory: Memory, around: Circumstances
    ) -> tuple[Person, Circumstances]:
        """Prove what is missing from this reading before anything is concluded from it (law 5)."""
        person = without_stand_ins(person, memory, self.vet)
        missing = [m for m in missing_records(person, memory, around) if m[0] in self.read_rules]
        if not missing:
            return person, around
        proof = prove(missing, person, memory, self.vet, empty_classes=self._emptied_of(missing))
        self.out.emptied |= proof.emptied
        person = replace(
            person,
            gone=frozenset(proof.gone),
            merged_into=proof.merged_into,
            unreadable=person.unreadable | proof.unreadable,
        )
        return person, replace(around, rested_classes=around.rested_classes | proof.emptied)

    def _emptied_of(self, missing: list[tuple[str, str, ClassId]]) -> dict[ClassId, bool]:
        """Class lists that came back empty. One person's reading has none of them, so the first page of each is looked at."""
        if self.empty_classes is not None:
            return self.empty_classes
        return {
            class_id: self.allows_emptied
            for class_id in {class_id for _, _, class_id in missing}
            if not any(batch.records for batch in islice(self.vet.read(VetScope(classes=(class_id,))), 1))
        }

    def _with_results(self, person: Person, plan: PersonPlan) -> Person:
        """Read the results of enrolments that would be removed: only one never started may go."""
        assert person.user_id is not None
        wanted = [(enrolment, person.user_id, course) for enrolment, course in plan.unread.items()]
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
        return Memory(mine, inside, memory.read_on, memory.user), Memory(rest, outside)

    @property
    def _former_ids(self) -> frozenset[str]:
        """What the rules of this run were called before."""
        return frozenset(rule.was for rule in self.around.rules.rules if rule.was)

    def _collect(
        self,
        plan: PersonPlan,
        state: PersonState | None,
        vet: VetSide,
        reviews: dict[str, Review],
        *,
        is_whole: bool,
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
        if is_whole:
            out.lapsed += [identity for identity, review in mine.items() if self._has_lapsed(review, plan)]
        out.waiting |= {i: r for i, r in mine.items() if r.state is ReviewState.WAITING}
        out.entries += [self._note_entry(plan, note) for note in plan.notes]
        out.entries += first_said(plan, state, self.run, self.around.now)
        if vet.classes and (plan.changes or plan.questions or plan.skips):
            out.names[plan.contact_id] = contact_of(plan.contact_id, vet, {}).name

    def _has_lapsed(self, review: Review, plan: PersonPlan) -> bool:
        """Whether the evidence of a question has changed; what this run could not read says nothing about it."""
        if not self.full and review.rule not in self.read_rules:
            return False
        record = json.loads(review.question).get("record")
        rests = review.rule in self.around.rested_rules or (review.rule, record) in plan.resting
        decidable = (ReviewState.WAITING, ReviewState.APPROVED, ReviewState.REJECTED)
        return review.id not in plan.standing and not rests and review.state in decidable

    def _note_entry(self, plan: PersonPlan, note: Note) -> Entry:
        return Entry(
            at=self.around.now,
            run=self.run,
            kind=EntryKind.MAPPING if note.reason == "forgotten" else EntryKind.DECISION,
            text=note.text,
            rule=note.rule,
            contact_id=plan.contact_id,
            user_id=plan.user_id,
            field=note.field,
            reason=note.reason,
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
            said=said_of(plan.skips, self._said_elsewhere(state)),
            pairs=total.pairs,
            matched=total.matched,
            history=plan.memory.pairs_with_history,
            agreed=total.agreed,
            run=self.run,
        )

    def _said_elsewhere(self, state: PersonState | None) -> list[Spoken]:
        """What was said under rules that a narrowed run has not read."""
        return [] if self.full else [one for one in said_before(state) if one.rule not in self.read_rules]


def _decided(reviews: dict[str, Review]) -> dict[str, Review]:
    return {i: r for i, r in reviews.items() if r.state is not ReviewState.WAITING}


def _by_contact(intents: list[Intent]) -> dict[ContactId, list[Intent]]:
    found: dict[ContactId, list[Intent]] = {}
    for intent in intents:
        found.setdefault(intent.contact_id, []).append(intent)
    return found
