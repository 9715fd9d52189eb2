"""Mapping files are edited with comments kept: exactly the lines that mean something else change."""

from __future__ import annotations

from difflib import ndiff
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.errors import UsageError
from connector.mapping.editing import add_rule, set_value, written
from connector.mapping.load import load_rules
from connector.mapping.tree import read_tree
from connector.sandbox.run import demo_mappings_dir

WHS = (demo_mappings_dir() / "10-whs-induction.yaml").read_text(encoding="utf-8")

BLOCKS = """\
version: 1

# Everybody starts here.
rules:
    - id: first      # never reuse
      ispring:
        courses:
          - 21d7c301-7d10-11ee-9f7c-0a58a9feac02   # WHS
      axcelerate: {target: unit, unit: BSBWHS211}
      due_date:
        direction: both    # for now

      # the table
      outcome: {to_axcelerate: {passed: 20, complete: '20'}}
# the end
"""


def changed(before: str, after: str) -> list[str]:
    """The lines that differ, marked as a diff marks them."""
    return [
        line.rstrip("\n")
        for line in ndiff(before.splitlines(keepends=True), after.splitlines(keepends=True))
        if line[0] in "+-"
    ]


def test_a_value_inside_braces_changes_its_line_alone():
    edited = set_value(WHS, "whs-induction", ("due_date", "direction"), "axcelerate_to_ispring")

    assert changed(WHS, edited) == [
        "-     due_date: {direction: both, on_conflict: axcelerate, lock_after: true}",
        "+     due_date: {direction: axcelerate_to_ispring, on_conflict: axcelerate, lock_after: true}",
    ]


def test_the_comment_behind_a_value_stays():
    edited = set_value(BLOCKS, "first", ("due_date", "direction"), "off")

    assert changed(BLOCKS, edited) == [
        "-         direction: both    # for now",
        "+         direction: off    # for now",
    ]


def test_a_quoted_value_gives_way_to_a_bare_one():
    edited = set_value(BLOCKS, "first", ("outcome", "to_axcelerate", "complete"), 30)

    assert "complete: 30}" in edited
    assert len(changed(BLOCKS, edited)) == 2


def test_a_missing_key_is_put_into_the_braces():
    edited = set_value(BLOCKS, "first", ("axcelerate", "jurisdiction"), "WA")

    assert "axcelerate: {target: unit, unit: BSBWHS211, jurisdiction: WA}" in edited
    assert len(changed(BLOCKS, edited)) == 2


def test_a_missing_key_is_put_behind_the_last_one_of_its_group():
    edited = set_value(BLOCKS, "first", ("due_date", "lock_after"), False)

    assert changed(BLOCKS, edited) == ["+         lock_after: false"]
    assert edited.index("lock_after") < edited.index("# the table")


def test_a_group_that_is_not_written_yet_is_put_behind_the_rule():
    edited = set_value(BLOCKS, "first", ("enrolment", "on_withdrawal"), "keep")

    assert changed(BLOCKS, edited) == ["+       enrolment: {on_withdrawal: keep}"]
    assert edited.index("enrolment") < edited.index("# the end")


def test_an_entry_of_a_list_is_replaced():
    edited = set_value(WHS, "whs-induction", ("axcelerate", "classes", 1), 880125)

    assert "classes: [880123, 880125]   # the February" in edited
    assert len(changed(WHS, edited)) == 2


@pytest.mark.parametrize(
    ("rule", "path", "what"),
    [
        ("second", ("title",), "no rule second"),
        ("first", ("ispring", "courses"), "several lines"),
        ("first", ("ispring", "courses", 4), "nothing to hold it"),
    ],
)
def test_what_cannot_be_set_is_refused_and_named(rule: str, path: tuple[str | int, ...], what: str):
    with pytest.raises(UsageError, match=what):
        set_value(BLOCKS, rule, path, "x")


def test_a_rule_is_added_behind_the_last_one_with_its_comments():
    rule = "# Why: the July intake\n- id: second\n  title: Second\n"

    edited = add_rule(BLOCKS, rule)

    assert changed(BLOCKS, edited) == [
        "+     # Why: the July intake",
        "+     - id: second",
        "+       title: Second",
    ]
    assert edited.endswith("# the end\n")


def test_the_first_rule_of_a_file_is_added_under_rules():
    assert (
        add_rule("version: 1\n# none yet", "- id: one\n") == "version: 1\n# none yet\nrules:\n  - id: one\n"
    )


def test_an_edited_file_still_loads(tmp_path: Path):
    edited = set_value(WHS, "whs-induction", ("title",), "WHS: the online part, #2")
    (tmp_path / "one.yaml").write_text(edited, encoding="utf-8")

    (rule,) = load_rules(tmp_path, jurisdiction="NAT").rules.rules

    assert rule.title == "WHS: the online part, #2"


@settings(max_examples=60)
@example("two\u2028lines \x85 \U000e0001 \U0001f600")
@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=30))
def test_any_text_is_written_so_that_it_is_read_back(title: str):
    edited = set_value(BLOCKS, "first", ("ispring", "courses", 0), title)

    tree = read_tree("", edited.encode())
    assert tree.root is not None
    node = tree.root.at(("rules", 0, "ispring", "courses", 0))
    assert node is not None
    assert node.value == title
    assert edited.count("\n") == BLOCKS.count("\n")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("both", "both"),
        ("007", '"007"'),
        ("true", '"true"'),
        ("a: b", '"a: b"'),
        (20, "20"),
        (True, "true"),
        (["a", "b, c"], '[a, "b, c"]'),
        ({"id": "x", "title": "y z"}, "{id: x, title: y z}"),
    ],
)
def test_values_are_quoted_only_where_they_would_be_misread(value: object, text: str):
    assert written(value) == text  # type: ignore[arg-type]
