"""Enrolments, contacts and classes as the simulated aXcelerate account lists them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from .conftest import END, FEBRUARY, JULY, MIA, PERTH, SAM, SARI, START


def test_a_class_row_nests_units_and_they_nest_workshops_and_elearning(axcelerate):
    (row,) = axcelerate.enrolments(contactID=MIA, instanceID=FEBRUARY, type="p")

    assert (row["TYPE"], row["ID"], row["INSTANCEID"], row["ENROLID"]) == ("p", 7001, FEBRUARY, 9300411)
    assert row["ENROLMENTDATE"] == "2026-01-29 09:40", "account time, not UTC"
    assert (row["STARTDATE"], row["FINISHDATE"], row["STATUS"]) == ("2026-02-02 00:00", None, "In Progress")
    safety, legal = row["ACTIVITIES"]
    assert (safety["TYPE"], safety["ID"], safety["OUTCOMECODE"], safety["STATUS"]) == ("s", 51001, "70", "CA")
    assert safety["FINISHDATE"] == "2026-05-29 00:00"
    assert safety["DELIVERY"] == {"CODE": 10, "DESCRIPTION": "Classroom-based"}
    assert (legal["OUTCOMECODE"], legal["FINISHDATE"]) == ("", None)
    assert [one["TYPE"] for one in legal["ACTIVITIES"]] == ["w", "el"]
    assert legal["ACTIVITIES"][0]["LEARNERID"] == safety["ACTIVITIES"][0]["LEARNERID"], (
        "one booking, shown twice"
    )


def test_a_unit_keeps_its_id_in_every_class_but_not_its_instance_id(axcelerate):
    mine, others = axcelerate.unit(), axcelerate.unit(SARI, PERTH)

    assert mine["ID"] == others["ID"] == 51001
    assert len({mine["INSTANCEID"], others["INSTANCEID"], 51001}) == 3


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [9300411, 9300412, 9300413]),
        ({"instanceID": FEBRUARY}, [9300411, 9300412]),
        ({"ID": 7002}, [9300413]),
        ({"contactID": SAM, "instanceID": PERTH}, []),
        ({"instanceID": FEBRUARY, "ID": 7002}, []),
        ({"limit": 2}, [9300411, 9300412]),
        ({"limit": 2, "offset": 2}, [9300413]),
        ({"limit": 2, "offset": 4}, []),
    ],
)
def test_listings_are_filtered_by_person_class_and_template_and_paged(axcelerate, filters, expected):
    assert [row["ENROLID"] for row in axcelerate.enrolments(**filters)] == expected


def test_a_hundred_rows_come_unless_more_are_asked_for(axcelerate):
    for number in range(120):
        contact = axcelerate.box.person.add_contact("Test", f"Learner{number}", f"t{number}@example.org")
        axcelerate.box.person.enrol(contact, JULY, start="2026-07-01")

    assert len(axcelerate.enrolments(instanceID=JULY)) == 100
    assert len(axcelerate.enrolments(instanceID=JULY, offset=100)) == 20
    assert len(axcelerate.enrolments(instanceID=JULY, limit=500)) == 120
    axcelerate.box.switches.limit_cap = 100
    assert len(axcelerate.enrolments(instanceID=JULY, limit=500)) == 100


def test_pages_may_overlap_and_still_hold_every_row(axcelerate):
    axcelerate.box.switches.page_overlap = True

    pages = [axcelerate.enrolments(limit=2, offset=offset) for offset in (0, 2, 4)]

    ids = [[row["ENROLID"] for row in page] for page in pages]
    assert ids == [[9300411, 9300412], [9300412, 9300413], [9300413]]


@pytest.mark.parametrize("name", ["lastUpdated", "enrolmentDate"])
def test_a_window_needs_both_ends_and_may_not_be_wide(axcelerate, name):
    too_wide = {f"{name}_min": "2025-11-01", f"{name}_max": "2026-03-01"}

    assert axcelerate.get("/course/enrolments", **{f"{name}_min": "2026-03-01"}).status_code == 412
    assert axcelerate.get("/course/enrolments", **too_wide).status_code == 412


def test_the_last_updated_window_is_read_in_account_time_though_the_field_is_utc(axcelerate):
    axcelerate.box.person.set_unit(MIA, FEBRUARY, "BSBWHS211", end="2026-06-01")
    (row,) = axcelerate.enrolments(contactID=MIA)

    local = axcelerate.enrolments(lastUpdated_min="2026-03-10 12:30", lastUpdated_max="2026-03-10 12:30")
    utc = axcelerate.enrolments(lastUpdated_min="2026-03-10 01:30", lastUpdated_max="2026-03-10 01:30")

    assert row["LASTUPDATEDUTC"] == "2026-03-10 01:30"
    assert [one["ENROLID"] for one in local] == [9300411]
    assert utc == []


def test_a_unit_change_need_not_move_the_class_rows_time(axcelerate):
    axcelerate.box.switches.class_lastupdated_bump = False
    (before,) = axcelerate.enrolments(contactID=MIA)

    axcelerate.put_unit(competent=30)

    (after,) = axcelerate.enrolments(contactID=MIA)
    assert after["LASTUPDATEDUTC"] == before["LASTUPDATEDUTC"]
    assert after["ACTIVITIES"][0]["OUTCOMECODE"] == "30"


def test_older_than_means_later_than_and_reaches_back_thirty_days(axcelerate):
    later = axcelerate.enrolments(enrolmentDateOlderThan="2026-02-25")

    assert [row["CONTACTID"] for row in later] == [SARI]
    assert axcelerate.get("/course/enrolments", enrolmentDateOlderThan="2026-01-01").status_code == 412


def test_older_than_gives_25_rows_unless_the_template_is_named(axcelerate):
    for number in range(30):
        contact = axcelerate.box.person.add_contact("Test", f"Learner{number}", f"t{number}@example.org")
        axcelerate.box.person.enrol(contact, JULY)

    assert len(axcelerate.enrolments(enrolmentDateOlderThan="2026-03-08")) == 25
    assert len(axcelerate.enrolments(enrolmentDateOlderThan="2026-03-08", ID=7001)) == 30


def test_only_classes_and_workshops_can_be_listed(axcelerate):
    assert axcelerate.get("/course/enrolments", type="s").status_code == 412
    assert [row["NAME"] for row in axcelerate.enrolments(type="w", instanceID=660100)] == [
        "First aid day"
    ] * 2


def test_a_filter_type_lists_parts_and_needs_the_person(axcelerate):
    units = axcelerate.enrolments(contactID=MIA, filterType="s")
    elearning = axcelerate.enrolments(contactID=MIA, filterType="el")

    assert [row["TYPE"] for row in units] == ["s", "s"]
    assert [row["NAME"] for row in elearning] == ["Ethics online"]
    assert axcelerate.get("/course/enrolments", filterType="s").status_code == 412


def test_a_tentative_place_shows_no_units(axcelerate):
    contact = axcelerate.box.person.add_contact("Ten", "Tative", "ten@example.org")
    axcelerate.box.person.enrol(contact, FEBRUARY, status="Tentative")

    (row,) = axcelerate.enrolments(contactID=contact)

    assert (row["STATUS"], row["ACTIVITIES"]) == ("Tentative", [])


@pytest.mark.parametrize(
    ("mode", "open_end", "final_end"),
    [
        ("activity_end", "2026-05-29 00:00", "2026-03-01 00:00"),
        ("null_until_final", None, "2026-03-01 00:00"),
        ("always_null", None, None),
    ],
)
def test_the_end_of_a_unit_may_not_be_shown(axcelerate, mode, open_end, final_end):
    axcelerate.box.switches.unit_finishdate = mode

    assert axcelerate.unit()["FINISHDATE"] == open_end
    assert axcelerate.unit(SAM)["FINISHDATE"] == final_end


def test_rows_vary_with_the_account(axcelerate):
    switches = axcelerate.box.switches
    switches.class_status, switches.class_lastupdated, switches.unit_enrolid = "absent", "absent", "absent"
    switches.number_style, switches.date_precision = "string", "seconds"

    (row,) = axcelerate.enrolments(contactID=MIA)

    assert "STATUS" not in row
    assert "LASTUPDATEDUTC" not in row
    assert "ENROLID" not in row["ACTIVITIES"][0]
    assert (row["ENROLID"], row["STARTDATE"]) == ("9300411", "2026-02-02 00:00:00")


def test_a_place_in_progress_may_be_called_enrolled(axcelerate):
    axcelerate.box.switches.in_progress_word = "Enrolled"

    assert {row["STATUS"] for row in axcelerate.enrolments()} == {"Enrolled"}


@pytest.mark.parametrize("order", ["newest", "shuffled"])
def test_rows_come_in_other_orders_without_loss(axcelerate, order):
    axcelerate.box.switches.row_order = order

    assert sorted(row["ENROLID"] for row in axcelerate.enrolments()) == [9300411, 9300412, 9300413]


def test_one_persons_flat_list_says_the_same_columns_differently(axcelerate):
    rows = axcelerate.get(f"/contact/enrolments/{SAM}").json()

    place, unit = rows
    assert (place["TYPE"], place["STATUS"], place["COUNT"]) == ("p", "Enrolled", 2)
    assert (unit["ID"], unit["INSTANCEID"]) == (51001, 51001)
    assert unit["ENROLID"] == 9300412, "the class enrolment's id here"
    assert (unit["FINISHDATE"], unit["COMPLETIONDATE"], unit["OUTCOMECODE"]) == (None, "2026-03-01", "20")
    assert [row["TYPE"] for row in axcelerate.get(f"/contact/enrolments/{MIA}", type="el").json()] == ["el"]
    assert axcelerate.get("/contact/enrolments/1").status_code == 204


# Contacts


def test_contacts_are_found_by_the_beginning_of_a_text_in_any_case(axcelerate):
    axcelerate.box.person.add_contact("Mia", "Other", "mia@example.org.au")

    found = axcelerate.get("/contacts/search", emailAddress="MIA@example.org").json()

    assert [row["EMAILADDRESS"] for row in found] == ["mia@example.org", "mia@example.org.au"]
    assert [row["CONTACTID"] for row in axcelerate.get("/contacts/search", q="o'b").json()] == [SAM]


def test_optional_ids_are_found_exactly(axcelerate):
    assert [row["CONTACTID"] for row in axcelerate.get("/contacts/search", optionalID="AX-1").json()] == [MIA]


def test_several_contacts_are_found_by_their_ids(axcelerate):
    found = axcelerate.get("/contacts/search", contactIDs=f"{SARI},{MIA},99").json()

    assert [row["CONTACTID"] for row in found] == [MIA, SARI]
    assert found[1]["SURNAME"] is None


def test_ten_contacts_come_unless_more_are_asked_for_and_never_over_a_hundred(axcelerate):
    for number in range(120):
        axcelerate.box.person.add_contact("Test", f"Learner{number}", f"t{number}@example.org")

    assert len(axcelerate.get("/contacts/search").json()) == 10
    assert len(axcelerate.get("/contacts/search", displayLength=500).json()) == 100
    assert len(axcelerate.get("/contacts/search", displayLength=100, offset=100).json()) == 23


def test_inactive_contacts_are_hidden_unless_asked_for(axcelerate):
    axcelerate.box.person.deactivate(SAM)

    assert axcelerate.get("/contacts/search", contactID=SAM).status_code == 204
    (row,) = axcelerate.get("/contacts/search", contactID=SAM, ContactActive="false").json()
    assert row["CONTACTACTIVE"] is False


def test_a_merged_contact_cannot_be_read_and_its_enrolments_are_the_survivors(axcelerate):
    axcelerate.box.person.merge_contacts(SAM, MIA)

    read = axcelerate.get(f"/contact/{SAM}")

    assert read.status_code == 412
    assert "not allowed to view" in read.json()["DETAILS"]
    assert [row["ENROLID"] for row in axcelerate.enrolments(contactID=MIA)] == [9300411, 9300412]
    assert axcelerate.enrolments(contactID=SAM) == []
    assert axcelerate.get(f"/contact/{MIA}").json()["USERID"] == 500_000 + MIA


@pytest.mark.parametrize(("how", "status"), [("403", 403), ("404", 404), ("error_200", 200)])
def test_an_unreadable_contact_may_be_said_otherwise(axcelerate, how, status):
    axcelerate.box.switches.missing_contact = how

    answer = axcelerate.get("/contact/1")

    assert (answer.status_code, answer.json()["ERROR"]) == (status, True)


def test_merge_history_names_both_contacts_or_says_that_there_was_no_merge(axcelerate):
    window = {"dateStart": "2026-03-10 00:00:00", "dateEnd": "2026-03-11 00:00:00"}
    assert axcelerate.post("/log/contactMergeHistory", **window).json() == [{"merged": False}]
    axcelerate.box.person.merge_contacts(SAM, MIA)

    (merge,) = axcelerate.post("/log/contactMergeHistory", **window, oldContactID=SAM).json()

    assert (merge["OLDCONTACTID"], merge["CURRENTCONTACTID"]) == (SAM, MIA)
    assert merge["MERGEDUTC"] == "2026-03-10 01:30"
    assert axcelerate.post("/log/contactMergeHistory", oldContactID=SAM).status_code == 412


def test_contacts_are_created_twice_unless_the_address_is_checked(axcelerate):
    person = {"givenName": "Mia", "surname": "Twice", "emailAddress": "mia@example.org"}

    assert axcelerate.post("/contact/", **person).json()["CONTACTID"] == SARI + 1
    assert axcelerate.post("/contact/", **person, checkEmailAddressUnique="true").status_code == 412
    assert axcelerate.post("/contact/", surname="Alone").status_code == 412


def test_users_come_ten_at_most_without_paging(axcelerate):
    for number in range(20):
        axcelerate.box.person.add_contact("Test", f"Learner{number}", f"t{number}@example.org")

    assert len(axcelerate.post("/users").json()) == 10
    (user,) = axcelerate.post("/users", contactID=SAM).json()
    assert (user["CONTACTID"], user["ACTIVE"]) == (SAM, 1)


def test_the_mandatory_custom_field_is_listed(axcelerate):
    assert axcelerate.get("/customFields", linkTo="unitEnrolment").status_code == 204
    axcelerate.box.switches.mandatory_unit_field = "evidence"

    (field,) = axcelerate.get("/customFields", linkTo="unitEnrolment").json()

    assert (field["VARIABLENAME"], field["MANDATORY"]) == ("evidence", True)


# Classes


def test_a_class_tells_its_units_and_its_reporting_standard(axcelerate):
    detail = axcelerate.get("/course/instance/detail", instanceID=PERTH, type="p").json()

    assert detail["REPORTINGSTANDARD"] == "WA RAPT"
    assert [(unit["UNITID"], unit["UNITCODE"]) for unit in detail["UNITS"]] == [(51001, "BSBWHS211")]
    assert axcelerate.get("/course/instance/detail", instanceID=1, type="p").status_code == 412


def test_public_false_lists_only_the_classes_that_are_not_public(axcelerate):
    assert axcelerate.get("/course/instances", ID=7002, type="p").status_code == 204

    (row,) = axcelerate.get("/course/instances", ID=7002, type="p", public="false").json()

    assert row["INSTANCEID"] == PERTH


def test_the_search_hides_classes_far_from_today_even_when_one_is_named(axcelerate):
    wide = {"finishDate_min": "2020-01-01", "finishDate_max": "2030-01-01"}

    assert axcelerate.post("/course/instance/search", InstanceID=FEBRUARY, type="p").status_code == 204
    (found,) = axcelerate.post("/course/instance/search", InstanceID=FEBRUARY, type="p", **wide).json()
    assert (found["INSTANCEID"], found["PARTICIPANTS"]) == (FEBRUARY, 2)
    axcelerate.box.switches.finish_window_with_instance = "ignore"
    assert axcelerate.post("/course/instance/search", InstanceID=FEBRUARY, type="p").status_code == 200


def test_a_search_may_answer_from_its_cache_for_half_a_minute(axcelerate):
    axcelerate.box.switches.search_cache = True
    wanted = {"InstanceID": JULY, "finishDate_max": "2030-01-01", "purgeCache": "false"}
    axcelerate.post("/course/instance/search", **wanted)
    axcelerate.box.person.set_class(JULY, name="Renamed")

    (cached,) = axcelerate.post("/course/instance/search", **wanted).json()
    axcelerate.box.clock.advance(timedelta(seconds=31))
    (fresh,) = axcelerate.post("/course/instance/search", **wanted).json()

    assert (cached["NAME"], fresh["NAME"]) == ("July intake", "Renamed")


def test_courses_are_qualifications_and_elearning(axcelerate):
    rows = axcelerate.get("/courses/").json()

    assert [(row["TYPE"], row["ID"], row["COUNT"]) for row in rows] == [
        ("el", 3310, 3),
        ("p", 7001, 3),
        ("p", 7002, 3),
    ]
    assert "ISACTIVE" not in rows[0]
    assert [row["CODE"] for row in axcelerate.get("/courses", searchTerm="disab").json()] == ["CHC43121"]
    assert axcelerate.get("/course/detail", ID=7001, type="p").json()["CODE"] == "CHC43121"


# Staff at their screens


def test_a_new_enrolment_gets_the_first_code_of_its_start_and_jurisdiction(axcelerate):
    person = axcelerate.box.person
    contact = person.add_contact("New", "Learner", "new@example.org")
    for class_id in (FEBRUARY, JULY, PERTH):
        person.enrol(contact, class_id)

    first = {
        row["class_id"]: row["outcome"]
        for row in axcelerate.box.rows("units")
        if row["contact_id"] == contact
    }

    assert first == {FEBRUARY: "70", JULY: "85", PERTH: "55"}


def test_somebody_enrolled_again_stands_twice_in_the_class(axcelerate):
    axcelerate.box.person.enrol(MIA, FEBRUARY, start=START, enrolled_at=datetime(2026, 3, 9, tzinfo=UTC))

    assert [row["ENROLID"] for row in axcelerate.enrolments(contactID=MIA, instanceID=FEBRUARY)] == [
        9300411,
        9300414,
    ]
    axcelerate.put_unit(competent=30)
    outcomes = {
        row["enrol_id"]: row["outcome"] for row in axcelerate.box.rows("units") if row["code"] == "BSBWHS211"
    }
    assert (outcomes[9300411], outcomes[9300414]) == ("70", "30"), "a write is meant for the newest place"


def test_staff_edits_are_seen_by_the_next_read(axcelerate):
    person = axcelerate.box.person
    person.set_contact(MIA, surname="Married", email="mia.m@example.org")
    person.set_class_enrolment(MIA, FEBRUARY, status="Suspended")
    person.remove_unit(MIA, FEBRUARY, "CHCLEG003")
    person.delete_enrolment(SAM, FEBRUARY)
    person.set_class(FEBRUARY, name="Renamed")

    (row,) = axcelerate.enrolments(instanceID=FEBRUARY)

    assert (row["SURNAME"], row["EMAIL"], row["STATUS"], row["NAME"]) == (
        "Married",
        "mia.m@example.org",
        "Suspended",
        "Renamed",
    )
    assert [unit["CODE"] for unit in row["ACTIVITIES"]] == ["BSBWHS211"]
    person.add_unit_enrolment(MIA, FEBRUARY, "CHCLEG003", outcome="70", start=START, end=END)
    assert axcelerate.unit(code="CHCLEG003")["FINISHDATE"] == "2026-05-29 00:00"


def test_staff_cannot_change_what_is_not_there(axcelerate):
    person = axcelerate.box.person

    with pytest.raises(ValueError, match="no place in class"):
        person.set_unit(MIA, PERTH, "BSBWHS211", outcome=20)
    with pytest.raises(ValueError, match="no CHCLEG003"):
        person.set_unit(SAM, FEBRUARY, "CHCLEG003", outcome=20)
    with pytest.raises(ValueError, match="21 is not an outcome code"):
        person.set_unit(MIA, FEBRUARY, "BSBWHS211", outcome=21)
    with pytest.raises(ValueError, match="unknown kind"):
        axcelerate.box.rows("nothing")


def test_an_operator_plays_staff_with_curl(axcelerate):
    control = f"{axcelerate.box.root_url}/_control"
    wanted = {"contact_id": MIA, "class_id": FEBRUARY, "code": "BSBWHS211", "end": "2026-07-01"}

    answer = axcelerate.http.post(f"{control}/person/set_unit", json=wanted)

    assert answer.status_code == 200
    assert axcelerate.unit()["FINISHDATE"] == "2026-07-01 00:00"
    units = axcelerate.http.get(f"{control}/state/units").json()
    assert units[0]["end"] == "2026-07-01"
    axcelerate.http.post(f"{control}/switches", json={"empty": "[]"})
    assert axcelerate.get("/course/enrolments", contactID=1).content == b"[]"
