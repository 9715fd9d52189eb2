"""An explanation on the screen: who, which record decides, then field by field."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from connector.cli.explain_json import link_meaning, meaning_of
from connector.cli.explain_words import suggestion_words, verdict_words
from connector.cli.render import who
from connector.cli.screen import say
from connector.cli.words import FIELDS, PLATFORMS, ago, record_words, value_words
from connector.domain.report import Exit
from connector.domain.rule import Side
from connector.explaining.facts import (
    AgreedOn,
    Call,
    DecidedBy,
    Explanation,
    FieldFacts,
    LinkFacts,
    PairFacts,
    State,
)

STYLES = {
    State.AGREES: "green",
    State.WOULD_CHANGE: "cyan",
    State.WAITS: "yellow",
    State.RESTS: "magenta",
    State.OFF: "dim",
}


def show_explanation(told: Explanation, *, now: datetime, zone: ZoneInfo) -> None:
    """Everything, in the order in which it was decided: the person, the pairs, their fields."""
    if told.contact_id is None:
        for line in told.trouble:
            say(("incomplete: ", "bold red"), line)
        say("Nothing can be explained: a platform could not be read whole.")
        return
    names = {told.contact_id: told.name} if told.name else {}
    say((who(told.contact_id, told.email, names), "bold"))
    if told.link is not None:
        _link(told.link, now)
    for pair in told.pairs:
        _Pair(pair, now, zone, told.asked).show()
    if not told.pairs:
        say("No rule is about this learner: no class, unit or module of theirs is named by a mapping.")
    for line in told.rested:
        say(("rests: ", "bold yellow"), line)
    if told.exit_code is Exit.FINISHED:
        say()
        say(("Nothing was written.", "dim"))


def _link(link: LinkFacts, now: datetime) -> None:
    if link.user_id is not None:
        how = "pinned by a person" if link.pinned else f"found by {link.how}"
        since = " in this reading; not yet on record" if link.is_new else ""
        if link.since is not None and not link.is_new:
            since = f", linked {ago(link.since, now)}"
        say(f"is user {link.user_id} in iSpring Learn: {how}{since}", indent=2)
    if link.reason:
        say((link_meaning(link) or link.reason, "yellow"), indent=2)
    for one in link.candidates:
        login = ", ".join(part for part in (one.login, one.email) if part)
        say(f"could be user {one.user_id}" + (f" ({login})" if login else ""), indent=4)


class _Pair:
    """One pair on the screen."""

    def __init__(self, pair: PairFacts, now: datetime, zone: ZoneInfo, asked: frozenset[str]) -> None:
        self._pair, self._now, self._zone, self._asked = pair, now, zone, asked

    def show(self) -> None:
        pair, rule = self._pair, self._pair.rule
        say()
        say((f"{rule.title} ({rule.id})", "bold"), (f"  {rule.place.file}:{rule.place.line}", "dim"))
        if pair.record:
            standing = f", {pair.stand}" if pair.stand else ""
            say(f"{record_words(pair.record)}{standing}", indent=2)
        if pair.governs is not None:
            which = (
                "This record decides"
                if pair.governs.is_governing
                else (f"{record_words(pair.governs.record)} (rule {pair.governs.rule}) decides")
            )
            say(f"{which} enrolment, dates and access: {pair.governs.why}", indent=2)
        for facts in pair.fields:
            self._field(facts)

    def _field(self, facts: FieldFacts) -> None:
        verdict = facts.verdict
        course = f" (course {facts.course})" if facts.course else ""
        say(
            (f"{FIELDS[facts.field]}{course}", "bold"),
            ": ",
            (verdict_words(verdict), STYLES[verdict.state]),
            indent=4,
        )
        values = [f"{PLATFORMS[side]}: {self._value(facts, getattr(facts, side.value))}" for side in Side]
        say("; ".join(values), indent=6)
        if verdict.state is State.WOULD_CHANGE or (verdict.state is State.WAITS and verdict.after):
            what = "would become" if verdict.state is State.WOULD_CHANGE else "approving writes"
            say(f"{what}: {self._value(facts, verdict.after)}", indent=6)
        if facts.agreed is not None:
            self._agreed(facts, facts.agreed)
        if verdict.reason:
            say(meaning_of(verdict.kind, verdict.reason) or verdict.detail, indent=6)
            if verdict.detail:
                say((verdict.detail, "dim"), indent=6)
        if facts.decided_by is not None:
            self._decided_by(facts.decided_by)
        if facts.last_call is not None:
            self._call(facts, facts.last_call)
        few = facts.what_would_change[:1] if verdict.state is State.AGREES else facts.what_would_change
        for suggestion in few:
            say(
                "to alter this: ",
                (suggestion_words(suggestion, self._pair.rule.jurisdiction, self._asked), "cyan"),
                indent=6,
            )

    def _agreed(self, facts: FieldFacts, agreed: AgreedOn) -> None:
        when = f" on {agreed.at.astimezone(self._zone):%Y-%m-%d %H:%M}" if agreed.at else ""
        run = f" in run {agreed.run}" if agreed.run else ""
        lms, vet = self._value(facts, agreed.ispring), self._value(facts, agreed.axcelerate)
        values = lms if lms == vet else f"{PLATFORMS[Side.ISPRING]} {lms}, {PLATFORMS[Side.AXCELERATE]} {vet}"
        say(f"last agreed{when}{run}: {values}", indent=6)

    def _decided_by(self, decided: DecidedBy) -> None:
        default = ", the default" if decided.is_default else ""
        where = f"{decided.place.file}:{decided.place.line}"
        say((f"decided by {where}: {decided.key} is {decided.value}{default}", "dim"), indent=6)

    def _call(self, facts: FieldFacts, call: Call) -> None:
        side = PLATFORMS[Side(call.platform)]
        before, after = self._value(facts, call.before), self._value(facts, call.after)
        answer = "; ".join(part for part in (call.answer, f"read back: {call.read_back}") if part)
        say(
            (
                f"last call {ago(call.at, self._now)}: {before} → {after} in {side}; {answer} (run {call.run})",
                "dim",
            ),
            indent=6,
        )

    def _value(self, facts: FieldFacts, value: str | None) -> str:
        return value_words(facts.field, value, self._pair.rule.jurisdiction)
