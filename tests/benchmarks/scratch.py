"""What setting aside and comparing a reading costs: `python tests/benchmarks/scratch.py [PAIRS]` prints seconds and megabytes.

Four rows a pair (user, enrolment, completion, class enrolment) with bodies of 150 bytes, pages of 1,000; one person in a
hundred has news. Making the pages is not counted.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from contextlib import nullcontext
from itertools import islice
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connector.domain.ledger import PersonDigest
from connector.state.packets import Record
from connector.state.scratch import Scratch

PAGE = 1_000
KINDS = ("user", "enrolment", "completion", "class_enrolment")


def pages(pairs: int, kind: str) -> Iterator[list[Record]]:
    for first in range(0, pairs, PAGE):
        yield [a_record(kind, number) for number in range(first, min(first + PAGE, pairs))]


def a_record(kind: str, number: int) -> Record:
    user = f"{number * 7919 % 2**32:08x}-7d10-11ee-9f7c-0a58a9feac02"
    owner, key, group = {
        "user": (user, user, ""),
        "enrolment": (user, f"e-{user}", f"course-{number % 40}"),
        "completion": (user, f"e-{user}", f"course-{number % 40}"),
        "class_enrolment": (str(20_000 + number), f"{number % 300}/{number}", str(880_000 + number % 300)),
    }[kind]
    return kind, owner, key, group, b'{"key":"%b"}'.ljust(150, b"x") % key.encode()


def links(pairs: int) -> Iterator[tuple[int, str]]:
    return ((20_000 + number, a_record("user", number)[1]) for number in range(pairs))


class Stopwatch:
    """Adds up processor time inside `with`, and leaves out what is not to be measured."""

    def __init__(self) -> None:
        self.total = self._spent = self._started = 0.0

    def __enter__(self) -> None:
        self._started = time.process_time()

    def __exit__(self, *_: object) -> None:
        self._spent += time.process_time() - self._started

    def show(self, name: str, count: int) -> None:
        print(f"{name:24} {self._spent:6.2f} s   {megabytes():4} MB   {count:,}")
        self.total, self._spent = self.total + self._spent, 0.0


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def known(scratch: Scratch, pairs: int) -> Iterator[PersonDigest]:
    """Everybody as an earlier reading left them, in chunks; one in a hundred was not quiet."""
    everybody = links(pairs)
    while chunk := dict(islice(everybody, 5_000)):
        for contact, (vet, lms) in scratch.digests(chunk).items():
            yield PersonDigest(contact, chunk[contact], vet, lms, contact % 100 != 0)


def set_aside(scratch: Scratch, pairs: int, watch: Stopwatch | None = None) -> None:
    for kind in KINDS:
        for page in pages(pairs, kind):
            with watch or nullcontext():
                scratch.add(page)


def main(pairs: int) -> None:
    with Scratch() as earlier, Scratch() as scratch:
        set_aside(earlier, pairs)
        earlier.load_links(links(pairs))
        people = known(earlier, pairs)
        print(f"{'before':24}            {megabytes():4} MB")
        watch = Stopwatch()
        set_aside(scratch, pairs, watch)
        watch.show("set aside", 4 * pairs)
        while chunk := list(islice(people, 5_000)):
            with watch:
                scratch.load_known(chunk)
        everybody = links(pairs)
        while chunk := list(islice(everybody, 5_000)):
            with watch:
                scratch.load_links(chunk)
        watch.show("load known and links", 2 * pairs)
        with watch:
            scratch.users_without_contact()
        watch.show("sum", 4 * pairs)
        with watch:
            news = list(scratch.news())
        watch.show("compare", len(news))
        print(f"{'together':24} {watch.total:6.2f} s")
        with watch:
            scratch.records(news[:500])
        watch.show("read 500 people", 500)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
