"""One run's reading, set aside on disk and compared with what was known, without a Python object per person.

A quiet run must cost little more than fetching and decoding its pages, within memory that does not grow with the account (design,
sections 2 and 6). So a page is written to a nameless file as it came, and all that is kept of a record is its digest, added to
its owner's sum. One statement compares the sums with those of the last run. Where nothing differs, that was all; only for people
with news are the records sorted by owner, in a private temporary SQLite database that spills to disk and vanishes with its connection.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain, groupby, islice
from operator import itemgetter
from threading import RLock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from connector.domain.learner import ContactId, UserId
from connector.state.packets import Fields, Packets, Record

if TYPE_CHECKING:
    from connector.domain.ledger import PersonDigest

VET_KINDS = ("class_enrolment", "module_enrolment")
"""Kinds that belong to a contact: their owner is a number."""
LMS_KINDS = ("user", "enrolment", "completion")
"""Kinds that belong to a user. Records of any other kind (training classes) are kept, and count for nobody."""
ENROLMENT = "enrolment"

_MANY_ROWS = 256
"""Rows of one statement: a third of what they cost singly; more make no difference."""
_MANY_OWNERS = 50_000
"""So many sums are held in memory before they are put down."""
_CHUNK = 5_000

# A temporary database needs no safety, and 16 MB of cache before it spills.
_PRAGMAS = [
    "journal_mode=OFF",
    "synchronous=OFF",
    "temp_store=FILE",
    "cache_size=-16000",
    "locking_mode=EXCLUSIVE",
]

_TABLES = """
CREATE TABLE known (contact INTEGER PRIMARY KEY, user TEXT, vet INTEGER, lms INTEGER, quiet INTEGER);
CREATE TABLE link (contact INTEGER PRIMARY KEY, user TEXT);
CREATE TABLE vet (contact INTEGER PRIMARY KEY, digest INTEGER);
CREATE TABLE lms (user TEXT PRIMARY KEY, digest INTEGER) WITHOUT ROWID;
CREATE TABLE enrolled (user TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE news (contact INTEGER PRIMARY KEY);
CREATE TABLE record (place INTEGER PRIMARY KEY, owner, kind TEXT, ident INTEGER, digest INTEGER);
"""

# Places grow as records come in: of two readings of one record the later is kept.
_DROP_REPEATED = """
DELETE FROM record WHERE place IN (
    SELECT older.place
    FROM (SELECT owner, kind, ident, max(place) AS latest FROM record GROUP BY owner, kind, ident HAVING count(*) > 1)
    JOIN record AS older USING (owner, kind, ident)
    WHERE older.place < latest)
"""

# A contact without records counts as 0 on that side, so one that has vanished differs until its absence is known.
_FIND_NEWS = """
INSERT INTO news
SELECT vet.contact
FROM vet LEFT JOIN known USING (contact) LEFT JOIN link USING (contact) LEFT JOIN lms ON lms.user = link.user
WHERE known.contact IS NULL OR NOT known.quiet OR known.vet <> vet.digest
   OR known.user IS NOT link.user OR known.lms <> coalesce(lms.digest, 0)
UNION ALL
SELECT known.contact
FROM known LEFT JOIN link USING (contact) LEFT JOIN lms ON lms.user = link.user
WHERE NOT EXISTS (SELECT 1 FROM vet WHERE vet.contact = known.contact)
  AND (NOT known.quiet OR known.vet <> 0 OR known.user IS NOT link.user OR known.lms <> coalesce(lms.digest, 0))
"""


@cache
def _insert(table: str, width: int, count: int, *, then: str = "") -> str:
    """A statement for `count` rows at once. Of one key the later row stays, unless `then` says otherwise."""
    row = f"({','.join('?' * width)})"
    return f"INSERT {'' if then else 'OR REPLACE'} INTO {table} VALUES {','.join([row] * count)} {then}"


class Scratch:
    """One run's reading. Add pages, load what was known, then ask what is new; asking again after adding more is allowed.

    A record is known by its kind and key within its owner; read twice, it counts once, as read last. An owner's digest is the sum of
    48-bit digests over kind, key and body: the order of pages does not matter, and 32,767 records fit into 63 bits.
    Contacts are given and returned as numbers, users as text. Pages may be added from several threads.
    """

    def __init__(self, *, vet_kinds: Sequence[str] = VET_KINDS, lms_kinds: Sequence[str] = LMS_KINDS) -> None:
        # An empty name is a temporary file of this connection's own.
        self._db = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for pragma in _PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_TABLES)
        self._db.execute("BEGIN")
        self._lock = RLock()
        self._vet_kinds, self._lms_kinds = frozenset(vet_kinds), frozenset(lms_kinds)
        self._packets = Packets()
        self._vet: dict[str, int] = {}
        self._lms: dict[str, int] = {}
        self._enrolled: set[str] = set()
        self._groups: defaultdict[str, set[str]] = defaultdict(set)
        self._sorted = 0
        self._is_compared = False

    def close(self) -> None:
        """Forget the reading; its files go with it."""
        self._db.close()
        self._packets.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- filling ---------------------------------------------------------------------------------------------------

    def add(self, records: Iterable[Record]) -> None:
        """Set aside one page."""
        with self._lock:
            self._is_compared = False
            for kind, alike in groupby(records, itemgetter(0)):
                self._add(str(kind), list(alike))

    def _add(self, kind: str, records: list[Record]) -> None:
        sums = self._vet if kind in self._vet_kinds else self._lms if kind in self._lms_kinds else {}
        # The one loop that runs for every record of the account: everything it needs is at hand, nothing is called twice.
        digests, number, before, prefix = list[int](), int.from_bytes, sums.get, f"{kind}\0"
        for _, owner, key, _, body in records:
            digest = number(blake2b(f"{prefix}{key}\0".encode() + body, digest_size=6).digest(), "big")
            digests.append(digest)
            sums[owner] = before(owner, 0) + digest
        self._packets.append(kind, records, digests)
        self._groups[kind].update(map(itemgetter(3), records))
        if kind == ENROLMENT:
            self._enrolled.update(map(itemgetter(1), records))
        if len(self._vet) + len(self._lms) > _MANY_OWNERS:
            self._put_down()

    def _put_down(self) -> None:
        """Add the sums in hand to their tables."""
        more = "ON CONFLICT DO UPDATE SET digest = digest + excluded.digest"
        self._write("vet", ((int(contact), digest) for contact, digest in self._vet.items()), 2, then=more)
        self._write("lms", self._lms.items(), 2, then=more)
        self._write("enrolled", ((user,) for user in self._enrolled), 1)
        for held in (self._vet, self._lms, self._enrolled):
            held.clear()

    def load_known(self, people: Iterable[PersonDigest]) -> None:
        """Load what was known of these people when last seen."""
        with self._lock:
            self._is_compared = False
            self._write("known", people, 5)

    def load_links(self, links: Iterable[tuple[ContactId, UserId]]) -> None:
        """Load who is linked to whom now; a contact loaded again has the later link."""
        with self._lock:
            self._is_compared = False
            self._write("link", links, 2)

    def drop_link(self, contact: ContactId) -> None:
        """Take one link away again."""
        with self._lock:
            self._is_compared = False
            self._db.execute("DELETE FROM link WHERE contact = ?", (contact,))

    def _write(self, table: str, rows: Iterable[tuple[Any, ...]], width: int, *, then: str = "") -> None:
        source = iter(rows)
        while values := list(chain.from_iterable(islice(source, _MANY_ROWS))):
            self._db.execute(_insert(table, width, len(values) // width, then=then), values)

    # --- comparing -------------------------------------------------------------------------------------------------

    def news(self) -> Iterator[ContactId]:
        """Contacts to look at, in order: new, changed on either side, linked otherwise, not quiet, or no longer there.

        A contact without any record is news only until it is known without one (both digests as they are now, and quiet).
        """
        self._compare()
        return self._stream("SELECT contact FROM news WHERE contact > ? ORDER BY contact")

    def news_count(self) -> int:
        """How many contacts `news` yields."""
        self._compare()
        return self._count("SELECT count(*) FROM news")

    def quiet_count(self) -> int:
        """How many known people are as they were."""
        self._compare()
        return self._count("SELECT count(*) FROM known WHERE contact NOT IN (SELECT contact FROM news)")

    def contacts(self) -> list[ContactId]:
        """Every contact that was read, in order."""
        self._sum()
        return [
            ContactId(contact) for (contact,) in self._db.execute("SELECT contact FROM vet ORDER BY contact")
        ]

    def contacts_without_link(self) -> Iterator[ContactId]:
        """Contacts that were read and are linked to nobody, in order."""
        self._sum()
        without = "NOT EXISTS (SELECT 1 FROM link WHERE link.contact = vet.contact)"
        return self._stream(f"SELECT contact FROM vet WHERE contact > ? AND {without} ORDER BY contact")

    def users_without_contact(self) -> list[UserId]:
        """Users who hold an enrolment and are linked to no contact, in order."""
        self._sum()
        query = """SELECT user FROM enrolled
            WHERE user NOT IN (SELECT user FROM link WHERE user IS NOT NULL) ORDER BY user"""
        return [UserId(user) for (user,) in self._db.execute(query)]

    def digests(self, contacts: Iterable[ContactId]) -> dict[ContactId, tuple[int, int]]:
        """(contact's digest, linked user's digest) for each of these contacts; 0 where there is no record."""
        self._sort()
        query = """SELECT coalesce(vet.digest, 0), coalesce(lms.digest, 0) FROM (SELECT ? AS contact) AS asked
            LEFT JOIN vet USING (contact) LEFT JOIN link USING (contact) LEFT JOIN lms ON lms.user = link.user"""
        return {contact: self._db.execute(query, (contact,)).fetchone() for contact in contacts}

    def groups(self, kind: str) -> frozenset[str]:
        """Under which groups (courses or classes) records of a kind were found."""
        return frozenset(self._groups[str(kind)])

    def records(
        self, owners: Iterable[ContactId | UserId], kinds: Iterable[str] | None = None
    ) -> dict[ContactId | UserId, list[Record]]:
        """The records of these owners (contacts as numbers, users as text), of these kinds, in the order they were read.

        An owner without records has an empty list. Ask for a batch at a time: its bodies are all held at once.
        """
        self._sort()
        wanted = None if kinds is None else frozenset(map(str, kinds))
        found: dict[ContactId | UserId, list[Record]] = {owner: [] for owner in owners}
        query = "SELECT place, kind, owner FROM record WHERE owner = ?"
        # In the order of reading: records that lie together are unpacked once.
        rows = sorted(row for owner in found for row in self._db.execute(query, (owner,)))
        for place, kind, owner in rows:
            if wanted is None or kind in wanted:
                found[owner].append(self._packets.record(place))
        return found

    def of_kind(self, kind: str) -> Iterator[Record]:
        """Every record of one kind, in the order they were read; one that was read twice comes twice."""
        return self._packets.of_kind(str(kind))

    def _sum(self) -> None:
        """See that every sum is in its table."""
        with self._lock:
            self._put_down()

    def _compare(self) -> None:
        """Find who has news. Only where there is any does it matter whether a record was read twice."""
        with self._lock:
            if self._is_compared:
                return
            self._put_down()
            self._find_news()
            if self._count("SELECT EXISTS (SELECT 1 FROM news)") and self._sort():
                self._find_news()
            self._is_compared = True

    def _find_news(self) -> None:
        self._db.execute("DELETE FROM news")
        self._db.execute(_FIND_NEWS)

    def _sort(self) -> bool:
        """Sort what was read by owner and drop what was read twice; says whether sums became others by that."""
        with self._lock:
            self._put_down()
            if self._sorted == len(self._packets):
                return False
            for kind, first, fields, digests in self._packets.since(self._sorted):
                self._write("record", _rows(kind, first, fields, digests, kind in self._vet_kinds), 5)
            self._sorted = len(self._packets)
            # Sorting once at the end is many times cheaper than keeping an index in order while the pages come in.
            self._db.execute("CREATE INDEX IF NOT EXISTS by_owner ON record (owner, kind, ident, digest)")
            if not self._db.execute(_DROP_REPEATED).rowcount:
                return False
            self._sum_again()
            return True

    def _sum_again(self) -> None:
        for side, kinds, owners in (("vet", self._vet_kinds, "< ''"), ("lms", self._lms_kinds, ">= ''")):
            # Contacts are numbers and users texts, and SQLite puts numbers before texts: each side is one stretch of the index.
            mine = f"owner {owners} AND kind IN ({','.join('?' * len(kinds))})"
            self._db.execute(f"DELETE FROM {side}")
            self._db.execute(
                f"INSERT INTO {side} SELECT owner, sum(digest) FROM record WHERE {mine} GROUP BY owner",
                tuple(kinds),
            )

    def _stream(self, query: str) -> Iterator[ContactId]:
        """Contacts in chunks, so that no cursor is open while the caller adds, loads or asks something else."""
        after = -(2**63)
        while True:
            found = self._db.execute(f"{query} LIMIT {_CHUNK}", (after,)).fetchall()
            for (contact,) in found:
                yield ContactId(contact)
            if len(found) < _CHUNK:
                return
            after = found[-1][0]

    def _count(self, query: str) -> int:
        return int(self._db.execute(query).fetchone()[0])


def _rows(
    kind: str, first: int, fields: list[Fields], digests: list[int], is_vet: bool
) -> Iterator[tuple[Any, ...]]:
    for place, ((owner, key, _, _), digest) in enumerate(zip(fields, digests, strict=True), first):
        yield place, int(owner) if is_vet else owner, kind, hash(key), digest
