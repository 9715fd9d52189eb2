"""The laws of the design, tried on the real engine: people edit, time goes by, calls fail, the process dies, and the laws hold.

`python -m pytest tests/laws` tries a bounded number of stories (about a minute). For a long search:

    LAWS=long .venv/bin/python -m pytest tests/laws/test_laws.py -q
"""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from connector.domain.ledger import Review, ReviewState
from connector.domain.report import Exit, Report
from connector.domain.rule import Rules
from connector.platforms.port import Kind
from connector.reading.scope import PageSizes
from connector.reconcile import PLAN, RECONCILE, Parts, Request, run
from connector.state.migrate import upgrade
from connector.state.store import Store, open_store
from tests.laws.agreement import assert_explained
from tests.laws.provider import (
    BEGINNING,
    DAYS,
    DOINGS,
    NAMES,
    OF_ONE_VALUE,
    ZONE,
    Edit,
    Provider,
    Wording,
    perform,
    renamed,
    rules_of,
)
from tests.laws.watch import Watch
from tests.laws.wires import NO_TROUBLE, FragileStore, Killed, Process, Trouble, Wire

USUAL = Wording()
EVERYTHING_ALLOWED = frozenset({"created", "updates", "access_removed", "outcomes", "emptied"})


@cache
def _template() -> Path:
    """A migrated database, to be copied for every story."""
    folder = tempfile.mkdtemp(prefix="laws-")
    upgrade(f"sqlite:///{folder}/template.db")
    return Path(folder) / "template.db"


class Account:
    """A provider, its mapping and its state; every run is a new process."""

    def __init__(self, wording: Wording = USUAL) -> None:
        self.provider = Provider()
        self.wording = wording
        self.folder = Path(tempfile.mkdtemp(prefix="laws-"))
        shutil.copy(_template(), self.folder / "connector.db")
        self.now = BEGINNING
        self.seed = 0
        self.form = 0
        self.head: str | None = None
        self.process = Process()
        self._store: Store | None = None

    def close(self) -> None:
        self.restart()
        shutil.rmtree(self.folder)

    def restart(self) -> None:
        """The process ends; the next run begins with what is on disk."""
        if self._store is not None:
            self._store.close()
        self._store = None

    @property
    def rules(self) -> Rules:
        return rules_of(self.wording)

    @property
    def store(self) -> Store:
        if self._store is None:
            self._store = open_store(f"sqlite:///{self.folder / 'connector.db'}", now=lambda: self.now)
        return self._store

    def pass_time(self, **duration: int) -> None:
        self.now += timedelta(**duration)
        self.provider.lms.now = self.now

    def do(self, kind: str, **facts: Any) -> None:
        """One edit by a person."""
        perform(self.provider, Edit(kind, **facts))

    def plan(self, **asked: Any) -> Report:
        report = self.go(PLAN, **asked)
        assert report is not None
        return report

    def reconcile(self, **asked: Any) -> Report:
        """A run that the process outlives."""
        report = self.go(RECONCILE, **asked)
        assert report is not None
        return report

    def go(
        self,
        command: str,
        *,
        rule: str | None = None,
        learner: int | None = None,
        allow: frozenset[str] = frozenset(),
        trouble: Trouble = NO_TROUBLE,
        slip: Edit | None = None,
    ) -> Report | None:
        """One run; None when the process died in it."""
        self.seed += 1
        slipped = (lambda: perform(self.provider, slip)) if slip else None
        self.process = process = Process(trouble, self.seed, self.form, slipped)
        request = Request(
            command,
            rules=frozenset({rule} if rule else ()),
            learner=None if learner is None else str(self.provider.contacts[learner]),
            allow=allow,
        )
        try:
            report = run(request, self._parts(process))
        except Killed:
            report = None
            self.restart()
        finally:
            self.provider.lms.faults.clear()
            self.provider.vet.faults.clear()
        if command == PLAN or (report is not None and report.exit_code is Exit.REFUSED):
            assert not process.writes, "a plan, or a refused run, wrote"
        return report

    def _parts(self, process: Process) -> Parts:
        watch = Watch(self.provider, process, self.store, self.rules)
        return Parts(
            rules=self.rules,
            lms=Wire("ispring", self.provider.lms, process, watch.see),  # type: ignore[arg-type]
            vet=Wire("axcelerate", self.provider.vet, process, watch.see),  # type: ignore[arg-type]
            store=FragileStore(self.store, process),  # type: ignore[arg-type]
            zone=ZONE,
            lms_zone=ZONE,
            now=lambda: self.now,
            pages=PageSizes(3, 3),
            task_patience=timedelta(seconds=0 if process.trouble.busy else 5),
        )

    def answers(self, number: int, *, approve: bool, take: str, day: int) -> Review | None:
        """A person answers one of the waiting questions."""
        waiting = self.store.waiting()
        if not waiting:
            return None
        review = waiting[number % len(waiting)]
        state = ReviewState.APPROVED if approve else ReviewState.REJECTED
        on = min(DAYS[day % 3], self.now.date()) if review.field == "outcome" else None
        self.store.decide(review.id, state, by="somebody", take=take, on_date=on, why="seen")
        return review


# -- the machine ----------------------------------------------------------------------------------------------------------

EDITS = st.builds(
    Edit,
    kind=st.sampled_from(sorted(DOINGS)),
    who=st.integers(0, len(NAMES) - 1),
    where=st.integers(0, 5),
    day=st.integers(0, len(DAYS) - 1),
    flag=st.booleans(),
)
SLIPS = st.builds(
    Edit,
    kind=st.sampled_from(OF_ONE_VALUE),
    who=st.integers(0, len(NAMES) - 1),
    where=st.integers(0, 5),
    day=st.integers(0, len(DAYS) - 1),
    flag=st.booleans(),
)
SIDES = st.sampled_from(("ispring", "axcelerate"))
FAULTS = st.tuples(SIDES, st.sampled_from(("refused", "never_left", "lost_before", "lost_after")))
TROUBLES = st.one_of(
    st.builds(Trouble, dies_at=st.integers(1, 90)),
    st.builds(
        Trouble, dies_at=st.integers(15, 90), faults=st.lists(FAULTS, min_size=1, max_size=3).map(tuple)
    ),
    st.builds(Trouble, breaks=st.tuples(SIDES, st.integers(1, 12))),
    st.builds(Trouble, faults=st.lists(FAULTS, min_size=1, max_size=4).map(tuple), busy=st.booleans()),
    st.builds(
        Trouble,
        slips_at=st.integers(1, 30),
        faults=st.lists(FAULTS, max_size=1).map(tuple),
    ),
    st.builds(Trouble, hides=st.tuples(SIDES, st.integers(0, 20))),
)
KINDS = (None, Kind.USER, Kind.ENROLMENT, Kind.COMPLETION, Kind.CLASS_ENROLMENT, Kind.MODULE_ENROLMENT)
WORDINGS = st.builds(
    Wording,
    dates=st.sampled_from(("both", "both", "axcelerate_to_ispring", "ispring_to_axcelerate", "off")),
    conflict=st.sampled_from(("axcelerate", "ispring", "review")),
    access=st.sampled_from(("both", "both", "axcelerate_to_ispring", "ispring_to_axcelerate", "off")),
    lock_after=st.booleans(),
    withdrawal=st.sampled_from(("lock", "unenrol", "keep")),
    unenrolment=st.sampled_from(("review", "recreate", "keep")),
    missing=st.sampled_from(("report", "create")),
    approval=st.sampled_from(("required", "automatic")),
    failed_is=st.sampled_from(("", "30")),
    with_second=st.booleans(),
)


class Laws(RuleBasedStateMachine):
    """One account over a stretch of time."""

    account: Account

    @initialize(wording=WORDINGS)
    def begin(self, wording: Wording) -> None:
        self.account = Account(wording)

    def teardown(self) -> None:
        if hasattr(self, "account"):
            self.account.close()

    # -- people and time ------------------------------------------------------------------------------------------

    @rule(edits=st.lists(EDITS, min_size=1, max_size=4))
    def people_edit(self, edits: list[Edit]) -> None:
        for edit in edits:
            perform(self.account.provider, edit)

    @rule(duration=st.sampled_from(({"hours": 5}, {"days": 1}, {"days": 9}, {"days": 40})))
    def time_goes_by(self, duration: dict[str, int]) -> None:
        self.account.pass_time(**duration)

    @rule()
    def the_wire_takes_another_form(self) -> None:
        self.account.form += 1

    @rule(number=st.integers(0, 5), approve=st.booleans(), take=SIDES, day=st.integers(0, 2))
    def somebody_answers(self, number: int, approve: bool, take: str, day: int) -> None:
        self.account.answers(number, approve=approve, take=take, day=day)

    @rule(wording=WORDINGS, how=st.sampled_from(("field", "drop", "bring back", "rename")))
    def the_mapping_is_edited(self, wording: Wording, how: str) -> None:
        old = self.account.wording
        if how == "field":
            new = renamed(old, dates=wording.dates, lock_after=wording.lock_after, access=wording.access)
        elif how == "drop":
            new = renamed(old, with_safety=wording.with_second, with_welcome=False)
        elif how == "bring back":
            new = renamed(old, with_safety=True, with_welcome=True, withdrawal=wording.withdrawal)
        else:
            new = renamed(old, whs="whs-2026")
        self.account.wording = new

    # -- runs -----------------------------------------------------------------------------------------------------

    @rule(allow=st.booleans())
    def a_run(self, allow: bool) -> None:
        self._clean_run(EVERYTHING_ALLOWED if allow else frozenset())

    @rule(edit=EDITS)
    def one_edit_in_a_quiet_account(self, edit: Edit) -> None:
        if self._clean_run(EVERYTHING_ALLOWED):
            perform(self.account.provider, edit)
            self._clean_run(EVERYTHING_ALLOWED)

    @rule(
        edit=SLIPS,
        kind=st.sampled_from(OF_ONE_VALUE),
        at=st.integers(1, 8),
        day=st.integers(0, len(DAYS) - 1),
    )
    def an_edit_slips_in(self, edit: Edit, kind: str, at: int, day: int) -> None:
        """Somebody edits, and while that is being carried over, somebody edits the same learner again."""
        perform(self.account.provider, edit)
        slip = replace(edit, kind=kind, day=day, flag=not edit.flag)
        self.account.go(RECONCILE, trouble=Trouble(slips_at=at), slip=slip, allow=EVERYTHING_ALLOWED)

    @rule(side=SIDES, number=st.integers(0, 20))
    def a_row_that_is_missing_for_once_changes_nothing(self, side: str, number: int) -> None:
        account = self.account
        if self._clean_run(EVERYTHING_ALLOWED):
            report = account.reconcile(trouble=Trouble(hides=(side, number)))
            # A whole list of iSpring is believed: beside a second enrolment, a missing one reads as a new attempt.
            assert side == "ispring" or not account.process.writes, explain(report)

    @rule(who=st.integers(0, len(NAMES) - 1), kind=st.sampled_from(KINDS))
    def a_run_that_cannot_read_somebody(self, who: int, kind: Kind | None) -> None:
        contact = self.account.provider.contacts[who]
        is_vet = kind in (Kind.CLASS_ENROLMENT, Kind.MODULE_ENROLMENT)
        owner = str(contact) if is_vet else self.account.provider.user_of(contact)
        self.account.reconcile(trouble=Trouble(garbles=owner, garbled_kind=kind), allow=EVERYTHING_ALLOWED)

    @rule(trouble=TROUBLES, slip=SLIPS, narrow=st.integers(-8, len(NAMES) - 1))
    def a_run_in_trouble(self, trouble: Trouble, slip: Edit, narrow: int) -> None:
        report = self.account.go(
            RECONCILE, trouble=trouble, slip=slip, learner=narrow if narrow >= 0 else None
        )
        if not self.account.process.is_whole:
            assert report is not None
            assert report.exit_code is Exit.UNREACHABLE
            assert not self.account.process.writes

    @rule(learner=st.integers(0, len(NAMES) - 1), name=st.integers(0, 4), by_rule=st.booleans())
    def a_narrowed_run(self, learner: int, name: int, by_rule: bool) -> None:
        rules = self.account.rules.rules
        if by_rule:
            self.account.reconcile(rule=rules[name % len(rules)].id)
        else:
            self.account.reconcile(learner=learner)

    @rule(name=st.integers(0, 4), who=st.integers(0, len(NAMES) - 1))
    def every_scope_is_a_slice_of_the_whole(self, name: int, who: int) -> None:
        assert_slices(self.account, name, who)

    @rule(who=st.integers(0, len(NAMES) - 1), of_contact=st.booleans())
    def a_bad_record_stops_only_itself(self, who: int, of_contact: bool) -> None:
        account = self.account
        contact = account.provider.contacts[who]
        owner = str(contact) if of_contact else account.provider.user_of(contact)
        whole = account.plan()
        if owner is None or whole.exit_code is not Exit.FINISHED:
            return
        rest = account.plan(trouble=Trouble(garbles=owner))
        assert of_others(rest, contact) == of_others(whole, contact)

    @rule(
        duration=st.sampled_from(({"hours": 11}, {"days": 3}, {"days": 33}, {"days": 100})),
        form=st.integers(0, 1),
    )
    def time_alone_changes_nothing(self, duration: dict[str, int], form: int) -> None:
        account = self.account
        if not self._clean_run(EVERYTHING_ALLOWED):
            return
        before = account.provider.shows()
        account.pass_time(**duration)
        account.form += form
        account.restart()
        report = account.reconcile()
        assert [line.change for line in report.changes] == []
        assert account.provider.shows() == before

    def _clean_run(self, allow: frozenset[str]) -> bool:
        """A run over everything in which nothing goes wrong; then what differs has been said, and a plan is empty."""
        account = self.account
        report = account.reconcile(allow=allow)
        if report.exit_code is not Exit.FINISHED:
            note(f"not clean: {report.exit_code!r} {report.trouble} {report.refusals} {report.changes}")
            assert not allow, explain(report)
            return False
        assert_explained(account.provider, account.rules, report, account.store)
        assert_quiet(account)
        return True

    @invariant()
    def the_journal_holds(self) -> None:
        account = getattr(self, "account", None)
        if account is None:
            return
        found = account.store.verify(account.head)
        assert found.ok, found
        account.head = found.head


# -- what is compared -----------------------------------------------------------------------------------------------------


def assert_quiet(account: Account) -> None:
    report = account.plan()
    assert not report.changes, explain(report)


def gist(report: Report, *, rule: str | None = None, contact: int | None = None) -> tuple[set[Any], ...]:
    """What a report says of one scope: ids of changes and questions, and what is left alone."""

    def fits(one: Any) -> bool:
        return rule in (None, one.rule) and contact in (None, one.contact_id)

    return (
        {line.change.id for line in report.changes if fits(line.change)},
        {question.id for question in report.questions if fits(question)},
        {
            (skip.rule, skip.contact_id, skip.record, skip.reason, skip.field)
            for skip in report.skips
            if fits(skip)
        },
    )


def of_others(report: Report, contact: int) -> tuple[set[Any], ...]:
    """Changes and questions about everybody else."""
    return (
        {line.change.id for line in report.changes if line.change.contact_id != contact},
        {question.id for question in report.questions if question.contact_id != contact},
    )


def assert_slices(account: Account, name: int, who: int) -> None:
    """A plan of a scope is the slice of the plan of everything."""
    whole = account.plan()
    if whole.exit_code not in (Exit.FINISHED, Exit.PARTIAL):
        return
    rule_id = account.rules.rules[name % len(account.rules.rules)].id
    contact = account.provider.contacts[who]
    for scope, part in (
        ({"rule": rule_id}, account.plan(rule=rule_id)),
        ({"contact": contact}, account.plan(learner=who)),
    ):
        assert gist(part, **scope) == gist(whole, **scope), (  # type: ignore[arg-type]
            f"{scope}\n{explain(whole)}\n-- the part:\n{explain(part)}"
        )


def explain(report: Report) -> str:
    """A report in full, for a failed assertion."""
    lines = [f"{report.command} ended with {report.exit_code!r}"]
    lines += [*report.trouble, *report.refusals, *report.rested]
    lines += [
        f"change {c.contact_id} {c.rule} {c.record} {c.platform} {c.field} {c.before} -> {c.after} {c.reason}: {line.status} {line.error}"
        for line in report.changes
        for c in (line.change,)
    ]
    lines += [f"asked {q.contact_id} {q.rule} {q.record} {q.field} {q.reason}" for q in report.questions]
    lines += [f"skip {s.contact_id} {s.rule} {s.record} {s.field} {s.reason}" for s in report.skips]
    return "\n".join(lines)
