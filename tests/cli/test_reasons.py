"""Reasons are closed lists: whatever the program can say is listed with its meaning and fix, and the page says the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import connector
from connector.cli.reasons_page import page
from connector.domain.reasons import CHANGES, KINDS, NOTES, REVIEWS, SKIPS
from connector.planning.compliance import ALL_RULES
from connector.planning.enrolling import REST_DETAILS

PACKAGE = Path(connector.__file__).parent
SPEAKERS = ("planning", "engine", "execution", "reading")
HELPERS = {"plan_create", "_move_lock", "set_override", "_plan_set_status", "_one_changed", "_settle"}
"""Functions of planning that are handed the reason of a change among their arguments."""
CALLS = {"skip": (1, "skipped"), "skip_enrolment": (2, "skipped"), "ask": (2, "review"), "note": (2, "note")}
"""Methods that give a reason: its position among the arguments, and the list it belongs to."""


def trees() -> Iterator[ast.AST]:
    for folder in SPEAKERS:
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            yield ast.parse(file.read_text(encoding="utf-8"))


def words_in(node: ast.AST) -> Iterator[str]:
    """Texts that an expression can come to; those inside calls and comparisons are something else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words_in(node.body)
        yield from words_in(node.orelse)
    elif isinstance(node, ast.BoolOp):
        for value in node.values:
            yield from words_in(value)


def given_in_calls() -> set[tuple[str, str]]:
    found = set()
    for tree in trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            position, kind = CALLS.get(node.func.attr, (99, ""))
            if position < len(node.args):
                found |= {(kind, word) for word in words_in(node.args[position])}
    return found


def _is_named_reason(node: ast.AST) -> TypeGuard[ast.keyword | ast.Assign]:
    if isinstance(node, ast.keyword):
        return node.arg == "reason"
    names = node.targets if isinstance(node, ast.Assign) else []
    return any(isinstance(target, ast.Name) and target.id == "reason" for target in names)


def given_by_name() -> set[str]:
    """What planning gives as `reason=`, assigns to a name `reason`, or hands to one of its helpers."""
    found: set[str] = set()
    for file in sorted((PACKAGE / "planning").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if _is_named_reason(node):
                found |= set(words_in(node.value))
            elif isinstance(node, ast.Call) and getattr(node.func, "id", "") in HELPERS:
                found |= {word for argument in node.args for word in words_in(argument)}
    return {word for word in found if word}


def test_every_reason_given_in_a_call_is_in_its_list() -> None:
    given = given_in_calls()

    assert len(given) > 20
    assert {(kind, word) for kind, word in given if word not in KINDS[kind]} == set()


def test_every_reason_given_by_name_is_in_some_list() -> None:
    listed = {word for reasons in KINDS.values() for word in reasons}

    given = given_by_name()

    assert {"open_target", "has_results", "approval_required", "access_restored", "code_taken_back"} <= given
    assert given - listed == set()


def test_every_compliance_rule_is_a_review() -> None:
    assert {rule.reason for rule in ALL_RULES} <= REVIEWS.keys()


def test_every_reason_to_rest_is_listed() -> None:
    assert REST_DETAILS.keys() <= SKIPS.keys()


def test_the_contract_s_reasons_for_changes_are_there() -> None:
    promised = {"changed_in_axcelerate", "changed_in_ispring", "first_sight", "open_target", "withdrawn"}
    promised |= {"access_closed", "access_restored", "completion", "approved"}

    assert promised <= CHANGES.keys()


def test_every_reason_has_a_meaning_and_a_fix_in_whole_sentences() -> None:
    for reasons in (CHANGES, REVIEWS, SKIPS, NOTES):
        for word, reason in reasons.items():
            assert word == reason.word
            assert reason.meaning.endswith("."), word
            assert reason.fix.endswith("."), word
            assert not reason.says.endswith("."), word


def test_the_page_is_made_from_the_lists() -> None:
    written = (PACKAGE.parent / "docs" / "reasons.md").read_text(encoding="utf-8")

    assert written == "\n".join(page()) + "\n"
