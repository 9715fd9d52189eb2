"""Every switch in every position, the control app, and the loaded world."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, date, datetime

import pytest

from connector.sandbox import people
from connector.sandbox.ispring import IspringSandbox, IspringSwitches, switch_values
from connector.sandbox.ispring.switches import switch_help

READS = (
    "/enrollments",
    "/enrollment",
    "/learners/results",
    "/users/v2",
    "/user",
    "/contents",
    "/content",
    "/department",
)


def test_every_row_of_the_reference_has_a_switch():
    rows = {
        field.metadata["row"] for field in fields(IspringSwitches) if isinstance(field.metadata["row"], int)
    }

    assert rows == set(range(1, 31))


def test_the_values_begin_with_the_default_and_hold_another():
    defaults = IspringSwitches()

    for name, values in switch_values().items():
        assert values[0] == getattr(defaults, name)
        assert len(values) > 1


@pytest.mark.parametrize(("name", "value"), [(n, v) for n, vs in switch_values().items() for v in vs[1:]])
def test_in_every_position_of_a_switch_lists_answer_with_the_same_records(box, story, caller, name, value):
    one = box.person.enrol(story.user, story.course, access=date(2026, 3, 1), due=date(2026, 4, 1), lock=True)
    box.person.complete(one, certificate=True)
    setattr(box.switches, name, value)
    login = {"X-Auth-Account-Url": box.url, "X-Auth-Email": box.email, "X-Auth-Password": box.password}
    token = caller.headers["Authorization"]
    ways = [{"Authorization": token}, {"Authorization": token.removeprefix("Bearer ")}, login]
    open_ways = [way for way in ways if caller.http.get("/api/v2/role", headers=way).status_code == 200]
    assert open_ways or name == "subscription"

    for way in open_ways[:1]:
        for path in READS:
            for accept in ("application/json", "application/xml"):
                headers = {**way, "Accept": accept}
                answer = caller.http.get("/api/v2" + path, headers=headers)
                if answer.status_code == 429:
                    answer = caller.http.get("/api/v2" + path, headers=headers)
                assert answer.status_code == 200
                assert answer.headers["content-type"].startswith(accept)
                assert one in answer.text or "enrollment" not in path


def test_a_switch_takes_no_unknown_value_or_name(box):
    with pytest.raises(ValueError, match="cursor cannot be 'page'"):
        box.switches.cursor = "page"
    with pytest.raises(ValueError, match="unknown switch 'cursr'"):
        box.switches.cursr = "uuid"


# Control


def test_the_help_names_the_switches_the_kinds_and_what_a_person_can_do(caller):
    answer = caller.http.get("/_control/").json()

    assert set(answer["GET|POST /_control/switches"]) == set(switch_help())
    assert "enrollments" in answer["GET /_control/state/{kind}"]
    assert "lock" in answer["POST /_control/person/{action}"]["edit_enrollment"]


def test_an_operator_can_play_a_person(box, story, caller, clock):
    made = caller.http.post(
        "/_control/person/enrol",
        json={
            "user_id": story.user,
            "course_id": story.course,
            "access": "2026-03-01",
            "due": "2026-04-01",
            "lock": True,
        },
    ).json()
    caller.http.post(
        "/_control/person/edit_enrollment",
        json={"enrollment_id": made["result"], "access": "2026-03-01T09:30:00+11:00", "due": None},
    )
    caller.http.post(
        "/_control/person/complete", json={"enrollment_id": made["result"], "at": "2026-03-05T00:00:00+00:00"}
    )

    row = caller.http.get("/_control/state/enrollments").json()[0]
    assert (row["enrollment_id"], row["due"], row["lock"]) == (made["result"], None, True)
    assert row["access"] == "2026-02-28T22:30:00+00:00"
    assert row["status"] == "passed"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("person/fly", {}, "unknown action 'fly'"),
        ("person/unenrol", {"enrollment_id": "x"}, "KeyError: 'x'"),
        ("person/unenrol", {}, "missing 1 required positional argument"),
        ("person/complete", {"enrollment_id": "x", "at": "2026-03-05T00:00:00"}, "needs an offset"),
        ("switches", {"cursor": "page"}, "cursor cannot be 'page'"),
        ("switches", {"revision": 3}, "unknown switch 'revision'"),
        ("faults", {"kind": "explode"}, "unknown fault 'explode'"),
        ("clock", {"now": "2026-03-05T00:00:00"}, "aware"),
        ("clock", [], "must be a JSON object"),
    ],
)
def test_a_mistake_is_answered_with_its_reason(caller, path, body, message):
    answer = caller.http.post(f"/_control/{path}", json=body)

    assert answer.status_code == 400
    assert message in answer.json()["error"]


def test_an_unknown_kind_of_state_is_refused(caller):
    assert "one of ['certificates'" in caller.http.get("/_control/state/dragons").json()["error"]


def test_faults_are_ordered_shown_and_taken_back(caller):
    caller.http.post(
        "/_control/faults", json={"kind": "status", "match": "GET /enrollments", "times": None, "status": 502}
    )

    assert caller.get("/enrollments").status_code == 502
    assert [fault["kind"] for fault in caller.http.get("/_control/faults").json()] == ["status"]
    caller.http.delete("/_control/faults")
    assert caller.get("/enrollments").status_code == 200


def test_switches_are_shown_and_set(box, caller):
    answer = caller.http.post("/_control/switches", json={"lock_flag_json": "int", "page_maximum": 7}).json()

    assert (answer["lock_flag_json"], answer["page_maximum"]) == ("int", 7)
    assert box.switches.page_maximum == 7
    assert caller.http.get("/_control/switches").json() == answer


def test_the_clock_is_shown_set_moved_and_let_run(caller, clock):
    def post(**body):
        return caller.http.post("/_control/clock", json=body).json()["now"]

    assert post(now="2026-05-01T00:00:00+10:00") == "2026-04-30T14:00:00+00:00"
    assert post(advance_days=1.5) == "2026-05-02T02:00:00+00:00"
    assert caller.http.get("/_control/clock").json()["now"] == "2026-05-02T02:00:00+00:00"
    post(run=True)
    assert clock.now() > datetime(2026, 5, 2, 2, tzinfo=UTC)


def test_calls_are_listed_from_a_number_on_and_control_is_not_among_them(box, caller):
    caller.get("/enrollments")
    total = caller.http.get("/_control/calls").json()["total"]
    caller.get("/users/v2")

    answer = caller.http.get("/_control/calls", params={"since": total}).json()

    assert [call["operation"] for call in answer["calls"]] == ["GET /users/v2"]
    assert answer["calls"][0]["headers"]["authorization"] == "***"
    assert answer["total"] == total + 1 == len(box.calls)


# The world


def test_a_world_is_loaded_with_its_own_ids():
    world = people.World(
        zone="Australia/Sydney",
        today=date(2026, 3, 10),
        departments=[people.Department("d-1", "Care")],
        users=[
            people.User(
                "u-1", "mia", "mia@example.org", "Mia", "", 3, "d-1", {"USER_DEFINED_FIELD1": "22041"}
            ),
            people.User("u-2", "li", "li@example.org", "Li", "Wu"),
        ],
        courses=[people.Course("c-1", "Manual handling", 14)],
        course_enrolments=[
            people.CourseEnrolment(
                "e-1", "u-1", "c-1", datetime(2026, 2, 28, 13, tzinfo=UTC), date(2026, 4, 1), True
            )
        ],
        results=[
            people.CourseResult(
                "e-1", "passed", 100.0, 90.0, datetime(2026, 3, 5, tzinfo=UTC), certificate=True
            )
        ],
    )
    box = IspringSandbox(seed=1)

    box.load(world)

    [row] = box.rows("enrollments")
    assert (row["enrollment_id"], row["access_date"], row["due_date"]) == (
        "e-1",
        date(2026, 3, 1),
        date(2026, 4, 1),
    )
    assert (row["lock"], row["status"], row["score"]) == (True, "passed", 90.0)
    assert len(box.rows("certificates")) == 1
    mia = next(user for user in box.rows("users") if user["user_id"] == "u-1")
    assert (mia["status"], mia["department_id"], mia["fields"]) == (
        3,
        "d-1",
        {"USER_DEFINED_FIELD1": "22041"},
    )


def test_a_person_is_told_of_impossible_wishes(box, story):
    one = box.person.enrol(story.user, story.course)

    with pytest.raises(ValueError, match="none of"):
        box.person.complete(one, status="failed")
    with pytest.raises(ValueError, match="none of"):
        box.person.fail(one, status="passed")
    with pytest.raises(ValueError, match="a user has no"):
        box.person.set_user(story.user, shoe_size=44)
    with pytest.raises(ValueError, match="unknown kind"):
        box.rows("dragons")
    with pytest.raises(RuntimeError, match="not being served"):
        _ = IspringSandbox().url
