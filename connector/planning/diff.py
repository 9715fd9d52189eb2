"""One field, three ways: what each side shows now, against what each side showed when both last agreed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from connector.domain.rule import Direction, OnConflict, Side

Value = TypeVar("Value")


class Verdict(StrEnum):
    """AGREE: remember both values as they are. MOVE: `to` has to change. LEFT: an edit on the receiving side of a one-way field.

    ASK: a person decides.
    """

    AGREE = "agree"
    MOVE = "move"
    LEFT = "left"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Decision:
    """`reason` is the contract's word for a move ("first_sight", "changed_in_axcelerate", "changed_in_ispring")."""

    verdict: Verdict
    to: Side | None = None
    reason: str = ""
    both_changed: bool = False


@dataclass(frozen=True, slots=True)
class Sight(Generic[Value]):
    """Both sides of one field. `same` says whether the two sides mean the same, where that is not plain equality.

    `agreed` is (LMS, aXcelerate) as each was last read, None before the first time.
    """

    lms: Value
    vet: Value
    agreed: tuple[Value, Value] | None
    same: bool

    @property
    def lms_changed(self) -> bool:
        return self.agreed is not None and self.lms != self.agreed[0]

    @property
    def vet_changed(self) -> bool:
        return self.agreed is not None and self.vet != self.agreed[1]


AGREE = Decision(Verdict.AGREE)


def decide(
    sight: Sight[Value], direction: Direction, on_conflict: OnConflict, *, vet_gives: bool = False
) -> Decision:
    """Decide which side, if either, has to move.

    `vet_gives` is the meeting after another record began to govern or the enrolment became another one: aXcelerate gives the
    value and nothing moves to aXcelerate, whatever `on_conflict` says.
    """
    if sight.agreed is None:
        return _first_sight(sight, direction, on_conflict, vet_gives)
    if not sight.lms_changed and not sight.vet_changed:
        return AGREE
    both = sight.lms_changed and sight.vet_changed
    if sight.same:
        return Decision(Verdict.AGREE, both_changed=both)
    if both:
        return _both_changed(direction, on_conflict)
    if sight.vet_changed:
        return _one_changed(Side.ISPRING, direction.into_ispring, "changed_in_axcelerate")
    return _one_changed(Side.AXCELERATE, direction.into_axcelerate, "changed_in_ispring")


def _first_sight(
    sight: Sight[Value], direction: Direction, on_conflict: OnConflict, vet_gives: bool
) -> Decision:
    if sight.same:
        return AGREE
    if vet_gives:
        return Decision(Verdict.MOVE, Side.ISPRING, "first_sight") if direction.into_ispring else AGREE
    return _settle(direction, on_conflict, "first_sight", "first_sight")


def _both_changed(direction: Direction, on_conflict: OnConflict) -> Decision:
    decision = _settle(direction, on_conflict, "changed_in_axcelerate", "changed_in_ispring")
    return Decision(decision.verdict, decision.to, decision.reason, both_changed=True)


def _settle(direction: Direction, on_conflict: OnConflict, from_vet: str, from_lms: str) -> Decision:
    """Who gives where both sides have something to say: the only direction there is, else `on_conflict`."""
    if direction is Direction.OFF:
        return AGREE
    if direction is Direction.TO_ISPRING:
        return Decision(Verdict.MOVE, Side.ISPRING, from_vet)
    if direction is Direction.TO_AXCELERATE:
        return Decision(Verdict.MOVE, Side.AXCELERATE, from_lms)
    if on_conflict is OnConflict.AXCELERATE:
        return Decision(Verdict.MOVE, Side.ISPRING, from_vet)
    if on_conflict is OnConflict.ISPRING:
        return Decision(Verdict.MOVE, Side.AXCELERATE, from_lms)
    return Decision(Verdict.ASK)


def _one_changed(to: Side, allowed: bool, reason: str) -> Decision:
    return Decision(Verdict.MOVE, to, reason) if allowed else Decision(Verdict.LEFT)
