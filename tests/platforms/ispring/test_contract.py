"""iSpring keeps the contract over HTTP, in every wire form and whatever habits the account has."""

from __future__ import annotations

from typing import Any

import pytest

from connector.sandbox.ispring import IspringSandbox
from tests.platforms.contract_lms import Account, LmsContract, furnish
from tests.platforms.ispring.conftest import Connect

FORMS: dict[str, dict[str, Any]] = {
    "rest-json": {},
    "rest-xml": {"form": "xml"},
    "rest-json-headers": {"by": "headers"},
    "soap-token": {"dialect": "soap"},
    "soap-headers": {"dialect": "soap", "by": "headers", "form": "xml"},
}


@pytest.fixture(params=FORMS, ids=list(FORMS))
def account(request: pytest.FixtureRequest, box: IspringSandbox, connected: Connect) -> Account:
    return furnish(connected(box, **FORMS[request.param]), box.person)


class TestIspring(LmsContract):
    pass
