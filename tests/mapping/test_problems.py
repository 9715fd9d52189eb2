"""Every kind of problem in a mapping file: the place, the path and the words, one planted fault at a time."""

import os

import pytest

from connector.domain.reasons import REVIEWS
from tests.mapping.files import COURSE, OTHER_COURSE, UNIT_RULE, problems_of, unit_rule

STATUSES = "not_started, in_progress, pending, complete, passed, accepted, incomplete, failed, declined"
JURISDICTIONS = "NAT, NSW, NSW_ACE, NSW_SS, VIC, QLD, SA, TAS, NT, ACT, WA"
MATCHERS = "email, login, optional_id=login, optional_id=<profile field>"
RULE_KEYS = (
    "enrolment, start_date, due_date, access, outcome, examples, id, was, title, ispring, axcelerate, learner"
)


def with_more(text):
    """The unit rule with more keys, from line 6 on."""
    return UNIT_RULE + text


def with_target(text):
    """The unit rule with another aXcelerate side, in line 5."""
    return UNIT_RULE.replace("target: unit, unit: BSBWHS211", text)


FAULTS = {
    "a code that does not exist": (
        with_more("    outcome:\n      to_axcelerate: {passed: 21}\n"),
        [
            "7:31: outcome.to_axcelerate.passed: 21 is not an outcome code of NAT; nearest: 20 (competency achieved)"
        ],
    ),
    "a quoted code that does not exist": (
        with_more("    outcome:\n      to_axcelerate:\n        passed: '21'\n"),
        [
            "8:17: outcome.to_axcelerate.passed: 21 is not an outcome code of NAT; nearest: 20 (competency achieved)"
        ],
    ),
    "a code of another jurisdiction": (
        with_target("target: unit, unit: BSBWHS211, jurisdiction: WA")
        + "    outcome: {to_axcelerate: {passed: 20}}\n",
        [
            "6:39: outcome.to_axcelerate.passed: 20 is not an outcome code of WA; nearest: 1 (competency achieved)"
        ],
    ),
    "a deprecated code": (
        with_more("    outcome: {to_axcelerate: {passed: 90}}\n"),
        [
            "6:39: outcome.to_axcelerate.passed: 90 is no longer in use in NAT; nearest: 70 (continuing activity)"
        ],
    ),
    "a blank code where there is none": (
        with_more("    outcome: {to_axcelerate: {in_progress: blank}}\n"),
        [
            "6:44: outcome.to_axcelerate.in_progress: blank is not an outcome code of NAT; nearest: 70 (continuing activity)"
        ],
    ),
    "a code to look for that does not exist": (
        with_more("    outcome: {to_ispring: {21: complete}}\n"),
        ["6:28: outcome.to_ispring.21: 21 is not an outcome code of NAT; nearest: 20 (competency achieved)"],
    ),
    "a list as a code": (
        with_more("    outcome: {to_axcelerate: {passed: [20]}}\n"),
        ["6:39: outcome.to_axcelerate.passed: a list is no outcome code; write its number, or `blank`"],
    ),
    "a switch as a code": (
        with_more("    outcome: {to_axcelerate: {passed: true}}\n"),
        ["6:39: outcome.to_axcelerate.passed: true is no outcome code; write its number, or `blank`"],
    ),
    "a misspelt status": (
        with_more("    outcome: {to_axcelerate: {pased: 20}}\n"),
        [f"6:31: outcome.to_axcelerate.pased: pased is not one of {STATUSES}; nearest: passed"],
    ),
    "a status that nobody can set": (
        with_more("    outcome: {to_ispring: {20: accepted}}\n"),
        [
            "6:32: outcome.to_ispring.20: accepted is a status that iSpring does not let anybody set; nearest: complete"
        ],
    ),
    "an unknown status to set": (
        with_more("    outcome: {to_ispring: {20: completed}}\n"),
        [
            "6:32: outcome.to_ispring.20: completed is not one of complete, passed, incomplete, failed; nearest: complete"
        ],
    ),
    "iSpring winning over an outcome": (
        with_more("    outcome: {on_conflict: ispring}\n"),
        [
            "6:28: outcome.on_conflict: ispring is not possible: an outcome is an assessor's judgement, which iSpring never overrules; nearest: review"
        ],
    ),
    "an unknown key of a rule": (
        with_more("    enrollment: {create: true}\n"),
        [f"6:5: enrollment: is no key of this table, which has {RULE_KEYS}; nearest: enrolment"],
    ),
    "an unknown key further down": (
        with_more("    due_date: {directon: both}\n"),
        [
            "6:16: due_date.directon: is no key of this table, which has direction, on_conflict, lock_after; nearest: direction"
        ],
    ),
    "no for off": (
        with_more("    due_date: {direction: no}\n"),
        [
            "6:27: due_date.direction: no is not one of both, axcelerate_to_ispring, ispring_to_axcelerate, off; nearest: off"
        ],
    ),
    "false for off": (
        with_more("    due_date: {direction: false}\n"),
        [
            "6:27: due_date.direction: false is not one of both, axcelerate_to_ispring, ispring_to_axcelerate, off; nearest: off"
        ],
    ),
    "an unknown winner": (
        with_more("    access: {on_conflict: axcelarate}\n"),
        [
            "6:27: access.on_conflict: axcelarate is not one of axcelerate, ispring, review; nearest: axcelerate"
        ],
    ),
    "yes for true": (
        with_more("    enrolment: {create: yes}\n"),
        ["6:25: enrolment.create: yes is neither true nor false; nearest: true"],
    ),
    "false in quotes": (
        with_more('    due_date: {lock_after: "false"}\n'),
        ['6:28: due_date.lock_after: "false" in quotes is neither true nor false; nearest: false'],
    ),
    "a number for a switch": (
        with_more("    due_date: {lock_after: 2}\n"),
        ["6:28: due_date.lock_after: 2 is neither true nor false"],
    ),
    "creating learners without a department": (
        with_more("    enrolment:\n      missing_learner: create\n"),
        ["7:24: enrolment.missing_learner: create needs a department: add `department: <id>` beside it"],
    ),
    "class ids that are none": (
        with_target('target: class, classes: ["88", 0, 1.5]'),
        [
            '5:43: axcelerate.classes[1]: "88" in quotes is no whole number; nearest: 88',
            "5:49: axcelerate.classes[2]: 0 is no id; ids begin at 1",
            "5:52: axcelerate.classes[3]: 1.5 is no whole number",
        ],
    ),
    "one class without a list": (
        with_target("target: class, classes: 88"),
        ["5:42: axcelerate.classes: 88 is no list; write [ … ]"],
    ),
    "an empty list of classes": (
        with_target("target: class, classes: []"),
        ["5:42: axcelerate.classes: the list is empty"],
    ),
    "classes beside a qualification": (
        with_target("target: class, classes: [88], qualification: CHC43121"),
        ["5:48: axcelerate.qualification: stands beside `classes`; keep one of the two"],
    ),
    "a class twice": (
        with_target("target: class, classes: [88, 89, 88]"),
        ["5:51: axcelerate.classes[3]: 88 stands twice; leave one out"],
    ),
    "a course twice": (
        UNIT_RULE.replace(COURSE, f"{COURSE}, {COURSE}"),
        [f"4:63: ispring.courses[2]: {COURSE} stands twice; leave one out"],
    ),
    "no course": (UNIT_RULE.replace(f"[{COURSE}]", "[]"), ["4:24: ispring.courses: the list is empty"]),
    "courses missing": (
        UNIT_RULE.replace(f"courses: [{COURSE}]", ""),
        ["4:5: ispring.courses: is missing; name at least one content item id"],
    ),
    "a course without an id": (
        UNIT_RULE.replace(COURSE, "{title: WHS}"),
        ["4:25: ispring.courses[1].id: is missing; a course is named by its content item id"],
    ),
    "a switch for a course": (
        UNIT_RULE.replace(COURSE, "true"),
        ["4:25: ispring.courses[1]: true is no table of keys"],
    ),
    "target missing": (
        with_target("unit: BSBWHS211"),
        ["5:5: axcelerate.target: is missing; write unit, module or class"],
    ),
    "an unknown target": (
        with_target("target: units, unit: BSBWHS211"),
        ["5:26: axcelerate.target: units is not one of class, unit, module; nearest: unit"],
    ),
    "a unit without its code": (
        with_target("target: unit"),
        ["5:26: axcelerate.unit: is missing; target unit needs the unit's code"],
    ),
    "a module without its name": (
        with_target("target: module, unit: BSBWHS211"),
        [
            "5:26: axcelerate.module: is missing; target module needs the module's name",
            "5:34: axcelerate.unit: does not belong to target module; leave it out",
        ],
    ),
    "a unit in a class rule": (
        with_target("target: class, unit: BSBWHS211"),
        ["5:33: axcelerate.unit: does not belong to target class; leave it out"],
    ),
    "an unknown jurisdiction": (
        with_target("target: unit, unit: BSBWHS211, jurisdiction: NZ"),
        [f"5:63: axcelerate.jurisdiction: NZ is not one of {JURISDICTIONS}; nearest: NT"],
    ),
    "an outcome in a module rule": (
        with_target("target: module, module: Safety")
        + "    outcome: {to_axcelerate: {passed: 20}}\n    examples: []\n",
        [
            "6:5: outcome: does not belong to target module: only a unit has an outcome; leave it out",
            "7:5: examples: does not belong to target module: only a unit has an outcome; leave it out",
        ],
    ),
    "an outcome in a class rule": (
        with_target("target: class") + "    outcome: {approval: automatic}\n",
        ["6:5: outcome: does not belong to target class: only a unit has an outcome; leave it out"],
    ),
    "dates of a class rule towards aXcelerate": (
        with_target("target: class")
        + "    due_date: {direction: both}\n    start_date: {direction: ispring_to_axcelerate}\n",
        [
            "6:27: due_date.direction: both is not possible in a class rule, whose dates are those of the whole class; "
            "nearest: axcelerate_to_ispring",
            "7:29: start_date.direction: ispring_to_axcelerate is not possible in a class rule, whose dates are those of "
            "the whole class; nearest: axcelerate_to_ispring",
        ],
    ),
    "unknown matchers": (
        with_more("    learner: {match: [e-mail, optional_id, optional_id=]}\n"),
        [
            f"6:23: learner.match[1]: e-mail is not one of {MATCHERS}; nearest: email",
            f"6:31: learner.match[2]: optional_id is not one of {MATCHERS}; nearest: optional_id=login",
            f"6:44: learner.match[3]: optional_id= is not one of {MATCHERS}; nearest: optional_id=login",
        ],
    ),
    "a matcher twice": (
        with_more("    learner: {match: [email, email]}\n"),
        ["6:30: learner.match[2]: email stands twice; leave one out"],
    ),
    "a key with nothing under it": (
        with_more("    outcome:\n    access: {direction: }\n"),
        [
            "6:5: outcome: nothing stands here; write a value or leave it out",
            "7:14: access.direction: nothing stands here; write a value or leave it out",
        ],
    ),
    "a required key with nothing under it": (
        UNIT_RULE.replace("id: whs", "id:"),
        ["3:5: id: nothing stands here; write a value or leave it out"],
    ),
    "a list entry with nothing in it": (
        UNIT_RULE.replace(COURSE, f"{COURSE}, ~"),
        ["4:63: ispring.courses[2]: nothing stands here; write a value or leave it out"],
    ),
    "a list for a table": (with_more("    outcome: [1]\n"), ["6:14: outcome: a list is no table of keys"]),
    "a word for a table": (with_more("    access: open\n"), ["6:13: access: open is no table of keys"]),
    "a table for a word": (
        with_more("    title: {a: b}\n"),
        ["6:12: title: a table is no text; put text in quotes"],
    ),
    "a switch for a word": (
        with_more("    title: true\n"),
        ["6:12: title: true is no text; put text in quotes"],
    ),
    "a very long word": (with_more(f"    title: {'x' * 301}\n"), ["6:12: title: is longer than 300 letters"]),
    "a key twice": (
        with_more("    title: a\n    title: b\n"),
        ["7:5: title: stands twice; the first is in line 6"],
    ),
    "a tag": (with_more("    title: !!str a\n"), ["6:12: title: `!!str` is a tag; write the bare value"]),
    "an alias": (
        with_more("    title: &t a\n    was: *t\n"),
        [
            "6:12: title: `&t` is an anchor, which mapping files do not use; leave it out",
            "7:10: was: `*t` is an alias; write the value out",
        ],
    ),
    "a merged table": (
        with_more("    access: &a {direction: both}\n    due_date: {<<: *a}\n"),
        [
            "6:13: access: `&a` is an anchor, which mapping files do not use; leave it out",
            "7:20: due_date.<<: `*a` is an alias; write the value out",
        ],
    ),
    "a list as a key": (
        with_more("    ? [a]\n    : 1\n"),
        ["6:7: rules[1]: a key must be one word or number"],
    ),
    "an empty id": (UNIT_RULE.replace("id: whs", "id: ''"), ["3:9: id: is empty"]),
    "no id": (
        UNIT_RULE.replace("  - id: whs\n    isp", "  - isp"),
        ["3:5: id: is missing; every rule has a name of its own"],
    ),
    "an id twice": (
        UNIT_RULE + unit_rule(course=OTHER_COURSE),
        ["6:9: id: whs stands already at a.yaml:3:9; each `id` stands once in all files"],
    ),
    "a former id that is still there": (
        UNIT_RULE.replace("id: whs", "id: whs\n    was: whs"),
        ["4:10: was: whs is still the id of a rule (a.yaml:3:9); a renamed rule has left its old id"],
    ),
    "an example with wrong words": (
        with_more(
            "    examples:\n      - {given: {ispring: pass, axcelerate: 70}, expect: {axcelerate: 21}}\n"
        ),
        [
            f"7:27: examples[1].given.ispring: pass is not one of {STATUSES}; nearest: passed",
            "7:71: examples[1].expect.axcelerate: 21 is not an outcome code of NAT; nearest: 20 (competency achieved)",
        ],
    ),
    "examples with one half": (
        with_more("    examples:\n      - {expect: {}}\n      - given: {ispring: passed}\n"),
        [
            "7:9: examples[1].given: is missing; say what both sides show: `given: {ispring: passed, axcelerate: 70}`",
            "8:9: examples[2].expect: is missing; say what is written: `expect: {axcelerate: 20}`, or `{}`",
        ],
    ),
    "an example in words": (
        with_more("    examples:\n      - passed gives 20\n"),
        ["7:9: examples[1]: passed gives 20 is no table of keys"],
    ),
    "wrong defaults": (
        UNIT_RULE.replace(
            "rules:", "defaults: {outcome: {to_axcelerate: {passed: 21}}, learner: {match: [email]}}\nrules:"
        ),
        [
            "2:46: defaults.outcome.to_axcelerate.passed: 21 is not an outcome code of NAT; nearest: 20 (competency achieved)",
            "2:52: defaults.learner: is no key of this table, which has enrolment, start_date, due_date, access, outcome, "
            "examples",
        ],
    ),
    "wrong limits": (
        UNIT_RULE + "limits: {created: 5%, updates: 101%, access_removed: -1, outcomes: lots}\n",
        [
            "6:19: limits.created: 5% is a percentage, but `created` has nothing to be held against; write a number",
            "6:32: limits.updates: 101% is more than everything; write a percentage from 0% to 100%",
            "6:54: limits.access_removed: -1 is no limit; write a whole number of pairs (20) or a percentage (5%)",
            "6:68: limits.outcomes: lots is no limit; write a whole number of pairs (20) or a percentage (5%)",
        ],
    ),
    "an unknown limit": (
        UNIT_RULE + "limits: {update: 5%}\n",
        [
            "6:10: limits.update: is no key of this table, which has created, updates, access_removed, outcomes; "
            "nearest: updates"
        ],
    ),
    "an unknown key of the file": (
        UNIT_RULE + "limit: {created: 3}\n",
        ["6:1: limit: is no key of this table, which has version, defaults, limits, rules; nearest: limits"],
    ),
    "another version": (UNIT_RULE.replace("version: 1", "version: 2"), ["1:10: version: 2 is not one of 1"]),
    "no version": (
        UNIT_RULE.replace("version: 1\n", ""),
        ["1:1: version: is missing; write `version: 1` at the top"],
    ),
    "no rules": ("version: 1\n", ["1:1: rules: is missing; a file holds rules, limits, or both"]),
    "one rule without a list": (
        "version: 1\nrules: {id: a}\n",
        ["2:8: rules: a table is no list; write [ … ]"],
    ),
    "a rule in words": ("version: 1\nrules:\n  - whs\n", ["3:5: rules[1]: whs is no table of keys"]),
    "a list of things": (
        "- a\n",
        ["1:1: is no table; a mapping file begins with `version: 1` and `rules:`"],
    ),
    "a sentence": ("hello\n", ["1:1: is no table; a mapping file begins with `version: 1` and `rules:`"]),
    "an empty file": ("", ["1:1: is empty; a mapping file begins with `version: 1`"]),
    "nothing but a comment": ("# later\n", ["1:1: is empty; a mapping file begins with `version: 1`"]),
    "a tab": ("version: 1\nrules:\n\t- id: a\n", ["3:1: a tab stands here; YAML is indented with spaces"]),
    "an open bracket": (
        "version: 1\nrules: [\n",
        ["3:1: is not YAML: expected the node content, but found '<stream end>'"],
    ),
    "a quote that is never closed": (
        with_more("    title: 'WHS\n    learner: {match: [email]}\n"),
        ["6:12: is not YAML: what opens here is never closed"],
    ),
    "a bracket that is never closed": (
        with_more("    learner: {match: [email\n"),
        ["6:22: is not YAML: what opens here is never closed"],
    ),
    "true for the version": (
        UNIT_RULE.replace("version: 1", "version: true"),
        ["1:10: version: true is not one of 1"],
    ),
    "a winner that an outcome does not know": (
        with_more("    outcome: {on_conflict: reveiw}\n"),
        ["6:28: outcome.on_conflict: reveiw is not one of axcelerate, review; nearest: review"],
    ),
    "a number for a status": (
        with_more("    outcome: {to_axcelerate: {5: 20}}\n"),
        [f"6:31: outcome.to_axcelerate.5: 5 is not one of {STATUSES}"],
    ),
    "numbers that are none": (
        with_target("target: class, classes: [0880123, 99999999999999999999999]"),
        [
            "5:43: axcelerate.classes[1]: 0880123 is no whole number",
            "5:52: axcelerate.classes[2]: 99999999999999999999999 is no whole number",
        ],
    ),
    "a misspelt switch": (
        with_more("    enrolment: {create: flase}\n"),
        ["6:25: enrolment.create: flase is neither true nor false; nearest: false"],
    ),
    "nothing before a wrong class": (
        with_target("target: class, classes: [null, abc]"),
        [
            "5:43: axcelerate.classes[1]: nothing stands here; write a value or leave it out",
            "5:49: axcelerate.classes[2]: abc is no whole number",
        ],
    ),
    "a list that holds nothing": (
        with_more("    learner: {match: [null]}\n"),
        ["6:23: learner.match[1]: nothing stands here; write a value or leave it out"],
    ),
    "a reason that no review has": (
        with_more("    examples:\n      - {given: {ispring: passed}, expect: {review: aproval_required}}\n"),
        [
            f"7:53: examples[1].expect.review: aproval_required is not one of {', '.join(REVIEWS)}; nearest: approval_required"
        ],
    ),
    "numbers in quotes as limits": (
        UNIT_RULE + "limits: {created: '500', updates: '50'}\n",
        [
            '6:19: limits.created: "500" in quotes is no limit; write a whole number (500); nearest: 500',
            '6:35: limits.updates: "50" in quotes is no limit; write a whole number of pairs (20) or a percentage (5%); nearest: 50',
        ],
    ),
    "a colon in a title": (
        with_more("    title: WHS: part 1\n"),
        ["6:15: is not YAML: mapping values are not allowed here"],
    ),
    "not UTF-8": (
        b"version: 1\n# caf\xe9\n",
        ["2:6: is not UTF-8 text from here on; save the file as UTF-8"],
    ),
    "a control character": (
        b"version: 1\n# \x07\n",
        ["2:3: a control character stands here, which YAML does not allow"],
    ),
    "two documents": (
        UNIT_RULE + "---\nversion: 1\n",
        ["6:1: a second document begins here; one file holds one document"],
    ),
    "an impossible escape": (
        'version: 1\ntitle: "\\UFFFFFFFF"\n',
        ["2:1: is not YAML behind this: Python int too large to convert to C int"],
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_where_it_stands(fault, tmp_path):
    content, expected = FAULTS[fault]

    problems = problems_of(tmp_path, a=content)

    assert problems == [f"a.yaml:{line}" for line in expected]


def test_all_faults_of_a_rule_are_reported_at_once(tmp_path):
    text = UNIT_RULE.replace("id: whs", "name: whs") + (
        "    due_date: {directon: both, lock_after: on}\n"
        "    outcome:\n"
        "      to_axcelerate: {passed: 21, pased: 20, complete: 22}\n"
        "    enrolment: {missing_learner: create}\n"
    )

    problems = problems_of(tmp_path, a=text)

    assert [line.split(": ")[1] for line in problems] == [
        "name",
        "id",
        "due_date.directon",
        "due_date.lock_after",
        "outcome.to_axcelerate.passed",
        "outcome.to_axcelerate.pased",
        "outcome.to_axcelerate.complete",
        "enrolment.missing_learner",
    ]


def test_a_target_still_to_be_mended_hides_no_code_that_does_not_exist(tmp_path):
    text = with_target("traget: unit, unit: BSBWHS211") + "    outcome: {to_axcelerate: {passed: 21}}\n"

    problems = problems_of(tmp_path, a=text)

    assert [line.split(": ")[1] for line in problems] == [
        "axcelerate.target",
        "axcelerate.traget",
        "outcome.to_axcelerate.passed",
    ]


def test_all_faults_of_all_files_are_reported_in_reading_order(tmp_path):
    problems = problems_of(
        tmp_path,
        c=UNIT_RULE.replace("version: 1", "version: 3").replace("whs", "third"),
        a="rules: [",
        b=UNIT_RULE
        + "    outcome: {to_axcelerate: {passed: 21}}\n"
        + unit_rule("other", unit="X", more="    acces: {}\n"),
    )

    assert [line.split(":")[:2] for line in problems] == [
        ["a.yaml", "1"],
        ["b.yaml", "6"],
        ["b.yaml", "10"],
        ["c.yaml", "1"],
    ]


def test_an_id_is_unique_over_all_files(tmp_path):
    problems = problems_of(tmp_path, a=UNIT_RULE, b=UNIT_RULE.replace(COURSE, OTHER_COURSE))

    assert problems == [
        "b.yaml:3:9: id: whs stands already at a.yaml:3:9; each `id` stands once in all files"
    ]


def test_a_former_id_is_claimed_by_one_rule(tmp_path):
    problems = problems_of(
        tmp_path,
        a=UNIT_RULE + "    was: old\n",
        b=UNIT_RULE.replace("id: whs", "id: two") + "    was: old\n",
    )

    assert problems == [
        "b.yaml:6:10: was: old stands already at a.yaml:6:10; each `was` stands once in all files"
    ]


def test_limits_stand_in_one_file_only(tmp_path):
    problems = problems_of(
        tmp_path,
        a="version: 1\nlimits: {created: 3}\n",
        b=UNIT_RULE + "limits: {updates: 5%}\n",
    )

    assert problems == ["b.yaml:6:1: limits: stand already at a.yaml:2:1; limits hold for all files"]


def test_a_default_is_complained_about_once(tmp_path):
    rules = "".join(unit_rule(f"r{number}", unit=f"U{number}") for number in range(3))
    text = "version: 1\ndefaults: {outcome: {to_axcelerate: {passed: 21}}}\nrules:\n" + rules

    assert len(problems_of(tmp_path, a=text)) == 1


def test_a_default_code_must_be_valid_in_every_rule_that_takes_it(tmp_path):
    text = (
        "version: 1\ndefaults: {outcome: {to_axcelerate: {passed: 20}}}\nrules:\n"
        + unit_rule("here")
        + unit_rule("west").replace("unit: BSBWHS211", "unit: X, jurisdiction: WA")
    )

    assert problems_of(tmp_path, a=text) == [
        "a.yaml:2:46: defaults.outcome.to_axcelerate.passed: 20 is not an outcome code of WA; nearest: 1 (competency achieved)"
    ]


def test_deep_nesting_is_refused_without_walking_it(tmp_path):
    problems = problems_of(tmp_path, a="version: 1\nrules: " + "[" * 5000 + "]" * 5000 + "\n")

    assert any("is nested too deep" in line for line in problems)


def test_an_alias_bomb_costs_nothing(tmp_path):
    lines = ["version: 1", "a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    problems = problems_of(tmp_path, a="\n".join(lines))

    assert any("is an alias" in line for line in problems)


def test_a_huge_file_is_refused_by_its_size(tmp_path):
    problems = problems_of(tmp_path, a="#" * 5_000_000)

    assert problems == ["a.yaml: is larger than 4 MB; split it into several files"]


def test_a_missing_directory_is_named(tmp_path):
    missing = tmp_path / "nowhere"

    assert problems_of(missing) == [
        f"{missing.as_posix()}: does not exist; CONNECTOR_MAPPINGS_DIR names the directory of the mapping files"
    ]


def test_a_file_instead_of_a_directory_is_named(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(UNIT_RULE)

    assert "is a file, not a directory" in problems_of(file)[0]


def test_a_directory_without_files_is_named(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "a.yaml").write_text(UNIT_RULE)
    (tmp_path / ".hidden.yaml").write_text("][")

    assert problems_of(tmp_path) == [
        f"{tmp_path.as_posix()}: holds no *.yaml file; an annotated one is mappings/example/example.yaml"
    ]


def test_files_without_any_rule_are_named(tmp_path):
    assert problems_of(tmp_path, a="version: 1\nlimits: {created: 3}\n") == [
        f"{tmp_path.as_posix()}: holds no rule in any of its files"
    ]


def test_a_directory_named_like_a_file_is_named(tmp_path):
    (tmp_path / "b.yaml").mkdir()

    assert problems_of(tmp_path, a=UNIT_RULE) == ["b.yaml: cannot be read: Is a directory"]


def test_a_pipe_is_named_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "b.yaml")

    assert problems_of(tmp_path, a=UNIT_RULE) == ["b.yaml: cannot be read: is no ordinary file"]
