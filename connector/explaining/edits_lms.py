"""What a person could change in iSpring Learn about one place in a course."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from functools import partial

from connector.domain.enrolment import DateValue, Enrolment, Status
from connector.domain.learner import User, UserId, UserStatus
from connector.domain.plan import CLOSES_AFTER_DUE, ENROLLED, OPEN, WITHDRAWN
from connector.domain.rule import Field
from connector.explaining import hypothesis as what_if
from connector.explaining.facts import Where
from connector.explaining.hypothesis import World
from connector.explaining.subject import Subject
from connector.explaining.suggest import WIDE, Edit
from connector.planning.locks import wanted_lock

ISPRING = Where.ISPRING


def lms_edits(subject: Subject) -> Iterator[Edit]:
    """Edits of the field's own value first, then of the place and the user."""
    place = subject.enrolment
    if place is not None:
        if subject.field is Field.START_DATE:
            yield from _starts(subject, place)
        if subject.field in (Field.DUE_DATE, Field.ACCESS):
            yield from _dues(subject, place)
            yield from _locks(place)
        if subject.field is Field.OUTCOME:
            yield from _results(subject, place)
        if subject.field is Field.ENROLMENT:
            yield from _leave(subject)
    elif subject.field is not Field.OUTCOME:
        yield from _join(subject)
    yield from _people(subject)
    yield from _course(subject)
    if subject.world.person.running:
        yield Edit(
            ISPRING, "wait", ("task", ""), subject.field, None, what_if.with_settled_tasks, is_guess=True
        )


def _of(place: Enrolment) -> tuple[str, str]:
    return "enrolment", place.enrolment_id


def _starts(subject: Subject, place: Enrolment) -> Iterator[Edit]:
    held = subject.held
    days: list[DateValue] = [held.start[0] if held and held.start else None, subject.record.start]
    for day in dict.fromkeys([*days, subject.today]):
        if isinstance(day, date) and day != place.access_from:
            yield Edit(
                ISPRING, "set", _of(place), Field.START_DATE, day.isoformat(),
                partial(what_if.with_enrolment, identity=place.enrolment_id, access_from=day),
            )  # fmt: skip


def _dues(subject: Subject, place: Enrolment) -> Iterator[Edit]:
    held, closed, record = subject.held, subject.closed, subject.record
    days: list[DateValue] = [
        closed.shown_due if closed else None,
        held.due[0] if held and held.due else None,
        record.end,
        subject.today,
        record.start,
        max(place.due or subject.today, subject.today) + timedelta(days=7),
    ]
    for day in dict.fromkeys(days):
        if isinstance(day, date) and day != place.due:
            yield Edit(
                ISPRING, "set", _of(place), Field.DUE_DATE, day.isoformat(),
                partial(what_if.with_enrolment, identity=place.enrolment_id, due=day),
            )  # fmt: skip


def _locks(place: Enrolment) -> Iterator[Edit]:
    if place.due is not None:
        yield Edit(
            ISPRING, "set", _of(place), Field.ACCESS, OPEN if place.locks else CLOSES_AFTER_DUE,
            partial(what_if.with_enrolment, identity=place.enrolment_id, locks=not place.locks),
        )  # fmt: skip


def _results(subject: Subject, place: Enrolment) -> Iterator[Edit]:
    result = subject.world.person.completions.get(place.enrolment_id)
    wanted = [
        *subject.rule.outcome.to_axcelerate,
        Status.NOT_STARTED,
        *subject.rule.outcome.to_ispring.values(),
    ]
    for status in dict.fromkeys(wanted):
        if result is None or result.status is not status:
            yield Edit(
                ISPRING, "set", _of(place), Field.OUTCOME, status,
                partial(what_if.with_status, identity=place.enrolment_id, status=status),
                cost=1,
            )  # fmt: skip


def _leave(subject: Subject) -> Iterator[Edit]:
    """Remove a place: the superfluous one first."""
    places = [e for e in subject.world.person.enrolments if e.course_id == subject.course]
    counting = subject.enrolment
    for place in sorted(places, key=lambda e: e == counting):
        yield Edit(
            ISPRING, "unenrol", _of(place), Field.ENROLMENT, WITHDRAWN,
            partial(what_if.without_place, identity=place.enrolment_id),
            cost=WIDE if place == counting else 0,
        )  # fmt: skip


def _join(subject: Subject) -> Iterator[Edit]:
    record = subject.record
    due = record.end if isinstance(record.end, date) else None
    yield Edit(
        ISPRING, "enrol", ("course", subject.course), Field.ENROLMENT, ENROLLED,
        partial(
            what_if.with_place, course=subject.course, start=record.start, due=due, locks=wanted_lock(record)
        ),
    )  # fmt: skip


def _people(subject: Subject) -> Iterator[Edit]:
    person = subject.world.person
    user, address = person.user, person.contact.email.strip()
    if user is not None and user.status is not UserStatus.ACTIVE:
        yield Edit(
            ISPRING, "activate", ("user", user.user_id), "user", UserStatus.ACTIVE, what_if.with_active_user
        )
    elif user is None and person.user_id is not None:
        yield Edit(
            ISPRING,
            "add_user",
            ("user", person.user_id),
            "email",
            address,
            partial(_added, identity=person.user_id),
        )
    elif user is None and not person.identity and address:
        yield Edit(
            ISPRING, "add_user", ("user", ""), "email", address, partial(_added, identity=UserId("new"))
        )


def _added(world: World, identity: UserId) -> World:
    """A user with the contact's address, whom the matchers find."""
    address = world.person.contact.email
    return what_if.with_user(world, User(identity, address, address, UserStatus.ACTIVE))


def _course(subject: Subject) -> Iterator[Edit]:
    """A course that is not called what the mapping says."""
    if subject.world.around.rested_rules.get(subject.rule.id) != "title_moved":
        return
    for course in subject.rule.courses:
        if course.title and subject.around.titles.get(course.course_id, "").strip() != course.title.strip():
            yield Edit(
                ISPRING, "rename", ("course", course.course_id), "title", course.title,
                partial(what_if.without_rest, rule=subject.rule.id),
            )  # fmt: skip
