"""Where settings are written: the environment, secret files, connector.yaml. Values arrive here as text, meanings in `settings.py`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

PREFIX = "CONNECTOR_"
SECRETS_DIR = "CONNECTOR_SECRETS_DIR"
_NOT_SETTINGS = frozenset({SECRETS_DIR, "CONNECTOR_ACCOUNTS_DIR"})  # contract, section 8 reserves the second
_MAX_BYTES = 1_000_000

Name = tuple[str, ...]
"""A setting by its levels: ("ispring", "page_size")."""


def variable(name: Name) -> str:
    """The environment variable of a setting, which is also the name of its secret file."""
    return PREFIX + "__".join(name).upper()


@dataclass(frozen=True, slots=True)
class Written:
    """A value as text, and where it is written: a variable, a secret file, or a line of connector.yaml."""

    text: str
    where: str


@dataclass(slots=True)
class Sources:
    """Everything written anywhere, the stronger source first asked; with what is wrong with the sources themselves."""

    values: dict[Name, Written] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_whole: bool = True  # False: something could not be read, so nothing can be called missing

    def unreadable(self, problem: str) -> None:
        self.problems.append(problem)
        self.is_whole = False

    def add(self, name: Name, written: Written) -> None:
        """Keep a value unless a stronger source has one. An empty text is no value: `NAME=` in an environment file unsets."""
        if written.text.strip():
            self.values.setdefault(name, written)


def read_sources(known: Iterable[Name], environ: Mapping[str, str], config: Path | None) -> Sources:
    """Read all sources: the environment wins over secret files, these over the file (contract, section 2)."""
    names = {variable(name): name for name in known}
    sources = Sources()
    _read_environment(sources, names, environ)
    _read_secret_files(sources, names, environ.get(SECRETS_DIR, ""))
    _read_file(sources, set(names.values()), config)
    return sources


def _read_environment(sources: Sources, names: Mapping[str, Name], environ: Mapping[str, str]) -> None:
    for key, text in environ.items():
        if key in names:
            sources.add(names[key], Written(text, key))
        elif key.startswith(PREFIX) and key not in _NOT_SETTINGS:
            # Two underscores are nobody's habit but ours; one may belong to another program of that name.
            complaints = sources.problems if "__" in key else sources.warnings
            complaints.append(f"{key}: is no setting{_nearest(key, names)}")


def _read_secret_files(sources: Sources, names: Mapping[str, Name], directory: str) -> None:
    if not directory:
        return
    try:
        files = sorted(path for path in Path(directory).iterdir() if path.name.startswith(PREFIX))
    except OSError as error:
        sources.unreadable(f"{SECRETS_DIR}: {directory} cannot be read: {error.strerror}")
        return
    for path in files:
        if path.name not in names:
            sources.problems.append(f"{path}: is no setting{_nearest(path.name, names)}")
            continue
        try:
            # Editors and `echo` end a file with a line break that is no part of the secret.
            text = path.read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError):
            sources.unreadable(f"{path}: cannot be read as text")
            continue
        sources.add(names[path.name], Written(text, str(path)))


def _read_file(sources: Sources, known: set[Name], config: Path | None) -> None:
    path = config if config is not None else Path("connector.yaml")
    if config is None and not path.exists():
        return
    try:
        content = path.read_bytes()
        text = content[:_MAX_BYTES].decode("utf-8-sig")
    except OSError as error:
        sources.unreadable(f"{path}: cannot be read: {error.strerror}")
        return
    except UnicodeDecodeError:
        sources.unreadable(f"{path}: is not UTF-8 text")
        return
    _read_yaml(sources, known, str(path), text)


def _read_yaml(sources: Sources, known: set[Name], file: str, text: str) -> None:
    """Two levels of names. Values stay text (`password: 007`); what they mean is decided where the environment's are."""
    from ruamel.yaml import YAML
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"{file}:{mark.line + 1}:{mark.column + 1}" if mark else file
        sources.unreadable(f"{where}: is not YAML: {error.problem}")
        return
    except (YAMLError, ValueError, OverflowError, RecursionError):
        sources.unreadable(f"{file}: is not YAML")
        return
    if root is not None:
        _read_table(sources, known, file, root, ())


def _read_table(sources: Sources, known: set[Name], file: str, node: object, above: Name) -> None:
    from ruamel.yaml.nodes import MappingNode, ScalarNode

    if not isinstance(node, MappingNode):
        sources.unreadable(f"{file}: is no table of names; write `timezone: Australia/Sydney` and the like")
        return
    seen: set[str] = set()
    for key, value in node.value:
        where = f"{file}:{key.start_mark.line + 1}:{key.start_mark.column + 1}"
        word = str(key.value) if isinstance(key, ScalarNode) else "?"
        name = (*above, word)
        spelt = ".".join(name)
        is_group = any(other[: len(name)] == name for other in known if len(other) > len(name))
        if word in seen:
            sources.problems.append(f"{where}: {spelt}: stands twice")
        elif is_group and isinstance(value, MappingNode):
            _read_table(sources, known, file, value, name)
        elif is_group:
            sources.problems.append(f"{where}: {spelt}: holds names of its own; indent them below it")
        elif name not in known:
            options = {".".join(other): other for other in known}
            sources.problems.append(f"{where}: {spelt}: is no setting{_nearest(spelt, options)}")
        elif isinstance(value, ScalarNode):
            is_nothing = value.style is None and value.value in ("", "~", "null")
            sources.add(name, Written("" if is_nothing else str(value.value), f"{where}: {spelt}"))
        else:
            sources.problems.append(f"{where}: {spelt}: holds one value, no list and no table")
        seen.add(word)


def _nearest(word: str, known: Iterable[str]) -> str:
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; nearest: {found[0]}" if found else ""


def nest(values: Mapping[Name, Written]) -> dict[str, object]:
    """Flat names as the nested tables that the models take."""
    root: dict[str, object] = {}
    for name, written in values.items():
        table = root
        for level in name[:-1]:
            below = table.setdefault(level, {})
            assert isinstance(below, dict)
            table = below
        table[name[-1]] = written.text
    return root


def lines_of(problems: Iterable[str]) -> Iterator[str]:
    """Each problem once, in a stable order."""
    yield from sorted(dict.fromkeys(problems))
