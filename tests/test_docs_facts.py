"""What the pages say about settings, mapping keys, warnings, commands and exit codes is what the program says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from connector.domain.report import Exit
from connector.domain.rule import Limits
from connector.mapping.examples import run_examples
from connector.mapping.lint import LINTS
from connector.mapping.load import check_mappings
from connector.mapping.schema import json_schema
from connector.settings import setting_names
from connector.settings_sources import variable
from connector.trying.decision import decide

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MAPPING = (ROOT / "docs" / "mapping.md").read_text(encoding="utf-8")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
OTHER_WARNINGS = ("overlapping-rules", "file-not-read")


def test_the_mapping_of_the_first_page_loads_without_a_warning_and_its_example_holds(tmp_path: Path):
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (tmp_path / "readme.yaml").write_text(block, encoding="utf-8")

    checked = check_mappings(tmp_path, jurisdiction="NAT")

    assert (checked.problems, checked.warnings) == ((), ())
    assert checked.loaded is not None
    assert [result.passed for result in run_examples(checked.loaded.examples, decide)] == [True]


@pytest.mark.parametrize("name", [variable(name) for name in setting_names()])
def test_every_setting_is_explained(name: str):
    group, _, last = name.rpartition("__")
    short = f"`__{last}`"  # a second name in the row of its group

    assert f"`{name}`" in OPERATING or (f"| `{group}__" in OPERATING and short in OPERATING)


@pytest.mark.parametrize("name", [*LINTS, *OTHER_WARNINGS])
def test_every_warning_is_explained_with_its_fix(name: str):
    (row,) = [line for line in MAPPING.splitlines() if line.startswith(f"| `{name}` |")]

    assert len([cell for cell in row.strip("|").split("|") if cell.strip()]) == 3


def _keys_of_a_rule() -> list[str]:
    kinds = json_schema()["$defs"]
    return sorted(kinds["RuleDocument"]["properties"])


@pytest.mark.parametrize("key", _keys_of_a_rule())
def test_every_key_of_a_rule_is_explained(key: str):
    assert re.search(rf"`{key}[`.:]", MAPPING)


@pytest.mark.parametrize("code", list(Exit))
def test_every_exit_code_is_explained(code: Exit):
    assert f"| {int(code)} |" in README
    assert f"| {int(code)} |" in OPERATING


@pytest.mark.parametrize("name", Limits.__dataclass_fields__)
def test_every_limit_is_shown_with_its_default(name: str):
    (row,) = [line for line in README.splitlines() if line.startswith(f"| `{name}` |")]

    assert str(getattr(Limits(), name)) in row
