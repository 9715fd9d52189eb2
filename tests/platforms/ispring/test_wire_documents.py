"""What leaves, held against the vendor's own pages: changeEnrollment, Editing an Enrollment, updateCourseStatus, getEnrollments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from lxml import etree

from connector.domain.change import (
    COURSE_DEFAULT,
    CreateUser,
    EnrolLearners,
    LmsCommand,
    RewriteSchedule,
    Schedule,
    SetStatus,
    Unenrol,
)
from connector.domain.enrolment import EnrolmentId, Status
from connector.domain.learner import CourseId, UserId
from connector.errors import ChangeRefused
from connector.platforms.ispring import Account, IspringPlatform, connect
from connector.platforms.port import LmsScope
from tests.platforms.ispring.conftest import BRIEF
from tests.platforms.scripted import Script, Sent, answer, scripted

TOKEN = answer(200, '{"access_token": "t-1", "expires_in": 1800, "token_type": "bearer"}')
ENROLLMENT, COURSE = (
    EnrolmentId("d48bd4fa-5b70-11e9-b12b-22e9fbac4a59"),
    CourseId("14b847e8-c10f-11ea-b4e1-ae33e75597e9"),
)
MIA, NOAH = UserId("8363b098-e031-11e9-89cf-0a580af40b0f"), UserId("9363b098-e031-11e9-89cf-0a580af40b0f")
MORNING = datetime(2026, 9, 26, 10, 30)
SERVICE = "http://ispringlearn.com/go/services/api/soap"
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SUCCESS = f"""<?xml version="1.0" encoding="UTF-8"?>
<SOAP-ENV:Envelope xmlns:SOAP-ENV="https://schemas.xmlsoap.org/soap/envelope/" xmlns:ns1="{SERVICE}">
<SOAP-ENV:Body><ns1:successResult><ns1:success>true</ns1:success></ns1:successResult></SOAP-ENV:Body>
</SOAP-ENV:Envelope>"""


@contextmanager
def talking(*answers: bytes, by: str = "token", **changes: Any) -> Iterator[tuple[IspringPlatform, Script]]:
    """A platform before a script; the token is fetched first where one is used."""
    with scripted(*((TOKEN, *answers) if by == "token" else answers)) as script:
        account = Account(
            api_url=script.url,
            client_id="an-id" if by == "token" else "",
            client_secret="a-secret",
            account_url=script.url,
            email="owner",
            password="pässword",
        )
        platform = connect(
            account, zone=ZoneInfo("Australia/Sydney"), requests_per_second=0, patience=BRIEF, **changes
        )
        yield platform, script
        platform.close()


def sent_by(command: LmsCommand, reply: bytes, **changes: Any) -> Sent:
    with talking(reply, **changes) as (platform, script):
        platform.apply(command)
    return script.sent[-1]


def xml_of(sent: Sent) -> list[tuple[str, str]]:
    """Every element with a text, by local name, in document order."""
    root = etree.fromstring(sent.body)
    return [
        (etree.QName(element).localname, element.text)
        for element in root.iter()
        if element.text and element.text.strip()
    ]


def test_an_edit_of_an_enrollment_is_posted_with_its_whole_schedule():
    sent = sent_by(RewriteSchedule(ENROLLMENT, Schedule(MORNING, None, True)), answer(200))

    assert (sent.method, sent.path) == ("POST", f"/enrollment/{ENROLLMENT}")
    assert sent.headers["content-type"] == "application/json"
    assert orjson.loads(sent.body) == {
        "accessDate": "2026-09-26 10:30:00",
        "dueDateType": "unlimited",
        "lockAfterDueDate": True,
    }


def test_an_edit_in_xml_has_the_elements_of_the_page_and_the_older_headers():
    schedule = Schedule(MORNING, date(2026, 10, 1), False)

    sent = sent_by(RewriteSchedule(ENROLLMENT, schedule), answer(200), form="xml", by="headers")

    assert sent.headers["content-type"] == "application/xml"
    assert etree.fromstring(sent.body).tag == "request"
    assert xml_of(sent) == [
        ("accessDate", "2026-09-26 10:30:00"),
        ("dueDateType", "due_date"),
        ("dueDate", "2026-10-01"),
        ("lockAfterDueDate", "false"),
    ]
    assert sent.headers["x-auth-email"] == "owner"
    assert sent.headers["x-auth-password"] == "pässword"
    assert sent.headers["x-auth-account-url"].startswith("http://127.0.0.1")


def test_an_edit_over_soap_is_change_enrollment():
    schedule = Schedule(MORNING, date(2026, 10, 1), True)

    sent = sent_by(RewriteSchedule(ENROLLMENT, schedule), answer(200, SUCCESS, "text/xml"), dialect="soap")

    assert (sent.method, sent.path) == ("POST", "/api/v2/soap/2.0")
    assert sent.headers["soapaction"] == '"ChangeEnrollment"'
    root = etree.fromstring(sent.body)
    (request,) = root[0]
    assert (root.tag, request.tag) == (f"{{{ENVELOPE}}}Envelope", f"{{{SERVICE}}}ChangeEnrollmentRequest")
    assert xml_of(sent) == [
        ("token", "t-1"),
        ("enrollmentId", ENROLLMENT),
        ("accessDate", "2026-09-26 10:30:00"),
        ("dueDateType", "due_date"),
        ("dueDate", "2026-10-01"),
        ("lockAfterDueDate", "true"),
    ]


def test_a_status_over_soap_has_the_fields_of_update_course_status_in_their_order():
    reply = SUCCESS.replace("successResult", "updateCourseStatusResult").replace(
        "<ns1:success>true</ns1:success>", "<ns1:taskId>100027</ns1:taskId>"
    )
    command = SetStatus(ENROLLMENT, COURSE, Status.COMPLETE, date(2026, 7, 22), "Completed offline")

    with talking(answer(200, reply, "text/xml"), dialect="soap", by="headers") as (platform, script):
        receipt = platform.apply(command)

    sent = script.sent[-1]
    assert receipt.task_id == "100027"
    assert etree.fromstring(sent.body)[0][0].tag == f"{{{SERVICE}}}updateCourseStatusRequest"
    assert xml_of(sent) == [
        ("accountUrl", script.url),
        ("email", "owner"),
        ("password", "pässword"),
        ("id", ENROLLMENT),
        ("courseId", COURSE),
        ("date", "2026-07-22"),
        ("reason", "Completed offline"),
        ("status", "complete"),
    ]


@pytest.mark.parametrize(
    ("status", "completed_on", "expected"),
    [
        (Status.COMPLETE, date(2026, 7, 22), {"status": "complete", "date": "2026-07-22"}),
        (Status.PASSED, date(2026, 7, 22), {"status": "passed", "date": "2026-07-22"}),
        (Status.FAILED, date(2026, 7, 22), {"status": "failed"}),
        (None, None, {"status": "automatic"}),
    ],
)
def test_a_status_over_rest_is_posted_with_a_date_only_for_a_success(
    status: Status | None, completed_on: date | None, expected: dict[str, str]
):
    sent = sent_by(
        SetStatus(ENROLLMENT, COURSE, status, completed_on, "RPL"), answer(200, '{"taskId": 204418}')
    )

    assert sent.path == "/statistics/course"
    assert orjson.loads(sent.body) == {
        "courseId": COURSE,
        "enrollmentIds": [ENROLLMENT],
        "reason": "RPL",
        **expected,
    }


@pytest.mark.parametrize(
    "body",
    [
        "<taskId>204418</taskId>",
        "<response><taskId>204418</taskId></response>",
        '{"taskId": 204418}',
        "204418",
    ],
)
def test_a_task_id_is_found_in_every_published_shape(body: str):
    command = SetStatus(ENROLLMENT, COURSE, None, None, "RPL")
    form = "xml" if body.startswith("<") else "json"

    with talking(answer(200, body, f"application/{form}"), form=form) as (platform, _):
        assert platform.apply(command).task_id == "204418"


def test_a_status_that_a_course_cannot_have_is_refused_without_a_call():
    with talking(answer(200)) as (platform, script), pytest.raises(ChangeRefused):
        platform.apply(SetStatus(ENROLLMENT, COURSE, Status.PENDING, None, "RPL"))

    assert script.sent == []


def test_enrolling_sends_every_learner_once_and_names_the_kind_of_due_date():
    sent = sent_by(
        EnrolLearners(COURSE, (MIA, NOAH), Schedule(None, COURSE_DEFAULT, False)),
        answer(201, "", "text/html"),
    )

    assert sent.path == "/enrollment"
    assert orjson.loads(sent.body) == {
        "courseIds": [COURSE],
        "learnerIds": [MIA, NOAH],
        "dueDateType": "default",
        "lockAfterDueDate": False,
    }


def test_unenrolling_is_a_post_with_a_list_of_one():
    sent = sent_by(Unenrol(ENROLLMENT), answer(204), form="xml")

    assert (sent.method, sent.path) == ("POST", "/enrollment/delete")
    assert xml_of(sent) == [("id", ENROLLMENT)]


def test_a_new_person_gets_no_mail_and_a_password_of_their_own():
    command = CreateUser("jo", "jo@example.org", "Jo", "", "71bc0000-c6ba-11ea-918e-82e47ebe0001")

    bodies = [orjson.loads(sent_by(command, answer(201, '"u-1"')).body) for _ in range(2)]

    passwords = {body.pop("password") for body in bodies}
    assert len(passwords) == 2
    assert bodies[0] == {
        "departmentId": "71bc0000-c6ba-11ea-918e-82e47ebe0001",
        "fields": {"login": "jo", "email": "jo@example.org", "first_name": "Jo"},
        "role": "learner",
        "sendLoginEmail": False,
    }


@pytest.mark.parametrize(
    "body", ['"u-1"', '{"userId": "u-1"}', '{"response": "u-1"}', "<response>u-1</response>"]
)
def test_the_id_of_a_new_person_is_found_in_every_published_shape(body: str):
    with talking(answer(201, body)) as (platform, _):
        receipt = platform.apply(CreateUser("jo", "jo@example.org", "Jo", "", "a-department"))

    assert receipt.created_id == "u-1"


def test_a_duplicate_person_is_looked_up_instead_of_created():
    found = {"userProfiles": [{"userId": "u-7", "status": 1, "fields": [{"name": "LOGIN", "value": "JO"}]}]}

    with talking(answer(409, '{"code":409,"message":"…"}'), answer(200, orjson.dumps(found))) as (
        platform,
        script,
    ):
        receipt = platform.apply(CreateUser("jo", "jo@example.org", "Jo", "", "a-department"))

    assert receipt.created_id == "u-7"
    assert [sent.path for sent in script.sent] == ["/api/v3/token", "/user", "/users/v2"]


def test_an_older_role_name_is_tried_when_the_newer_one_is_refused():
    nobody = answer(200, '{"userProfiles": []}')

    with talking(answer(400), nobody, nobody, answer(201, '"u-1"')) as (platform, script):
        platform.apply(CreateUser("jo", "jo@example.org", "Jo", "", "a-department"))

    roles = [orjson.loads(sent.body)["role"] for sent in script.sent if sent.path == "/user"]
    assert roles == ["learner", "learners"]


def test_lists_are_asked_for_by_course_in_the_largest_pages_and_for_people_of_every_status():
    empty = answer(200, "{}")

    with talking(empty) as (platform, script):
        list(platform.read(LmsScope(courses=(COURSE,))))

    token, *lists = script.sent
    assert [(sent.path, sent.params) for sent in lists] == [
        ("/users/v2", [("pageSize", "1000")]),
        ("/enrollments", [("courseIds[]", COURSE), ("pageSize", "1000")]),
        (
            "/learners/results",
            [
                ("courseIds[]", COURSE),
                ("userStatuses[]", "1"),
                ("userStatuses[]", "3"),
                ("userStatuses[]", "5"),
                ("pageSize", "1000"),
            ],
        ),
    ]
    assert token.body == b"client_id=an-id&client_secret=a-secret&grant_type=client_credentials"
    assert {sent.headers["authorization"] for sent in lists} == {"Bearer t-1"}
    assert {sent.headers["accept"] for sent in lists} == {"application/json"}


def test_enrollments_over_soap_are_asked_for_with_get_enrollments():
    reply = f"""<?xml version="1.0" encoding="utf-8"?>
    <SOAP-ENV:Envelope xmlns:SOAP-ENV="{ENVELOPE}" xmlns="{SERVICE}"><SOAP-ENV:Body><GetEnrollmentsResult>
      <enrollment>
        <enrollmentId>{ENROLLMENT}</enrollmentId><courseId>{COURSE}</courseId><learnerId>{MIA}</learnerId>
        <accessDate>2026-07-14</accessDate><enrollmentTypeGroup>0</enrollmentTypeGroup>
        <shouldLockAfterDueDate>0</shouldLockAfterDueDate>
        <certificate><issuedCertificateId>66b4ed00-040e-11ed-a8a2-b6f58d6fa7b5</issuedCertificateId>
        <issueDate>2026-07-15T07:19:00+00:00</issueDate></certificate>
      </enrollment>
    </GetEnrollmentsResult></SOAP-ENV:Body></SOAP-ENV:Envelope>"""

    with talking(answer(200, reply, "text/xml"), dialect="soap") as (platform, script):
        (shown,) = platform.enrolments_of([MIA], COURSE)

    assert xml_of(script.sent[-1]) == [("token", "t-1"), ("id", COURSE), ("id", MIA)]
    assert script.sent[-1].headers["soapaction"] == '"GetEnrollments"'
    assert (shown.access_from, shown.due, shown.locks, shown.has_certificate) == (
        date(2026, 7, 14),
        None,
        False,
        True,
    )
