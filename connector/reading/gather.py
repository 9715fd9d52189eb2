"""Read both platforms at the same time into the scratch, page by page."""

from __future__ import annotations

import gc
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from connector.domain.rule import Side
from connector.errors import ConnectorError
from connector.platforms.port import Batch, Kind, LmsPort, LmsScope, Raw, VetPort, VetScope
from connector.state.scratch import Scratch

# More than two pages of the largest size hold.
_MANY_OBJECTS = 100_000

Progress = Callable[[str, int, int | None], None]


@dataclass
class Gathered:
    """What was read: rows by listing, and what went wrong by platform (then nothing is concluded from what is missing).

    `nameless` are the places of rows that do not even say whose they are.
    """

    rows: Counter[str] = field(default_factory=Counter)
    nameless: list[str] = field(default_factory=list)
    trouble: list[ConnectorError] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.trouble


class _Gathering:
    """Where the pages of both platforms come together. `failures` are by platform, a failed reading decides nothing."""

    def __init__(self, scratch: Scratch, *, progress: Progress, stop: threading.Event) -> None:
        self._scratch, self._progress, self._stop = scratch, progress, stop
        self._turn = threading.Lock()
        self.gathered = Gathered()
        self.failures: dict[Side, BaseException] = {}

    def read(self, side: Side, pages: Iterator[Batch]) -> None:
        """Take pages until the list ends, the program is to stop or the other platform has failed.

        This runs in the thread that decodes the pages, so a page is gone through once and let go.
        """
        try:
            for page in pages:
                if self._stop.is_set() or self.failures:
                    return
                self._take(page)
        except BaseException as failure:  # handed to the run's own thread, which raises it there
            self.failures[side] = failure

    def _take(self, page: Batch) -> None:
        with self._turn:
            self._scratch.add(_named(page, self.gathered))
            rows = self.gathered.rows
            rows[page.listing] += len(page.records)
            self._progress(page.listing, rows[page.listing], None)


def gather(
    scratch: Scratch,
    *,
    lms: LmsPort,
    vet: VetPort,
    lms_scope: LmsScope,
    vet_scope: VetScope,
    progress: Progress,
    stop: threading.Event,
) -> Gathered:
    """Read both scopes into `scratch`. A platform that fails ends the whole reading as incomplete."""
    gathering = _Gathering(scratch, progress=progress, stop=stop)
    listings = {Side.ISPRING: lms.read(lms_scope), Side.AXCELERATE: vet.read(vet_scope)}
    readers = [
        threading.Thread(target=gathering.read, args=listing, name=f"read-{listing[0]}", daemon=True)
        for listing in listings.items()
    ]
    with _collecting_rarely():
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join()
    for side in listings:
        if failure := gathering.failures.get(side):
            _note(failure, gathering.gathered)
    return gathering.gathered


@contextmanager
def _collecting_rarely() -> Iterator[None]:
    """Spare the garbage collector what a reading makes: decoded pages are many objects without a cycle, gone with their page.

    Left alone it walks all of them, and the whole program with them, again and again: a fifth of a quiet run.
    """
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_MANY_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()


def _named(page: Batch, gathered: Gathered) -> list[Raw]:
    """The rows of a page that say whose they are; the others are set aside by their place."""
    nameless = [
        record for record in page.records if not record.owner and record.kind is not Kind.TRAINING_CLASS
    ]
    if not nameless:
        return page.records
    gathered.nameless += [record.key for record in nameless]
    return [record for record in page.records if record not in nameless]


def _note(failure: BaseException, gathered: Gathered) -> None:
    if not isinstance(failure, ConnectorError):
        raise failure
    gathered.trouble.append(failure)
