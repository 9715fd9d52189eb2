"""The invented providers: consistent, awkward where promised, and the same for the same arguments."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest

from connector.mapping.load import check_mappings
from connector.sandbox.demo_world import ALEX, CHLOE, LUKAS, MIA, NOOR, PRIYA, SAM, SARI, TANE
from connector.sandbox.generate import demo_world, make_agreeing_world, make_world, world_mappings
from connector.sandbox.people import World
from connector.sandbox.run import demo_mappings_dir, run_sandboxes

TODAY = date(2026, 3, 10)
WORLDS = {
    "demo": lambda: demo_world(TODAY),
    "awkward": lambda: make_world(1, 130, TODAY),
    "other seed": lambda: make_world(3, 60, TODAY),
    "tiny": lambda: make_world(1, 1, TODAY),
    "agreeing": lambda: make_agreeing_world(30, today=TODAY),
}
INTERIM = {"", "70", "85", "5", "55", "105"}


@pytest.fixture(params=WORLDS, name="world")
def any_world(request) -> World:
    return WORLDS[request.param]()


def test_everything_that_is_referred_to_exists(world):
    contacts, users = {one.contact_id for one in world.contacts}, {one.user_id for one in world.users}
    courses, units = {one.course_id for one in world.courses}, {one.code for one in world.units}
    classes = {one.class_id: one for one in world.classes}

    assert {place.contact_id for place in world.class_enrolments} <= contacts
    assert {place.class_id for place in world.class_enrolments} <= classes.keys()
    assert {code for one in world.classes for code in one.units} <= units
    for place in world.class_enrolments:
        assert {unit.code for unit in place.units} <= set(classes[place.class_id].units)
    assert {one.user_id for one in world.course_enrolments} <= users
    assert {one.course_id for one in world.course_enrolments} <= courses
    assert {one.enrolment_id for one in world.results} <= {
        one.enrolment_id for one in world.course_enrolments
    }


def test_ids_are_unique(world):
    modules = [module for place in world.class_enrolments for module in place.modules]
    for ids in (
        [one.contact_id for one in world.contacts],
        [one.user_id for one in world.users],
        [one.login for one in world.users],
        [one.enrol_id for one in world.class_enrolments],
        [one.module_enrolment_id for one in modules],
        [one.enrolment_id for one in world.course_enrolments],
    ):
        assert len(ids) == len(set(ids))


def test_addresses_are_invented(world):
    addresses = [one.email for one in world.contacts] + [one.email for one in world.users]

    assert all(address.lower().endswith(("@example.org", "@example.com")) for address in addresses)


def test_units_end_after_they_begin_and_ended_places_hold_no_open_unit(world):
    for place in world.class_enrolments:
        for unit in place.units:
            assert unit.start is None or unit.end is None or unit.start <= unit.end
            assert place.status not in ("Cancelled", "Completed") or unit.outcome not in INTERIM


def test_the_same_arguments_make_the_same_world():
    assert make_world(5, 40, TODAY) == make_world(5, 40, TODAY)
    assert make_world(5, 40, TODAY) != make_world(6, 40, TODAY)


def test_the_awkward_world_is_awkward():
    world = make_world(1, 130, TODAY)

    addresses = Counter(contact.email.lower() for contact in world.contacts)
    outcomes = Counter(unit.outcome for place in world.class_enrolments for unit in place.units)
    places = Counter((place.contact_id, place.class_id) for place in world.class_enrolments)
    size = Counter(place.class_id for place in world.class_enrolments)
    assert any(contact.surname is None for contact in world.contacts)
    assert any("'" in (contact.surname or "") for contact in world.contacts)
    assert any(not contact.given.isascii() for contact in world.contacts)
    assert any(contact.email.isupper() for contact in world.contacts)
    assert any(not contact.active for contact in world.contacts)
    assert max(addresses.values()) == 2
    assert {"", "20", "30", "40", "51", "55", "60", "70", "81", "85", "105"} <= outcomes.keys()
    assert max(places.values()) == 2
    assert max(size.values()) > 100
    assert {"Tentative", "Suspended", "Cancelled"} <= {place.status for place in world.class_enrolments}
    assert any(place.modules for place in world.class_enrolments)
    assert world.merges
    assert any(one.reporting_standard.startswith("WA") for one in world.classes)


@pytest.mark.parametrize("pairs", [0, 1, 30, 2001])
def test_the_agreeing_world_says_the_same_on_both_sides(pairs):
    world = make_agreeing_world(pairs, today=TODAY)

    number_of = {int(user.user_id[:8], 16): user.user_id for user in world.users}
    code_of = {course.course_id: course.title.split()[0] for course in world.courses}
    ours = {
        (number_of[place.contact_id], unit.code, unit.end)
        for place in world.class_enrolments
        for unit in place.units
    }
    theirs = {(one.user_id, code_of[one.course_id], one.due) for one in world.course_enrolments}
    assert ours == theirs
    assert len(theirs) == pairs
    assert all(one.lock for one in world.course_enrolments)


@pytest.mark.parametrize("scope", ["classes", "qualification", "account"])
@pytest.mark.parametrize(
    "make", [lambda: make_world(1, 130, TODAY), lambda: make_agreeing_world(100, today=TODAY)]
)
def test_the_mapping_files_of_a_world_are_valid(tmp_path, make, scope):
    files = world_mappings(make(), scope=scope)
    for name, text in files.items():
        (tmp_path / name).write_text(text)

    checked = check_mappings(tmp_path, jurisdiction="NAT")

    assert [str(problem) for problem in checked.problems] == []
    assert len(files) >= 9


def test_the_demos_mapping_files_are_valid_and_without_a_warning():
    checked = check_mappings(demo_mappings_dir(), jurisdiction="NAT")

    assert [str(problem) for problem in (*checked.problems, *checked.warnings)] == []


def test_the_demos_mapping_files_name_what_the_demos_world_holds():
    world = demo_world(TODAY)
    text = "".join(path.read_text() for path in sorted(demo_mappings_dir().glob("*.yaml")))

    for course in world.courses:
        assert course.course_id in text
        assert course.title in text
    for training_class in world.classes:
        assert str(training_class.class_id) in text or training_class.qualification_code in text


def test_each_learner_of_the_demo_has_a_part():
    world = demo_world(TODAY)
    place = {one.contact_id: one for one in world.class_enrolments}
    enrolled = {int(one.user_id[:8], 16) for one in world.course_enrolments}
    address = {one.contact_id: one.email.lower() for one in world.contacts}
    users = Counter(user.email for user in world.users)

    assert place[MIA].units[0].outcome == "70"
    assert MIA not in enrolled
    assert {SAM, PRIYA, CHLOE, LUKAS, TANE, SARI} <= enrolled
    assert place[TANE].modules[0].override is True
    assert (place[CHLOE].status, place[LUKAS].status) == ("Suspended", "Cancelled")
    assert (users[address[ALEX]], users[address[NOOR]]) == (2, 0)
    assert [one.status for one in world.results].count("passed") == 1


def test_both_platforms_serve_the_demo():
    with run_sandboxes(demo_world(TODAY)) as boxes:
        settings = boxes.environment()

        assert len(boxes.axcelerate.rows("class_enrolments")) == 9
        assert settings["CONNECTOR_AXCELERATE__API_URL"].endswith("/api")
        assert settings["CONNECTOR_ISPRING__API_URL"].endswith("/api/v2")
        assert settings["CONNECTOR_TIMEZONE"] == "Australia/Sydney"
