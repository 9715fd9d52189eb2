"""The SOAP dialect: operations, credentials, namespaces and faults."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from lxml import etree

DAY = date(2026, 3, 1)
MISSING = "00000000-0000-1000-8000-000000000000"


def local(element):
    return etree.QName(element).localname


def texts(element, name):
    """The texts of all elements of this local name, at any depth."""
    return [found.text for found in element.iter() if local(found) == name]


def fault_of(answer_and_body):
    answer, body = answer_and_body
    assert local(body) == "Fault"
    return answer.status_code, texts(body, "faultstring")[0]


@pytest.fixture
def enrolled(box, story):
    return box.person.enrol(story.user, story.course, access=DAY, due=date(2026, 4, 1), lock=True)


def test_enrollments_come_with_the_fields_of_the_rest_list(caller, story, enrolled):
    _, body = caller.soap("<GetEnrollmentsRequest/>")

    assert local(body) == "GetEnrollmentsResult"
    row = body[0]
    assert local(row) == "enrollment"
    assert {local(field): field.text for field in row} == {
        "enrollmentId": enrolled,
        "courseId": story.course,
        "learnerId": story.user,
        "accessDate": "2026-03-01",
        "dueDate": "2026-04-01",
        "expirationDate": "2026-04-01",
        "shouldLockAfterDueDate": "1",
        "enrollmentTypeGroup": "0",
    }


def test_enrollments_are_filtered_by_wrapped_ids(box, caller, story, enrolled):
    other = box.person.enrol(story.user, box.person.add_course("Second"), access=DAY)
    ids = f"<courseIds><id>{story.course}</id></courseIds><learnerIds><id>{story.user}</id></learnerIds>"

    _, body = caller.soap(f"<GetEnrollmentsRequest>{ids}</GetEnrollmentsRequest>")

    assert texts(body, "enrollmentId") == [enrolled]
    assert other not in texts(body, "enrollmentId")


@pytest.mark.parametrize(
    ("shape", "parents"), [("nested", {"enrollments"}), ("flat", {"ListEnrollmentsResult"})]
)
def test_the_paged_list_is_read_to_its_end(box, caller, story, shape, parents):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(5)]
    box.switches.soap_lists = shape
    seen, token = [], ""

    while True:
        paging = f"<pageSize>2</pageSize><pageToken>{token}</pageToken>"
        _, body = caller.soap(f"<ListEnrollmentsRequest>{paging}</ListEnrollmentsRequest>")
        rows = [found for found in body.iter() if local(found) == "enrollment"]
        assert {local(row.getparent()) for row in rows} == parents
        seen += texts(body, "enrollmentId")
        token = (texts(body, "nextPageToken") or [""])[0]
        if not token:
            break

    assert seen == sorted(ids)


def test_one_enrollment_is_read(caller, enrolled):
    _, body = caller.soap(
        f"<GetEnrollmentRequest><enrollmentId>{enrolled}</enrollmentId></GetEnrollmentRequest>"
    )

    assert local(body) == "GetEnrollmentResult"
    assert texts(body, "enrollmentId") == [enrolled]


def test_learners_are_enrolled_and_no_id_comes_back(box, caller, story):
    request = (
        f"<EnrollLearnersInCoursesRequest><courseIds><id>{story.course}</id></courseIds><learnerIds><id>{story.user}</id>"
        "</learnerIds><accessDate>2026-02-01 09:30:00</accessDate><dueDateType>due_period</dueDateType>"
        "<duePeriod>720</duePeriod><lockAfterDueDate>true</lockAfterDueDate></EnrollLearnersInCoursesRequest>"
    )

    _, body = caller.soap(request)

    assert local(body) == "successResult"
    assert texts(body, "success") == ["true"]
    row = box.rows("enrollments")[0]
    assert (row["access_date"], row["due_date"], row["lock"]) == (date(2026, 2, 1), date(2026, 3, 3), True)


def test_an_enrollment_is_changed_whole(box, caller, enrolled):
    request = (
        f"<ChangeEnrollmentRequest><enrollmentId>{enrolled}</enrollmentId><accessDate>2026-03-02 10:00:00</accessDate>"
        "<dueDateType>unlimited</dueDateType><dueDate>2026-09-26</dueDate><duePeriod>0</duePeriod>"
        "<lockAfterDueDate>false</lockAfterDueDate></ChangeEnrollmentRequest>"
    )

    _, body = caller.soap(request)

    assert texts(body, "success") == ["true"]
    row = box.rows("enrollments")[0]
    assert (row["access"], row["due"], row["lock"]) == (datetime(2026, 3, 1, 23, tzinfo=UTC), None, False)


def test_one_enrollment_is_deleted(caller, enrolled):
    request = f"<UnenrollRequest><enrollmentId>{enrolled}</enrollmentId></UnenrollRequest>"

    _, body = caller.soap(request)

    assert (local(body), texts(body, "success")) == ("successResult", ["true"])
    assert caller.enrollments() == []
    assert fault_of(caller.soap(request)) == (500, "Wrong parameters")


def test_a_status_is_set_through_a_task(box, caller, story, enrolled):
    request = (
        f"<updateCourseStatusRequest><enrollmentIds><id>{enrolled}</id></enrollmentIds><courseId>{story.course}</courseId>"
        "<date>2026-03-05</date><reason>Recognised prior learning</reason><status>complete</status>"
        "</updateCourseStatusRequest>"
    )

    _, body = caller.soap(request)
    assert local(body) == "updateCourseStatusResult"
    task = texts(body, "taskId")[0]
    states = []
    for name in ("taskId", "task_id", "taskId"):
        _, polled = caller.soap(f"<getTaskStatusRequest><{name}>{task}</{name}></getTaskStatusRequest>")
        assert local(polled) == "getTaskStatusResult"
        states += texts(polled, "status")

    assert states == ["waiting", "in_progress", "complete"]
    assert box.rows("enrollments")[0]["status"] == "complete"


def test_results_are_listed_with_statuses_of_users(box, caller, story, enrolled):
    box.person.complete(enrolled, at=datetime(2026, 3, 5, tzinfo=UTC))
    box.person.block_user(story.user)
    asked = "<userStatuses><id>1</id><id>3</id></userStatuses>"

    _, hidden = caller.soap("<ListLearnersResultsRequest/>")
    _, shown = caller.soap(f"<ListLearnersResultsRequest>{asked}</ListLearnersResultsRequest>")

    assert texts(hidden, "enrollmentId") == []
    assert texts(shown, "enrollmentId") == [enrolled]
    assert texts(shown, "completionDate") == ["2026-03-05T00:00:00+00:00"]


def test_users_are_listed_in_three_ways(box, caller, story):
    box.person.terminate_user(story.user)
    by_login = "<logins>mia</logins>"

    for root, status in (("GetUsers", "3"), ("ListUsers", "3"), ("ListUsersV2", "5")):
        _, body = caller.soap(f"<{root}Request>{by_login}</{root}Request>")
        assert local(body) == f"{root}Result"
        assert (texts(body, "userId"), texts(body, "status")) == ([story.user], [status])


def test_a_users_profile_is_read(caller, story):
    _, body = caller.soap(f"<GetUserProfileRequest><userId>{story.user}</userId></GetUserProfileRequest>")

    assert local(body[0]) == "userProfile"
    assert "mia@example.org" in texts(body, "value")
    assert fault_of(
        caller.soap(f"<GetUserProfileRequest><userId>{MISSING}</userId></GetUserProfileRequest>")
    ) == (500, "Unknown user")


def test_a_user_is_added_once(box, caller):
    department = box.rows("departments")[0]["department_id"]
    request = (
        f"<AddUserRequest><departmentId>{department}</departmentId><fields><login>jo</login><email>jo@example.org</email>"
        "</fields><role>learner</role></AddUserRequest>"
    )

    _, body = caller.soap(request)

    assert texts(body, "userId") == [box.rows("users")[-1]["user_id"]]
    assert fault_of(caller.soap(request)) == (500, "User with the same login is already registered.")


def test_a_users_status_is_changed_to_one_or_three_only(box, caller, story):
    def change(status):
        return caller.soap(
            f"<ChangeUserStatusRequest><userId>{story.user}</userId><status>{status}</status></ChangeUserStatusRequest>"
        )

    assert texts(change(3)[1], "success") == ["true"]
    assert box.rows("users")[-1]["status"] == 3
    assert fault_of(change(5)) == (500, "User status must be 1 or 3, 5 given")


def test_content_modules_departments_and_profile_fields_are_read(caller, story):
    item = f"<contentItemId>{story.course}</contentItemId>"

    assert texts(caller.soap("<GetContentRequest/>")[1], "title") == ["Manual handling"]
    assert texts(caller.soap(f"<GetContentItemRequest>{item}</GetContentItemRequest>")[1], "title") == [
        "Manual handling"
    ]
    _, modules = caller.soap(
        f"<ListCourseModulesRequest><courseId>{story.course}</courseId></ListCourseModulesRequest>"
    )
    assert texts(modules, "title") == ["Lifting", "Quiz"]
    assert texts(caller.soap("<GetDepartmentsRequest/>")[1], "name") == ["Organisation"]
    assert texts(caller.soap("<ListDepartmentsRequest/>")[1], "name") == ["Organisation"]
    assert "LOGIN" in texts(caller.soap("<GetUserProfileFieldsRequest/>")[1], "name")


def test_modules_statuses_are_set_and_reset(box, caller, story, enrolled):
    items = [row["item_id"] for row in box.rows("modules")]
    head = f"<courseId>{story.course}</courseId><enrollmentIds><id>{enrolled}</id></enrollmentIds>"
    marks = "".join(
        f"<moduleStatus><contentItemId>{item}</contentItemId><status>passed</status></moduleStatus>"
        for item in items
    )
    box.switches.task_waiting_polls = box.switches.task_working_polls = 0

    def run(root, inner):
        _, body = caller.soap(f"<{root}Request>{head}{inner}</{root}Request>")
        caller.soap(
            f"<getTaskStatusRequest><taskId>{texts(body, 'taskId')[0]}</taskId></getTaskStatusRequest>"
        )
        return box.rows("enrollments")[0]["status"]

    assert run("UpdateModulesStatuses", f"<moduleStatuses>{marks}</moduleStatuses>") == "passed"
    ids = "".join(f"<id>{item}</id>" for item in items)
    assert run("ResetModulesStatistics", f"<contentItemIds>{ids}</contentItemIds>") == "not_started"


# The envelope


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_the_answer_has_the_callers_namespaces(caller, enrolled, scheme):
    answer, body = caller.soap("<GetEnrollmentsRequest/>", scheme=scheme)

    envelope = body.getparent().getparent()
    assert etree.QName(envelope).namespace == f"{scheme}://schemas.xmlsoap.org/soap/envelope/"
    assert etree.QName(body).namespace == f"{scheme}://ispringlearn.com/go/services/api/soap"
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"


def test_the_namespaces_may_be_the_accounts_own_and_children_unqualified(box, caller, enrolled):
    box.switches.soap_namespace, box.switches.soap_children = "https", "plain"

    _, body = caller.soap("<GetEnrollmentsRequest/>")

    assert etree.QName(body).namespace.startswith("https:")
    assert etree.QName(body[0]).namespace is None


@pytest.mark.parametrize("root", ["getenrollmentsrequest", "GETENROLLMENTSREQUEST"])
def test_root_names_are_matched_without_case(caller, enrolled, root):
    assert local(caller.soap(f"<{root}/>")[1]) == "GetEnrollmentsResult"


def test_legacy_credentials_are_accepted(box, caller, enrolled):
    def ask(password):
        known = f"<accountUrl>{box.url}</accountUrl><email>{box.email}</email><password>{password}</password>"
        return caller.soap("<GetEnrollmentsRequest/>", credentials=known)

    assert texts(ask(box.password)[1], "enrollmentId") == [enrolled]
    assert fault_of(ask("wrong")) == (500, "Authorization failed")


def test_credentials_are_never_in_the_log(box, caller, enrolled):
    caller.soap("<GetEnrollmentsRequest/>")

    call = box.calls.list()[-1]
    assert b"<token>***</token>" in call.body
    assert (call.operation, call.effect) == ("POST /soap/2.0 GetEnrollments", "read")


@pytest.mark.parametrize(("status", "expected"), [(500, 500), (200, 200)])
def test_a_fault_comes_with_500_or_with_200(box, caller, status, expected):
    box.switches.soap_fault_status = status

    answer, body = caller.soap("<GetEnrollmentsRequest/>", credentials="<token>wrong</token>")

    assert answer.status_code == expected
    assert (texts(body, "faultcode"), texts(body, "faultstring")) == (["client"], ["Authorization failed"])


@pytest.mark.parametrize(
    ("request_", "fault"),
    [
        (
            f"<ChangeEnrollmentRequest><enrollmentId>{MISSING}</enrollmentId></ChangeEnrollmentRequest>",
            "Unknown Enrollment",
        ),
        (
            f"<updateCourseStatusRequest><courseId>{MISSING}</courseId></updateCourseStatusRequest>",
            "Unknown content item",
        ),
        ("<getTaskStatusRequest><taskId>1</taskId></getTaskStatusRequest>", "Unknown content item"),
        ("<EnrollLearnersInCoursesRequest/>", "Wrong parameters"),
        ("<DoSomethingRequest/>", "Wrong parameters"),
    ],
)
def test_faults_have_the_documented_texts(caller, request_, fault):
    assert fault_of(caller.soap(request_)) == (500, fault)


def test_missing_rights_and_an_ended_subscription_are_faults(box, caller, enrolled):
    caller.sign_in(box.add_credentials(role="custom"))
    head = f"<courseId>x</courseId><enrollmentIds><id>{enrolled}</id></enrollmentIds>"
    assert fault_of(caller.soap(f"<updateCourseStatusRequest>{head}</updateCourseStatusRequest>")) == (
        500,
        "Permission denied",
    )

    box.switches.subscription = "expired"
    assert fault_of(caller.soap("<GetEnrollmentsRequest/>")) == (500, "Account subscription expired")


@pytest.mark.parametrize("body", ["no xml", "<x/>", '<!DOCTYPE a [<!ENTITY e "x">]><a>&e;</a>'])
def test_what_is_no_envelope_is_a_fault(caller, body):
    answer = caller.http.post("/api/v2/soap/2.0", content=body)

    assert answer.status_code == 500
    assert "Wrong parameters" in answer.text


def test_a_fault_on_order_can_name_one_operation(box, caller, enrolled):
    box.faults.add("status", status=502, match="POST /soap/2.0 ChangeEnrollment")

    assert caller.soap("<GetEnrollmentsRequest/>")[0].status_code == 200
    answer = caller.http.post(
        "/api/v2/soap/2.0",
        content="<Envelope><Body><ChangeEnrollmentRequest/></Body></Envelope>",
    )
    assert answer.status_code == 502


def test_a_revoked_token_and_a_shuffled_list_happen_in_soap_too(box, caller, story):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(30)]
    box.faults.add("shuffle", match="POST /soap/*")
    _, body = caller.soap("<GetEnrollmentsRequest/>")
    assert texts(body, "enrollmentId") != sorted(ids)

    box.faults.add("revoke_token", match="* GetEnrollments")
    assert fault_of(caller.soap("<GetEnrollmentsRequest/>")) == (500, "Authorization failed")
