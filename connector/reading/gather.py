"""Read both platforms at the same time into the scratch, page by page."""

from __future__ import annotations

import queue
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from connector.domain.rule import Side
from connector.errors import ConnectorError
from connector.platforms.port import Batch, Kind, LmsPort, LmsScope, Raw, VetPort, VetScope
from connector.state.scratch import Scratch

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


class _Reader(threading.Thread):
    """Reads one platform and hands its pages over; the queue bounds how far it may run ahead."""

    def __init__(
        self, name: str, pages: Callable[[], Iterator[Batch]], sink: queue.Queue[Batch | _Reader]
    ) -> None:
        super().__init__(name=f"read-{name}", daemon=True)
        self._pages, self._sink = pages, sink
        self.failure: BaseException | None = None
        self.cancelled = threading.Event()

    def run(self) -> None:
        try:
            for page in self._pages():
                self._sink.put(page)
                if self.cancelled.is_set():
                    break
        except BaseException as failure:  # handed to the run's own thread, which raises it there
            self.failure = failure
        finally:
            self._sink.put(self)


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
    pages: queue.Queue[Batch | _Reader] = queue.Queue(maxsize=4)
    readers = [
        _Reader(Side.ISPRING, lambda: lms.read(lms_scope), pages),
        _Reader(Side.AXCELERATE, lambda: vet.read(vet_scope), pages),
    ]
    for reader in readers:
        reader.start()
    gathered, running = Gathered(), len(readers)
    while running:
        item = pages.get()
        if isinstance(item, _Reader):
            running -= 1
            _note_failure(item, gathered)
        elif gathered.complete:
            scratch.add(_named(item, gathered))
            gathered.rows[item.listing] += len(item.records)
            progress(item.listing, gathered.rows[item.listing], None)
        if stop.is_set() or not gathered.complete:
            for reader in readers:
                reader.cancelled.set()
    for reader in readers:
        reader.join()
    return gathered


def _named(page: Batch, gathered: Gathered) -> list[Raw]:
    """The rows of a page that say whose they are; the others are set aside by their place."""
    nameless = [
        record for record in page.records if not record.owner and record.kind is not Kind.TRAINING_CLASS
    ]
    if not nameless:
        return page.records
    gathered.nameless += [record.key for record in nameless]
    return [record for record in page.records if record not in nameless]


def _note_failure(reader: _Reader, gathered: Gathered) -> None:
    if reader.failure is None:
        return
    if not isinstance(reader.failure, ConnectorError):
        raise reader.failure
    gathered.trouble.append(reader.failure)
