"""Who is who: find the LMS user of a contact. Pure; reported, never guessed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from connector.domain.learner import Contact, ContactId, User, UserId, same_address
from connector.domain.rule import Matcher

ADDRESS_FIELDS = ("login", "email")
"""Where the address of a new user will stand; iSpring Learn takes it once."""


class UserIndex:
    """LMS users by every field that matchers compare; built once per run, only when somebody has to be matched."""

    def __init__(self, users: Iterable[User], fields: Iterable[str]) -> None:
        self._fields = tuple(dict.fromkeys(fields))
        self._by: dict[str, dict[str, list[UserId]]] = {name: {} for name in self._fields}
        for user in users:
            for name in self._fields:
                value = same_address(field_of(user, name))
                if value:
                    self._by[name].setdefault(value, []).append(user.user_id)

    def find(self, name: str, value: str) -> tuple[UserId, ...]:
        wanted = same_address(value)
        return tuple(self._by.get(name, {}).get(wanted, ())) if wanted else ()


def field_of(user: User, name: str) -> str:
    """A user's login, e-mail or profile field, "" when there is none."""
    if name == "login":
        return user.login
    return user.email if name == "email" else user.fields.get(name, "")


@dataclass(frozen=True, slots=True)
class Match:
    """One candidate: `user_id` and the matcher that found it. More than one: `candidates`, and a person decides."""

    user_id: UserId | None = None
    how: str = ""
    candidates: tuple[UserId, ...] = ()


def match(contact: Contact, matchers: Sequence[Matcher], index: UserIndex) -> Match:
    """Ask the matchers in their order; the first that finds anybody decides."""
    for matcher in matchers:
        value = (contact.optional_id or "") if matcher.by_optional_id else contact.email
        found = index.find(matcher.lms_field, value)
        if len(found) == 1:
            return Match(user_id=found[0], how=matcher.text)
        if found:
            return Match(candidates=found, how=matcher.text)
    return Match()


def settle_matches(
    found: dict[ContactId, Match], taken: dict[UserId, ContactId]
) -> tuple[dict[ContactId, Match], dict[ContactId, tuple[UserId, ...]]]:
    """Split matches into links and questions: a user may belong to one contact only.

    `taken` are users already linked. Two contacts that claim one user, or one that is taken, are ambiguous, all of them.
    """
    claims: dict[UserId, list[ContactId]] = {}
    for contact_id, one in found.items():
        if one.user_id is not None:
            claims.setdefault(one.user_id, []).append(contact_id)
    links: dict[ContactId, Match] = {}
    questions: dict[ContactId, tuple[UserId, ...]] = {}
    for contact_id, one in found.items():
        if one.candidates:
            questions[contact_id] = one.candidates
        elif one.user_id is not None:
            if len(claims[one.user_id]) > 1 or one.user_id in taken:
                questions[contact_id] = (one.user_id,)
            else:
                links[contact_id] = one
    return links, questions


def shared_addresses(
    contacts: Sequence[Contact], taken: Mapping[UserId, ContactId], index: UserIndex
) -> dict[ContactId, tuple[str, ...]]:
    """Who else has the address of these contacts, whom nobody matches: one another, and users that are somebody else already.

    A user made for such a contact would be two people at once.
    """
    owners: dict[str, list[ContactId]] = {}
    for contact in contacts:
        owners.setdefault(same_address(contact.email), []).append(contact.contact_id)
    owners.pop("", None)
    found: dict[ContactId, tuple[str, ...]] = {}
    for address, ids in owners.items():
        users = {user for name in ADDRESS_FIELDS for user in index.find(name, address) if user in taken}
        names = [f"user {user} (contact {taken[user]})" for user in sorted(users)]
        for contact_id in ids:
            others = [f"contact {other}" for other in sorted(ids) if other != contact_id]
            if others or names:
                found[contact_id] = (*others, *names)
    return found


def contradicts(
    contact: Contact, user: User | None, matchers: Sequence[Matcher], index: UserIndex
) -> tuple[UserId, ...]:
    """Whom the matchers would choose now instead of the linked user; empty when nothing speaks against the link.

    A link stands as long as any matcher still finds the linked user, or none finds anybody.
    """
    others: list[UserId] = []
    for matcher in matchers:
        value = (contact.optional_id or "") if matcher.by_optional_id else contact.email
        found = index.find(matcher.lms_field, value)
        if user is not None and user.user_id in found:
            return ()
        others.extend(found)
    return tuple(dict.fromkeys(others))
