"""Saying who is who, and putting it on record."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from connector.domain.learner import ContactId, UserId
from connector.domain.ledger import Entry, EntryKind, Link
from connector.errors import UsageError

if TYPE_CHECKING:
    from connector.state.store import Store

PINNED, UNPINNED = "pinned", "unpinned"


def pin(store: Store, contact: ContactId, user: UserId, *, by: str) -> None:
    """Link a contact to a user against every matcher, until it is unpinned.

    Raises UsageError when the user id is empty or the user is another contact already.
    """
    if not user:
        raise UsageError("the user id is empty")
    others = [link.contact_id for link in store.link_of_user(user) if link.contact_id != contact]
    if others:
        raise UsageError(
            f"user {user} is linked to contact {others[0]}; if that is wrong, run `connector links unpin {others[0]}` first"
        )
    before = store.links([contact]).get(contact)
    store.save_links([Link(contact, user, PINNED, pinned=True, linked_at=store.now())])
    store.append([_entry(store, contact, user, PINNED, by, before=before.user_id if before else None)])


def unpin(store: Store, contact: ContactId, *, by: str) -> None:
    """Forget who a contact is. Raises UsageError when it is linked to nobody."""
    before = store.links([contact]).get(contact)
    if before is None or not store.drop_link(contact):
        raise UsageError(f"contact {contact} is not linked to anybody; `connector links list` shows who is")
    store.append([_entry(store, contact, before.user_id, UNPINNED, by, before=before.user_id)])


def relink(store: Store, contact: ContactId, survivor: ContactId, *, by: str) -> None:
    """Follow a contact that was merged into another one: the link, and what was agreed, go on with the survivor.

    Raises UsageError when the survivor is another user already: then `links pin` has to say who is who.
    """
    moved = store.links([contact]).get(contact)
    if moved is None:
        raise UsageError(f"contact {contact} is not linked to anybody any more")
    taken = store.links([survivor]).get(survivor)
    if taken is not None:
        raise UsageError(
            f"contact {survivor} is user {taken.user_id} already; `connector links pin {survivor} USER_ID` says which stays"
        )
    unpin(store, contact, by=by)
    pin(store, survivor, moved.user_id, by=by)
    people = store.people([contact, survivor])
    if contact in people:
        # Nothing of the survivor's own can be agreed yet: it was linked to nobody.
        state = replace(people[contact], contact_id=survivor, quiet=False, vet_digest=0, lms_digest=0)
        store.save_people([state])
        store.forget_people([contact])


def _entry(
    store: Store, contact: ContactId, user: UserId, what: str, by: str, *, before: str | None
) -> Entry:
    return Entry(
        at=store.now(),
        run="",
        kind=EntryKind.LINK,
        text=f"contact {contact} was {what} {'to' if what == PINNED else 'from'} user {user}",
        contact_id=contact,
        user_id=user,
        field="person",
        before=before,
        after=user if what == PINNED else None,
        reason=what,
        by=by,
    )
