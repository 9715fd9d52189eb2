"""Prefixes, signing in, roles and departments, plans, limits, and the faults only iSpring can commit."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

DAY = date(2026, 3, 1)
KEY = {"grant_type": "client_credentials"}


@pytest.mark.parametrize("prefix", ["", "/api/v2", "/api/v3", "/index.php/api/v2"])
def test_the_same_routes_are_served_under_every_prefix(box, story, caller, prefix):
    box.person.enrol(story.user, story.course, access=DAY)

    assert len(caller.get(f"{prefix}/enrollments").json()["enrollments"]) == 1


@pytest.mark.parametrize("path", ["/api/v1/enrollments", "/api/enrollments", "/enrolments", "/"])
def test_a_wrong_prefix_is_answered_with_the_web_application(caller, path):
    answer = caller.get(path)

    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")


def test_on_an_account_host_bare_paths_are_the_web_application_too(box, caller):
    box.switches.root_prefix = False

    assert caller.get("/enrollments").headers["content-type"].startswith("text/html")
    assert caller.get("/api/v2/enrollments").status_code == 200
    assert caller.token()


def test_an_unknown_path_under_a_prefix_is_not_found_and_a_wrong_verb_not_allowed(caller):
    assert caller.get("/api/v2/enrolments").status_code == 404
    assert caller.delete("/api/v2/enrollments").status_code == 405


# Tokens


def test_the_token_answer_is_json_whatever_is_accepted(box, caller):
    form = {"client_id": box.client_id, "client_secret": box.client_secret, **KEY}

    for accept in ("*/*", "application/xml", "application/json"):
        answer = caller.http.post("/api/v3/token", data=form, headers={"Accept": accept}).json()
        assert (answer["expires_in"], answer["token_type"]) == (1800, "bearer")


def test_the_token_endpoint_is_under_v3_only(box, caller):
    form = {"client_id": box.client_id, "client_secret": box.client_secret, **KEY}

    assert caller.http.post("/api/v2/token", data=form).status_code == 404
    assert caller.http.post("/token", data=form).headers["content-type"].startswith("text/html")


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"client_secret": "x"}, 401),
        ({"client_id": "x"}, 401),
        ({"grant_type": "password"}, 400),
        ({"client_id": ""}, 400),
    ],
)
def test_a_wrong_key_gets_no_token(box, caller, change, status):
    form = {"client_id": box.client_id, "client_secret": box.client_secret, **KEY, **change}

    answer = caller.http.post("/api/v3/token", data=form, headers={"Accept": "application/json"})

    assert (answer.status_code, answer.json()["code"]) == (status, status)


def test_a_token_ends_after_half_an_hour(caller, clock):
    clock.advance(timedelta(seconds=1799))
    assert caller.get("/enrollments").status_code == 200
    clock.advance(timedelta(seconds=1))
    assert caller.get("/enrollments").status_code == 401


def test_two_tokens_are_good_at_the_same_time(caller):
    caller.token()

    assert caller.get("/enrollments").status_code == 200


@pytest.fixture
def ways_in(box, caller):
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    login = {"X-Auth-Account-Url": box.url + "/", "X-Auth-Email": box.email, "X-Auth-Password": box.password}
    return {
        "bearer": {"Authorization": f"bearer {token}"},
        "bare": {"Authorization": token},
        "headers": login,
    }


@pytest.mark.parametrize("allowed", ["all", "bearer", "bare", "headers"])
def test_three_ways_in_each_of_which_may_be_the_only_one(box, caller, ways_in, allowed):
    box.switches.accepted_auth = allowed

    answers = {
        way: caller.http.get("/enrollments", headers=headers).status_code for way, headers in ways_in.items()
    }

    assert answers == {way: 200 if allowed in ("all", way) else 401 for way in ways_in}


@pytest.mark.parametrize("wrong", ["X-Auth-Account-Url", "X-Auth-Email", "X-Auth-Password"])
def test_all_three_headers_must_be_right(caller, ways_in, wrong):
    headers = {**ways_in["headers"], wrong: "https://other.example.org"}

    assert caller.http.get("/enrollments", headers=headers).status_code == 401


def test_nobody_gets_in_without_credentials(caller):
    answer = caller.http.get("/enrollments")

    assert answer.status_code == 401
    assert answer.text.endswith("<response><code>401</code><message>Unauthorized</message></response>")
    assert caller.http.get("/enrollments", headers={"Authorization": "Basic abc"}).status_code == 401


def test_a_blocked_user_is_let_in_no_more(box, caller):
    weaker = box.add_credentials(role="administrator")
    caller.sign_in(weaker)
    assert caller.get("/enrollments").status_code == 200

    box.person.block_user(weaker.user_id)

    assert caller.get("/enrollments").status_code == 401
    headers = {
        "X-Auth-Account-Url": box.url,
        "X-Auth-Email": weaker.email,
        "X-Auth-Password": weaker.password,
    }
    assert caller.http.get("/enrollments", headers=headers).status_code == 401


# Roles and departments


@pytest.fixture
def two_departments(box, story):
    """A learner in each of two departments, both enrolled; the department of the first."""
    north = box.person.add_department(name="North")
    below = box.person.add_department(name="North-east", parent=north)
    south = box.person.add_department(name="South")
    box.person.set_user(story.user, department=below)
    other = box.person.add_user(
        login="li", email="li@example.org", first_name="Li", last_name="Wu", department=south
    )
    return north, other, [box.person.enrol(user, story.course, access=DAY) for user in (story.user, other)]


def test_a_department_administrator_sees_the_departments_below_and_no_others(
    box, story, caller, two_departments
):
    north, other, (seen, unseen) = two_departments
    caller.sign_in(box.add_credentials(role="department_administrator", departments=[north]))

    assert [row["enrollmentId"] for row in caller.enrollments()] == [seen]
    assert [row["enrollmentId"] for row in caller.results()] == [seen]
    users = {row["userId"] for row in caller.get("/users/v2").json()["userProfiles"]}
    assert story.user in users
    assert other not in users
    assert {row["name"] for row in caller.get("/department").json()} == {"North", "North-east"}
    assert caller.get(f"/enrollment/{unseen}").status_code == 403
    assert caller.get(f"/user/{other}").status_code == 403


def test_a_department_administrator_changes_nothing_outside(box, story, caller, two_departments):
    north, other, (_, unseen) = two_departments
    caller.sign_in(box.add_credentials(role="department_administrator", departments=[north]))
    edit = {"accessDate": "2026-03-02", "dueDateType": "unlimited"}
    status = {"courseId": story.course, "enrollmentIds": [unseen], "status": "automatic"}
    create = {
        "courseIds": [box.person.add_course("Second")],
        "learnerIds": [other],
        "dueDateType": "unlimited",
    }

    answers = [
        caller.post(f"/enrollment/{unseen}", edit),
        caller.post("/enrollment/delete", {"enrollmentIds": [unseen]}),
        caller.post("/statistics/course", status),
        caller.post("/enrollment", create),
        caller.post(f"/user/{other}/status", {"status": 3}),
    ]

    assert [answer.status_code for answer in answers] == [403] * 5
    assert answers[0].json() == {"code": 403, "message": "Permission denied"}
    assert list(box.calls.writes()) == []


def test_a_role_without_can_edit_may_enrol_but_set_no_status(box, story, caller):
    one = box.person.enrol(story.user, story.course, access=DAY)
    caller.sign_in(box.add_credentials(role="custom"))
    edit = {"accessDate": "2026-03-02", "dueDateType": "unlimited"}

    assert caller.post(f"/enrollment/{one}", edit).status_code == 200
    status = {"courseId": story.course, "enrollmentIds": [one], "status": "automatic"}
    assert caller.post("/statistics/course", status).status_code == 403


@pytest.mark.parametrize(
    ("right", "method", "path", "body"),
    [
        ("read_enrollments", "GET", "/enrollments", None),
        ("create_enrollments", "POST", "/enrollment", {}),
        ("delete_enrollments", "POST", "/enrollment/delete", {"enrollmentIds": ["x"]}),
        ("edit_statistics", "POST", "/statistics/course", {}),
        ("read_results", "GET", "/learners/results", None),
        ("read_users", "GET", "/users/v2", None),
        ("edit_users", "POST", "/user", {}),
        ("read_content", "GET", "/contents", None),
        ("webhooks", "GET", "/webhook/subscriber/info", None),
    ],
)
def test_each_right_can_be_missing_alone(box, caller, right, method, path, body):
    caller.sign_in(box.add_credentials(role="administrator", without=[right]))

    answer = caller.http.request(method, path, json=body, headers=caller.headers)

    assert answer.status_code == 403


def test_a_learner_may_do_nothing(box, caller):
    caller.sign_in(box.add_credentials(role="learner"))

    assert caller.get("/enrollments").status_code == 403


def test_an_unknown_role_or_right_is_refused(box):
    with pytest.raises(ValueError, match="unknown role or right"):
        box.add_credentials(role="emperor")
    with pytest.raises(ValueError, match="unknown role or right"):
        box.add_credentials(without=["fly"])


@pytest.mark.parametrize(
    ("plan", "message"), [("expired", "Account subscription expired"), ("without_api", "subscription")]
)
def test_a_plan_without_the_api_is_forbidden(box, caller, plan, message):
    box.switches.subscription = plan

    answer = caller.get("/enrollments")

    assert answer.status_code == 403
    assert message in answer.json()["message"]


# Limits and faults


def test_every_nth_call_may_be_one_too_many(box, caller):
    box.switches.rate_limit_every, box.switches.rate_limit_retry_after = 3, 2

    answers = [caller.get("/enrollments") for _ in range(6)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) == 2
    assert {answer.headers["retry-after"] for answer in refused} == {"2"}


def test_a_token_revoked_between_pages_is_answered_401_and_a_new_one_goes_on(box, story, caller):
    for number in range(4):
        box.person.enrol(story.user, box.person.add_course(f"C{number}"), access=DAY)
    box.faults.add("revoke_token", match="GET /enrollments", after=1)
    token = caller.get("/enrollments", pageSize=2).json()["nextPageToken"]

    assert caller.get("/enrollments", pageSize=2, pageToken=token).status_code == 401
    caller.sign_in(box)
    assert len(caller.get("/enrollments", pageSize=2, pageToken=token).json()["enrollments"]) == 2


def test_a_page_token_may_come_again(box, story, caller):
    for number in range(6):
        box.person.enrol(story.user, box.person.add_course(f"C{number}"), access=DAY)
    box.faults.add("repeat_page_token", match="GET /enrollments", after=1, times=1)

    first = caller.get("/enrollments", pageSize=2).json()
    second = caller.get("/enrollments", pageSize=2, pageToken=first["nextPageToken"]).json()

    assert second["nextPageToken"] == first["nextPageToken"]


def test_a_repeated_token_on_the_first_page_leads_to_the_first_page(box, story, caller):
    for number in range(3):
        box.person.enrol(story.user, box.person.add_course(f"C{number}"), access=DAY)
    box.faults.add("repeat_page_token", match="GET /enrollments", times=2)

    first = caller.get("/enrollments", pageSize=2).json()
    again = caller.get("/enrollments", pageSize=2, pageToken=first["nextPageToken"]).json()

    assert again == first


def test_rows_may_come_in_another_order_each_time(box, story, caller):
    ids = [
        box.person.enrol(story.user, box.person.add_course(f"C{number}"), access=DAY) for number in range(30)
    ]
    box.faults.add("shuffle", match="GET /enrollments", times=None)

    orders = [[row["enrollmentId"] for row in caller.enrollments()] for _ in range(2)]

    assert orders[0] != orders[1]
    assert set(orders[0]) == set(orders[1]) == set(ids)


def test_ids_are_the_same_in_every_run_with_a_seed():
    from connector.sandbox.ispring import IspringSandbox

    first, second, third = (IspringSandbox(seed=seed) for seed in (3, 3, 4))

    made = [(box.client_id, box.person.add_course("C")) for box in (first, second, third)]
    assert made[0] == made[1] != made[2]
