"""A problem of a mapping file: where, what, and what would be right."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.rule import Place

Key = str | int
Path = tuple[Key, ...]
"""The way to a value inside a file: keys as they are written, positions in lists counted from 0."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One line for the operator. `path` is relative to the rule; `lint` names a warning; `nearest` is what was probably meant.

    A `place` with line 0 means the file or directory as a whole.
    """

    place: Place
    path: str
    message: str
    nearest: str | None = None
    lint: str | None = None

    def __str__(self) -> str:
        where = str(self.place) if self.place.line else self.place.file
        what = f"warning {self.lint}: {self.message}" if self.lint else self.message
        line = f"{where}: {self.path}: {what}" if self.path else f"{where}: {what}"
        return f"{line}; nearest: {self.nearest}" if self.nearest is not None else line


def in_file_order(problems: Iterable[Problem]) -> list[Problem]:
    """Without repetitions (a default is checked once per rule), as one reads the files."""
    unique = dict.fromkeys(problems)
    return sorted(unique, key=lambda problem: (problem.place.file, problem.place.line, problem.place.column))


def spell(path: Path) -> str:
    """A path as the messages write it: `outcome.to_axcelerate.passed`, `axcelerate.classes[2]` for the second one."""
    text = ""
    for key in path:
        text += f"[{key + 1}]" if isinstance(key, int) else f".{key}" if text else key
    return text


def relative(path: Path) -> Path:
    """A path inside a file, told from the rule on; a rule as a whole keeps its position (`rules[3]`)."""
    return path[2:] if path[:1] == ("rules",) and len(path) > 2 else path


def nearest_word(word: str, known: Iterable[str]) -> str | None:
    """The known word that looks most like this one, or None where nothing does."""
    by_case = {one.casefold(): one for one in known}
    found = difflib.get_close_matches(word.casefold(), by_case, n=1, cutoff=0.5)
    return by_case[found[0]] if found else None
