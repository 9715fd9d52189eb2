"""Edit a mapping file as a careful person would: exactly the lines that mean something else change.

A value is replaced, or a key put in, at the place where the parser found it; nothing is loaded and written anew, so comments, blank
lines, quotes and widths stay as they were typed. What comes out is read again before it is handed back.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeAlias

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from connector.errors import UsageError
from connector.mapping.problems import Path, spell
from connector.mapping.tree import read_tree

Word: TypeAlias = str | int | bool
Value: TypeAlias = "Word | list[Value] | dict[str, Value]"

_PLAIN = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./@+=-]*( [A-Za-z0-9_./@+=-]+)*")
_NOT_TEXT = re.compile(r"[-+]?[0-9][0-9_]*|true|false|null|~", re.IGNORECASE)
RULES_INDENT = 2


def set_value(text: str, rule_id: str, path: Path, value: Value) -> str:
    """The file's text with one value of one rule set; keys that are not written yet are put in.

    `path` leads from the rule ("due_date", "direction"). Raises UsageError where the file has no such rule, or a list or
    group of several lines stands there, which no single value can replace.
    """
    rule = _rule(_root(text), rule_id)
    node, left = _follow(rule, path)
    if not left:
        edited = _replaced(text, node, value, path)
    elif isinstance(node, MappingNode) and isinstance(left[0], str):
        for key in reversed(left[1:]):
            value = {str(key): value}
        edited = _with_key(text, node, str(left[0]), value)
    else:
        raise UsageError(f"{rule_id}: {spell(path)} cannot be set: there is nothing to hold it")
    _check(edited, rule_id, path)
    return edited


def add_rule(text: str, rule: str) -> str:
    """The file's text with a rule put behind the last one. `rule` is YAML that begins with `- id: …` in the first column."""
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    tree = read_tree("", text.encode()).root
    rules = tree.at(("rules",)) if tree else None
    if rules is None or not isinstance(rules.value, list) or not rules.value:
        return "".join([*lines, "rules:\n", *_indented(rule, RULES_INDENT)])
    behind = max(node.last_line for _, node in rules.walk())
    column = rules.value[0].place.column - 1 - len("- ")
    return "".join([*lines[:behind], *_indented(rule, column), *lines[behind:]])


def written(value: Value) -> str:
    """A value as it is typed on one line; text that would be read as something else is quoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(written(item) for item in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    is_plain = _PLAIN.fullmatch(value) and not _NOT_TEXT.fullmatch(value)
    return value if is_plain else f'"{"".join(map(_escaped, value))}"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    return letter if letter.isprintable() else f"\\U{ord(letter):08x}"


# -- finding -----------------------------------------------------------------------------------------------------------------


def _root(text: str) -> MappingNode:
    root: Node | None = YAML(typ="rt", pure=True).compose(text)
    if not isinstance(root, MappingNode):
        raise UsageError("the file holds no mapping")
    return root


def _rule(root: MappingNode, rule_id: str) -> MappingNode:
    rules = _child(root, "rules")
    for rule in rules.value if isinstance(rules, SequenceNode) else ():
        own = _child(rule, "id")
        if isinstance(rule, MappingNode) and own is not None and own.value == rule_id:
            return rule
    raise UsageError(f"the file has no rule {rule_id}")


def _child(node: Node, key: str | int) -> Node | None:
    if isinstance(node, MappingNode):
        return next((value for name, value in node.value if name.value == str(key)), None)
    if isinstance(node, SequenceNode) and isinstance(key, int) and key < len(node.value):
        found: Node = node.value[key]
        return found
    return None


def _follow(node: Node, path: Path) -> tuple[Node, Path]:
    """The last node of the path that is written, and what is left of the path."""
    for position, key in enumerate(path):
        child = _child(node, key)
        if child is None:
            return node, path[position:]
        node = child
    return node, ()


# -- changing ----------------------------------------------------------------------------------------------------------------


def _replaced(text: str, node: Node, value: Value, path: Path) -> str:
    is_on_one_line = isinstance(node, ScalarNode) and node.style not in ("|", ">")
    if not is_on_one_line and not getattr(node, "flow_style", False):
        raise UsageError(f"{spell(path)} stands on several lines; edit the file by hand")
    return text[: node.start_mark.index] + written(value) + text[node.end_mark.index :]


def _with_key(text: str, node: MappingNode, key: str, value: Value) -> str:
    entry = f"{written(key)}: {written(value)}"
    if node.flow_style:
        end = node.end_mark.index - 1
        begun = text[:end].rstrip()
        separator = ", " if node.value else ""
        return begun + separator + entry + text[len(begun) :]
    lines = text.splitlines(keepends=True)
    behind = max(line for _, line in _last_lines(node))
    if behind <= len(lines) and not lines[behind - 1].endswith("\n"):
        lines[behind - 1] += "\n"
    column = node.value[0][0].start_mark.column
    return "".join([*lines[:behind], f"{' ' * column}{entry}\n", *lines[behind:]])


def _last_lines(node: Node) -> Iterator[tuple[Node, int]]:
    """Every scalar below a node with its last line, counted from 1; a block collection's own end lies behind its comments."""
    if isinstance(node, ScalarNode):
        is_block = node.style in ("|", ">")
        yield node, node.end_mark.line + (0 if is_block else 1)
        return
    assert isinstance(node, MappingNode | SequenceNode)
    if node.flow_style:
        yield node, node.end_mark.line + 1
        return
    for child in node.value:
        for each in child if isinstance(child, tuple) else (child,):
            yield from _last_lines(each)


def _indented(rule: str, column: int) -> list[str]:
    return [f"{' ' * column}{line}" if line.strip() else line for line in rule.splitlines(keepends=True)]


def _check(edited: str, rule_id: str, path: Path) -> None:
    """An edit that did not end up where it was meant must not leave this module."""
    rule: Any = _rule(_root(edited), rule_id)
    _, left = _follow(rule, path)
    if left:
        raise UsageError(f"{rule_id}: {spell(path)} cannot be set here; edit the file by hand")
