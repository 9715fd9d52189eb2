"""Finding rows, cursors and single values in an answer, whichever of its published shapes it has.

The vendor's file, its help pages and the answers that clients were seen to read disagree about wrappers (reference,
section 15, rows 1 to 3 and 9), and XML gives one object where JSON gives a list of one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from connector.platforms.http import Garbled
from connector.platforms.ispring.wire import Page, Row

# "nextPageToekn" is how the vendor's file spells the cursor of one list.
CURSORS = ("nextPageToken", "nextPageToekn")
BESIDE_A_LIST = frozenset((*CURSORS, "pageNumber", "totalUsersNumber"))


def page_of(tree: Any, *, keys: Sequence[str], id_key: str) -> Page:
    """The rows under any of the `keys`, any wrapper around them opened. A list that is absent is empty.

    Raises Garbled when the answer holds something else (an error object in a 200, a text).
    """
    rows = _rows(tree, keys=keys, id_key=id_key)
    if not all(type(row) is dict for row in rows):
        raise Garbled("a row of the list is not an object")
    return Page(rows, _cursor(tree))


def _rows(tree: Any, *, keys: Sequence[str], id_key: str) -> list[Row]:
    if isinstance(tree, list):
        return tree
    if tree is None or tree == "":
        return []
    if not isinstance(tree, dict):
        raise Garbled("the answer holds a text instead of a list")
    if id_key in tree:
        return [tree]
    for key in (*keys, "response"):
        if key in tree:
            return _rows(tree[key], keys=keys, id_key=id_key)
    if tree.keys() - BESIDE_A_LIST:
        raise Garbled("the answer does not hold the list that was asked for")
    return []


def _cursor(tree: Any) -> str | None:
    while isinstance(tree, dict):
        for name in CURSORS:
            if tree.get(name):
                return str(tree[name])
        tree = tree.get("response")
    return None


def as_list(value: Any, item: str) -> list[Any]:
    """A list that may have come as one object, as a wrapper around `item`, or as nothing."""
    if isinstance(value, list):
        return value
    if not value:
        return []
    if isinstance(value, dict) and item in value:
        return as_list(value[item], item)
    return [value]


def single_value(tree: Any, *names: str) -> str | None:
    """The first non-empty value under one of the names at any depth, or the bare text that the answer is."""
    if isinstance(tree, str | int) and not isinstance(tree, bool):
        return str(tree).strip() or None
    if isinstance(tree, dict):
        for name in (*names, "response"):
            if found := single_value(tree.get(name), *names):
                return found
    if isinstance(tree, list) and tree:
        return single_value(tree[0], *names)
    return None
