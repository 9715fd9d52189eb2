"""Suggestions as a mapping file: sure ones as rules, the others commented out, every one with its reason."""

from __future__ import annotations

import re

from connector.domain.catalogue import OfferedCourse
from connector.domain.outcome import Role, role_of, valid_codes
from connector.domain.rule import Target
from connector.mapping.editing import add_rule, written
from connector.reading.account import Account
from connector.starting.suggest import Belongs, Suggested

MOST_CLASSES = 30
"""A unit taught in more classes than this is suggested for every class instead of by a list."""

_HEAD = """\
# Suggested by `connector init` from what both accounts hold today. Nothing was written to either of them.
# Read every rule: remove what does not belong together, take the comment signs off what does.
#
#   connector mappings check       problems, with file:line:column
#   connector mappings test        the examples written below
#   connector mappings coverage    what no rule names
#   connector plan                 what a reconcile would change, and why
#
# Every word is explained in docs/mapping.md of the connector. What is left out has a careful default: a final outcome waits
# for a person, a cancelled learner is locked out and keeps everything earned.
version: 1

# How much one run may change before it stops and asks.
limits: {created: 500, updates: 50%, access_removed: 10%, outcomes: 30%}

"""


def first_mapping(suggested: Suggested, account: Account, *, jurisdiction: str) -> str:
    """The file's text. Without a sure suggestion it holds no rule, and `mappings check` says so."""
    text = _HEAD
    ids: set[str] = set()
    for one in suggested.sure:
        text = add_rule(text, _rule(one, account, ids, jurisdiction))
    maybe = [_rule(one, account, ids, jurisdiction) for one in suggested.likely]
    if maybe:
        text += "  # Perhaps these belong together. Take the `# ` off the ones that do, from `- id` down.\n"
        text += "".join(_commented(rule) for rule in maybe) + "\n"
    if suggested.alone:
        text += "  # Courses that resemble no unit and no module:\n"
        text += "".join(_course_line(course, account) for course in suggested.alone)
    return text if suggested.sure or not maybe else text.replace("  # Perhaps", "rules:\n  # Perhaps", 1)


def _rule(one: Belongs, account: Account, ids: set[str], jurisdiction: str) -> str:
    in_courses = len(set().union(*(account.users.get(course.course_id, set()) for course in one.courses)))
    lines = [
        f"# {_first_upper(one.because)}. Learners: {in_courses} in iSpring, {one.learners} in aXcelerate.",
        f"- id: {_new_id(one, ids)}",
        f"  title: {written(one.courses[0].title)}",
        "  ispring:",
        "    courses:",
        *(f"      - {{id: {c.course_id}, title: {written(c.title)}}}" for c in one.courses),
        "  axcelerate:",
        f"    target: {one.target}",
        f"    {one.target}: {written(one.key)}{_remark(one.name)}",
        *_class_lines(one, account),
        "  due_date: {direction: both, on_conflict: axcelerate, lock_after: true}",
    ]
    if one.target is Target.UNIT:
        lines += _outcome_lines(jurisdiction)
    return "\n".join(lines) + "\n\n"


def _class_lines(one: Belongs, account: Account) -> list[str]:
    if len(one.classes) > MOST_CLASSES:
        return [f"    # no `classes`: every class, {len(one.classes)} of them today"]
    numbers = ", ".join(str(class_id) for class_id in one.classes)
    names = "; ".join(account.class_name(class_id) for class_id in one.classes[:3])
    more = " …" if len(one.classes) > 3 else ""
    return [f"    classes: [{numbers}]{_remark(names + more)}"]


def _outcome_lines(jurisdiction: str) -> list[str]:
    """Codes of the jurisdiction: achieved, continuing, and what recognises earlier study."""
    codes = valid_codes(jurisdiction)
    achieved, continuing = ("1", "5") if jurisdiction == "WA" else ("20", "70")
    granted = ", ".join(f"{code}: complete" for code in codes if role_of(code, jurisdiction) is Role.GRANTED)
    successes = f"passed: {achieved}, complete: {achieved}, accepted: {achieved}"
    return [
        "  outcome:",
        "    approval: required      # each final code waits for a person: `connector review list`",
        f"    to_axcelerate: {{{successes}, in_progress: {continuing}}}",
        f"    to_ispring: {{{granted}}}",
        "  examples:",
        f"    - {{given: {{ispring: passed, axcelerate: {continuing}}}, expect: {{axcelerate: {achieved}}}}}",
    ]


def _commented(rule: str) -> str:
    return "".join(f"  # {line}".rstrip() + "\n" for line in rule.rstrip().split("\n"))


def _course_line(course: OfferedCourse, account: Account) -> str:
    learners = len(account.users.get(course.course_id, ()))
    return f"  #   {course.course_id}  {_one_line(course.title)} ({learners} learners)\n"


def _remark(text: str) -> str:
    return f"   # {_one_line(text)}" if text.strip() else ""


def _one_line(text: str) -> str:
    """Names come from the account: whatever breaks a line must not end a comment."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def _new_id(one: Belongs, taken: set[str]) -> str:
    """A name from the first course's title that no other rule has."""
    words = re.findall(r"[a-z0-9]+", one.courses[0].title.casefold())
    base = "-".join(words)[:40].strip("-") or str(one.key).casefold()
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    taken.add(name)
    return name


def _first_upper(text: str) -> str:
    return text[:1].upper() + text[1:]
