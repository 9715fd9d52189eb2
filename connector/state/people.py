"""Who is who, and what is remembered about each contact."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from connector.domain.learner import ContactId, UserId
from connector.domain.ledger import Counts, Link, PersonDigest, PersonState
from connector.state.engine import BULK, MANY_IDS, AnyRow, AnySelect, Database, chunks, columns, upsert
from connector.state.tables import LINK, MEMORY, PERSON

_LINK_FIELDS = tuple(field.name for field in fields(Link))
_DIGEST_FIELDS = PersonDigest._fields
_PERSON_FIELDS = tuple(field.name for field in fields(PersonState))
_NARROW_FIELDS = tuple(name for name in _PERSON_FIELDS if name != "memory")


class Links(Database):
    """The links between contacts and users: they stand until unpinned (contract, section 4)."""

    def links(self, contacts: Collection[ContactId] | None = None) -> dict[ContactId, Link]:
        """Every link, or those of these contacts."""
        return {link.contact_id: link for link in self.stream_links(contacts)}

    def stream_links(self, contacts: Collection[ContactId] | None = None) -> Iterator[Link]:
        """Links in the order of their contacts; links saved or dropped meanwhile may or may not be seen."""
        for row in self._stream(LINK, sa.select(*columns(LINK, _LINK_FIELDS)), contacts):
            yield Link(*row)

    def linked_ids(self) -> Iterator[tuple[ContactId, UserId]]:
        """(contact, user) of every link, in the order of contacts: all that a comparison needs."""
        rows = self._stream(LINK, sa.select(LINK.c.contact_id, LINK.c.user_id), None)
        return ((row[0], row[1]) for row in rows)

    def link_of_user(self, user: UserId) -> list[Link]:
        """The contacts that this user is linked to; more than one is a mistake that somebody has to look at."""
        query = sa.select(*columns(LINK, _LINK_FIELDS)).where(self._mine(LINK), LINK.c.user_id == user)
        with self._reading() as connection:
            return [Link(*row) for row in connection.execute(query.order_by(LINK.c.contact_id))]

    def save_links(self, links: Iterable[Link]) -> None:
        """Store links, replacing those of the same contacts. `linked_at` is filled with the present where it is missing."""
        now = self.now()
        rows = (
            {
                "account": self.account,
                "contact_id": link.contact_id,
                "user_id": link.user_id,
                "how": link.how,
                "pinned": link.pinned,
                "linked_at": link.linked_at or now,
            }
            for link in links
        )
        with self._writing() as connection:
            upsert(connection, LINK, rows)

    def drop_link(self, contact: ContactId) -> bool:
        """Forget a link; says whether there was one."""
        with self._writing() as connection:
            deleted = connection.execute(
                sa.delete(LINK).where(self._mine(LINK), LINK.c.contact_id == contact)
            )
        return deleted.rowcount > 0

    def _stream(
        self, table: sa.Table, query: AnySelect, contacts: Collection[ContactId] | None
    ) -> Iterator[AnyRow]:
        """Rows in the order of their contacts, in chunks, each a transaction of its own.

        Between two rows the caller may write whatever it likes: no cursor is open, and the next chunk starts after the last contact.
        `contact_id` must be the first column of the query.
        """
        query = query.where(self._mine(table)).order_by(table.c.contact_id)
        if contacts is not None:
            for ids in chunks(sorted(contacts), MANY_IDS):
                with self._reading() as connection:
                    found = connection.execute(query.where(table.c.contact_id.in_(ids))).all()
                yield from found
            return
        # No condition at first: there is no id below every id.
        page = query.limit(BULK)
        while True:
            with self._reading() as connection:
                found = connection.execute(page).all()
            yield from found
            if len(found) < BULK:
                return
            page = query.where(table.c.contact_id > found[-1][0]).limit(BULK)


class People(Links):
    """What each contact was like when last seen."""

    def digests(self, contacts: Collection[ContactId] | None = None) -> Iterator[PersonDigest]:
        """What a quiet run compares, in the order of contacts; a million people are never held at once."""
        query = sa.select(*columns(PERSON, _DIGEST_FIELDS))
        return map(PersonDigest._make, self._stream(PERSON, query, contacts))

    def people(self, contacts: Collection[ContactId]) -> dict[ContactId, PersonState]:
        """Everything remembered about these contacts; unknown ones are left out."""
        return {person.contact_id: person for person in self._people(contacts)}

    def all_people(self) -> Iterator[PersonState]:
        """Everybody, in the order of contacts. Forgetting or saving people meanwhile is safe."""
        return self._people(None)

    def _people(self, contacts: Collection[ContactId] | None) -> Iterator[PersonState]:
        both = (PERSON.c.account == MEMORY.c.account) & (PERSON.c.contact_id == MEMORY.c.contact_id)
        wanted = [MEMORY.c.memory if name == "memory" else PERSON.c[name] for name in _PERSON_FIELDS]
        query = sa.select(*wanted).select_from(PERSON.join(MEMORY, both))
        for row in self._stream(PERSON, query, contacts):
            yield PersonState(*row)

    def save_people(self, people: Iterable[PersonState]) -> None:
        """Store people, replacing what was remembered about them."""
        with self._writing() as connection:
            for chunk in chunks(people, BULK):
                upsert(connection, PERSON, [self._person_row(person, _NARROW_FIELDS) for person in chunk])
                upsert(
                    connection,
                    MEMORY,
                    [self._person_row(person, ("contact_id", "memory")) for person in chunk],
                )

    def forget_people(self, contacts: Iterable[ContactId]) -> None:
        """Forget all about these contacts (their links stay: they belong to nobody's rule)."""
        with self._writing() as connection:
            for ids in chunks(contacts, MANY_IDS):
                for table in (PERSON, MEMORY):
                    connection.execute(sa.delete(table).where(self._mine(table), table.c.contact_id.in_(ids)))

    def counts(self) -> Counts:
        """Sums over everybody in the account: what the limits are measured against."""
        names = tuple(field.name for field in fields(Counts))
        query = sa.select(*(sa.func.coalesce(sa.func.sum(PERSON.c[name]), 0) for name in names))
        with self._reading() as connection:
            return Counts(
                *(int(total) for total in connection.execute(query.where(self._mine(PERSON))).one())
            )

    def repeated(
        self, contacts: Collection[ContactId] | None = None
    ) -> Iterator[tuple[ContactId, UserId | None, str]]:
        """What every run says again about people in whom nothing changed: (contact, user, JSON list)."""
        query = sa.select(PERSON.c.contact_id, PERSON.c.user_id, PERSON.c.said)
        # The condition on `said` must read as in the partial index, or the index is not used.
        query = query.where(sa.text("said <> ''"), PERSON.c.quiet.is_(sa.true()))
        for row in self._stream(PERSON, query, contacts):
            yield row[0], row[1], row[2]

    def said(self) -> Iterator[tuple[ContactId, str]]:
        """What the last runs left alone about each person (JSON list), in the order of contacts."""
        query = sa.select(PERSON.c.contact_id, PERSON.c.said).where(sa.text("said <> ''"))
        return ((row[0], row[1]) for row in self._stream(PERSON, query, None))

    def _person_row(self, person: PersonState, names: Iterable[str]) -> dict[str, Any]:
        row = {name: getattr(person, name) for name in names}
        row["account"] = self.account
        return row
