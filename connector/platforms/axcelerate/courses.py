"""Qualifications by code, and the details of classes."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import ValidationError

from connector.domain.catalogue import OfferedClass, OfferedUnit
from connector.domain.learner import ClassId
from connector.errors import UnexpectedPayload
from connector.platforms.axcelerate.client import PLATFORM, AxcelerateClient
from connector.platforms.axcelerate.payloads import CourseRow, fold_keys
from connector.platforms.http import Count, Rejected
from connector.platforms.port import Kind, Raw

_PAGE = 100
_MOST_PAGES = 50
_DETAIL = ("INSTANCEID", "NAME", "STARTDATE", "FINISHDATE", "REPORTINGSTANDARD", "QUALIFICATION")


class Templates:
    """The template ids behind a qualification's code, asked once per code. One code may have several (its streams)."""

    def __init__(self, client: AxcelerateClient) -> None:
        self._client = client
        self._known: dict[str, tuple[int, ...]] = {}

    def of(self, code: str) -> tuple[int, ...]:
        """Raises: UnexpectedPayload when the account shows no qualification with this code: then nothing can be read of it."""
        if code not in self._known:
            # The search shows public and current ones by default, and a class may run on after both have ended.
            found = self._search(code, []) | self._search_hidden(code)
            if not found:
                raise UnexpectedPayload(PLATFORM, "find qualification", f"the account shows no {code}")
            self._known[code] = tuple(sorted(found))
        return self._known[code]

    def _search_hidden(self, code: str) -> set[int]:
        try:
            return self._search(code, [("current", "false"), ("public", "false")])
        except Rejected:
            return set()

    def _search(self, code: str, extra: list[tuple[str, str]]) -> set[int]:
        found: set[int] = set()
        for page in range(_MOST_PAGES):
            size = [("offset", str(page * _PAGE)), ("displayLength", str(_PAGE))]
            params = [("searchTerm", code), ("type", "p"), *size, *extra]
            rows = self._client.rows("find qualification", "/courses/", params, count=Count.OTHER)
            found.update(row.id for row in map(_course, rows) if row and _is(row, code))
            if len(rows) < _PAGE:
                break
        return found


def _course(row: Any) -> CourseRow | None:
    try:
        return CourseRow.model_validate(row)
    except ValidationError:
        return None


def _is(row: CourseRow, code: str) -> bool:
    """The search matches beginnings of names too, so the code is compared whole."""
    return row.type.lower() in ("p", "") and row.code.casefold() == code.strip().casefold()


def class_detail(
    client: AxcelerateClient, class_id: ClassId, *, count: Count | None = None
) -> dict[str, Any] | None:
    """GET one class as it stands, keys in upper case; None when the account does not show it."""
    params = [("instanceID", str(class_id)), ("type", "p")]
    try:
        detail = client.document("read class", "/course/instance/detail", params, count=count)
    except Rejected as refusal:
        if refusal.status in (400, 404, 410, 412):
            return None
        raise
    return fold_keys(detail) if detail else None


def offered(class_id: ClassId, detail: dict[str, Any]) -> OfferedClass:
    """A class detail (keys in upper case) as what the class offers; units without a code are left out."""
    qualification = detail.get("QUALIFICATION")
    rows = [fold_keys(unit) for unit in detail.get("UNITS") or () if isinstance(unit, dict)]
    units = [(_text(row.get("UNITCODE")), _text(row.get("UNIT"))) for row in rows]
    return OfferedClass(
        class_id=class_id,
        name=_text(detail.get("NAME")),
        qualification=_text(fold_keys(qualification).get("CODE")) if isinstance(qualification, dict) else "",
        units=tuple(OfferedUnit(code, name) for code, name in units if code),
    )


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def class_record(class_id: ClassId, detail: dict[str, Any]) -> Raw:
    """The mapped fields of a class detail as a record."""
    body = orjson.dumps({name: detail.get(name) for name in _DETAIL})
    return Raw(Kind.TRAINING_CLASS, "", str(class_id), str(class_id), body)
