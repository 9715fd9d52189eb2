"""One story in every wire form and with every habit of either platform: the same happens, or what cannot is stated here.

`DIFFERENT` is the whole list of what differs. A switch that is not in it must change nothing: no exit code, no change, no question, no
value on either platform, and the last run writes nothing.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connector.domain.report import Exit
from connector.sandbox.axcelerate import switch_values as axcelerate_values
from connector.sandbox.ispring.switches import switch_values as ispring_values

from .compact import CHAPTERS, PEOPLE, Told, tell
from .provider import APRIL_10, AVA, FEB_2, MIA, NOAH, SAFETY, WHS, provider
from .world import REST_JSON, WIRES, Wire, served

Habit = tuple[str, str, Any]
QUICK_TASKS = {"task_waiting_polls": 0, "task_working_polls": 0}
JUNE_30 = provider().classes[0].finish

# Seen by subscribers of webhooks, or at addresses that a run does not use: tried all together, and by tests of their own.
OUT_OF_SIGHT = {
    "ispring": {
        "signature": "base64", "string_payloads": "all", "webhook_retry_minutes": "1", "webhook_deliveries": 2,
        "webhook_auth": "headers", "subscription_types": "one", "role_names": "new", "group_members": "add",
        "send_login_email_default": True, "post_list_paging": "none", "module_status_word": "completed",
    },
    "axcelerate": {
        "hook_signature": "base64", "hook_order": "reversed", "hook_copies": 3, "hook_retry_s": 1.0, "hook_ids": "string",
        "hook_unit_message": "bare", "repeated_put_fires": True, "given_name_required": False,
    },
}  # fmt: skip

# Which form of the wire shows the switch; REST with JSON shows the others.
SEEN_IN = {
    "lock_flag_xml": "rest-xml-token",
    "certificate_names": "rest-xml-token",
    "task_xml": "rest-xml-token",
    "unpaged_enrollments_xml": "rest-xml-token",
    "soap_namespace": "soap-token",
    "soap_children": "soap-token",
    "soap_lists": "soap-token",
    "soap_fault_status": "soap-token",
}


@dataclass(frozen=True)
class Difference:
    """What a habit makes impossible, and what is said instead.

    `changes`: by chapter, "learner rule field" to its status, None where the change does not happen. `ispring` and
    `axcelerate`: what stands otherwise at the end, None where nothing stands. `said`: a reason that a run gives.
    `settings`: what an operator of such an account has to set.
    """

    why: str
    exits: tuple[int, ...] = (0, 0, 0, 0, 0)
    changes: Mapping[str, Mapping[tuple[int, str, str], str | None]] = field(default_factory=dict)
    no_questions: bool = False
    ispring: Mapping[tuple[int, str], tuple[Any, ...] | None] = field(default_factory=dict)
    axcelerate: Mapping[tuple[int, str], tuple[Any, ...]] = field(default_factory=dict)
    said: str = ""
    last_writes: int = 0
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Stopped:
    """A habit that ends every run with 5 before anything is written."""

    why: str
    trouble: str


NOAHS_STATUS = (NOAH, "whs", "outcome")
AVAS_OUTCOME = (AVA, "whs", "outcome")
NO_STATUS_WRITTEN = Difference(
    why="the account takes the status change and never carries it out",
    exits=(0, 0, 3, 3, 3),
    changes={chapter: {NOAHS_STATUS: "failed"} for chapter in ("close", "restore", "quiet")},
    ispring={(NOAH, "WHS online"): (FEB_2, provider().today - timedelta(days=1), True, "not_started")},
    last_writes=1,
)
NO_END_DATES = Difference(
    why="end dates of units are not shown: what was enrolled takes the course's own due date, due dates rest",
    changes={"edit": {(MIA, "whs", "due_date"): None, (NOAH, "whs", "due_date"): None}},
    ispring={
        (MIA, "WHS online"): (FEB_2, None, True, "not_started"),
        (AVA, "WHS online"): (FEB_2, None, True, "passed"),
    },
    axcelerate={(NOAH, WHS): ("51", FEB_2, APRIL_10)},
    said="end_date_not_shown",
)

DIFFERENT: dict[Habit, Difference | Stopped] = {
    ("ispring", "task_end", "error"): NO_STATUS_WRITTEN,
    ("ispring", "task_end", "cancelled"): NO_STATUS_WRITTEN,
    ("ispring", "task_end", "never"): Difference(
        why="the status task does not end: unverified once, then taken up by every run without another write",
        exits=(0, 0, 3, 0, 0),
        changes={"close": {NOAHS_STATUS: "unverified"}},
        ispring={(NOAH, "WHS online"): (FEB_2, provider().today - timedelta(days=1), True, "not_started")},
        said="status_running",
        settings={"task_patience": timedelta(seconds=0.2)},
    ),
    ("ispring", "naive_dates_in", "utc"): Difference(
        why="the account is set to another zone, which is a setting", settings={"lms_zone": "UTC"}
    ),
    ("ispring", "accepted_auth", "bare"): Stopped("we send `Bearer`, as the newest pages say", "401"),
    ("ispring", "accepted_auth", "headers"): Difference(
        why="an account from before access tokens: its credentials are a setting",
        settings={"wire": WIRES["rest-json-headers"]},
    ),
    ("ispring", "subscription", "expired"): Stopped("the subscription has run out", "403"),
    ("ispring", "subscription", "without_api"): Stopped("the plan has no API", "403"),
    ("axcelerate", "forbidden", ("PUT /course/enrolment",)): Difference(
        why="the user behind the token may not change units",
        exits=(0, 3, 0, 3, 3),
        changes={
            "edit": {(NOAH, "whs", "due_date"): "failed"},
            "restore": {AVAS_OUTCOME: "failed"},
            "quiet": {AVAS_OUTCOME: "failed"},
        },
        axcelerate={(NOAH, WHS): ("51", FEB_2, APRIL_10), (AVA, WHS): ("70", FEB_2, APRIL_10)},
    ),
    ("axcelerate", "forbidden", ("PUT /v2/learningPlan/modules/enrolments",)): Difference(
        why="the user behind the token may not change modules",
        exits=(0, 3, 3, 3, 3),
        changes={chapter: {(NOAH, "safety", "access"): "failed"} for chapter in CHAPTERS[1:]},
        axcelerate={(NOAH, SAFETY): (None, FEB_2, provider().class_enrolments[1].modules[0].end)},
    ),
    ("axcelerate", "class_status", "absent"): Difference(
        why="without status words nobody is seen to be suspended or cancelled; absent counts as in progress",
        changes={
            "close": {(MIA, "whs", "access"): None},
            "restore": {
                (MIA, "whs", "access"): None,
                (MIA, "safety", "enrolment"): None,
                (MIA, "welcome", "enrolment"): None,
            },
        },
        ispring={
            (MIA, "Welcome"): (FEB_2, JUNE_30, True, "not_started"),
            (MIA, "Safety at work"): (
                FEB_2,
                provider().class_enrolments[1].modules[0].end,
                True,
                "not_started",
            ),
        },
    ),
    ("axcelerate", "unit_finishdate", "null_until_final"): NO_END_DATES,
    ("axcelerate", "unit_finishdate", "always_null"): NO_END_DATES,
    ("axcelerate", "mandatory_unit_field", "evidence"): Difference(
        why="a custom field must be filled by hand before a final outcome is taken",
        exits=(0, 0, 0, 3, 3),
        changes={"restore": {AVAS_OUTCOME: "failed"}, "quiet": {AVAS_OUTCOME: "failed"}},
        axcelerate={(AVA, WHS): ("70", FEB_2, APRIL_10)},
    ),
    ("axcelerate", "learning_plans", "none"): Stopped(
        "a rule about modules on an account without learning plans", "report"
    ),
    ("axcelerate", "override_column", "absent"): Difference(
        why="overrides are not shown: access of modules rests",
        changes={
            "edit": {(NOAH, "safety", "access"): None, (AVA, "safety", "access"): None},
            "close": {(AVA, "safety", "access"): None},
            "restore": {(AVA, "safety", "access"): None},
        },
        axcelerate={(NOAH, SAFETY): (None, FEB_2, provider().class_enrolments[1].modules[0].end)},
        said="override_not_shown",
    ),
    ("axcelerate", "report_dates", "dmy"): Difference(
        why="02/03/2026 may be two days: modules are set aside until an operator says which",
        changes={
            "enrol": {(contact, "safety", "enrolment"): None for contact in PEOPLE},
            "edit": {(NOAH, "safety", "access"): None, (AVA, "safety", "access"): None},
            "close": {(AVA, "safety", "access"): None},
            "restore": {(AVA, "safety", "access"): None, (MIA, "safety", "enrolment"): None},
        },
        ispring={(contact, "Safety at work"): None for contact in PEOPLE},
        axcelerate={(NOAH, SAFETY): (None, FEB_2, provider().class_enrolments[1].modules[0].end)},
        said="unreadable_record",
    ),
}

VALUES: dict[str, Mapping[str, list[Any]]] = {"ispring": ispring_values(), "axcelerate": axcelerate_values()}
HABITS: list[Habit] = [
    (platform, name, value)
    for platform, switches in VALUES.items()
    for name, values in switches.items()
    if name not in OUT_OF_SIGHT[platform]
    for value in values[1:]
]
HARMLESS = [habit for habit in HABITS if habit not in DIFFERENT]


def switches_of(*habits: Habit) -> dict[str, dict[str, Any]]:
    switches: dict[str, dict[str, Any]] = {"ispring_switches": dict(QUICK_TASKS), "axcelerate_switches": {}}
    for platform, name, value in habits:
        switches[f"{platform}_switches"][name] = value
    return switches


def told_with(folder: Path, *habits: Habit, wire: Wire | None = None, **settings: Any) -> Told:
    seen = next((SEEN_IN[name] for _, name, _ in habits if name in SEEN_IN), None)
    spoken = wire or (WIRES[seen] if seen else REST_JSON)
    world = provider(*PEOPLE)
    with served(folder, world, **{"wire": spoken, **switches_of(*habits), **settings}) as account:
        return tell(account)


@pytest.fixture(scope="module")
def usual(tmp_path_factory: pytest.TempPathFactory) -> Told:
    """The story over REST with JSON and a token, both accounts in their default habits."""
    return told_with(tmp_path_factory.mktemp("usual"))


def expected(usual: Told, difference: Difference) -> Told:
    """The usual story with what the habit changes in it."""
    told = deepcopy(usual)
    told.exits = [Exit(code) for code in difference.exits]
    told.writes_of_the_quiet_run = difference.last_writes
    for chapter, fates in difference.changes.items():
        number = CHAPTERS.index(chapter)
        for key, status in fates.items():
            wanted = next(one for changes in usual.changes for one in changes if one[:3] == key)
            told.changes[number] = {one for one in told.changes[number] if one[:3] != key}
            if status is not None:
                known = next((one for one in usual.changes[number] if one[:3] == key), wanted)
                told.changes[number].add((*known[:5], status))
    for mine, theirs in ((told.ispring, difference.ispring), (told.axcelerate, difference.axcelerate)):
        for place, row in theirs.items():
            if row is None:
                del mine[place]  # type: ignore[attr-defined]
            else:
                mine[place] = row  # type: ignore[index]
    return told


def test_the_story_itself(usual: Told):
    """What the comparisons below stand on: every kind of change is in it, and it ends quietly."""
    assert usual.exits == [Exit.FINISHED] * 5, str(usual)
    kinds = {(name, side, after) for changes in usual.changes for _, _, name, side, after, _ in changes}
    assert kinds == {
        ("enrolment", "ispring", "enrolled"),
        ("enrolment", "ispring", "withdrawn"),
        ("due_date", "ispring", "2026-04-24"),
        ("due_date", "axcelerate", "2026-05-01"),
        ("access", "ispring", "open"),
        ("access", "ispring", "closed"),
        ("access", "ispring", "closes_after_due"),
        ("access", "axcelerate", "open"),
        ("outcome", "ispring", "complete"),
        ("outcome", "axcelerate", "20"),
    }
    assert {change[-1] for changes in usual.changes for change in changes} == {"applied"}
    assert usual.questions[2] == {(AVA, "outcome", "approval_required", "20")}
    assert (usual.changes[-1], usual.writes_of_the_quiet_run) == (set(), 0)
    assert len(usual.ispring) == 9


@pytest.mark.parametrize("form", WIRES)
def test_the_same_story_in_every_wire_form(usual: Told, tmp_path: Path, form: str):
    told = told_with(tmp_path, wire=WIRES[form])

    assert told == usual, str(told)


@pytest.mark.parametrize(
    ("platform", "name", "value"), HARMLESS, ids=[f"{p}-{n}={v}" for p, n, v in HARMLESS]
)
def test_a_habit_changes_nothing(usual: Told, tmp_path: Path, platform: str, name: str, value: Any):
    told = told_with(tmp_path, (platform, name, value))

    assert told == usual, str(told)


def test_habits_that_a_run_cannot_see_change_nothing(usual: Told, tmp_path: Path):
    habits = [
        (platform, name, value)
        for platform, switches in OUT_OF_SIGHT.items()
        for name, value in switches.items()
    ]

    assert told_with(tmp_path, *habits) == usual


@pytest.mark.parametrize("habit", DIFFERENT, ids=[f"{p}-{n}={v}" for p, n, v in DIFFERENT])
def test_a_habit_that_makes_something_impossible_is_said(usual: Told, tmp_path: Path, habit: Habit):
    difference = DIFFERENT[habit]
    settings = difference.settings if isinstance(difference, Difference) else {}
    told = told_with(tmp_path, habit, **settings)

    if isinstance(difference, Stopped):
        assert told.exits == [Exit.UNREACHABLE] * 5
        assert all(difference.trouble in text for text in told.trouble), told.trouble
        assert (told.ispring, told.changes) == ({}, [set()] * 5)
        return
    assert told == expected(usual, difference), str(told)
    assert difference.said in {"", *told.said}


def sampled_pairs() -> list[tuple[Habit, Habit]]:
    """Pairs of harmless habits, of different switches; the seed is fixed, so that a failure can be repeated."""
    dice = random.Random(20260302)
    found: list[tuple[Habit, Habit]] = []
    while len(found) < 14:
        one, other = dice.sample(HARMLESS, 2)
        if one[:2] != other[:2]:
            found.append((one, other))
    return found


@pytest.mark.parametrize(
    "pair", sampled_pairs(), ids=[f"{a[1]}={a[2]},{b[1]}={b[2]}" for a, b in sampled_pairs()]
)
def test_two_habits_together_change_nothing(usual: Told, tmp_path: Path, pair: tuple[Habit, Habit]):
    told = told_with(tmp_path, *pair)

    assert told == usual, str(told)


@pytest.mark.parametrize("form", ["rest-xml-headers", "soap-token", "soap-headers"])
def test_an_old_account_with_many_habits_at_once_tells_the_same_story(usual: Told, tmp_path: Path, form: str):
    old = {
        "ispring": {
            "lock_flag_xml": "bool", "certificate_names": "cyrillic", "task_words": "docs", "task_xml": "spec",
            "existing_enrollment": "duplicate", "enrollment_dates": "datetime", "unknown_id": 404, "last_token": "empty",
            "soap_namespace": "https", "soap_children": "plain", "soap_fault_status": 200, "omit_empty": True,
            "page_maximum": 3, "result_user_statuses": "1,3",
        },
        "axcelerate": {
            "error_keys": "lower", "empty": "404", "put_params": "query", "number_style": "string", "page_overlap": True,
            "row_order": "shuffled", "report_keys": "upper", "report_data": "string", "override_words": "locked",
            "v2_keys": "upper", "in_progress_word": "Enrolled", "unit_enrolid": "absent", "limit_cap": 100,
        },
    }  # fmt: skip
    habits = [(platform, name, value) for platform, found in old.items() for name, value in found.items()]

    told = told_with(tmp_path, *habits, wire=WIRES[form])

    assert told == usual, str(told)
