"""Links between contacts and users: they stand by id; matchers are asked only for contacts without one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import Contact, ContactId, User, UserId, same_address
from connector.domain.ledger import Link
from connector.domain.rule import Matcher, Rule, Rules, Target
from connector.mapping.match import Match, UserIndex, contradicts, field_of, match, settle_matches
from connector.planning.standing import covers


@dataclass
class Identities:
    """New links found in this run, people that are ambiguous (with their candidates), and contradicted links."""

    links: dict[ContactId, Match] = field(default_factory=dict)
    ambiguous: dict[ContactId, tuple[UserId, ...]] = field(default_factory=dict)


class Matchmaker:
    """Finds users for contacts; the index over all users is built once, when the first contact needs it."""

    def __init__(
        self, rules: Rules, users: Callable[[], Iterable[User]], taken: Mapping[UserId, ContactId]
    ) -> None:
        self._rules = rules.rules
        self._users = users
        self._taken = dict(taken)
        self._index: UserIndex | None = None

    @property
    def index(self) -> UserIndex:
        if self._index is None:
            fields = [matcher.lms_field for rule in self._rules for matcher in rule.match]
            self._index = UserIndex(self._users(), fields)
        return self._index

    def matchers_for(self, classes: Iterable[ClassEnrolment]) -> tuple[Matcher, ...]:
        """The matchers of every rule that is about this person, in the order of the rules, each once."""
        rows = [(row, {unit.code.upper() for unit in row.units}) for row in classes]
        found = (m for rule in self._rules if any(_concerns(rule, *row) for row in rows) for m in rule.match)
        return tuple(dict.fromkeys(found))

    def find(self, people: Mapping[ContactId, tuple[Contact, tuple[Matcher, ...]]]) -> Identities:
        """Match contacts without a link; all of a run at once, so that two that claim one user are both seen."""
        found = {
            contact_id: match(contact, matchers, self.index)
            for contact_id, (contact, matchers) in people.items()
        }
        links, questions = settle_matches(found, self._taken)
        return Identities(links, questions)

    def contradicted(
        self, contact: Contact, user: User, link: Link, matchers: tuple[Matcher, ...]
    ) -> tuple[UserId, ...]:
        """Whom the matchers would choose instead of the linked user; empty when the link stands."""
        if self.stands(contact, user, link, matchers):
            return ()
        return contradicts(contact, user, matchers, self.index)

    def stands(self, contact: Contact, user: User, link: Link, matchers: tuple[Matcher, ...]) -> bool:
        """Whether a matcher still finds the linked user, as far as that can be told without reading the contact itself.

        The optional id of a contact stands in no list: a link that was found by it is not doubted while it is unknown.
        """
        if link.pinned or not matchers or any(_still_matches(contact, user, m) for m in matchers):
            return True
        found_by_id = any(matcher.by_optional_id and matcher.text == link.how for matcher in matchers)
        return found_by_id and contact.optional_id is None


def _still_matches(contact: Contact, user: User, matcher: Matcher) -> bool:
    value = (contact.optional_id or "") if matcher.by_optional_id else contact.email
    return bool(value.strip()) and same_address(value) == same_address(field_of(user, matcher.lms_field))


def _concerns(rule: Rule, row: ClassEnrolment, codes: set[str]) -> bool:
    return covers(rule, row) and (rule.target is not Target.UNIT or (rule.unit or "").upper() in codes)
