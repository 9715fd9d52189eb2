"""aXcelerate keeps the contract over HTTP, whatever habits the account has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from connector.platforms.axcelerate import AxcelerateVet
from connector.sandbox.axcelerate import AxcelerateSandbox, AxcelerateSwitches
from connector.sandbox.clock import Clock
from tests.platforms.axcelerate.stand_in import BRIEF
from tests.platforms.contract_vet import Account, VetContract, furnish

NOW = datetime(2026, 3, 2, 1, tzinfo=UTC)

# Each line is an account; together they hold every value of every switch that this adapter can meet.
HABITS: dict[str, dict[str, Any]] = {
    "usual": {},
    "older": {
        "error_keys": "lower", "success_error_null": True, "empty": "[]", "put_params": "form",
        "number_style": "string", "date_precision": "seconds", "unit_enrolid": "absent", "class_lastupdated": "absent",
        "class_lastupdated_bump": False, "row_order": "newest", "override_words": "locked", "report_keys": "upper",
        "report_data": "string", "report_numbers": "string", "v2_keys": "upper", "final_without_end": "412",
        "unknown_record": "404", "unknown_unit": "404", "module_status_list": "five", "json_body": "accept",
        "empty_parameter": "412", "missing_contact": "403",
    },
    "odd": {
        "empty": "404", "put_params": "query", "row_order": "shuffled", "page_overlap": True, "override_words": "1_0",
        "report_keys": "field", "report_failure": "412", "module_status_list": "unavailable",
        "unknown_record": "error_200", "unknown_unit": "error_200", "final_without_end": "fill",
        "missing_contact": "error_200", "repeated_put_fires": True, "empty_parameter": "clear", "limit_cap": 100,
        "date_check": "accept", "jurisdiction_check": True, "search_cache": True,
    },
}  # fmt: skip


@pytest.fixture(params=HABITS, ids=list(HABITS))
def account(request: pytest.FixtureRequest) -> Iterator[Account]:
    box = AxcelerateSandbox(AxcelerateSwitches(**HABITS[request.param]), Clock(NOW))
    with box.serving():
        vet = AxcelerateVet(
            api_url=box.url,
            api_token=box.api_token,
            ws_token=box.ws_token,
            requests_per_second=0,
            patience=BRIEF,
            now=box.clock.now,
        )
        yield furnish(vet, box.person)
        vet.close()


class TestAxcelerateVet(VetContract):
    pass
