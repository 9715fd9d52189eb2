"""A small aXcelerate account, served on loopback, and somebody who calls it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime

import httpx
import pytest

from connector.sandbox.axcelerate import AxcelerateSandbox
from connector.sandbox.clock import Clock
from connector.sandbox.people import (
    ClassEnrolment,
    Contact,
    Elearning,
    ModuleEnrolment,
    TrainingClass,
    Unit,
    UnitEnrolment,
    Workshop,
    World,
)

NOW = datetime(2026, 3, 10, 1, 30, tzinfo=UTC)
TODAY = date(2026, 3, 10)
FEBRUARY, JULY, PERTH = 880123, 880124, 880125
MIA, SAM, SARI = 22041, 22042, 22043
START, END = date(2026, 2, 2), date(2026, 5, 29)


class Caller:
    """An HTTP client with both tokens; `put_unit` and `enrolments` save typing."""

    def __init__(self, box: AxcelerateSandbox) -> None:
        self.box = box
        tokens = {"apitoken": box.api_token, "wstoken": box.ws_token}
        self.http = httpx.Client(base_url=box.url, headers=tokens, timeout=10)

    def get(self, path: str, **params) -> httpx.Response:
        return self.http.get(path, params=params)

    def post(self, path: str, **form) -> httpx.Response:
        return self.http.post(path, data=form)

    def put(self, path: str, **form) -> httpx.Response:
        return self.http.put(path, data=form)

    def enrolments(self, **params) -> list[dict]:
        answer = self.get("/course/enrolments", **params)
        return [] if answer.status_code == 204 else answer.json()

    def put_unit(self, **form) -> httpx.Response:
        wanted = {"contactID": MIA, "programInstanceID": FEBRUARY, "instanceID": 51001, "type": "s"} | form
        return self.http.put("/course/enrolment", data=wanted)

    def unit(self, contact: int = MIA, class_id: int = FEBRUARY, code: str = "BSBWHS211") -> dict:
        (row,) = self.enrolments(contactID=contact, instanceID=class_id)
        return next(one for one in row["ACTIVITIES"] if one["CODE"] == code)


def small_world() -> World:
    """Three classes that share BSBWHS211; Mia has a learning plan, Sari one name."""
    world = World("Australia/Sydney", TODAY)
    world.units = [
        Unit(51001, "BSBWHS211", "Contribute to health and safety"),
        Unit(51002, "CHCLEG003", "Manage legal compliance", Elearning(3310, "Ethics online")),
    ]
    both = ["BSBWHS211", "CHCLEG003"]
    disability = (7001, "CHC43121", "Certificate IV in Disability Support")
    support = (7002, "CHC33021", "Certificate III in Individual Support")
    finish = date(2026, 12, 18)
    world.classes = [
        TrainingClass(FEBRUARY, *disability, "February intake", START, finish, units=both),
        TrainingClass(JULY, *disability, "July intake", date(2026, 7, 1), date(2027, 6, 30), units=both),
        TrainingClass(PERTH, *support, "Perth", START, finish, "WA RAPT", units=both[:1], public=False),
    ]
    world.classes[0].workshop = Workshop(660100, "First aid day", date(2026, 4, 1))
    world.contacts = [
        Contact(MIA, "Mia", "Okafor", "mia@example.org", "AX-1"),
        Contact(SAM, "Sam", "O'Brien", "Sam@example.org", "AX-10"),
        Contact(SARI, "Sari", None, "sari@example.org"),
    ]
    world.class_enrolments = [
        ClassEnrolment(
            9300411,
            MIA,
            FEBRUARY,
            "In Progress",
            datetime(2026, 1, 28, 22, 40, tzinfo=UTC),
            START,
            plan="Disability plan",
            units=[UnitEnrolment("BSBWHS211", "70", START, END), UnitEnrolment("CHCLEG003", "", START)],
            modules=[ModuleEnrolment(41877, "Ethics", 2, START, None, None, date(2026, 2, 10))],
        ),
        ClassEnrolment(
            9300412,
            SAM,
            FEBRUARY,
            "In Progress",
            datetime(2026, 2, 20, 1, tzinfo=UTC),
            START,
            units=[UnitEnrolment("BSBWHS211", "20", START, date(2026, 3, 1))],
            modules=[ModuleEnrolment(41878, "Ethics", 1, START, END, True)],
        ),
        ClassEnrolment(
            9300413,
            SARI,
            PERTH,
            "In Progress",
            datetime(2026, 3, 5, 1, tzinfo=UTC),
            START,
            units=[UnitEnrolment("BSBWHS211", "55", START, END)],
        ),
    ]
    return world


@pytest.fixture
def axcelerate() -> Iterator[Caller]:
    box = AxcelerateSandbox(clock=Clock(NOW))
    box.load(small_world())
    with box.serving():
        caller = Caller(box)
        yield caller
        caller.http.close()
