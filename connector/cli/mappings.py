"""`connector mappings`: the mapping files, without a platform, a database or credentials."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from connector.cli import options
from connector.cli.attempt import command
from connector.domain.report import Exit

if TYPE_CHECKING:
    from connector.mapping.load import Checked
    from connector.mapping.problems import Problem

app = typer.Typer(
    no_args_is_help=True, help="The mapping files: their problems, their schema, their examples."
)


@command(app, "check")
def check(config: options.Config = None, as_json: options.AsJson = False) -> int:
    """Every problem of the mapping files at once, with file:line:column and the nearest right value.

    Problems and warnings go to stderr. Exit code 2 when there is a problem; warnings change nothing.
    """
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import notice, print_json, say

    checked = _checked(config)
    for problem in checked.problems:
        notice(str(problem))
    for warning in checked.warnings:
        notice(str(warning))
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "files": [path.as_posix() for path in checked.files],
                "rules": [rule.id for rule in checked.loaded.rules.rules] if checked.loaded else [],
                "problems": [problem_json(problem) for problem in checked.problems],
                "warnings": [problem_json(warning) for warning in checked.warnings],
            }
        )
    elif checked.loaded is not None:
        say((_summary(checked), "green"))
    else:
        notice(
            (
                f"{_counted(len(checked.problems), 'problem')} in {_counted(len(checked.files), 'file')}",
                "bold red",
            )
        )
    return Exit.FINISHED if checked.loaded is not None else Exit.SETUP


def problem_json(problem: Problem) -> dict[str, Any]:
    """One problem as an object; `lint` names a warning, `nearest` is what was probably meant."""
    return {
        "file": problem.place.file,
        "line": problem.place.line,
        "column": problem.place.column,
        "path": problem.path,
        "message": problem.message,
        "nearest": problem.nearest,
        "lint": problem.lint,
    }


def _summary(checked: Checked) -> str:
    assert checked.loaded is not None
    rules = _counted(len(checked.loaded.rules.rules), "rule")
    warnings = f", {_counted(len(checked.warnings), 'warning')}" if checked.warnings else ""
    return f"{rules} in {_counted(len(checked.files), 'file')}, no problem{warnings}"


def _counted(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"


@command(app, "schema", epilog="Example: connector mappings schema > mappings.schema.json")
def schema(as_json: options.AsJson = False) -> None:
    """The JSON Schema of mapping files, for editors.

    Write [bold]# yaml-language-server: $schema=mappings.schema.json[/bold] as the first line of a mapping file, and the editor completes keys,
    explains them and underlines mistakes.
    """
    from connector.cli.screen import print_json
    from connector.mapping.schema import json_schema

    print_json(json_schema())


@command(app, "test")
def run_the_examples(config: options.Config = None, as_json: options.AsJson = False) -> int:
    """Run the examples written inside the mapping files. Exit code 2 when one gives something else than expected."""
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say
    from connector.errors import MappingError
    from connector.mapping.examples import run_examples
    from connector.trying.decision import decide

    checked = _checked(config)
    if checked.loaded is None:
        raise MappingError([str(problem) for problem in checked.problems])
    results = run_examples(checked.loaded.examples, decide)
    failed = [result for result in results if not result.passed]
    if as_json:
        rows = [
            {
                "rule": result.example.rule.id,
                "place": str(result.example.place),
                "given": {"ispring": result.example.status.value, "axcelerate": result.example.code},
                "expect": dict(result.example.expect),
                "got": dict(result.got),
                "passed": result.passed,
            }
            for result in results
        ]
        print_json({"schema": SCHEMA, "examples": rows, "failed": len(failed)})
    else:
        for result in results:
            say(("passed  ", "green") if result.passed else ("FAILED  ", "bold red"), str(result))
        say(f"{_counted(len(results), 'example')}, {len(failed)} failed")
    return Exit.SETUP if failed else Exit.FINISHED


def _checked(config: Path | None) -> Checked:
    from connector.cli.setup import local_settings
    from connector.mapping.load import check_mappings

    settings = local_settings(config)
    return check_mappings(settings.mappings_dir, jurisdiction=settings.axcelerate.jurisdiction)
