"""How aXcelerate speaks HTTP: merged case-insensitive parameters, upper-case JSON, its error bodies, its dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import orjson

from .switches import AxcelerateSwitches

JSON = "application/json"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class Refused(Exception):
    """A request that the platform answers with an error body; nothing of it is applied."""

    def __init__(self, status: int, messages: str, details: str = "", *, code: str | None = None) -> None:
        super().__init__(messages)
        self.status = status
        self.code = str(status) if code is None else code
        self.messages = messages
        self.details = details


def validation(details: str) -> Refused:
    """412: a parameter is missing or wrong."""
    return Refused(412, "Validation Error.", details)


def refusal(how: str, messages: str, details: str = "") -> Refused:
    """A refusal whose status is a switch: "412", "404", "403", or "error_200" (200 with ERROR true)."""
    if how == "error_200":
        return Refused(200, messages, details, code="0")
    return Refused(int(how), messages, details)


@dataclass(frozen=True)
class Answer:
    """What a handler returns: JSON bytes, or none at all."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


def answer(content: Any) -> Answer:
    """200 with this JSON."""
    return Answer(orjson.dumps(content))


def rows_answer(rows: list[bytes], empty: Literal["204", "[]", "404"]) -> Answer:
    """A bare array of ready-made rows, or the account's answer for no rows at all."""
    if rows:
        return Answer(b"[" + b",".join(rows) + b"]")
    if empty == "[]":
        return Answer(b"[]")
    if empty == "404":
        raise Refused(404, "Not Found", "No records were found.")
    return Answer(b"", status=204)


def error_answer(refused: Refused, switches: AxcelerateSwitches) -> Answer:
    """The error body of section 4.1, its keys in the account's case."""
    body = {
        "ERROR": True,
        "CODE": refused.code,
        "MESSAGES": refused.messages,
        "DETAILS": refused.details,
        "DATA": "",
    }
    if switches.error_keys == "lower":
        body = {key.lower(): value for key, value in body.items()}
    return Answer(orjson.dumps(body), status=refused.status)


class Params:
    """The parameters of one request, query and form merged, names without regard to case.

    Each reader raises Refused (412) for a value that is not what it should be. "" is a value here; `has` tells it
    from a parameter that was not sent.
    """

    def __init__(self, pairs: Mapping[str, str]) -> None:
        self._values = {name.lower(): value for name, value in pairs.items()}

    def with_value(self, more: Mapping[str, str]) -> Params:
        """The same, and these (from the path)."""
        return Params({**self._values, **more}) if more else self

    def has(self, name: str) -> bool:
        return name.lower() in self._values

    def items(self) -> list[tuple[str, str]]:
        """Lower-case names and values, as sent."""
        return [*self._values.items()]

    def text(self, name: str, default: str = "") -> str:
        return self._values.get(name.lower(), default).strip()

    def require(self, *names: str) -> None:
        """412 that lists every one of these that was not sent or is empty."""
        missing = [name for name in names if not self.text(name)]
        if missing:
            raise validation(",".join(f"{name} is undefined in the request collection." for name in missing))

    def number(self, name: str) -> int | None:
        text = self.text(name)
        if not text:
            return None
        if not text.isascii() or not text.isdigit():
            raise validation(f"{name} is not numeric.")
        return int(text)

    def needed_number(self, name: str) -> int:
        self.require(name)
        return self.number(name) or 0

    def numbers(self, name: str) -> list[int] | None:
        """A comma-separated list of ids; None when it was not sent."""
        text = self.text(name)
        if not text:
            return None
        parts = [part.strip() for part in text.split(",")]
        if not all(part.isascii() and part.isdigit() for part in parts):
            raise validation(f"{name} is not a list of numbers.")
        return [int(part) for part in parts]

    def flag(self, name: str, default: bool) -> bool:
        """true/false and 1/0 in any case."""
        text = self.text(name).lower()
        if not text:
            return default
        if text not in ("true", "false", "1", "0", "yes", "no"):
            raise validation(f"{name} is not boolean.")
        return text in ("true", "1", "yes")

    def day(self, name: str) -> date | None:
        """A date written YYYY-MM-DD and nothing else."""
        text = self.text(name)
        return parse_day(name, text) if text else None

    def moment(self, name: str, zone: ZoneInfo) -> datetime | None:
        """YYYY-MM-DD with an optional hh:mm(:ss), in the account's zone; aware, in UTC."""
        text = self.text(name)
        if not text:
            return None
        try:
            return datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            raise validation(f"{name} is not a valid date.") from None

    def custom_fields(self) -> dict[str, str]:
        """Every customField_<name> that was sent, by its name in upper case."""
        prefix = "customfield_"
        return {
            name[len(prefix) :].upper(): value
            for name, value in self._values.items()
            if name.startswith(prefix)
        }


def parse_day(name: str, text: str) -> date:
    """412 unless the text is a real calendar date written YYYY-MM-DD."""
    if not _DAY.fullmatch(text):
        raise validation(f"{name} is not a valid date.")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise validation(f"{name} is not a valid date.") from None


def read_params(
    method: str, query: bytes, body: bytes, content_type: str, switches: AxcelerateSwitches
) -> Params:
    """Merge query and form; the form wins. JSON bodies count only where the account accepts them."""
    pairs: dict[str, str] = {}
    source = switches.put_params if method == "PUT" else "both"
    if source != "form":
        pairs.update(_pairs(query))
    kind = content_type.split(";", 1)[0].strip().lower()
    if source != "query" and kind == "application/x-www-form-urlencoded":
        pairs.update(_pairs(body))
    if switches.json_body == "accept" and kind == JSON:
        pairs.update(_json_pairs(body))
    return Params(pairs)


def _pairs(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))


def _json_pairs(body: bytes) -> dict[str, str]:
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    if not isinstance(content, dict):
        return {}
    return {name: _as_text(value) for name, value in content.items()}


def _as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return orjson.dumps(value).decode()
    return "" if value is None else str(value)


def local_stamp(day: date | datetime | None, switches: AxcelerateSwitches) -> str | None:
    """`YYYY-MM-DD HH:mm` as listings show it; a calendar date comes with 00:00. Give datetimes in local time."""
    if day is None:
        return None
    shape = "%Y-%m-%d %H:%M" if switches.date_precision == "minutes" else "%Y-%m-%d %H:%M:%S"
    return day.strftime(shape)


def utc_stamp(moment: datetime) -> str:
    """LASTUPDATEDUTC and its like: minutes, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M")
