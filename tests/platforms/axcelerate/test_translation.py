"""What values mean: dates, status words, codes. Pure."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import orjson
import pytest

from connector.domain.enrolment import ClassEnrolment, ClassStatus, ModuleStatus
from connector.domain.learner import UNKNOWN, ClassId, ContactId
from connector.errors import Unreadable
from connector.platforms.axcelerate import payloads, translate
from connector.platforms.axcelerate.rows import class_records
from connector.platforms.port import Kind, Raw
from tests.platforms.axcelerate.samples import class_row, unit_row


def parsed(row: dict[str, Any]) -> ClassEnrolment:
    (record,) = class_records([row], None, place="test")
    value = translate.parse(record)
    assert isinstance(value, ClassEnrolment)
    return value


def refusal(row: dict[str, Any]) -> Unreadable:
    with pytest.raises(Unreadable) as raised:
        parsed(row)
    return raised.value


@pytest.mark.parametrize(
    ("word", "status"),
    [
        (None, ClassStatus.IN_PROGRESS),
        ("", ClassStatus.IN_PROGRESS),
        ("Enrolled", ClassStatus.IN_PROGRESS),
        ("IN PROGRESS", ClassStatus.IN_PROGRESS),
        ("In Progress (online)", ClassStatus.IN_PROGRESS),
        ("Tentative", ClassStatus.TENTATIVE),
        ("Deferred", ClassStatus.DEFERRED),
        ("suspended", ClassStatus.SUSPENDED),
        ("Cancelled", ClassStatus.CANCELLED),
        ("Canceled", ClassStatus.CANCELLED),
        ("canc", ClassStatus.CANCELLED),
        ("Completed", ClassStatus.COMPLETED),
        ("Incomplete", ClassStatus.UNKNOWN),
        ("Not completed", ClassStatus.UNKNOWN),
        ("Withdrawn", ClassStatus.UNKNOWN),
    ],
)
def test_a_class_status_is_read_from_the_beginning_of_its_word(word: str | None, status: ClassStatus) -> None:
    found = parsed(class_row(STATUS=word))

    assert (found.status, found.status_word) == (status, word or "")


def test_an_absent_status_counts_as_in_progress() -> None:
    row = class_row()
    del row["STATUS"]

    assert parsed(row).status is ClassStatus.IN_PROGRESS


@pytest.mark.parametrize(
    ("shown", "day"),
    [
        ("2026-02-02 00:00", date(2026, 2, 2)),
        ("2026-02-02 23:59:59", date(2026, 2, 2)),
        ("2026-02-02", date(2026, 2, 2)),
        ("2026-02-02T08:00:00.000", date(2026, 2, 2)),
        (None, None),
        ("", None),
        ([], None),
        ("1900-01-01 00:00", None),
    ],
)
def test_a_date_is_the_calendar_day_shown_in_any_precision(shown: Any, day: date | None) -> None:
    assert parsed(class_row(ACTIVITIES=[unit_row(FINISHDATE=shown)])).units[0].end == day


@pytest.mark.parametrize(
    "shown", ["03/04/2026", "2026-02-30 00:00", "soon", 20260202, {"DATE": "2026-02-02"}]
)
def test_a_date_with_two_meanings_or_none_sets_its_record_aside(shown: Any) -> None:
    refused = refusal(class_row(ACTIVITIES=[unit_row(FINISHDATE=shown)]))

    assert refused.key == "880123/9300411"
    assert "units.0.end" in refused.reason


@pytest.mark.parametrize(
    ("shown", "code"), [("70", "70"), (70, "70"), (" 20 ", "20"), ("", ""), (None, ""), ("0", "0"), (0, "0")]
)
def test_an_outcome_is_a_trimmed_text_and_nothing_is_blank_and_not_0(shown: Any, code: str) -> None:
    assert parsed(class_row(ACTIVITIES=[unit_row(OUTCOMECODE=shown)])).units[0].outcome == code


def test_a_unit_row_that_hides_its_outcome_is_not_taken_for_blank() -> None:
    hidden = unit_row()
    del hidden["OUTCOMECODE"]

    assert "no outcome code" in refusal(class_row(ACTIVITIES=[hidden])).reason


def test_the_place_of_a_person_in_a_class_is_read_whole() -> None:
    found = parsed(class_row(SURNAME=None))

    assert found == ClassEnrolment(
        contact_id=ContactId(22041), class_id=ClassId(880123), enrol_id=9300411, template_id=7001, qualification="CHC43121",
        status=ClassStatus.IN_PROGRESS, status_word="In Progress", enrolled_at=datetime(2026, 1, 28, 9, 40),
        start=date(2026, 2, 2), finish=None, email="mia@example.org", given="Mia", surname="",
        unit_count=1, units=found.units,
    )  # fmt: skip
    assert (found.units[0].unit_id, found.units[0].start) == (51001, date(2026, 2, 2))


def test_a_tentative_enrolment_has_no_units() -> None:
    assert parsed(class_row(STATUS="Tentative", ACTIVITIES=[])).unit_count == 0


@pytest.mark.parametrize("field", ["CONTACTID", "INSTANCEID", "ID"])
def test_an_id_that_is_no_number_sets_the_record_aside_without_its_person(field: str) -> None:
    refused = refusal(class_row(**{field: "abc"}))

    assert "whole number" in refused.reason
    assert "Mia" not in str(refused)
    assert "example.org" not in str(refused)


@pytest.mark.parametrize("body", [b"null", b"[1,2]", b'"text"'])
def test_a_record_of_another_shape_is_set_aside(body: bytes) -> None:
    with pytest.raises(Unreadable, match="here"):
        translate.parse(Raw(Kind.CLASS_ENROLMENT, "", "here", "", body))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Enrolled", ModuleStatus.ENROLLED),
        ("1", ModuleStatus.ENROLLED),
        ("in progress", ModuleStatus.IN_PROGRESS),
        ("In-Progress", ModuleStatus.IN_PROGRESS),
        ("2", ModuleStatus.IN_PROGRESS),
        ("Completed", ModuleStatus.OTHER),
        ("3", ModuleStatus.OTHER),
        ("", ModuleStatus.OTHER),
    ],
)
def test_only_two_module_statuses_are_open(word: str, status: ModuleStatus) -> None:
    assert translate.module_status(word) is status


@pytest.mark.parametrize(
    ("cell", "override"),
    [
        (True, True), ("true", True), ("1", True), (1, True), ("Unlocked", True),
        (False, False), ("FALSE", False), ("0", False), (0, False), ("Locked", False),
        (None, None), ("", None), ("None", None),
        ("Yes", UNKNOWN), ("?", UNKNOWN),
    ],
)  # fmt: skip
def test_an_override_is_read_by_its_word_and_never_guessed(cell: Any, override: Any) -> None:
    assert translate.access_override(cell) is override


def test_a_module_row_is_read_from_its_short_form() -> None:
    body = orjson.dumps(["41877", 22041, "880123", 9300411, "Ethics", "Enrolled", "2026-02-02", "", "Locked"])

    found = translate.parse(Raw(Kind.MODULE_ENROLMENT, "22041", "41877", "880123", body))

    assert (found.module_enrolment_id, found.start, found.end, found.override) == (  # type: ignore[union-attr]
        41877, date(2026, 2, 2), None, False,
    )  # fmt: skip


@pytest.mark.parametrize("value", [True, None, "", "12a", 1.5, [], "1,000"])
def test_a_whole_number_is_never_guessed(value: Any) -> None:
    with pytest.raises(ValueError):
        payloads.whole_number(value)
