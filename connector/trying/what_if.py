"""What an edited mapping would change today: both mappings decide about one and the same reading, and the plans are compared.

Nothing is written anywhere, not even to state: what is decided here is thrown away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as member
from itertools import chain

from connector.domain.learner import ContactId
from connector.domain.plan import Change, Question, RuleCount, Skip
from connector.domain.report import Report
from connector.domain.rule import Field, Rule, Rules
from connector.engine.decided import Decided
from connector.engine.opening import open_session
from connector.engine.parts import PLAN, Parts, Request
from connector.engine.session import Session
from connector.planning.limits import breaches, tally
from connector.reconcile import new_run_id
from connector.trying.on_record import OnRecord, redecide

Line = Change | Question | Skip
Key = tuple[ContactId, str, str | None, Field | None]

_PRESENT, _EDITED = "present|", "edited|"
"""For the one reading both mappings are put together; the marks keep their rules apart, whose ids are mostly the same."""


@dataclass(frozen=True)
class Difference:
    """What the two plans say otherwise about one field of one record; a plan that says nothing about it holds no line here.

    `rule` is the rule's id in the edited mapping; for what only the present plan says, the id there.
    """

    contact_id: ContactId
    email: str
    rule: str
    record: str | None
    field: Field | None
    present: tuple[Line, ...]
    edited: tuple[Line, ...]


@dataclass(frozen=True)
class RuleStep:
    """What became of one rule: `step` is added, removed, changed or unchanged; pairs that it is about, before and after."""

    rule: str
    step: str
    present_pairs: int
    edited_pairs: int


@dataclass(frozen=True)
class WhatIf:
    """The comparison. `same` counts changes that both plans make; `forgotten` the learners whose history ends, by rule.

    `refusals` are the limits that the edited plan would go over, `rested` rules of the edited mapping that would rest. With
    `trouble` (a platform could not be read whole) nothing was compared.
    """

    rules: tuple[RuleStep, ...] = ()
    differences: tuple[Difference, ...] = ()
    same: int = 0
    forgotten: Mapping[str, int] = member(default_factory=dict)
    refusals: tuple[str, ...] = ()
    rested: Mapping[str, str] = member(default_factory=dict)
    trouble: tuple[str, ...] = ()
    names: Mapping[ContactId, str] = member(default_factory=dict)
    on_record: OnRecord = member(default_factory=OnRecord)


def what_if(parts: Parts, edited: Rules) -> WhatIf:
    """Compare `edited` with the rules of `parts`: over one reading of today, and over the decisions in the journal."""
    report = Report(new_run_id(parts.now()), PLAN, parts.now())
    both = Rules((*_marked(parts.rules, _PRESENT), *_marked(edited, _EDITED)), edited.limits, "both")
    with open_session(Request(PLAN), replace(parts, rules=both), report) as session:
        if session is None:
            return WhatIf(trouble=tuple(report.trouble))
        session.decider.out.states.close()  # it decides about both mappings at once, which nobody asks
        contacts = list(session.scratch.news())
        present = _decide(session, parts.rules, _PRESENT, contacts)
        plan = _decide(session, edited, _EDITED, contacts)
        rested = _rested(session, _EDITED)
    found = WhatIf(
        rules=tuple(_steps(parts.rules, edited, present, plan)),
        forgotten=_forgotten(plan),
        refusals=tuple(_refusals(edited, plan)),
        rested=rested,
        names=present.names | plan.names,
        on_record=redecide(parts.store, edited),
    )
    differences, same = compare(present, plan, edited)
    return replace(found, differences=tuple(differences), same=same)


def _marked(rules: Rules, mark: str) -> list[Rule]:
    return [replace(rule, id=mark + rule.id) for rule in rules.rules]


def _rested(session: Session, mark: str) -> dict[str, str]:
    rested = session.decider.around.rested_rules
    return {rule.removeprefix(mark): why for rule, why in rested.items() if rule.startswith(mark)}


def _decide(session: Session, rules: Rules, mark: str, contacts: list[ContactId]) -> Decided:
    """Everything that these rules decide about the reading."""
    decider = replace(
        session.decider,
        around=replace(session.decider.around, rules=rules, rested_rules=_rested(session, mark)),
        read_rules=frozenset(rule.id for rule in rules.rules),
        out=Decided(),
    )
    decider.meet(session.scratch.contacts_without_link())
    decided = decider.decide(contacts)
    decided.states.close()
    return decided


def _steps(present: Rules, edited: Rules, before: Decided, after: Decided) -> Iterable[RuleStep]:
    """Every rule of either mapping, a renamed one under its new id."""
    old = {rule.id: rule for rule in present.rules}
    renamed = renames(edited)
    kept = set()
    nobody = RuleCount()
    for rule in edited.rules:
        was = old.get(rule.id) or old.get(rule.was or "")
        kept.add(was.id if was else "")
        step = "added" if was is None else "unchanged" if was.digest == rule.digest else "changed"
        pairs = before.counts.get(was.id, nobody).pairs if was else 0
        yield RuleStep(rule.id, step, pairs, after.counts.get(rule.id, nobody).pairs)
    for rule in present.rules:
        if rule.id not in kept and rule.id not in renamed:
            yield RuleStep(rule.id, "removed", before.counts.get(rule.id, nobody).pairs, 0)


def renames(edited: Rules) -> dict[str, str]:
    """New ids by the old ones (`was`)."""
    return {rule.was: rule.id for rule in edited.rules if rule.was}


def compare(present: Decided, edited: Decided, rules: Rules) -> tuple[list[Difference], int]:
    """What the two do not say alike, in the order of learners and rules; and how many changes they make alike."""
    before, after = _by_field(present, renames(rules)), _by_field(edited, {})
    found, same = [], 0
    for key in dict.fromkeys((*before, *after)):
        old, new = before.get(key, []), after.get(key, [])
        common = {_says(line) for line in old} & {_says(line) for line in new}
        same += sum(isinstance(line, Change) and _says(line) in common for line in old)
        old = [line for line in old if _says(line) not in common]
        new = [line for line in new if _says(line) not in common]
        if old or new:
            contact, rule, record, field = key
            found.append(
                Difference(contact, (new or old)[0].email, rule, record, field, tuple(old), tuple(new))
            )
    found.sort(key=lambda one: (one.email.casefold(), one.contact_id, one.rule, one.record or ""))
    return found, same


def _by_field(decided: Decided, renamed: Mapping[str, str]) -> dict[Key, list[Line]]:
    """What a plan says, by person, rule, record and field."""
    found: dict[Key, list[Line]] = {}
    lines: Iterator[Line] = chain(decided.changes, decided.questions, decided.skips)
    for line in lines:
        if line.contact_id is None or (isinstance(line, Skip) and line.once):
            continue
        key = (line.contact_id, renamed.get(line.rule, line.rule), line.record, line.field)
        found.setdefault(key, []).append(line)
    return found


def _says(line: Line) -> object:
    """What is said; ids of lines depend on the rule's text and are left out."""
    if isinstance(line, Change):
        return (line.platform, line.course_id, line.act, line.after, line.on, line.target, line.reason)
    return (line.reason, line.proposed) if isinstance(line, Question) else (line.reason, line.detail)


def _forgotten(decided: Decided) -> dict[str, int]:
    """Learners by rule whose agreed values would be forgotten, because no rule names their record any more."""
    gone = {(e.rule, e.contact_id) for e in decided.entries if e.reason == "forgotten"}
    return dict(Counter(rule or "" for rule, _ in gone))


def _refusals(edited: Rules, decided: Decided) -> list[str]:
    counts = decided.counts.values()
    matched, history = sum(c.matched for c in counts), sum(c.history for c in counts)
    return [str(b) for b in breaches(edited.limits, tally(decided.changes), matched=matched, history=history)]
