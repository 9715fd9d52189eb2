"""Everything decided in one run, kept until the limits have been asked."""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from connector.domain.learner import ClassId, ContactId, UserId
from connector.domain.ledger import Entry, Link, PersonState, Review
from connector.domain.plan import Change, Question, RuleCount, Skip
from connector.state.intents import Settlement


class Spill:
    """Person states that wait for the limits to be checked; on disk, so that a first run over a big account stays small."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None

    def put(self, states: list[PersonState]) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by `close`)
        pickle.dump(states, self._file)

    def batches(self) -> Iterator[list[PersonState]]:
        if self._file is None:
            return
        self._file.seek(0)
        while True:
            try:
                yield pickle.load(self._file)
            except EOFError:
                return

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


@dataclass
class Decided:
    """Everything decided in one run, before the limits have been asked. `counts` is by rule, of the people planned in this run.

    `emptied` are classes whose list came back empty although open records are known in it. `replaced` sums the counts that the people planned
    now had before, so that totals can be made of them and of those in whom nothing changed.
    """

    changes: list[Change] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    skips: list[Skip] = field(default_factory=list)
    counts: dict[str, RuleCount] = field(default_factory=dict)
    replaced: RuleCount = field(default_factory=RuleCount)
    entries: list[Entry] = field(default_factory=list)
    answered: list[str] = field(default_factory=list)
    lapsed: list[str] = field(default_factory=list)
    settlements: list[Settlement] = field(default_factory=list)
    applied_reviews: list[str] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    ambiguous: dict[ContactId, tuple[UserId, ...]] = field(default_factory=dict)
    emptied: set[ClassId] = field(default_factory=set)
    names: dict[ContactId, str] = field(default_factory=dict)
    waiting: dict[str, Review] = field(default_factory=dict)
    states: Spill = field(default_factory=Spill)
