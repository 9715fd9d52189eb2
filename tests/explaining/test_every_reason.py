"""For every reason that a run can give: `explain` shows it, and the change it suggests has the effect it promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.domain.reasons import CHANGES, REVIEWS, SKIPS
from connector.explaining.facts import Explanation, FieldFacts, PairFacts, State, Verdict
from connector.explaining.look import explain_learner
from tests.explaining.carrying_out import carry_out
from tests.explaining.scenarios import SCENARIOS, Scenario
from tests.story.world import Account, served

IN_MEMORY = {("skipped", "not_proven_gone"), ("skipped", "time_unknown"), ("review", "code_not_valid_here")}
"""Reasons that neither the simulators nor a checked mapping file can be brought to at will; test_rare_reasons.py plays them."""


def test_every_reason_has_a_scenario() -> None:
    listed = {(kind, word) for kind, table in _TABLES.items() for word in table}

    assert {(one.kind, one.reason) for one in SCENARIOS} | IN_MEMORY == listed


_TABLES = {"change": CHANGES, "review": REVIEWS, "skipped": SKIPS}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: f"{one.kind}-{one.reason}")
def test_the_suggested_change_does_what_is_said(scenario: Scenario, tmp_path: Path) -> None:
    with served(
        tmp_path,
        scenario.world(),
        rules_text=scenario.rules,
        ispring_switches=scenario.ispring,
        axcelerate_switches=scenario.axcelerate,
        **scenario.settings,
    ) as account:
        scenario.story(account)

        before = _field(_told(account, scenario), scenario)
        assert before is not None
        pair, facts = before
        assert scenario.reason in (facts.verdict.reason, *facts.verdict.also), facts.verdict
        assert scenario.reason in _planned(account, scenario)
        assert facts.what_would_change, "nothing is suggested"

        suggestion = facts.what_would_change[0]
        carry_out(account, scenario.contact, pair, suggestion)

        allow = frozenset({suggestion.value or ""} if suggestion.action == "allow" else ())
        after = _field(_told(account, scenario, allow), scenario, pair.record)
        shown = _gist(after[1].verdict) if after else _AGREED
        assert shown != _gist(facts.verdict), suggestion
        if suggestion.then is not None:
            assert shown == _gist(suggestion.then), suggestion


def _told(account: Account, scenario: Scenario, allow: frozenset[str] = frozenset()) -> Explanation:
    rules = frozenset({scenario.rule})
    return explain_learner(str(scenario.contact), account.parts(), rules=rules, allow=allow)


def _field(
    told: Explanation, scenario: Scenario, record: str | None = None
) -> tuple[PairFacts, FieldFacts] | None:
    """The field that the scenario is about, of this record; first of all of the one in which its reason shows."""
    found = [(pair, one) for pair in told.pairs for one in pair.fields if one.field == scenario.field]
    if record is not None:
        return next((f for f in found if f[0].record == record), None)
    return next(
        (f for f in found if scenario.reason in (f[1].verdict.reason, *f[1].verdict.also)),
        found[0] if found else None,
    )


def _planned(account: Account, scenario: Scenario) -> set[str]:
    """Every reason that a full plan gives for this learner and rule."""
    report = account.plan()
    lines = [line.change for line in report.changes]
    found = [*lines, *report.questions, *report.skips]
    return {one.reason for one in found if one.contact_id == scenario.contact and one.rule == scenario.rule}


_AGREED = (State.AGREES, None, None)


def _gist(verdict: Verdict) -> tuple[State, str | None, str | None]:
    """What is left alone without a reason is in agreement as far as a plan can tell."""
    silent = verdict.state is State.RESTS and verdict.reason is None
    return (State.AGREES if silent else verdict.state, verdict.reason, verdict.after)
