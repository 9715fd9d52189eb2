"""The sheet on which one person's decisions are written down."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import Any

from connector.domain.enrolment import DateValue, Enrolment
from connector.domain.learner import UNKNOWN, CourseId
from connector.domain.ledger import Review, ReviewState
from connector.domain.memory import Memory, PairMemory
from connector.domain.plan import Change, Note, PersonPlan, Question, RuleCount, Skip
from connector.domain.rule import Field, Rule, Side
from connector.planning.person import Circumstances, Person
from connector.planning.standing import Record


def short_digest(*parts: object) -> str:
    """Twelve hex characters that stand for these facts: equal facts, equal id."""
    text = json.dumps([str(part) for part in parts], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def date_text(value: DateValue) -> str | None:
    return "?" if value is UNKNOWN else value.isoformat() if isinstance(value, date) else None


class Draft:
    """Collects what is decided about one person; `memory` is the copy that is being brought up to date."""

    def __init__(self, person: Person, memory: Memory, around: Circumstances) -> None:
        self.person = person
        self.memory = memory
        self.around = around
        user_id = person.user.user_id if person.user else person.user_id
        self.plan = PersonPlan(contact_id=person.contact.contact_id, user_id=user_id, memory=memory)
        self.touched: set[tuple[str, str]] = set()
        self.look_back()

    def look_back(self) -> None:
        """Take stock of what is remembered before anything is decided."""
        pairs = [(rule, key, pair) for rule, of in self.memory.pairs.items() for key, pair in of.items()]
        self.remembered = {(rule, key) for rule, key, _ in pairs}
        self._history = {(rule, key) for rule, key, pair in pairs if pair.has_history}

    def pair(self, record: Record) -> PairMemory:
        """The memory of this pair, begun where there is none."""
        records = self.memory.pairs.setdefault(record.rule.id, {})
        if record.key not in records:
            records[record.key] = PairMemory(
                class_id=record.class_id, enrol_id=record.enrol_id, enrolled_at=record.enrolled_at
            )
        return records[record.key]

    def has_history(self, record: Record) -> bool:
        """Whether anything was agreed about this pair before this run."""
        return record.id in self._history

    def change(self, record: Record, field: Field, platform: Side, **facts: Any) -> None:
        """Plan one change of this pair."""
        self.touched.add(record.id)
        identity = (
            record.rule.id,
            record.key,
            field,
            platform,
            facts.get("course_id"),
            facts.get("enrolment_id"),
        )
        self.plan.changes.append(
            Change(
                id=short_digest(self.plan.contact_id, *identity, facts.get("before"), facts.get("after")),
                rule=record.rule.id,
                platform=platform,
                contact_id=self.plan.contact_id,
                user_id=self.plan.user_id,
                email=self.person.contact.email,
                field=field,
                record=record.key,
                class_id=record.class_id,
                **facts,
            )
        )

    def ask(
        self,
        record: Record,
        field: Field,
        reason: str,
        *,
        ispring: str | None,
        axcelerate: str | None,
        agreed: str | None = None,
        proposed: str | None = None,
        evidence: dict[str, str | None],
        shown: dict[str, str | None] | None = None,
    ) -> Review | None:
        """Put a question to a person; returns the approval where one is on record for exactly this question.

        The id covers the field's own `evidence` alone, so neither time nor another reading of the same facts makes it a new question;
        `shown` are facts that help the person and do not belong to the question's identity.
        """
        identity = self._identity_of(record, field, evidence)
        decided = self.around.decisions.get(identity)
        self.plan.standing.add(identity)
        if decided and decided.state is ReviewState.APPROVED:
            return decided
        self.touched.add(record.id)
        if decided and decided.state is ReviewState.REJECTED:
            self.skip(record, "rejected", f"a person rejected this ({reason})", field=field)
            return None
        self.plan.questions.append(
            Question(
                id=identity,
                rule=record.rule.id,
                contact_id=self.plan.contact_id,
                user_id=self.plan.user_id,
                email=self.person.contact.email,
                field=field,
                record=record.key,
                ispring=ispring,
                axcelerate=axcelerate,
                agreed=agreed,
                proposed=proposed,
                reason=reason,
                evidence=evidence | (shown or {}),
            )
        )
        return None

    def _identity_of(self, record: Record, field: Field, evidence: dict[str, str | None]) -> str:
        """The id of a question. A renamed rule keeps the decisions that were made under its old id."""
        facts = sorted(evidence.items())

        def numbered(rule: str, number: int) -> str:
            return short_digest(self.plan.contact_id, rule, record.key, field, facts, number)

        names = [record.rule.id, *([record.rule.was] if record.rule.was else [])]
        name = next((n for n in names if numbered(n, 0) in self.around.decisions), record.rule.id)
        number = 0
        while True:
            identity = numbered(name, number)
            decided = self.around.decisions.get(identity)
            if decided is None or decided.state is not ReviewState.APPLIED:
                return identity
            number += 1  # answered and carried out before; the same facts again are a new question

    def skip(
        self,
        record: Record,
        reason: str,
        detail: str,
        *,
        field: Field | None = None,
        once: bool = False,
        lasting: bool = True,
    ) -> None:
        """Leave something of this pair alone and say so."""
        self.touched.add(record.id)
        self._say(record.rule, record.key, reason, detail, field=field, once=once, lasting=lasting)

    def skip_enrolment(self, rule: Rule, enrolment: Enrolment, reason: str, detail: str) -> None:
        """Leave an LMS enrolment alone that belongs to no pair."""
        self._say(rule, f"enrolment:{enrolment.enrolment_id}", reason, detail)

    def note(self, record: Record, field: Field, reason: str, text: str) -> None:
        self.plan.notes.append(
            Note(rule=record.rule.id, field=field, reason=reason, text=text, record=record.key)
        )

    def count(self, record: Record, *, matched: bool, history: bool) -> None:
        """Count a pair; whether it is in agreement is known when everything is decided (`finish`)."""
        count = self.plan.rules.setdefault(record.rule.id, RuleCount())
        count.pairs += 1
        count.matched += matched
        count.history += history

    def finish(self, records: list[Record]) -> PersonPlan:
        """Count what agrees."""
        for record in records:
            if record.id not in self.touched and record.rule.id in self.plan.rules:
                self.plan.rules[record.rule.id].agreed += 1
        return self.plan

    def live(self, course: CourseId) -> list[Enrolment]:
        """The learner's live enrolments in a course, the one that counts first: newest access date, then id.

        The known one keeps the date by which it counted: neither closing it nor moving its start makes another one the newest.
        """
        found = [enrolment for enrolment in self.person.enrolments if enrolment.course_id == course]
        return sorted(found, key=lambda e: (self._access_date(e), e.enrolment_id), reverse=True)

    def _access_date(self, enrolment: Enrolment) -> str:
        known = self.memory.enrolments.get(enrolment.enrolment_id)
        return max(enrolment.access_from.isoformat(), known.counted if known else "")

    def _say(
        self,
        rule: Rule,
        record: str | None,
        reason: str,
        detail: str,
        *,
        field: Field | None = None,
        once: bool = False,
        lasting: bool = True,
    ) -> None:
        skip = Skip(
            rule=rule.id,
            contact_id=self.plan.contact_id,
            user_id=self.plan.user_id,
            email=self.person.contact.email,
            record=record,
            reason=reason,
            detail=detail,
            field=field,
            once=once,
            lasting=lasting,
        )
        if skip not in self.plan.skips:
            self.plan.skips.append(skip)
