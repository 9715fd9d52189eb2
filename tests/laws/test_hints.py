"""Law 8: hints are hints. Whoever is looked at first, once, ten times or not at all: the end is the same."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connector.domain.report import Exit
from tests.laws.machine import EDITS, EVERYTHING_ALLOWED, WORDINGS, Account, explain
from tests.laws.provider import NAMES, Edit, Wording, perform


@settings(
    max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), print_blob=True
)
@given(
    wording=WORDINGS,
    before=st.lists(EDITS, max_size=3),
    edits=st.lists(EDITS, min_size=1, max_size=5),
    hints=st.lists(st.integers(0, len(NAMES) - 1), min_size=1, max_size=6),
)
def test_any_deliveries_of_hints_lead_to_what_the_full_run_leads_to(
    wording: Wording, before: list[Edit], edits: list[Edit], hints: list[int]
) -> None:
    with_hints, without = _account(wording, before, edits), _account(wording, before, edits)
    try:
        for learner in hints:
            with_hints.reconcile(learner=learner, allow=EVERYTHING_ALLOWED)
        for account in (with_hints, without):
            report = account.reconcile(allow=EVERYTHING_ALLOWED)
            assert report.exit_code is Exit.FINISHED, explain(report)
            account.reconcile(allow=EVERYTHING_ALLOWED)

        assert with_hints.provider.shows() == without.provider.shows()
        assert _asked(with_hints) == _asked(without)
    finally:
        with_hints.close()
        without.close()


def _account(wording: Wording, before: list[Edit], edits: list[Edit]) -> Account:
    """An account that has run once, and that people have edited since."""
    account = Account(wording)
    for edit in before:
        perform(account.provider, edit)
    account.reconcile(allow=EVERYTHING_ALLOWED)
    for edit in edits:
        perform(account.provider, edit)
    return account


def _asked(account: Account) -> set[tuple[object, ...]]:
    return {(one.contact_id, one.rule, one.field, one.reason) for one in account.store.waiting()}
