"""`connector mappings what-if` and `coverage`: mappings tried against the accounts as they are. Nothing is written."""

from __future__ import annotations

import threading
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from connector.cli import options
from connector.cli.attempt import command
from connector.domain.report import Exit


def register(mappings: typer.Typer) -> None:
    """Add both commands to `connector mappings`."""
    command(mappings, "what-if", epilog="Example: connector mappings what-if mappings-next")(what_if)
    command(mappings, "coverage")(coverage)


def what_if(
    new_dir: Annotated[
        Path, typer.Argument(metavar="NEW_DIR", help="The directory of the edited mapping files.")
    ],
    config: options.Config = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
) -> int:
    """What an edited mapping would change, learner by learner: today, and over the decisions on record.

    Reads both platforms once, lets the present files and those in NEW_DIR decide about the same reading, and shows where they differ.
    Writes nothing: neither to a platform nor to the state database.
    """
    from connector.cli.progress import Progress
    from connector.cli.screen import print_json
    from connector.cli.setup import full_settings
    from connector.cli.trying_json import what_if_json
    from connector.cli.trying_text import WhatIfText
    from connector.mapping.load import load_rules
    from connector.trying.what_if import what_if as compare
    from connector.wiring import opened_parts

    settings = full_settings(config, verbose=verbose)
    edited = load_rules(new_dir, jurisdiction=settings.axcelerate.jurisdiction).rules
    with (
        closing(Progress()) as progress,
        opened_parts(settings, stop=threading.Event(), progress=progress.step) as parts,
    ):
        found = compare(parts, edited)
        progress.close()
        if as_json:
            print_json(what_if_json(found))
        else:
            WhatIfText(found, present=parts.rules, edited=edited, zone=parts.zone).show()
    return Exit.UNREACHABLE if found.trouble else Exit.FINISHED


def coverage(
    config: options.Config = None, as_json: options.AsJson = False, verbose: options.Verbose = False
) -> int:
    """Courses, classes, units and modules that no rule names, and rules that match nobody, with the learners behind each.

    Reads both accounts whole, also what no rule names, which may take some minutes. Writes nothing.
    """
    from connector.cli.progress import Progress
    from connector.cli.screen import print_json
    from connector.cli.setup import full_settings
    from connector.cli.trying_json import coverage_json
    from connector.cli.trying_text import show_coverage
    from connector.reading.account import read_account
    from connector.trying.coverage import coverage as compare
    from connector.wiring import opened_axcelerate, opened_ispring, rules_of

    settings = full_settings(config, verbose=verbose)
    rules = rules_of(settings)
    with (
        closing(Progress()) as progress,
        opened_ispring(settings) as lms,
        opened_axcelerate(settings) as vet,
    ):
        found = compare(read_account(lms, vet, progress.step), rules)
    if as_json:
        print_json(coverage_json(found))
    else:
        show_coverage(found)
    return Exit.FINISHED
