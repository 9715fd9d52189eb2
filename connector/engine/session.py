"""What one run knows after reading: whom to plan, what to count, what to remember for the next run."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from connector.domain import memory as memories
from connector.domain.change import KnownStart
from connector.domain.learner import ContactId
from connector.domain.ledger import Counts
from connector.domain.plan import Act, Change, RuleCount
from connector.domain.report import CallCount, Report
from connector.domain.rule import Rules, Side
from connector.engine.account import class_finishes, decided_by
from connector.engine.decided import Decided
from connector.engine.deciding import Decider
from connector.engine.parts import Parts, Request
from connector.engine.saying import nameless, repeated, strays
from connector.planning.limits import Tally
from connector.platforms.port import Calls
from connector.reading.beyond import Beyond
from connector.reading.people import Reader
from connector.reading.scope import pages_up
from connector.state.scratch import Scratch


@dataclass(frozen=True)
class Base:
    """What the limits are held against, of the whole account; `before` is what narrowed runs changed since the last full one."""

    matched: int
    history: int
    before: Tally = field(default_factory=Tally)


@dataclass
class Session:
    """What one run knows after reading. `beyond` is what a narrowed run has not read (None in a full one).

    `empty` and `filled` name whole lists that came back without a row, and with some.
    """

    request: Request
    parts: Parts
    report: Report
    scratch: Scratch
    rules: Rules
    beyond: Beyond | None = None
    contact: ContactId | None = None
    decider: Decider = field(init=False)
    floor: dict[Side, int] = field(default_factory=lambda: dict.fromkeys(Side, 0))
    planned: set[ContactId] = field(default_factory=set)
    empty: set[str] = field(default_factory=set)
    filled: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._calls_before = {side: replace(self._platform_calls(side)) for side in Side}
        self.results_read = False
        self.nameless: list[str] = []

    def _platform_calls(self, side: Side) -> Calls:
        return self.parts.lms.calls if side is Side.ISPRING else self.parts.vet.calls

    def calls(self) -> dict[str, CallCount]:
        """Calls of this run by platform."""
        found = {}
        for side in Side:
            now, before = self._platform_calls(side), self._calls_before[side]
            beyond = self.beyond.reads if self.beyond is not None and side is Side.AXCELERATE else 0
            found[str(side)] = CallCount(
                now.read - before.read,
                now.write - before.write,
                self.floor[side] + beyond,
                now.other - before.other,
            )
        return found

    def begin_floor(self) -> None:
        """The least calls for what was read. Only a platform knows how many rows of each list it was served, a repeated one too."""
        for side in Side:
            self.floor[side] = self._platform_calls(side).floor - self._calls_before[side].floor

    @contextmanager
    def counting_floor(self) -> Iterator[None]:
        """The list pages that read back belong to the floor as they are."""
        before = {side: self._platform_calls(side).read for side in Side}
        yield
        for side in Side:
            self.floor[side] += self._platform_calls(side).read - before[side]

    # -- people -------------------------------------------------------------------------------------------------------

    def contacts(self) -> Iterator[ContactId]:
        """Whom to plan: everybody with news; in a narrowed run everybody in scope."""
        for contact in self._contacts():
            self.planned.add(contact)
            yield contact

    def _contacts(self) -> Iterator[ContactId]:
        if self.contact is not None:
            yield self.contact
        elif self.request.is_full:
            yield from self.scratch.news()
        else:
            yield from self._in_scope()

    def _in_scope(self) -> Iterator[ContactId]:
        """Every contact that was read, and everybody whom these rules remember."""
        ids = [json.dumps(rule.id) + ":" for rule in self.rules.rules]
        ids += [json.dumps(rule.was) + ":" for rule in self.rules.rules if rule.was]
        remembered = {
            person.contact_id
            for person in self.parts.store.all_people()
            if any(rule in person.memory for rule in ids)
        }
        yield from sorted(remembered.union(self.scratch.contacts()))

    def meet_people(self) -> None:
        """Find users for contacts without a link; two that claim one user are both seen, because all are asked at once."""
        self.decider.meet(self.scratch.contacts_without_link())
        self.scratch.load_links((link.contact_id, link.user_id) for link in self.decider.out.links)

    def say_strays(self, decided: Decided) -> None:
        """LMS enrolments of users who are linked to nobody: reported, not touched. And what quiet people repeat."""
        reader = Reader(self.scratch, self.parts.lms, self.parts.vet)
        if self.contact is None:
            ambiguous = {user for users in decided.ambiguous.values() for user in users}
            users = (user for user in self.scratch.users_without_contact() if user not in ambiguous)
            decided.skips += strays(reader, users, self.decider.around)
        if self.request.is_full:
            quiet = [row for row in self.parts.store.repeated() if row[0] not in self.planned]
            decided.skips += repeated(reader, quiet)
        decided.skips += [nameless(self.rules.rules[0].id, place) for place in self.nameless]

    # -- counts and limits --------------------------------------------------------------------------------------------

    def known(self) -> Counts:
        return self.parts.store.counts()

    def base_of_narrowed_run(self, counts: dict[str, RuleCount]) -> Base:
        """A narrowed run is held against the whole account as it is known, at least against what it saw itself."""
        known = self.known()
        before = Tally(**(self.parts.store.fact("narrowed_since") or {}))
        matched = sum(count.matched for count in counts.values())
        history = sum(count.history for count in counts.values())
        return Base(max(known.matched, matched), max(known.history, history), before)

    def remember_run(self, base: Base, applied: Tally) -> None:
        """Facts for the next run: what the account has shown, and what limits are held against."""
        store = self.parts.store
        if self.decider.around.shows_end_dates:
            store.set_fact("shows_end_dates", True)
        self._remember_lists(made_places=applied.created > 0)
        if not self.request.is_full:
            total = base.before + applied
            store.set_fact("narrowed_since", {name: getattr(total, name) for name in total.__slots__})
            return
        store.set_fact("narrowed_since", None)
        store.set_fact("last_full_read", self.decider.around.today.isoformat())
        store.set_fact("decided_by", decided_by(self.decider.around))
        store.set_fact("class_finishes", class_finishes(self.decider.around))

    def _remember_lists(self, *, made_places: bool) -> None:
        """Whole lists that held a row, and those of which an operator has said that they are empty, until they hold one again.

        Where this run made places, no list of places is empty any more.
        """
        if made_places:
            places = {part for part in self.empty if part.startswith("enrolments:")}
            self.empty, self.filled = self.empty - places, self.filled | places
        told = self.empty if "emptied" in self.request.allow else set()
        self._set_known("known_empty", lambda known: (known - self.filled) | told)
        self._set_known("known_filled", lambda known: (known - told) | self.filled)

    def _set_known(self, fact: str, change: Callable[[set[str]], set[str]]) -> None:
        known = set(self.parts.store.fact(fact) or ())
        if (now := change(known)) != known:
            self.parts.store.set_fact(fact, sorted(now))

    # -- time of day --------------------------------------------------------------------------------------------------

    def known_starts(self, changes: list[Change]) -> dict[str, KnownStart]:
        """By enrolment: its start as results show it, else the time of day that we last wrote."""
        edited = {
            c.enrolment_id: (c.enrolment_id, c.user_id, c.course_id)
            for c in changes
            if c.act in (Act.RESCHEDULE, Act.CLOSE, Act.RESTORE)
            and c.enrolment_id
            and c.user_id
            and c.course_id
        }
        if not edited:
            return {}
        found: dict[str, KnownStart] = {}
        for state in self.parts.store.people({c.contact_id for c in changes}).values():
            for identity, known in memories.load(state.memory).enrolments.items():
                if known.access_time:
                    found[identity] = KnownStart(time.fromisoformat(known.access_time))
        reader = Reader(self.scratch, self.parts.lms, self.parts.vet)
        sides = reader.lms_sides({user for _, user, _ in edited.values()}).values()
        if self.results_read:
            completions = [c for side in sides for c in side.completions.values()]
        else:
            completions = self.parts.lms.completions_of(list(edited.values()))
            self.floor[Side.ISPRING] += pages_up(len(edited), self.parts.pages.ispring)
        listed = {e.enrolment_id: e.access_from for side in sides for e in side.enrolments}
        for completion in completions:
            if completion.access_at is not None and completion.enrolment_id in edited:
                wall = completion.access_at.astimezone(self.parts.lms_zone).replace(microsecond=0)
                identity = completion.enrolment_id
                found[identity] = _known_start(wall, found.get(identity), listed.get(identity))
        return found


def _known_start(wall: datetime, written: KnownStart | None, listed: date | None) -> KnownStart:
    """Of a start that results show to the second. Another day than in the list is believed only beside the time that we wrote."""
    confirmed = written is not None and written.at == wall.time()
    if not confirmed or listed is None or abs(wall.date() - listed) > timedelta(days=1):
        return KnownStart(wall.time())
    return KnownStart(wall.time(), listed, wall.date())
