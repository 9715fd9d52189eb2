"""Refuse what is too much to be meant (contract, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from connector.domain.plan import Change
from connector.domain.rule import Limits, Share

SMALL_ACCOUNT = 10
"""Below this many matched pairs only `created` holds."""

CLASSES = ("created", "updates", "access_removed", "outcomes")


@dataclass(frozen=True, slots=True)
class Tally:
    """How much a run would change, by limit class, and the pairs it is held against."""

    created: int = 0
    updates: int = 0
    access_removed: int = 0
    outcomes: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in CLASSES))


@dataclass(frozen=True, slots=True)
class Breach:
    """One limit that a plan goes over: `count` against `base` pairs."""

    limit: str
    count: int
    allowed: Share
    base: int

    def __str__(self) -> str:
        against = f" of {self.base} pairs" if self.allowed.is_percent else ""
        return (
            f"{self.limit}: {self.count}{against}, the limit is {self.allowed}; "
            f"look at the plan, then lift it for one run with --allow {self.limit}"
        )


def tally(changes: Iterable[Change]) -> Tally:
    """Count pairs per limit class; enrolments and users one by one."""
    created = 0
    pairs: dict[str, set[tuple[str, int, str]]] = {name: set() for name in CLASSES}
    new_users: set[int] = set()
    for change in changes:
        pair = (change.rule, change.contact_id, change.record)
        created += change.counts_created
        if change.new_user is not None:
            new_users.add(change.contact_id)
        for name, counts in (
            ("updates", change.counts_update),
            ("access_removed", change.counts_removed),
            ("outcomes", change.counts_outcome),
        ):
            if counts:
                pairs[name].add(pair)
    return Tally(
        created + len(new_users), len(pairs["updates"]), len(pairs["access_removed"]), len(pairs["outcomes"])
    )


def breaches(
    limits: Limits, counted: Tally, *, matched: int, history: int, allowed: Iterable[str] = ()
) -> list[Breach]:
    """Every limit that is exceeded and not lifted; more than the limit refuses, equal does not."""
    lifted = set(allowed)
    bases = {"created": 0, "updates": history, "access_removed": matched, "outcomes": matched}
    found = []
    for name in CLASSES:
        share: Share = getattr(limits, name)
        count: int = getattr(counted, name)
        if name in lifted or (name != "created" and matched < SMALL_ACCOUNT):
            continue
        if (count * 100 > share.value * bases[name]) if share.is_percent else (count > share.value):
            found.append(Breach(name, count, share, bases[name]))
    return found
