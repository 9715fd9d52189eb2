"""Ids of invented iSpring records: UUIDs of version 1, as the platform's are, plainly counted."""

from __future__ import annotations

DEPARTMENT, COURSE, USER, ENROLMENT = "7d0e", "7d10", "7d0f", "7d11"


def ispring_id(kind: str, number: int) -> str:
    """The id of the `number`-th record of a kind."""
    return f"{number:08x}-{kind}-11ee-9f7c-0a58a9feac02"
