"""Lists of class enrolments: pages, movement between them, spelling, and what is no list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connector.domain.learner import ClassId, ContactId
from connector.errors import AccessDenied, Unavailable, UnexpectedPayload
from connector.platforms.axcelerate import AxcelerateVet
from connector.platforms.port import Batch, Kind, Raw, VetScope
from tests.platforms.axcelerate.samples import (
    class_detail,
    class_row,
    class_rows,
    error,
    report,
    report_fields,
    unit_row,
)
from tests.platforms.axcelerate.stand_in import Asked, Reply, StandIn

CLASS = ClassId(880123)
ONE_CLASS = VetScope(classes=(CLASS,), units=frozenset({"CHCLEG003"}))
LIST = "GET /course/enrolments"


def pages_of(rows: list[Any]) -> Callable[[Asked], Reply]:
    """A list that honours offset and limit, with 204 for an empty page."""

    def reply(asked: Asked) -> Reply:
        query = dict(asked.query)
        start = int(query["offset"])
        page = rows[start : start + int(query["limit"])]
        return (200, page) if page else (204, None)

    return reply


def records(vet: AxcelerateVet, scope: VetScope) -> list[Raw]:
    return [record for batch in vet.read(scope) for record in batch.records]


def enrol_ids(found: list[Raw]) -> list[int]:
    return [int(record.key.split("/")[1]) for record in found]


def test_a_list_is_read_to_the_page_that_is_shorter_than_asked(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = pages_of(class_rows(1, 25))
    vet = axcelerate.vet(page_size=10)

    found = records(vet, ONE_CLASS)

    assert enrol_ids(found) == list(range(1, 26))
    assert [dict(asked.query) for asked in axcelerate.asked] == [
        {"instanceID": "880123", "type": "p", "offset": offset, "limit": "10"} for offset in ("0", "10", "20")
    ]
    assert (vet.calls.read, vet.calls.floor) == (3, 3)


def test_a_list_of_whole_pages_ends_at_the_empty_one(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = pages_of(class_rows(1, 20))
    vet = axcelerate.vet(page_size=10)

    assert len(records(vet, ONE_CLASS)) == 20
    assert (vet.calls.read, vet.calls.floor) == (3, 3)


@pytest.mark.parametrize("nothing", [(204, None), (200, []), (404, b""), (404, error("404", "Not Found"))])
def test_every_way_to_say_nothing_is_an_empty_list(axcelerate: StandIn, nothing: Reply) -> None:
    axcelerate.replies[LIST] = nothing

    assert list(axcelerate.vet().read(ONE_CLASS)) == [Batch("class:880123", [])]


def test_a_row_that_moved_behind_us_is_found_by_a_second_reading(axcelerate: StandIn) -> None:
    before, after = class_rows(1, 25), class_rows(1, 25)
    after.insert(0, after.pop(20))  # the 21st row jumps to the front after the first page was read

    def reply(asked: Asked) -> Reply:
        rows = before if len(axcelerate.asked) == 1 else after
        return pages_of(rows)(asked)

    axcelerate.replies[LIST] = reply
    vet = axcelerate.vet(page_size=10)

    found = enrol_ids(records(vet, ONE_CLASS))

    assert sorted(found) == list(range(1, 26))
    assert len(found) == len(set(found))
    assert vet.calls.floor == 3


def test_a_server_that_ignores_the_offset_ends_the_reading_with_an_error(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (200, class_rows(1, 10))

    with pytest.raises(UnexpectedPayload, match="nothing new"):
        records(axcelerate.vet(page_size=10), ONE_CLASS)

    assert len(axcelerate.asked) == 2


def test_a_page_longer_than_asked_leaves_no_hole(axcelerate: StandIn) -> None:
    rows = class_rows(1, 25)
    axcelerate.replies[LIST] = lambda asked: (200, rows[int(dict(asked.query)["offset"]) :][:12])

    assert enrol_ids(records(axcelerate.vet(page_size=10), ONE_CLASS)) == list(range(1, 26))


def test_rows_of_another_class_are_left_out_when_the_filter_is_ignored(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (200, [class_row(), class_row(INSTANCEID=880999, ENROLID=2)])

    assert [record.group for record in records(axcelerate.vet(), ONE_CLASS)] == ["880123"]


def test_only_units_of_the_mapping_are_kept_and_all_are_counted(axcelerate: StandIn) -> None:
    activities = [unit_row(), unit_row(ID=51002, CODE="HLTWHS002"), {"TYPE": "w", "ID": 1}]
    axcelerate.replies[LIST] = (200, [class_row(ACTIVITIES=activities)])
    vet = axcelerate.vet()

    (enrolment,) = map(vet.parse, records(vet, ONE_CLASS))

    assert [unit.code for unit in enrolment.units] == ["CHCLEG003"]  # type: ignore[union-attr]
    assert enrolment.unit_count == 2  # type: ignore[union-attr]


def lower_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): lower_keys(inner) for key, inner in value.items()}
    return [lower_keys(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "row",
    [
        lower_keys(class_row()),
        class_row(CONTACTID="22041", INSTANCEID="880123", ENROLID=9300411.0),
        {key: value for key, value in class_row().items() if key != "ENROLID"},
        {key: value for key, value in class_row().items() if key != "LASTUPDATEDUTC"},
        class_row(ENROLMENTDATE="2026-01-28 09:40:00", STARTDATE="2026-02-02"),
    ],
    ids=["lower keys", "ids as text", "no enrol id", "no last update", "other precision"],
)
def test_a_row_means_the_same_in_every_spelling(axcelerate: StandIn, row: Any) -> None:
    axcelerate.replies[LIST] = [(200, [class_row()]), (200, [row])]
    vet = axcelerate.vet()

    (usual,), (other,) = records(vet, ONE_CLASS), records(vet, ONE_CLASS)

    assert other[:4] == usual[:4]
    assert vet.parse(other) == vet.parse(usual)


def test_bytes_do_not_change_with_what_nobody_edited(axcelerate: StandIn) -> None:
    two = [unit_row(ID=51002), unit_row()]
    axcelerate.replies[LIST] = [
        (200, [class_row(ACTIVITIES=two)]),
        (200, [class_row(ACTIVITIES=two[::-1], LASTUPDATEDUTC="2026-04-01 10:00", AMOUNTPAID="12.50")]),
    ]
    vet = axcelerate.vet()

    assert records(vet, ONE_CLASS) == records(vet, ONE_CLASS)


def test_a_row_without_ids_is_yielded_under_its_place_and_stops_nothing(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (200, [class_row(CONTACTID=None), "oops", class_row(ENROLID=2, LEARNERID=2)])

    found = records(axcelerate.vet(), ONE_CLASS)

    assert [(record.owner, record.key) for record in found] == [
        ("", "class:880123 offset 0 row 0"),
        ("", "class:880123 offset 0 row 1"),
        ("22041", "880123/2"),
    ]


def test_a_qualification_is_read_by_the_templates_that_carry_its_exact_code(axcelerate: StandIn) -> None:
    courses = [
        {"ID": 7001, "TYPE": "p", "CODE": "CHC43121"},
        {"ID": 7002, "TYPE": "p", "CODE": "CHC43121", "STREAMNAME": "Ageing"},
        {"ID": 7003, "TYPE": "p", "CODE": "CHC43121X"},
    ]
    axcelerate.replies["GET /courses/"] = [(200, courses), (204, None)]
    axcelerate.replies[LIST] = pages_of([class_row()])
    vet = axcelerate.vet()

    found = records(vet, VetScope(qualifications=("CHC43121",)))

    assert [dict(asked.query)["ID"] for asked in axcelerate.of("GET", "/course/enrolments")] == [
        "7001",
        "7002",
    ]
    assert len(found) == 1
    assert (vet.calls.read, vet.calls.floor, vet.calls.other) == (2, 2, 2)


def test_a_qualification_that_the_account_does_not_show_is_never_an_empty_list(axcelerate: StandIn) -> None:
    axcelerate.replies["GET /courses/"] = (204, None)

    with pytest.raises(UnexpectedPayload, match="CHC43121"):
        records(axcelerate.vet(), VetScope(qualifications=("CHC43121",)))


def test_one_person_is_read_with_one_call_for_all_lists(axcelerate: StandIn) -> None:
    rows = [class_row(), class_row(INSTANCEID=880999, ENROLID=2), class_row(INSTANCEID=5, ID=7, ENROLID=3)]
    axcelerate.replies[LIST] = (200, rows)
    axcelerate.replies["GET /courses/"] = (200, [{"ID": 7, "TYPE": "p", "CODE": "BSB10120"}])
    vet = axcelerate.vet()
    scope = VetScope(classes=(CLASS,), qualifications=("BSB10120",), contact=ContactId(22041))

    batches = list(vet.read(scope))

    assert [(batch.listing, enrol_ids(batch.records)) for batch in batches] == [
        ("contact:22041", [9300411, 3])
    ]
    assert ("contactID", "22041") in axcelerate.of("GET", "/course/enrolments")[0].query
    assert vet.calls.read == 1


def test_a_person_out_of_sight_has_no_enrolments(axcelerate: StandIn) -> None:
    hidden = error("412", "You are not allowed to view this contact.", "User no: 0")
    axcelerate.replies[LIST] = [(200, hidden), (412, hidden), (403, hidden)]
    vet = axcelerate.vet()

    for _ in range(3):
        assert vet.class_enrolments(ContactId(22041), CLASS) == []
    assert records(vet, VetScope(classes=(CLASS,), contact=ContactId(22041))) == []


def test_a_page_of_other_people_is_no_proof_that_somebody_is_gone(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = [(200, class_rows(1, 100)), (200, class_rows(1, 20))]
    vet = axcelerate.vet()

    with pytest.raises(UnexpectedPayload, match="list of others"):
        vet.class_enrolments(ContactId(22041), CLASS)
    assert vet.class_enrolments(ContactId(22041), CLASS) == []


def test_other_people_are_left_out_of_one_persons_reading(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (200, [class_row(), class_row(CONTACTID=5, ENROLID=2)])

    found = records(axcelerate.vet(), VetScope(whole_account=True, contact=ContactId(22041)))

    assert [record.owner for record in found] == ["22041"]


def test_details_are_read_once_for_each_class_seen(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (200, [class_row(), class_row(ENROLID=2, INSTANCEID=880124)])
    axcelerate.replies["GET /course/instance/detail"] = lambda asked: (
        (200, class_detail()) if ("instanceID", "880123") in asked.query else (404, error("404", "none"))
    )
    vet = axcelerate.vet()

    found = records(vet, VetScope(whole_account=True, details=True))

    (detail,) = [vet.parse(record) for record in found if record.kind is Kind.TRAINING_CLASS]
    assert (detail.class_id, detail.reporting_standard) == (880123, "QLD DETE (DETConnect)")  # type: ignore[union-attr]
    assert (vet.calls.read, vet.calls.floor) == (3, 3)


def test_modules_of_many_classes_are_read_fifty_classes_a_report(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (204, None)
    axcelerate.replies["GET /report/fields"] = (200, report_fields())
    axcelerate.replies["POST /report/run"] = (200, report([]))
    classes = tuple(ClassId(number) for number in range(1, 121))
    vet = axcelerate.vet()

    records(vet, VetScope(whole_account=True, modules=True, module_classes=classes))

    assert len(axcelerate.of("POST", "/report/run")) == 3
    assert (vet.calls.read, vet.calls.floor) == (4, 4)


@pytest.mark.parametrize("status", [401, 403])
def test_refused_tokens_deny_access(axcelerate: StandIn, status: int) -> None:
    axcelerate.replies[LIST] = (status, error(str(status), "No API token provided"))

    with pytest.raises(AccessDenied):
        records(axcelerate.vet(), ONE_CLASS)


@pytest.mark.parametrize("lower", [False, True], ids=["upper", "lower"])
def test_a_good_status_with_an_error_body_is_no_list(axcelerate: StandIn, lower: bool) -> None:
    axcelerate.replies[LIST] = (
        200,
        error("412", "Validation Error.", "instanceID is not numeric.", lower=lower),
    )

    with pytest.raises(UnexpectedPayload, match="not numeric"):
        records(axcelerate.vet(), ONE_CLASS)


def test_a_fault_of_the_server_under_a_good_status_is_asked_again(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = [(200, error("0", "key [TYPE] doesn't exist")), (200, [class_row()])]

    assert len(records(axcelerate.vet(), ONE_CLASS)) == 1


@pytest.mark.parametrize("body", [b"<html>sign in</html>", {"CONTACTID": 1}, b"", b'[{"CONTACTID": 22'])
def test_what_is_no_list_is_not_taken_for_one(axcelerate: StandIn, body: Any) -> None:
    axcelerate.replies[LIST] = (200, body)

    with pytest.raises((UnexpectedPayload, Unavailable)):
        records(axcelerate.vet(), ONE_CLASS)


def test_a_web_page_saying_not_found_is_a_wrong_address_and_not_an_empty_list(axcelerate: StandIn) -> None:
    axcelerate.replies[LIST] = (404, b"<html>Not found</html>")

    with pytest.raises(UnexpectedPayload, match="API address"):
        records(axcelerate.vet(), ONE_CLASS)
