"""Whatever stands in a file, reading it ends in rules or in a MappingError, and quickly."""

import re
import tempfile
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connector.mapping.load import check_mappings
from tests.mapping.files import COURSE

WORDS = st.sampled_from(
    [
        *(
            "version",
            "defaults",
            "limits",
            "rules",
            "id",
            "was",
            "title",
            "ispring",
            "courses",
            "complete_when",
        ),
        *(
            "axcelerate",
            "target",
            "unit",
            "module",
            "class",
            "classes",
            "qualification",
            "jurisdiction",
            "learner",
            "match",
        ),
        *(
            "enrolment",
            "create",
            "missing_learner",
            "department",
            "start_date",
            "due_date",
            "lock_after",
            "access",
        ),
        *("outcome", "approval", "to_axcelerate", "to_ispring", "on_conflict", "examples", "given", "expect"),
        *(
            "passed",
            "complete",
            "blank",
            "automatic",
            "direction",
            "both",
            "off",
            "email",
            "NAT",
            "WA",
            "50%",
            COURSE,
        ),
        *("created", "updates", "", "null", "true", "1", "20", "-1", "1e999", "0x1f", "~", "é", "\U0001f600"),
    ]
)
PUNCTUATION = st.sampled_from(
    [
        *":-,[]{}#&*!|>'\"%@`?\n ",
        "\n  ",
        "\n    ",
        "  - ",
        ": ",
        "\t",
        "\\U",
        "---",
        "<<",
        "\r\n",
        "\ufeff",
        "\u2028",
        "\x85",
    ]
)
SOUP = st.lists(WORDS | PUNCTUATION, max_size=60).map("".join)

VALUES = st.recursive(
    WORDS,
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]")
        | st.lists(st.tuples(WORDS, inner), max_size=4).map(
            lambda entries: "{" + ", ".join(f'"{key}": {value}' for key, value in entries) + "}"
        )
    ),
    max_leaves=12,
)
RULE_KEYS = st.sampled_from(
    [
        "id",
        "was",
        "title",
        "ispring",
        "axcelerate",
        "learner",
        "enrolment",
        "start_date",
        "due_date",
        "access",
        "outcome",
        "examples",
    ]
)
RULES = st.lists(st.lists(st.tuples(RULE_KEYS, VALUES), max_size=6), min_size=1, max_size=3)


def check(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "a.yaml"
        path.write_bytes(content)

        checked = check_mappings(Path(directory), jurisdiction="NAT")

        assert (checked.loaded is None) == bool(checked.problems)
        text = content.decode("utf-8", errors="replace")
        lines = len(re.split("\r\n|[\n\r\x85\u2028\u2029]", text))
        for problem in [*checked.problems, *checked.warnings]:
            assert "\n" not in str(problem)
            assert problem.place.line <= lines


@settings(max_examples=150)
@given(st.binary(max_size=80))
@example(b"\xff\xfe1\x00")
def test_any_bytes_are_read_without_a_crash(content):
    check(content)


@settings(max_examples=250)
@given(SOUP)
def test_any_soup_of_words_and_signs_is_read_without_a_crash(text):
    check(text.encode())


@settings(max_examples=250)
@given(RULES)
def test_any_rules_of_the_right_keys_with_wrong_values_are_read_without_a_crash(rules):
    lines = ["version: 1", "rules:"]
    for rule in rules:
        lines += [f"  - {rule[0][0]}: {rule[0][1]}" if rule else "  - {}"]
        lines += [f"    {key}: {value}" for key, value in rule[1:]]

    check("\n".join(lines).encode())
