"""The decisions on record, decided again by an edited mapping, as far as the journal holds the facts they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connector.domain.enrolment import Status
from connector.domain.learner import ContactId
from connector.domain.ledger import Entry, EntryKind
from connector.domain.plan import AUTOMATIC
from connector.domain.rule import Direction, Field, FieldRule, Place, Rule, Rules, Side
from connector.state.journal import Journal
from connector.trying.decision import decide


@dataclass(frozen=True, slots=True)
class Redecided:
    """One decision that would differ. `did` and `would` are sentences; `place` is where the edited mapping says so (None: nowhere)."""

    at: datetime
    run: str
    contact_id: ContactId | None
    rule: str
    field: str
    did: str
    would: str
    place: Place | None


@dataclass(frozen=True, slots=True)
class OnRecord:
    """`looked_at` decisions could be decided again; `differences` are those with another end, newest first."""

    looked_at: int = 0
    differences: tuple[Redecided, ...] = ()


def redecide(journal: Journal, edited: Rules) -> OnRecord:
    """Decide every outcome on record by the edited tables, and say which moved dates its directions would not have moved.

    A situation that was decided several times (asked, then approved) counts once, as decided last.
    """
    rules = {rule.id: rule for rule in edited.rules}
    rules |= {rule.was: rule for rule in edited.rules if rule.was and rule.was not in rules}
    seen: set[tuple[Any, ...]] = set()
    looked_at, found = 0, []
    for entry in _decisions(journal):
        situation = _situation(entry)
        if situation is None or situation in seen:
            continue
        seen.add(situation)
        looked_at += 1
        again = _again(entry, rules.get(entry.rule or ""))
        found += [again] if again else []
    found.sort(key=lambda one: one.at, reverse=True)
    return OnRecord(looked_at, tuple(found))


def _decisions(journal: Journal) -> Iterator[Entry]:
    """Decisions before questions: a question that was approved is told by what came of it."""
    for kind in (EntryKind.DECISION, EntryKind.REVIEW):
        for chained in journal.entries(kind=kind):
            yield chained.entry


def _facts(entry: Entry) -> dict[str, Any]:
    """The change, or the question, as it was recorded; {} for lines that hold neither (an approval, a rejection)."""
    facts = entry.detail.get("change") or entry.detail.get("question") or {}
    return facts if isinstance(facts, dict) else {}


def _situation(entry: Entry) -> tuple[Any, ...] | None:
    """What was decided about; None where the line does not hold what it takes to decide again."""
    facts = _facts(entry)
    if entry.field == Field.OUTCOME and facts and _status_and_code(entry) is not None:
        side = facts.get("platform", Side.AXCELERATE)
        return (entry.contact_id, entry.rule, facts.get("record"), side, _status_and_code(entry))
    if entry.field in _FIELD_RULES and entry.reason in _EDITS and facts.get("platform"):
        place = (facts.get("record"), facts["platform"], entry.field, entry.before, entry.after)
        return (entry.contact_id, entry.rule, *place)
    return None


_EDITS = ("changed_in_axcelerate", "changed_in_ispring")
_FIELD_RULES = (Field.START_DATE, Field.DUE_DATE, Field.ACCESS)


def _status_and_code(entry: Entry) -> tuple[Status, str] | None:
    """What both sides showed: the course status and the outcome code."""
    facts = _facts(entry)
    if facts.get("platform") == Side.ISPRING:
        status, code = entry.before, facts.get("source")
        if entry.after == AUTOMATIC:
            return None  # a status of ours taken back: no table decides that
    elif "platform" in facts:
        status, code = facts.get("source"), entry.before
    else:
        evidence = entry.detail.get("evidence") or {}
        status, code = evidence.get("status"), evidence.get("code")
    if status not in set(Status) or code is None:
        return None
    return Status(status), code


def _again(entry: Entry, rule: Rule | None) -> Redecided | None:
    """The decision made anew; None where it would be the same."""
    if rule is None:
        return _told(entry, "no rule of the edited mapping names it", None)
    if entry.field == Field.OUTCOME:
        return _outcome_again(entry, rule)
    return _move_again(entry, rule)


def _outcome_again(entry: Entry, rule: Rule) -> Redecided | None:
    known = _status_and_code(entry)
    assert known is not None
    got = decide(rule, *known)
    if _facts(entry).get("platform") == Side.ISPRING:
        would = got.get("ispring")
        if would == entry.after:
            return None
        text = f"iSpring Learn would be set to {would}" if would else "nothing would be set in iSpring Learn"
        return _told(entry, text, rule.place_of("outcome.to_ispring"))
    code, asks = got.get("axcelerate"), "review" in got
    asked = entry.kind is EntryKind.REVIEW or entry.reason == "approved"
    # A question about a missing or implausible date cannot be asked again without the dates: only its code is compared.
    about_dates = entry.kind is EntryKind.REVIEW and entry.reason not in ("approval_required", "conflict")
    if code == entry.after and (asks == asked or about_dates):
        return None
    key = f"outcome.to_axcelerate.{known[0]}" if code != entry.after else "outcome.approval"
    return _told(entry, _outcome_words(code, asks=asks), rule.place_of(key))


def _outcome_words(code: str | None, *, asks: bool) -> str:
    if code is None:
        return "a person would be asked about two final outcomes" if asks else "no outcome would be written"
    return f"{code} would be {'proposed to a person' if asks else 'written at once'}"


def _move_again(entry: Entry, rule: Rule) -> Redecided | None:
    field_rule: FieldRule = getattr(rule, str(entry.field))
    to_ispring = _facts(entry)["platform"] == Side.ISPRING
    direction: Direction = field_rule.direction
    if direction.into_ispring if to_ispring else direction.into_axcelerate:
        return None
    text = (
        f"it would not be moved: {entry.field} runs {direction}"
        if direction is not Direction.OFF
        else (f"it would not be moved: {entry.field} is off")
    )
    return _told(entry, text, rule.place_of(f"{entry.field}.direction"))


def _told(entry: Entry, would: str, place: Place | None) -> Redecided:
    if entry.kind is EntryKind.REVIEW:
        did = f"a person was asked about {entry.after}" if entry.after else "a person was asked"
    else:
        approved = ", after approval" if entry.reason == "approved" else ""
        did = f"{entry.before or 'none'} was to become {entry.after or 'none'}{approved}"
    return Redecided(
        at=entry.at,
        run=entry.run,
        contact_id=entry.contact_id,
        rule=entry.rule or "",
        field=entry.field or "",
        did=did,
        would=would,
        place=place,
    )
