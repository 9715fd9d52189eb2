"""The program `connector`: its commands, in the order in which an operator meets them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from connector.cli import (
    checking,
    database,
    links,
    mappings,
    options,
    playing,
    reporting,
    reviews,
    serving,
    starting,
    trying,
)
from connector.cli.attempt import attempt, command
from connector.cli.explaining import explain
from connector.cli.history import history
from connector.cli.running import plan, reconcile

TRY, RUN, DECIDE, KEEP = "Try it", "Run it", "Decide", "Set it up and look after it"

app = typer.Typer(
    name="connector",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 finished, 1 a bug, 2 usage or settings, 3 a record failed, 4 refused by a limit, 5 a platform was "
    "unreachable, 10 there are changes (plan --detailed-exitcode). Settings: CONNECTOR_… in the environment, or connector.yaml.",
)

command(app, "demo", rich_help_panel=TRY)(playing.demo)
command(app, "sandbox", rich_help_panel=TRY)(playing.sandbox)
command(app, "plan", rich_help_panel=RUN)(plan)
command(app, "reconcile", rich_help_panel=RUN)(reconcile)
command(app, "daemon", rich_help_panel=RUN)(serving.daemon)
app.add_typer(reviews.app, name="review", rich_help_panel=DECIDE)
app.add_typer(links.app, name="links", rich_help_panel=DECIDE)
app.add_typer(reporting.app, name="report", rich_help_panel=DECIDE)
command(app, "explain", rich_help_panel=DECIDE)(explain)
command(app, "history", rich_help_panel=DECIDE)(history)
command(app, "init", rich_help_panel=KEEP)(starting.init)
command(app, "check", rich_help_panel=KEEP)(checking.check)
trying.register(mappings.app)
app.add_typer(mappings.app, name="mappings", rich_help_panel=KEEP)
app.add_typer(database.app, name="db", rich_help_panel=KEEP)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"connector {version('connector')}")
        raise typer.Exit


@app.callback()
def connector(
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", metavar="FILE", help="Settings file; default: connector.yaml where you are."
        ),
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version and end.")
    ] = False,
) -> None:
    """Keeps iSpring Learn and aXcelerate in agreement: enrolments, dates, access and competency outcomes.

    New here? [bold]connector demo[/bold] shows the whole story on this machine in some seconds, without settings.
    """
    options.CONFIG.set(config)


def run(argv: list[str], *, serve: Callable[[Path | None], int]) -> int:
    """Run one command line and return its exit code. `serve` runs the daemon with a settings file (contract, section 7)."""

    def work() -> int:
        try:
            app(args=argv, prog_name="connector", obj=serve)
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        return 0

    return attempt(work, name=" ".join(argv[:1]), as_json="--json" in argv)


def flush(code: int) -> int:
    """Empty the output before the interpreter does, so that a reader who left is not complained about."""
    from connector.cli.screen import leave_quietly

    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:
            leave_quietly(stream)
    return code
