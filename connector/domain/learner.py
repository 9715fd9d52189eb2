"""People, and the identifiers that must not be mixed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import NewType

ContactId = NewType("ContactId", int)
"""A person in aXcelerate (`contactID`)."""
UserId = NewType("UserId", str)
"""A person in iSpring Learn (`userId`, in its enrolments `learnerId`)."""
CourseId = NewType("CourseId", str)
"""Published content in iSpring Learn."""
ClassId = NewType("ClassId", int)
"""A dated delivery in aXcelerate that learners join (`INSTANCEID` of a type p row)."""
NO_CLASS = ClassId(0)
"""Stands for the class of a row that does not say which class it is about."""
UnitId = NewType("UnitId", int)
"""A unit of competency in aXcelerate: the number that does not change between classes."""


class Unknown(Enum):
    """The one value that says "the platform does not show this"; never the same as none."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN = Unknown.UNKNOWN


class UserStatus(StrEnum):
    """Whether a person may sign in to the LMS."""

    ACTIVE = "active"
    BLOCKED = "blocked"
    TERMINATED = "terminated"


@dataclass(frozen=True, slots=True)
class User:
    """A person in the LMS. `fields` holds the profile fields, names lower-cased."""

    user_id: UserId
    login: str
    email: str
    status: UserStatus
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Contact:
    """A person in aXcelerate. `surname` may be empty (people with one name); `optional_id` is the RTO's own key.

    `optional_id` is None where it was not read: enrolment lists do not carry it.
    """

    contact_id: ContactId
    given: str
    surname: str
    email: str
    optional_id: str | None = None

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given, self.surname) if part)


def same_address(address: str) -> str:
    """The form in which e-mail addresses and logins are compared: trimmed, without case."""
    return address.strip().casefold()
