"""docs/compliance.md, made from the rules themselves: `python -m connector.cli.compliance_page > docs/compliance.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from connector.domain.reasons import REVIEWS
from connector.planning.compliance import ALL_RULES

_INTRODUCTION = """# Compliance before the write

A value that an auditor would object to is never written silently. Each rule below is checked before a date or an outcome
code leaves; a breach becomes a review under the rule's reason, with its number in the evidence (`compliance_rule`), and only a
person's approval writes the value. The page is made from `connector/planning/compliance.py`, and a test keeps the two equal.

| Rule | Says | Reason of the review | What to do | Source |
|---|---|---|---|---|"""

_YEAR_END = """
## Before the year ends

`connector report year-end [--year Y] [--json]` reads aXcelerate and lists continuing units (interim outcome) whose dates will fail
validation when the collection year is closed, while there is time to mend them. It reads the classes that the mappings name, all
units in them, and writes nothing.

| Finding | Says | What to do |
|---|---|---|"""

_REST = """
Rules that need no review because nothing can be written against them: a final code is never overwritten or lowered; where
the learner holds a final code for the unit in another class, 61 (superseded) included, no outcome is written
(`already_assessed`). A code that the rule's jurisdiction does not have is an error of the mapping file already (`connector mappings check`), and
`connector check` names classes that report to another jurisdiction than their rule says."""


def page() -> Iterator[str]:
    """The lines of the page."""
    from connector.year_end.findings import FINDINGS

    yield _INTRODUCTION
    for rule in ALL_RULES:
        yield f"| {rule.number} | {rule.says} | `{rule.reason}` | {REVIEWS[rule.reason].fix} | {rule.source} |"
    yield _REST
    yield _YEAR_END
    for finding in FINDINGS:
        yield f"| {finding.number} | {finding.says} | {finding.fix} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
