"""Who is who in one run: users found for contacts without a link, and links that the matchers now contradict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import islice

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import Contact, ContactId, User, UserId
from connector.domain.ledger import Entry, EntryKind, Link
from connector.engine.decided import Decided
from connector.planning.person import Circumstances, Person
from connector.platforms.port import VetPort
from connector.reading.identity import Identities, Matchmaker
from connector.reading.people import Reader, VetSide, contact_of
from connector.state.store import Store

BATCH = 500


@dataclass
class Acquaintance:
    """Asks the matchers. The index over all users is built when the first contact needs it."""

    around: Circumstances
    reader: Reader
    vet: VetPort
    store: Store
    run: str
    identities: Identities = field(default_factory=Identities)
    _matchmaker: Matchmaker | None = None

    def meet(self, contacts: Iterable[ContactId], out: Decided) -> None:
        """Ask the matchers for contacts without a link, all of them at once, before anybody is planned."""
        people = {}
        waiting = iter(contacts)
        while batch := list(islice(waiting, BATCH)):
            sides = self.reader.vet_sides(batch)
            read = self._optional_ids(batch, sides)
            for contact_id, side in sides.items():
                matchers = self.matchmaker.matchers_for(side.classes)
                if matchers:
                    people[contact_id] = (contact_of(contact_id, side, read), matchers)
        if not people:
            return
        self.identities = self.matchmaker.find(people)
        out.ambiguous = self.identities.ambiguous
        now = self.around.now
        for contact_id, match in self.identities.links.items():
            assert match.user_id is not None
            out.links.append(Link(contact_id, match.user_id, match.how, linked_at=now))
            out.entries.append(self._link_entry(contact_id, match.user_id, match.how))

    @property
    def matchmaker(self) -> Matchmaker:
        if self._matchmaker is None:
            taken = {link.user_id: link.contact_id for link in self.store.stream_links()}
            self._matchmaker = Matchmaker(self.around.rules, self.reader.users, taken)
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
        if user is None or not rows:
            return False
        return not self.matchmaker.stands(contact, user, link, self.matchmaker.matchers_for(rows))

    def identify(self, person: Person, link: Link | None) -> Person:
        contact_id = person.contact.contact_id
        if contact_id in self.identities.ambiguous:
            candidates = self.identities.ambiguous[contact_id]
            return replace(person, identity="ambiguous_person", candidates=candidates)
        if link is None or person.user is None or link.pinned or not person.classes:
            return person
        matchers = self.matchmaker.matchers_for(person.classes)
        others = self.matchmaker.contradicted(person.contact, person.user, link, matchers)
        if others and person.contact.optional_id is None and any(m.by_optional_id for m in matchers):
            # Before a link is contradicted every matcher is asked, and one of them wants what only the contact itself shows.
            contact = next(iter(self.vet.contacts([contact_id])), person.contact)
            others = self.matchmaker.contradicted(contact, person.user, link, matchers)
        return replace(person, identity="link_contradicted", candidates=others) if others else person
