"""XML from outside, read without trusting it, and XML of our own, written without templates.

Names are compared by local name: the vendor's pages disagree about namespaces and prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
# What XML 1.0 cannot carry; such characters do come with names that were typed into forms.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
# The Cyrillic letter that stands in "certificate" on several of the vendor's pages.
_CYRILLIC_ES = "\u0441"

Tree = Any
"""An element as plain values: text, None when empty, a dict of children by local name, lists where a name repeats."""


class MalformedXml(ValueError):
    """Not XML, or XML that we refuse to read."""


def parse_xml(body: bytes, *, limit: int = MAX_BYTES) -> etree._Element:
    """The root element. Refuses any DOCTYPE: a dropped entity would look like an emptied field.

    Raises MalformedXml. A parser per call, because lxml's parsers must not be shared by threads.
    """
    if len(body) > limit:
        raise MalformedXml(f"more than {limit} bytes")
    if b"<!DOCTYPE" in body[:2048].upper():
        raise MalformedXml("a DOCTYPE is not read")
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as exc:
        raise MalformedXml("the text is not XML") from exc
    if root.getroottree().docinfo.internalDTD is not None:
        raise MalformedXml("a DOCTYPE is not read")
    return root


def local_name(element: etree._Element) -> str:
    """The name without namespace, its Cyrillic look-alike made Latin."""
    name = str(element.tag)
    if name[0] == "{":
        name = name.rpartition("}")[2]
    return name if name.isascii() else name.replace(_CYRILLIC_ES, "c")


def tree_of(element: etree._Element, depth: int = 0) -> Tree:
    """The element as plain values. Attributes are not kept. Raises MalformedXml when it is nested too deeply."""
    if depth > MAX_DEPTH:
        raise MalformedXml("nested too deeply")
    if len(element) == 0:
        return (element.text or "").strip() or None
    values: dict[str, Tree] = {}
    for child in element:
        name = local_name(child)
        value = tree_of(child, depth + 1)
        if name not in values:
            values[name] = value
        elif isinstance(values[name], list):
            values[name].append(value)
        else:
            values[name] = [values[name], value]
    return values


def add_values(parent: etree._Element, values: Mapping[str, object]) -> None:
    """Append values as elements in the parent's namespace: None is left out, a list becomes repeated `<id>`."""
    space = etree.QName(parent).namespace
    for name, value in values.items():
        if value is None:
            continue
        child = etree.SubElement(parent, etree.QName(space, name))
        if isinstance(value, Mapping):
            add_values(child, value)
        elif isinstance(value, Sequence) and not isinstance(value, str):
            for item in value:
                etree.SubElement(child, etree.QName(space, "id")).text = _text(item)
        else:
            child.text = _text(value)


def written(root: etree._Element) -> bytes:
    """The document as UTF-8 with its declaration."""
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return _UNWRITABLE.sub("", str(value))
