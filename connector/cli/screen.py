"""What people read: rich text on a terminal, plain lines elsewhere; stdout for answers, stderr for everything else."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Part = "str | tuple[str, str]"
"""A piece of a line: text, or text with a style."""

PLAIN_WIDTH = 100_000
"""Away from a terminal no line is broken: what reads the output breaks lines itself, or greps them."""


def answers() -> Console:
    """Where the answer of a command goes."""
    return _console(sys.stdout)


def notices() -> Console:
    """Where advice, warnings and progress go, so that the answer can be piped."""
    return _console(sys.stderr)


def _console(file: IO[str]) -> Console:
    from rich.console import Console

    class Quiet(Console):
        def on_broken_pipe(self) -> None:
            """Whoever read the output has seen enough: the work's own exit code stands."""
            leave_quietly(file)

    is_terminal = file.isatty()
    return Quiet(
        file=file,
        highlight=False,
        markup=False,
        emoji=False,
        width=None if is_terminal else PLAIN_WIDTH,
        no_color=True if os.environ.get("NO_COLOR") else None,
    )


def line(*parts: str | tuple[str, str], indent: int = 0) -> Text:
    """One line from pieces; nothing in them is taken for markup, a learner may be called "[b]"."""
    from rich.text import Text

    return Text.assemble(" " * indent, *parts)


def say(*parts: str | tuple[str, str], indent: int = 0) -> None:
    """One line of the answer."""
    answers().print(line(*parts, indent=indent), soft_wrap=True)


def notice(*parts: str | tuple[str, str]) -> None:
    """One line beside the answer."""
    notices().print(line(*parts), soft_wrap=True)


def print_json(value: Mapping[str, Any]) -> None:
    """Exactly one JSON object on stdout; letters that the output cannot carry are escaped."""
    is_utf8 = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    try:
        sys.stdout.write(json.dumps(value, ensure_ascii=not is_utf8, indent=2) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        leave_quietly(sys.stdout)


def leave_quietly(file: IO[str]) -> None:
    """Send what is still to come to nowhere, so that closing a broken pipe says nothing either."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, file.fileno())
    os.close(nowhere)
