"""What is never written without a person, each rule with the page it comes from."""

from __future__ import annotations

from connector.domain.reasons import REVIEWS
from connector.planning.compliance import ALL_RULES


def test_every_rule_has_a_number_a_source_and_a_reason_that_is_documented():
    assert len({rule.number for rule in ALL_RULES}) == len(ALL_RULES)
    assert all(rule.source and rule.says for rule in ALL_RULES)
    assert {rule.reason for rule in ALL_RULES} <= set(REVIEWS)
