"""One learner's evidence: what was read, which mapping text was in force, what was decided, who approved, what was sent and shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from connector.domain import reasons
from connector.domain.learner import ContactId
from connector.domain.ledger import ChainedEntry, EntryKind

if TYPE_CHECKING:
    from connector.state.store import Store

SCHEMA = 1
_KINDS = {EntryKind.DECISION: "change", EntryKind.WRITE: "change", EntryKind.REVIEW: "review"}


@dataclass(frozen=True)
class Pack:
    """What was found: the learner's lines in the order of time, the mapping lines they were decided by, the runs they belong to.

    `first` is the first of all these in the journal: from there on the chain is needed; None where there is nothing.
    """

    contact: ContactId
    rules: tuple[str, ...]
    story: list[ChainedEntry]
    mappings: list[ChainedEntry]
    runs: list[ChainedEntry]
    head: str
    made_at: datetime
    first: int | None = field(init=False)

    def __post_init__(self) -> None:
        used = [one.sequence for one in (*self.story, *self.mappings, *self.runs)]
        object.__setattr__(self, "first", min(used, default=None))


def collect(store: Store, contact: ContactId, *, rules: frozenset[str] = frozenset()) -> Pack:
    """Everything the journal says about a contact, by these rules or all; lines without a rule (who is who) belong to every rule."""
    head = store.head()
    found = store.entries(contact=contact, newest_first=False)
    story = [one for one in found if not rules or one.entry.rule is None or one.entry.rule in rules]
    return Pack(
        contact=contact,
        rules=tuple(sorted(rules)),
        story=story,
        mappings=_mappings(store, story),
        runs=_runs(store, story),
        head=head,
        made_at=store.now(),
    )


def _mappings(store: Store, story: Iterable[ChainedEntry]) -> list[ChainedEntry]:
    """The journal's copy of each rule text that a line was decided by: the newest one before the line with its digest."""
    wanted = {
        (one.entry.rule, mapping["digest"]): one.sequence
        for one in story
        if one.entry.rule and (mapping := one.entry.detail.get("mapping")) and "digest" in mapping
    }
    found: dict[tuple[str | None, str], ChainedEntry] = {}
    for rule in {rule for rule, _ in wanted if rule}:
        for one in store.entries(rule=rule, kind=EntryKind.MAPPING, newest_first=False):
            key = (rule, str(one.entry.detail.get("digest")))
            if one.sequence < wanted.get(key, 0):
                found[key] = one
    return sorted(found.values(), key=lambda one: one.sequence)


def _runs(store: Store, story: Iterable[ChainedEntry]) -> list[ChainedEntry]:
    runs = dict.fromkeys(one.entry.run for one in story if one.entry.run)
    return [one for run in runs for one in store.entries(run=run, kind=EntryKind.RUN, newest_first=False)]


def pack_json(pack: Pack) -> dict[str, Any]:
    """Everything but the chain, which is written line by line after it (`chain_of`)."""
    texts = {(one.entry.rule, one.entry.detail.get("digest")): one.sequence for one in pack.mappings}
    return {
        "schema": SCHEMA,
        "kind": "evidence",
        "made_at": _instant(pack.made_at),
        "learner": {"contact_id": pack.contact},
        "rules": list(pack.rules),
        "head": pack.head,
        "story": [_event(one, texts) for one in pack.story],
        "mappings": [
            {
                "rule": one.entry.rule,
                "digest": one.entry.detail.get("digest"),
                "source": one.entry.detail.get("source"),
                "sha256": hashlib.sha256(str(one.entry.detail.get("source")).encode()).hexdigest(),
                "in_force_from": _instant(one.entry.at),
                "sequence": one.sequence,
                "hash": one.hash,
            }
            for one in pack.mappings
        ],
        "runs": [
            {
                "run": one.entry.run,
                "at": _instant(one.entry.at),
                "text": one.entry.text,
                "sequence": one.sequence,
            }
            for one in pack.runs
        ],
    }


def _event(one: ChainedEntry, texts: dict[tuple[str | None, Any], int]) -> dict[str, Any]:
    entry = one.entry
    facts = dict(entry.detail)
    mapping = facts.pop("mapping", None) or {}
    return {
        "sequence": one.sequence,
        "hash": one.hash,
        "at": _instant(entry.at),
        "run": entry.run or None,
        "kind": entry.kind.value,
        "rule": entry.rule,
        "user_id": entry.user_id,
        "field": entry.field,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "meaning": _meaning(entry.kind, entry.reason),
        "by": entry.by,
        "text": entry.text,
        "facts": facts,
        "mapping": mapping | {"sequence": texts.get((entry.rule, mapping.get("digest")))}
        if mapping
        else None,
    }


def _meaning(kind: EntryKind, word: str | None) -> str | None:
    tables = [reasons.KINDS[_KINDS[kind]]] if kind in _KINDS else []
    found = [table[word] for table in (*tables, *reasons.KINDS.values()) if word in table] if word else []
    return found[0].meaning if found else None


def chain_of(store: Store, pack: Pack) -> Iterator[dict[str, Any]]:
    """Every journal line from the first one used to the head that the pack names."""
    if pack.first is None:
        return
    for sequence, line, own in store.lines_from(pack.first):
        yield {"sequence": sequence, "line": line, "hash": own}
        if own == pack.head:
            return


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
