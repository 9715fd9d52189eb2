"""The words and values of access: the lock flag as it shows, the override, and what the mapping makes of them."""

from __future__ import annotations

from connector.domain.change import Override
from connector.domain.enrolment import Enrolment
from connector.domain.memory import Held, Lock
from connector.domain.plan import CLOSED, CLOSES_AFTER_DUE, OPEN
from connector.domain.rule import Direction
from connector.planning.standing import Record

OVERRIDE_WORDS = {Override.UNLOCK: OPEN, Override.CLEAR: CLOSES_AFTER_DUE, Override.LOCK: CLOSED}


def lock_of(enrolment: Enrolment, held: Held | None) -> Lock:
    """The lock flag as far as it is visible: without a due date the last one known stands (None at first sight)."""
    if enrolment.due is not None:
        return enrolment.locks
    return held.access[0] if held and held.access else None


def wanted_lock(record: Record) -> bool:
    """What aXcelerate's side means for the lock: an unlocked module never locks, anything else as the rule says."""
    return False if record.override is True else record.rule.lock_after


def lock_to_send(record: Record, enrolment: Enrolment, held: Held) -> bool | None:
    """The lock that goes with a due date where none stood; None leaves it as it stands."""
    if enrolment.due is not None or record.rule.access.direction is Direction.OFF:
        return None
    known = lock_of(enrolment, held)
    return wanted_lock(record) if known is None else known


def lock_word(lock: Lock) -> str:
    return CLOSES_AFTER_DUE if lock else OPEN


def override_word(record: Record, override: object) -> str:
    if override is True:
        return OPEN
    if override is False:
        return CLOSED
    return lock_word(record.rule.lock_after)


def override_text(override: object) -> str:
    return {True: "true", False: "false", None: ""}.get(override, "?")  # type: ignore[call-overload,no-any-return]
