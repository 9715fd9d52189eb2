"""From rows in every published shape to domain values; what cannot be understood is named."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.domain.enrolment import Completion, Enrolment, Status
from connector.domain.learner import User, UserStatus
from connector.errors import Unreadable
from connector.platforms.http import Garbled
from connector.platforms.ispring.listing import Seen
from connector.platforms.ispring.records import enrollment_record, result_record, user_record
from connector.platforms.ispring.shapes import page_of
from connector.platforms.ispring.translate import to_domain

SYDNEY = ZoneInfo("Australia/Sydney")
ENROLLMENT: dict[str, Any] = {
    "enrollmentId": "e",
    "courseId": "c",
    "learnerId": "u",
    "accessDate": "2026-02-02",
}
RESULT: dict[str, Any] = {"enrollmentId": "e", "userId": "u", "courseId": "c", "completionStatus": "passed"}
USER: dict[str, Any] = {"userId": "u", "status": 1, "fields": [{"name": "LOGIN", "value": "mia"}]}


def enrolment(**changes: Any) -> Enrolment:
    value = to_domain(enrollment_record({**ENROLLMENT, **changes}), SYDNEY)
    assert isinstance(value, Enrolment)
    return value


def completion(**changes: Any) -> Completion:
    value = to_domain(result_record({**RESULT, **changes}), SYDNEY)
    assert isinstance(value, Completion)
    return value


def user(*profile_fields: str, **changes: Any) -> User:
    value = to_domain(user_record(profile_fields)({**USER, **changes}), SYDNEY)
    assert isinstance(value, User)
    return value


@pytest.mark.parametrize("flag", [True, 1, "1", "true", "TRUE", " True "])
def test_a_lock_that_is_on_is_understood_in_every_form(flag: object):
    assert enrolment(shouldLockAfterDueDate=flag).locks is True


@pytest.mark.parametrize("flag", [False, 0, "0", "false", "False"])
def test_a_lock_that_is_off_is_understood_in_every_form(flag: object):
    assert enrolment(shouldLockAfterDueDate=flag).locks is False


@pytest.mark.parametrize(("expiration", "locks"), [("2026-03-30", True), (None, False)])
def test_a_lock_that_is_not_shown_follows_from_the_expiration_date(expiration: str | None, locks: bool):
    assert enrolment(dueDate="2026-03-30", expirationDate=expiration).locks is locks


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-03-30", date(2026, 3, 30)),
        ("2026-03-30 23:59:00", date(2026, 3, 30)),
        ("2026-03-29T20:00:00+00:00", date(2026, 3, 30)),
        ("2026-03-29T20:00:00Z", date(2026, 3, 30)),
        ("2026-03-29T12:00:00+0000", date(2026, 3, 29)),
        ("", None),
        (None, None),
        ("0000-00-00", None),
    ],
)
def test_a_due_date_is_a_day_in_the_zone_of_the_account(text: str | None, day: date | None):
    assert enrolment(dueDate=text).due == day


@pytest.mark.parametrize(
    "shown",
    [
        {"certificate": {"issuedCertificateId": "x"}},
        {"\u0441ertificate": {"issuedCertificateId": "x"}},
        {"issuedCertificateId": "x"},
        {"certIssueDate": "2026-02-20"},
    ],
)
def test_a_certificate_is_seen_under_every_name(shown: dict[str, Any]):
    assert enrolment(**shown).has_certificate


@pytest.mark.parametrize(
    "shown", [{}, {"certificate": None}, {"certificate": ""}, {"certificate": {"issueDate": None}}]
)
def test_an_empty_certificate_is_none(shown: dict[str, Any]):
    assert not enrolment(**shown).has_certificate


@pytest.mark.parametrize(
    ("group", "taken"), [(0, False), ("0", False), (1, True), ("1", True), (None, False)]
)
def test_an_enrolment_from_the_catalogue_is_told_apart(group: object, taken: bool):
    assert enrolment(enrollmentTypeGroup=group).from_catalog is taken


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"accessDate": None}, "accessDate"),
        ({"accessDate": "soon"}, "accessDate"),
        ({"learnerId": None}, "learnerId"),
        ({"shouldLockAfterDueDate": "maybe"}, "shouldLockAfterDueDate"),
        ({"dueDate": ["2026-01-01"]}, "dueDate"),
    ],
)
def test_a_record_that_cannot_be_understood_is_named_with_the_field_but_not_its_value(
    changes: dict[str, Any], reason: str
):
    with pytest.raises(Unreadable, match=reason) as caught:
        enrolment(**changes)

    assert caught.value.key == "e"
    assert "maybe" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-02-20T03:11:40+00:00", datetime(2026, 2, 20, 3, 11, 40, tzinfo=UTC)),
        ("2026-02-20T14:11:40.250+11:00", datetime(2026, 2, 20, 3, 11, 40, 250000, tzinfo=UTC)),
        ("2026-02-20 14:11:40", datetime(2026, 2, 20, 3, 11, 40, tzinfo=UTC)),
        ("2026-02-20", datetime(2026, 2, 19, 13, 0, tzinfo=UTC)),
        (None, None),
        ("", None),
    ],
)
def test_a_completion_is_an_instant_read_in_the_zone_of_the_account_where_none_is_shown(
    text: str | None, instant: datetime | None
):
    assert completion(completionDate=text).completed_at == instant


def test_a_plain_access_date_shows_no_time_of_day():
    assert completion(accessDate="2026-02-02").access_at is None
    assert completion(accessDate="2026-02-01T22:30:00+00:00").access_at == datetime(
        2026, 2, 1, 22, 30, tzinfo=UTC
    )


@pytest.mark.parametrize("word", ["in_progress", "In progress", " IN-PROGRESS "])
def test_a_status_is_read_whatever_its_case_and_spacing(word: str):
    assert completion(completionStatus=word).status is Status.IN_PROGRESS


def test_an_undocumented_status_is_unreadable():
    with pytest.raises(Unreadable, match="completionStatus"):
        completion(completionStatus="vanished")


def test_a_result_without_an_enrollment_id_is_found_by_person_and_course():
    record = result_record({**RESULT, "enrollmentId": None})
    shown = to_domain(record, SYDNEY)

    assert record.key == "u/c"
    assert isinstance(shown, Completion)
    assert shown.enrolment_id is None


@pytest.mark.parametrize(
    ("score", "value"), [(92.5, 92.5), (92, 92.0), ("92.5", 92.5), ("92,5", 92.5), (None, None), ("", None)]
)
def test_a_score_is_a_number_or_none(score: object, value: float | None):
    assert completion(awardedScore=score).score == value


def test_progress_and_viewing_time_are_no_part_of_a_record():
    viewed = {**RESULT, "progress": 40, "timeSpent": 900, "viewsCount": 4, "isOverdue": True}

    assert result_record(viewed) == result_record(RESULT)


@pytest.mark.parametrize(
    "fields",
    [
        [
            {"name": "LOGIN", "value": "mia"},
            {"name": "EMAIL", "value": None},
            {"name": "Badge", "value": "7"},
        ],
        {"field": [{"name": "login", "value": "mia"}, {"name": "badge", "value": "7"}]},
        {"login": "mia", "badge": "7"},
    ],
)
def test_profile_fields_are_read_from_every_published_shape(fields: object):
    shown = user("badge", fields=fields)

    assert (shown.login, shown.email, shown.fields) == ("mia", "", {"badge": "7"})


def test_a_single_field_may_come_as_an_object():
    assert user(fields={"field": {"name": "LOGIN", "value": "mia"}}).login == "mia"
    assert user(fields={"name": "LOGIN", "value": "mia"}).login == "mia"


@pytest.mark.parametrize(
    ("status", "meaning"),
    [(1, UserStatus.ACTIVE), ("1", UserStatus.ACTIVE), (3, UserStatus.BLOCKED), ("5", UserStatus.TERMINATED)],
)
def test_the_standing_of_a_person_is_understood(status: object, meaning: UserStatus):
    assert user(status=status).status is meaning


def test_an_undocumented_standing_is_unreadable():
    with pytest.raises(Unreadable, match="status"):
        user(status=2)


@pytest.mark.parametrize(
    "tree",
    [
        {"enrollments": [{"enrollmentId": "e"}]},
        {"enrollments": {"enrollment": {"enrollmentId": "e"}}},
        {"enrollment": [{"enrollmentId": "e"}]},
        {"response": {"enrollment": {"enrollmentId": "e"}}},
        {"response": {"enrollmentId": "e"}},
        [{"enrollmentId": "e"}],
        {"enrollmentId": "e"},
    ],
)
def test_rows_are_found_in_every_published_wrapper(tree: object):
    assert page_of(tree, keys=("enrollments", "enrollment"), id_key="enrollmentId").rows == [
        {"enrollmentId": "e"}
    ]


@pytest.mark.parametrize(
    "tree", [None, "", {}, [], {"enrollments": None}, {"enrollments": []}, {"nextPageToken": None}]
)
def test_an_absent_list_is_empty(tree: object):
    assert page_of(tree, keys=("enrollments",), id_key="enrollmentId") == ([], None)


@pytest.mark.parametrize(
    "tree", ["text", {"code": 403, "message": "no"}, {"enrollments": ["e"]}, {"enrollments": "e"}]
)
def test_anything_else_is_no_list(tree: object):
    with pytest.raises(Garbled):
        page_of(tree, keys=("enrollments",), id_key="enrollmentId")


@pytest.mark.parametrize(
    ("tree", "token"),
    [
        ({"nextPageToken": "x"}, "x"),
        ({"nextPageToekn": "x"}, "x"),
        ({"nextPageToken": ""}, None),
        ({"nextPageToken": 7}, "7"),
    ],
)
def test_the_cursor_is_found_under_both_spellings(tree: dict[str, Any], token: str | None):
    assert page_of(tree, keys=("enrollments",), id_key="enrollmentId").next_token == token


def test_what_a_listing_remembers_is_bounded():
    seen = Seen(window=10)

    news = [seen.is_new(str(number // 2)) for number in range(200)]

    assert sum(news) == 100
    assert len(seen._recent) + len(seen._older) <= 20
