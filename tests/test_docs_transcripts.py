"""Every example of the documentation is executed against the sandboxes and says what the page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main

from connector.cli.app import app
from tests.transcripts import Step, execute, fits, pages, session, steps_of


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.name)
def test_every_command_of_the_page_says_what_the_page_says(page: Path):
    with session(page) as environ:
        for step in steps_of(page):
            outcome = execute(step, environ)

            assert outcome.code == step.code, f"{step}\nended with {outcome.code}:\n{outcome.text}"
            assert fits(step.expected, outcome.text), f"{step}\nreally says:\n{outcome.text}"


def _commands(group: object, above: str = "") -> Iterator[str]:
    for name, command in getattr(group, "commands", {}).items():
        path = f"{above} {name}".strip()
        if hasattr(command, "commands"):
            yield from _commands(command, path)
        else:
            yield path


def _shown() -> list[Step]:
    return [step for page in pages() for step in steps_of(page)]


@pytest.mark.parametrize("name", sorted(_commands(typer.main.get_command(app))))
def test_every_command_has_an_example(name: str):
    assert any(f"connector {name}" in step.command for step in _shown())


@pytest.mark.parametrize(
    ("expected", "said", "is_same"),
    [
        ("one\n…\nthree\n", "one\ntwo\nthree\n", True),
        ("one\n…\nthree\n", "one\ntwo\nfour\n", False),
        ("due … now\n", "due 2026-03-01 now\n", True),
        ("due … now\n", "due 2026-03-01 now\nand more\n", False),
        ("a.c\n", "abc\n", False),
    ],
)
def test_an_ellipsis_stands_for_anything_and_everything_else_for_itself(
    expected: str, said: str, is_same: bool
):
    assert fits(expected, said) is is_same
