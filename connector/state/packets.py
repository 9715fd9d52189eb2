"""The records of a reading in a file that has no name and vanishes with its object: each page is one packet."""

from __future__ import annotations

import marshal
import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from operator import itemgetter
from typing import NamedTuple, TypeAlias

Record: TypeAlias = tuple[str, str, str, str, bytes]
"""(kind, owner, key, group, body), as a platform's reading yields them (`Raw` in platforms/port.py)."""
Fields: TypeAlias = tuple[str, str, str, bytes]
"""A record without its kind."""

# Later versions of the format look for objects that occur twice, which costs more than it saves.
_FORMAT = 2
_fields = itemgetter(1, 2, 3, 4)


class _Packet(NamedTuple):
    kind: str
    offset: int
    length: int


class Packets:
    """Records by their place: they count from 1, in the order in which they were added."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the reading)
        self._packets: list[_Packet] = []
        self._firsts: list[int] = []
        self._count = self._end = 0
        self._open: tuple[int, list[Fields]] = (-1, [])

    def close(self) -> None:
        self._file.close()

    def __len__(self) -> int:
        """How many packets there are."""
        return len(self._packets)

    def append(self, kind: str, records: list[Record], digests: list[int]) -> None:
        """Write a page of records, all of one kind, and their digests."""
        # As plain text, whatever kind of text the caller has: only plain values can be written.
        text = marshal.dumps((list(map(_fields, records)), digests), _FORMAT)
        self._file.write(text)
        self._packets.append(_Packet(str(kind), self._end, len(text)))
        self._firsts.append(self._count + 1)
        self._count += len(records)
        self._end += len(text)

    def record(self, place: int) -> Record:
        """One record; its neighbours stay unpacked until a record of another page is asked for."""
        number = bisect_right(self._firsts, place) - 1
        if number != self._open[0]:
            self._open = number, self._unpacked(number)[0]
        owner, key, group, body = self._open[1][place - self._firsts[number]]
        return self._packets[number].kind, owner, key, group, body

    def of_kind(self, kind: str) -> Iterator[Record]:
        """Every record of one kind; one that was read twice comes twice."""
        for number, packet in enumerate(self._packets):
            if packet.kind == kind:
                for owner, key, group, body in self._unpacked(number)[0]:
                    yield packet.kind, owner, key, group, body

    def since(self, start: int) -> Iterator[tuple[str, int, list[Fields], list[int]]]:
        """The packets from number `start` on: kind, place of the first record, records, digests."""
        for number in range(start, len(self._packets)):
            yield self._packets[number].kind, self._firsts[number], *self._unpacked(number)

    def _unpacked(self, number: int) -> tuple[list[Fields], list[int]]:
        packet = self._packets[number]
        self._file.flush()
        fields, digests = marshal.loads(os.pread(self._file.fileno(), packet.length, packet.offset))
        return fields, digests
