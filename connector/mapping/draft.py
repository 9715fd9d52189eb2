"""A rule on its way: what is usable of it, defaults filled in, and the way back to what is written where."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from connector.domain.rule import Place, Target
from connector.mapping.document import FileDocument, RuleDocument
from connector.mapping.problems import Path, Problem, spell
from connector.mapping.shape import Shaped
from connector.mapping.tree import Node

_SHARED = ("enrolment", "start_date", "due_date", "access", "outcome")


@dataclass(slots=True)
class Draft:
    """One rule with the defaults of its file.

    `document` holds the rule's own keys over the defaults'; `own` and `shared` the bare values of each. A class or module rule takes no
    outcome and no examples from the defaults: they are there for the unit rules of the file.
    """

    document: RuleDocument
    own: dict[str, Any]
    shared: dict[str, Any]
    node: Node
    defaults: Node | None
    position: Path
    shaped: Shaped

    @property
    def target(self) -> Target | None:
        return self.document.axcelerate.target if self.document.axcelerate else None

    def is_own(self, *path: str) -> bool:
        """Whether the rule itself says this, rather than its file's defaults or the grammar's."""
        value: Any = self.own
        for key in path:
            if not isinstance(value, dict) or key not in value:
                return False
            value = value[key]
        return True

    def is_taken(self, path: Path) -> bool:
        """Whether what the defaults write at this path holds for the rule."""
        if path[0] in ("outcome", "examples") and self.target is not Target.UNIT:
            return False
        if (
            path[1:2] == ("direction",)
            and path[0] in ("start_date", "due_date")
            and self.target is Target.CLASS
        ):
            return False
        # A table of codes stands as a whole: beside the rule's own one, the defaults' entries decide nothing.
        depth = 1 if path[0] == "examples" else 2
        return self.node.at(path[:depth]) is None or len(path) < depth

    def is_sound(self, *path: str) -> bool:
        """Whether nothing at this path has been complained about yet."""
        return not self.shaped.is_rejected((*self.position, *path))

    def problem(
        self,
        path: Path,
        message: str,
        nearest: str | None = None,
        *,
        at_key: bool = False,
        lint: str | None = None,
    ) -> Problem:
        """A problem of the value at a path: placed where it is written, in the rule or in the defaults, else at the nearest parent."""
        root, name = self.node, spell(path)
        if root.at(path) is None and self.defaults is not None and self.defaults.at(path) is not None:
            root, name = self.defaults, f"defaults.{name}"
        node = root.nearest(path)
        whole = node is root and bool(path)
        return Problem(node.key if at_key and not whole else node.place, name, message, nearest, lint)

    def missing(self, path: Path, message: str) -> Problem:
        """A key that should be there: placed at the key of the table that lacks it."""
        return self.problem(path, f"is missing; {message}", at_key=True)


@dataclass(slots=True)
class FileDraft:
    """One file: its rules, and the file's own values."""

    file: str
    lines: list[str]
    document: FileDocument
    root: Node
    shaped: Shaped
    rules: list[Draft] = field(default_factory=list)

    def place(self, *path: str) -> Place:
        return self.root.nearest(path).key


def draft_file(file: str, text: str, root: Node, shaped: Shaped) -> FileDraft:
    """Fill each rule's gaps from the file's defaults."""
    draft = FileDraft(file, text.split("\n"), FileDocument.model_validate(shaped.data), root, shaped)
    shared = shaped.data.get("defaults", {})
    for position, own in enumerate(shaped.data.get("rules", [])):
        node = root.at(("rules", position))
        if node is None or not isinstance(node.value, dict):
            continue
        document = RuleDocument.model_validate(_merged(own, shared))
        draft.rules.append(
            Draft(document, own, shared, node, root.at(("defaults",)), ("rules", position), shaped)
        )
    return draft


def _merged(own: dict[str, Any], shared: dict[str, Any]) -> dict[str, Any]:
    """The rule's keys over the defaults', one level deep: an outcome table is never mixed from two (docs/decisions/0302)."""
    target = own.get("axcelerate", {}).get("target")
    taken = {
        key: value
        for key, value in shared.items()
        if target == Target.UNIT or key not in ("outcome", "examples")
    }
    merged = {**taken, **own}
    for key in _SHARED:
        if key in taken and key in own:
            merged[key] = {**taken[key], **own[key]}
    return merged


def all_rules(files: list[FileDraft]) -> Iterator[Draft]:
    """Every rule of every file, in the order of files and lines."""
    for file in files:
        yield from file.rules
