"""The examples written inside the mappings, run against a decision that is handed in."""

from connector.domain.enrolment import Status
from connector.mapping.examples import run_examples
from tests.mapping.files import UNIT_RULE, loaded

EXAMPLES = """\
    outcome: {to_axcelerate: {passed: 20, complete: 20, accepted: 20}}
    examples:
      - {given: {ispring: passed, axcelerate: 70}, expect: {axcelerate: 20}}
      - {given: {ispring: failed, axcelerate: "70"}, expect: {}}
      - {given: {ispring: passed, axcelerate: 30}, expect: {review: conflict}}
      - {given: {axcelerate: blank}, expect: {}}
"""


def by_table(rule, status, code):
    """A small stand-in for the planner: the table over open codes, a conflict over final ones."""
    proposed = rule.outcome.to_axcelerate.get(status)
    if proposed is None:
        return {}
    return (
        {"axcelerate": proposed, "review": "approval_required"}
        if code in ("", "70")
        else {"review": "conflict"}
    )


def test_examples_that_agree_with_the_rule_pass(tmp_path):
    examples = loaded(tmp_path, a=UNIT_RULE + EXAMPLES).examples

    results = run_examples(examples, by_table)

    assert [result.passed for result in results] == [True, True, True, True]
    assert str(results[0]).endswith("a.yaml:8:9: whs: iSpring passed, aXcelerate 70: write 20, as expected")
    assert (examples[3].status, examples[3].code) == (Status.NOT_STARTED, "")


def test_an_example_that_expects_another_code_fails_and_says_both(tmp_path):
    text = UNIT_RULE + EXAMPLES.replace("expect: {axcelerate: 20}", "expect: {axcelerate: 30}")

    result = run_examples(loaded(tmp_path, a=text).examples, by_table)[0]

    assert not result.passed
    assert str(result).endswith("expected write 30, got write 20, ask a person: approval_required")


def test_an_example_that_expects_nothing_fails_when_something_is_written(tmp_path):
    text = UNIT_RULE + EXAMPLES.replace("expect: {axcelerate: 20}", "expect: {}")

    result = run_examples(loaded(tmp_path, a=text).examples, by_table)[0]

    assert not result.passed
    assert "expected nothing, got write 20" in str(result)


def test_an_example_that_names_a_review_fails_without_one(tmp_path):
    examples = loaded(tmp_path, a=UNIT_RULE + EXAMPLES).examples

    result = run_examples([examples[2]], lambda rule, status, code: {})[0]

    assert not result.passed


def test_examples_of_the_defaults_run_for_each_unit_rule_without_its_own(tmp_path):
    defaults = "defaults: {examples: [{given: {ispring: passed}, expect: {axcelerate: 20}}]}\nrules:"
    text = UNIT_RULE.replace("rules:", defaults) + EXAMPLES
    other = UNIT_RULE.replace("rules:", defaults).replace("id: whs", "id: other")

    examples = loaded(tmp_path, a=text, b=other).examples

    assert [example.rule.id for example in examples] == ["whs"] * 4 + ["other"]
    assert examples[-1].place.line == 2
