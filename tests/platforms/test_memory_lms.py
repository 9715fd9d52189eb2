"""The platform in memory keeps the contract, so that tests of the engine may stand on it."""

from __future__ import annotations

import pytest

from connector.domain.change import Unenrol
from connector.errors import ChangeRefused, Unavailable, Unconfirmed
from tests.platforms.contract_lms import Account, LmsContract, furnish
from tests.platforms.memory_lms import Fault, MemoryLms


@pytest.fixture
def account() -> Account:
    lms = MemoryLms()
    return furnish(lms, lms.person)


class TestMemoryLms(LmsContract):
    pass


@pytest.mark.parametrize(
    ("fault", "error", "is_done"),
    [
        ("refused", ChangeRefused, False),
        ("never_left", Unavailable, False),
        ("lost_before", Unconfirmed, False),
        ("lost_after", Unconfirmed, True),
    ],
)
def test_a_write_fails_by_order(
    account: Account, fault: Fault, error: type[Exception], is_done: bool
) -> None:
    assert isinstance(account.lms, MemoryLms)
    account.lms.faults.append(fault)

    with pytest.raises(error):
        account.lms.apply(Unenrol(account.mias))

    assert (account.mias not in account.lms.places) is is_done
