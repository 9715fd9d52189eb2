"""The limits of the contract, section 5."""

from __future__ import annotations

from dataclasses import replace

import pytest

from connector.domain.plan import Change
from connector.domain.rule import Limits, Share
from connector.planning.limits import Tally, breaches, tally
from tests.planning.build import MAY_8, a_class_row, a_rule, a_unit
from tests.planning.simulate import World, settled
from tests.planning.worlds import a_unit_world

LIMITS = Limits()


def names(counted: Tally, **against) -> list[str]:
    base = {"matched": 100, "history": 100} | against
    return [breach.limit for breach in breaches(LIMITS, counted, **base)]


@pytest.mark.parametrize(
    ("limit", "equal"), [("created", 500), ("updates", 50), ("access_removed", 10), ("outcomes", 30)]
)
def test_more_than_the_limit_refuses_and_equal_does_not(limit, equal):
    assert names(Tally(**{limit: equal})) == []
    assert names(Tally(**{limit: equal + 1})) == [limit]


def test_below_ten_matched_pairs_only_created_holds():
    everything = Tally(created=501, updates=9, access_removed=9, outcomes=9)

    assert names(everything, matched=9, history=9) == ["created"]
    assert names(everything, matched=10, history=9) == ["created", "updates", "access_removed", "outcomes"]


def test_updates_are_held_against_pairs_with_history_and_the_others_against_matched_pairs():
    counted = Tally(updates=6, access_removed=6, outcomes=6)

    assert names(counted, matched=100, history=10) == ["updates"]
    assert names(counted, matched=19, history=100) == ["access_removed", "outcomes"]


def test_allow_lifts_one_limit():
    counted = Tally(updates=60, access_removed=60)

    found = breaches(LIMITS, counted, matched=100, history=100, allowed=["updates"])

    assert [breach.limit for breach in found] == ["access_removed"]


def test_a_share_is_exact():
    limits = replace(LIMITS, updates=Share(29, True))

    refused = [
        base for base in range(10, 400) if breaches(limits, _share(29, base), matched=base, history=base)
    ]

    assert refused == []
    assert breaches(limits, Tally(updates=30), matched=100, history=100) != []


def _share(percent: int, base: int) -> Tally:
    """The largest number of pairs that is not more than the share."""
    return Tally(updates=percent * base // 100)


def test_a_limit_may_be_a_number_of_pairs():
    limits = replace(LIMITS, outcomes=Share(3, False))

    assert breaches(limits, Tally(outcomes=3), matched=10, history=10) == []
    assert breaches(limits, Tally(outcomes=4), matched=10, history=10) != []


def test_a_refusal_says_what_to_do():
    (breach,) = breaches(LIMITS, Tally(access_removed=11), matched=100, history=100)

    assert "access_removed: 11 of 100 pairs, the limit is 10%" in str(breach)
    assert "--allow access_removed" in str(breach)


def test_all_but_created_count_pairs():
    world = settled(a_unit_world())
    world.edit_unit(end=MAY_8, start=MAY_8)

    assert tally(world.plan().changes) == Tally(updates=1)


def test_a_first_meeting_is_no_update():
    assert tally(a_unit_world(due=MAY_8).plan().changes) == Tally()


def test_created_counts_enrolments_and_users():
    world = World(
        rules=(a_rule(courses=("c1", "c2"), missing_learner="create", department="d-1"),), user=None
    )
    world.add(a_class_row(units=[a_unit()]))

    assert tally(world.plan().changes) == Tally(created=3)


def test_two_learners_are_two_pairs():
    world = settled(a_unit_world())
    world.edit_unit(end=MAY_8)
    (change,) = world.plan().changes
    other: Change = replace(change, contact_id=change.contact_id + 1)

    assert tally([change, other]) == Tally(updates=2)
