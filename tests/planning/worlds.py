"""Small worlds to start a test from: one rule, one record, one enrolment, all in agreement."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.planning.build import (
    FEB_1,
    MAY_1,
    a_class_detail,
    a_class_row,
    a_module,
    a_rule,
    a_unit,
    an_enrolment,
)
from tests.planning.simulate import World


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
