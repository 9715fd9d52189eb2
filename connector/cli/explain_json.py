"""An explanation as one JSON object (docs/explain.md). Keys are promises: they may be added to, never changed."""

from __future__ import annotations

from typing import Any

from connector.cli.explain_words import suggestion_words
from connector.cli.json_report import SCHEMA, instant, kind_word, record_json
from connector.domain import reasons
from connector.explaining.facts import (
    AgreedOn,
    Call,
    DecidedBy,
    Explanation,
    FieldFacts,
    Governs,
    LinkFacts,
    PairFacts,
    Suggestion,
    Verdict,
)


def explanation_json(told: Explanation) -> dict[str, Any]:
    """The whole explanation."""
    user = told.link.user_id if told.link else None
    return {
        "schema": SCHEMA,
        "command": "explain",
        "learner": {
            "contact_id": told.contact_id, "user_id": user, "email": told.email, "name": told.name,
        },
        "link": _link(told.link) if told.link else None,
        "rules": [_pair(pair, told.asked) for pair in told.pairs],
        "trouble": list(told.trouble),
        "rested": list(told.rested),
        "reads": told.calls,
        "exit_code": int(told.exit_code),
    }  # fmt: skip


def _link(link: LinkFacts) -> dict[str, Any]:
    return {
        "user_id": link.user_id,
        "how": link.how,
        "since": instant(link.since),
        "pinned": link.pinned,
        "new": link.is_new,
        "reason": link.reason or None,
        "meaning": link_meaning(link),
        "candidates": [
            {"user_id": one.user_id, "login": one.login, "email": one.email} for one in link.candidates
        ],
    }


def link_meaning(link: LinkFacts) -> str | None:
    """Why the person is not matched, or why the link is doubted."""
    return meaning_of("skipped", link.reason) or meaning_of("review", link.reason)


def _pair(pair: PairFacts, asked: frozenset[str]) -> dict[str, Any]:
    return {
        "rule": pair.rule.id,
        "title": pair.rule.title,
        "place": str(pair.rule.place),
        "record": record_json(pair.record),
        "standing": pair.stand,
        "governs": _governs(pair.governs) if pair.governs else None,
        "fields": [_field(facts, pair, asked) for facts in pair.fields],
    }


def _governs(governs: Governs) -> dict[str, Any]:
    return {
        "this": governs.is_governing,
        "rule": governs.rule,
        "record": record_json(governs.record),
        "why": governs.why,
    }


def _field(facts: FieldFacts, pair: PairFacts, asked: frozenset[str]) -> dict[str, Any]:
    verdict = facts.verdict
    return {
        "field": facts.field.value,
        "course": facts.course,
        "ispring": facts.ispring,
        "axcelerate": facts.axcelerate,
        "agreed": _agreed(facts.agreed) if facts.agreed else None,
        "state": verdict.state.value,
        "kind": verdict.kind or None,
        "reason": verdict.reason,
        "meaning": meaning_of(verdict.kind, verdict.reason) if verdict.reason else None,
        "after": verdict.after,
        "detail": verdict.detail or None,
        "review": verdict.review,
        "also": list(verdict.also),
        "decided_by": _decided_by(facts.decided_by) if facts.decided_by else None,
        "last_call": _call(facts.last_call) if facts.last_call else None,
        "what_would_change": [_suggestion(one, pair, asked) for one in facts.what_would_change],
    }


def meaning_of(kind: str, word: str | None) -> str | None:
    """The sentence of the closed list; None for a word that is not in it."""
    reason = reasons.KINDS.get(kind, {}).get(word or "")
    return reason.meaning if reason else None


def _agreed(agreed: AgreedOn) -> dict[str, Any]:
    return {
        "ispring": agreed.ispring,
        "axcelerate": agreed.axcelerate,
        "run": agreed.run,
        "at": instant(agreed.at),
    }


def _decided_by(decided: DecidedBy) -> dict[str, Any]:
    return {
        "place": f"{decided.place.file}:{decided.place.line}",
        "column": decided.place.column,
        "key": decided.key,
        "value": decided.value,
        "text": decided.text,
        "default": decided.is_default,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "at": instant(call.at),
        "run": call.run,
        "platform": call.platform,
        "before": call.before,
        "after": call.after,
        "reason": call.reason,
        "answer": call.answer,
        "read_back": call.read_back,
        "settled": call.settled,
    }


def _suggestion(suggestion: Suggestion, pair: PairFacts, asked: frozenset[str]) -> dict[str, Any]:
    kind, identity = suggestion.record
    return {
        "platform": suggestion.platform.value,
        "action": suggestion.action,
        "record": {"kind": kind_word(kind), "id": identity or None},
        "field": suggestion.field,
        "value": suggestion.value,
        "text": suggestion_words(suggestion, pair.rule.jurisdiction, asked),
        "then": _then(suggestion.then) if suggestion.then else None,
    }


def _then(then: Verdict) -> dict[str, Any]:
    return {"state": then.state.value, "reason": then.reason, "after": then.after}
