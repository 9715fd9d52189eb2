"""What the platforms' webhooks told us: hints only, each kept once (design, law 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from operator import attrgetter

import orjson
import sqlalchemy as sa

from connector.domain.ledger import Event
from connector.state.engine import Database, columns, insert_new
from connector.state.tables import EVENT

_FIELDS = ("platform", "people", "received_at")
KEPT = timedelta(days=30)
"""How long a taken event is remembered, so that a late repetition of it is known."""


class Inbox(Database):
    """The webhook inbox."""

    def add_event(
        self, platform: str, dedupe_key: str, body_digest: str, people: Sequence[str], at: datetime
    ) -> bool:
        """Keep one delivery; False when it was delivered before. `people` are ids as the platform writes them."""
        row = {
            "account": self.account,
            "platform": platform,
            "dedupe_key": dedupe_key,
            "body_digest": body_digest,
            "people": orjson.dumps(list(people)).decode(),
            "received_at": at,
            "taken_at": None,
        }
        with self._writing(fenced=False) as connection:
            return insert_new(connection, EVENT, row)

    def take_events(self) -> list[Event]:
        """Every event not taken before, oldest first; they count as taken. Forgets those taken long ago."""
        untaken = self._mine(EVENT) & EVENT.c.taken_at.is_(None)
        now = self.now()
        take = sa.update(EVENT).where(untaken).values(taken_at=now)
        with self._writing() as connection:
            rows = connection.execute(take.returning(*columns(EVENT, _FIELDS))).all()
            connection.execute(sa.delete(EVENT).where(self._mine(EVENT), EVENT.c.taken_at < now - KEPT))
        taken = [Event(row.platform, tuple(orjson.loads(row.people)), row.received_at) for row in rows]
        return sorted(taken, key=attrgetter("received_at", "platform"))
