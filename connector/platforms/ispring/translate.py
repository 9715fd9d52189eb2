"""The one place where iSpring's spelling and the domain's meet. Pure; zones arrive as arguments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import TypeVar
from zoneinfo import ZoneInfo

import orjson
from pydantic import ValidationError

from connector.domain.enrolment import Completion, Enrolment, EnrolmentId
from connector.domain.learner import CourseId, User, UserId
from connector.errors import Unreadable
from connector.platforms.ispring.payloads import (
    EnrollmentPayload,
    Moment,
    Payload,
    ResultPayload,
    UserPayload,
)
from connector.platforms.ispring.records import ENROLLMENT_FIELDS, RESULT_FIELDS, USER_FIELDS
from connector.platforms.port import Kind, Raw

P = TypeVar("P", bound=Payload)


def to_domain(record: Raw, zone: ZoneInfo) -> User | Enrolment | Completion:
    """Understand one record. `zone` is the account's: naive stamps are read in it. Raises Unreadable, naming the record."""
    if record.kind is Kind.ENROLMENT:
        return to_enrolment(_payload(EnrollmentPayload, record, ENROLLMENT_FIELDS), zone)
    if record.kind is Kind.COMPLETION:
        return to_completion(_payload(ResultPayload, record, RESULT_FIELDS), zone)
    if record.kind is Kind.USER:
        return to_user(_payload(UserPayload, record, USER_FIELDS))
    raise Unreadable(record.key, f"iSpring has no records of kind {record.kind}")


def to_enrolment(enrollment: EnrollmentPayload, zone: ZoneInfo) -> Enrolment:
    """`locks` where the flag is not shown: an expiration date is shown only while the lock is on (reference, section 4.1)."""
    locks = enrollment.should_lock_after_due_date
    return Enrolment(
        enrolment_id=EnrolmentId(enrollment.enrollment_id),
        course_id=CourseId(enrollment.course_id),
        user_id=UserId(enrollment.learner_id),
        access_from=calendar_date(enrollment.access_date, zone),
        due=None if enrollment.due_date is None else calendar_date(enrollment.due_date, zone),
        locks=enrollment.expiration_date is not None if locks is None else locks,
        has_certificate=enrollment.has_certificate,
        from_catalog=enrollment.enrollment_type_group == 1,
    )


def to_completion(result: ResultPayload, zone: ZoneInfo) -> Completion:
    """`access_at` only where a time of day is shown; a plain completion date counts from the account's midnight."""
    shows_time = isinstance(result.access_date, datetime)
    return Completion(
        enrolment_id=EnrolmentId(result.enrollment_id) if result.enrollment_id else None,
        user_id=UserId(result.user_id),
        course_id=CourseId(result.course_id),
        status=result.completion_status,
        completed_at=_instant(result.completion_date, zone),
        access_at=_instant(result.access_date, zone) if shows_time else None,
        score=result.awarded_score,
    )


def to_user(user: UserPayload) -> User:
    return User(
        user_id=UserId(user.user_id),
        login=user.login,
        email=user.email,
        status=user.status,
        fields=user.fields,
    )


def calendar_date(moment: Moment, zone: ZoneInfo) -> date:
    """The day in the account's zone. A plain date stays as it is: it was cut in that zone before it was sent."""
    if not isinstance(moment, datetime):
        return moment
    return moment.date() if moment.tzinfo is None else moment.astimezone(zone).date()


def _instant(moment: Moment | None, zone: ZoneInfo) -> datetime | None:
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)


def _payload(model: type[P], record: Raw, names: Sequence[str]) -> P:
    try:
        return model.model_validate(dict(zip(names, orjson.loads(record.body), strict=True)))
    except ValidationError as exc:
        # Names of fields and what is wrong with them; never the values, which may be personal.
        problems = "; ".join(
            f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in exc.errors(include_input=False)
        )
        raise Unreadable(record.key or f"{record.kind} of {record.group or 'the account'}", problems) from exc
