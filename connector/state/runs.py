"""Runs, one row each."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import sqlalchemy as sa

from connector.domain.ledger import RunRecord
from connector.errors import StateError
from connector.state.engine import AnySelect, Database, columns
from connector.state.tables import RUN

_FIELDS = tuple(field.name for field in fields(RunRecord))
_WENT_THROUGH = (0, 3)
"""Exit codes of a run that read everything and wrote what it could (contract, section 1)."""


class Runs(Database):
    """What ran when, over what, and how it ended."""

    def begin_run(self, run: RunRecord) -> None:
        """Put a run on record."""
        with self._writing() as connection:
            connection.execute(sa.insert(RUN), self._run_row(run))

    def finish_run(self, run: RunRecord) -> None:
        """Record how a run ended. Raises StateError when it was never begun."""
        with self._writing() as connection:
            mine = self._mine(RUN) & (RUN.c.id == run.id)
            if connection.execute(sa.update(RUN).where(mine).values(self._run_row(run))).rowcount != 1:
                raise StateError(f"run {run.id} was never begun")

    def last_full_run(self, *, command: str | None = None) -> RunRecord | None:
        """The newest full run that went through (exit code 0 or 3); None before the first."""
        query = self._runs_query().where(RUN.c.is_full.is_(sa.true()), RUN.c.exit_code.in_(_WENT_THROUGH))
        if command is not None:
            query = query.where(RUN.c.command == command)
        found = self._fetch_runs(query.limit(1))
        return found[0] if found else None

    def last_runs(self, n: int) -> list[RunRecord]:
        """The newest runs, newest first, unfinished ones too."""
        return self._fetch_runs(self._runs_query().limit(n))

    def runs_since(self, run: RunRecord) -> list[RunRecord]:
        """Runs begun after this one, newest first."""
        return self._fetch_runs(self._runs_query().where(RUN.c.started_at > run.started_at))

    def _runs_query(self) -> AnySelect:
        query = sa.select(*columns(RUN, _FIELDS)).where(self._mine(RUN))
        return query.order_by(RUN.c.started_at.desc(), RUN.c.id.desc())

    def _fetch_runs(self, query: AnySelect) -> list[RunRecord]:
        with self._reading() as connection:
            return [RunRecord(*row) for row in connection.execute(query)]

    def _run_row(self, run: RunRecord) -> dict[str, Any]:
        return {name: getattr(run, name) for name in _FIELDS} | {"account": self.account}
