"""The first mapping: pairs found by code and by name, everything else as comments, and always a file that loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.catalogue import OfferedClass, OfferedCourse, OfferedUnit
from connector.domain.learner import ClassId, ContactId, CourseId
from connector.mapping.examples import run_examples
from connector.mapping.load import Checked, check_mappings
from connector.reading.account import Account
from connector.starting.first_mapping import first_mapping
from connector.starting.suggest import likeness, suggest
from connector.trying.decision import decide

FIRST_AID = "HLTAID011"


def an_account(*titles: str, unit: str = "Provide First Aid", module: str | None = None) -> Account:
    """Courses by title; one unit, taught in two classes; perhaps a module."""
    account = Account()
    for number, title in enumerate(titles):
        account.courses.append(OfferedCourse(CourseId(f"00000000-0000-0000-0000-{number:012}"), title))
    for class_id in (ClassId(1), ClassId(2)):
        account.classes[class_id] = {ContactId(10 + class_id)}
        account.units[FIRST_AID][class_id] = {ContactId(10 + class_id)}
        account.offered[class_id] = OfferedClass(
            class_id, f"Intake {class_id}", "", (OfferedUnit(FIRST_AID, unit),)
        )
    account.spelt[FIRST_AID] = FIRST_AID
    if module:
        account.modules[module.casefold()] = {ClassId(1): {ContactId(11)}}
        account.spelt[module.casefold()] = module
    return account


def loaded(text: str, folder: Path, jurisdiction: str = "NAT") -> Checked:
    (folder / "first.yaml").write_text(text, encoding="utf-8")
    return check_mappings(folder, jurisdiction=jurisdiction)


def test_a_code_in_the_title_makes_a_rule(tmp_path: Path):
    account = an_account("First aid (hltaid011), theory")

    checked = loaded(first_mapping(suggest(account), account, jurisdiction="NAT"), tmp_path)

    assert checked.loaded is not None
    (rule,) = checked.loaded.rules.rules
    assert (rule.unit, rule.classes, rule.title) == (FIRST_AID, (1, 2), "First aid (hltaid011), theory")


def test_a_code_that_only_begins_the_same_is_another_unit():
    account = an_account("HLTAID0112 something else")

    assert suggest(account).sure == ()


def test_names_that_are_nearly_the_same_make_a_rule():
    (one,) = suggest(an_account("Provide first aid, online part")).sure

    assert (one.key, one.because) == (FIRST_AID, "the names are 100% alike")


def test_names_that_are_somewhat_alike_stand_in_the_file_as_comments(tmp_path: Path):
    account = an_account("Provide an emergency first aid response in education")
    suggested = suggest(account)

    text = first_mapping(suggested, account, jurisdiction="NAT")

    assert suggested.sure == ()
    assert "  # - id: provide-an-emergency-first-aid-response" in text
    assert loaded(text, tmp_path).loaded is None
    head, _, body = text.partition("from `- id` down.\n")
    without_signs = head + body.replace("\n  # ", "\n  ").replace("  # #", "  #", 1)
    assert loaded(without_signs, tmp_path).problems == ()


def test_a_course_that_resembles_nothing_is_listed_with_its_id():
    account = an_account("Cooking for two")

    text = first_mapping(suggest(account), account, jurisdiction="NAT")

    assert "  #   00000000-0000-0000-0000-000000000000  Cooking for two (0 learners)" in text


def test_a_module_of_the_same_name_makes_a_module_rule_without_an_outcome(tmp_path: Path):
    account = an_account("Safety at work", module="Safety at Work")

    checked = loaded(first_mapping(suggest(account), account, jurisdiction="NAT"), tmp_path)

    assert checked.loaded is not None
    (rule,) = checked.loaded.rules.rules
    assert (rule.target, rule.module, rule.outcome.is_used) == ("module", "Safety at Work", False)


def test_two_courses_of_one_unit_become_one_rule(tmp_path: Path):
    account = an_account("HLTAID011 part one", "HLTAID011 part two")

    checked = loaded(first_mapping(suggest(account), account, jurisdiction="NAT"), tmp_path)

    assert checked.loaded is not None
    (rule,) = checked.loaded.rules.rules
    assert len(rule.courses) == 2
    assert checked.warnings == ()


@pytest.mark.parametrize("jurisdiction", ["NAT", "NSW_ACE", "VIC", "QLD", "WA"])
def test_the_suggested_outcome_codes_are_those_of_the_jurisdiction(tmp_path: Path, jurisdiction: str):
    account = an_account("HLTAID011")

    checked = loaded(
        first_mapping(suggest(account), account, jurisdiction=jurisdiction), tmp_path, jurisdiction
    )

    assert (checked.problems, checked.warnings) == ((), ())
    assert checked.loaded is not None
    assert all(result.passed for result in run_examples(checked.loaded.examples, decide))


@settings(max_examples=60)
@given(
    title=st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
    unit=st.text(st.characters(exclude_categories=("Cs",)), max_size=40),
)
def test_whatever_courses_and_units_are_called_the_file_loads(
    tmp_path_factory: pytest.TempPathFactory, title: str, unit: str
):
    account = an_account(f"HLTAID011 {title}", title, unit=unit)

    text = first_mapping(suggest(account), account, jurisdiction="NAT")

    assert loaded(text, tmp_path_factory.mktemp("mappings")).problems == ()


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_lies_between_nothing_and_the_same(one: str, other: str):
    assert 0 <= likeness(one, other) <= 1
