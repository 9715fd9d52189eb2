"""Hypothesis strategies of whole worlds: rules, rows and results that meet each other in every way the contract names."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from connector.domain.enrolment import ClassStatus, ModuleStatus
from connector.domain.rule import Rule
from tests.planning.build import (
    BOTH,
    FEB_1,
    JAN_10,
    MARCH_1,
    OFF,
    TO_AXCELERATE,
    TO_ISPRING,
    TODAY,
    a_class_detail,
    a_class_row,
    a_completion,
    a_module,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World

CLASSES = (880123, 880124, 880125)
COURSES = ("c1", "c2")
TABLE = {"passed": 20, "complete": 20, "in_progress": 70, "failed": 30}

directions = st.sampled_from([BOTH, BOTH, TO_ISPRING, TO_AXCELERATE, OFF])
starts = st.sampled_from([FEB_1, JAN_10, MARCH_1])
days = st.sampled_from([TODAY + timedelta(days=n) for n in (-40, -5, -1, 0, 1, 30, 60, 90)])
ends = st.one_of(days, days, days, st.none())
codes = st.sampled_from(["70", "70", "70", "85", "", "20", "30", "40", "51", "99"])
class_statuses = st.sampled_from([ClassStatus.IN_PROGRESS] * 4 + list(ClassStatus))
module_statuses = st.sampled_from([ModuleStatus.ENROLLED, ModuleStatus.IN_PROGRESS, ModuleStatus.OTHER])
overrides = st.sampled_from([None, None, True, False])
results = st.sampled_from(["not_started", "in_progress", "passed", "complete", "failed"])
outcomes = st.sampled_from(
    [
        {},
        {"to_axcelerate": TABLE},
        {"to_axcelerate": TABLE, "approval": "automatic"},
        {"to_axcelerate": TABLE, "approval": "automatic", "to_ispring": {51: "complete", 60: "complete"}},
    ]
)


@st.composite
def options(draw: st.DrawFn) -> dict[str, Any]:
    """Everything of a rule that is not about which records and courses it names."""
    return {
        "start": draw(directions),
        "due": draw(directions),
        "access": draw(directions),
        "on_conflict": draw(st.sampled_from(["axcelerate", "ispring", "review"])),
        "lock_after": draw(st.booleans()),
        "on_withdrawal": draw(st.sampled_from(["lock", "unenrol", "keep"])),
        "on_unenrolment": draw(st.sampled_from(["review", "recreate", "keep"])),
        "create": draw(st.sampled_from([True, True, False])),
    }


@st.composite
def one_rule(draw: st.DrawFn, number: int) -> Rule:
    target = draw(st.sampled_from(["unit", "unit", "module", "class"]))
    given = draw(options())
    if target == "unit":
        given |= draw(outcomes) | {"unit": draw(st.sampled_from(["AAA", "BBB"]))}
    courses = draw(st.sampled_from([("c1",), ("c1",), ("c2",), ("c1", "c2")]))
    complete_when = draw(st.sampled_from(["all", "any"]))
    return a_rule(
        f"r{number}",
        target=target,
        courses=courses,
        complete_when=complete_when,
        position=number,
        **given,
    )


@st.composite
def rule_sets(draw: st.DrawFn) -> tuple[Rule, ...]:
    return tuple(draw(one_rule(number)) for number in range(draw(st.integers(1, 3))))


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """A person who was never seen before."""
    world = World(rules=draw(rule_sets()), shows_end_dates=draw(st.sampled_from([True, True, True, False])))
    for number, class_id in enumerate(CLASSES[: draw(st.integers(1, 3))]):
        units = [a_unit(code, draw(codes), start=draw(starts), end=draw(ends)) for code in ("AAA", "BBB")]
        row = a_class_row(
            class_id,
            units=units[: draw(st.integers(1, 2))],
            status=draw(class_statuses),
            enrolled=draw(starts),
            start=draw(starts),
        )
        world.add(row, a_class_detail(class_id, finish=draw(days)))
        if draw(st.booleans()):
            world.add(
                a_module(
                    500 + number,
                    class_id,
                    status=draw(module_statuses),
                    start=draw(starts),
                    end=draw(ends),
                    override=draw(overrides),
                )
            )
    for number, course in enumerate(COURSES):
        for copy in range(draw(st.sampled_from([0, 1, 1, 1, 2]))):
            identity = f"e{number}{copy}"
            world.add(
                an_enrolment(identity, course, start=draw(starts), due=draw(ends), locks=draw(st.booleans())),
                a_completion(
                    draw(results), identity, course, on=draw(st.sampled_from([MARCH_1, TODAY, None]))
                ),
            )
    unlock_without_a_date(world)
    return world


@st.composite
def calm_worlds(draw: st.DrawFn) -> World:
    """A person in whom little is odd, so that one edit shows what it does: one course, records that are open."""
    target = draw(st.sampled_from(["unit", "unit", "module", "module", "class"]))
    given = draw(options()) | (draw(outcomes) if target == "unit" else {})
    world = World(rules=(a_rule("r0", target=target, unit="AAA" if target == "unit" else None, **given),))
    for number, class_id in enumerate(CLASSES[: draw(st.sampled_from([1, 1, 2]))]):
        end, start = draw(days), draw(starts)
        unit = a_unit("AAA", draw(st.sampled_from(["70", "70", "85", ""])), start=start, end=end)
        world.add(
            a_class_row(class_id, units=[unit], enrolled=draw(starts), start=start),
            a_class_detail(class_id, finish=end),
            a_module(500 + number, class_id, start=start, end=end, override=draw(overrides)),
        )
    due = draw(st.sampled_from([end, end, end, None]) | days)
    world.add(
        an_enrolment("e0", "c1", start=start, due=due, locks=draw(st.booleans())),
        a_completion(draw(st.sampled_from(["not_started", "in_progress"])), "e0", "c1"),
    )
    unlock_without_a_date(world)
    return world


@st.composite
def agreed_worlds(draw: st.DrawFn) -> World:
    """A person with one open record, every field compared, and both sides in agreement."""
    target = draw(st.sampled_from(["unit", "module", "class"]))
    compared = st.sampled_from([BOTH, TO_ISPRING, TO_AXCELERATE])
    given = {name: draw(compared) for name in ("start", "due", "access")}
    given |= {"on_conflict": draw(st.sampled_from(["axcelerate", "ispring", "review"]))}
    lock_after, override = draw(st.booleans()), draw(st.sampled_from([None, True]))
    world = World(rules=(a_rule("r0", target=target, unit="AAA", lock_after=lock_after, **given),))
    start, end = draw(starts), draw(days.filter(lambda day: day >= TODAY))
    world.add(
        a_class_row(units=[a_unit("AAA", start=start, end=end)], start=start),
        a_class_detail(finish=end),
        a_module(start=start, end=end, override=override),
        an_enrolment("e0", start=start, due=end, locks=lock_after and not (override and target == "module")),
    )
    return world


def unlock_without_a_date(world: World) -> None:
    """The LMS shows no lock where there is no due date."""
    for identity, enrolment in world.enrolments.items():
        if enrolment.due is None:
            world.enrolments[identity] = replace(enrolment, locks=False)
