"""Users, departments, groups, content and certificates over REST."""

from __future__ import annotations

from datetime import date

import pytest

MISSING = "00000000-0000-1000-8000-000000000000"


def fields_of(row):
    return {field["name"]: field["value"] for field in row["fields"]}


def new_user(box, **fields):
    person = {"login": "jo", "email": "jo@example.org", "first_name": "Jo", "last_name": "Citizen", **fields}
    return {
        "departmentId": box.rows("departments")[0]["department_id"],
        "fields": person,
        "sendLoginEmail": False,
    }


def test_a_users_names_come_as_upper_case_fields(box, story, caller):
    box.person.set_user(story.user, fields={"USER_DEFINED_FIELD1": "AX-10442"})

    row = caller.get(f"/user/{story.user}/v2").json()

    assert row["userId"] == story.user
    assert fields_of(row) == {
        "LOGIN": "mia",
        "EMAIL": "mia@example.org",
        "FIRST_NAME": "Mia",
        "LAST_NAME": "O'Brien",
        "USER_DEFINED_FIELD1": "AX-10442",
    }


def test_a_user_in_xml_has_its_fields_in_field_elements(box, story, caller):
    box.person.set_user(story.user, last_name="O'Brien & <Söhne>")

    profile = caller.xml(f"/user/{story.user}").find("userProfile")

    named = {field.findtext("name"): field.findtext("value") for field in profile.findall("fields/field")}
    assert named["LAST_NAME"] == "O'Brien & <Söhne>"


def test_the_older_reads_cannot_tell_that_employment_has_ended(box, story, caller):
    box.person.terminate_user(story.user)

    def shown(path, key=None):
        rows = caller.get(path).json()
        rows = rows[key] if key else rows
        return next(row["status"] for row in rows if row["userId"] == story.user)

    assert [shown("/user"), shown("/users", "userProfiles")] == [3, 3]
    assert [shown("/user/v2"), shown("/users/v2", "userProfiles")] == [5, 5]
    assert caller.get(f"/user/{story.user}").json()["status"] == 3
    assert caller.get(f"/user/{story.user}/v2").json()["status"] == 5


def test_a_single_user_is_wrapped_as_the_switch_says(box, story, caller):
    box.switches.json_wrapper = "spec"

    assert caller.get(f"/user/{story.user}").json()["response"]["userId"] == story.user
    assert isinstance(caller.get("/user").json(), list)


def test_users_are_paged(box, caller):
    for number in range(4):
        box.person.add_user(login=f"l{number}", email=f"l{number}@example.org", first_name="L", last_name="M")

    pages = caller.pages("/users/v2", "userProfiles", pageSize=2)

    assert [len(page) for page in pages] == [2, 2, 1]  # the account's owner is a user too


def test_users_are_found_by_login_and_address_exactly_as_written(box, story, caller):
    def found(**params):
        return [row["userId"] for row in caller.get("/users/v2", **params).json()["userProfiles"]]

    assert found(**{"logins[]": "mia"}) == [story.user]
    assert found(**{"emails[]": ["mia@example.org", "no@example.org"]}) == [story.user]
    assert found(**{"emails[]": "MIA@example.org"}) == []
    assert found(**{"userIds[]": story.user}) == [story.user]
    assert caller.get("/users/v2", **{"departments[]": MISSING}).status_code == 400


def test_the_user_list_has_numbered_pages_and_searches_profile_fields(box, story, caller):
    box.person.set_user(story.user, fields={"STUDENT": "22041", "BORN": "1990-04-01"})

    def found(**body):
        return caller.post("/api/v2/user/list", {"page": 1, **body}).json()

    assert found()["totalUsersNumber"] == 2
    assert found(pageSize=1, page=2)["pageNumber"] == 2
    assert (
        found(profileFields=[{"name": "student", "values": ["22041"]}])["userProfiles"][0]["userId"]
        == story.user
    )
    born = {"name": "BORN", "from": "1990-01-01", "to": "1990-12-31"}
    assert found(profileFieldsDateRange=[born])["totalUsersNumber"] == 1
    assert found(profileFieldsDateRange=[{**born, "to": "1990-02-01"}])["totalUsersNumber"] == 0
    assert caller.post("/user/list", {}).status_code == 400


def test_the_list_by_post_pages_by_query_or_not_at_all(box, story, caller):
    def pages():
        answer = caller.post("/users/v2", {"logins": ["mia", "owner"]}, params={"pageSize": 1})
        return len(answer.json()["userProfiles"])

    assert pages() == 1
    box.switches.post_list_paging = "none"
    assert pages() == 2


def test_find_existing_gives_back_those_that_are_there(story, caller):
    answer = caller.post("/users/find_existing", {"userIds": [story.user, MISSING]})

    assert answer.json() == {"userIds": [story.user]}


def test_creating_a_user_answers_the_bare_id(box, caller):
    answer = caller.post("/user", new_user(box, USER_DEFINED_FIELD1="AX-1"))

    assert answer.status_code == 201
    row = caller.get(f"/user/{answer.json()}").json()
    assert fields_of(row)["USER_DEFINED_FIELD1"] == "AX-1"
    assert (row["role"], row["status"]) == ("learner", 1)


def test_creating_a_user_in_xml(box, caller):
    department = box.rows("departments")[0]["department_id"]
    body = (
        f"<request><departmentId>{department}</departmentId><fields><login>jo</login><email>jo@example.org</email>"
        "</fields><role>learner</role></request>"
    )

    answer = caller.http.post(
        "/user",
        content=body,
        headers={"Authorization": caller.headers["Authorization"], "Content-Type": "application/xml"},
    )

    user_id = answer.text.partition("<response>")[2].partition("<")[0]
    assert answer.status_code == 201
    assert box.rows("users")[-1]["user_id"] == user_id


@pytest.mark.parametrize("same", [{"login": "mia"}, {"email": "mia@example.org"}])
@pytest.mark.parametrize("status", [409, 400])
def test_a_user_who_exists_is_refused_and_named_at_the_end_of_the_message(box, story, caller, same, status):
    box.switches.duplicate_user = status

    answer = caller.post("/user", new_user(box, **same))

    assert answer.status_code == status
    assert answer.json()["message"].split()[-1] == story.user


@pytest.mark.parametrize(
    "change", [{"departmentId": MISSING}, {"departmentId": None}, {"fields": {}}, {"role": "king"}]
)
def test_a_user_who_cannot_be_created_is_refused(box, caller, change):
    assert caller.post("/user", {**new_user(box), **change}).status_code == 400
    assert len(box.rows("users")) == 1


@pytest.mark.parametrize(
    ("names", "taken", "refused"),
    [("old", "learner", "learners"), ("new", "learners", "learner"), ("both", "learners", None)],
)
def test_role_names_old_and_new(box, caller, names, taken, refused):
    box.switches.role_names = names

    if refused:
        assert caller.post("/user", {**new_user(box), "role": refused}).status_code == 400
    assert caller.post("/user", {**new_user(box), "role": taken}).status_code == 201
    assert box.rows("users")[-1]["role"] == "learner"


@pytest.mark.parametrize(
    ("default", "asked", "mails"), [(False, None, 0), (True, None, 1), (True, False, 0), (False, True, 1)]
)
def test_an_invitation_is_mailed_when_asked_for_or_by_default(box, caller, default, asked, mails):
    box.switches.send_login_email_default = default
    body = new_user(box)
    del body["sendLoginEmail"]

    caller.post("/user", body if asked is None else {**body, "sendLoginEmail": asked})

    assert len(box.rows("mails")) == mails


def test_an_update_leaves_other_fields_as_they_are(box, story, caller):
    box.person.set_user(story.user, fields={"STUDENT": "22041"})

    answer = caller.post(f"/user/{story.user}", {"fields": {"email": "new@example.org", "phone": "1"}})

    assert answer.status_code == 200
    row = next(row for row in box.rows("users") if row["user_id"] == story.user)
    assert (row["email"], row["last_name"]) == ("new@example.org", "O'Brien")
    assert row["fields"] == {"STUDENT": "22041", "PHONE": "1"}


@pytest.mark.parametrize("status", [1, 3, 5])
def test_a_status_is_set(box, story, caller, status):
    assert caller.post(f"/user/{story.user}/status", {"status": status}).status_code == 200
    assert caller.get(f"/user/{story.user}/v2").json()["status"] == status


def test_a_status_of_no_user_or_of_no_meaning_is_refused(story, caller):
    assert caller.post(f"/user/{story.user}/status", {"status": 2}).status_code == 400
    assert caller.post(f"/user/{MISSING}/status", {"status": 1}).status_code == 400


def test_several_are_blocked_at_once(box, story, caller):
    caller.post("/users/deactivate", {"userIds": [story.user]})
    assert caller.get(f"/user/{story.user}/v2").json()["status"] == 3
    caller.post("/users/activate", {"userIds": [story.user]})
    assert caller.get(f"/user/{story.user}/v2").json()["status"] == 1


def test_a_deleted_user_takes_the_enrollments_along(box, story, caller):
    box.person.enrol(story.user, story.course)

    assert caller.delete(f"/user/{story.user}").status_code == 204
    assert caller.enrollments() == []
    assert caller.get(f"/user/{story.user}").status_code == 400


def test_profile_fields_and_roles_are_listed(box, story, caller):
    box.person.set_user(story.user, fields={"STUDENT": "22041"})

    assert "STUDENT" in [row["name"] for row in caller.get("/user/profile/fields").json()]
    assert "learner" in [row["type"] for row in caller.get("/role").json()]


def test_departments_are_an_array_or_wrapped_and_the_root_has_no_parent(box, caller):
    child = box.person.add_department(name="North")

    rows = {row["departmentId"]: row for row in caller.get("/department").json()}
    box.switches.json_wrapper = "spec"

    assert "parentDepartmentId" in rows[child]
    assert sum("parentDepartmentId" not in row for row in rows.values()) == 1
    assert {row["departmentId"] for row in caller.get("/department").json()["departments"]} == set(rows)
    assert caller.get(f"/department/{child}").json()["response"]["name"] == "North"
    assert len(caller.pages("/departments", "departments", pageSize=1)) == 2


def test_a_department_is_created_below_another(box, caller):
    root = box.rows("departments")[0]["department_id"]

    answer = caller.post("/department", {"name": "West", "parentDepartmentId": root, "code": "W"})

    assert answer.status_code == 201
    assert caller.get("/department", code="W").json()[0]["departmentId"] == answer.json()
    assert caller.post("/department", {"name": "West", "parentDepartmentId": MISSING}).status_code == 400


@pytest.mark.parametrize(("habit", "members"), [("replace", 1), ("add", 2)])
def test_members_sent_to_a_group_replace_or_join(box, story, caller, habit, members):
    other = box.person.add_user(login="li", email="li@example.org", first_name="Li", last_name="Wu")
    group = caller.post("/group", {"name": "Evening", "userIds": [story.user]}).json()
    box.switches.group_members = habit

    caller.post(f"/group/{group}/members", {"userIds": [other]})

    assert caller.get(f"/group/{group}").json()["usersCount"] == members
    assert len(caller.get("/users/v2", **{"groups[]": group}).json()["userProfiles"]) == members
    assert caller.get(f"/user/{other}/v2").json()["groups"] == [group]
    assert caller.xml("/groups").findtext("groups/group/isSmart") == "0"


# Content


def test_content_is_listed_paged_and_unpaged(box, story, caller):
    box.person.add_course("Second")

    assert [len(page) for page in caller.pages("/contents", "contentItems", pageSize=1)] == [1, 1]
    assert {row["title"] for row in caller.get("/content").json()} == {"Manual handling", "Second"}
    assert len(caller.post("/contents", {"contentItemIds": [story.course]}).json()["contentItems"]) == 1
    assert caller.get("/contents", contentTypes="LearningTrack").json()["contentItems"] == []
    assert caller.get("/contents", **{"contentItemIds[]": MISSING}).status_code == 400


def test_one_item_is_bare_or_under_its_name(box, story, caller):
    path = f"/content/{story.course}"

    assert caller.get(path).json()["title"] == "Manual handling"
    assert caller.xml(path).findtext("contentItem/title") == "Manual handling"
    box.switches.json_wrapper = "spec"
    assert caller.get(path).json()["contentItem"]["title"] == "Manual handling"
    assert caller.get(f"/content/{MISSING}").status_code == 400


def test_a_courses_modules_carry_their_item_ids_in_order(box, story, caller):
    rows = caller.get(f"/course/{story.course}/modules").json()["modules"]

    assert [(row["title"], row["sequentialNumber"]) for row in rows] == [("Lifting", 1), ("Quiz", 2)]
    assert [row["itemId"] for row in rows] == [row["item_id"] for row in box.rows("modules")]
    assert len(caller.xml(f"/course/{story.course}/modules").findall("modules/module")) == 2


def test_modules_of_an_unknown_course_are_not_found_in_plain_text(caller):
    answer = caller.get(f"/course/{MISSING}/modules")

    assert (answer.status_code, answer.text) == (404, "Unknown content item")
    assert answer.headers["content-type"].startswith("text/plain")


def test_a_tracks_courses_are_listed(box, story, caller):
    track = box.person.add_course("Track", kind="LearningTrack", courses=[story.course])

    rows = caller.get("/learning_track/courses", learningTrackIds=track).json()

    assert rows == [{"learningTrackId": track, "courseId": story.course}]
    assert caller.get("/learning_track/courses").status_code == 400


def test_a_certificate_is_a_link(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=date(2026, 2, 1))
    box.person.complete(one, certificate=True)
    certificate = box.rows("certificates")[0]["certificate_id"]

    assert caller.get(f"/certificate/{certificate}").json()["url"].startswith(box.url)
    assert caller.xml(f"/certificate/{certificate}").findtext("issuedCertificate/url").startswith(box.url)
    assert caller.get(f"/certificate/{MISSING}").status_code == 404
