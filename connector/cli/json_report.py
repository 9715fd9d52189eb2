"""A run as the JSON object of the contract, section 6. Keys are promises: they may be added to, never changed."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

from connector.domain.plan import Change, Question, Skip
from connector.domain.report import CallCount, ChangeLine, Report, Totals
from connector.domain.rule import Side

SCHEMA = 1


def report_json(report: Report, *, journal_head: str | None = None) -> dict[str, Any]:
    """The whole report. Beyond the contract: `exit_code`, `refusals`, `trouble`, `rested`, `stopped` and the journal's head."""
    return {
        "schema": SCHEMA,
        "command": report.command,
        "run": report.run,
        "started_at": instant(report.started_at),
        "finished_at": instant(report.finished_at),
        "changes": [change_json(line) for line in report.changes],
        "reviews": [
            question_json(question, report.waiting_since.get(question.id)) for question in report.questions
        ],
        "skipped": [skip_json(skip) for skip in report.skips],
        "totals": {item.name: getattr(report.totals, item.name) for item in fields(report.totals)},
        "calls": {platform: calls_json(count) for platform, count in report.calls.items()},
        "exit_code": int(report.exit_code),
        "refusals": report.refusals,
        "trouble": report.trouble,
        "rested": report.rested,
        "stopped": report.stopped,
        "mapping_digest": report.mapping_digest,
        "journal_head": journal_head,
    }


def no_report_json(command: str, code: int) -> dict[str, Any]:
    """A run that did not come to a report, under the same keys: a script that counts changes finds none of them."""
    calls = {side.value: calls_json(CallCount()) for side in Side}
    return {
        "schema": SCHEMA,
        "command": command,
        "run": None,
        "started_at": None,
        "finished_at": None,
        "changes": [],
        "reviews": [],
        "skipped": [],
        "totals": {item.name: 0 for item in fields(Totals)},
        "calls": calls,
        "exit_code": code,
    }


def change_json(line: ChangeLine) -> dict[str, Any]:
    """One change with what became of it."""
    change = line.change
    return {
        "id": change.id,
        "rule": change.rule,
        "platform": change.platform.value,
        "learner": learner_json(change),
        "record": {"kind": kind_word(change.record_kind), "id": change.record_id},
        "field": change.field.value,
        "before": change.before,
        "after": change.after,
        "agreed": change.agreed,
        "reason": change.reason,
        "status": line.status.value,
        "error": line.error,
        "review": change.review,
    }


def question_json(question: Question, since: datetime | None = None) -> dict[str, Any]:
    """One question; `evidence` and `waiting_since` are beyond the contract."""
    return {
        "id": question.id,
        "rule": question.rule,
        "learner": learner_json(question),
        "record": record_json(question.record),
        "field": question.field.value,
        "ispring": question.ispring,
        "axcelerate": question.axcelerate,
        "agreed": question.agreed,
        "proposed": question.proposed,
        "reason": question.reason,
        "evidence": question.evidence,
        "waiting_since": instant(since),
    }


def skip_json(skip: Skip) -> dict[str, Any]:
    return {
        "rule": skip.rule,
        "learner": learner_json(skip),
        "record": record_json(skip.record),
        "field": skip.field.value if skip.field else None,
        "reason": skip.reason,
        "detail": skip.detail,
    }


def learner_json(item: Change | Question | Skip) -> dict[str, Any]:
    return {"contact_id": item.contact_id, "user_id": item.user_id, "email": item.email}


def record_json(key: str | None) -> dict[str, str] | None:
    """A record's key ("unit:880123/BSBWHS211") as kind and id."""
    if key is None:
        return None
    kind, _, identity = key.partition(":")
    return {"kind": kind_word(kind), "id": identity}


def kind_word(kind: str) -> str:
    """A kind of record as the report calls it: the platform's own word for its enrolments."""
    # Loaded here: the package brings the HTTP layer, which `mappings check` does without.
    from connector.platforms.ispring.words import RECORD_KIND

    return RECORD_KIND if kind == "enrolment" else kind


def calls_json(count: CallCount) -> dict[str, int]:
    return {"read": count.read, "write": count.write, "floor": count.floor, "other": count.other}


def instant(moment: datetime | None) -> str | None:
    """An aware instant in UTC, to the second: "2026-03-01T09:30:00Z"."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
