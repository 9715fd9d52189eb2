"""What stands beside the pairs: places in a course without a record in aXcelerate, and rows that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from connector.domain.enrolment import EnrolmentId
from connector.domain.plan import ENROLLED, WITHDRAWN, PersonPlan, Skip
from connector.domain.rule import Field, Rule
from connector.explaining import hypothesis as what_if
from connector.explaining.deciding_key import decided_by
from connector.explaining.facts import FieldFacts, PairFacts, Where
from connector.explaining.hypothesis import World
from connector.explaining.suggest import Edit, suggestions
from connector.explaining.verdict import strays, verdict_of


def stray_pairs(world: World, plan: PersonPlan) -> Iterator[PairFacts]:
    """One entry for each, under the rule that names the course."""
    for skip in strays(plan):
        rule = world.around.by_id.get(skip.rule)
        if rule is not None:
            yield PairFacts(rule, skip.record, "", None, (_facts(world, plan, rule, skip),))


def _facts(world: World, plan: PersonPlan, rule: Rule, skip: Skip) -> FieldFacts:
    field = Field.ENROLMENT
    verdict = verdict_of(plan, rule, skip.record, field, None)
    return FieldFacts(
        field=field,
        course=None,
        ispring=ENROLLED if skip.record else None,
        axcelerate=None,
        agreed=None,
        verdict=verdict,
        decided_by=decided_by(rule, field, verdict, ispring=None, code=None),
        last_call=None,
        what_would_change=suggestions(
            _edits(skip), world, plan, rule=rule, key=skip.record, field=field, course=None
        ),
    )


def _edits(skip: Skip) -> Iterator[Edit]:
    if skip.record is None:
        place = skip.detail.partition(":")[0]
        yield Edit(Where.AXCELERATE, "repair", ("row", place), Field.ENROLMENT, None, _as_it_is)
        return
    identity = EnrolmentId(skip.record.removeprefix("enrolment:"))
    yield Edit(
        Where.ISPRING,
        "unenrol",
        ("enrolment", identity),
        Field.ENROLMENT,
        WITHDRAWN,
        partial(what_if.without_place, identity=identity),
    )


def _as_it_is(world: World) -> World:
    """A row that cannot be read is said beside the plan: without it the plan alone is left."""
    return world
