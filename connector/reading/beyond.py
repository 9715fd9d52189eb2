"""Contacts that a narrowed run is not about, read where who is who depends on them: it decides as the full run would."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from types import TracebackType
from typing import Self

from connector.domain.learner import ContactId, User, same_address
from connector.domain.rule import Rules
from connector.mapping.match import field_of
from connector.platforms.port import VetPort
from connector.reading.scope import vet_scope
from connector.state.scratch import Scratch


class Beyond:
    """What lies beyond a narrowed run: the class enrolments of other contacts, and of its own ones under rules that it has not read.

    `rules` are all of them. A run for one learner (`one_learner`) asks for the few who could be meant as well; a run for some rules
    reads the lists of all. Nothing is read before it is asked for, and nothing twice.
    """

    def __init__(self, rules: Rules, vet: VetPort, *, one_learner: bool, reads_all_rules: bool) -> None:
        self.rules, self.one_learner, self.reads_all_rules = rules, one_learner, reads_all_rules
        self.reads = 0
        self._vet = vet
        self._scope = replace(vet_scope(rules.rules), modules=False, details=False)
        self._scratch: Scratch | None = None
        self._read: set[ContactId] = set()
        self._is_whole = False
        self._by_address: dict[str, frozenset[ContactId]] = {}
        self._by_optional_id: dict[str, frozenset[ContactId]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._scratch is not None:
            self._scratch.close()

    @property
    def scratch(self) -> Scratch:
        """Where the rows lie that were read here."""
        if self._scratch is None:
            self._scratch = Scratch()
        return self._scratch

    def read_everybody(self) -> list[ContactId]:
        """Read the lists of every rule; returns the contacts that stand in them."""
        if not self._is_whole:
            self._add(None)
            self._is_whole = True
        return self.scratch.contacts()

    def read_rows_of(self, contacts: Collection[ContactId]) -> None:
        """Read what the lists of every rule hold about these contacts."""
        for contact in sorted(set(contacts) - self._read):
            if not self._is_whole:
                self._add(contact)
            self._read.add(contact)

    def _add(self, contact: ContactId | None) -> None:
        before = self._vet.calls.read
        for batch in self._vet.read(replace(self._scope, contact=contact)):
            self.scratch.add(batch.records)
        self.reads += self._vet.calls.read - before

    def claimants(self, address: str, user: User | None) -> set[ContactId]:
        """Contacts who have this address, or whom a matcher of some rule would compare with this user."""
        addresses, optional_ids = {same_address(address)}, set[str]()
        if user is not None:
            for matcher in {matcher for rule in self.rules.rules for matcher in rule.match}:
                value = field_of(user, matcher.lms_field).strip()
                if matcher.by_optional_id:
                    optional_ids.add(value)  # as it is written: the search for it is exact
                else:
                    addresses.add(same_address(value))
        found = set[ContactId]()
        for value in addresses - {""}:
            found |= self._with_address(value)
        for value in optional_ids - {""}:
            found |= self._with_optional_id(value)
        return found

    def _with_address(self, address: str) -> frozenset[ContactId]:
        if address not in self._by_address:
            shown = self._vet.contacts_by_email(address)
            self._by_address[address] = frozenset(
                c.contact_id for c in shown if same_address(c.email) == address
            )
        return self._by_address[address]

    def _with_optional_id(self, value: str) -> frozenset[ContactId]:
        if value not in self._by_optional_id:
            shown = self._vet.contacts_by_optional_id(value)
            self._by_optional_id[value] = frozenset(c.contact_id for c in shown)
        return self._by_optional_id[value]
