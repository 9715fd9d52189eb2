"""What iSpring's records must look like: tolerant of type and case, strict in meaning.

Each model is filled from the mapped fields that `records.py` keeps, under iSpring's own names.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from connector.domain.enrolment import Status
from connector.domain.learner import UserStatus

Moment = date | datetime
"""A plain date, or a time stamp with or without offset: the answers hold all three."""

USER_STATUSES = {1: UserStatus.ACTIVE, 3: UserStatus.BLOCKED, 5: UserStatus.TERMINATED}


def _text(value: Any) -> Any:
    """Ids and names may come as numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value.strip() if isinstance(value, str) else value


def _text_or_empty(value: Any) -> Any:
    return "" if value is None else _text(value)


def _moment(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("not a date")
    text = value.strip()
    if text.startswith("0000-00-00"):
        return None
    try:
        return date.fromisoformat(text) if len(text) == len("YYYY-MM-DD") else datetime.fromisoformat(text)
    except ValueError as exc:
        raise ValueError("not a date that iSpring documents") from exc


def _moment_or_none(value: Any) -> Any:
    return None if value is None or value == "" else _moment(value)


def _status(value: Any) -> Any:
    word = str(value).strip().lower().replace(" ", "_").replace("-", "_")
    try:
        return Status(word)
    except ValueError as exc:
        raise ValueError("not a completion status that iSpring documents") from exc


def _user_status(value: Any) -> Any:
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    try:
        return USER_STATUSES[value]
    except (KeyError, TypeError) as exc:
        raise ValueError("not a user status that iSpring documents") from exc


Id = Annotated[str, BeforeValidator(_text), Field(min_length=1)]
OptionalId = Annotated[str | None, BeforeValidator(lambda value: _text(value) or None)]
Text = Annotated[str, BeforeValidator(_text_or_empty)]
Day = Annotated[Moment, BeforeValidator(_moment)]
OptionalDay = Annotated[Moment | None, BeforeValidator(_moment_or_none)]


class Payload(BaseModel):
    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, arbitrary_types_allowed=True, strict=True
    )


class EnrollmentPayload(Payload):
    """One enrollment (reference, section 4.1)."""

    enrollment_id: Id
    course_id: Id
    learner_id: Id
    access_date: Day
    due_date: OptionalDay
    expiration_date: OptionalDay
    should_lock_after_due_date: bool | None
    has_certificate: bool
    enrollment_type_group: int | None


class ResultPayload(Payload):
    """One learner's standing in one course (reference, section 6.1)."""

    enrollment_id: OptionalId
    user_id: Id
    course_id: Id
    access_date: OptionalDay
    completion_date: OptionalDay
    completion_status: Annotated[Status, BeforeValidator(_status)]
    awarded_score: Annotated[float | None, Field(ge=0)]


class UserPayload(Payload):
    """One person (reference, section 7.1), profile fields by lower-cased name."""

    user_id: Id
    login: Text
    email: Text
    status: Annotated[UserStatus, BeforeValidator(_user_status)]
    fields: dict[str, Text]
