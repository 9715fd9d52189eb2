"""Alembic's entry. The program hands over an open connection (`connector/state/migrate.py`); no ini file is needed."""

from __future__ import annotations

from alembic import context
from sqlmodel import SQLModel

import connector.state.tables  # noqa: F401  (declares the tables that a new migration is compared with)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
