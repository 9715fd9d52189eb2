"""What stands between the engine and the world in these tests: faults by order, a process that dies, and a watch over every write."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from connector.domain.change import Receipt, TaskState
from connector.errors import Unavailable, Unreadable
from connector.platforms.port import Batch, Kind, Raw
from connector.state.store import Store


class Killed(BaseException):
    """The process died here. Nothing that it does afterwards has any effect."""


@dataclass(frozen=True)
class Trouble:
    """What goes wrong in one run; the default is a run in which nothing does.

    `dies_at`: the process dies at this call to the store or a platform. `breaks`: (side, page) of a listing that fails.
    `faults`: how the next writes fail, by side. `slips_at`: a person's edit comes just before this look at a platform.
    `hides`: a whole listing lacks some row (side, number). `garbles`: rows of this contact (or user) cannot be read, all or those of `garbled_kind`.
    `busy`: status tasks do not end in this run.
    """

    dies_at: int | None = None
    breaks: tuple[str, int] | None = None
    faults: tuple[tuple[str, str], ...] = ()
    slips_at: int | None = None
    hides: tuple[str, int] | None = None
    garbles: str | None = None
    garbled_kind: Kind | None = None
    busy: bool = False

    @property
    def is_none(self) -> bool:
        return self == NO_TROUBLE


NO_TROUBLE = Trouble()


@dataclass
class Process:
    """One life of the connector: it counts its steps, dies when told, and knows what it has read."""

    trouble: Trouble = NO_TROUBLE
    seed: int = 0
    form: int = 0
    slip: Callable[[], None] | None = None
    steps: int = 0
    looks: int = 0
    is_dead: bool = False
    is_whole: bool = True
    writes: int = 0
    seen: dict[Any, Any] = field(default_factory=dict)

    def step(self) -> None:
        """One call by the run's own thread. The readers' threads have no order that could be repeated."""
        if threading.current_thread() is not threading.main_thread():
            return
        self.steps += 1
        if self.is_dead or self.steps == self.trouble.dies_at:
            self.is_dead = True
            raise Killed

    def look(self) -> None:
        self.step()
        if threading.current_thread() is not threading.main_thread():
            return
        self.looks += 1
        if self.looks == self.trouble.slips_at and self.slip is not None:
            self.slip()


class FragileStore:
    """The real store; the process may die before or after any of its transactions."""

    def __init__(self, store: Store, process: Process) -> None:
        self._store, self._process = store, process

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._store, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            self._process.step()
            answer = found(*args, **named)
            self._process.step()
            return answer

        return call

    @contextmanager
    def hold(self, holder: str) -> Iterator[object]:
        self._process.step()
        with self._store.hold(holder) as lease:
            yield lease


def shown_by(platform: Any) -> dict[Any, Any]:
    """Every record as it stands, by its key on the platform."""
    found: dict[Any, Any] = {
        key: getattr(place, "enrolment", place) for key, place in platform.places.items()
    }
    return found | {("module", key): one for key, one in getattr(platform, "modules", {}).items()}


@dataclass
class Wire:
    """A platform in memory, reached over an imperfect wire. `watch` sees every write before it is made."""

    side: str
    inner: Any
    process: Process
    watch: Callable[[Any], None]

    def __getattr__(self, name: str) -> Any:
        found = getattr(self.inner, name)
        if not callable(found):
            return found

        def call(*args: Any, **named: Any) -> Any:
            self.process.look()
            return found(*args, **named)

        return call

    def read(self, scope: Any) -> Iterator[Batch]:
        """Every list of the scope, its rows in any order on pages of any size; or as much of it as `breaks` lets through."""
        is_main = threading.current_thread() is threading.main_thread()
        self.process.look()
        if self.process.writes == 0:
            self.process.seen |= shown_by(self.inner)
        chance = random.Random(self.process.seed)
        lists: dict[str, list[Raw]] = {}
        for batch in self.inner.read(scope):
            lists.setdefault(batch.listing, []).extend(batch.records)
        number = 0
        for listing, records in lists.items():
            chance.shuffle(records)
            records = records if is_main else self._lose_one(listing, records, chance)
            size = chance.randint(1, 7)
            for start in range(0, max(len(records), 1), size):
                number += 1
                if not is_main and self.process.trouble.breaks == (self.side, number):
                    self.process.is_whole = False
                    raise Unavailable(self.side, "read", "the line broke")
                yield Batch(listing, [self._sent(raw) for raw in records[start : start + size]])

    def _lose_one(self, listing: str, records: list[Raw], chance: random.Random) -> list[Raw]:
        hides = self.process.trouble.hides
        if hides is None or hides[0] != self.side or len(records) < 2 or listing == "modules":
            return records
        lost = hides[1] % len(records)
        return (
            sorted(records, key=lambda raw: raw.key)[:lost]
            + sorted(records, key=lambda raw: raw.key)[lost + 1 :]
        )

    def _sent(self, raw: Raw) -> Raw:
        """Another wire form gives other bytes for the same content."""
        return raw._replace(body=b"%d|" % self.process.form + raw.body)

    def parse(self, record: Raw) -> Any:
        trouble = self.process.trouble
        if trouble.garbles == record.owner and trouble.garbled_kind in (None, record.kind):
            raise Unreadable(record.key, "not of the documented shape")
        return self.inner.parse(record._replace(body=record.body.partition(b"|")[2]))

    def task(self, task_id: str) -> TaskState:
        self.process.step()
        state: TaskState = self.inner.task(task_id) if not self.process.trouble.busy else TaskState.RUNNING
        return state

    def apply(self, command: Any) -> Receipt:
        self.process.step()
        fault = next((one for side, one in self.process.trouble.faults if side == self.side), None)
        if fault is not None:
            rest = list(self.process.trouble.faults)
            rest.remove((self.side, fault))
            self.process.trouble = replace(self.process.trouble, faults=tuple(rest))
            self.inner.faults.append(fault)
        self.watch(command)
        self.process.writes += 1
        receipt = self.inner.apply(command)
        self.process.step()
        return receipt

    @property
    def calls(self) -> Any:
        return self.inner.calls

    @property
    def unknown_courses(self) -> Any:
        return self.inner.unknown_courses
