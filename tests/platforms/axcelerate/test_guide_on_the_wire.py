"""The vendor's guide "Update Enrolment", step by step, as requests on the wire."""

from __future__ import annotations

from datetime import date

import orjson

from connector.domain.change import Override, UpdateModule, UpdateUnit
from connector.domain.enrolment import ModuleStatus
from connector.domain.learner import UNKNOWN, ClassId, ContactId, UnitId
from tests.platforms.axcelerate.samples import class_row, module_row, report, report_fields, unit_row
from tests.platforms.axcelerate.stand_in import StandIn

MIA, CLASS, LEGAL = ContactId(22041), ClassId(880123), UnitId(51001)
UPDATED = {"STATUS": "success", "MSG": "Enrolment was updated successfully."}


def an_update_of_a_module(**changes: object) -> UpdateModule:
    return UpdateModule(MIA, CLASS, enrol_id=9300411, module_enrolment_id=41877, **changes)  # type: ignore[arg-type]


def test_unit_enrolments_are_retrieved_by_contact_class_and_type(axcelerate: StandIn) -> None:
    elearning = {"TYPE": "el", "ID": 3310, "INSTANCEID": 3310, "LEARNERID": 9155, "NAME": "Ethics online"}
    axcelerate.replies["GET /course/enrolments"] = (
        200,
        [class_row(ACTIVITIES=[unit_row(ACTIVITIES=[elearning])])],
    )

    (enrolment,) = axcelerate.vet().class_enrolments(MIA, CLASS)

    (asked,) = axcelerate.asked
    assert asked.query == [("contactID", "22041"), ("instanceID", "880123"), ("type", "p")]
    assert (asked.headers["apitoken"], asked.headers["wstoken"]) == ("A-TOKEN", "W-TOKEN")
    assert [(unit.unit_id, unit.code, unit.outcome) for unit in enrolment.units] == [
        (51001, "CHCLEG003", "70")
    ]


def test_a_unit_is_updated_by_its_own_id_inside_the_class(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /course/enrolment"] = (200, UPDATED)

    axcelerate.vet().apply(
        UpdateUnit(MIA, CLASS, LEGAL, outcome="20", start=date(2026, 2, 2), end=date(2026, 5, 29))
    )

    (asked,) = axcelerate.asked
    assert asked.query == []
    assert sorted(asked.form) == [
        ("activityEndDate", "2026-05-29"),
        ("activityStartDate", "2026-02-02"),
        ("competent", "20"),
        ("contactID", "22041"),
        ("instanceID", "51001"),
        ("programInstanceID", "880123"),
        ("type", "s"),
    ]


def test_what_is_not_given_is_not_sent_for_a_unit(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /course/enrolment"] = (200, UPDATED)

    axcelerate.vet().apply(UpdateUnit(MIA, CLASS, LEGAL, end=date(2026, 5, 29)))

    names = {name for name, _ in axcelerate.asked[0].form}
    assert names == {"contactID", "instanceID", "programInstanceID", "type", "activityEndDate"}


def test_the_module_report_asks_for_the_columns_of_the_guide_and_every_status(axcelerate: StandIn) -> None:
    axcelerate.replies["GET /report/fields"] = (200, report_fields())
    axcelerate.replies["POST /report/run"] = (200, report([module_row()]))

    (module,) = axcelerate.vet().module_enrolments(MIA, CLASS)

    (listed,) = axcelerate.of("GET", "/report/fields")
    (run,) = axcelerate.of("POST", "/report/run")
    form = dict(run.form)
    assert listed.query == [("reportReference", "learningModuleEnrolments")]
    assert form["reportReference"] == "learningModuleEnrolments"
    assert form["selectedViewFields"] == (
        "contacts.contactid,contacts.fullname,learningmoduleenrolments.moduleenrolmentid,"
        "learningmoduleenrolments.modulename,learningmoduleenrolments.status,learningmoduleenrolments.startdate,"
        "learningmoduleenrolments.enddate,learningmoduleenrolments.commencementdate,"
        "learningmoduleenrolments.completiondate,classes.classid,classes.classdescriptor,enrolments.enrolid,"
        "enrolments.dateenrolled,enrolments.learningplanname"
    )
    assert orjson.loads(form["selectedFilterFields"]) == [
        {"name": "contacts.contactid", "value": "22041", "operator": "IN"},
        {"name": "classes.classid", "value": "880123", "operator": "IN"},
    ]
    assert (module.module_enrolment_id, module.enrol_id, module.status) == (
        41877,
        9300411,
        ModuleStatus.IN_PROGRESS,
    )
    assert (module.start, module.end, module.override) == (date(2026, 2, 2), None, UNKNOWN)


def test_a_module_is_updated_in_the_spelling_of_the_guide(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /v2/learningPlan/modules/enrolments"] = (200, {"moduleEnrolmentId": 41877})

    axcelerate.vet().apply(
        an_update_of_a_module(override=Override.UNLOCK, start=date(2026, 2, 2), end=date(2026, 6, 1))
    )

    (asked,) = axcelerate.asked
    assert (asked.path, asked.query) == ("/v2/learningPlan/modules/enrolments", [])
    assert sorted(asked.form) == [
        ("accessOverride", "true"),
        ("classId", "880123"),
        ("contactId", "22041"),
        ("endDate", "2026-06-01"),
        ("enrolId", "9300411"),
        ("moduleEnrolmentId", "41877"),
        ("startDate", "2026-02-02"),
        ("useCache", "false"),
    ]


def test_an_override_is_locked_cleared_by_an_empty_value_or_not_mentioned(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /v2/learningPlan/modules/enrolments"] = (204, None)
    vet = axcelerate.vet()

    for override in (Override.LOCK, Override.CLEAR, Override.LEAVE):
        vet.apply(an_update_of_a_module(override=override))

    sent = [[value for name, value in asked.form if name == "accessOverride"] for asked in axcelerate.asked]
    assert sent == [["false"], [""], []]


def test_a_module_update_without_dates_sends_no_empty_date(axcelerate: StandIn) -> None:
    axcelerate.replies["PUT /v2/learningPlan/modules/enrolments"] = (200, b"")

    axcelerate.vet().apply(an_update_of_a_module(override=Override.CLEAR))

    assert not {"startDate", "endDate"} & {name for name, _ in axcelerate.asked[0].form}
