"""The adapter against the simulated account, with each of its switches at each of its values, and with faults on the way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import pytest

from connector.domain.change import Override, UpdateModule, UpdateUnit
from connector.domain.enrolment import ClassEnrolment, ModuleEnrolment
from connector.domain.learner import UNKNOWN
from connector.errors import (
    ChangeRefused,
    PlatformError,
    Unconfirmed,
    UnexpectedPayload,
    Unreadable,
    WriteDenied,
)
from connector.platforms.axcelerate import AxcelerateVet
from connector.platforms.port import Raw, VetScope
from connector.sandbox.axcelerate import AxcelerateSandbox, AxcelerateSwitches, switch_values
from connector.sandbox.clock import Clock
from connector.sandbox.people import World
from tests.platforms.axcelerate.stand_in import BRIEF
from tests.platforms.contract_vet import FEB_2, LEGAL, MAY_29, SAFETY, Account, furnish

NOW = datetime(2026, 6, 30, 1, tzinfo=UTC)
JUNE_29 = date(2026, 6, 29)
HABITS = [
    (name, value)
    for name, values in switch_values().items()
    for value in values
    if not name.startswith("hook_") and name not in ("rate_limit_per_minute", "rate_limit_retry_after")
]
OF_MODULES = ("report_", "override_", "module_", "v2_", "learning_")
MODULE_HABITS = [habit for habit in HABITS if habit[0].startswith((*OF_MODULES, "put_"))]
HABITS = [habit for habit in HABITS if not habit[0].startswith(OF_MODULES)]


@dataclass
class Place:
    """A served account with Mia and Noah in it, and one module of Mia's."""

    box: AxcelerateSandbox
    account: Account
    vet: AxcelerateVet
    module_id: int

    def read(self, **scope: Any) -> list[Raw]:
        chosen = VetScope(whole_account=True, units=frozenset({LEGAL, SAFETY}), **scope)
        return [record for batch in self.vet.read(chosen) for record in batch.records]

    def pass_mia(self) -> None:
        account = self.account
        self.vet.apply(UpdateUnit(account.mia, account.day_class, account.legal, outcome="20", end=JUNE_29))

    def legal_unit(self) -> tuple[str, date | None]:
        """The code and end date as they stand in the account."""
        return next(
            (row["outcome"], row["end"])
            for row in self.box.rows("units")
            if (row["contact_id"], row["code"]) == (self.account.mia, LEGAL)
        )


@pytest.fixture(scope="module")
def served() -> Iterator[AxcelerateSandbox]:
    box = AxcelerateSandbox(AxcelerateSwitches(), Clock(NOW))
    with box.serving():
        yield box


@pytest.fixture
def place(served: AxcelerateSandbox) -> Iterator[Place]:
    for name, values in switch_values().items():
        setattr(served.switches, name, values[0])
    served.faults.clear()
    served.load(World(zone="Australia/Brisbane", today=NOW.date()))
    vet = AxcelerateVet(
        api_url=served.url,
        api_token=served.api_token,
        ws_token=served.ws_token,
        requests_per_second=0,
        page_size=2,
        patience=BRIEF,
        now=served.clock.now,
    )
    account = furnish(vet, served.person)
    for number in range(4):
        extra = served.person.add_contact(f"Learner {number}", "Test", f"learner{number}@example.org")
        served.person.enrol(extra, account.night_class)
    module_id = served.person.add_module(account.mia, account.day_class, "Ethics", start=FEB_2, end=MAY_29)
    yield Place(served, account, vet, module_id)
    vet.close()


@pytest.mark.parametrize(("name", "value"), HABITS, ids=[f"{name}={value}" for name, value in HABITS])
def test_enrolments_are_read_whole_and_a_unit_is_written(place: Place, name: str, value: Any) -> None:
    setattr(place.box.switches, name, value)

    found = [place.vet.parse(record) for record in place.read(details=True)]
    try:
        place.pass_mia()
        refused = False
    except (ChangeRefused, WriteDenied):
        refused = True
    (mia,) = place.vet.class_enrolments(place.account.mia, place.account.day_class)

    places = [one for one in found if isinstance(one, ClassEnrolment)]
    assert len(places) == 6
    assert len(found) == 8
    legal = next(unit for unit in mia.units if unit.code == LEGAL)
    assert refused is (
        (name, value) in {("mandatory_unit_field", "evidence"), ("forbidden", ("PUT /course/enrolment",))}
    )
    assert legal.outcome == ("70" if refused else "20")
    if not refused:
        assert legal.end == (None if value == "always_null" else JUNE_29)


@pytest.mark.parametrize(
    ("name", "value"), MODULE_HABITS, ids=[f"{name}={value}" for name, value in MODULE_HABITS]
)
def test_modules_are_read_and_written_or_refused_whole(place: Place, name: str, value: Any) -> None:
    setattr(place.box.switches, name, value)
    account = place.account

    def module() -> ModuleEnrolment:
        (one,) = place.vet.module_enrolments(account.mia, account.day_class)
        return one

    if value == "none":
        with pytest.raises(UnexpectedPayload, match="report"):
            module()
        return
    if value == "dmy":
        with pytest.raises(Unreadable, match="not a date"):
            module()
        return
    before = module()
    update = UpdateModule(
        account.mia, account.day_class, before.enrol_id, place.module_id, override=Override.LOCK, end=JUNE_29
    )
    place.vet.apply(update)
    after = module()

    assert (before.start, before.end) == (FEB_2, MAY_29)
    assert (after.start, after.end) == (FEB_2, JUNE_29)
    is_hidden = (name, value) == ("override_column", "absent")
    assert (before.override, after.override) == ((UNKNOWN, UNKNOWN) if is_hidden else (None, False))


@pytest.mark.parametrize("how", ["403", "error_200"])
def test_a_missing_right_rests_the_kind_of_write_and_not_the_reading(place: Place, how: str) -> None:
    place.box.switches.forbidden = ("PUT /v2/learningPlan/modules/enrolments",)
    place.box.switches.forbidden_as = how  # type: ignore[assignment]
    account = place.account
    (module,) = place.vet.module_enrolments(account.mia, account.day_class)

    with pytest.raises(WriteDenied) as denied:
        place.vet.apply(
            UpdateModule(
                account.mia, account.day_class, module.enrol_id, place.module_id, override=Override.LOCK
            )
        )

    assert denied.value.operation == "write module"
    place.pass_mia()
    assert place.legal_unit() == ("20", JUNE_29)


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("reset_before", {}),
        ("reset_after", {}),
        ("truncate", {}),
        ("html", {}),
        ("status", {"status": 503}),
        ("429", {"retry_after": 0}),
        ("error_200", {}),
        ("shuffle", {}),
    ],
)
def test_short_trouble_while_reading_is_outlived(place: Place, kind: str, options: dict[str, Any]) -> None:
    quiet = place.read()
    place.box.faults.add(kind, match="GET /course/enrolments", after=1, **options)

    assert sorted(place.read()) == sorted(quiet)


@pytest.mark.parametrize(
    ("kind", "is_done"),
    [("reset_before", False), ("reset_after", True), ("truncate", True), ("html", False), ("status", False)],
)
def test_a_write_without_a_clear_answer_is_unconfirmed_and_sent_once(
    place: Place, kind: str, is_done: bool
) -> None:
    place.box.faults.add(kind, match="PUT /course/enrolment", **({"status": 500} if kind == "status" else {}))

    with pytest.raises(Unconfirmed):
        place.pass_mia()

    assert place.legal_unit() == (("20", JUNE_29) if is_done else ("70", MAY_29))
    assert place.vet.calls.write == 1


def test_tokens_and_names_stay_out_of_errors(place: Place) -> None:
    place.box.faults.add("status", match="PUT /course/enrolment", status=400)

    with pytest.raises(PlatformError) as raised:
        place.pass_mia()

    said = f"{raised.value} {raised.value.detail}"
    assert not any(secret in said for secret in (place.box.api_token, place.box.ws_token, "Mia", "Okafor"))
