"""Results, statuses set through tasks, and the polls that bring tasks forward."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

DAY = date(2026, 3, 1)
MISSING = "00000000-0000-1000-8000-000000000000"


@pytest.fixture
def enrolled(box, story):
    return box.person.enrol(
        story.user, story.course, access=datetime(2026, 2, 1, 22, 30, tzinfo=UTC), due=DAY
    )


def set_status(caller, story, *ids, **fields):
    body = {
        "courseId": story.course,
        "enrollmentIds": [*ids],
        "status": "complete",
        "date": "2026-03-09",
        **fields,
    }
    return caller.post("/statistics/course", body)


def finish(caller, answer):
    """Poll a task to its end; the states seen."""
    task, seen = answer.json()["taskId"], []
    while not seen or seen[-1] in ("waiting", "in_progress", "in progress"):
        seen.append(caller.get(f"/task/{task}/status").json()["status"])
    return seen


def test_results_carry_moments_with_offset_and_the_enrollments_id(box, story, caller, enrolled):
    box.person.complete(enrolled, at=datetime(2026, 2, 20, 3, 11, 40, tzinfo=UTC), score=92.5)

    assert caller.results() == [
        {
            "userId": story.user,
            "courseId": story.course,
            "courseTitle": "Manual handling",
            "enrollmentId": enrolled,
            "accessDate": "2026-02-01T22:30:00+00:00",
            "dueDate": "2026-03-01T12:59:59+00:00",
            "completionDate": "2026-02-20T03:11:40+00:00",
            "completionStatus": "passed",
            "progress": 100.0,
            "awardedScore": 92.5,
            "timeSpent": 1840,
            "viewsCount": 3,
            "isOverdue": False,
        }
    ]


def test_results_in_xml_stand_in_results_and_result(caller, enrolled):
    row = caller.xml("/learners/results").find("results/result")

    assert row.findtext("enrollmentId") == enrolled
    assert row.findtext("completionStatus") == "not_started"
    assert row.findtext("isOverdue") == "1"
    assert row.find("completionDate") is None


def test_the_offset_may_be_the_accounts(box, caller, enrolled):
    box.switches.result_offset = "account"

    assert caller.results()[0]["accessDate"] == "2026-02-02T09:30:00+11:00"


def test_the_time_of_day_of_the_access_date_may_be_lost(box, caller, enrolled):
    box.switches.result_access_time = "midnight"

    assert caller.results()[0]["accessDate"] == "2026-02-01T13:00:00+00:00"


def test_a_due_day_may_end_or_begin_the_moment_results_show(box, caller, enrolled):
    box.switches.due_time = "start_of_day"
    box.person.edit_enrollment(enrolled, due=DAY)

    assert caller.results()[0]["dueDate"] == "2026-02-28T13:00:00+00:00"
    assert caller.enrollments()[0]["dueDate"] == "2026-03-01"


def test_time_alone_makes_a_result_overdue(box, caller, clock, enrolled):
    clock.set(datetime(2026, 3, 1, 12, tzinfo=UTC))
    assert caller.results()[0]["isOverdue"] is False

    clock.advance(timedelta(hours=2))

    assert caller.results()[0]["isOverdue"] is True


def test_a_renamed_course_shows_in_results(box, story, caller, enrolled):
    caller.results()

    box.person.rename_course(story.course, "Lifting")

    assert caller.results()[0]["courseTitle"] == "Lifting"


def test_only_active_users_results_are_shown_unless_asked_for(box, story, caller, enrolled):
    assert len(caller.results()) == 1
    box.person.block_user(story.user)

    assert caller.results() == []
    assert len(caller.enrollments()) == 1
    assert len(caller.results(**{"userStatuses[]": ["1", "3"]})) == 1
    assert caller.results(**{"userStatuses[]": "5"}) == []
    box.person.terminate_user(story.user)
    assert caller.results(**{"userStatuses[]": ["1", "3"]}) == []
    assert len(caller.results(**{"userStatuses[]": ["1", "3", "5"]})) == 1
    box.switches.result_default_users = "all"
    assert len(caller.results()) == 1


def test_status_five_may_be_no_word_of_the_filter(box, story, caller, enrolled):
    box.switches.result_user_statuses = "1,3"
    box.person.terminate_user(story.user)

    assert caller.get("/learners/results", **{"userStatuses[]": ["1", "3", "5"]}).status_code == 400
    assert len(caller.results(**{"userStatuses[]": ["1", "3"]})) == 1


def test_results_are_filtered_by_status_and_by_dates_open_at_either_end(box, story, caller, enrolled):
    other = box.person.enrol(story.user, box.person.add_course("Second"), access=DAY)
    box.person.complete(enrolled, status="complete", at=datetime(2026, 2, 20, tzinfo=UTC))

    def ids(**params):
        return {row["enrollmentId"] for row in caller.results(**params)}

    assert ids(**{"completionStatuses[]": "complete"}) == {enrolled}
    assert ids(**{"completionStatuses[]": ["complete", "not_started"]}) == {enrolled, other}
    assert ids(**{"completionDate[startDate]": "2026-02-19T00:00:00+00:00"}) == {enrolled}
    assert ids(**{"completionDate[endDate]": "2026-02-19T00:00:00+00:00"}) == set()
    assert ids(**{"accessDate[startDate]": "2026-02-15T00:00:00+11:00"}) == {other}
    assert ids(**{"dueDate[startDate]": "2026-01-01", "dueDate[endDate]": "2026-04-01"}) == {enrolled}
    box.person.set_status(other, "failed")
    assert ids(**{"completionStatuses[]": "failed"}) == {other}


def test_results_of_a_department_are_those_of_the_ones_below_too(box, story, caller, enrolled):
    upper = box.person.add_department(name="North")
    lower = box.person.add_department(name="North-east", parent=upper)
    box.person.set_user(story.user, department=lower)

    assert len(caller.results(**{"departmentIds[]": upper})) == 1
    assert caller.results(**{"departmentIds[]": box.person.add_department(name="South")}) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("userIds[]", MISSING),
        ("courseIds[]", MISSING),
        ("enrollmentIds[]", MISSING),
        ("departmentIds[]", MISSING),
        ("completionStatuses[]", "done"),
        ("userStatuses[]", "2"),
        ("completionDate[startDate]", "soon"),
    ],
)
def test_one_bad_value_in_a_filter_refuses_the_whole_request(caller, enrolled, name, value):
    assert caller.get("/learners/results", **{name: value}).status_code == 400


def test_results_are_paged_like_enrollments(box, story, caller):
    ids = [box.person.enrol(story.user, box.person.add_course(f"C{n}"), access=DAY) for n in range(5)]

    pages = caller.pages("/learners/results", "results", pageSize=2)

    assert [len(page) for page in pages] == [2, 2, 1]
    assert [row["enrollmentId"] for page in pages for row in page] == sorted(ids)


def test_a_duration_of_unknown_unit_may_be_shown(box, caller, enrolled):
    assert "duration" not in caller.results()[0]
    box.switches.result_duration = "shown"
    assert caller.results()[0]["duration"] == 0


def test_warming_up_changes_no_answer_and_later_edits_show(box, caller, enrolled):
    before = (caller.enrollments(), caller.results())
    box.account.touched(*box.account.enrollments.values())

    box.warm_up()

    assert (caller.enrollments(), caller.results()) == before
    box.person.complete(enrolled)
    assert caller.results()[0]["completionStatus"] == "passed"


# Statuses and tasks


def test_a_status_is_accepted_at_once_and_applied_when_its_task_ends(box, story, caller, enrolled):
    answer = set_status(caller, story, enrolled)
    assert answer.status_code == 200
    assert caller.results()[0]["completionStatus"] == "not_started"

    assert finish(caller, answer) == ["waiting", "in_progress", "complete"]

    row = caller.results()[0]
    assert (row["completionStatus"], row["progress"]) == ("complete", 100.0)
    assert row["completionDate"] == "2026-03-08T13:00:00+00:00"


def test_the_number_of_polls_can_be_set(box, story, caller, enrolled):
    box.switches.task_waiting_polls, box.switches.task_working_polls = 0, 3

    assert finish(caller, set_status(caller, story, enrolled)) == ["in_progress"] * 3 + ["complete"]


def test_an_unpolled_task_ends_after_a_while(box, story, caller, clock, enrolled):
    set_status(caller, story, enrolled)

    clock.advance(timedelta(seconds=6))

    assert caller.results()[0]["completionStatus"] == "complete"


def test_task_states_may_be_in_the_words_of_the_help_pages(box, story, caller, enrolled):
    box.switches.task_words = "docs"
    assert finish(caller, set_status(caller, story, enrolled)) == ["in progress", "in progress", "complete"]

    box.switches.task_end = "error"
    assert finish(caller, set_status(caller, story, enrolled, status="failed"))[-1] == "failed"
    assert caller.results()[0]["completionStatus"] == "complete"


@pytest.mark.parametrize("end", ["error", "cancelled"])
def test_a_task_that_ends_badly_changes_nothing(box, story, caller, enrolled, end):
    box.switches.task_end = end

    assert finish(caller, set_status(caller, story, enrolled))[-1] == end
    assert caller.results()[0]["completionStatus"] == "not_started"


def test_a_task_may_never_end(box, story, caller, clock, enrolled):
    box.switches.task_end = "never"
    task = set_status(caller, story, enrolled).json()["taskId"]

    clock.advance(timedelta(minutes=10))

    states = {caller.get(f"/task/{task}/status").json()["status"] for _ in range(5)}
    assert states == {"in_progress"}


def test_the_task_in_xml_is_a_bare_root_or_wrapped_as_the_api_file_says(box, story, caller, enrolled):
    query = {"courseId": story.course, "enrollmentIds[]": enrolled, "status": "automatic"}
    headers = {"Authorization": caller.headers["Authorization"]}

    bare = caller.http.post("/statistics/course", params=query, headers=headers)
    task = bare.text.partition("<taskId>")[2].partition("<")[0]
    assert caller.xml(f"/task/{task}/status").tag == "status"
    box.switches.task_xml = "spec"
    wrapped = caller.http.post("/statistics/course", params=query, headers=headers)

    assert bare.text.endswith(f"<taskId>{task}</taskId>")
    assert "<response><taskId>" in wrapped.text
    assert caller.xml(f"/task/{task}/status").tag == "request"


def test_the_body_wins_over_the_query(box, story, caller, enrolled):
    query = {"courseId": MISSING, "enrollmentIds[]": MISSING, "status": "complete"}
    body = {"courseId": story.course, "enrollmentIds": [enrolled], "status": "failed", "awardedScore": 40}

    finish(caller, caller.post("/statistics/course", body, params=query))

    row = caller.results()[0]
    assert (row["completionStatus"], row["awardedScore"], row["progress"]) == ("failed", 40.0, 0.0)


@pytest.mark.parametrize(
    ("status", "date_given", "ended"),
    [
        ("complete", True, True),
        ("passed", False, True),
        ("failed", False, True),
        ("incomplete", False, False),
    ],
)
def test_all_five_statuses_are_taken(box, story, caller, enrolled, status, date_given, ended):
    fields = {} if date_given else {"date": None}

    finish(caller, set_status(caller, story, enrolled, status=status, **fields))

    row = caller.results()[0]
    assert row["completionStatus"] == status
    assert ("completionDate" in row) is ended


def test_only_the_two_statuses_of_the_help_pages_may_be_taken(box, story, caller, enrolled):
    box.switches.course_statuses = "docs_only"

    assert set_status(caller, story, enrolled, status="passed").status_code == 400
    assert set_status(caller, story, enrolled, status="automatic").status_code == 200


def test_automatic_takes_back_what_was_set_and_shows_what_was_earned(box, story, caller, enrolled):
    box.person.start(enrolled, progress=40)
    finish(caller, set_status(caller, story, enrolled))
    assert box.rows("enrollments")[0]["status_was_set"] is True

    finish(caller, set_status(caller, story, enrolled, status="automatic", date=None))

    row = caller.results()[0]
    assert (row["completionStatus"], row["progress"]) == ("in_progress", 40.0)
    assert "completionDate" not in row
    assert box.rows("enrollments")[0]["status_was_set"] is False


@pytest.mark.parametrize(
    "fields",
    [
        {"date": None},
        {"date": "yesterday"},
        {"status": "done"},
        {"status": None},
        {"courseId": MISSING},
        {"enrollmentIds": [MISSING]},
        {"enrollmentIds": []},
        {"awardedScore": 101},
        {"awardedScore": "much"},
    ],
)
def test_a_status_that_cannot_be_set_is_refused_before_any_task(box, story, caller, enrolled, fields):
    assert set_status(caller, story, enrolled, **fields).status_code == 400
    assert box.rows("tasks") == []


def test_an_enrollment_of_another_course_is_refused(box, story, caller, enrolled):
    other = box.person.enrol(story.user, box.person.add_course("Second"), access=DAY)

    assert set_status(caller, story, enrolled, other).status_code == 400


def test_an_unknown_task_is_a_bad_request(caller):
    assert caller.get("/task/1/status").status_code == 400
    assert caller.get("/task/soon/status").status_code == 400


# Modules


def module_body(box, story, enrolled, *statuses):
    items = [row["item_id"] for row in box.rows("modules")]
    changes = [
        {"contentItemId": item, "status": status, "date": "2026-03-05", "reason": "seen"}
        for item, status in zip(items, statuses, strict=False)
    ]
    return {"courseId": story.course, "enrollmentIds": [enrolled], "moduleStatuses": changes}


def test_a_course_follows_its_modules(box, story, caller, enrolled):
    finish(caller, caller.post("/statistics/module", module_body(box, story, enrolled, "completed")))
    half = caller.results()[0]
    finish(caller, caller.post("/statistics/module", module_body(box, story, enrolled, "complete", "passed")))
    whole = caller.results()[0]

    assert (half["completionStatus"], half["progress"]) == ("in_progress", 50.0)
    assert (whole["completionStatus"], whole["progress"]) == ("passed", 100.0)
    assert whole["completionDate"] == "2026-03-04T13:00:00+00:00"


def test_reset_modules_bring_the_course_back(box, story, caller, enrolled):
    finish(caller, caller.post("/statistics/module", module_body(box, story, enrolled, "complete", "passed")))
    items = ",".join(row["item_id"] for row in box.rows("modules"))

    answer = caller.delete(
        "/statistics/module", courseId=story.course, enrollmentIds=enrolled, contentItemIds=items
    )
    finish(caller, answer)

    row = caller.results()[0]
    assert (row["completionStatus"], row["progress"]) == ("not_started", 0.0)


@pytest.mark.parametrize(("taken", "refused"), [("complete", "completed"), ("completed", "complete")])
def test_one_of_the_two_words_for_a_completed_module_may_be_refused(
    box, story, caller, enrolled, taken, refused
):
    box.switches.module_status_word = taken

    assert caller.post("/statistics/module", module_body(box, story, enrolled, taken)).status_code == 200
    assert caller.post("/statistics/module", module_body(box, story, enrolled, refused)).status_code == 400


def test_a_module_of_no_course_is_refused(box, story, caller, enrolled):
    body = module_body(box, story, enrolled, "complete")
    body["moduleStatuses"][0]["contentItemId"] = MISSING

    assert caller.post("/statistics/module", body).status_code == 400
