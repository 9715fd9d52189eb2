"""Answers in JSON and in XML. Rows are kept in their wire form, so that a large page is one join."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeVar
from xml.sax.saxutils import escape

import orjson

from .entities import Entity
from .switches import IspringSwitches

E = TypeVar("E", bound=Entity)
Row = dict[str, Any]
Format = Literal["json", "xml"]

JSON_TYPE, XML_TYPE = "application/json", "application/xml; charset=utf-8"
XML_HEAD = b'<?xml version="1.0" encoding="UTF-8"?>\n'

# What the elements of a list are called in XML, by the name of the list; ids are `id`.
_ITEM_NAMES = {"fields": "field", "userRoles": "userRole", "courseFields": "courseField"}


@dataclass(frozen=True)
class Kind(Generic[E]):
    """How one kind of record is named and built; `variant` tells apart forms that change with time.

    `spec_single` and `spec_list` say how the OpenAPI file wraps a single read and an unpaged list.
    """

    item: str
    plural: str
    row: Callable[[E, Format], Row]
    variant: Callable[[E], object] = lambda _: None
    spec_single: Literal["bare", "response", "key"] = "bare"
    spec_list: Literal["bare", "key"] = "bare"


@dataclass(frozen=True)
class Reply:
    """What a handler answers, in JSON and in XML; only what the caller wants is made. None: an empty body."""

    status: int = 200
    json: Callable[[], Any] | None = None
    xml: Callable[[], bytes] = bytes
    plain: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Renderer:
    """Puts rows into lists and lists into wrappers, as the switches say."""

    switches: IspringSwitches

    def row(self, entity: E, kind: Kind[E], form: Format, prefix: str = "") -> bytes:
        """One record in its wire form."""
        return self.rows((entity,), kind, form, prefix)[0]

    def rows(self, entities: Sequence[E], kind: Kind[E], form: Format, prefix: str = "") -> list[bytes]:
        """Records in their wire form, from their own store where nothing changed."""
        revision, variant, made = self.switches.revision, kind.variant, list[bytes]()
        for entity in entities:
            if entity.rendered_at != revision:
                entity.rendered.clear()
                entity.rendered_at = revision
            key = (kind.plural, form, prefix, variant(entity))
            found = entity.rendered.get(key)
            if found is None:
                found = entity.rendered[key] = self._build(kind, kind.row(entity, form), form, prefix)
            made.append(found)
        return made

    def _build(self, kind: Kind[E], row: Row, form: Format, prefix: str) -> bytes:
        if form == "json":
            habits = self.switches.omit_empty or self.switches.collapse_single
            return orjson.dumps(self._habits(row) if habits else row)
        return self.children(row, prefix)

    def _habits(self, value: Any) -> Any:
        """Rows 3 of section 15: lists of one, and empty lists."""
        if isinstance(value, dict):
            return {
                name: self._habits(item)
                for name, item in value.items()
                if not (self.switches.omit_empty and item == [])
            }
        if isinstance(value, list):
            items = [self._habits(item) for item in value]
            return items[0] if self.switches.collapse_single and len(items) == 1 else items
        return value

    def one(self, entity: E, kind: Kind[E]) -> Reply:
        """A single read."""
        outer = "response" if self._double(kind) else kind.item
        return Reply(
            json=lambda: self._wrapped(
                orjson.Fragment(self.row(entity, kind, "json")), kind.spec_single, kind.item
            ),
            xml=lambda: element("response", element(outer, self.row(entity, kind, "xml"))),
        )

    def all(self, entities: Sequence[E], kind: Kind[E]) -> Reply:
        """An unpaged list."""
        return Reply(
            json=lambda: self._wrapped(self._json_rows(entities, kind), kind.spec_list, kind.plural),
            xml=lambda: element("response", self._xml_list(entities, kind)),
        )

    def page(
        self, entities: Sequence[E], kind: Kind[E], token: str, head: Mapping[str, Any] | None = None
    ) -> Reply:
        """One page, after the fields of `head` where there are some."""
        first = head or {}
        return Reply(
            json=lambda: {**first, **self.json_page(entities, kind, token)},
            xml=lambda: element("response", self.children(first) + self.xml_page(entities, kind, token)),
        )

    def json_page(self, entities: Sequence[E], kind: Kind[E], token: str) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        if entities or not self.switches.omit_empty:
            answer[kind.plural] = self._json_rows(entities, kind)
        return self.with_token(answer, token)

    def with_token(self, answer: dict[str, Any], token: str) -> dict[str, Any]:
        if token or self.switches.last_token == "empty":
            answer["nextPageToken"] = token
        return answer

    def xml_page(
        self, entities: Sequence[E], kind: Kind[E], token: str, *, prefix: str = "", nest: bool = True
    ) -> bytes:
        """The rows in their list element (or bare) and the token beside it."""
        inner = self._xml_rows(entities, kind, prefix + kind.item, prefix)
        if nest and (inner or not self.switches.omit_empty):
            inner = element(prefix + kind.plural, inner)
        if token or self.switches.last_token == "empty":
            inner += element(prefix + "nextPageToken", token)
        return inner

    def _xml_list(self, entities: Sequence[E], kind: Kind[E]) -> bytes:
        inner = self._xml_rows(entities, kind, "response" if self._double(kind) else kind.item)
        wrapped = kind.item == "enrollment" and self.switches.unpaged_enrollments_xml == "enrollments"
        return element("enrollments", inner) if wrapped else inner

    def _xml_rows(self, entities: Sequence[E], kind: Kind[E], name: str, prefix: str = "") -> bytes:
        return b"".join(element(name, row) for row in self.rows(entities, kind, "xml", prefix))

    def _json_rows(self, entities: Sequence[E], kind: Kind[E]) -> Any:
        rows = [orjson.Fragment(row) for row in self.rows(entities, kind, "json")]
        return rows[0] if self.switches.collapse_single and len(rows) == 1 else rows

    def _wrapped(self, value: Any, spec: Literal["bare", "response", "key"], key: str) -> Any:
        """Row 2 of section 15: bare, as the OpenAPI file has it, in `response`, or under its own name."""
        wrapper = spec if self.switches.json_wrapper == "spec" else self.switches.json_wrapper
        return value if wrapper == "bare" else {("response" if wrapper == "response" else key): value}

    def _double(self, kind: Kind[E]) -> bool:
        return kind.item == "enrollment" and self.switches.unpaged_enrollments_xml == "double_response"

    def children(self, row: Mapping[str, Any], prefix: str = "") -> bytes:
        """The fields of a row as XML elements; what is None, and with `omit_empty` an empty list, is left out."""
        return b"".join(
            self._field(prefix, name, value)
            for name, value in row.items()
            if value is not None and not (value == [] and self.switches.omit_empty)
        )

    def _field(self, prefix: str, name: str, value: Any) -> bytes:
        if isinstance(value, Mapping):
            return element(prefix + name, self.children(value, prefix))
        if isinstance(value, list):
            item = _ITEM_NAMES.get(name, "id")
            return element(prefix + name, b"".join(self._field(prefix, item, inner) for inner in value))
        return element(prefix + name, _text(value))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def element(name: str, content: str | bytes) -> bytes:
    """One element; text is escaped, bytes are taken as XML."""
    tag = name.encode("utf-8")
    inner = content if isinstance(content, bytes) else escape(content).encode("utf-8")
    return b"<" + tag + b">" + inner + b"</" + tag + b">"


def values_reply(row: Mapping[str, Any]) -> Reply:
    """A small answer: an object in JSON, the same elements under `response` in XML."""
    return Reply(
        json=lambda: dict(row),
        xml=lambda: element("response", b"".join(element(name, _text(value)) for name, value in row.items())),
    )


def created_reply(new_id: str) -> Reply:
    """The answer to a creation that gives an id: a bare string in JSON."""
    return Reply(status=201, json=lambda: new_id, xml=lambda: element("response", new_id))
