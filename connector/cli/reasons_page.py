"""docs/reasons.md, made from the lists of reasons: `python -m connector.cli.reasons_page > docs/reasons.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from connector.domain.reasons import KINDS

_HEADINGS = {
    "change": ("Why something is changed", "`reason` of a change, in a plan, a run and the journal."),
    "review": ("Why a person is asked", "`reason` of a review. `connector review list` shows what waits."),
    "skipped": (
        "Why something is left alone",
        "`reason` of what is skipped; it never alters the exit code.",
    ),
    "note": ("Decisions without a write", "`reason` of a decision in the journal."),
}


def page() -> Iterator[str]:
    """The lines of the page."""
    yield "# Reasons"
    yield ""
    yield "Every reason that a report can give: what it means, and what a person can do. These lists are closed; the page is"
    yield "made from `connector/domain/reasons.py`, and a test keeps the two equal."
    for kind, reasons in KINDS.items():
        title, about = _HEADINGS[kind]
        yield ""
        yield f"## {title}"
        yield ""
        yield about
        yield ""
        yield "| Reason | Meaning | What to do |"
        yield "|---|---|---|"
        for reason in reasons.values():
            yield f"| `{reason.word}` | {reason.meaning} | {reason.fix} |"


if __name__ == "__main__":
    sys.stdout.write("\n".join(page()) + "\n")
