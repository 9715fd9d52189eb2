"""Reasons that the simulated platforms cannot be brought to at will."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from connector.domain.enrolment import Completion
from connector.domain.rule import Field
from connector.explaining.explain import explain
from connector.explaining.facts import FieldFacts, State
from connector.explaining.hypothesis import World
from connector.explaining.look import explain_learner
from connector.explaining.subject import Around
from tests.planning.build import MARCH_1, a_completion
from tests.planning.worlds import a_unit_world
from tests.story.provider import DAY, MAY_15, MIA, WHS
from tests.story.world import Account, settle


def test_a_change_of_a_schedule_says_that_the_time_of_day_is_unknown(
    account: Account, monkeypatch: Any
) -> None:
    settle(account)
    _forget_the_time_of_day(account)
    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=MAY_15)
    parse = account.lms.parse

    def without_time(raw: Any) -> Any:
        value = parse(raw)
        return replace(value, access_at=None) if isinstance(value, Completion) else value

    monkeypatch.setattr(account.lms, "parse", without_time)
    assert _start(account).verdict.reason == "time_unknown"
    place = _due(account).what_would_change[0]

    account.axcelerate.person.set_unit(MIA, DAY, WHS, end=place.value)

    assert _start(account).verdict.reason is None


def _start(account: Account) -> FieldFacts:
    return _of(account, Field.START_DATE)


def _due(account: Account) -> FieldFacts:
    return _of(account, Field.DUE_DATE)


def _of(account: Account, field: Field) -> FieldFacts:
    told = explain_learner(str(MIA), account.parts(), rules=frozenset({"whs"}))
    return next(facts for facts in told.pairs[0].fields if facts.field is field)


def _forget_the_time_of_day(account: Account) -> None:
    """As if somebody had enrolled by hand what the connector enrolled."""
    people = list(account.store.all_people())
    for person in people:
        person.memory = person.memory.replace('"access_time":"00:00:00",', "")
    account.store.save_people(people)


def test_a_record_missing_from_the_list_alone_waits_for_the_next_run() -> None:
    world = a_unit_world()
    world.run()
    seen = World(replace(world.person(), classes=()), world.memory, world.around())

    told = explain(seen, seen.plan(), Around(), link=None, calls={})

    facts = told.pairs[0].fields[0]
    assert (facts.verdict.state, facts.verdict.reason) == (State.RESTS, "not_proven_gone")
    first = facts.what_would_change[0]
    assert (first.platform, first.action) == ("connector", "run_again")

    there_again = World(world.person(), world.memory, world.around())

    told = explain(there_again, there_again.plan(), Around(), link=None, calls={})
    assert told.pairs[0].fields[0].verdict.state is State.AGREES


def test_a_code_that_the_jurisdiction_does_not_have_is_asked_about() -> None:
    world = a_unit_world(to_axcelerate={"passed": 90})
    world.run()
    world.add(a_completion("passed", on=MARCH_1))
    seen = World(world.person(), world.memory, world.around())

    told = explain(seen, seen.plan(), Around(), link=None, calls={})

    outcome = next(facts for facts in told.pairs[0].fields if facts.field is Field.OUTCOME)
    assert (outcome.verdict.state, outcome.verdict.reason) == (State.WAITS, "code_not_valid_here")
    first = outcome.what_would_change[0]
    assert (first.platform, first.action) == ("connector", "approve")

    world.run()
    world.approve()

    assert [c.reason for c in world.plan().changes] == ["approved"]
