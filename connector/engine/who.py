"""Who is who in one run: users found for contacts without a link, and links that the matchers now contradict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import Contact, ContactId, User, UserId
from connector.domain.ledger import Entry, EntryKind, Link
from connector.domain.rule import Matcher, MissingLearner
from connector.engine.decided import Decided
from connector.mapping.match import Match
from connector.planning.person import Circumstances, Person
from connector.platforms.port import LmsPort, VetPort
from connector.reading.beyond import Beyond
from connector.reading.identity import Identities, Matchmaker
from connector.reading.people import Reader, VetSide, contact_of
from connector.state.store import Store

BATCH = 500

Asked = dict[ContactId, tuple[Contact, tuple[Matcher, ...]]]
"""Contacts whom the matchers are asked about, with the matchers of the rules about them."""


@dataclass
class Acquaintance:
    """Asks the matchers. The index over all users is built when the first contact needs it."""

    around: Circumstances
    reader: Reader
    lms: LmsPort
    vet: VetPort
    store: Store
    run: str
    beyond: Beyond | None = None
    identities: Identities = field(default_factory=Identities)
    _matchmaker: Matchmaker | None = None

    def meet(self, contacts: Iterable[ContactId], out: Decided) -> None:
        """Ask the matchers for contacts without a link, all of them at once, before anybody is planned."""
        asked = self._asked(self.reader, contacts)
        if not asked:
            return
        others = self._asked_beyond(asked) if self.beyond is not None else {}
        self.identities = self.matchmaker.find(asked | others)
        out.ambiguous = self.identities.ambiguous
        now = self.around.now
        for contact_id, match in self.identities.links.items():
            if contact_id in asked:
                assert match.user_id is not None
                out.links.append(Link(contact_id, match.user_id, match.how, linked_at=now))
                out.entries.append(self._link_entry(contact_id, match.user_id, match.how))

    def _asked(self, reader: Reader, contacts: Iterable[ContactId]) -> Asked:
        """These contacts as far as they are linked to nobody and a rule is about them, each with its matchers."""
        found: Asked = {}
        waiting = iter(contacts)
        while batch := list(islice(waiting, BATCH)):
            linked = self.store.links(batch)
            sides = reader.vet_sides([contact for contact in batch if contact not in linked])
            read = self._optional_ids(sides)
            for contact_id, side in sides.items():
                matchers = self.matchmaker.matchers_for(side.classes)
                if matchers:
                    found[contact_id] = (contact_of(contact_id, side, read), matchers)
        return found

    def _asked_beyond(self, asked: Asked) -> Asked:
        """Who has to be asked together with the contacts of a narrowed run: others may claim the same user, or have the same address.

        Its own contacts are among them where it has read a part of the rules only, with the matchers of all.
        """
        assert self.beyond is not None
        if not self._may_depend_on_others(asked):
            return {}
        if not self.beyond.one_learner:
            return self._asked(self._reader_beyond(), self.beyond.read_everybody())
        claimants = set[ContactId]()
        for contact, matchers in asked.values():
            user_id = self.matchmaker.match(contact, matchers).user_id
            user = self.reader.lms_sides([user_id])[user_id].user if user_id else None
            claimants |= self.beyond.claimants(contact.email, user)
        own = set(asked)
        claimants = claimants - own if self.beyond.reads_all_rules else claimants | own
        self.beyond.read_rows_of(claimants)
        return self._asked(self._reader_beyond(), sorted(claimants))

    def _may_depend_on_others(self, asked: Asked) -> bool:
        """Whether anybody is linked or made a user in this run, or could be by a matcher of a rule that was not read."""
        assert self.beyond is not None
        rules = self.matchmaker.rules
        known = {matcher for _, matchers in asked.values() for matcher in matchers}
        unasked = any(matcher not in known for rule in rules for matcher in rule.match)
        return (
            (unasked and not self.beyond.reads_all_rules)
            or any(rule.enrolment.missing_learner is MissingLearner.CREATE for rule in rules)
            or any(self.matchmaker.match(*one) != Match() for one in asked.values())
        )

    def _reader_beyond(self) -> Reader:
        assert self.beyond is not None
        return Reader(self.beyond.scratch, self.lms, self.vet)

    @property
    def matchmaker(self) -> Matchmaker:
        if self._matchmaker is None:
            taken = {link.user_id: link.contact_id for link in self.store.stream_links()}
            rules = self.beyond.rules if self.beyond is not None else self.around.rules
            self._matchmaker = Matchmaker(rules, self.reader.users, taken)
        return self._matchmaker

    def _optional_ids(self, sides: dict[ContactId, VetSide]) -> dict[ContactId, Contact]:
        wanted = [
            contact
            for contact, side in sides.items()
            if any(m.by_optional_id for m in self.matchmaker.matchers_for(side.classes))
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

    def new_link(self, contact_id: ContactId) -> Link | None:
        """The link that this run found, if it did."""
        match = self.identities.links.get(contact_id)
        return None if match is None or match.user_id is None else Link(contact_id, match.user_id, match.how)

    def doubts(self, contact_id: ContactId | None, link: Link) -> bool:
        """Whether no matcher finds the linked user any more; whom they find instead only a list of all users can tell."""
        if contact_id is None or link.pinned:
            return False
        side = self.reader.vet_sides([contact_id])[contact_id]
        user = self.reader.lms_sides([link.user_id])[link.user_id].user
        return self._is_doubtful(contact_of(contact_id, side, {}), user, side.classes, link)

    def is_doubtful(self, person: Person, link: Link | None) -> bool:
        """Whether the link holds only because nobody else is found: somebody may be tomorrow, with nothing new about this person."""
        if link is None or link.pinned:
            return False
        return self._is_doubtful(person.contact, person.user, person.classes, link)

    def _is_doubtful(
        self, contact: Contact, user: User | None, classes: Iterable[ClassEnrolment], link: Link
    ) -> bool:
        rows = tuple(classes)
        if not rows:
            return False
        return not self.matchmaker.stands(contact, user, link, self.matchmaker.matchers_for(rows))

    def identify(self, person: Person, link: Link | None) -> Person:
        contact_id = person.contact.contact_id
        if contact_id in self.identities.ambiguous:
            candidates = self.identities.ambiguous[contact_id]
            return replace(person, identity="ambiguous_person", candidates=candidates)
        if contact_id in self.identities.sharing:
            return replace(person, sharing=self.identities.sharing[contact_id])
        if link is None or link.pinned or not person.classes:
            return person
        matchers = self._matchers_of(person, link)
        others = self.matchmaker.contradicted(person.contact, person.user, link, matchers)
        if others and person.contact.optional_id is None and any(m.by_optional_id for m in matchers):
            # Before a link is contradicted every matcher is asked, and one of them wants what only the contact itself shows.
            contact = next(iter(self.vet.contacts([contact_id])), person.contact)
            others = self.matchmaker.contradicted(contact, person.user, link, matchers)
        return replace(person, identity="link_contradicted", candidates=others) if others else person

    def _matchers_of(self, person: Person, link: Link) -> tuple[Matcher, ...]:
        """The matchers of every rule about this person; of rules that were not read, once those read find the linked user no more."""
        matchers = self.matchmaker.matchers_for(person.classes)
        if self.beyond is None or self.beyond.reads_all_rules:
            return matchers
        if self.matchmaker.stands(person.contact, person.user, link, matchers):
            return matchers
        contact_id = person.contact.contact_id
        self.beyond.read_rows_of([contact_id])
        return self.matchmaker.matchers_for(self._reader_beyond().vet_sides([contact_id])[contact_id].classes)
