"""What a valid mapping file means: values, defaults, places, order, digest."""

import pytest

from connector.domain.enrolment import Status
from connector.domain.rule import (
    Approval,
    CompleteWhen,
    CourseRef,
    Direction,
    EnrolmentRule,
    FieldRule,
    Limits,
    Matcher,
    MissingLearner,
    OnConflict,
    OnUnenrolment,
    OnWithdrawal,
    OutcomeRule,
    Place,
    Share,
    Target,
)
from tests.mapping.files import COURSE, OTHER_COURSE, UNIT_RULE, loaded, unit_rule

WHOLE = f"""\
version: 1
rules:
  - id: whs
    was: old-whs
    title: WHS induction
    ispring:
      courses: [{{id: {COURSE}, title: WHS}}, {OTHER_COURSE}]
      complete_when: any
    axcelerate: {{target: unit, unit: BSBWHS211, qualification: CHC43121, jurisdiction: VIC}}
    learner: {{match: [login, optional_id=login, optional_id=Staff No]}}
    enrolment: {{create: false, missing_learner: create, department: d-7, on_withdrawal: unenrol, on_unenrolment: keep}}
    start_date: {{direction: off, on_conflict: ispring}}
    due_date: {{direction: ispring_to_axcelerate, on_conflict: review, lock_after: false}}
    access: {{direction: axcelerate_to_ispring, on_conflict: ispring}}
    outcome:
      approval: automatic
      to_axcelerate: {{passed: 20, failed: "30", in_progress: 50}}
      to_ispring: {{blank: incomplete, 53: passed, "60": complete}}
      on_conflict: axcelerate
"""


def the_rule(directory, text, **settings):
    return loaded(directory, a=text, **settings).rules.rules[0]


def test_every_key_arrives_as_it_is_written(tmp_path):
    rule = the_rule(tmp_path, WHOLE)

    assert (rule.id, rule.was, rule.title) == ("whs", "old-whs", "WHS induction")
    assert rule.courses == (CourseRef(COURSE, "WHS"), CourseRef(OTHER_COURSE))
    assert rule.complete_when is CompleteWhen.ANY
    assert (rule.target, rule.unit, rule.module) == (Target.UNIT, "BSBWHS211", None)
    assert (rule.classes, rule.qualification, rule.jurisdiction) == ((), "CHC43121", "VIC")
    assert rule.match == (
        Matcher("login", "login", by_optional_id=False),
        Matcher("optional_id=login", "login", by_optional_id=True),
        Matcher("optional_id=Staff No", "staff no", by_optional_id=True),
    )
    assert rule.enrolment == EnrolmentRule(
        False, MissingLearner.CREATE, "d-7", OnWithdrawal.UNENROL, OnUnenrolment.KEEP
    )
    assert rule.start_date == FieldRule(Direction.OFF, OnConflict.ISPRING)
    assert rule.due_date == FieldRule(Direction.TO_AXCELERATE, OnConflict.REVIEW)
    assert rule.lock_after is False
    assert rule.access == FieldRule(Direction.TO_ISPRING, OnConflict.ISPRING)
    assert rule.outcome == OutcomeRule(
        Approval.AUTOMATIC,
        {Status.PASSED: "20", Status.FAILED: "30", Status.IN_PROGRESS: "50"},
        {"": Status.INCOMPLETE, "53": Status.PASSED, "60": Status.COMPLETE},
        OnConflict.AXCELERATE,
    )


def test_what_is_left_out_has_the_defaults_of_the_grammar(tmp_path):
    rule = the_rule(tmp_path, UNIT_RULE, jurisdiction="QLD")

    assert (rule.was, rule.title, rule.jurisdiction) == (None, "whs", "QLD")
    assert rule.complete_when is CompleteWhen.ALL
    assert rule.match == (Matcher("email", "email", by_optional_id=False),)
    assert rule.enrolment == EnrolmentRule(
        True, MissingLearner.REPORT, None, OnWithdrawal.LOCK, OnUnenrolment.REVIEW
    )
    assert rule.start_date == FieldRule(Direction.TO_ISPRING, OnConflict.AXCELERATE)
    assert rule.due_date == FieldRule(Direction.BOTH, OnConflict.AXCELERATE)
    assert rule.lock_after is True
    assert rule.access == FieldRule(Direction.BOTH, OnConflict.AXCELERATE)
    assert rule.outcome == OutcomeRule(Approval.REQUIRED, {}, {}, OnConflict.REVIEW)


def test_words_that_other_readers_turn_into_something_else_stay_words(tmp_path):
    text = UNIT_RULE.replace("BSBWHS211", "007").replace("whs", "no") + "    title: 12:30\n"

    rule = the_rule(tmp_path, text)

    assert (rule.id, rule.unit, rule.title) == ("no", "007", "12:30")


def test_a_code_may_be_a_number_or_quoted(tmp_path):
    numbers = the_rule(
        tmp_path, UNIT_RULE + "    outcome: {to_axcelerate: {passed: 20}, to_ispring: {0: complete}}\n"
    )
    quoted = the_rule(
        tmp_path, UNIT_RULE + "    outcome: {to_axcelerate: {passed: '20'}, to_ispring: {'0': complete}}\n"
    )

    assert numbers.outcome == quoted.outcome
    assert numbers.digest == quoted.digest


def test_defaults_fill_single_keys(tmp_path):
    text = UNIT_RULE.replace("rules:", "defaults: {due_date: {direction: off, lock_after: false}}\nrules:")

    rule = the_rule(tmp_path, text + "    due_date: {lock_after: true}\n")

    assert rule.due_date == FieldRule(Direction.OFF, OnConflict.AXCELERATE)
    assert rule.lock_after is True


def test_a_rules_own_outcome_table_replaces_that_of_the_defaults(tmp_path):
    defaults = "defaults: {outcome: {approval: automatic, to_axcelerate: {passed: 20, complete: 20}}}\n"
    text = UNIT_RULE.replace("rules:", defaults + "rules:") + "    outcome: {to_axcelerate: {passed: 81}}\n"

    rule = the_rule(tmp_path, text)

    assert rule.outcome.to_axcelerate == {Status.PASSED: "81"}
    assert rule.outcome.approval is Approval.AUTOMATIC
    assert "outcome.to_axcelerate.complete" not in rule.places


def test_defaults_hold_for_their_own_file_only(tmp_path):
    rules = loaded(
        tmp_path,
        a=UNIT_RULE.replace("rules:", "defaults: {access: {direction: off}}\nrules:"),
        b=UNIT_RULE.replace("id: whs", "id: other"),
    ).rules.rules

    assert [rule.access.direction for rule in rules] == [Direction.OFF, Direction.BOTH]


@pytest.mark.parametrize("direction", ["both", "ispring_to_axcelerate", "off"])
def test_dates_of_a_class_rule_run_to_ispring_whatever_the_defaults_say(direction, tmp_path):
    defaults = f"defaults: {{start_date: {{direction: {direction}}}, due_date: {{direction: {direction}, lock_after: false}}}}\n"
    text = UNIT_RULE.replace("rules:", defaults + "rules:").replace(
        "target: unit, unit: BSBWHS211", "target: class"
    )

    rule = the_rule(tmp_path, text)

    assert (rule.start_date.direction, rule.due_date.direction) == (
        Direction.TO_ISPRING,
        Direction.TO_ISPRING,
    )
    assert rule.lock_after is False
    assert "due_date.direction" not in rule.places


def test_a_class_rule_may_switch_a_date_off(tmp_path):
    text = (
        UNIT_RULE.replace("target: unit, unit: BSBWHS211", "target: class")
        + "    due_date: {direction: off}\n"
    )

    rule = the_rule(tmp_path, text)

    assert (rule.start_date.direction, rule.due_date.direction) == (Direction.TO_ISPRING, Direction.OFF)


def test_module_and_class_rules_take_no_outcome_from_the_defaults(tmp_path):
    defaults = "defaults: {outcome: {to_axcelerate: {passed: 20}}, examples: [{given: {ispring: passed}, expect: {axcelerate: 20}}]}\n"
    text = UNIT_RULE.replace("rules:", defaults + "rules:") + (
        unit_rule("module").replace("target: unit, unit", "target: module, module")
        + unit_rule("class").replace("target: unit, unit: BSBWHS211", "target: class")
    )

    result = loaded(tmp_path, a=text)

    assert [rule.outcome.is_used for rule in result.rules] == [True, False, False]
    assert [example.rule.id for example in result.examples] == ["whs"]


def test_limits_are_numbers_or_percentages(tmp_path):
    text = UNIT_RULE + "limits: {created: 0, updates: 20, access_removed: 2.5%, outcomes: 100 %}\n"

    limits = loaded(tmp_path, a=text).rules.limits

    assert limits == Limits(Share(0, False), Share(20, False), Share(2.5, True), Share(100, True))


def test_limits_left_out_have_their_defaults(tmp_path):
    assert loaded(tmp_path, a=UNIT_RULE, b="version: 1\nlimits: {updates: 5%}\n").rules.limits == Limits(
        updates=Share(5, True)
    )


def test_rules_rank_by_file_name_then_line(tmp_path):
    rules = loaded(
        tmp_path,
        b=UNIT_RULE.replace("id: whs", "id: third"),
        a=UNIT_RULE.replace("id: whs", "id: first") + unit_rule("second", unit="X"),
    ).rules

    assert [(rule.id, rule.position) for rule in rules] == [("first", 0), ("second", 1), ("third", 2)]


def test_a_rule_knows_where_its_keys_are_written(tmp_path):
    text = UNIT_RULE.replace("rules:", "defaults:\n  due_date:\n    direction: off\nrules:") + (
        "    due_date:\n      lock_after: false\n    outcome:\n      to_axcelerate: {passed: 20}\n"
    )
    file = f"{tmp_path.as_posix()}/a.yaml"

    rule = the_rule(tmp_path, text)

    assert rule.place == Place(file, 6, 5)
    assert rule.place_of("due_date.lock_after") == Place(file, 10, 7)
    assert rule.place_of("due_date.direction") == Place(file, 4, 5)
    assert rule.place_of("outcome.to_axcelerate.passed") == Place(file, 12, 23)
    assert rule.place_of("outcome.approval") == Place(file, 11, 5)
    assert rule.place_of("access.direction") == rule.place


def test_the_source_of_a_rule_is_its_own_text(tmp_path):
    first = unit_rule("first", more="    title: |\n      two\n      lines\n")
    second = unit_rule(
        "second",
        unit="X",
        more="    # why\n    outcome: {to_axcelerate: {passed: 20,\n      complete: 20}}\n",
    )
    text = f"version: 1\nrules:\n{first}\n  # about the next one\n{second}\nlimits: {{created: 3}}\n"

    rules = loaded(tmp_path, a=text.replace("\n", "\r\n")).rules.rules

    assert rules[0].source == (
        f"id: first\nispring: {{courses: [{COURSE}]}}\naxcelerate: {{target: unit, unit: BSBWHS211}}\n"
        "title: |\n  two\n  lines"
    )
    assert rules[1].source.startswith("id: second\n")
    assert rules[1].source.endswith("# why\noutcome: {to_axcelerate: {passed: 20,\n  complete: 20}}")


SAME = {
    "a comment": WHOLE.replace("version: 1", "# why\nversion: 1"),
    "another title": WHOLE.replace("title: WHS induction", "title: Something else"),
    "a former id": WHOLE.replace("    was: old-whs\n", ""),
    "another order of keys": WHOLE.replace(
        "{direction: off, on_conflict: ispring}", "{on_conflict: ispring, direction: 'off'}"
    ),
    "another order of a table": WHOLE.replace('passed: 20, failed: "30"', "failed: 30, passed: 20"),
    "an example": WHOLE + "    examples: [{given: {ispring: passed}, expect: {axcelerate: 20}}]\n",
    "a rule before it": WHOLE.replace("rules:\n", "rules:\n" + unit_rule("before", unit="X")),
}


@pytest.mark.parametrize("change", SAME)
def test_the_digest_of_a_rule_ignores_what_decides_nothing(change, tmp_path):
    before = the_rule(tmp_path, WHOLE).digest

    after = loaded(tmp_path, a=SAME[change]).rules.rules[-1].digest

    assert after == before


OTHERS = {
    "id": ("id: whs", "id: wsh"),
    "course": (OTHER_COURSE, OTHER_COURSE.replace("5b", "5c")),
    "course title": ("title: WHS}", "title: OHS}"),
    "complete_when": ("complete_when: any", "complete_when: all"),
    "unit": ("BSBWHS211", "BSBWHS212"),
    "qualification": ("CHC43121", "CHC43122"),
    "matchers": ("[login, optional_id=login, ", "[optional_id=login, login, "),
    "create": ("create: false", "create: true"),
    "department": ("d-7", "d-8"),
    "withdrawal": ("on_withdrawal: unenrol", "on_withdrawal: lock"),
    "unenrolment": ("on_unenrolment: keep", "on_unenrolment: review"),
    "direction": ("direction: off", "direction: both"),
    "winner": ("on_conflict: review", "on_conflict: ispring"),
    "lock": ("lock_after: false", "lock_after: true"),
    "approval": ("approval: automatic", "approval: required"),
    "code": ("passed: 20", "passed: 25"),
    "status": ("53: passed", "53: complete"),
}


@pytest.mark.parametrize("key", OTHERS)
def test_the_digest_of_a_rule_changes_with_what_decides(key, tmp_path):
    old, new = OTHERS[key]
    before = loaded(tmp_path, a=WHOLE).rules

    after = loaded(tmp_path, a=WHOLE.replace(old, new)).rules

    assert after.rules[0].digest != before.rules[0].digest
    assert after.digest != before.digest


def test_the_setting_for_the_jurisdiction_decides_too(tmp_path):
    assert (
        the_rule(tmp_path, UNIT_RULE, jurisdiction="QLD").digest
        != the_rule(tmp_path, UNIT_RULE, jurisdiction="SA").digest
    )


def test_a_default_decides_as_the_same_key_in_the_rule_would(tmp_path):
    in_rule = the_rule(tmp_path, UNIT_RULE + "    access: {direction: off}\n")
    in_defaults = the_rule(
        tmp_path, UNIT_RULE.replace("rules:", "defaults: {access: {direction: off}}\nrules:")
    )

    assert in_rule.digest == in_defaults.digest


def test_the_digest_of_all_rules_covers_limits_and_order(tmp_path):
    one, other = unit_rule("one"), unit_rule("other", unit="X")
    head = "version: 1\nrules:\n"

    plain = loaded(tmp_path, a=head + one + other).rules.digest
    said = loaded(tmp_path, a=head + one + other + "limits: {updates: 50%}\n").rules.digest
    limited = loaded(tmp_path, a=head + one + other + "limits: {updates: 51%}\n").rules.digest
    turned = loaded(tmp_path, a=head + other + one).rules.digest

    assert said == plain
    assert len({plain, limited, turned}) == 3
