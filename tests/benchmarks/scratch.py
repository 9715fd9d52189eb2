"""What setting aside and comparing a reading costs: `python tests/benchmarks/scratch.py [PAIRS]` prints seconds and megabytes.

Four rows a pair (user, enrolment, completion, class enrolment) with bodies of 150 bytes, pages of 1,000; one person in a
hundred has news. Making the pages is not counted.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from connector.domain.ledger import PersonDigest
from connector.state.scratch import Record, Scratch

PAGE = 1_000


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
    """Adds up processor time, and leaves out what is not to be measured."""

    def __init__(self) -> None:
        self.total = 0.0

    def measure(self, name: str, work) -> None:
        started = time.process_time()
        result = work()
        spent = time.process_time() - started
        self.total += spent
        print(f"{name:24} {spent:6.2f} s   {megabytes():4} MB{'' if result is None else f'   {result:,}'}")


def megabytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def known(scratch: Scratch, pairs: int) -> list[PersonDigest]:
    contacts = range(20_000, 20_000 + pairs)
    user_of = dict(links(pairs))
    return [
        PersonDigest(contact, user_of[contact], vet, lms, contact % 100 != 0)
        for contact, (vet, lms) in scratch.digests(contacts).items()
    ]


def main(pairs: int) -> None:
    with Scratch() as first:
        for kind in ("user", "enrolment", "completion", "class_enrolment"):
            for page in pages(pairs, kind):
                first.add(page)
        first.load_links(links(pairs))
        digests = known(first, pairs)
    print(f"{'before':24}            {megabytes():4} MB")
    watch = Stopwatch()
    with Scratch() as scratch:
        spent = 0.0
        for kind in ("user", "enrolment", "completion", "class_enrolment"):
            for page in pages(pairs, kind):
                started = time.process_time()
                scratch.add(page)
                spent += time.process_time() - started
        watch.total += spent
        print(f"{'set aside':24} {spent:6.2f} s   {megabytes():4} MB   {4 * pairs:,}")
        pairs_of_ids = list(links(pairs))
        watch.measure(
            "load known and links", lambda: (scratch.load_known(digests), scratch.load_links(pairs_of_ids))[0]
        )
        watch.measure("sort and sum", scratch._sum)
        watch.measure("compare", scratch.news_count)
        watch.measure("stream the news", lambda: sum(1 for _ in scratch.news()))
        print(f"{'together':24} {watch.total:6.2f} s")
        news = list(scratch.news())[:500]
        watch.measure("read 500 people", lambda: len(scratch.records(news)))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50_000)
