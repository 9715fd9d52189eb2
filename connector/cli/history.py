"""`connector history`: the journal, newest first, and the proof that nobody touched it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from connector.cli import options
from connector.domain.ledger import ChainedEntry, EntryKind
from connector.domain.report import Exit

if TYPE_CHECKING:
    from connector.domain.learner import ContactId
    from connector.settings import Settings
    from connector.state.store import Store

SHOWN = 50
"""Lines on a screen unless `--limit` says otherwise; JSON gives all."""


def history(
    config: options.Config = None,
    as_json: options.AsJson = False,
    rule: options.RuleIds = None,
    learner: options.Learner = None,
    kind: Annotated[
        EntryKind | None, typer.Option("--kind", help="Only run, decision, write, review, link or mapping.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only from this day on (YYYY-MM-DD).")
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, help=f"At most so many lines; {SHOWN} on a screen, all in JSON."),
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(
            "--export",
            metavar="FILE",
            help="With --learner: write the evidence about this learner to FILE, and to read beside it.",
        ),
    ] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Recompute the whole chain; exit code 3 when a line was altered.")
    ] = False,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="HASH", help="With --verify: a head hash that an earlier run printed."
        ),
    ] = None,
) -> int:
    """The journal: every decision and write, newest first.

    Lines are only ever added, and each is bound to the one before it by its hash. Keep the head hash that a run prints
    in another place: [bold]--verify --head HASH[/bold] then proves that everything up to that run is still there.

    Examples: [bold]connector history --learner mia@example.org[/bold], [bold]connector history --kind write --since 2026-03-01[/bold],
    [bold]connector history --learner 22041 --rule whs-induction --export mia.json[/bold]
    """
    from connector.cli.setup import full_settings, local_settings, shown_zone
    from connector.errors import UsageError
    from connector.wiring import contact_of, opened_store

    if head is not None and not verify:
        raise UsageError("--head belongs to --verify")
    if export is not None and learner is None:
        raise UsageError("--export belongs to --learner: evidence is about one learner")
    settings = local_settings(config)
    zone = shown_zone(settings)
    with opened_store(settings) as store:
        if verify:
            return _verify(store, head, as_json=as_json)
        contact = contact_of(learner, lambda: full_settings(config)) if learner is not None else None
        if export is not None and contact is not None:
            return _export(store, contact, export, frozenset(rule or ()), settings, as_json=as_json)
        found = _of_rules(store, rule or [], contact=contact, kind=kind)
        lines = _since(found, _instant_of(since, zone)) if since else found
        _show(_first(lines, limit or (None if as_json else SHOWN)), zone, as_json=as_json)
    return Exit.FINISHED


def _of_rules(
    store: Store, rules: list[str], *, contact: ContactId | None, kind: EntryKind | None
) -> Iterator[ChainedEntry]:
    """Entries of these rules (none named: of all), newest first."""
    if len(rules) == 1:
        return store.entries(rule=rules[0], contact=contact, kind=kind)
    found = store.entries(contact=contact, kind=kind)
    return (chained for chained in found if not rules or chained.entry.rule in rules)


def _export(
    store: Store, contact: ContactId, path: Path, rules: frozenset[str], settings: Settings, *, as_json: bool
) -> int:
    from connector.cli.exporting import export
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say
    from connector.cli.setup import shown_zone
    from connector.wiring import jurisdictions_of

    letter, count = export(
        store, contact, path, rules=rules, zone=shown_zone(settings), jurisdictions=jurisdictions_of(settings)
    )
    if as_json:
        print_json({"schema": SCHEMA, "file": str(path), "letter": str(letter), "lines": count})
    else:
        say(f"{count} lines about contact {contact}: {path}, to read: {letter}")
    return Exit.FINISHED


def _verify(store: Store, head: str | None, *, as_json: bool) -> int:
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say

    result = store.verify(head.strip().lower() if head else None)
    if as_json:
        print_json(
            {
                "schema": SCHEMA,
                "whole": result.ok,
                "lines": result.lines,
                "head": result.head,
                "problem": result.problem,
                "sequence": result.sequence,
            }
        )
    elif result.ok:
        say((f"{result.lines} lines, whole", "green"), f"; head {result.head}")
    else:
        say(("the journal is not whole: ", "bold red"), result.problem or "")
        say(f"{result.lines} lines before it are as they were written; their head is {result.head}")
    return Exit.FINISHED if result.ok else Exit.PARTIAL


def _instant_of(text: str, zone: tzinfo) -> datetime:
    """A day (its beginning in the RTO's zone) or an instant with its offset."""
    from connector.errors import UsageError

    try:
        found = datetime.fromisoformat(text)
    except ValueError as exc:
        raise UsageError(f"--since {text}: write a day as YYYY-MM-DD") from exc
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _since(entries: Iterator[ChainedEntry], moment: datetime) -> Iterator[ChainedEntry]:
    """Entries come newest first, so the first older one ends the search."""
    for chained in entries:
        if chained.entry.at < moment:
            return
        yield chained


def _first(entries: Iterator[ChainedEntry], limit: int | None) -> Iterator[ChainedEntry]:
    from itertools import islice

    return islice(entries, limit)


def _show(entries: Iterator[ChainedEntry], zone: tzinfo, *, as_json: bool) -> None:
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say

    if as_json:
        print_json({"schema": SCHEMA, "entries": [entry_json(chained) for chained in entries]})
        return
    first = next(entries, None)
    if first is None:
        say(("The journal holds no such line.", "dim"))
        return
    for chained in chain([first], entries):
        _show_line(chained, zone)


def _show_line(chained: ChainedEntry, zone: tzinfo) -> None:
    from connector.cli.screen import say

    entry = chained.entry
    at = entry.at.astimezone(zone)
    about = [f"contact {entry.contact_id}" if entry.contact_id is not None else "", entry.rule or ""]
    by = f", by {entry.by}" if entry.by else ""
    why = f" ({entry.reason})" if entry.reason else ""
    say((f"{at:%Y-%m-%d %H:%M:%S}", "dim"), "  ", (entry.kind.value, "bold"), f"  {entry.text}{why}{by}")
    known = ", ".join(part for part in about if part)
    if known:
        say((known, "dim"), indent=21)


def entry_json(chained: ChainedEntry) -> dict[str, Any]:
    """One line of the journal as the contract names its parts; `sequence`, `previous` and `detail` are beyond it."""
    from connector.cli.json_report import instant

    entry = chained.entry
    nobody = entry.contact_id is None and entry.user_id is None
    return {
        "at": instant(entry.at),
        "run": entry.run or None,
        "kind": entry.kind.value,
        "rule": entry.rule,
        "learner": None if nobody else {"contact_id": entry.contact_id, "user_id": entry.user_id},
        "field": entry.field,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "by": entry.by,
        "text": entry.text,
        "hash": chained.hash,
        "sequence": chained.sequence,
        "previous": chained.previous,
        "detail": entry.detail,
    }
