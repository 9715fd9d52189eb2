"""`connector report`: what somebody should look at before it becomes a problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import options
from connector.cli.attempt import command
from connector.domain.report import Exit

if TYPE_CHECKING:
    from connector.year_end.findings import Line
    from connector.year_end.report import YearEnd

app = typer.Typer(no_args_is_help=True, help="Reports that read aXcelerate and write nothing.")


@command(app, "year-end", epilog="Example: connector report year-end --year 2026 --json")
def year_end(
    config: options.Config = None,
    as_json: options.AsJson = False,
    year: Annotated[
        int | None,
        typer.Option("--year", min=2000, max=2100, help="The collection year; default: the present one."),
    ] = None,
) -> int:
    """Continuing units whose dates will fail validation when the collection year is closed, before they do.

    Reads the classes that the mappings name, all units in them. What each finding means: docs/compliance.md.
    """
    from connector.cli.screen import print_json
    from connector.cli.setup import full_settings
    from connector.wiring import now, opened_axcelerate, rules_of
    from connector.year_end.report import year_end as read

    settings = full_settings(config)
    rules = rules_of(settings)
    chosen = year or now().astimezone(settings.zone).year
    with opened_axcelerate(settings) as vet:
        found = read(vet, rules, year=chosen, jurisdiction=settings.axcelerate.jurisdiction)
    if as_json:
        print_json(_json(found))
    else:
        _show(found)
    return Exit.FINISHED


def _json(found: YearEnd) -> dict[str, Any]:
    from connector.cli.json_report import SCHEMA

    return {
        "schema": SCHEMA,
        "report": "year-end",
        "year": found.year,
        "continuing_units": found.units,
        "learners": found.learners,
        "shows_end_dates": found.shows_end_dates,
        "units": [_line_json(line) for line in found.lines],
        "unreadable": found.unreadable,
    }


def _line_json(line: Line) -> dict[str, Any]:
    row, unit = line.enrolment, line.unit
    return {
        "learner": {"contact_id": row.contact_id, "name": _name(line), "email": row.email},
        "class_id": row.class_id,
        "qualification": row.qualification,
        "unit": unit.code,
        "outcome": unit.outcome,
        "start": unit.start.isoformat() if unit.start else None,
        "end": unit.end.isoformat() if unit.end else None,
        "findings": [
            {"number": one.number, "says": one.says, "fix": one.fix, "source": one.source}
            for one in line.findings
        ],
    }


def _name(line: Line) -> str:
    row = line.enrolment
    return " ".join(part for part in (row.given, row.surname) if part)


def _show(found: YearEnd) -> None:
    """By class, then by learner; each finding's meaning once, at the end."""
    from connector.cli.screen import say
    from connector.domain.outcome import shown

    current = None
    for line in found.lines:
        row, unit = line.enrolment, line.unit
        if row.class_id != current:
            current = row.class_id
            say((f"Class {current}, {row.qualification}", "bold"))
        dates = f"{unit.start or 'no start'} to {unit.end or 'no end'}"
        numbers = ", ".join(one.number for one in line.findings)
        say(
            f"{unit.code}  {shown(unit.outcome)}  {dates}  {_name(line)}, contact {row.contact_id}  ",
            (numbers, "yellow"),
            indent=2,
        )
    if found.lines:
        say()
    for one in dict.fromkeys(finding for line in found.lines for finding in line.findings):
        say((one.number, "yellow"), f"  {one.says} {one.fix}")
    for problem in found.unreadable:
        say(("not read: ", "bold yellow"), problem)
    if not found.shows_end_dates and found.units:
        say("This account shows no end date of a continuing unit, so end dates cannot be judged.")
    say(f"{found.year}: {len(found.lines)} of {found.units} continuing units will fail validation")
