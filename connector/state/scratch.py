"""One run's reading, set aside on disk and compared with what was known, without a Python object per person.

A quiet run must cost little more than fetching and decoding its pages, within memory that does not grow with the account (design,
sections 2 and 6). So the records of a reading go into a private temporary SQLite database that spills to disk and
vanishes with its connection: one narrow row each (owner, digest, place), many rows a statement, and their bodies packed by the
dozen into blobs that are opened only for people with news. The comparison is one statement over sums per owner.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from hashlib import blake2b
from itertools import chain, islice
from threading import Lock
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from connector.domain.learner import ContactId, UserId
from connector.state.packets import Packets

if TYPE_CHECKING:
    from connector.domain.ledger import PersonDigest

Record: TypeAlias = tuple[str, str, str, str, bytes]
"""(kind, owner, key, group, body), as a platform's reading yields them (`Raw` in platforms/port.py)."""

VET_KINDS = ("class_enrolment", "module_enrolment")
"""Kinds that belong to a contact: their owner is a number."""
LMS_KINDS = ("user", "enrolment", "completion")
"""Kinds that belong to a user. Records of any other kind (training classes) are kept, and count for nobody."""
ENROLMENT = "enrolment"

_PACKED = 256
"""Records of one statement and of one packet of bodies: more would be quicker to write and slower to look up."""
_FIELDS = 5
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
CREATE TABLE record (owner, kind INTEGER, ident INTEGER, digest INTEGER, listed INTEGER);
CREATE TABLE known (contact INTEGER PRIMARY KEY, user TEXT, vet INTEGER, lms INTEGER, quiet INTEGER);
CREATE TABLE link (contact INTEGER PRIMARY KEY, user TEXT);
CREATE TABLE vet (contact INTEGER PRIMARY KEY, digest INTEGER);
CREATE TABLE lms (user TEXT PRIMARY KEY, digest INTEGER) WITHOUT ROWID;
CREATE TABLE news (contact INTEGER PRIMARY KEY);
"""

# Row ids grow as records come in: of two readings of one record the later is kept.
_DROP_REPEATED = """
DELETE FROM record WHERE rowid IN (
    SELECT older.rowid
    FROM (SELECT owner, kind, ident, max(rowid) AS latest FROM record GROUP BY owner, kind, ident HAVING count(*) > 1)
    JOIN record AS older USING (owner, kind, ident)
    WHERE older.rowid < latest)
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
def _insert(table: str, width: int, count: int) -> str:
    """A statement for `count` rows at once: a third of what they cost singly. Of one key the later row stays."""
    row = f"({','.join('?' * width)})"
    return f"INSERT OR REPLACE INTO {table} VALUES {','.join([row] * count)}"


class _Numbers(dict[str, int]):
    """Words as small numbers, given out as they are met."""

    def __missing__(self, word: str) -> int:
        self[word] = number = len(self)
        return number


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
        self._lock = Lock()
        self._kinds, self._groups = _Numbers(), _Numbers()
        self._vet = frozenset(self._kinds[kind] for kind in vet_kinds)
        self._lms = frozenset(self._kinds[kind] for kind in lms_kinds)
        self._rows: list[Any] = []
        self._bodies: list[Any] = []
        self._packets = Packets()
        self._is_summed = self._is_compared = False

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
            self._is_summed = self._is_compared = False
            self._add(records)

    def _add(self, records: Iterable[Record]) -> None:
        # The one loop that runs for every record of the account: everything it needs is at hand, nothing is called twice.
        rows, bodies, groups, number = self._rows, self._bodies, self._groups, int.from_bytes
        last, code, is_vet, prefix = None, 0, False, ""
        for kind, owner, key, group, body in records:
            if kind is not last:
                last, code, prefix = kind, self._kinds[kind], f"{kind}\0"
                is_vet = code in self._vet
            digest = blake2b(f"{prefix}{key}\0".encode() + body, digest_size=6).digest()
            rows += (int(owner) if is_vet else owner, code, hash(key), number(digest, "big"), groups[group])
            bodies += (key, body)
            if len(rows) == _FIELDS * _PACKED:
                self._flush()

    def _flush(self) -> None:
        """Write out the records in hand, as one statement and one packet."""
        count = len(self._rows) // _FIELDS
        if count:
            self._db.execute(_insert("record", _FIELDS, count), self._rows)
            self._packets.append(count, self._bodies)
            self._rows.clear()
            self._bodies.clear()

    def load_known(self, people: Iterable[PersonDigest]) -> None:
        """Load what was known of these people when last seen."""
        self._load("known", people, width=5)

    def load_links(self, links: Iterable[tuple[ContactId, UserId]]) -> None:
        """Load who is linked to whom now; a contact loaded again has the later link."""
        self._load("link", links, width=2)

    def drop_link(self, contact: ContactId) -> None:
        """Take one link away again."""
        with self._lock:
            self._is_compared = False
            self._db.execute("DELETE FROM link WHERE contact = ?", (contact,))

    def _load(self, table: str, rows: Iterable[tuple[Any, ...]], *, width: int) -> None:
        with self._lock:
            self._is_compared = False
            source = iter(rows)
            while values := list(chain.from_iterable(islice(source, _PACKED))):
                self._db.execute(_insert(table, width, len(values) // width), values)

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
        query = """SELECT DISTINCT owner FROM record
            WHERE kind = ? AND owner NOT IN (SELECT user FROM link WHERE user IS NOT NULL) ORDER BY owner"""
        return [UserId(owner) for (owner,) in self._db.execute(query, (self._kinds[ENROLMENT],))]

    def digests(self, contacts: Iterable[ContactId]) -> dict[ContactId, tuple[int, int]]:
        """(contact's digest, linked user's digest) for each of these contacts; 0 where there is no record."""
        self._sum()
        query = """SELECT coalesce(vet.digest, 0), coalesce(lms.digest, 0) FROM (SELECT ? AS contact) AS asked
            LEFT JOIN vet USING (contact) LEFT JOIN link USING (contact) LEFT JOIN lms ON lms.user = link.user"""
        return {contact: self._db.execute(query, (contact,)).fetchone() for contact in contacts}

    def groups(self, kind: str) -> dict[str, int]:
        """How many records of a kind were found under each group (course or class)."""
        self._sum()
        names = list(self._groups)
        query = "SELECT listed, count(*) FROM record WHERE kind = ? GROUP BY listed"
        return {names[listed]: count for listed, count in self._db.execute(query, (self._kinds[kind],))}

    def records(
        self, owners: Iterable[ContactId | UserId], kinds: Iterable[str] | None = None
    ) -> dict[ContactId | UserId, list[Record]]:
        """The records of these owners (contacts as numbers, users as text), of these kinds, in the order they were read.

        An owner without records has an empty list. Ask for a batch at a time: its bodies are all held at once.
        """
        self._sum()
        wanted = None if kinds is None else {self._kinds[kind] for kind in kinds}
        found: dict[ContactId | UserId, list[Record]] = {owner: [] for owner in owners}
        query = "SELECT rowid, kind, listed, owner FROM record WHERE owner = ?"
        # In the order of reading: records that lie together are unpacked once.
        rows = sorted(row for owner in found for row in self._db.execute(query, (owner,)))
        for owner, record in self._unpacked(row for row in rows if wanted is None or row[1] in wanted):
            found[owner].append(record)
        return found

    def of_kind(self, kind: str) -> Iterator[Record]:
        """Every record of one kind, in the order they were read; nothing may be added meanwhile."""
        self._sum()
        query = "SELECT rowid, kind, listed, owner FROM record WHERE kind = ? ORDER BY rowid"
        return (record for _, record in self._unpacked(self._db.execute(query, (self._kinds[kind],))))

    def _unpacked(self, rows: Iterable[tuple[int, int, int, Any]]) -> Iterator[tuple[Any, Record]]:
        names, groups = list(self._kinds), list(self._groups)
        for place, kind, listed, owner in rows:
            key, body = self._packets.body(place)
            yield owner, (names[kind], str(owner), key, groups[listed], body)

    def _sum(self) -> None:
        """Sort what was read by owner, drop what was read twice, and sum up each owner."""
        with self._lock:
            if self._is_summed:
                return
            self._flush()
            # Sorting once at the end is many times cheaper than keeping an index in order while the pages come in.
            self._db.execute(
                "CREATE INDEX IF NOT EXISTS by_owner ON record (owner, kind, ident, digest, listed)"
            )
            self._db.execute(_DROP_REPEATED)
            for side, kinds, owners in (("vet", self._vet, "< ''"), ("lms", self._lms, ">= ''")):
                # Contacts are numbers and users texts, and SQLite puts numbers before texts: each side is one stretch of the index.
                codes = ",".join(map(str, sorted(kinds)))
                mine = f"owner {owners} AND kind IN ({codes})"
                self._db.execute(f"DELETE FROM {side}")
                self._db.execute(
                    f"INSERT INTO {side} SELECT owner, sum(digest) FROM record WHERE {mine} GROUP BY owner"
                )
            self._is_summed = True

    def _compare(self) -> None:
        self._sum()
        with self._lock:
            if not self._is_compared:
                self._db.execute("DELETE FROM news")
                self._db.execute(_FIND_NEWS)
                self._is_compared = True

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
