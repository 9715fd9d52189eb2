"""Small worlds to start a test from: one rule, one record, one enrolment, all in agreement."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.planning.build import (
    FEB_1,
    MARCH_1,
    MAY_1,
    MAY_8,
    a_class_detail,
    a_class_row,
    a_module,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World, settled


def a_unit_world(
    *,
    end: date | None = MAY_1,
    due: date | None = MAY_1,
    unit_start: date | None = FEB_1,
    lock: bool = True,
    outcome: str = "70",
    status: str = "in_progress",
    shows_end_dates: bool = True,
    **rule: Any,
) -> World:
    """A learner in one unit of one class, enrolled in the rule's course (`due_date` is the direction of that field)."""
    if "due_date" in rule:
        rule["due"] = rule.pop("due_date")
    world = World(rules=(a_rule(**rule),), shows_end_dates=shows_end_dates)
    unit = a_unit(outcome=outcome, start=unit_start, end=end)
    world.add(a_class_row(status=status, units=[unit]), an_enrolment(due=due, locks=lock))
    return world


def a_module_world(
    *,
    end: date | None = MAY_1,
    due: date | None = MAY_1,
    lock: bool = True,
    override: Any = None,
    **rule: Any,
) -> World:
    """A learner with one learning-plan module, enrolled in the rule's course."""
    world = World(rules=(a_rule(target="module", **rule),))
    world.add(a_class_row(), a_module(end=end, override=override), an_enrolment(due=due, locks=lock))
    return world


def a_class_world(*, due: date | None = MAY_1, lock: bool = True, **rule: Any) -> World:
    """A learner in one class, enrolled in the rule's course."""
    world = World(rules=(a_rule(target="class", **rule),))
    world.add(a_class_row(), a_class_detail(), an_enrolment(due=due, locks=lock))
    return world


def a_new_learner(*rules, **unit) -> World:
    """Somebody with an open unit in aXcelerate and no place in iSpring yet."""
    world = World(rules=rules or (a_rule(),))
    world.add(a_class_row(units=[a_unit(**unit)]))
    return world


def two_classes(*rules, **first) -> World:
    """The same unit in two classes; the second class was joined later and ends later."""
    world = World(rules=rules or (a_rule(),))
    world.add(
        a_class_row(880123, units=[a_unit(end=MAY_1)], **first),
        a_class_row(880124, units=[a_unit(end=MAY_8)], enrolled=MARCH_1),
    )
    world.add(an_enrolment(due=MAY_8))
    return world


def a_removed_learner() -> World:
    """A learner whose enrolment somebody removed in iSpring; the question about it waits."""
    world = settled(a_unit_world())
    world.remove_enrolment("e1")
    world.run()
    return world
