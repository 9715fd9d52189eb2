"""Put on record what a run is about to do, what it decided, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.domain.ledger import Entry, EntryKind, Review, ReviewState, RunRecord
from connector.domain.plan import Change, Question
from connector.domain.report import ChangeLine, Exit, Report, Status
from connector.domain.rule import Rule, Rules
from connector.engine.decided import Decided
from connector.execution.settling import facts_of, mapping_facts
from connector.state.store import Store


@dataclass
class Recorder:
    """Begins and ends the record of one run."""

    store: Store
    record: RunRecord
    now: Callable[[], datetime]

    def began(self, rules: Rules) -> None:
        """The run itself, and the mapping text it decides by whenever that changed."""
        entries = []
        if self.store.fact("mapping_digest") != rules.digest:
            self.store.set_fact("mapping_digest", rules.digest)
            entries += [_mapping_entry(self.record.id, rule, self.now()) for rule in rules.rules]
        entries.append(self._entry(f"{self.record.command} began", {"scope": self.record.scope}))
        self.store.append(entries)

    def ended(self, report: Report, code: Exit) -> None:
        totals = {name: getattr(report.totals, name) for name in report.totals.__slots__}
        self.record.finished_at = self.now()
        self.record.exit_code = int(code)
        self.record.report = json.dumps(totals)
        self.store.finish_run(self.record)
        facts = {
            "totals": totals,
            "refusals": report.refusals,
            "trouble": report.trouble,
            "rested": report.rested,
        }
        self.store.append([self._entry(f"{self.record.command} ended with {int(code)}", facts)])

    def _entry(self, text: str, detail: dict[str, Any]) -> Entry:
        return Entry(
            at=self.now(), run=self.record.id, kind=EntryKind.RUN, text=text, reason=None, detail=detail
        )


def _mapping_entry(run: str, rule: Rule, now: datetime) -> Entry:
    return Entry(
        at=now,
        run=run,
        kind=EntryKind.MAPPING,
        text=f"the mapping now reads so at {rule.place}",
        rule=rule.id,
        detail={"source": rule.source, "digest": rule.digest},
    )


def remember_decided(
    decided: Decided, lines: list[ChangeLine], store: Store, *, run: str, now: datetime, rules: Rules
) -> None:
    """Everything that was decided, before the first write: links, open questions, agreed values, and why."""
    by_id = {rule.id: rule for rule in rules.rules}
    entries = [*decided.entries]
    entries += [_decision(line.change, run, now, by_id) for line in lines if line.status is Status.PLANNED]
    entries += [_asked(q, run, now, by_id) for q in decided.questions if q.id not in decided.waiting]
    # The order counts where the process dies in between. The journal comes first: a line said twice is better than none. What a person's
    # memory depends on comes before it, what depends on the memory after it: a write is settled only once its effect is remembered.
    store.append(entries)
    store.save_links(decided.links)
    store.put(_review(question, run, now) for question in decided.questions)
    store.mark(decided.lapsed, ReviewState.LAPSED)
    for states in decided.states.batches():
        store.save_people(states)
    store.mark([*decided.answered, *decided.applied_reviews], ReviewState.APPLIED)
    store.settle_many(decided.settlements)


def question_facts(question: Question) -> dict[str, object]:
    """A question as state keeps it: people by id, never by address."""
    return {
        "id": question.id,
        "rule": question.rule,
        "learner": {"contact_id": question.contact_id, "user_id": question.user_id},
        "record": question.record,
        "field": str(question.field),
        "ispring": question.ispring,
        "axcelerate": question.axcelerate,
        "agreed": question.agreed,
        "proposed": question.proposed,
        "reason": question.reason,
    }


def _review(question: Question, run: str, now: datetime) -> Review:
    return Review(
        id=question.id,
        rule=question.rule,
        contact_id=question.contact_id,
        user_id=question.user_id,
        field=question.field,
        reason=question.reason,
        question=json.dumps(question_facts(question)),
        evidence=json.dumps(question.evidence),
        state=ReviewState.WAITING,
        asked_at=now,
        run=run,
    )


def _decision(change: Change, run: str, now: datetime, rules: dict[str, Rule]) -> Entry:
    return Entry(
        at=now,
        run=run,
        kind=EntryKind.DECISION,
        text=f"{change.field} to change in {change.platform}: {change.reason}",
        rule=change.rule,
        contact_id=change.contact_id,
        user_id=change.user_id,
        field=change.field,
        before=change.before,
        after=change.after,
        reason=change.reason,
        detail={
            "change": facts_of(change),
            "agreed": change.agreed,
            "mapping": mapping_facts(rules.get(change.rule)),
        },
    )


def _asked(question: Question, run: str, now: datetime, rules: dict[str, Rule]) -> Entry:
    return Entry(
        at=now,
        run=run,
        kind=EntryKind.REVIEW,
        text=f"asked a person about {question.field}: {question.reason}",
        rule=question.rule,
        contact_id=question.contact_id,
        user_id=question.user_id,
        field=question.field,
        before=question.axcelerate,
        after=question.proposed,
        reason=question.reason,
        detail={
            "question": question_facts(question),
            "evidence": question.evidence,
            "mapping": mapping_facts(rules.get(question.rule)),
        },
    )
