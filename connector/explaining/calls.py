"""The last write about each field, as the journal and the write-ahead record tell it."""

from __future__ import annotations

from collections.abc import Iterable

from connector.domain.learner import CourseId
from connector.domain.ledger import ChainedEntry, Intent, IntentState
from connector.domain.plan import Change
from connector.engine.leftovers import change_of
from connector.explaining.facts import Call

Key = tuple[str, str, str, CourseId | None]
"""Rule, record, field, course."""


def last_calls(entries: Iterable[ChainedEntry], intents: Iterable[Intent]) -> dict[Key, Call]:
    """The newest write per rule, record, field and course. `entries` are write lines, newest first; `intents` oldest first.

    A write that was refused, or whose answer never came, stands only in the write-ahead record.
    """
    found: dict[Key, Call] = {}
    for chained in entries:
        entry = chained.entry
        sent = entry.detail.get("change")
        if not isinstance(sent, dict):
            continue
        key = (str(sent.get("rule")), str(sent.get("record")), str(sent.get("field")), sent.get("course_id"))
        found.setdefault(
            key,
            Call(
                at=entry.at,
                run=entry.run,
                platform=str(sent.get("platform")),
                before=entry.before,
                after=entry.after,
                reason=entry.reason,
                answer=str(entry.detail.get("answer", "")),
                read_back=str(entry.detail.get("read_back", "")),
                settled=True,
            ),
        )
    for intent in intents:
        change = change_of(intent)
        key = (change.rule, change.record, change.field.value, change.course_id)
        if key not in found or found[key].at < intent.at:
            found[key] = _of_intent(intent, change)
    return found


_FATES = {
    IntentState.OPEN: "not known yet; the next run looks",
    IntentState.ACCEPTED: "not read back yet",
    IntentState.VERIFIED: "as sent",
    IntentState.FAILED: "refused",
    IntentState.DROPPED: "not carried out",
}


def _of_intent(intent: Intent, change: Change) -> Call:
    return Call(
        at=intent.at,
        run=intent.run,
        platform=change.platform.value,
        before=change.before,
        after=change.after,
        reason=change.reason,
        answer=intent.answer,
        read_back=_FATES[intent.state],
        settled=intent.state not in (IntentState.OPEN, IntentState.ACCEPTED),
    )
