"""The platform in memory keeps the contract, so that tests of the engine may stand on it."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.change import UpdateUnit
from connector.errors import ChangeRefused, Unavailable, Unconfirmed
from tests.platforms.contract_vet import Account, VetContract, furnish
from tests.platforms.memory_vet import Fault, MemoryVet


@pytest.fixture
def account() -> Account:
    vet = MemoryVet()
    return furnish(vet, vet.person)


class TestMemoryVet(VetContract):
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
    assert isinstance(account.vet, MemoryVet)
    account.vet.faults.append(fault)

    with pytest.raises(error):
        account.vet.apply(UpdateUnit(account.mia, account.day_class, account.legal, end=date(2026, 6, 30)))

    (now,) = account.vet.class_enrolments(account.mia, account.day_class)
    assert (now.units[0].end == date(2026, 6, 30)) is is_done
