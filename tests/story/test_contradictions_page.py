"""The page of contradictions names every row, and nothing on it is made up: files, names in them, switches and tests exist."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from connector.sandbox.axcelerate import AxcelerateSwitches
from connector.sandbox.ispring import IspringSwitches

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "contradictions.md").read_text(encoding="utf-8")
BOARDS = {"ispring": IspringSwitches, "axcelerate": AxcelerateSwitches}
SWITCHES = {platform: {switch.name for switch in fields(board)} for platform, board in BOARDS.items()}


def rows_of(platform: str) -> dict[int, list[str]]:
    """By number: question, defence, switch, test."""
    title = {"ispring": "## iSpring Learn", "axcelerate": "## aXcelerate"}[platform]
    part = PAGE.split(title)[1].split("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in part.splitlines()]
    return {int(row[0]): row[1:] for row in cells if row[0].isdigit()}


ROWS = [(platform, number, row) for platform in SWITCHES for number, row in rows_of(platform).items()]
every_row = pytest.mark.parametrize(
    ("platform", "number", "row"), ROWS, ids=[f"{platform}-{number}" for platform, number, _ in ROWS]
)


def test_every_row_of_both_lists_is_there():
    assert list(rows_of("ispring")) == list(range(1, 31))
    assert list(rows_of("axcelerate")) == list(range(1, 46))


@every_row
def test_the_defence_is_where_the_row_says(platform: str, number: int, row: list[str]):
    _, defence, _, _ = row

    for path, names in re.findall(r"`([a-z_/]+\.py)`(?:: ((?:`\w+`(?:, )?)+))?", defence):
        source = (ROOT / "connector" / path).read_text(encoding="utf-8")
        for name in re.findall(r"\w+", names):
            assert re.search(rf"\b{name}\b", source), f"{path} has no {name}"


@every_row
def test_the_switches_exist_and_answer_this_row(platform: str, number: int, row: list[str]):
    _, _, switch, _ = row
    named = set(re.findall(r"`([a-z_0-9]+)`", switch))

    if not named:
        assert switch.startswith("none"), switch
        return
    faults = {"reset_after", "hang", "truncate"}
    assert named <= SWITCHES[platform] | faults


@every_row
def test_the_tests_exist(platform: str, number: int, row: list[str]):
    named = re.findall(r"`([a-z_/]+\.py)::(test_[a-z_0-9]+)`", row[3])

    assert named
    for path, test in named:
        assert f"def {test}(" in (ROOT / "tests" / path).read_text(encoding="utf-8"), f"{path} has no {test}"


@pytest.mark.parametrize("platform", BOARDS)
def test_every_switch_stands_in_the_row_that_it_answers(platform: str):
    rows = rows_of(platform)

    for switch in fields(BOARDS[platform]):
        answers = switch.metadata["row"]
        if isinstance(answers, int):  # else it answers a section of the reference, not a row of its list
            assert f"`{switch.name}`" in rows[answers][2], f"{switch.name} does not stand in row {answers}"
