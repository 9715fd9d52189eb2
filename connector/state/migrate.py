"""Bring a database to the program's schema, and say where it stands."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

import connector
from connector.errors import StateError
from connector.state.engine import create_engine, make_private_file, sqlite_file, translated
from connector.state.tables import SCHEMA

if TYPE_CHECKING:
    from alembic.config import Config


def migrations_folder() -> Path:
    """Where the migrations are: inside an installed package, or beside it in a checkout."""
    package = Path(connector.__file__).parent
    for folder in (package / "migrations", package.parent / "migrations"):
        if (folder / "env.py").is_file():
            return folder
    raise StateError("the program's migrations are missing: install it again")


def alembic_config(connection: sa.Connection | None = None) -> Config:
    """Alembic's settings without an ini file; `connection` is what the migrations run on."""
    from alembic.config import Config  # 0.1 s that only a migration should cost

    config = Config()
    config.set_main_option("script_location", str(migrations_folder()).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(url: str) -> str:
    """Migrate to this program's schema and say what was done. Refuses a database from a newer program."""
    engine = create_engine(url)
    try:
        path = sqlite_file(engine)
        if path is not None:
            make_private_file(path)
        with translated(), engine.begin() as connection:
            return _upgrade(connection)
    finally:
        engine.dispose()


def check(url: str) -> str:
    """Say where the database is and at which schema. Raises StateError when it cannot be used as it is."""
    engine = create_engine(url)
    try:
        ensure_schema(engine)
        return f"{engine.url.render_as_string(hide_password=True)}: schema {SCHEMA}, as this program needs it"
    finally:
        engine.dispose()


def ensure_schema(engine: sa.Engine) -> None:
    """Create a missing SQLite database; refuse any database that is not at this program's schema (contract, section 1)."""
    path = sqlite_file(engine)
    if path is not None and not path.exists():
        make_private_file(path)
    with translated():
        with engine.connect().execution_options(reading=True) as connection:
            found = _revision(connection)
            is_empty = not sa.inspect(connection).get_table_names() if found is None else False
        if found == SCHEMA:
            return
        if path is not None and is_empty:
            # Two processes may both have found the file empty; the second finds the work done.
            with engine.begin() as connection:
                _upgrade(connection)
            return
    raise StateError(_advice(found, is_empty))


def _advice(found: str | None, is_empty: bool) -> str:
    if found is None:
        what = "is empty" if is_empty else "holds tables, but none of this program"
        return f"the state database {what}: run `connector db upgrade`"
    if found in _known_revisions():
        return f"the state database is at schema {found}, this program needs {SCHEMA}: run `connector db upgrade`"
    return (
        f"the state database is at schema {found}, which is newer than this program ({SCHEMA}): install the newer program;"
        " `connector db upgrade` only goes forward"
    )


def _upgrade(connection: sa.Connection) -> str:
    from alembic import command

    before = _revision(connection)
    if before == SCHEMA:
        return f"the state database is at schema {SCHEMA} already"
    if before is not None and before not in _known_revisions():
        raise StateError(_advice(before, False))
    command.upgrade(alembic_config(connection), "head")
    return f"the state database was brought from schema {before or 'none'} to {SCHEMA}"


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(alembic_config()).walk_revisions()}


def _revision(connection: sa.Connection) -> str | None:
    """The schema a database stands at; None where alembic has never been."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return version
