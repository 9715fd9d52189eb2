"""YAML text as a tree in which everything knows its place.

Built from the parser's events, not from loaded values: so a key written twice, a tag or an alias is seen where it stands, an
alias bomb costs nothing, and a word stays the word that was typed (`off`, `no`, `12:30`, `007`). Of YAML's scalars only
whole numbers, true, false and nothing mean something here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from connector.domain.rule import Place
from connector.mapping.problems import Path, Problem, relative, spell

MAX_BYTES = 4_000_000
MAX_DEPTH = 16  # the grammar needs 7

Scalar = str | int | bool


@dataclass(slots=True)
class Node:
    """A value and where it stands. `key` is the place of its key (of the value itself in a list); `last_line` counts from 1.

    The value is None for an entry of a list that was reported already, and only there.
    """

    value: Scalar | dict[str, Node] | list[Node] | None
    place: Place
    key: Place
    last_line: int

    def at(self, path: Path) -> Node | None:
        """The node at the end of a path, or None where nothing is written."""
        node: Node | None = self
        for key in path:
            node = node._child(key) if node is not None else None
        return node

    def nearest(self, path: Path) -> Node:
        """The node of the longest written beginning of a path."""
        node = self
        for key in path:
            child = node._child(key)
            if child is None:
                break
            node = child
        return node

    def plain(self) -> Any:
        """The bare values, without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        return self.value

    def walk(self, path: Path = ()) -> Iterator[tuple[Path, Node]]:
        """This node and all below it, with the way to each."""
        yield path, self
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                yield from child.walk((*path, key))
        elif isinstance(self.value, list):
            for index, child in enumerate(self.value):
                yield from child.walk((*path, index))

    def _child(self, key: str | int) -> Node | None:
        if isinstance(self.value, dict) and isinstance(key, str):
            return self.value.get(key)
        if isinstance(self.value, list) and isinstance(key, int) and key < len(self.value):
            return self.value[key]
        return None


@dataclass(slots=True)
class Tree:
    """One file. `dropped` are the paths of values that are reported already and left out of the tree.

    `root` is None where nothing can be checked further: not UTF-8, empty, too large, or broken YAML (then `problems` names the first
    place where it breaks).
    """

    root: Node | None
    problems: list[Problem]
    dropped: set[Path] = field(default_factory=set)


def read_tree(file: str, content: bytes) -> Tree:
    """The tree of one file and what is wrong with it as YAML."""
    if len(content) > MAX_BYTES:
        return Tree(
            None, [_whole(file, f"is larger than {MAX_BYTES // 1_000_000} MB; split it into several files")]
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Tree(None, [_not_utf8(file, content, error)])
    builder = _Builder(file, len(text))
    try:
        root = builder.read(iter(YAML(typ="safe", pure=True).parse(text)))
    except MarkedYAMLError as error:
        return Tree(None, [*builder.problems, _broken(file, error)])
    except ReaderError as error:
        where = _place_of_offset(file, text, error.position)
        message = "a control character stands here, which YAML does not allow"
        return Tree(None, [*builder.problems, Problem(where, "", message)])
    except (YAMLError, ValueError, OverflowError) as error:
        # An escape such as "\UFFFFFFFF" leaves the scanner without a place: say what was read last.
        return Tree(
            None,
            [*builder.problems, Problem(builder.last, "", f"is not YAML behind this: {_first_line(error)}")],
        )
    if root is None and not builder.problems:
        return Tree(
            None, [Problem(Place(file, 1, 1), "", "is empty; a mapping file begins with `version: 1`")]
        )
    return Tree(root, builder.problems, builder.dropped)


class _Builder:
    """Turns parser events into nodes, collecting what the grammar forbids of YAML itself."""

    def __init__(self, file: str, length: int) -> None:
        self.problems: list[Problem] = []
        self.dropped: set[Path] = set()
        self.last = Place(file, 1, 1)
        self._file = file
        self._length = length
        self._events: Iterator[Event] = iter(())

    def read(self, events: Iterator[Event]) -> Node | None:
        self._events = self._watched(events)
        root: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents == 2:
                    self._report(event, (), "a second document begins here; one file holds one document")
            elif isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent | AliasEvent):
                node = self._node(event, (), None)
                root = node if documents == 1 else root
        return root

    def _watched(self, events: Iterator[Event]) -> Iterator[Event]:
        for event in events:
            self.last = self._place(event)
            yield event

    def _node(self, event: Event, path: Path, key: Place | None) -> Node | None:
        """The node that an event begins; None for "nothing", for an alias, and for what is nested too deep."""
        place = self._place(event)
        if isinstance(event, AliasEvent):
            self._report(event, path, f"`*{event.anchor}` is an alias; write the value out")
            return None
        self._refuse_decorations(event, path)
        if isinstance(event, ScalarEvent):
            return self._scalar(event, path, place, key)
        if len(path) > MAX_DEPTH:
            self._report(event, path[:MAX_DEPTH], "is nested too deep")
            self._skip(event)
            return None
        if isinstance(event, MappingStartEvent):
            return self._mapping(path, place, key)
        return self._sequence(path, place, key)

    def _scalar(self, event: ScalarEvent, path: Path, place: Place, key: Place | None) -> Node | None:
        value = event.value if event.style or event.tag else _meaning(event.value)
        if value is None:
            if path:
                where = key or place
                self.problems.append(
                    Problem(
                        where, spell(relative(path)), "nothing stands here; write a value or leave it out"
                    )
                )
            return None
        return Node(value, place, key or place, max(self._last_line(event), place.line))

    def _last_line(self, event: ScalarEvent) -> int:
        """A block scalar's end mark stands in the line behind it, unless the file ends there."""
        end = event.end_mark
        is_block = event.style in ("|", ">") and end.index < self._length
        return int(end.line) + (0 if is_block else 1)

    def _mapping(self, path: Path, place: Place, key: Place | None) -> Node:
        entries: dict[str, Node] = {}
        written: dict[str, Place] = {}
        last_line = place.line
        for event in self._events:
            if isinstance(event, MappingEndEvent):
                last_line = max(last_line, _flow_end(event))
                break
            name = self._key(event, path)
            if name is None:
                continue
            child_key = self._place(event)
            child = self._node(next(self._events), (*path, name), child_key)
            last_line = max(last_line, child_key.line, child.last_line if child else 0)
            if child is None:
                self.dropped.add((*path, name))
            if name in written:
                where = spell(relative((*path, name)))
                message = f"stands twice; the first is in line {written[name].line}"
                self.problems.append(Problem(child_key, where, message))
                continue
            written[name] = child_key
            if child is not None:
                entries[name] = child
        return Node(entries, place, key or place, last_line)

    def _sequence(self, path: Path, place: Place, key: Place | None) -> Node:
        items: list[Node] = []
        last_line = place.line
        for position, event in enumerate(self._events):
            if isinstance(event, SequenceEndEvent):
                last_line = max(last_line, _flow_end(event))
                break
            child = self._node(event, (*path, position), None)
            if child is None:
                # Nothing keeps its position, so that those behind it are called by theirs.
                self.dropped.add((*path, position))
                child = Node(None, self._place(event), self._place(event), place.line)
            items.append(child)
            last_line = max(last_line, child.last_line)
        return Node(items, place, key or place, last_line)

    def _key(self, event: Event, path: Path) -> str | None:
        """A key's text; None for what is no key, which is passed over together with its value."""
        self._refuse_decorations(event, path)
        if isinstance(event, ScalarEvent):
            return str(event.value)
        self._report(event, path, "a key must be one word or number")
        self._skip(event)
        self._skip(next(self._events))
        return None

    def _skip(self, event: Event) -> None:
        """Pass over what an event begins, up to its end."""
        depth = 1 if isinstance(event, MappingStartEvent | SequenceStartEvent) else 0
        while depth:
            event = next(self._events)
            if isinstance(event, MappingStartEvent | SequenceStartEvent):
                depth += 1
            elif isinstance(event, MappingEndEvent | SequenceEndEvent):
                depth -= 1

    def _refuse_decorations(self, event: Event, path: Path) -> None:
        tag, anchor = getattr(event, "tag", None), getattr(event, "anchor", None)
        if tag:
            tag = str(tag).replace("tag:yaml.org,2002:", "!!")
            self._report(event, path, f"`{tag}` is a tag; write the bare value")
        if anchor:
            self._report(
                event, path, f"`&{anchor}` is an anchor, which mapping files do not use; leave it out"
            )

    def _report(self, event: Event, path: Path, message: str) -> None:
        self.problems.append(Problem(self._place(event), spell(relative(path)), message))

    def _place(self, event: Event) -> Place:
        return Place(self._file, event.start_mark.line + 1, event.start_mark.column + 1)


WHOLE_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_WORDS: dict[str, bool | None] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


def _meaning(text: str) -> Scalar | None:
    """What a word without quotes means. Numbers that would lose something (`007`, `1.10`) stay text."""
    if text in _WORDS:
        return _WORDS[text]
    return int(text) if WHOLE_NUMBER.fullmatch(text) and text != "-0" else text


def _flow_end(event: Event) -> int:
    """The line of a closing bracket; 0 for a block, which ends wherever the next token happens to stand."""
    start, end = event.start_mark, event.end_mark
    return int(end.line) + 1 if end.column > start.column else 0


def _whole(file: str, message: str) -> Problem:
    return Problem(Place(file, 0, 0), "", message)


def _first_line(error: Exception) -> str:
    return (str(error) or type(error).__name__).splitlines()[0]


def _broken(file: str, error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    what = error.problem or error.context or "unreadable"
    begun = error.context_mark
    if mark and begun and begun.index < mark.index and re.search("end of stream|<stream end>", what):
        # A quote or a bracket is to be mended where it opens; the end of the file tells nobody which one it was.
        mark, what = begun, "what opens here is never closed"
    place = Place(file, mark.line + 1, mark.column + 1) if mark else Place(file, 0, 0)
    if "'\\t'" in what:
        return Problem(place, "", "a tab stands here; YAML is indented with spaces")
    return Problem(place, "", f"is not YAML: {what}")


def _place_of_offset(file: str, text: str, offset: int) -> Place:
    before = text[:offset]
    return Place(file, before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def _not_utf8(file: str, content: bytes, error: UnicodeDecodeError) -> Problem:
    before = content[: error.start].decode("utf-8", errors="replace")
    place = _place_of_offset(file, before, len(before))
    return Problem(place, "", "is not UTF-8 text from here on; save the file as UTF-8")
