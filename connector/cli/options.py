"""Options that several commands share; they may stand after the command they belong to."""

from __future__ import annotations

from contextvars import ContextVar
from pathlib import Path
from typing import Annotated

import typer

CONFIG: ContextVar[Path | None] = ContextVar("config", default=None)
"""The settings file named before the command, for commands that name none themselves."""

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="Settings file; default: connector.yaml where you are."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print exactly one JSON object on stdout.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Say on stderr what is being done.")]
RuleIds = Annotated[
    list[str] | None, typer.Option("--rule", metavar="ID", help="Only this rule; may be repeated.")
]
Learner = Annotated[
    str | None,
    typer.Option("--learner", metavar="EMAIL_OR_CONTACT_ID", help="Only this learner."),
]
Allow = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        metavar="CLASS",
        help="Lift one limit for this run: created, updates, access_removed, outcomes, or emptied "
        "(an emptied list is true). May be repeated.",
    ),
]
