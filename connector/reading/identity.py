"""Links between contacts and users: they stand by id; matchers are asked only for contacts without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import Contact, ContactId, User, UserId, same_address
from connector.domain.ledger import Link
from connector.domain.rule import Matcher, Rule, Rules, Target
from connector.mapping.match import (
    ADDRESS_FIELDS,
    Match,
    UserIndex,
    contradicts,
    field_of,
    match,
    settle_matches,
    shared_addresses,
)
from connector.planning.standing import covers


@dataclass
class Identities:
    """New links found in this run, people that are ambiguous (with their candidates), and contacts without a user who are not alone.

    `sharing` says of a contact whom nobody matches who else has its address: no user can be made for it alone.
    """

    links: dict[ContactId, Match] = field(default_factory=dict)
    ambiguous: dict[ContactId, tuple[UserId, ...]] = field(default_factory=dict)
    sharing: dict[ContactId, tuple[str, ...]] = field(default_factory=dict)


class Matchmaker:
    """Finds users for contacts; the index over all users is built once, when the first contact needs it."""

    def __init__(
        self, rules: Rules, users: Callable[[], Iterable[User]], taken: Mapping[UserId, ContactId]
    ) -> None:
        self.rules = rules.rules
        self._users = users
        self._taken = dict(taken)
        self._index: UserIndex | None = None

    @property
    def index(self) -> UserIndex:
        if self._index is None:
            fields = [matcher.lms_field for rule in self.rules for matcher in rule.match]
            self._index = UserIndex(self._users(), [*fields, *ADDRESS_FIELDS])
        return self._index

    def matchers_for(self, classes: Iterable[ClassEnrolment]) -> tuple[Matcher, ...]:
        """The matchers of every rule that is about this person, in the order of the rules, each once."""
        rows = [(row, {unit.code.upper() for unit in row.units}) for row in classes]
        found = (m for rule in self.rules if any(_concerns(rule, *row) for row in rows) for m in rule.match)
        return tuple(dict.fromkeys(found))

    def match(self, contact: Contact, matchers: tuple[Matcher, ...]) -> Match:
        """Whom the matchers find for one contact, whoever else claims that user."""
        return match(contact, matchers, self.index)

    def find(self, people: Mapping[ContactId, tuple[Contact, tuple[Matcher, ...]]]) -> Identities:
        """Match contacts without a link; all of a run at once, so that two that claim one user are both seen."""
        found = {contact_id: self.match(*one) for contact_id, one in people.items()}
        links, questions = settle_matches(found, self._taken)
        taken = self._taken | {one.user_id: contact for contact, one in links.items() if one.user_id}
        alone = [contact for contact_id, (contact, _) in people.items() if found[contact_id] == Match()]
        return Identities(links, questions, shared_addresses(alone, taken, self.index))

    def contradicted(
        self, contact: Contact, user: User | None, link: Link, matchers: tuple[Matcher, ...]
    ) -> tuple[UserId, ...]:
        """Whom the matchers would choose instead of the linked user; empty when the link stands."""
        if self.stands(contact, user, link, matchers):
            return ()
        return contradicts(contact, user, matchers, self.index)

    def stands(self, contact: Contact, user: User | None, link: Link, matchers: tuple[Matcher, ...]) -> bool:
        """Whether a matcher still finds the linked user, as far as that can be told without reading the contact itself.

        The optional id of a contact stands in no list: a link that was found by it is not doubted while it is unknown.
        A user who is no longer there (None) is found by none.
        """
        if link.pinned or not matchers or any(_still_matches(contact, user, m) for m in matchers):
            return True
        found_by_id = any(matcher.by_optional_id and matcher.text == link.how for matcher in matchers)
        return found_by_id and contact.optional_id is None


def _still_matches(contact: Contact, user: User | None, matcher: Matcher) -> bool:
    if user is None:
        return False
    value = (contact.optional_id or "") if matcher.by_optional_id else contact.email
    return bool(value.strip()) and same_address(value) == same_address(field_of(user, matcher.lms_field))


def _concerns(rule: Rule, row: ClassEnrolment, codes: set[str]) -> bool:
    return covers(rule, row) and (rule.target is not Target.UNIT or (rule.unit or "").upper() in codes)
