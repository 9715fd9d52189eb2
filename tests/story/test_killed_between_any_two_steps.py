"""The process ends between any two steps of a run: nothing is done twice, nothing is lost, and the next run finishes it.

A step is a transaction of the database or a write to a platform; the process may end before it and after it. From that moment nothing of it
is heard any more: no transaction, no write, not even the giving back of the account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from connector.domain.report import Exit

from .provider import DAY, MAY_1, MIA, WHS, WHS_COURSE, provider, user_of
from .rounds import Rounds
from .world import Account, asked, assert_quiet, explain, served, settle

SWITCHES = {"task_waiting_polls": 0, "task_working_polls": 0}


class Killed(BaseException):
    """The process is gone."""


class Steps:
    """Counts the steps of a process and ends it at one of them."""

    def __init__(self, account: Account, *, last: int) -> None:
        self.taken, self._last = 0, last
        store, lms, vet = account.store, account.lms, account.vet
        writing = store._writing

        @contextmanager
        def fenced(**options: Any) -> Iterator[Any]:
            self.step()
            with writing(**options) as connection:
                yield connection
            self.step()

        store._writing = fenced  # type: ignore[method-assign]
        lms.apply = self._around(lms.apply)  # type: ignore[method-assign]
        vet.apply = self._around(vet.apply)  # type: ignore[method-assign]

    def _around(self, apply: Callable[[Any], Any]) -> Callable[[Any], Any]:
        def stepped(command: Any) -> Any:
            self.step()
            receipt = apply(command)
            self.step()
            return receipt

        return stepped

    def step(self) -> None:
        self.taken += 1
        if self.taken > self._last:
            raise Killed


def killed_after(account: Account, steps: int) -> bool:
    """Run until so many steps are taken; whether the run was ended by it. What is left of the process must not be used again."""
    process = Steps(account, last=steps)
    with suppress(Killed):
        account.reconcile()
        return False
    assert process.taken > steps
    return True


def every_crash_point(account: Account, *, stride: int = 1) -> int:
    """Play rounds, each killed a little later, until one ends by itself; how many were killed."""
    rounds = Rounds(account)
    for kills, steps in enumerate(range(0, 400, stride)):
        rounds.edit()
        was_killed = killed_after(account, steps)
        account.restart()
        rounds.recover()
        if not was_killed:
            return kills
    raise AssertionError("a run has no end")


def test_a_run_killed_between_any_two_steps_is_finished_by_the_next(tmp_path: Path):
    with served(tmp_path, ispring_switches=SWITCHES) as account:
        assert every_crash_point(account, stride=2) > 25


def test_the_same_holds_on_postgresql(tmp_path: Path, postgres_url: str):
    from connector.state.migrate import upgrade

    upgrade(postgres_url)
    with served(tmp_path, url=postgres_url, ispring_switches=SWITCHES) as account:
        assert every_crash_point(account, stride=9) > 4


@pytest.mark.parametrize("steps", range(0, 24, 3))
def test_an_approval_survives_a_kill_and_is_written_once(tmp_path: Path, steps: int):
    with served(tmp_path, provider(MIA)) as account:
        settle(account)
        mine = account.enrollment(user_of(MIA), WHS_COURSE)["enrollment_id"]
        account.ispring.person.complete(mine, at=account.clock.now())
        waiting = settle(account)
        account.approve(waiting.questions[0].id)
        account.writes()

        killed_after(account, steps)
        account.restart()
        report = account.reconcile()

        assert report.exit_code is Exit.FINISHED, explain(report)
        assert account.unit(MIA, DAY, WHS)["outcome"] == "20"
        assert len([one for one in account.writes() if "competent=20" in one]) == 1
        assert asked(account.plan()) == set()
        assert_quiet(account)


def test_a_kill_before_anything_was_remembered_meets_everybody_as_at_first_sight(tmp_path: Path):
    with served(tmp_path, provider(MIA)) as account:
        account.ispring.person.enrol(user_of(MIA), WHS_COURSE, due=MAY_1, lock=True)
        assert killed_after(account, 0)
        account.restart()

        report = settle(account)

        assert len(account.enrollments(user_of(MIA), WHS_COURSE)) == 1, explain(report)
        assert_quiet(account)


def test_a_second_run_waits_for_nobody_and_says_whose_the_account_is(tmp_path: Path):
    from connector.errors import PlanRefused
    from connector.state.store import open_store

    with served(tmp_path, provider(MIA)) as account:
        with open_store(account.url, now=account.clock.now) as other, other.hold("another run"):
            with pytest.raises(PlanRefused, match="another run"):
                account.reconcile()
            assert account.plan().exit_code is Exit.FINISHED
        settle(account)
