"""A file's tree against the grammar: everything that is wrong in shape, and what remains of the file without it.

What remains is checked further (`check.py`), so that a misspelt key does not hide a wrong code three lines below.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from connector.mapping.document import FileDocument
from connector.mapping.problems import Path, Problem, nearest_word, relative, spell
from connector.mapping.tree import WHOLE_NUMBER, Node, Tree

_KEY = "[key]"  # pydantic's mark for "the key itself is wrong"
_KEEPS_POSITION = (
    "rules",
    "examples",
    "courses",
)  # a wrong entry leaves an empty one, so that positions stay true


@dataclass(slots=True)
class Shaped:
    """What is usable of a file, as bare values of the grammar; `rejected` are the paths already complained about."""

    data: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    rejected: set[Path] = field(default_factory=set)

    def is_rejected(self, path: Path) -> bool:
        """Whether something at this path, above it or below it has been complained about."""
        return any(path[: len(other)] == other or other[: len(path)] == path for other in self.rejected)


def shape(tree: Tree, root: Node) -> Shaped:
    """Hold one file against the grammar. Never fails: what does not fit is reported and left out."""
    data = root.plain()
    if not isinstance(data, dict):
        return Shaped(
            {}, [Problem(root.place, "", "is no table; a mapping file begins with `version: 1` and `rules:`")]
        )
    shaped = Shaped(data, rejected=set(tree.dropped))
    errors = _errors(data)
    for error in errors:
        path, key_itself = _written(error["loc"])
        if path not in tree.dropped:
            shaped.problems.append(_problem(root, error, path, key_itself))
        shaped.rejected.add(path)
    while errors:
        # From the last entry of a list to the first, because leaving one out moves those behind it.
        cuts = [_leave_out(data, _written(error["loc"])[0]) for error in reversed(errors)]
        errors = _errors(data) if any(cuts) else []
    return shaped


def _errors(data: dict[str, Any]) -> list[ErrorDetails]:
    try:
        FileDocument.model_validate(data)
    except ValidationError as error:
        return error.errors(include_url=False)
    return []


def _written(loc: Path) -> tuple[Path, bool]:
    """The path as it is written, and whether the complaint is about its last key rather than about the value."""
    return (loc[:-1], True) if loc[-1:] == (_KEY,) else (loc, False)


def _leave_out(data: Any, path: Path) -> bool:
    """Cut out what stands at a path, or the smallest written thing around it; whether there was anything."""
    steps: list[tuple[Any, Any]] = []
    for key in path:
        if not _has(data, key):
            break
        steps.append((data, key))
        data = data[key]
    if not steps:
        return False
    container, key = steps[-1]
    if isinstance(container, list) and container[key] != {} and steps[-2][1] in _KEEPS_POSITION:
        container[key] = {}
    else:
        del container[key]
    return True


def _has(data: Any, key: Any) -> bool:
    if isinstance(data, dict):
        return key in data
    return isinstance(data, list) and isinstance(key, int) and key < len(data)


def _problem(root: Node, error: ErrorDetails, path: Path, key_itself: bool) -> Problem:
    node = root.nearest(path)
    about_key = key_itself or error["type"] == "extra_forbidden"
    message, nearest = _say(error, path, key_itself)
    return Problem(node.key if about_key else node.place, spell(relative(path)), message, nearest)


def _say(error: ErrorDetails, path: Path, key_itself: bool) -> tuple[str, str | None]:
    """Pydantic's complaint in the operators' words, and the nearest right value."""
    kind, context = error["type"], error.get("ctx", {})
    value = path[-1] if key_itself and path else error["input"]
    said = _short(str(value)) if key_itself else _quoted(value)
    if kind == "extra_forbidden":
        known = _known_keys(path[:-1])
        return f"is no key of this table, which has {_listed(known)}", nearest_word(str(path[-1]), known)
    if kind in ("enum", "literal_error"):
        known = _expected(str(context["expected"]))
        return f"{said} is not one of {', '.join(known)}", _nearest_choice(value, known)
    if kind == "bool_type":
        return f"{said} is neither true nor false", _nearest_bool(value)
    if kind in ("code", "share", "assessor", "unsettable", "quoted_number"):
        prefix = "" if kind == "unsettable" else f"{said} "
        return prefix + error["msg"], context.get("nearest")
    return _SIMPLE.get(kind, error["msg"]).format(value=said), None


_SIMPLE = {
    "int_type": "{value} is no whole number",
    "greater_than": "{value} is no id; ids begin at 1",
    "string_type": "{value} is no text; put text in quotes",
    "string_too_short": "is empty",
    "string_too_long": "is longer than 300 letters",
    "list_type": "{value} is no list; write [ … ]",
    "too_short": "the list is empty",
    "model_type": "{value} is no table of keys",
    "dict_type": "{value} is no table of keys",
}


def _quoted(value: object) -> str:
    """A value as an operator recognises it; what is long or nested is named instead."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = " ".join(str(value).split())
    if isinstance(value, str) and (WHOLE_NUMBER.fullmatch(text) or text in ("true", "false")):
        return f'"{text}" in quotes'  # without them the tree had made a number or a switch of it
    return _short(text) or "an empty text"


def _short(text: str) -> str:
    return f"{text[:57]}…" if len(text) > 60 else text


def _listed(words: list[str]) -> str:
    return ", ".join(words) if words else "none"


def _expected(text: str) -> list[str]:
    """The words out of pydantic's "'a', 'b' or 'c'"."""
    return [part.strip("' ") for part in text.replace(" or ", ", ").split(", ")]


def _nearest_choice(value: object, known: list[str]) -> str | None:
    """YAML's old habit of reading `off` as false is the commonest slip here."""
    if "off" in known and str(value).casefold() in ("false", "no", "none", "never"):
        return "off"
    return nearest_word(str(value), known)


def _nearest_bool(value: object) -> str | None:
    word = str(value).casefold()
    if word in ("yes", "on", "1"):
        return "true"
    return "false" if word in ("no", "off", "0") else nearest_word(word, ("true", "false"))


def _known_keys(path: Path) -> list[str]:
    """The keys of the table at a path of the grammar."""
    model: type[BaseModel] = FileDocument
    for key in path:
        if isinstance(key, str):
            model = _table_in(model.model_fields[key].annotation)
    return list(model.model_fields)


def _table_in(annotation: Any) -> type[BaseModel]:
    """The table inside `X`, `X | None` or `list[X] | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(_table_in(inner) for inner in get_args(annotation) if inner is not type(None))
