"""A plan as a letter that somebody can approve: who, what, from what to what, why, by which rule. Markdown or HTML."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from connector.cli.render import who
from connector.cli.words import FIELDS, PLATFORMS, value_words
from connector.domain import reasons
from connector.domain.plan import Change, Question
from connector.domain.report import Report
from connector.domain.rule import Field, Rules
from connector.errors import UsageError

SUFFIXES = (".md", ".html")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the letter's table."""

    learner: str
    what: str
    value: str
    why: str
    rule: str


@dataclass(frozen=True, slots=True)
class Letter:
    title: str
    opening: str
    rows: list[Row]
    questions: list[Row]
    closing: str


def refuse_other_forms(path: Path) -> None:
    """Raises UsageError for a letter in a form that there is not."""
    if path.suffix not in SUFFIXES:
        raise UsageError(f"--letter {path}: name a file that ends in {' or '.join(SUFFIXES)}")


def write_letter(path: Path, report: Report, rules: Rules, zone: ZoneInfo) -> None:
    """Write the letter in the form that the file's name asks for. Raises UsageError for another name."""
    from connector.cli.saved import write_private

    letter = compose(report, rules, zone)
    refuse_other_forms(path)
    lines = _markdown(letter) if path.suffix == ".md" else _html(letter)
    write_private(path, "\n".join(lines) + "\n")


def compose(report: Report, rules: Rules, zone: ZoneInfo) -> Letter:
    """The words of the letter, without their form."""
    titles = {rule.id: f"{rule.title} ({rule.id})" for rule in rules.rules}
    jurisdictions = {rule.id: rule.jurisdiction for rule in rules.rules}
    started = report.started_at.astimezone(zone)

    def changed(change: Change) -> Row:
        words = [
            value_words(change.field, v, jurisdictions.get(change.rule))
            for v in (change.before, change.after)
        ]
        return Row(
            who(change.contact_id, change.email, report.names),
            f"{FIELDS[change.field]} in {PLATFORMS[change.platform]}",
            f"{words[0]} → {words[1]}" + (f", with {change.on.isoformat()}" if change.on else ""),
            reasons.says("change", change.reason),
            titles.get(change.rule, change.rule),
        )

    def asked(question: Question) -> Row:
        proposed = value_words(Field(question.field), question.proposed, jurisdictions.get(question.rule))
        return Row(
            who(question.contact_id, question.email, report.names),
            FIELDS[question.field],
            f"proposed: {proposed}" if question.proposed is not None else "no proposal",
            reasons.says("review", question.reason),
            titles.get(question.rule, question.rule),
        )

    return Letter(
        title=f"Plan {report.run}",
        opening=f"Made on {started:%d %B %Y at %H:%M} ({zone.key}). Nothing has been written yet. "
        f"{len(report.changes)} changes are planned; {len(report.questions)} questions wait for a person.",
        rows=[changed(line.change) for line in report.changes],
        questions=[asked(question) for question in report.questions],
        closing="Applied with `connector reconcile --plan FILE`: each record is looked at again first, and one that has "
        "moved since is left alone and named.",
    )


HEADS = ("Learner", "What", "From → to", "Why", "Rule")


def _markdown(letter: Letter) -> Iterator[str]:
    yield f"# {letter.title}"
    yield ""
    yield letter.opening
    for title, rows in _tables(letter):
        yield ""
        yield f"## {title}"
        yield ""
        yield f"| {' | '.join(HEADS)} |"
        yield f"|{'---|' * len(HEADS)}"
        for row in rows:
            cells = (row.learner, row.what, row.value, row.why, row.rule)
            yield f"| {' | '.join(_cell(cell) for cell in cells)} |"
    yield ""
    yield letter.closing


def _cell(text: str) -> str:
    """Text inside a table cell: nothing a learner is called may end the cell or begin a tag."""
    return html.escape(text, quote=False).replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")


def _html(letter: Letter) -> Iterator[str]:
    title = html.escape(letter.title)
    yield "<!doctype html>"
    yield f'<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
    yield "<style>body{font:16px/1.5 sans-serif;max-width:70em;margin:2em auto;padding:0 1em}"
    yield "table{border-collapse:collapse;width:100%}td,th{border:1px solid #999;padding:.3em .6em;text-align:left}</style>"
    yield f"</head><body><h1>{title}</h1><p>{html.escape(letter.opening)}</p>"
    for heading, rows in _tables(letter):
        yield f"<h2>{html.escape(heading)}</h2><table><thead><tr>"
        yield "".join(f"<th>{html.escape(head)}</th>" for head in HEADS) + "</tr></thead><tbody>"
        for row in rows:
            cells = (row.learner, row.what, row.value, row.why, row.rule)
            yield "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in cells) + "</tr>"
        yield "</tbody></table>"
    yield f"<p>{html.escape(letter.closing)}</p></body></html>"


def _tables(letter: Letter) -> Iterator[tuple[str, list[Row]]]:
    if letter.rows:
        yield "What would be changed", letter.rows
    if letter.questions:
        yield "What waits for a person", letter.questions
