"""What the platforms' webhooks told us: hints only, each kept once (design, law 8)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import orjson
import sqlalchemy as sa

from connector.domain.ledger import Event
from connector.state.engine import Database, insert_new
from connector.state.tables import EVENT

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
        names = (EVENT.c.platform, EVENT.c.people, EVENT.c.received_at, EVENT.c.dedupe_key)
        query = sa.select(*names).where(untaken).order_by(EVENT.c.received_at, EVENT.c.dedupe_key)
        now = self.now()
        with self._writing() as connection:
            rows = connection.execute(query.with_for_update()).all()
            connection.execute(
                sa.update(EVENT)
                .where(
                    self._mine(EVENT),
                    EVENT.c.platform == sa.bindparam("of"),
                    EVENT.c.dedupe_key == sa.bindparam("key"),
                )
                .values(taken_at=now),
                [{"of": row.platform, "key": row.dedupe_key} for row in rows],
            ) if rows else None
            connection.execute(sa.delete(EVENT).where(self._mine(EVENT), EVENT.c.taken_at < now - KEPT))
        return [Event(row.platform, tuple(orjson.loads(row.people)), row.received_at) for row in rows]
