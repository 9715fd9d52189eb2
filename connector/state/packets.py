"""The bodies of a reading, packed by the dozen in a file that has no name and vanishes with its object."""

from __future__ import annotations

import marshal
import os
import tempfile
from bisect import bisect_right
from typing import Any


class Packets:
    """Bodies in a nameless file, packed by the dozen; records count from 1, as the rows of their table do."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115  (closed with the reading)
        self._first = [1]
        self._offset = [0]
        self._open: tuple[int, list[Any]] = (-1, [])

    def close(self) -> None:
        self._file.close()

    def append(self, count: int, bodies: list[Any]) -> None:
        """Write the next `count` records: key, body, key, body …"""
        self._offset.append(self._offset[-1] + self._file.write(marshal.dumps(bodies)))
        self._first.append(self._first[-1] + count)

    def body(self, place: int) -> tuple[str, bytes]:
        """Key and body of one record."""
        packet = bisect_right(self._first, place) - 1
        if packet != self._open[0]:
            self._open = packet, self._unpack(packet)
        at = (place - self._first[packet]) * 2
        return self._open[1][at], self._open[1][at + 1]

    def _unpack(self, packet: int) -> list[Any]:
        start, end = self._offset[packet], self._offset[packet + 1]
        self._file.flush()
        return list(marshal.loads(os.pread(self._file.fileno(), end - start, start)))
