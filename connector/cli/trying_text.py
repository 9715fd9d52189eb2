"""What-if and coverage for somebody who knows the learners and not the program."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from zoneinfo import ZoneInfo

from connector.cli.render import who
from connector.cli.screen import say
from connector.cli.words import FIELDS, PLATFORMS, record_words, value_words
from connector.domain import reasons
from connector.domain.plan import Change, Question
from connector.domain.rule import Field, Rules
from connector.trying.coverage import Coverage, Unnamed
from connector.trying.on_record import Redecided
from connector.trying.what_if import Difference, Line, WhatIf

STEPS = {"added": "new", "removed": "gone", "changed": "edited", "unchanged": "as it was"}
SHOWN = 20
"""Lines of one list; the JSON has all."""


class WhatIfText:
    """The comparison on the screen."""

    def __init__(self, found: WhatIf, *, present: Rules, edited: Rules, zone: ZoneInfo) -> None:
        self._found = found
        self._zone = zone
        rules = {rule.id: rule for rule in present.rules} | {rule.id: rule for rule in edited.rules}
        self._jurisdictions = {rule.id: rule.jurisdiction for rule in rules.values()}

    def show(self) -> None:
        """Everything, the verdict last."""
        found = self._found
        for problem in found.trouble:
            say(("incomplete: ", "bold red"), problem)
        if found.trouble:
            say("A platform could not be read whole, so nothing was compared.")
            return
        self._rules()
        self._today()
        self._on_record()
        for limit in found.refusals:
            say(("would be refused: ", "bold red"), limit)
        for rule, why in found.rested.items():
            say(("would rest: ", "bold yellow"), f"{rule}: {why}")
        say((self._verdict(), "bold"))

    def _rules(self) -> None:
        for one in self._found.rules:
            pairs = (
                f"{one.present_pairs} pairs"
                if one.present_pairs == one.edited_pairs
                else (f"{one.present_pairs} pairs → {one.edited_pairs}")
            )
            style = "dim" if one.step == "unchanged" else "bold"
            say((f"{one.rule}", style), f": {STEPS[one.step]}, {pairs}")
            if gone := self._found.forgotten.get(one.rule):
                say(
                    f"what was agreed about {gone} learners would be forgotten; nothing is written for it",
                    indent=2,
                )

    def _today(self) -> None:
        say()
        count = len(self._found.differences)
        say(
            (f"Today: {count} difference{'' if count == 1 else 's'}", "bold"),
            f", {self._found.same} changes alike",
        )
        for contact, group in groupby(self._found.differences, key=lambda one: one.contact_id):
            of_learner = list(group)
            say((who(contact, of_learner[0].email, self._found.names), "bold"), indent=2)
            for one in of_learner:
                self._difference(one)

    def _difference(self, one: Difference) -> None:
        what = f"{FIELDS[one.field]}, " if one.field else ""
        say(f"{one.rule}: {what}{record_words(one.record)}", indent=4)
        for name, lines in (("now", one.present), ("with the edit", one.edited)):
            for text in [self._line(line) for line in lines] or ["nothing to do"]:
                say((f"{name}: ", "dim"), text, indent=6)

    def _line(self, line: Line) -> str:
        if isinstance(line, Change):
            before, after = (self._value(line, value) for value in (line.before, line.after))
            because = reasons.says("change", line.reason)
            return f"{PLATFORMS[line.platform]}: {before} → {after}, because {because}"
        if isinstance(line, Question):
            proposed = f"; proposed: {self._value(line, line.proposed)}" if line.proposed is not None else ""
            return f"a person is asked: {reasons.says('review', line.reason)}{proposed}"
        return f"left alone: {line.detail or reasons.says('skipped', line.reason)}"

    def _value(self, line: Change | Question, value: str | None) -> str:
        jurisdiction = self._jurisdictions.get(line.rule)
        return value_words(Field(line.field), value, jurisdiction)

    def _on_record(self) -> None:
        record = self._found.on_record
        say()
        count = len(record.differences)
        say((f"On record: {count} of {record.looked_at} decisions would differ", "bold"))
        for one in record.differences[:SHOWN]:
            self._redecided(one)
        _more(count)

    def _redecided(self, one: Redecided) -> None:
        name = self._found.names.get(one.contact_id, "") if one.contact_id else ""
        when = one.at.astimezone(self._zone)
        person = ", ".join(part for part in (name, f"contact {one.contact_id}") if part)
        say(f"{when:%Y-%m-%d %H:%M} {person}: {one.rule}, {one.field.replace('_', ' ')}", indent=2)
        place = f" ({one.place})" if one.place else ""
        say(f"{one.did}; {one.would}{place}", indent=4)

    def _verdict(self) -> str:
        if not self._found.differences and not self._found.on_record.differences:
            return "The edit changes nothing today, and would have changed nothing on record. Nothing was written."
        return "Nothing was written. Copy the files over yours when this is what you want."


_HEADINGS = {
    "course": "Courses in iSpring Learn that no rule names",
    "class": "Classes in aXcelerate in which no rule finds anything",
    "unit": "Units that no rule names",
    "module": "Learning-plan modules that no rule names",
}


def show_coverage(found: Coverage) -> None:
    """What no rule names, kind by kind, then rules that match nobody."""
    for kind, heading in _HEADINGS.items():
        unnamed = found.of(kind)
        say((f"{heading}: {len(unnamed)}", "bold"))
        for one in unnamed[:SHOWN]:
            say(*_unnamed(one), indent=2)
        _more(len(unnamed))
    say((f"Rules that match nobody: {len(found.idle)}", "bold"))
    for idle in found.idle:
        enrolled = f"; {_learners(idle.in_courses)} in its courses" if idle.in_courses else ""
        say(f"{idle.rule.id} ({idle.rule.place}): {idle.why}{enrolled}", indent=2)
    for problem in found.set_aside:
        say(("set aside: ", "yellow"), problem)


def _unnamed(one: Unnamed) -> Iterator[str | tuple[str, str]]:
    name = one.id if one.name in ("", one.id) else f"{one.name} ({one.id})"
    yield f"{_learners(one.learners)}: {name}"
    if one.kind in ("unit", "module"):
        yield (f", in class {', '.join(str(class_id) for class_id in one.classes)}", "dim")


def _learners(count: int) -> str:
    return f"{count} learner{'' if count == 1 else 's'}"


def _more(count: int) -> None:
    if count > SHOWN:
        say((f"and {count - SHOWN} more; --json names all", "dim"), indent=2)
