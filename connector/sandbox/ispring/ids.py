"""Ids as iSpring makes them: UUIDs of version 1 by their look, integers for tasks."""

from __future__ import annotations

import random
import uuid


class Ids:
    """Draws new ids; the same seed gives the same ids in the same order, no seed gives fresh ones."""

    def __init__(self, seed: int | None = None) -> None:
        self._random = random.Random(seed)
        self._task = 204_000

    def new(self) -> str:
        """A UUID in text. As with real ones, the order of the text is not the order of creation."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=1))

    def task(self) -> int:
        self._task += 1
        return self._task

    def secret(self, length: int = 40) -> str:
        """An opaque value for invented credentials."""
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789-_"
        return "".join(self._random.choice(letters) for _ in range(length))

    def shuffled(self, count: int) -> list[int]:
        """The positions 0 … count-1 in another order."""
        order = [*range(count)]
        self._random.shuffle(order)
        return order
