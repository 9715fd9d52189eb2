"""The two bodies that REST speaks: JSON where asked for, XML otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import orjson
from lxml import etree

from connector.platforms.http import Answer, Garbled, json_of
from connector.platforms.xml import MalformedXml, add_values, local_name, parse_xml, tree_of, written


class Form(Protocol):
    """One way to write a request body and to read an answer."""

    media_type: str

    def write(self, fields: Mapping[str, object]) -> bytes: ...

    def read(self, answer: Answer) -> Any:
        """The answer as plain values; None when it is empty. Raises Garbled."""


def _looks_like_xml(answer: Answer) -> bool:
    """Some calls answer XML whatever was asked for."""
    return answer.body[:1] == b"<" and not answer.is_html


class JsonForm:
    media_type = "application/json"

    def write(self, fields: Mapping[str, object]) -> bytes:
        return orjson.dumps(fields)

    def read(self, answer: Answer) -> Any:
        if _looks_like_xml(answer):
            return XmlForm().read(answer)
        return json_of(answer) if answer.body else None


class XmlForm:
    """Root `<request>`: the documented ones differ, and the server ignores the name (reference, section 2)."""

    media_type = "application/xml"

    def write(self, fields: Mapping[str, object]) -> bytes:
        root = etree.Element("request")
        add_values(root, fields)
        return written(root)

    def read(self, answer: Answer) -> Any:
        if not answer.body:
            return None
        if answer.body[:1] in (b"{", b"["):
            return json_of(answer)
        try:
            root = parse_xml(answer.body)
            name, tree = local_name(root), tree_of(root)
        except MalformedXml as exc:
            raise Garbled("a web page came instead of XML" if answer.is_html else str(exc)) from exc
        if name.lower() == "html":
            raise Garbled("a web page came instead of XML")
        # Most roots are <response>; a task id or a status may be the root itself.
        return tree if name in ("response", "request") else {name: tree}
