"""What the simulated aXcelerate account accepts, refuses, and does with it."""

from __future__ import annotations

import json
from datetime import date

import pytest

from .conftest import END, FEBRUARY, JULY, MIA, PERTH, SAM, SARI


def test_a_unit_takes_a_code_and_dates_and_the_answer_does_not_echo_them(axcelerate):
    answer = axcelerate.put_unit(competent=20, activityStartDate="2026-02-03", activityEndDate="2026-03-01")

    assert answer.json() == {"STATUS": "success", "MSG": "Enrolment was updated successfully."}
    unit = axcelerate.unit()
    assert (unit["OUTCOMECODE"], unit["STATUS"]) == ("20", "C")
    assert (unit["STARTDATE"], unit["FINISHDATE"]) == ("2026-02-03 00:00", "2026-03-01 00:00")


def test_what_is_not_sent_stays(axcelerate):
    axcelerate.put_unit(activityEndDate="2026-06-30")

    unit = axcelerate.unit()
    assert (unit["OUTCOMECODE"], unit["STARTDATE"]) == ("70", "2026-02-02 00:00")
    assert unit["FINISHDATE"] == "2026-06-30 00:00"


def test_a_unit_may_be_named_by_its_code(axcelerate):
    answer = axcelerate.put_unit(instanceID="", subjectCode="CHCLEG003", competent=85)

    assert answer.status_code == 200
    assert axcelerate.unit(code="CHCLEG003")["OUTCOMECODE"] == "85"


def test_a_units_instance_id_is_nobodys_unit_id(axcelerate):
    refused = axcelerate.put_unit(instanceID=axcelerate.unit()["INSTANCEID"], competent=20)

    assert refused.status_code == 412
    assert axcelerate.unit()["OUTCOMECODE"] == "70"


@pytest.mark.parametrize(("how", "status"), [("404", 404), ("412", 412), ("error_200", 200)])
def test_an_unknown_unit_or_class_is_refused_as_the_account_does_it(axcelerate, how, status):
    axcelerate.box.switches.unknown_unit = axcelerate.box.switches.unknown_record = how

    for wrong in ({"instanceID": 99999}, {"programInstanceID": PERTH}, {"contactID": 1}):
        answer = axcelerate.put_unit(**wrong, competent=20)
        assert (answer.status_code, answer.json()["ERROR"]) == (status, True)


def test_the_class_is_needed_and_may_have_an_alias(axcelerate):
    wanted = {"contactID": MIA, "classID": FEBRUARY, "instanceID": 51001, "type": "s", "competent": 30}

    assert "programInstanceID is undefined" in axcelerate.put("/course/enrolment", **wanted).json()["DETAILS"]
    axcelerate.box.switches.class_id_alias = True
    assert axcelerate.put("/course/enrolment", **wanted).status_code == 200


@pytest.mark.parametrize("wrong", [{"competent": 21}, {"competent": "C"}, {"activityEndDate": "29/05/2026"}])
def test_nonsense_is_refused_whole(axcelerate, wrong):
    refused = axcelerate.put_unit(**({"activityStartDate": "2026-02-20"} | wrong))

    assert refused.status_code == 412
    assert axcelerate.unit()["STARTDATE"] == "2026-02-02 00:00"


@pytest.mark.parametrize(
    ("mode", "status", "end"), [("accept", 200, None), ("412", 412, None), ("fill", 200, "2026-03-10 00:00")]
)
def test_a_final_code_without_an_end_date(axcelerate, mode, status, end):
    axcelerate.box.switches.final_without_end = mode

    answer = axcelerate.put_unit(instanceID=51002, competent=20)

    assert answer.status_code == status
    assert axcelerate.unit(code="CHCLEG003")["FINISHDATE"] == end


@pytest.mark.parametrize(("mode", "code"), [("allow", "30"), ("412", "20")])
def test_a_final_code_over_a_final_code(axcelerate, mode, code):
    axcelerate.box.switches.overwrite_final = mode

    axcelerate.put_unit(contactID=SAM, competent=30)

    assert axcelerate.unit(SAM)["OUTCOMECODE"] == code


def test_a_code_of_another_jurisdiction_is_refused_only_where_the_account_checks(axcelerate):
    western = {"contactID": SARI, "programInstanceID": PERTH}
    axcelerate.box.switches.jurisdiction_check = True

    assert axcelerate.put_unit(**western, competent=20).status_code == 412
    assert axcelerate.put_unit(**western, competent=5).status_code == 200
    axcelerate.box.switches.jurisdiction_check = False
    assert axcelerate.put_unit(**western, competent=20).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [
        {"activityEndDate": "2026-01-01"},
        {"competent": 20, "activityEndDate": "2026-03-11"},
        {"competent": 20},
    ],
)
def test_dates_may_be_checked(axcelerate, wrong):
    axcelerate.box.switches.date_check = "412"

    assert axcelerate.put_unit(**wrong).status_code == 412
    axcelerate.box.switches.date_check = "accept"
    assert axcelerate.put_unit(**wrong).status_code == 200


def test_a_mandatory_field_blocks_a_final_code_until_it_is_there(axcelerate):
    axcelerate.box.switches.mandatory_unit_field = "evidence"

    refused = axcelerate.put_unit(competent=20)
    accepted = axcelerate.put_unit(competent=20, customField_evidence="portfolio")

    assert "EVIDENCE is mandatory" in refused.json()["DETAILS"]
    assert accepted.status_code == 200
    assert axcelerate.unit()["CUSTOMFIELD_EVIDENCE"] == "portfolio"


@pytest.mark.parametrize(
    ("mode", "status", "end"),
    [("ignore", 200, "2026-05-29 00:00"), ("clear", 200, None), ("412", 412, "2026-05-29 00:00")],
)
def test_an_empty_date(axcelerate, mode, status, end):
    axcelerate.box.switches.empty_parameter = mode

    assert axcelerate.put_unit(activityEndDate="").status_code == status
    assert axcelerate.unit()["FINISHDATE"] == end


def test_success_may_carry_a_null_error(axcelerate):
    axcelerate.box.switches.success_error_null = True

    assert axcelerate.put_unit(competent=70).json()["ERROR"] is None


# Classes


def put_class(axcelerate, **form):
    return axcelerate.put(
        "/course/enrolment", **({"contactID": MIA, "instanceID": FEBRUARY, "type": "p"} | form)
    )


@pytest.mark.parametrize("word", ["canc", "comp"])
def test_a_place_with_open_units_cannot_end_and_nothing_of_the_request_happens(axcelerate, word):
    refused = put_class(axcelerate, enrolmentStatus=word, DateCommenced="2026-02-09")

    (row,) = axcelerate.enrolments(contactID=MIA)
    assert refused.status_code == 412
    assert (row["STATUS"], row["STARTDATE"]) == ("In Progress", "2026-02-02 00:00")


def test_a_place_ends_once_every_unit_is_final(axcelerate):
    axcelerate.put_unit(competent=40, activityEndDate="2026-03-01")
    axcelerate.put_unit(instanceID=51002, competent=40, activityEndDate="2026-03-01")

    assert put_class(axcelerate, enrolmentStatus="canc").status_code == 200

    (row,) = axcelerate.enrolments(contactID=MIA)
    assert (row["STATUS"], row["FINISHDATE"]) == ("Cancelled", "2026-03-10 00:00")


def test_a_place_with_units_cannot_become_tentative(axcelerate):
    assert put_class(axcelerate, enrolmentStatus="tent").status_code == 412


@pytest.mark.parametrize(
    ("word", "shown"), [("susp", "Suspended"), ("def", "Deferred"), ("ip", "In Progress")]
)
def test_the_status_of_a_place_is_set_by_its_short_word(axcelerate, word, shown):
    assert put_class(axcelerate, enrolmentStatus=word).status_code == 200

    (row,) = axcelerate.enrolments(contactID=MIA)
    assert row["STATUS"] == shown
    assert put_class(axcelerate, enrolmentStatus="paused").status_code == 412


def test_a_unit_may_move_the_date_of_its_place(axcelerate):
    axcelerate.put_unit(instanceID=51002, competent=20, activityEndDate="2026-03-01")
    axcelerate.put_unit(
        competent=20, activityEndDate="2026-03-05", updateClassEnrolmentCompletedOrExpectedDate="true"
    )

    (row,) = axcelerate.enrolments(contactID=MIA)
    assert row["FINISHDATE"] == "2026-03-05 00:00"


def test_a_finished_activity_completes_its_unit_where_the_account_automates_that(axcelerate):
    done = {
        "contactID": MIA,
        "instanceID": 3310,
        "type": "el",
        "enrolmentStatus": "Co",
        "activityEndDate": "2026-03-09",
    }

    assert axcelerate.put("/course/enrolment", **done).status_code == 200
    assert axcelerate.unit(code="CHCLEG003")["OUTCOMECODE"] == ""
    axcelerate.box.switches.native_automation = True
    axcelerate.put("/course/enrolment", **done)

    unit = axcelerate.unit(code="CHCLEG003")
    assert (unit["OUTCOMECODE"], unit["FINISHDATE"]) == ("20", "2026-03-09 00:00")
    assert axcelerate.put("/course/enrolment", **(done | {"contactID": SAM})).status_code == 412


def test_a_booked_workshop_can_be_updated_and_another_cannot(axcelerate):
    booked = {"contactID": MIA, "instanceID": 660100, "type": "w", "logType": "Booked"}

    assert axcelerate.put("/course/enrolment", **booked).status_code == 200
    assert axcelerate.put("/course/enrolment", **(booked | {"contactID": SARI})).status_code == 412
    assert axcelerate.put("/course/enrolment", **(booked | {"type": "x"})).status_code == 412


# Learning plans

PLAN = "/v2/learningPlan/modules/enrolments"
IDS = {"contactId": MIA, "enrolId": 9300411, "classId": FEBRUARY, "moduleEnrolmentId": 41877}


def module(axcelerate, number=41877):
    return next(row for row in axcelerate.box.rows("modules") if row["module_enrolment_id"] == number)


@pytest.mark.parametrize(("sent", "kept"), [("true", True), ("false", False), ("", None), ("1", True)])
def test_an_override_has_three_states_and_empty_clears_it(axcelerate, sent, kept):
    axcelerate.box.person.set_module(41877, override=not kept)

    answer = axcelerate.put(PLAN, **IDS, accessOverride=sent)

    assert answer.status_code == 200
    assert module(axcelerate)["override"] is kept


@pytest.mark.parametrize(("mode", "kept"), [("keep", True), ("clear", None)])
def test_an_override_that_is_not_sent(axcelerate, mode, kept):
    axcelerate.box.switches.override_omitted = mode
    axcelerate.box.person.set_module(41877, override=True)

    axcelerate.put(PLAN, **IDS, endDate="2026-04-30")

    assert (module(axcelerate)["override"], module(axcelerate)["end"]) == (kept, date(2026, 4, 30))


def test_the_answer_is_stale_unless_the_cache_is_declined(axcelerate):
    stale = axcelerate.put(PLAN, **IDS, endDate="2026-04-30").json()
    fresh = axcelerate.put(PLAN, **IDS, endDate="2026-05-01", useCache="false").json()

    assert (stale["endDate"], fresh["endDate"]) == (None, "2026-05-01")
    axcelerate.box.switches.v2_keys = "upper"
    assert axcelerate.put(PLAN, **IDS, useCache="false").json()["MODULEENROLMENTID"] == 41877


@pytest.mark.parametrize(
    "wrong", [{"contactId": SAM}, {"classId": JULY}, {"enrolId": 1}, {"moduleEnrolmentId": 41878}]
)
def test_all_four_ids_of_a_module_must_belong_together(axcelerate, wrong):
    refused = axcelerate.put(PLAN, **(IDS | wrong), endDate="2026-04-30")

    assert refused.status_code == 412
    assert module(axcelerate)["end"] is None


def test_a_module_refuses_nonsense_and_unknown_accounts_have_no_plans(axcelerate):
    assert axcelerate.put(PLAN, **IDS, accessOverride="maybe").status_code == 412
    assert axcelerate.put(PLAN, **IDS, startDate="01/04/2026").status_code == 412
    axcelerate.box.switches.learning_plans = "none"
    assert axcelerate.put(PLAN, **IDS, endDate="2026-04-30").status_code == 404


def test_staff_complete_a_module_and_the_automation_completes_the_open_units(axcelerate):
    axcelerate.box.switches.native_automation = True

    axcelerate.box.person.set_module(41877, status=3)

    assert {unit["outcome"] for unit in axcelerate.box.rows("units") if unit["contact_id"] == MIA} == {"20"}


# Reports


def run(axcelerate, *filters, fields="", reference="learningModuleEnrolments"):
    form = {"reportReference": reference, "selectedFilterFields": json.dumps(filters)}
    return axcelerate.post("/report/run", **form, **({"selectedViewFields": fields} if fields else {}))


def by_class(value):
    return {"name": "classes.classid", "value": str(value), "operator": "IN"}


def test_the_module_report_shows_what_was_asked_for(axcelerate):
    fields = "contacts.contactid,learningmoduleenrolments.enddate,learningmoduleenrolments.accessoverride"

    report = run(axcelerate, by_class(FEBRUARY), fields=fields).json()

    assert (report["SUCCESS"], report["COUNT"]) == (True, 2)
    assert report["DATA"] == [
        {"Contact ID": MIA, "End Date": "", "Access Override": ""},
        {"Contact ID": SAM, "End Date": "2026-05-29", "Access Override": "true"},
    ]


def test_without_view_fields_the_report_shows_its_own_and_no_override(axcelerate):
    (row, _) = run(axcelerate).json()["DATA"]

    assert row["Module Enrolment ID"] == 41877
    assert (row["Status"], row["Commencement Date"]) == ("In Progress", "2026-02-10")
    assert "Access Override" not in row


@pytest.mark.parametrize(
    ("style", "key"),
    [("labels", "End Date"), ("upper", "ENDDATE"), ("field", "learningmoduleenrolments.enddate")],
)
def test_report_keys_come_in_three_styles(axcelerate, style, key):
    axcelerate.box.switches.report_keys = style

    rows = run(axcelerate, by_class(FEBRUARY), fields="learningmoduleenrolments.enddate").json()["DATA"]

    assert rows == [{key: ""}, {key: "2026-05-29"}]


def test_report_cells_vary_with_the_account(axcelerate):
    switches = axcelerate.box.switches
    switches.report_data, switches.report_numbers, switches.report_dates = "string", "string", "dmy"
    switches.override_words = "locked"
    fields = "contacts.contactid,learningmoduleenrolments.enddate,learningmoduleenrolments.accessoverride"

    report = run(
        axcelerate, {"name": "contacts.contactid", "value": str(SAM), "operator": "in"}, fields=fields
    )

    assert report.json()["DATA"] == (
        f'[{{"Contact ID":"{SAM}","End Date":"29/05/2026","Access Override":"Unlocked"}}]'
    )


@pytest.mark.parametrize(
    ("name", "value", "operator", "people"),
    [
        ("learningmoduleenrolments.statusid", "1,2", "text IN", [MIA, SAM]),
        ("learningmoduleenrolments.statusid", "1", "IS", [SAM]),
        ("CONTACTS.CONTACTID", f"{MIA}, {SARI}", "in", [MIA]),
        ("learningmoduleenrolments.enddate", "28/05/2026", "after", [SAM]),
        ("learningmoduleenrolments.enddate", "29/05/2026", "on", [SAM]),
        ("learningmoduleenrolments.enddate", "29/05/2026", "before", []),
        ("contacts.fullname", "o'b", "contains", [SAM]),
        ("contacts.fullname", "mia", "startsWith", [MIA]),
        ("contacts.fullname", "mia", "doesNotContain", [SAM]),
        ("contacts.fullname", "brien", "endsWith", [SAM]),
    ],
)
def test_the_report_filters(axcelerate, name, value, operator, people):
    found = run(axcelerate, {"name": name, "value": value, "operator": operator}, fields="contacts.contactid")

    assert [row["Contact ID"] for row in found.json()["DATA"]] == people


def test_a_filter_between_two_values_names_both(axcelerate):
    both = {"name": "learningmoduleenrolments.enddate", "value": "01/05/2026", "value2": "29/05/2026"}

    found = run(axcelerate, both | {"operator": "between"}, fields="contacts.contactid").json()

    assert found["DATA"] == [{"Contact ID": SAM}]
    assert found["FILTERS"][0]["VALUE2"] == "29/05/2026"


@pytest.mark.parametrize(
    "wrong",
    [
        {"reference": "noSuchReport"},
        {"fields": "contacts.nothing"},
        {"filters": [{"name": "nothing", "value": "1", "operator": "IN"}]},
    ],
)
def test_a_report_that_fails_says_so_in_its_envelope(axcelerate, wrong):
    filters = wrong.pop("filters", [])

    envelope = run(axcelerate, *filters, **wrong).json()

    assert (envelope["SUCCESS"], envelope["DATA"]) == (False, [])
    assert envelope["ERRORMSG"]
    axcelerate.box.switches.report_failure = "412"
    assert run(axcelerate, *filters, **wrong).status_code == 412


def test_filters_must_be_strict_json(axcelerate):
    lax = axcelerate.post(
        "/report/run",
        reportReference="learningModuleEnrolments",
        selectedFilterFields="[{name:'classes.classid'}]",
    )

    assert lax.json()["SUCCESS"] is False


def test_the_override_column_is_there_only_where_the_account_offers_it(axcelerate):
    def offered():
        fields = axcelerate.get("/report/fields", reportReference="learningModuleEnrolments").json()
        return "learningmoduleenrolments.accessoverride" in {field["NAME"] for field in fields["VIEWFIELDS"]}

    assert offered()
    axcelerate.box.switches.override_column = "absent"
    assert not offered()
    refused = run(axcelerate, fields="learningmoduleenrolments.accessoverride")
    assert refused.json()["SUCCESS"] is False


@pytest.mark.parametrize(("listed", "ids"), [("three", ["1", "2", "3"]), ("five", ["1", "2", "3", "4", "5"])])
def test_the_module_statuses_are_listed(axcelerate, listed, ids):
    axcelerate.box.switches.module_status_list = listed

    field = axcelerate.get("/report/field", fieldReference="learningmoduleenrolments.statusid").json()

    assert [option["VALUE"] for option in field["VALUEOPTIONS"]] == ids
    assert field["VALUEOPTIONS"][1]["DISPLAY"] == "In Progress"


def test_the_module_statuses_may_not_be_available(axcelerate):
    axcelerate.box.switches.module_status_list = "unavailable"

    answer = axcelerate.get("/report/field", fieldReference="learningmoduleenrolments.statusid")

    assert answer.status_code == 412


def test_an_account_without_learning_plans_does_not_know_the_report(axcelerate):
    assert [one["LIVE_REPORTREFERENCE"] for one in axcelerate.get("/report/list").json()] == [
        "learningModuleEnrolments"
    ]
    axcelerate.box.switches.learning_plans = "none"

    assert axcelerate.get("/report/list").json() == []
    assert run(axcelerate, by_class(FEBRUARY)).json()["SUCCESS"] is False
    assert axcelerate.get("/report/fields", reportReference="learningModuleEnrolments").status_code == 412


def test_a_module_added_or_removed_by_staff_is_reported(axcelerate):
    person = axcelerate.box.person
    added = person.add_module(SARI, PERTH, "Ethics", end=END)
    person.remove_module(41877)

    rows = run(axcelerate, fields="learningmoduleenrolments.moduleenrolmentid").json()["DATA"]

    assert [row["Module Enrolment ID"] for row in rows] == [41878, added]
