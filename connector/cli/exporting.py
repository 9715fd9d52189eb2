"""`connector history --learner L --export FILE`: the evidence about one learner, as JSON and beside it as a text to read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any

from connector.cli.words import FIELDS, value_words
from connector.domain.rule import Field
from connector.errors import UsageError
from connector.evidence.pack import chain_of, collect, pack_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from connector.domain.learner import ContactId
    from connector.state.store import Store


def export(
    store: Store,
    contact: ContactId,
    path: Path,
    *,
    rules: frozenset[str],
    zone: tzinfo,
    jurisdictions: Mapping[str, str],
) -> tuple[Path, int]:
    """Write FILE and FILE.md, readable by their owner only; returns the second path and how many lines tell the story."""
    pack = collect(store, contact, rules=rules)
    if not pack.story:
        raise UsageError(
            f"the journal has no line about contact {contact}"
            + (f" and {', '.join(sorted(rules))}" if rules else "")
        )
    facts = pack_json(pack)
    _write(path, _json_lines(facts, chain_of(store, pack)))
    letter = path.with_name(path.name.removesuffix(".json") + ".md")
    _write(letter, (f"{line}\n" for line in _letter(facts, path, zone, jurisdictions)))
    return letter, len(pack.story)


def _json_lines(facts: dict[str, Any], chain: Iterator[dict[str, Any]]) -> Iterator[str]:
    """One JSON object; the chain is long, so it is written line by line."""
    head = json.dumps(facts, ensure_ascii=False, indent=1)
    yield head.removesuffix("\n}") + ',\n "chain": ['
    separator = "\n  "
    for line in chain:
        yield separator + json.dumps(line, ensure_ascii=False)
        separator = ",\n  "
    yield "\n ]\n}\n"


def _write(path: Path, pieces: Iterator[str]) -> None:
    """Whole or not at all, mode 0600 (a report that a person asked for)."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.writelines(pieces)
        draft.replace(path)
    except OSError as exc:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written ({exc.strerror})") from exc


def _letter(
    facts: dict[str, Any], path: Path, zone: tzinfo, jurisdictions: Mapping[str, str]
) -> Iterator[str]:
    rule = f", {', '.join(facts['rules'])}" if facts["rules"] else ""
    yield f"# Evidence: contact {facts['learner']['contact_id']}{rule}"
    yield ""
    yield f"Made {facts['made_at']}. Journal head `{facts['head']}`."
    yield f"Everything below is in `{path.name}` with the journal lines it comes from; docs/evidence.md says how to verify them."
    for event in facts["story"]:
        yield from _event(event, zone, jurisdictions.get(event["rule"] or ""))
    for mapping in facts["mappings"]:
        yield ""
        yield f"## Mapping of {mapping['rule']}, in force from {mapping['in_force_from']} (line {mapping['sequence']})"
        yield ""
        yield f"Digest `{mapping['digest']}`"
        yield ""
        yield "```yaml"
        yield str(mapping["source"]).rstrip()
        yield "```"


_HEADINGS = {
    "decision": "decided",
    "write": "written",
    "review": "review",
    "link": "who is who",
    "mapping": "mapping",
}


def _event(event: dict[str, Any], zone: tzinfo, jurisdiction: str | None) -> Iterator[str]:
    from datetime import datetime

    at = datetime.fromisoformat(event["at"]).astimezone(zone)
    kind = _HEADINGS.get(event["kind"], event["kind"])
    yield ""
    yield f"## {at:%Y-%m-%d %H:%M:%S} {kind}: {event['text']}"
    yield ""
    if event["field"] in tuple(Field):
        field = Field(event["field"])
        before, after = (value_words(field, event[name], jurisdiction) for name in ("before", "after"))
        yield f"- {FIELDS[field]}: {before} → {after}"
    if event["meaning"]:
        yield f"- why: {event['meaning']} (`{event['reason']}`)"
    if event["by"]:
        yield f"- by: {event['by']}"
    for name, value in _facts(event["facts"]):
        yield f"- {name}: {value}"
    if event["mapping"]:
        yield f"- mapping: {event['mapping'].get('place')}, digest `{event['mapping'].get('digest')}`"
    run = f", run {event['run']}" if event["run"] else ""
    yield f"- journal line {event['sequence']}{run}, hash `{event['hash']}`"


_READ = {
    "expect": "read on the side written to",
    "source": "read on the side that gives",
    "agreed": "last agreed",
    "on": "with the end date",
    "record": "record in aXcelerate",
    "enrolment_id": "place in iSpring Learn",
    "review": "approved by review",
}


def _facts(facts: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """What was read, asked, decided, answered and shown, in words."""
    change = facts.get("change") or {}
    yield from ((words, change[name]) for name, words in _READ.items() if change.get(name) is not None)
    evidence = facts.get("evidence") or {}
    yield from ((f"evidence, {name.replace('_', ' ')}", value) for name, value in evidence.items() if value)
    for name, words in (
        ("decision", "decision"), ("why", "because"), ("date", "completion date given"), ("take", "side taken"),
        ("answer", "the platform's answer"), ("read_back", "read back"),
    ):  # fmt: skip
        if facts.get(name):
            yield words, facts[name]
