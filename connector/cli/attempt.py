"""The outermost loop of every command: errors become advice on stderr and the exit codes of the contract, section 1."""

from __future__ import annotations

import functools
import os
import secrets
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import typer

from connector.cli import screen
from connector.cli.options import CONFIG
from connector.domain.report import Exit
from connector.errors import (
    AccessDenied,
    ConnectorError,
    MappingError,
    PlanRefused,
    PlatformError,
    SetupError,
    Unavailable,
)

INTERRUPTED = 130
"""What shells report of a command ended with Ctrl-C; only commands that have nothing to finish end so."""

RUNS = ("plan", "reconcile")
"""Commands whose JSON is that of a run."""

Command = TypeVar("Command", bound=Callable[..., Any])


def command(group: typer.Typer, name: str, **options: Any) -> Callable[[Command], Command]:
    """Register a function that returns its exit code (or None) as a command."""

    def register(function: Command) -> Command:
        @functools.wraps(function)
        def guarded(*args: Any, **given: Any) -> None:
            if "config" in given:
                given["config"] = given["config"] or CONFIG.get()
            code = attempt(
                lambda: function(*args, **given), name=name, as_json=bool(given.get("as_json", False))
            )
            raise typer.Exit(code)

        group.command(name, **options)(guarded)
        return function

    return register


def attempt(work: Callable[[], int | None], *, name: str, as_json: bool) -> int:
    """Run one command's work and say what went wrong, if anything did."""
    try:
        return int(work() or Exit.FINISHED)
    except ConnectorError as error:
        code = code_of(error)
        if code is Exit.BUG:
            return report_bug(error, name=name, as_json=as_json)
        _explain(error, code)
        if as_json:
            screen.print_json(_json_of(error, code, name))
        return code
    except BrokenPipeError:
        screen.leave_quietly(sys.stdout)
        return Exit.FINISHED
    except KeyboardInterrupt:
        return INTERRUPTED
    except typer.Exit:
        raise
    except Exception as error:  # the one place for what nobody foresaw
        return report_bug(error, name=name, as_json=as_json)


def code_of(error: ConnectorError) -> Exit:
    """The exit code of an error that ended a command."""
    if isinstance(error, SetupError):
        return Exit.SETUP
    if isinstance(error, PlanRefused):
        return Exit.REFUSED
    if isinstance(error, PlatformError):
        return Exit.UNREACHABLE
    return Exit.BUG


def _explain(error: ConnectorError, code: Exit) -> None:
    if isinstance(error, MappingError):
        for problem in error.problems:
            screen.notice(problem)
        count = len(error.problems)
        screen.notice((f"{count} problem{'s' if count != 1 else ''} in the mapping files", "bold red"))
        return
    screen.notice(("error: ", "bold red"), str(error))
    advice = _advice(error, code)
    if advice:
        screen.notice(advice)


def _advice(error: ConnectorError, code: Exit) -> str:
    if isinstance(error, AccessDenied):
        return "The credentials were refused or lack a right; `connector check` shows which. Nothing was changed."
    if isinstance(error, Unavailable):
        return "The platform did not answer. Nothing was lost; run the command again later."
    if code is Exit.REFUSED:
        return "Nothing was written."
    return ""


def _json_of(error: ConnectorError, code: Exit, name: str) -> dict[str, Any]:
    found: dict[str, Any] = {"code": int(code), "kind": type(error).__name__, "message": str(error)}
    if isinstance(error, MappingError):
        found["problems"] = error.problems
    return _envelope(name, code) | {"error": found}


def _envelope(name: str, code: Exit) -> dict[str, Any]:
    """What stands around an error: the keys of a run (contract, section 6) where the command makes one."""
    if name not in RUNS:
        return {"schema": 1, "command": name}
    from connector.cli.json_report import no_report_json

    return no_report_json(name, int(code))


def report_bug(error: BaseException, *, name: str, as_json: bool) -> int:
    """Keep the traceback in the log, and give the person a reference to it."""
    reference = secrets.token_hex(4)
    where = _log_traceback(error, reference, name)
    screen.notice(
        ("error: ", "bold red"),
        f"something went wrong that should not have ({type(error).__name__}). Reference {reference}, {where}.",
    )
    if as_json:
        found = {"code": int(Exit.BUG), "kind": type(error).__name__, "reference": reference}
        screen.print_json(_envelope(name, Exit.BUG) | {"error": found})
    return Exit.BUG


def _log_traceback(error: BaseException, reference: str, name: str) -> str:
    """Where a person reads stderr the traceback goes to a file of their own, else into the log on stderr."""
    text = "".join(traceback.format_tb(error.__traceback__)) + _without_values(error)
    if not sys.stderr.isatty():
        import structlog

        from connector.cli.logs import set_up_logs

        set_up_logs()
        structlog.get_logger("connector").error(
            "unexpected failure", action=name, reference=reference, traceback=text
        )
        return "in the log above"
    path = crash_log()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(path, os.O_APPEND | os.O_CREAT | os.O_WRONLY, 0o600), "a") as file:
        file.write(f"reference {reference}, connector {name}\n{text}\n")
    return f"in {path}"


def _without_values(error: BaseException) -> str:
    """The error's type and message; a validation error's message would quote people's data."""
    if type(error).__name__ == "ValidationError":
        return "ValidationError (its values are left out)\n"
    return "".join(traceback.format_exception_only(error))


def crash_log() -> Path:
    """The file for tracebacks of commands that a person runs."""
    base = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(base) / "connector" / "errors.log"
