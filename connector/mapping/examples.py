"""The examples written inside the mappings, run against the planner's own decision."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from connector.domain.enrolment import Status
from connector.domain.outcome import shown
from connector.domain.rule import Place, Rule
from connector.mapping.draft import Draft

Decide = Callable[[Rule, Status, str], Mapping[str, str]]
"""What a rule makes of a status and a code (normal form): `axcelerate` the code to be written, at once or after approval; `ispring`
the status to be set; `review` the reason for which a person is asked. What is not done is absent."""


@dataclass(frozen=True, slots=True)
class Example:
    """One example of a rule. `expect` has the keys of `Decide`'s answer; codes in normal form."""

    rule: Rule
    place: Place
    status: Status
    code: str
    expect: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """An example and what came out. Where `expect` names no review, any is right: approval is not the example's business."""

    example: Example
    got: Mapping[str, str]

    @property
    def passed(self) -> bool:
        expect = self.example.expect
        compared = {"axcelerate", "ispring", *expect}
        return all(self.got.get(key) == expect.get(key) for key in compared)

    def __str__(self) -> str:
        example = self.example
        given = f"iSpring {example.status}, aXcelerate {shown(example.code)}"
        line = f"{example.place}: {example.rule.id}: {given}: "
        if self.passed:
            return line + f"{_told(example.expect)}, as expected"
        return line + f"expected {_told(example.expect)}, got {_told(self.got)}"


def run_examples(examples: Iterable[Example], decide: Decide) -> list[ExampleResult]:
    """Run every example, in the order of the files."""
    return [
        ExampleResult(example, decide(example.rule, example.status, example.code)) for example in examples
    ]


def examples_of(draft: Draft, rule: Rule) -> Iterator[Example]:
    """The examples of a sound rule; those in the defaults run for every unit rule of the file that has none of its own."""
    for position, document in enumerate(draft.document.examples or []):
        if document.given is None or document.expect is None:
            continue
        place = draft.problem(("examples", position), "").place
        expect = {key: value for key, value in document.expect if value is not None}
        yield Example(rule, place, document.given.ispring, document.given.axcelerate, expect)


def _told(decision: Mapping[str, str]) -> str:
    words = {"axcelerate": "write", "ispring": "set iSpring to", "review": "ask a person:"}
    parts = [f"{word} {shown(decision[key])}" for key, word in words.items() if key in decision]
    return ", ".join(parts) or "nothing"
