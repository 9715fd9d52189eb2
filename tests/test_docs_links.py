"""The pages of the documentation find each other, and the reader finds all of them from the first."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FIRST = ROOT / "README.md"
PAGES = [
    FIRST,
    ROOT / "CHANGELOG.md",
    ROOT / "deploy" / "README.md",
    *sorted((ROOT / "docs").glob("**/*.md")),
]
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")


def links_of(page: Path) -> list[str]:
    """Where a page points, addresses on the web left out."""
    return [link for link in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in link]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_of_the_page_leads_somewhere(page: Path):
    broken = [link for link in links_of(page) if not (page.parent / link).exists()]

    assert broken == []


def test_every_page_is_reached_from_the_first():
    reached, waiting = set(), [FIRST]
    while waiting:
        page = waiting.pop().resolve()
        if page in reached or page.suffix != ".md":
            continue
        reached.add(page)
        waiting += [target for link in links_of(page) if (target := page.parent / link).is_file()]

    lost = [page.name for page in PAGES if page.resolve() not in reached and page.parent.name != "decisions"]

    assert lost == []
