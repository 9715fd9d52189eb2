"""Requests in every form iSpring is known to take: query, JSON, XML and PHP-style forms (reference section 2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

import orjson
from lxml import etree

from .refusals import wrong_parameters

_PARSER_OPTIONS: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}


class Fields:
    """The fields of one request by name, whatever wire form they came in; missing and null are None."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def value(self, name: str) -> Any:
        return self._values.get(name)

    def text(self, name: str) -> str | None:
        """A single value as text; "" is kept. Raises Refused for a list or an object."""
        value = self._values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return str(value)
        raise wrong_parameters(name)

    def required(self, name: str) -> str:
        value = self.text(name)
        if not value:
            raise wrong_parameters(f"{name} is required")
        return value

    def flag(self, name: str) -> bool | None:
        """`true`, `false`, `1`, `0` in any case."""
        text = self.text(name)
        if text is None or text == "":
            return None
        if text.lower() not in ("true", "false", "1", "0"):
            raise wrong_parameters(name)
        return text.lower() in ("true", "1")

    def integer(self, name: str) -> int | None:
        text = self.text(name)
        if text is None or text == "":
            return None
        if not text.strip().isdigit():
            raise wrong_parameters(name)
        return int(text)

    def number(self, name: str) -> float | None:
        text = self.text(name)
        try:
            return float(text) if text else None
        except ValueError as error:
            raise wrong_parameters(name) from error

    def ids(self, name: str) -> list[str] | None:
        """An id list in any form: array, `<id>` children, repeated, or with commas. None: not given."""
        value = self._values.get(name)
        return None if value is None else [*dict.fromkeys(_flat(value))]

    def required_ids(self, name: str) -> list[str]:
        ids = self.ids(name)
        if not ids:
            raise wrong_parameters(f"{name} is required")
        return ids

    def mapping(self, name: str) -> Mapping[str, Any]:
        value = self._values.get(name)
        return value if isinstance(value, Mapping) else {}

    def mappings(self, name: str) -> list[Fields]:
        """A list of objects; one object alone counts as a list of one, an XML wrapper is looked into."""
        value = self._values.get(name)
        if isinstance(value, Mapping) and len(value) == 1:
            inner = next(iter(value.values()))
            value = inner if isinstance(inner, list | Mapping) else value
        found = value if isinstance(value, list) else [value]
        return [Fields(item) for item in found if isinstance(item, Mapping)]


def _flat(value: Any) -> Iterable[str]:
    if isinstance(value, Mapping):
        value = [*value.values()]
    if isinstance(value, list):
        for item in value:
            yield from _flat(item)
    elif value is not None:
        yield from (part.strip() for part in str(value).split(",") if part.strip())


def read_fields(query: str, body: bytes, content_type: str) -> Fields:
    """Query and body together; the body wins. Raises Refused for a body that cannot be read."""
    values = php_fields(parse_qsl(query, keep_blank_values=True))
    if body.strip():
        values.update(_read_body(body, content_type))
    return Fields(values)


def _read_body(body: bytes, content_type: str) -> Mapping[str, Any]:
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        return _read_json(body)
    if kind == "application/x-www-form-urlencoded":
        return php_fields(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
    # Bodies without a type are XML in most samples.
    value = plain_value(read_xml(body))
    return value if isinstance(value, dict) else {}


def _read_json(body: bytes) -> Mapping[str, Any]:
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise wrong_parameters("the body is no JSON") from error
    if not isinstance(value, dict):
        raise wrong_parameters("the body is no object")
    return value


def read_xml(body: bytes) -> etree._Element:
    """The root element. Raises Refused for broken XML and for any document type."""
    try:
        root: etree._Element = etree.fromstring(body, etree.XMLParser(**_PARSER_OPTIONS))
    except etree.XMLSyntaxError as error:
        raise wrong_parameters("the body is no XML") from error
    if root.getroottree().docinfo.doctype:
        raise wrong_parameters("a document type is not accepted")
    return root


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def plain_value(element: etree._Element) -> Any:
    """An element's text, or its children by local name, repeated ones as a list."""
    children = [child for child in element if isinstance(child.tag, str)]
    if not children:
        return (element.text or "").strip()
    values: dict[str, Any] = {}
    for child in children:
        name, value = local_name(child), plain_value(child)
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return values


def php_fields(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`a[]=1&a[]=2` and `a=1&a=2` as lists, `a[b]=1` as an object, as PHP reads them (and a bit more)."""
    values: dict[str, Any] = {}
    for name, text in pairs:
        base, *path = name.replace("]", "").split("[")
        _put(values, [base, *path], text)
    return values


def _put(values: dict[str, Any], path: list[str], text: str) -> None:
    name, *rest = path
    if rest and rest != [""]:
        inner = values.setdefault(name, {})
        if isinstance(inner, dict):
            _put(inner, rest, text)
        return
    known = values.get(name)
    if known is None:
        values[name] = [text] if rest else text
    elif isinstance(known, list):
        known.append(text)
    else:
        values[name] = [known, text]
