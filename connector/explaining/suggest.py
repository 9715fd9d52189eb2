"""The smallest change that would alter how a field stands: single edits, tried on the planner itself.

Nothing here knows what a reason means. Every edit that a person could make to one value is tried in turn, and the planner says what
would follow; so a suggestion is right for as long as the planner is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from connector.domain.learner import CourseId
from connector.domain.plan import PersonPlan
from connector.domain.rule import Field, Rule
from connector.explaining.facts import State, Suggestion, Verdict, Where
from connector.explaining.hypothesis import World
from connector.explaining.verdict import verdict_of, weight

MOST = 3
"""So many suggestions for a field."""
WIDE = 2
"""The cost from which on an edit comes after all others."""


@dataclass(frozen=True)
class Edit:
    """One thing that a person could change, and the world as it would be then.

    `is_guess`: what would be shown then is not known, so `world` is only one of several.
    `cost`: 0 the value itself, or an answer that is asked for; 1 something near; 2 something with a wider meaning than this field.
    """

    platform: Where
    action: str
    record: tuple[str, str]
    field: str
    value: str | None
    world: Callable[[World], World]
    cost: int = 0
    is_guess: bool = False


def suggestions(
    edits: Iterable[Edit],
    world: World,
    plan: PersonPlan,
    *,
    rule: Rule,
    key: str | None,
    field: Field,
    course: CourseId | None,
) -> tuple[Suggestion, ...]:
    """The edits that alter how this field stands, best first: those of little reach, then those that lead where one wants to be."""
    now = verdict_of(plan, rule, key, field, course)
    ranked: list[tuple[tuple[int, ...], Suggestion]] = []
    for number, edit in enumerate(edits):
        then_plan = edit.world(world).plan()
        then = verdict_of(then_plan, rule, key, field, course)
        if _same(now, then):
            continue
        rank = (edit.cost // WIDE, _rank(now, then), edit.cost, weight(then_plan), number)
        told = None if edit.is_guess else then
        ranked.append(
            (rank, Suggestion(edit.platform, edit.action, edit.record, edit.field, edit.value, told))
        )
    ranked.sort(key=lambda item: item[0])
    return tuple(_distinct(suggestion for _, suggestion in ranked))[:MOST]


def _same(now: Verdict, then: Verdict) -> bool:
    return (now.state, now.reason, now.after) == (then.state, then.reason, then.after)


_ORDER = {
    State.AGREES: (State.WOULD_CHANGE, State.WAITS, State.RESTS),
    State.WOULD_CHANGE: (State.AGREES, State.RESTS, State.WAITS),
    State.WAITS: (State.WOULD_CHANGE, State.AGREES, State.RESTS),
    State.RESTS: (State.AGREES, State.WOULD_CHANGE, State.WAITS),
    State.OFF: (State.AGREES, State.WOULD_CHANGE, State.WAITS, State.RESTS),
}


def _rank(now: Verdict, then: Verdict) -> int:
    """Which of the other states is wanted most; the same state for another reason comes last."""
    order = _ORDER[now.state]
    return order.index(then.state) if then.state in order else len(order)


def _distinct(found: Iterable[Suggestion]) -> Iterable[Suggestion]:
    """Each place and field once, with its best value."""
    seen = set()
    for one in found:
        key = (one.platform, one.action, one.record, one.field)
        if key not in seen:
            seen.add(key)
            yield one
