"""A directory of mapping files becomes rules, or the list of everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from connector.domain.rule import Place, Rule, Rules
from connector.errors import MappingError
from connector.mapping.build import build_limits, build_rule, build_rules
from connector.mapping.check import check_file, check_rule, check_together
from connector.mapping.draft import FileDraft, draft_file
from connector.mapping.examples import Example, examples_of
from connector.mapping.lint import Linted, lint
from connector.mapping.problems import Problem, in_file_order
from connector.mapping.shape import shape
from connector.mapping.tree import read_tree


@dataclass(frozen=True, slots=True)
class Loaded:
    """Valid mappings. `files` in the order in which their rules rank."""

    rules: Rules
    examples: tuple[Example, ...]
    warnings: tuple[Problem, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What there is to say about a directory of mappings; `loaded` is None while there are problems."""

    files: tuple[Path, ...]
    problems: tuple[Problem, ...]
    warnings: tuple[Problem, ...]
    loaded: Loaded | None


def load_rules(directory: Path, *, jurisdiction: str) -> Loaded:
    """Read every `*.yaml` of a directory (not below it). `jurisdiction` is the setting, for rules that name none.

    Raises: MappingError with every problem of every file, in the order in which one reads them.
    """
    checked = check_mappings(directory, jurisdiction=jurisdiction)
    if checked.loaded is None:
        raise MappingError([str(problem) for problem in checked.problems])
    return checked.loaded


def check_mappings(directory: Path, *, jurisdiction: str) -> Checked:
    """The same reading without an exception: problems, warnings, and the rules where there are no problems."""
    files, problems = _files_in(directory)
    drafts: list[FileDraft] = []
    for path in files:
        draft, found = _read(path)
        problems += found
        drafts += [draft] if draft is not None else []
    rules, found = _check(drafts, jurisdiction)
    problems += found
    if not problems and not rules:
        problems.append(Problem(Place(directory.as_posix(), 0, 0), "", "holds no rule in any of its files"))
    warnings = in_file_order([*lint(rules), *_unread(directory)])
    loaded = None if problems else _loaded(drafts, rules, warnings, files)
    return Checked(tuple(files), tuple(in_file_order(problems)), tuple(warnings), loaded)


def _files_in(directory: Path) -> tuple[list[Path], list[Problem]]:
    """The mapping files by name. What begins with a dot is an editor's, as for a shell's `*.yaml`."""
    name = directory.as_posix()
    if not directory.is_dir():
        what = "is a file, not a directory" if directory.exists() else "does not exist"
        return [], [
            Problem(
                Place(name, 0, 0),
                "",
                f"{what}; CONNECTOR_MAPPINGS_DIR names the directory of the mapping files",
            )
        ]
    try:
        files = sorted(
            (path for path in directory.iterdir() if _is_mapping(path)), key=lambda path: path.name
        )
    except OSError as error:
        return [], [Problem(Place(name, 0, 0), "", f"cannot be read: {error.strerror}")]
    if not files:
        return [], [
            Problem(
                Place(name, 0, 0),
                "",
                "holds no *.yaml file; an annotated one is mappings/example/example.yaml",
            )
        ]
    return files, []


def _is_mapping(path: Path) -> bool:
    return path.suffix == ".yaml" and not path.name.startswith(".")


def _unread(directory: Path) -> Iterable[Problem]:
    """Files that somebody may believe to be read."""
    if not directory.is_dir():
        return
    for path in sorted(directory.iterdir()):
        if (
            path.suffix.lower() in (".yml", ".yaml")
            and not _is_mapping(path)
            and not path.name.startswith(".")
        ):
            message = "is not read, only *.yaml is; rename it, or move it away"
            yield Problem(Place(path.as_posix(), 0, 0), "", message, lint="file-not-read")


def _read(path: Path) -> tuple[FileDraft | None, list[Problem]]:
    name = path.as_posix()
    if path.exists() and not (path.is_file() or path.is_dir()):
        return None, [
            Problem(Place(name, 0, 0), "", "cannot be read: is no ordinary file")
        ]  # a pipe waits for ever
    try:
        content = path.read_bytes()
    except OSError as error:
        return None, [Problem(Place(name, 0, 0), "", f"cannot be read: {error.strerror}")]
    tree = read_tree(name, content)
    if tree.root is None:
        return None, tree.problems
    shaped = shape(tree, tree.root)
    problems = [*tree.problems, *shaped.problems]
    if not isinstance(tree.root.value, dict):
        return None, problems
    draft = draft_file(name, content.decode("utf-8-sig"), tree.root, shaped)
    return draft, [*problems, *check_file(draft)]


def _check(drafts: list[FileDraft], jurisdiction: str) -> tuple[list[Linted], list[Problem]]:
    """The rules that are sound in themselves, ranked over all files, and what is wrong with the others and together."""
    problems = list(check_together(drafts))
    sound: list[Linted] = []
    position = 0
    for file in drafts:
        for draft in file.rules:
            found = list(check_rule(draft, jurisdiction))
            problems += found
            if not found and draft.is_sound():
                rule = build_rule(file, draft, position=position, jurisdiction=jurisdiction)
                sound.append(Linted(draft, rule))
            position += 1
    return sound, problems


def _loaded(
    drafts: list[FileDraft], sound: list[Linted], warnings: list[Problem], files: list[Path]
) -> Loaded:
    limits = next((file.document.limits for file in drafts if file.document.limits is not None), None)
    rules: list[Rule] = [one.rule for one in sound]
    examples = [example for one in sound for example in examples_of(one.draft, one.rule)]
    return Loaded(build_rules(rules, build_limits(limits)), tuple(examples), tuple(warnings), tuple(files))
