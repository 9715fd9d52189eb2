"""The report of module enrolments under every style of answer that was met."""

from __future__ import annotations

from datetime import date
from typing import Any

import orjson
import pytest

from connector.domain.enrolment import ModuleEnrolment, ModuleStatus
from connector.domain.learner import UNKNOWN, ClassId, ContactId
from connector.errors import UnexpectedPayload
from connector.platforms.axcelerate import AxcelerateVet
from tests.platforms.axcelerate.samples import FIELD_LABELS, error, module_row, report, report_fields
from tests.platforms.axcelerate.stand_in import Reply, StandIn

MIA, CLASS = ContactId(22041), ClassId(880123)
OVERRIDE = "learningmoduleenrolments.accessoverride"
FIELD_OF = {label: name for name, label in FIELD_LABELS.items()} | {"Access Override": OVERRIDE}


def as_fields(row: dict[str, Any]) -> dict[str, Any]:
    return {FIELD_OF[label]: cell for label, cell in row.items()}


def as_upper(row: dict[str, Any]) -> dict[str, Any]:
    return {FIELD_OF[label].partition(".")[2].upper(): cell for label, cell in row.items()}


def read(axcelerate: StandIn, answer: Any, *, fields: Any = None, **options: Any) -> list[ModuleEnrolment]:
    axcelerate.replies["GET /report/fields"] = (200, report_fields() if fields is None else fields)
    axcelerate.replies["POST /report/run"] = (200, answer)
    vet: AxcelerateVet = axcelerate.vet(**options)
    return vet.module_enrolments(MIA, CLASS)


@pytest.mark.parametrize("as_text", [False, True], ids=["rows", "rows as text"])
@pytest.mark.parametrize("style", [dict, as_fields, as_upper], ids=["labels", "field names", "upper case"])
def test_every_key_style_gives_the_same_module(axcelerate: StandIn, style: Any, as_text: bool) -> None:
    rows = [style(module_row(**{"Access Override": "true", "End Date": "2026-06-01"}))]
    data = orjson.dumps(rows).decode() if as_text else rows

    (module,) = read(axcelerate, report(rows, DATA=data), fields=report_fields(OVERRIDE))

    assert module == ModuleEnrolment(
        module_enrolment_id=41877, contact_id=MIA, class_id=CLASS, enrol_id=9300411, name="Ethics",
        status=ModuleStatus.IN_PROGRESS, status_word="In Progress",
        start=date(2026, 2, 2), end=date(2026, 6, 1), override=True,
    )  # fmt: skip


def as_query(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"COLUMNS": list(rows[0]), "DATA": [list(row.values()) for row in rows]}


def as_query_of_rows(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {"columns": list(rows[0]), "rows": [list(row.values()) for row in rows]}


def as_query_by_column(rows: list[dict[str, Any]]) -> dict[str, Any]:
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    return {"ROWCOUNT": len(rows), "COLUMNS": list(columns), "DATA": columns}


@pytest.mark.parametrize("as_text", [False, True], ids=["query", "query as text"])
@pytest.mark.parametrize("form", [as_query, as_query_of_rows, as_query_by_column])
def test_a_coldfusion_query_is_read_like_rows(axcelerate: StandIn, form: Any, as_text: bool) -> None:
    rows = [
        module_row(),
        module_row(**{"Module Enrolment ID": 41878, "Module Name": "Risk", "End Date": "2026-06-01"}),
    ]
    data = orjson.dumps(form(rows)).decode() if as_text else form(rows)
    fields = report_fields()
    fields["VIEWFIELDS"] = form(fields["VIEWFIELDS"])

    modules = read(axcelerate, report(rows, DATA=data), fields=fields)

    assert modules == read(axcelerate, report(rows))
    assert [one.name for one in modules] == ["Ethics", "Risk"]


def test_a_query_whose_rows_do_not_fit_its_columns_is_refused(axcelerate: StandIn) -> None:
    query = as_query([module_row()])
    query["DATA"][0].pop()

    with pytest.raises(UnexpectedPayload):
        read(axcelerate, report([module_row()], DATA=query))


@pytest.mark.parametrize(
    "refusal",
    [
        (403, error("403", "Not allowed")),
        (200, error("403", "No permission")),
        (412, error("412", "Unknown")),
    ],
)
def test_a_report_is_read_where_the_account_may_not_list_its_columns(
    axcelerate: StandIn, refusal: Reply
) -> None:
    axcelerate.replies["GET /report/fields"] = refusal
    axcelerate.replies["POST /report/run"] = (200, report([module_row()]))

    (module,) = axcelerate.vet().module_enrolments(MIA, CLASS)

    assert (module.enrol_id, module.override) == (9300411, UNKNOWN)


def test_an_accounts_own_labels_are_followed(axcelerate: StandIn) -> None:
    fields = report_fields(
        **{"enrolments.enrolid": "Place No.", "learningmoduleenrolments.enddate": "To be done by"}
    )
    row = module_row(**{"Place No.": 9300411, "To be done by": "2026-06-01"})
    del row["Enrolment ID"], row["End Date"]

    (module,) = read(axcelerate, report([row]), fields=fields)

    assert (module.enrol_id, module.end) == (9300411, date(2026, 6, 1))


def test_a_label_that_two_columns_share_is_not_guessed(axcelerate: StandIn) -> None:
    fields = report_fields(**{"enrolments.enrolid": "Number", "contacts.contactid": "Number"})
    row = module_row(Number=1)
    del row["Enrolment ID"], row["Contact ID"]

    with pytest.raises(UnexpectedPayload, match=r"contacts.contactid, enrolments.enrolid"):
        read(axcelerate, report([row]), fields=fields)


@pytest.mark.parametrize(
    ("name", "cell", "override"),
    [
        (OVERRIDE, "false", False),
        ("learningmoduleenrolments.overridestatus", "", None),
        ("learningmoduleenrolments.isoverridden", "true", True),
        (None, None, UNKNOWN),
    ],
)
def test_the_override_column_is_found_by_its_name_or_else_unknown(
    axcelerate: StandIn, name: str | None, cell: Any, override: Any
) -> None:
    row = module_row(**({"Access Override": cell} if name else {}))

    (module,) = read(axcelerate, report([row]), fields=report_fields(name))

    (run,) = axcelerate.of("POST", "/report/run")
    assert module.override is override
    assert (name or "override") in dict(run.form)["selectedViewFields"] or name is None


def test_an_override_column_that_the_answer_leaves_out_is_unknown(axcelerate: StandIn) -> None:
    (module,) = read(axcelerate, report([module_row()]), fields=report_fields(OVERRIDE))

    assert module.override is UNKNOWN


def test_an_account_that_does_not_list_its_columns_is_read_by_the_sample(axcelerate: StandIn) -> None:
    (module,) = read(axcelerate, report([module_row()]), fields={})

    assert (module.enrol_id, module.override) == (9300411, UNKNOWN)


@pytest.mark.parametrize(
    "answer",
    [
        report([], SUCCESS=False, ERRORMSG="Field not available"),
        {"success": "false", "errorMsg": "no", "data": ""},
        {"DATA": []},
        report([module_row()], COUNT=2),
        report([module_row()], DATA="[{"),
        report([module_row()], DATA={"COLUMNS": []}),
        report([{key: cell for key, cell in module_row().items() if key != "End Date"}]),
        error("412", "Validation Error."),
    ],
    ids=["failed", "failed in text", "no success", "cut", "broken text", "no rows", "no end date", "error"],
)
def test_what_is_no_whole_report_is_refused(axcelerate: StandIn, answer: Any) -> None:
    with pytest.raises(UnexpectedPayload):
        read(axcelerate, answer)


@pytest.mark.parametrize("answer", [report([]), report([], DATA=""), report([], DATA="[]")])
def test_a_report_without_rows_is_empty(axcelerate: StandIn, answer: Any) -> None:
    assert read(axcelerate, answer) == []


def test_a_column_that_some_rows_leave_out_is_empty_there(axcelerate: StandIn) -> None:
    without = {
        key: cell for key, cell in module_row(**{"Module Enrolment ID": 2}).items() if key != "End Date"
    }

    modules = read(axcelerate, report([module_row(**{"End Date": "2026-06-01"}), without]))

    assert [module.end for module in modules] == [date(2026, 6, 1), None]


def test_rows_of_others_are_left_out_when_the_filter_is_ignored(axcelerate: StandIn) -> None:
    others = [module_row(**{"Class ID": "880999"}), module_row(**{"Contact ID": 5})]

    assert read(axcelerate, report(others)) == []


def test_a_status_number_is_read_through_the_accounts_list(axcelerate: StandIn) -> None:
    words = [{"VALUE": 1, "DISPLAY": "Enrolled"}, {"VALUE": 7, "DISPLAY": "In Progress"}]
    axcelerate.replies["GET /report/field"] = (200, {"NAME": "statusid", "VALUEOPTIONS": words})

    (module,) = read(axcelerate, report([module_row(Status=7)]))

    (asked,) = axcelerate.of("GET", "/report/field")
    assert asked.query == [("fieldReference", "learningmoduleenrolments.statusid")]
    assert module.status is ModuleStatus.IN_PROGRESS


@pytest.mark.parametrize("reply", [(404, b""), (200, {"VALUEOPTIONS": []}), (412, error("412", "no"))])
def test_a_status_number_that_nothing_explains_is_finished(axcelerate: StandIn, reply: Reply) -> None:
    axcelerate.replies["GET /report/field"] = reply

    (module,) = read(axcelerate, report([module_row(Status="9")]))

    assert module.status is ModuleStatus.OTHER


def test_days_with_slashes_are_read_where_the_account_is_set_to_them(axcelerate: StandIn) -> None:
    row = module_row(**{"Start Date": "02/03/2026", "End Date": ""})

    (module,) = read(axcelerate, report([row]), report_dates="dmy")

    assert (module.start, module.end) == (date(2026, 3, 2), None)
