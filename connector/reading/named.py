"""Whom `--learner` names: a contact's number as it is, or the one contact with this e-mail address."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from connector.domain.learner import Contact, ContactId, same_address
from connector.errors import UsageError


def named_contact(learner: str, by_email: Callable[[str], Iterable[Contact]]) -> ContactId:
    """State and journal hold no addresses: `by_email` asks aXcelerate, and only where an address was given.

    Raises UsageError where the text names nobody, or more than one.
    """
    text = learner.strip()
    if text.isdecimal():
        return ContactId(int(text))
    if "@" not in text:
        # An empty one above all: a variable that a script forgot to set must not become everybody, or whoever has no address.
        raise UsageError(
            f"--learner {learner!r}: give an e-mail address or the contact's number in aXcelerate"
        )
    found = [contact for contact in by_email(text) if same_address(contact.email) == same_address(text)]
    if not found:
        raise UsageError(
            f"no contact in aXcelerate has the address {text}; name the contact's number instead"
        )
    if len(found) > 1:
        numbers = ", ".join(str(contact.contact_id) for contact in found)
        raise UsageError(f"several contacts share the address {text}: {numbers}; name one of them")
    return found[0].contact_id
