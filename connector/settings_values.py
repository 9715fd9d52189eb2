"""The single values of settings, each with what is said about a wrong one. No message shows a secret."""

from __future__ import annotations

import difflib
import ipaddress
import re
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, SecretStr


def is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{text} is no time zone; {_nearest_zone(text)}") from None
    return text


def _nearest_zone(text: str) -> str:
    """Somebody who writes Perth means Australia/Perth; a name without its continent is matched by its city."""
    zones = sorted(available_timezones(), key=lambda zone: (not zone.startswith("Australia/"), zone))
    by_name: dict[str, str] = {}
    for zone in zones:
        by_name.setdefault(zone.casefold(), zone)
        by_name.setdefault(zone.rpartition("/")[2].casefold(), zone)
    found = difflib.get_close_matches(text.strip().replace(" ", "_").casefold(), by_name, n=1, cutoff=0.7)
    return f"nearest: {by_name[found[0]]}" if found else "write an IANA name such as Australia/Sydney"


def _url(text: str) -> str:
    parts = _split(text)
    if (
        parts is None
        or parts.scheme not in ("http", "https")
        or not parts.hostname
        or parts.query
        or parts.fragment
    ):
        raise ValueError("is no address; write https://… without a query")
    return text.rstrip("/")


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts


def _secret_url(secret: SecretStr) -> SecretStr:
    return SecretStr(_url(secret.get_secret_value()))


def _database(secret: SecretStr) -> SecretStr:
    """The address may hold a password, so no message shows it."""
    text = secret.get_secret_value()
    if re.match(r"postgres(ql)?://", text):
        raise ValueError(
            "begins with a plain postgres address, whose driver depends on the release; write postgresql+psycopg://…"
        )
    if not re.match(r"sqlite:///|postgresql\+psycopg://", text):
        raise ValueError("is neither sqlite:///… nor postgresql+psycopg://…")
    return secret


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_CRON_FIELDS: tuple[tuple[str, range, tuple[str, ...]], ...] = (
    ("minute", range(60), ()),
    ("hour", range(24), ()),
    ("day", range(1, 32), ()),
    ("month", range(1, 13), _MONTHS),
    ("weekday", range(8), _WEEKDAYS),
)


def _cron(text: str) -> str:
    """Five plausible fields; whether they ever come about is for the scheduler to say."""
    fields = text.split()
    if len(fields) != len(_CRON_FIELDS):
        raise ValueError(
            f"has {len(fields)} fields; a cron expression has five: minute hour day month weekday"
        )
    for written, (name, numbers, names) in zip(fields, _CRON_FIELDS, strict=True):
        for part in written.split(","):
            found = re.fullmatch(r"(?:\*|(\w{1,3})(?:-(\w{1,3}))?)(?:/([1-9]\d?))?", part, re.ASCII)
            words = [word for word in (found[1], found[2]) if word] if found else [part]
            if not all(_is_cron_value(word, numbers, names) for word in words):
                raise ValueError(f"{part} is no {name} of a cron expression")
    return text


def _is_cron_value(word: str, numbers: range, names: tuple[str, ...]) -> bool:
    return int(word) in numbers if word.isdigit() else word.lower() in names


JurisdictionName = Literal["NAT", "NSW", "NSW_ACE", "NSW_SS", "VIC", "QLD", "SA", "TAS", "NT", "ACT", "WA"]
Zone = Annotated[str, AfterValidator(_zone)]
Url = Annotated[str, AfterValidator(_url)]
SecretUrl = Annotated[SecretStr, AfterValidator(_secret_url)]
DatabaseUrl = Annotated[SecretStr, AfterValidator(_database)]
Cron = Annotated[str, AfterValidator(_cron)]
Pace = Annotated[float, Field(ge=0, le=1000, allow_inf_nan=False)]
