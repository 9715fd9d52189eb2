"""Enrollments over REST: lists, pages, wire forms, creating, editing, deleting."""

from __future__ import annotations

import base64
from datetime import date, timedelta

import pytest

DAY = date(2026, 3, 1)


def texts(element, path):
    return [found.text for found in element.findall(path)]


def test_a_list_shows_plain_days_of_the_accounts_zone(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=date(2026, 2, 1), due=DAY, lock=True)

    assert caller.enrollments() == [
        {
            "enrollmentId": one,
            "courseId": story.course,
            "learnerId": story.user,
            "accessDate": "2026-02-01",
            "dueDate": "2026-03-01",
            "expirationDate": "2026-03-01",
            "shouldLockAfterDueDate": True,
            "enrollmentTypeGroup": 0,
        }
    ]


def test_a_moment_shortly_after_midnight_is_shown_on_its_day_in_the_zone_and_on_another_in_utc(
    box, story, caller
):
    body = {"courseIds": [story.course], "learnerIds": [story.user], "accessDate": "2026-02-01 08:30:00"}
    caller.post("/enrollment", {**body, "dueDateType": "unlimited"})
    assert caller.enrollments()[0]["accessDate"] == "2026-02-01"

    box.switches.naive_dates_in = "utc"

    assert caller.enrollments()[0]["accessDate"] == "2026-01-31"


def test_an_enrollment_without_due_date_shows_none_and_no_expiration(box, story, caller):
    box.person.enrol(story.user, story.course, access=DAY)

    row = caller.enrollments()[0]

    assert "dueDate" not in row
    assert "expirationDate" not in row
    assert row["shouldLockAfterDueDate"] is False


def test_a_due_date_without_lock_does_not_expire(box, story, caller):
    box.person.enrol(story.user, story.course, access=DAY, due=DAY)

    row = caller.enrollments()[0]

    assert row["dueDate"] == "2026-03-01"
    assert "expirationDate" not in row


def test_xml_comes_unless_json_is_asked_for_and_writes_the_lock_as_a_digit(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY, due=DAY, lock=True)

    root = caller.xml("/enrollments")

    assert root.tag == "response"
    assert texts(root, "enrollments/enrollment/enrollmentId") == [one]
    assert texts(root, "enrollments/enrollment/shouldLockAfterDueDate") == ["1"]
    assert root.find("nextPageToken") is None


@pytest.mark.parametrize(("form", "shown"), [("bool", True), ("int", 1), ("text", "1")])
def test_the_lock_in_json_may_be_a_boolean_a_number_or_a_text(box, story, caller, form, shown):
    box.person.enrol(story.user, story.course, access=DAY, due=DAY, lock=True)

    box.switches.lock_flag_json = form

    flag = caller.enrollments()[0]["shouldLockAfterDueDate"]
    assert (flag, type(flag)) == (shown, type(shown))


def test_the_lock_in_xml_may_be_a_word(box, story, caller):
    box.person.enrol(story.user, story.course, access=DAY, due=DAY, lock=True)

    box.switches.lock_flag_xml = "bool"

    assert texts(caller.xml("/enrollments"), ".//shouldLockAfterDueDate") == ["true"]


def test_pages_are_ordered_by_id_and_their_token_is_the_last_id_in_base64(box, story, caller):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(7)]

    first = caller.get("/enrollments", pageSize=3).json()
    pages = caller.pages("/enrollments", "enrollments", pageSize=3)

    assert [[row["enrollmentId"] for row in page] for page in pages] == [
        sorted(ids)[:3],
        sorted(ids)[3:6],
        sorted(ids)[6:],
    ]
    assert base64.b64decode(first["nextPageToken"]).decode() == sorted(ids)[2]


def test_a_full_last_page_has_no_token_or_an_empty_one(box, story, caller):
    box.person.enrol(story.user, story.course, access=DAY)

    assert "nextPageToken" not in caller.get("/enrollments", pageSize=1).json()
    box.switches.last_token = "empty"
    assert caller.get("/enrollments", pageSize=1).json()["nextPageToken"] == ""
    assert caller.xml("/enrollments").find("nextPageToken").text is None


def test_a_cursor_outlives_the_row_it_points_at(box, story, caller):
    ids = sorted(box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(5))
    for order in ("id", "added"):
        box.switches.page_order = order
        first = caller.get("/enrollments", pageSize=2).json()
        everything = [row["enrollmentId"] for row in caller.enrollments(pageSize=2)]

        box.person.unenrol(first["enrollments"][-1]["enrollmentId"])
        second = caller.get("/enrollments", pageSize=2, pageToken=first["nextPageToken"]).json()

        assert [row["enrollmentId"] for row in second["enrollments"]] == everything[2:4]
    assert len(ids) - 2 == len(caller.enrollments())


def test_a_position_as_cursor_skips_a_row_when_an_earlier_one_goes(box, story, caller):
    ids = sorted(box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(4))
    box.switches.cursor = "offset"
    token = caller.get("/enrollments", pageSize=2).json()["nextPageToken"]

    box.person.unenrol(ids[0])

    second = caller.get("/enrollments", pageSize=2, pageToken=token).json()["enrollments"]
    assert [row["enrollmentId"] for row in second] == ids[3:]


def test_rows_may_come_in_the_order_they_were_added(box, story, caller):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(6)]
    assert ids != sorted(ids)

    box.switches.page_order = "added"

    assert [row["enrollmentId"] for row in caller.enrollments(pageSize=2)] == ids


def test_a_page_is_cut_to_the_accounts_maximum(box, story, caller):
    for number in range(5):
        box.person.enrol(story.user, box.person.add_course(f"C{number}"), access=DAY)

    box.switches.page_maximum = 3

    assert [len(page) for page in caller.pages("/enrollments", "enrollments", pageSize=1000)] == [3, 2]


@pytest.mark.parametrize("token", ["not base64!", "bm8gdXVpZA=="])
def test_a_token_that_is_no_token_is_refused(box, story, caller, token):
    assert caller.get("/enrollments", pageToken=token).status_code == 400


def test_filters_by_learner_course_and_enrollment_meet(box, story, caller):
    other = box.person.add_user(login="li", email="li@example.org", first_name="Li", last_name="Wu")
    second = box.person.add_course("Second")
    rows = {
        (user, course): box.person.enrol(user, course, access=DAY)
        for user in (story.user, other)
        for course in (story.course, second)
    }

    def ids(**params):
        return {row["enrollmentId"] for row in caller.enrollments(**params)}

    assert ids(**{"courseIds[]": [second]}) == {rows[story.user, second], rows[other, second]}
    assert ids(**{"courseIds[]": [second], "learnerIds[]": [other]}) == {rows[other, second]}
    assert ids(**{"enrollmentIds[]": [rows[other, second]], "courseIds[]": [story.course]}) == set()


@pytest.mark.parametrize("form", ["brackets", "repeated", "commas"])
def test_an_id_list_is_read_in_every_known_query_form(box, story, caller, form):
    courses = [story.course, box.person.add_course("Second"), box.person.add_course("Third")]
    for course in courses:
        box.person.enrol(story.user, course, access=DAY)
    params = {
        "brackets": {"courseIds[]": courses[:2]},
        "repeated": {"courseIds": courses[:2]},
        "commas": {"courseIds": ",".join(courses[:2])},
    }[form]

    assert {row["courseId"] for row in caller.enrollments(**params)} == set(courses[:2])


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize("name", ["courseIds[]", "learnerIds[]", "enrollmentIds[]"])
def test_one_unknown_id_in_a_filter_refuses_the_whole_request(box, story, caller, name, status):
    box.person.enrol(story.user, story.course, access=DAY)
    known = {
        "courseIds[]": story.course,
        "learnerIds[]": story.user,
        "enrollmentIds[]": box.rows("enrollments")[0]["enrollment_id"],
    }
    box.switches.unknown_id = status

    answer = caller.get("/enrollments", **{name: [known[name], "00000000-0000-1000-8000-000000000000"]})

    assert answer.status_code == status
    assert answer.json()["code"] == status


def test_the_same_list_can_be_asked_for_with_a_body_in_json_and_in_xml(box, story, caller):
    second = box.person.add_course("Second")
    box.person.enrol(story.user, story.course, access=DAY)
    wanted = box.person.enrol(story.user, second, access=DAY)
    third = box.person.enrol(story.user, box.person.add_course("Third"), access=DAY)

    by_json = caller.post("/enrollments", {"courseIds": [second], "pageSize": 10})
    xml = f"<request><enrollmentIds>{wanted}</enrollmentIds><enrollmentIds>{third}</enrollmentIds></request>"
    by_xml = caller.http.post(
        "/enrollments", content=xml, headers={**caller.headers, "Content-Type": "application/xml"}
    )

    assert [row["enrollmentId"] for row in by_json.json()["enrollments"]] == [wanted]
    assert {row["enrollmentId"] for row in by_xml.json()["enrollments"]} == {wanted, third}
    assert [call.effect for call in box.calls.list()[-2:]] == ["read", "read"]


def test_the_list_by_post_may_not_exist(box, caller):
    box.switches.post_enrollments = False

    assert caller.post("/enrollments", {}).status_code == 405


def test_the_unpaged_list_is_a_bare_array_in_json_and_repeated_elements_in_xml(box, story, caller):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(3)]

    assert [row["enrollmentId"] for row in caller.get("/enrollment").json()] == sorted(ids)
    assert texts(caller.xml("/enrollment"), "enrollment/enrollmentId") == sorted(ids)


@pytest.mark.parametrize(
    ("wrapping", "path"),
    [
        ("enrollment", "enrollment/enrollmentId"),
        ("double_response", "response/enrollmentId"),
        ("enrollments", "enrollments/enrollment/enrollmentId"),
    ],
)
def test_the_unpaged_list_is_wrapped_in_xml_in_three_ways(box, story, caller, wrapping, path):
    one = box.person.enrol(story.user, story.course, access=DAY)

    box.switches.unpaged_enrollments_xml = wrapping

    assert texts(caller.xml("/enrollment"), path) == [one]


@pytest.mark.parametrize(
    ("wrapper", "single", "several"),
    [
        ("bare", None, None),
        ("spec", None, "enrollments"),
        ("response", "response", "response"),
        ("key", "enrollment", "enrollments"),
    ],
)
def test_single_reads_and_unpaged_lists_are_wrapped_in_json_in_several_ways(
    box, story, caller, wrapper, single, several
):
    one = box.person.enrol(story.user, story.course, access=DAY)
    box.switches.json_wrapper = wrapper

    read, listed = caller.get(f"/enrollment/{one}").json(), caller.get("/enrollment").json()

    assert (read if single is None else read[single])["enrollmentId"] == one
    assert [row["enrollmentId"] for row in (listed if several is None else listed[several])] == [one]


def test_a_list_of_one_may_collapse_into_the_one(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY)
    box.switches.collapse_single = True

    assert caller.get("/enrollments").json()["enrollments"]["enrollmentId"] == one
    box.person.enrol(story.user, box.person.add_course("Second"), access=DAY)
    assert len(caller.get("/enrollments").json()["enrollments"]) == 2


def test_an_empty_list_may_be_left_out(box, caller):
    assert caller.get("/enrollments").json() == {"enrollments": []}
    assert caller.xml("/enrollments").find("enrollments") is not None

    box.switches.omit_empty = True

    assert caller.get("/enrollments").json() == {}
    assert caller.xml("/enrollments").find("enrollments") is None


@pytest.mark.parametrize(
    ("names", "key", "date_key"),
    [
        ("latin", "certificate", "issueDate"),
        ("cyrillic", "сertificate", "issueDate"),
        ("flat", None, "certIssueDate"),
    ],
)
def test_a_certificate_is_named_in_three_ways(box, story, caller, names, key, date_key):
    one = box.person.enrol(story.user, story.course, access=DAY)
    box.person.complete(one, certificate=True)
    box.switches.certificate_names = names

    row = caller.enrollments()[0]
    inner = row if key is None else row[key]

    assert inner["issuedCertificateId"] == box.rows("certificates")[0]["certificate_id"]
    assert inner[date_key] == "2026-03-10T01:00:00+00:00"


def test_an_enrollment_from_the_catalog_says_so(box, story, caller):
    box.person.enrol(story.user, story.course, access=DAY, catalog=True)

    assert caller.enrollments()[0]["enrollmentTypeGroup"] == 1


def test_an_unknown_enrollment_is_a_bad_request_unless_the_account_says_not_found(box, caller):
    missing = "/enrollment/00000000-0000-1000-8000-000000000000"

    assert caller.get(missing).status_code == 400
    box.switches.unknown_id = 404
    assert caller.get(missing).status_code == 404


# Creating


def create(caller, story, **fields):
    body = {"courseIds": [story.course], "learnerIds": [story.user], "dueDateType": "unlimited", **fields}
    return caller.post("/enrollment", body)


def test_creating_answers_201_without_a_body_and_makes_every_combination(box, story, caller):
    other = box.person.add_user(login="li", email="li@example.org", first_name="Li", last_name="Wu")
    second = box.person.add_course("Second")

    answer = create(caller, story, courseIds=[story.course, second], learnerIds=[story.user, other])

    assert (answer.status_code, answer.content) == (201, b"")
    pairs = {(row["learnerId"], row["courseId"]) for row in caller.enrollments()}
    assert pairs == {(user, course) for user in (story.user, other) for course in (story.course, second)}


def test_creating_in_xml_takes_any_root_and_wrapped_ids(box, story, caller):
    body = (
        f"<anything><courseIds><id>{story.course}</id></courseIds><learnerIds><id>{story.user}</id></learnerIds>"
        "<accessDate>2026-02-01 09:30:00</accessDate><dueDateType>due_date</dueDateType>"
        "<dueDate>2026-03-01</dueDate><lockAfterDueDate>true</lockAfterDueDate></anything>"
    )

    answer = caller.http.post(
        "/enrollment",
        content=body,
        headers={"Authorization": caller.headers["Authorization"], "Content-Type": "application/xml"},
    )

    assert (answer.status_code, answer.content) == (201, b"")
    row = box.rows("enrollments")[0]
    assert (row["access"].isoformat(), row["due_date"], row["lock"]) == (
        "2026-01-31T22:30:00+00:00",
        DAY,
        True,
    )


def test_a_document_type_is_never_read(box, story, caller):
    body = '<!DOCTYPE x [<!ENTITY e "hello">]><request><courseIds><id>&e;</id></courseIds></request>'

    answer = caller.http.post(
        "/enrollment", content=body, headers={**caller.headers, "Content-Type": "application/xml"}
    )

    assert answer.status_code == 400


def test_creating_by_a_form_as_php_reads_it(box, story, caller):
    form = {"courseIds[id][0]": story.course, "learnerIds[id]": story.user, "dueDateType": "unlimited"}

    answer = caller.http.post("/enrollment", data=form, headers=caller.headers)

    assert answer.status_code == 201
    assert len(caller.enrollments()) == 1


def test_without_an_access_date_study_may_begin_now(box, story, caller, clock):
    create(caller, story)

    assert box.rows("enrollments")[0]["access"] == clock.now()


@pytest.mark.parametrize(
    ("fields", "due"),
    [
        ({"dueDateType": "unlimited", "dueDate": "2026-09-01", "duePeriod": 5}, None),
        ({"dueDateType": "due_date", "dueDate": "2026-09-01"}, date(2026, 9, 1)),
        ({"dueDateType": "due_date", "dueDate": "2026-09-01 17:00:00"}, date(2026, 9, 1)),
        ({"dueDateType": "due_period", "duePeriod": 48}, date(2026, 3, 3)),
        ({"dueDateType": "default"}, date(2026, 3, 15)),
    ],
)
def test_the_due_date_comes_from_its_type(box, story, caller, fields, due):
    create(caller, story, accessDate="2026-03-01 09:00:00", **fields)

    assert box.rows("enrollments")[0]["due_date"] == due


def test_the_default_due_date_of_a_course_without_one_is_none(box, story, caller):
    create(caller, story, courseIds=[box.person.add_course("Open")], dueDateType="default")

    assert box.rows("enrollments")[0]["due"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {"dueDateType": ""},
        {"dueDateType": "never"},
        {"dueDateType": "due_date"},
        {"dueDateType": "due_period"},
        {"dueDateType": "due_period", "duePeriod": "long"},
        {"dueDateType": "due_date", "dueDate": "1 March"},
        {"accessDate": "soon"},
        {"lockAfterDueDate": "perhaps"},
        {"courseIds": []},
        {"learnerIds": ["00000000-0000-1000-8000-000000000000"]},
    ],
)
def test_a_create_that_cannot_be_understood_changes_nothing(box, story, caller, fields):
    assert create(caller, story, **fields).status_code == 400
    assert box.rows("enrollments") == []
    assert list(box.calls.writes()) == []


@pytest.mark.parametrize(
    ("habit", "status", "rows"), [("ignore", 201, 1), ("duplicate", 201, 2), ("error", 400, 1)]
)
def test_enrolling_somebody_again_does_nothing_or_doubles_or_is_refused(
    box, story, caller, habit, status, rows
):
    box.person.enrol(story.user, story.course, access=DAY, due=DAY)
    box.switches.existing_enrollment = habit

    assert create(caller, story).status_code == status
    assert len(caller.enrollments()) == rows


@pytest.mark.parametrize(("habit", "status", "rows"), [("refuse", 400, 0), ("apply_known", 201, 1)])
def test_a_partly_unknown_create_is_refused_whole_or_done_in_part(box, story, caller, habit, status, rows):
    box.switches.partly_invalid_create = habit

    answer = create(caller, story, learnerIds=[story.user, "00000000-0000-1000-8000-000000000000"])

    assert answer.status_code == status
    assert len(caller.enrollments()) == rows


# Editing


def test_an_edit_replaces_the_whole_schedule(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY, due=DAY, lock=True)

    answer = caller.post(
        f"/enrollment/{one}", {"accessDate": "2026-02-02 10:00:00", "dueDateType": "unlimited"}
    )

    assert (answer.status_code, answer.content) == (200, b"")
    row = caller.enrollments()[0]
    assert row["accessDate"] == "2026-02-02"
    assert "dueDate" not in row
    assert row["shouldLockAfterDueDate"] is False


def test_an_edit_shows_in_lists_and_results_read_before(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY, due=DAY)
    caller.enrollments(), caller.results(), caller.xml("/enrollments")

    caller.post(
        f"/enrollment/{one}",
        {
            "accessDate": "2026-02-02 10:00:00",
            "dueDateType": "due_date",
            "dueDate": "2026-04-01",
            "lockAfterDueDate": 1,
        },
    )

    assert caller.enrollments()[0]["expirationDate"] == "2026-04-01"
    assert caller.results()[0]["accessDate"] == "2026-02-01T23:00:00+00:00"
    assert texts(caller.xml("/enrollments"), ".//dueDate") == ["2026-04-01"]


def test_deleting_takes_a_list_answers_204_and_hides_the_certificate(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY)
    box.person.complete(one, certificate=True)
    certificate = caller.enrollments()[0]["certificate"]["issuedCertificateId"]

    answer = caller.post("/enrollment/delete", {"enrollmentIds": [one]})

    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.enrollments() == []
    assert caller.results() == []
    assert caller.get(f"/certificate/{certificate}").status_code == 404


def test_deleting_an_unknown_one_deletes_none(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY)

    answer = caller.post(
        "/enrollment/delete", {"enrollmentIds": [one, "00000000-0000-1000-8000-000000000000"]}
    )

    assert answer.status_code == 400
    assert len(caller.enrollments()) == 1


@pytest.mark.parametrize(
    ("habit", "rows", "same"), [("new_id", 1, False), ("same_id", 1, True), ("kept", 2, True)]
)
def test_a_reenrolment_starts_from_nothing_under_a_new_or_the_same_id(box, story, caller, habit, rows, same):
    one = box.person.enrol(story.user, story.course, access=DAY)
    box.person.complete(one, certificate=True)
    box.switches.reenroll = habit

    answer = caller.post(
        f"/enrollment/{one}/reenroll", {"accessDate": "2026-05-01", "dueDateType": "unlimited"}
    )

    assert (answer.status_code, answer.content) == (200, b"")
    found = {row["enrollmentId"]: row for row in caller.enrollments()}
    assert (len(found), one in found) == (rows, same)
    newest = max(caller.results(), key=lambda row: row["accessDate"])
    assert newest["completionStatus"] == "not_started"
    assert "certificate" not in found[newest["enrollmentId"]]


# A person's edits


def test_a_persons_edit_changes_only_what_is_given(box, story):
    one = box.person.enrol(story.user, story.course, access=DAY, due=DAY, lock=True)

    box.person.edit_enrollment(one, due=DAY + timedelta(days=7))
    moved = box.rows("enrollments")[0]
    box.person.edit_enrollment(one, due=None)
    cleared = box.rows("enrollments")[0]

    assert (moved["access_date"], moved["due_date"], moved["lock"]) == (DAY, DAY + timedelta(days=7), True)
    assert (cleared["due"], cleared["lock"]) == (None, True)


def test_a_person_may_set_a_period_or_the_courses_default(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY)

    box.person.edit_enrollment(one, due_period=24)
    assert caller.enrollments()[0]["dueDate"] == "2026-03-02"
    box.person.edit_enrollment(one, access=DAY + timedelta(days=1))
    assert caller.enrollments()[0]["dueDate"] == "2026-03-03"
    box.person.edit_enrollment(one, default_due=True)
    assert caller.enrollments()[0]["dueDate"] == "2026-03-16"
