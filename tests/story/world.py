"""Both platforms over HTTP, a real database and the real engine, in one hand: `Account`."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connector.domain.ledger import ReviewState
from connector.domain.plan import Change
from connector.domain.report import Exit, Report
from connector.domain.rule import Rules
from connector.mapping.load import load_rules
from connector.platforms.axcelerate import AxcelerateVet
from connector.platforms.ispring import Account as IspringAccount
from connector.platforms.ispring import IspringPlatform, connect
from connector.platforms.patience import Patience
from connector.reading.scope import PageSizes
from connector.reconcile import PLAN, RECONCILE, Parts, Request, run
from connector.sandbox.axcelerate import AxcelerateSandbox, AxcelerateSwitches
from connector.sandbox.clock import Clock
from connector.sandbox.ispring import IspringSandbox, IspringSwitches
from connector.sandbox.people import World
from connector.sandbox.run import Sandboxes, run_sandboxes
from connector.state.migrate import upgrade
from connector.state.store import Store, open_store

from .provider import ALL_RULES, NOW, ZONE, provider

BRIEF = Patience(
    call_s=3.0, outage_s=3.0, first_answer_s=0.4, slow_answer_s=1.0, write_answer_s=0.4,
    first_pause_s=0.01, longest_pause_s=0.05, probe_s=0.2,
)  # fmt: skip
"""Outlives what a sandbox is told to do, and gives a dead platform up at once."""
IMPATIENT = Patience(
    call_s=0.05, outage_s=0.05, first_answer_s=0.5, slow_answer_s=0.5, write_answer_s=0.5,
    first_pause_s=0.01, longest_pause_s=0.02, probe_s=5.0,
)  # fmt: skip


WHOLE_PAGES = PageSizes(1000, 100)


@dataclass(frozen=True)
class Wire:
    """One of the ways to speak to iSpring: which dialect, body format and credentials."""

    dialect: str = "rest"
    form: str = "json"
    by: str = "token"


REST_JSON = Wire()
WIRES = {
    "rest-json-token": REST_JSON,
    "rest-xml-token": Wire(form="xml"),
    "rest-json-headers": Wire(by="headers"),
    "rest-xml-headers": Wire(form="xml", by="headers"),
    "soap-token": Wire(dialect="soap"),
    "soap-headers": Wire(dialect="soap", form="xml", by="headers"),
}


@dataclass
class Account:
    """One provider's two platforms, its mapping file and its state. Everything may be changed between runs.

    `restart` ends the connector's process as far as a test can: a new store, new connections, nothing kept in memory.
    """

    boxes: Sandboxes
    folder: Path
    url: str
    rules_text: str = ALL_RULES
    wire: Wire = REST_JSON
    patience: Patience = BRIEF
    pages: PageSizes = WHOLE_PAGES
    zone: str = ZONE
    lms_zone: str = ZONE
    task_patience: timedelta = timedelta(seconds=10)
    store: Store = field(init=False)
    lms: IspringPlatform = field(init=False)
    vet: AxcelerateVet = field(init=False)
    rules: Rules = field(init=False)

    def __post_init__(self) -> None:
        self.use(self.rules_text)
        self.open()

    # -- the process ----------------------------------------------------------------------------------------------

    def open(self) -> None:
        self.store = open_store(self.url, now=self.clock.now)
        self.lms, self.vet = self._connect_lms(), self._connect_vet()

    def close(self) -> None:
        self.lms.close()
        self.vet.close()
        self.store.close()

    def restart(self, **changes: Any) -> None:
        """Begin anew, as after a stop; `wire`, `patience`, `pages`, `zone` and `lms_zone` may change with it."""
        self.close()
        for name, value in changes.items():
            setattr(self, name, value)
        self.open()

    def _connect_lms(self) -> IspringPlatform:
        box, by_token = self.ispring, self.wire.by == "token"
        account = IspringAccount(
            api_url=f"{box.url}/api/v2",
            client_id=box.client_id if by_token else "",
            client_secret=box.client_secret if by_token else "",
            account_url=box.account_url,
            email=box.email,
            password=box.password,
        )
        return connect(
            account,
            zone=ZoneInfo(self.lms_zone),
            dialect=self.wire.dialect,  # type: ignore[arg-type]
            form=self.wire.form,  # type: ignore[arg-type]
            page_size=self.pages.ispring,
            requests_per_second=0,
            patience=self.patience,
        )

    def _connect_vet(self) -> AxcelerateVet:
        box = self.axcelerate
        return AxcelerateVet(
            api_url=box.url,
            api_token=box.api_token,
            ws_token=box.ws_token,
            page_size=self.pages.axcelerate,
            requests_per_second=0,
            patience=self.patience,
            now=self.clock.now,
        )

    # -- the operator ---------------------------------------------------------------------------------------------

    def use(self, text: str) -> None:
        """Replace the mapping file."""
        (self.folder / "mappings").mkdir(exist_ok=True)
        (self.folder / "mappings" / "rules.yaml").write_text(text, encoding="utf-8")
        self.rules = load_rules(self.folder / "mappings", jurisdiction="NAT").rules

    def plan(self, **asked: Any) -> Report:
        return run(_request(PLAN, asked), self.parts())

    def reconcile(self, **asked: Any) -> Report:
        return run(_request(RECONCILE, asked), self.parts())

    def parts(self) -> Parts:
        return Parts(
            rules=self.rules,
            lms=self.lms,
            vet=self.vet,
            store=self.store,
            zone=ZoneInfo(self.zone),
            lms_zone=ZoneInfo(self.lms_zone),
            now=self.clock.now,
            pages=self.pages,
            task_patience=self.task_patience,
        )

    def approve(self, review: str, **decision: Any) -> None:
        self.store.decide(review, ReviewState.APPROVED, by="an assessor", **decision)

    def reject(self, review: str) -> None:
        self.store.decide(review, ReviewState.REJECTED, by="an assessor", why="seen on paper")

    # -- the platforms --------------------------------------------------------------------------------------------

    @property
    def clock(self) -> Clock:
        return self.boxes.clock

    @property
    def ispring(self) -> IspringSandbox:
        return self.boxes.ispring

    @property
    def axcelerate(self) -> AxcelerateSandbox:
        return self.boxes.axcelerate

    def pass_days(self, days: int) -> None:
        self.clock.advance(timedelta(days=days))

    def enrollments(self, user: str, course: str) -> list[dict[str, Any]]:
        """The live enrollments of a user in a course as iSpring holds them."""
        rows = self.ispring.rows("enrollments")
        return [row for row in rows if (row["user_id"], row["course_id"]) == (user, course)]

    def enrollment(self, user: str, course: str) -> dict[str, Any]:
        """The one live enrollment; fails where there is none or more than one."""
        (only,) = self.enrollments(user, course)
        return only

    def unit(self, contact: int, class_id: int, code: str) -> dict[str, Any]:
        (only,) = [
            row
            for row in self.axcelerate.rows("units")
            if (row["contact_id"], row["class_id"], row["code"]) == (contact, class_id, code)
        ]
        return only

    def module(self, module_id: int) -> dict[str, Any]:
        (only,) = [row for row in self.axcelerate.rows("modules") if row["module_enrolment_id"] == module_id]
        return only

    def writes(self) -> list[str]:
        """Every accepted change that came over HTTP to either platform since the last look."""
        found = [
            f"{call.operation} {call.body.decode('utf-8', 'replace')}"
            for box in (self.ispring, self.axcelerate)
            for call in box.calls.writes()
        ]
        self.ispring.calls.clear()
        self.axcelerate.calls.clear()
        return found


def _request(command: str, asked: dict[str, Any]) -> Request:
    """`rule`, `learner`, `allow` and `saved` as the command line takes them; `rule` and `allow` are words with spaces between."""
    return Request(
        command,
        rules=frozenset(asked.pop("rule", "").split()),
        allow=frozenset(asked.pop("allow", "").split()),
        **asked,
    )


@contextmanager
def served(
    folder: Path,
    world: World | None = None,
    *,
    url: str | None = None,
    now: datetime = NOW,
    ispring_switches: dict[str, Any] | None = None,
    axcelerate_switches: dict[str, Any] | None = None,
    **settings: Any,
) -> Iterator[Account]:
    """An account of this world, its state in `folder` (or at `url`), for a block."""
    with ExitStack() as stack:
        boxes = stack.enter_context(
            run_sandboxes(
                world or provider(),
                ispring_switches=IspringSwitches(**(ispring_switches or {})),
                axcelerate_switches=AxcelerateSwitches(**(axcelerate_switches or {})),
                clock=Clock(now),
            )
        )
        account = Account(boxes, folder, url or _migrated(folder), **settings)
        stack.callback(lambda: account.close())
        yield account


_TEMPLATES: dict[str, Path] = {}


def _migrated(folder: Path) -> str:
    """A migrated database: a copy of one, which is quicker than migrating for every story."""
    path = folder / "connector.db"
    if "sqlite" not in _TEMPLATES:
        upgrade(f"sqlite:///{path}")
        template = folder.parent / "story-template.db"
        shutil.copy(path, template)
        _TEMPLATES["sqlite"] = template
    elif not path.exists():
        shutil.copy(_TEMPLATES["sqlite"], path)
    return f"sqlite:///{path}"


# -- reading reports ------------------------------------------------------------------------------------------------------


def told(report: Report) -> list[tuple[Any, ...]]:
    """Each change as (contact, rule, field, side, before, after, reason, status), in the order of the run."""
    return [
        (
            int(line.change.contact_id),
            line.change.rule,
            str(line.change.field),
            str(line.change.platform),
            line.change.before,
            line.change.after,
            line.change.reason,
            str(line.status),
        )
        for line in report.changes
    ]


def gist(report: Report) -> set[tuple[Any, ...]]:
    """Each change as (contact, rule, field, side, after, status)."""
    return {(c, rule, name, side, after, status) for c, rule, name, side, _, after, _, status in told(report)}


def planned(report: Report) -> tuple[Change, ...]:
    return tuple(line.change for line in report.changes)


def asked(report: Report) -> set[tuple[Any, ...]]:
    """Each waiting question as (contact, field, reason, proposed)."""
    return {(int(q.contact_id), str(q.field), q.reason, q.proposed) for q in report.questions}


def skipped(report: Report) -> set[tuple[int | None, str]]:
    """What was left alone, as (contact, reason)."""
    return {(s.contact_id and int(s.contact_id), s.reason) for s in report.skips}


def settle(account: Account, **asked: Any) -> Report:
    """A reconcile that has to finish cleanly."""
    report = account.reconcile(**asked)
    assert report.exit_code is Exit.FINISHED, explain(report)
    return report


def between_reading_and_writing(account: Account, edit: Callable[[], object]) -> Report:
    """A reconcile in which `edit` happens after both sides were read and before the first write."""
    parts, done = account.parts(), []

    def progress(step: str, count: int, total: int | None) -> None:
        if step == "matching" and not done:
            done.append(True)
            edit()

    parts.progress = progress
    report = run(_request(RECONCILE, {}), parts)
    assert done
    return report


def explain(report: Report) -> str:
    """A report in full, for a failed assertion."""
    lines = [f"{report.command} ended with {report.exit_code!r}"]
    lines += [f"trouble: {text}" for text in report.trouble]
    lines += [f"refused: {text}" for text in report.refusals]
    lines += [f"rested: {text}" for text in report.rested]
    lines += [
        f"change: {told_line} {line.error}"
        for told_line, line in zip(told(report), report.changes, strict=True)
    ]
    lines += [f"asked: {one}" for one in sorted(asked(report), key=repr)]
    lines += [f"skipped: {one.contact_id} {one.field} {one.reason} {one.detail}" for one in report.skips]
    return "\n".join(lines)


def assert_quiet(account: Account) -> None:
    """Nothing to do: an empty plan, then a run without a write, both with no more calls than the floor."""
    account.writes()
    for report in (account.plan(), account.reconcile()):
        assert report.exit_code is Exit.FINISHED, explain(report)
        assert told(report) == [], explain(report)
        for side, count in report.calls.items():
            assert (count.write, count.read) == (0, count.floor), f"{side}: {count}\n{explain(report)}"
    assert account.writes() == []
