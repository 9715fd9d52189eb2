"""`connector db`: the state database and its migrations."""

from __future__ import annotations

import typer

from connector.cli import options
from connector.cli.attempt import command

app = typer.Typer(
    no_args_is_help=True, help="The state database: bring it to this program's schema, or look at it."
)


@command(app, "upgrade")
def upgrade(config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Migrate the state database to the schema of this program. Make a copy of it first.

    A missing SQLite file is created. PostgreSQL is migrated only by this command.
    """
    from connector.cli.setup import local_settings
    from connector.state.migrate import upgrade as migrate

    _told(migrate(local_settings(config).database_url.get_secret_value()), as_json=as_json)


@command(app, "check")
def check(config: options.Config = None, as_json: options.AsJson = False) -> None:
    """Say where the state database is and whether its schema fits. Exit code 2 when it does not."""
    from connector.cli.setup import local_settings
    from connector.state.migrate import check as look

    _told(look(local_settings(config).database_url.get_secret_value()), as_json=as_json)


def _told(text: str, *, as_json: bool) -> None:
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say

    if as_json:
        print_json({"schema": SCHEMA, "message": text})
    else:
        say(text)
