"""What the console's page shows, made from the state database and the mapping files."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, select_autoescape
from markupsafe import Markup, escape

from connector.domain import reasons
from connector.domain.ledger import Counts, Link, Review, RunRecord
from connector.domain.rule import Rule
from connector.errors import MappingError

if TYPE_CHECKING:
    from connector.settings import Settings
    from connector.state.store import Store

RUNS_SHOWN, REVIEWS_SHOWN, CONTACTS_SHOWN = 20, 50, 8
_ENDS = {
    0: "finished",
    1: "a bug",
    2: "settings",
    3: "a record failed",
    4: "refused by a limit",
    5: "a platform was unreachable",
}
_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=select_autoescape()
)


def _with_code(text: str) -> Markup:
    """What stands between backticks is something to type."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))


_TEMPLATES.filters["with_code"] = _with_code


@dataclass(frozen=True)
class Page:
    """The console's one page; people stand in it by their contact numbers only."""

    zone: str
    counts: Counts
    waiting: int
    linked: dict[str, int]
    left_alone: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    reviews: list[dict[str, Any]]
    rules: list[dict[str, str]]
    problems: list[str]


def render(page: Page) -> str:
    return _TEMPLATES.get_template("home.html").render(page=page)


def page_of(store: Store, settings: Settings) -> Page:
    """Read what the page shows; a moment old at most."""
    waiting = store.waiting()
    rules, problems = _mappings(settings)
    return Page(
        zone=settings.zone.key,
        counts=store.counts(),
        waiting=len(waiting),
        linked=dict(Counter(_how(link) for link in store.stream_links()).most_common()),
        left_alone=_left_alone(store),
        runs=[_run(record, settings.zone) for record in store.last_runs(RUNS_SHOWN)],
        reviews=[_review(review, settings.zone) for review in waiting[:REVIEWS_SHOWN]],
        rules=rules,
        problems=problems,
    )


def _run(record: RunRecord, zone: ZoneInfo) -> dict[str, Any]:
    totals = json.loads(record.report or "{}")
    took = (record.finished_at - record.started_at).total_seconds() if record.finished_at else None
    code = record.exit_code
    return {
        "started": _local(record.started_at, zone),
        "took": "" if took is None else f"{took:.1f} s",
        "scope": "everything" if record.is_full else "a part",
        "ended": "running, or broken off" if code is None else _ENDS.get(code, str(code)),
        "is_bad": code not in (None, 0),
        "applied": totals.get("applied", ""),
        "failed": totals.get("failed", 0) + totals.get("unverified", 0) if totals else "",
        "review": totals.get("review", ""),
    }


def _review(review: Review, zone: ZoneInfo) -> dict[str, Any]:
    question = json.loads(review.question)
    return {
        "id": review.id,
        "contact": review.contact_id,
        "rule": review.rule,
        "field": review.field.replace("_", " "),
        "why": reasons.says("review", review.reason),
        "ispring": question.get("ispring") or "none",
        "axcelerate": question.get("axcelerate") or "none",
        "asked": _local(review.asked_at, zone),
    }


def _how(link: Link) -> str:
    return "pinned by a person" if link.pinned else f"by {link.how}"


def _left_alone(store: Store) -> list[dict[str, Any]]:
    """What the last runs left alone, by reason: how many people, which, and what can be done. Most people first."""
    contacts: defaultdict[str, set[int]] = defaultdict(set)
    rules: defaultdict[str, set[str]] = defaultdict(set)
    for contact, said in store.said():
        for one in json.loads(said):
            contacts[one["reason"]].add(contact)
            rules[one["reason"]].add(one["rule"])
    return [
        {
            "why": reasons.says("skipped", reason),
            "people": len(found),
            "rules": ", ".join(sorted(rules[reason])),
            "contacts": ", ".join(map(str, sorted(found)[:CONTACTS_SHOWN])),
            "more": max(0, len(found) - CONTACTS_SHOWN),
            "fix": reasons.fix("skipped", reason),
        }
        for reason, found in sorted(contacts.items(), key=lambda item: (-len(item[1]), item[0]))
    ]


def _local(moment: datetime, zone: ZoneInfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _mappings(settings: Settings) -> tuple[list[dict[str, str]], list[str]]:
    from connector.wiring import rules_of

    try:
        return [_rule(rule) for rule in rules_of(settings).rules], []
    except MappingError as error:
        return [], error.problems


def _rule(rule: Rule) -> dict[str, str]:
    about = rule.unit or rule.module or ", ".join(str(class_id) for class_id in rule.classes)
    return {
        "id": rule.id,
        "title": rule.title,
        "target": f"{rule.target.value} {about}",
        "place": str(rule.place),
    }
