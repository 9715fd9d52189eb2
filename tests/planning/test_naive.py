"""The planner and a deliberately naive one decide the same, at first sight and after edits of every kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.learner import CourseId
from connector.domain.rule import CourseRef
from tests.planning.build import TODAY, a_completion, an_enrolment
from tests.planning.generate import (
    calm_worlds,
    class_statuses,
    codes,
    days,
    ends,
    overrides,
    results,
    unlock_without_a_date,
    worlds,
)
from tests.planning.naive import Naive
from tests.planning.simulate import World, asked, facts, said

KINDS = [
    "due",
    "due",
    "lock",
    "start",
    "end",
    "end",
    "code",
    "class",
    "module",
    "study",
    "remove",
    "again",
    "lock_after",
    "time",
]


@st.composite
def odd_people(draw: st.DrawFn) -> World:
    """Anybody, in one course."""
    world = draw(worlds())
    course = (CourseRef(CourseId("c1")),)
    world.rules = tuple(replace(rule, courses=course) for rule in world.rules)
    world.enrolments = {k: e for k, e in world.enrolments.items() if e.course_id == "c1"}
    return world


def edit(world: World, draw: Callable[[Any], Any]) -> None:
    rows = list(world.rows.values())
    row = rows[draw(st.integers(0, 5)) % len(rows)]
    kind = draw(st.sampled_from(KINDS))
    if kind == "due":
        world.edit_enrolment(due=draw(ends))
    elif kind == "lock":
        world.edit_enrolment(locks=draw(st.booleans()))
    elif kind == "start":
        world.edit_enrolment(access_from=draw(days))
    elif kind == "end":
        world.edit_unit(class_id=row.class_id, end=draw(ends))
        world.edit_module(end=draw(ends))
    elif kind == "code":
        world.edit_unit(class_id=row.class_id, outcome=draw(codes))
    elif kind == "class":
        world.edit_class(row.class_id, status=draw(class_statuses))
    elif kind == "module":
        world.edit_module(override=draw(overrides))
    elif kind == "study":
        for one in world.enrolments.values():
            world.add(a_completion(draw(results), one.enrolment_id, "c1", on=TODAY))
    elif kind == "remove" and world.enrolments:
        world.remove_enrolment(sorted(world.enrolments)[0])
    elif kind == "again":
        world.add(an_enrolment("again", "c1", start=draw(days), due=draw(ends)))
    elif kind == "lock_after":
        world.rules = tuple(replace(rule, lock_after=not rule.lock_after) for rule in world.rules)
    elif kind == "time":
        world.today += timedelta(days=draw(st.sampled_from([1, 20, 200])))
    unlock_without_a_date(world)


def agree(world: World) -> None:
    """Both planners see the same changes, ask the same questions and say the same reasons."""
    plan, naive = world.plan(), Naive(world)
    assert set(facts(plan)) == naive.changes, world
    assert set(asked(plan)) == set(naive.questions), world
    assert set(said(plan)) == set(naive.skips), world


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(calm_worlds() | calm_worlds() | calm_worlds() | odd_people(), st.data())
def test_two_planners_decide_the_same_at_first_sight_and_after_every_edit(world, data):
    agree(world)
    for _ in range(data.draw(st.integers(1, 4))):
        world.run()
        world.reviews.clear()
        agree(world)
        edit(world, data.draw)
        agree(world)
