"""The laws of planning, over generated people, edits on both sides, a moving clock, lost answers and edited mappings."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from datetime import timedelta

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from connector.domain.enrolment import ClassStatus, ModuleStatus
from connector.domain.ledger import ReviewState
from connector.domain.memory import dump, load
from connector.domain.outcome import is_final, is_interim
from connector.domain.plan import Act, Change, PersonPlan
from connector.domain.rule import Field, Rule, Side, Target
from tests.planning.build import TODAY, a_completion, an_enrolment
from tests.planning.generate import (
    COURSES,
    agreed_worlds,
    class_statuses,
    codes,
    days,
    ends,
    one_rule,
    overrides,
    results,
    starts,
    unlock_without_a_date,
    worlds,
)
from tests.planning.simulate import World, asked, facts, said

FATES = st.lists(st.sampled_from(["", "", "", "answer", "write"]), min_size=1, max_size=4)


def check(world: World, plan: PersonPlan) -> None:
    """What holds for every plan, whatever came before."""
    for change in plan.changes:
        assert change.before != change.after or change.act in (Act.CLOSE, Act.RESTORE), change
        nothing_lowered(world, change)
        no_access_taken_without_a_reason(world, change)
    written = [
        (c.record, c.record_id, c.field, c.platform, c.course_id)
        for c in plan.changes
        if c.platform is Side.ISPRING
    ]
    assert len(written) == len(set(written)), "one value, one write"
    sent: dict[tuple[object, ...], set[str | None]] = {}
    for c in plan.changes:
        if c.platform is Side.AXCELERATE:
            sent.setdefault((c.record, c.field), set()).add(c.after)
    assert all(len(values) == 1 for values in sent.values()), "no two values for one field"
    assert load(dump(plan.memory)) == plan.memory


def nothing_lowered(world: World, change: Change) -> None:
    """Law 3."""
    if change.field is Field.OUTCOME and change.platform is Side.AXCELERATE:
        rule_of = next(r for r in world.rules if r.id == change.rule)
        assert not is_final(change.before or "", rule_of.jurisdiction)


def no_access_taken_without_a_reason(world: World, change: Change) -> None:
    """An enrolment is closed or removed only when every record behind it, in all rules, says so."""
    if change.act not in (Act.CLOSE, Act.UNENROL) or change.reason == "approved":
        return
    assert change.course_id is not None
    locked = {c for c in world.plan().changes if c.field is Field.ACCESS and c.platform is Side.AXCELERATE}
    for of in world.rules:
        if change.course_id in of.course_ids:
            assert not _keeps_open(world, of, locked_now=bool(locked)), (of, change)


def _keeps_open(world: World, of: Rule, *, locked_now: bool) -> bool:
    for row in world.rows.values():
        if row.status is not ClassStatus.IN_PROGRESS:
            continue
        if of.target is Target.CLASS:
            return True
        if of.target is Target.UNIT and any(
            u.code == of.unit and is_interim(u.outcome, of.jurisdiction) for u in row.units
        ):
            return True
        if of.target is Target.MODULE and not locked_now:
            mine = [m for m in world.modules.values() if m.class_id == row.class_id]
            if any(m.status is not ModuleStatus.OTHER and m.override is not False for m in mine):
                return True
    return False


class Life(RuleBasedStateMachine):
    """One person through many runs."""

    world: World

    @initialize(world=worlds())
    def begin(self, world: World) -> None:
        self.world = world

    # -- aXcelerate ---------------------------------------------------------------------------------------------------

    @rule(end=ends, start=starts, which=st.integers(0, 5))
    def edit_a_unit(self, end, start, which) -> None:
        rows = list(self.world.rows.values())
        if rows:
            row = rows[which % len(rows)]
            self.world.edit_unit(class_id=row.class_id, code=("AAA", "BBB")[which % 2], end=end, start=start)

    @rule(code=codes, which=st.integers(0, 5))
    def assess(self, code, which) -> None:
        rows = list(self.world.rows.values())
        if rows:
            row = rows[which % len(rows)]
            self.world.edit_unit(class_id=row.class_id, code=("AAA", "BBB")[which % 2], outcome=code)

    @rule(status=class_statuses, which=st.integers(0, 2))
    def change_a_class_enrolment(self, status, which) -> None:
        rows = list(self.world.rows.values())
        if rows:
            self.world.edit_class(rows[which % len(rows)].class_id, status=status)

    @rule(end=ends, override=overrides, which=st.integers(0, 2))
    def edit_a_module(self, end, override, which) -> None:
        self.world.edit_module(500 + which, end=end, override=override)

    @rule(which=st.integers(0, 2))
    def lose_a_class_enrolment(self, which) -> None:
        rows = list(self.world.rows.values())
        if rows:
            row = rows[which % len(rows)]
            del self.world.rows[row.enrol_id]
            self.world.modules = {k: m for k, m in self.world.modules.items() if m.class_id != row.class_id}

    # -- iSpring ------------------------------------------------------------------------------------------------------

    @rule(due=ends, which=st.integers(0, 3))
    def edit_a_due_date(self, due, which) -> None:
        self._edit_enrolment(which, due=due)

    @rule(locks=st.booleans(), which=st.integers(0, 3))
    def edit_a_lock(self, locks, which) -> None:
        self._edit_enrolment(which, locks=locks)

    @rule(start=days, which=st.integers(0, 3))
    def edit_a_start(self, start, which) -> None:
        self._edit_enrolment(which, access_from=start)

    def _edit_enrolment(self, which: int, **values) -> None:
        known = list(self.world.enrolments)
        if known:
            self.world.edit_enrolment(known[which % len(known)], **values)
            unlock_without_a_date(self.world)

    @rule(status=results, which=st.integers(0, 3))
    def study(self, status, which) -> None:
        known = list(self.world.enrolments.values())
        if known:
            one = known[which % len(known)]
            self.world.add(a_completion(status, one.enrolment_id, one.course_id, on=TODAY))

    @rule(which=st.integers(0, 3))
    def remove_an_enrolment(self, which) -> None:
        known = list(self.world.enrolments)
        if known:
            self.world.remove_enrolment(known[which % len(known)])

    @rule(due=ends, start=starts, course=st.sampled_from(COURSES), number=st.integers(1, 3))
    def enrol_again(self, due, start, course, number) -> None:
        identity = f"x{course}{number}"
        if identity not in self.world.enrolments:
            self.world.add(an_enrolment(identity, course, start=start, due=due, locks=due is not None))
            self.world.add(a_completion("not_started", identity, course))

    # -- operators and time -------------------------------------------------------------------------------------------

    @rule(number=st.integers(0, 2), data=st.data())
    def edit_the_mapping(self, number, data) -> None:
        rules = list(self.world.rules)
        edited = data.draw(one_rule(number))
        if number < len(rules):
            rules[number] = edited
        else:
            rules.append(replace(edited, id=f"r{len(rules)}", position=len(rules)))
        self.world.rules = tuple(rules[:3])

    @precondition(lambda self: self.world.asked)
    @rule(take=st.sampled_from(["axcelerate", "ispring"]), yes=st.booleans(), which=st.integers(0, 5))
    def answer_a_question(self, take, yes, which) -> None:
        identity = sorted(self.world.asked)[which % len(self.world.asked)]
        if not yes:
            self.world.reject(identity)
            return
        dated = self.world.asked[identity].reason in ("no_completion_date", "completion_date_implausible")
        self.world.approve(identity, take=take, on=TODAY if dated else None)

    @rule(days_on=st.sampled_from([1, 7, 30, 200]))
    def time_goes_by(self, days_on) -> None:
        self.world.run()
        self.world.run()
        self.world.today += timedelta(days=days_on)
        plan = self.world.plan()
        assert plan.changes == [], "only edits are changes"

    @rule(fates=FATES)
    def run_with_trouble(self, fates) -> None:
        waiting = iter(fates * 50)
        check(self.world, self.world.run(lose=lambda change: next(waiting)))

    @rule()
    def run_and_run_again(self) -> None:
        check(self.world, self.world.run())
        if any(review.state is ReviewState.APPROVED for review in self.world.reviews.values()):
            self.world.run()  # an answer about one course may meet the edit of another
        assert facts(self.world.plan()) == [], self.world

    @rule(seed=st.integers(0, 10))
    def read_in_another_order(self, seed) -> None:
        assert self.world.plan() == self.world.plan(random.Random(seed)), "the order of rows says nothing"

    @invariant()
    def a_plan_can_always_be_made(self) -> None:
        check(self.world, self.world.plan())


Life.TestCase.settings = settings(
    max_examples=int(os.environ.get("HUNT", "100")),  # HUNT=3000 looks further, with new stories each time
    stateful_step_count=25,
    deadline=None,
    derandomize="HUNT" not in os.environ,
    suppress_health_check=list(HealthCheck),
)
TestLife = Life.TestCase


EDITS = {
    "due": lambda world, day: world.edit_enrolment(due=day),
    "start": lambda world, day: world.edit_enrolment(access_from=day or TODAY),
    "lock": lambda world, day: world.edit_enrolment(locks=not world.enrolments["e0"].locks),
    "end": lambda world, day: (world.edit_unit(end=day), world.edit_module(end=day)),
    "begin": lambda world, day: (world.edit_unit(start=day), world.edit_module(start=day)),
    "unlocked": lambda world, day: world.edit_module(override=True),
    "locked": lambda world, day: world.edit_module(override=False),
    "cleared": lambda world, day: world.edit_module(override=None),
}


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck))
@given(agreed_worlds(), st.sampled_from(sorted(EDITS)), ends)
def test_every_edit_is_moved_asked_or_said(world, edit, day):
    """Law 2, for people whose records are open and compared in every field."""
    first = world.run()
    assert (facts(first), asked(first), said(first)) == ([], [], [])
    shown = (dict(world.enrolments), dict(world.modules), dict(world.rows))

    EDITS[edit](world, day)
    unlock_without_a_date(world)
    assume(_is_read(world, shown))
    plan = world.plan()

    assert plan.changes or plan.questions or plan.skips or plan.notes or _agree(world), world


def _is_read(world: World, shown: tuple[object, ...]) -> bool:
    """Whether the edit shows in what the world's one rule compares."""
    target = world.rules[0].target
    vet = (world.modules, shown[1]) if target is Target.MODULE else (world.rows, shown[2])
    if target is Target.CLASS:
        vet = ({}, {})
    return (world.enrolments, vet[0]) != (shown[0], vet[1])


def _agree(world: World) -> bool:
    """Whether both sides show the same dates and mean the same access: then nothing needs to be said."""
    enrolment = next(iter(world.enrolments.values()))
    row = next(iter(world.rows.values()))
    if world.rules[0].target is Target.MODULE:
        module = next(iter(world.modules.values()))
        lock = world.rules[0].lock_after and module.override is not True
        dates = (module.start, module.end)
    else:
        unit, lock = row.units[0], enrolment.locks
        dates = (unit.start, unit.end)
    same_lock = enrolment.due is None or enrolment.locks == lock
    return (enrolment.access_from, enrolment.due) == dates and same_lock
