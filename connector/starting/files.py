"""The files of a first run: settings and secrets that nobody else can read, and a first mapping."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.errors import UsageError
from connector.mapping.editing import written
from connector.settings_sources import Name, variable
from connector.starting.answers import secret_names

FIRST_MAPPING = "first.yaml"
_HEAD = """\
# Settings of the connector, written by `connector init`. Every name is explained in docs/operating.md of the connector.
# Secrets stand in files of their own, each named as its variable; CONNECTOR_SECRETS_DIR names their directory.
"""


@dataclass(frozen=True, slots=True)
class Places:
    """Where everything goes: the settings file, the directory of secrets, the directory of mapping files."""

    settings: Path
    secrets: Path
    mappings: Path

    @property
    def first_mapping(self) -> Path:
        return self.mappings / FIRST_MAPPING

    def has_mappings(self) -> bool:
        """Whether somebody has written mapping files here already; ours is not counted."""
        return any(path != self.first_mapping for path in self.mappings.glob("*.yaml"))


def refuse_to_overwrite(places: Places) -> None:
    """Raises UsageError naming every file that is there already."""
    there = [path for path in (places.settings, places.first_mapping) if path.exists()]
    there += sorted(places.secrets.glob("CONNECTOR_*")) if places.secrets.is_dir() else []
    if there:
        names = ", ".join(str(path) for path in there)
        raise UsageError(f"there already: {names}; --force writes them anew")


def write_settings(places: Places, answers: Mapping[Name, str]) -> None:
    """connector.yaml without secrets, and a file for each secret; all of them 0600, the directory 0700."""
    hidden = secret_names()
    plain = {name: text for name, text in answers.items() if name not in hidden}
    _write_private(places.settings, _HEAD + "\n" + settings_text(plain, places.mappings))
    places.secrets.mkdir(parents=True, exist_ok=True, mode=0o700)
    places.secrets.chmod(0o700)
    for name in sorted(hidden & answers.keys()):
        _write_private(places.secrets / variable(name), answers[name] + "\n")


def settings_text(answers: Mapping[Name, str], mappings: Path) -> str:
    """Settings as YAML, a group each."""
    top = {name[0]: text for name, text in answers.items() if len(name) == 1}
    lines = [f"{word}: {written(text)}" for word, text in {**top, "mappings_dir": str(mappings)}.items()]
    for group in dict.fromkeys(name[0] for name in answers if len(name) > 1):
        lines += ["", f"{group}:"]
        lines += [f"  {name[1]}: {_typed(text)}" for name, text in answers.items() if name[0] == group]
    return "\n".join(lines) + "\n"


def _typed(text: str) -> str:
    return text if text.isdecimal() else written(text)


def write_mapping(places: Places, text: str) -> None:
    """The suggested mapping: it holds no secret, and people share mapping files."""
    places.mappings.mkdir(parents=True, exist_ok=True)
    places.first_mapping.write_text(text, encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    """A file that nobody else could read at any moment, an older one of other rights included."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
