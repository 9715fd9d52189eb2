"""Warnings: each by its name, where it stands, with its fix; and silence where nothing is wrong."""

from pathlib import Path

import pytest

from connector.mapping.lint import LINTS
from connector.mapping.load import load_rules
from tests.mapping.files import COURSE, OTHER_COURSE, UNIT_RULE, loaded, unit_rule, warnings_of, write

ALL_SUCCESSES = "passed: 20, complete: 20, accepted: 20"

FINDINGS = {
    "final-code-for-failed": (
        f"    outcome: {{approval: automatic, to_axcelerate: {{{ALL_SUCCESSES}, failed: 30}}}}\n",
        "a.yaml:6:100: outcome.to_axcelerate.failed: warning final-code-for-failed: 30 is final and is written without "
        "approval: a first failed attempt would end the unit; write `approval: required`, or leave `failed` out",
    ),
    "outcome-gap": (
        "    outcome: {to_axcelerate: {passed: 20, in_progress: 70}}\n",
        "a.yaml:6:30: outcome.to_axcelerate: warning outcome-gap: has no code for complete, accepted: a learner whose course "
        "ends so gets no outcome; add complete, accepted",
    ),
    "success-stays-open": (
        "    outcome: {to_axcelerate: {passed: 70, complete: 20, accepted: 20}}\n",
        "a.yaml:6:39: outcome.to_axcelerate.passed: warning success-stays-open: 70 keeps the unit open although the course is "
        "passed; write a final code, or leave passed out",
    ),
    "outcome-without-tables": (
        "    outcome: {approval: automatic}\n",
        "a.yaml:6:14: outcome: warning outcome-without-tables: has neither `to_axcelerate` nor `to_ispring`, so no outcome is "
        "ever written; add a table, or leave `outcome` out",
    ),
    "status-may-be-refused": (
        "    outcome: {to_ispring: {51: complete, 52: failed}}\n",
        "a.yaml:6:46: outcome.to_ispring.52: warning status-may-be-refused: not every account lets failed be set; `complete` "
        "is safe",
    ),
    "department-unused": (
        "    enrolment: {department: d-7}\n",
        "a.yaml:6:29: enrolment.department: warning department-unused: is used only with `missing_learner: create`; add that, "
        "or leave `department` out",
    ),
}


@pytest.mark.parametrize("name", FINDINGS)
def test_a_lint_finds_what_it_is_named_for(name, tmp_path):
    text, warning = FINDINGS[name]

    assert warnings_of(tmp_path, a=UNIT_RULE + text) == [warning]


def test_a_blank_code_as_a_result_is_doubtful(tmp_path):
    warnings = warnings_of(
        tmp_path, jurisdiction="NSW", a=UNIT_RULE + "    outcome: {to_axcelerate: {in_progress: blank}}\n"
    )

    assert warnings == [
        "a.yaml:6:44: outcome.to_axcelerate.in_progress: warning blank-as-result: whether aXcelerate accepts a blank code is "
        "not documented; write 70, or leave the status out"
    ]


def test_a_course_id_of_another_shape_is_doubtful(tmp_path):
    warnings = warnings_of(tmp_path, a=UNIT_RULE.replace(COURSE, f"{COURSE}, whs-course"))

    assert warnings == [
        "a.yaml:4:63: ispring.courses[2]: warning course-id-shape: whs-course does not look like a content item id "
        "(36 letters and dashes); copy it from the course's address in iSpring"
    ]


def test_every_lint_has_a_test():
    tested = {*FINDINGS, "blank-as-result", "course-id-shape"}

    assert tested == set(LINTS)


@pytest.mark.parametrize(
    "text",
    [
        f"    outcome: {{approval: required, to_axcelerate: {{{ALL_SUCCESSES}, failed: 30}}}}\n",
        f"    outcome: {{approval: automatic, to_axcelerate: {{{ALL_SUCCESSES}, failed: 70}}}}\n",
        "    outcome: {to_ispring: {51: complete}}\n",
        "    enrolment: {missing_learner: create, department: d-7}\n",
        "",
    ],
)
def test_what_is_meant_is_not_warned_about(text, tmp_path):
    assert warnings_of(tmp_path, a=UNIT_RULE + text) == []


def two_rules(one_target, other_target, more=""):
    one = unit_rule("one", more=more).replace("target: unit, unit: BSBWHS211", one_target)
    other = unit_rule("other", course=OTHER_COURSE, more=more).replace(
        "target: unit, unit: BSBWHS211", other_target
    )
    return "version: 1\nrules:\n" + one + other


OUTCOME = "    outcome: {to_axcelerate: {passed: 20, complete: 20, accepted: 20}}\n"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("target: unit, unit: X", "target: unit, unit: x"),
        ("target: unit, unit: X, classes: [1, 2]", "target: unit, unit: X, classes: [2, 3]"),
        ("target: unit, unit: X, qualification: Q", "target: unit, unit: X, qualification: Q"),
        ("target: unit, unit: X, classes: [1]", "target: unit, unit: X"),
    ],
)
def test_two_rules_that_write_the_same_unit_overlap(one, other, tmp_path):
    warnings = warnings_of(tmp_path, a=two_rules(one, other, OUTCOME))

    assert len(warnings) == 1
    assert "axcelerate.unit: warning overlapping-rules: one (" in warnings[0]
    assert "also writes outcome, due_date of" in warnings[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("target: unit, unit: X", "target: unit, unit: Y"),
        ("target: unit, unit: X, classes: [1]", "target: unit, unit: X, classes: [2]"),
        ("target: unit, unit: X, qualification: Q", "target: unit, unit: X, qualification: R"),
        ("target: class, classes: [1]", "target: class, classes: [1]"),
        ("target: unit, unit: X", "target: module, module: X"),
    ],
)
def test_rules_for_different_records_do_not_overlap(one, other, tmp_path):
    assert warnings_of(tmp_path, a=two_rules(one, other)) == []


def test_rules_that_write_different_things_of_a_unit_do_not_overlap(tmp_path):
    text = two_rules(
        "target: unit, unit: X", "target: unit, unit: X", "    due_date: {direction: axcelerate_to_ispring}\n"
    )

    assert warnings_of(tmp_path, a=text) == []


def test_a_file_that_is_not_read_is_named(tmp_path):
    (tmp_path / "more.yml").write_text(UNIT_RULE)

    assert warnings_of(tmp_path, a=UNIT_RULE) == [
        "more.yml: warning file-not-read: is not read, only *.yaml is; rename it, or move it away"
    ]


def test_warnings_do_not_stop_the_rules(tmp_path):
    result = loaded(tmp_path, a=UNIT_RULE + FINDINGS["final-code-for-failed"][0])

    assert len(result.warnings) == 1
    assert [rule.id for rule in result.rules] == ["whs"]


def test_the_example_in_the_repository_has_neither_problems_nor_warnings():
    result = load_rules(Path("mappings/example"), jurisdiction="NAT")

    assert result.warnings == ()
    assert [rule.id for rule in result.rules] == ["whs-induction", "safety-module", "orientation-class"]


def test_the_default_directory_holds_nothing_live():
    assert list(Path("mappings").glob("*.yaml")) == []


def test_an_unreadable_name_is_no_warning_of_its_own(tmp_path):
    write(tmp_path, a=UNIT_RULE)
    (tmp_path / ".#a.yaml").symlink_to("nowhere")

    assert warnings_of(tmp_path) == []
