"""A run for people: grouped by learner, who, what, from what to what, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from connector.cli.screen import say
from connector.cli.words import FIELDS, PLATFORMS, advice, ago, record_words, value_words
from connector.domain import reasons
from connector.domain.learner import ContactId
from connector.domain.plan import Change, Question, Skip
from connector.domain.report import ChangeLine, Report, Status
from connector.domain.rule import Field, Rule, Rules, Side

NAMES_SHOWN = 5
"""Learners named for one reason of what is left alone; the JSON names all."""

STYLES = {
    Status.PLANNED: "cyan",
    Status.APPLIED: "green",
    Status.UNVERIFIED: "yellow",
    Status.FAILED: "bold red",
    Status.REFUSED: "red",
}


class Rendering:
    """One report on the screen. `rules` gives titles and jurisdictions; `zone` is the RTO's; `now` dates the ages."""

    def __init__(self, report: Report, rules: Rules, *, zone: ZoneInfo, now: datetime) -> None:
        self._report = report
        self._rules: Mapping[str, Rule] = {rule.id: rule for rule in rules.rules}
        self._zone = zone
        self._now = now

    def show(self, *, journal_head: str | None = None) -> None:
        """Everything there is to say, the most important last, where the eye is."""
        report = self._report
        self._head()
        self._changes()
        self._questions()
        self._skips()
        self._totals()
        for limit in report.refusals:
            say(("refused: ", "bold red"), limit)
        for line in report.rested:
            say(("rests: ", "bold yellow"), line)
        for line in report.trouble:
            say(("incomplete: ", "bold red"), line)
        if report.stopped:
            say(("stopped: ", "bold yellow"), "the run was told to stop; the next one goes on from here")
        say((self._verdict(), "bold"))
        if journal_head:
            say((f"journal head {journal_head}", "dim"))

    def _head(self) -> None:
        started = self._report.started_at.astimezone(self._zone)
        what = "Plan" if self._report.command == "plan" else "Run"
        say((f"{what} {self._report.run}", "bold"), f", {started:%Y-%m-%d %H:%M} {self._zone.key}")

    def _changes(self) -> None:
        lines = sorted(
            self._report.changes, key=lambda line: (self._who_sorts(line.change), line.change.rule)
        )
        for contact, group in groupby(lines, key=lambda line: line.change.contact_id):
            of_learner = list(group)
            say()
            say((self._who(contact, of_learner[0].change.email), "bold"))
            for rule, of_rule in groupby(of_learner, key=lambda line: line.change.rule):
                say(self._rule(rule), indent=2)
                for line in of_rule:
                    self._change(line)

    def _change(self, line: ChangeLine) -> None:
        change = line.change
        status = "" if line.status is Status.PLANNED else f"  {line.status.value}"
        say(
            (f"{FIELDS[change.field]}", "bold"),
            f" in {PLATFORMS[change.platform]}: ",
            self._from_to(change),
            (status, STYLES[line.status]),
            indent=4,
        )
        say("because ", reasons.says("change", change.reason), indent=6)
        if line.error:
            say((line.error, STYLES[line.status]), indent=6)

    def _from_to(self, change: Change) -> str:
        if change.field is Field.ENROLMENT and change.after == "enrolled":
            return "enrol" + (", and add the user" if change.new_user else "")
        if change.field is Field.ENROLMENT:
            return "withdraw"
        before, after = (self._value(change.rule, change.field, v) for v in (change.before, change.after))
        on = f", with {change.on.isoformat()}" if change.on and change.platform is Side.AXCELERATE else ""
        return f"{before} → {after}{on}"

    def _questions(self) -> None:
        questions = self._report.questions
        if not questions:
            return
        say()
        say((f"Waiting for a person: {len(questions)}", "bold yellow"))
        for question in questions:
            self._question(question)

    def _question(self, question: Question) -> None:
        since = self._report.waiting_since.get(question.id)
        age = f", asked {ago(since, self._now)}" if since else ""
        who = self._who(question.contact_id, question.email)
        say((question.id, "bold"), f"  {who}", (age, "dim"), indent=2)
        say(
            self._rule(question.rule),
            f", {FIELDS[question.field]} of {record_words(question.record)}",
            indent=4,
        )
        say(reasons.says("review", question.reason), indent=4)
        shown = [
            f"{PLATFORMS[side]}: {self._value(question.rule, question.field, getattr(question, side.value))}"
            for side in Side
        ]
        say("; ".join(shown), indent=4)
        if question.proposed is not None:
            proposed = self._value(question.rule, question.field, question.proposed)
            say(f"approving would write: {proposed}", indent=4)
        say((advice(question.reason, question.id, question.contact_id), "dim"), indent=4)

    def _skips(self) -> None:
        if not self._report.skips:
            return
        say()
        say(("Left alone", "bold"))
        ordered = sorted(self._report.skips, key=lambda skip: skip.reason)
        for reason, group in groupby(ordered, key=lambda skip: skip.reason):
            found = list(group)
            say(f"{reasons.says('skipped', reason)}: {len(found)}", (f"  ({reason})", "dim"), indent=2)
            self._examples(found)

    def _examples(self, skips: list[Skip]) -> None:
        for skip in skips[:NAMES_SHOWN]:
            who = self._who(skip.contact_id, skip.email) if skip.contact_id else (skip.record or "")
            say((f"{who}: {skip.rule}: {skip.detail}", "dim"), indent=4)
        if len(skips) > NAMES_SHOWN:
            say((f"and {len(skips) - NAMES_SHOWN} more; --json names all", "dim"), indent=4)

    def _totals(self) -> None:
        totals = self._report.totals
        counted = [f"{totals.pairs} pairs", f"{totals.agreed} in agreement"]
        for name, style_word in (
            (totals.planned, "to change"),
            (totals.applied, "changed"),
            (totals.failed, "failed"),
            (totals.unverified, "not verified"),
            (totals.refused, "refused"),
            (totals.review, "waiting for a person"),
            (totals.skipped, "left alone"),
        ):
            if name:
                counted.append(f"{name} {style_word}")
        say()
        say(", ".join(counted))
        calls = [
            f"{PLATFORMS[Side(name)]} {count.read} reads, {count.write} writes"
            for name, count in self._report.calls.items()
        ]
        if calls:
            say(("calls: " + "; ".join(calls), "dim"))

    def _verdict(self) -> str:
        report = self._report
        if report.trouble:
            return "A platform could not be read whole. Nothing was concluded from what is missing."
        if report.refusals:
            return "Refused by a limit. Nothing was written."
        if not report.changes:
            waiting = " except for what waits for a person" if report.questions else ""
            return f"Nothing to do: both sides agree{waiting}."
        if report.command == "plan":
            return "Nothing was written. `connector reconcile` carries this out."
        if any(line.status is not Status.APPLIED for line in report.changes):
            return "Finished, but not everything: each record that failed or is not verified is named above."
        return "Finished: every change was read back and found so."

    def _who_sorts(self, change: Change) -> tuple[str, int]:
        return (self._report.names.get(change.contact_id, change.email).casefold(), change.contact_id)

    def _who(self, contact: ContactId | None, email: str) -> str:
        return who(contact, email, self._report.names)

    def _rule(self, rule_id: str) -> str:
        rule = self._rules.get(rule_id)
        return f"{rule.title} ({rule_id})" if rule and rule.title != rule_id else rule_id

    def _value(self, rule_id: str, field: Field, value: str | None) -> str:
        rule = self._rules.get(rule_id)
        return value_words(field, value, rule.jurisdiction if rule else None)


def who(contact: ContactId | None, email: str, names: Mapping[ContactId, str]) -> str:
    """A learner as a coordinator knows them: name, address, and the contact's number."""
    name = names.get(contact, "") if contact is not None else ""
    address = f"<{email}>" if name and email else email
    person = " ".join(part for part in (name, address) if part)
    return ", ".join(part for part in (person, f"contact {contact}" if contact is not None else "") if part)
