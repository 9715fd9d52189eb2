"""Writes of earlier runs whose answer or read-back never came, decided by what the platforms show now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from connector.domain.change import TaskState
from connector.domain.enrolment import EnrolmentId
from connector.domain.ledger import Entry, EntryKind, Intent, IntentState
from connector.domain.memory import Memory
from connector.domain.plan import Act, Change
from connector.engine.decided import Decided
from connector.execution.evidence import Shown, found_in
from connector.execution.executor import CHANGE_JSON
from connector.planning.person import Circumstances, Person
from connector.planning.settle import Fate, settle
from connector.platforms.port import LmsPort
from connector.state.intents import Settlement
from connector.state.store import Store

LOST_TASK_GRACE = timedelta(hours=1)
"""How long a status change whose task is unknown may still show: iSpring Learn names no end, its tasks take seconds to minutes."""


def change_of(intent: Intent) -> Change:
    """The planned change that an intent carries."""
    return CHANGE_JSON.validate_json(intent.change)


def running_tasks(store: Store, lms: LmsPort) -> frozenset[EnrolmentId]:
    """Enrolments whose status change still runs at the LMS: a restart takes them up."""
    found = set()
    for intent in store.open_intents():
        if intent.task_id is None or intent.state is not IntentState.ACCEPTED:
            continue
        change = change_of(intent)
        if change.enrolment_id and lms.task(intent.task_id) is TaskState.RUNNING:
            found.add(change.enrolment_id)
    return frozenset(found)


@dataclass
class Leftovers:
    """Settles open intents. `judged` are the rules that this run has read, under every name they had; None means all there ever were.

    `running` are enrolments whose status change still runs at the LMS.
    """

    around: Circumstances
    run: str
    running: frozenset[EnrolmentId]
    judged: frozenset[str] | None

    def settle(self, intents: Iterable[Intent], person: Person, memory: Memory, out: Decided) -> bool:
        """Bring `memory` up to date with what was carried out; True while something may still happen."""
        shown = Shown(
            list(person.classes), list(person.modules), list(person.enrolments), dict(person.completions)
        )
        still_open = False
        for intent in intents:
            change = change_of(intent)
            if change.enrolment_id in self.running and change.act is Act.SET_STATUS:
                still_open = True
                continue
            if self.judged is not None and change.rule not in self.judged:
                continue  # what this run has not read, it cannot judge
            accepted = intent.state is IntentState.ACCEPTED
            time = (
                intent.answer.removeprefix("sent with ") if intent.answer.startswith("sent with ") else None
            )
            settled = settle(change, memory, found_in(shown, change, accepted=accepted, access_time=time))
            applied = settled.fate is Fate.APPLIED
            if not applied and self._may_still_happen(change, intent):
                still_open = True
                continue
            state = IntentState.VERIFIED if applied else IntentState.DROPPED
            out.settlements.append(Settlement(intent.id, state, settled.detail or settled.fate.value))
            if applied and change.review:
                out.applied_reviews.append(change.review)
            out.entries.append(self._settled_entry(change, intent, applied, settled.detail))
        return still_open

    def _may_still_happen(self, change: Change, intent: Intent) -> bool:
        """A status change whose answer was lost runs on without our knowing its task: forgetting it would make our own status evidence."""
        unanswered = intent.state is IntentState.OPEN and intent.task_id is None
        return change.act is Act.SET_STATUS and unanswered and self.around.now - intent.at < LOST_TASK_GRACE

    def _settled_entry(self, change: Change, intent: Intent, applied: bool, detail: str) -> Entry:
        found = "found carried out" if applied else "found not carried out; it is decided anew"
        return Entry(
            at=self.around.now,
            run=self.run,
            kind=EntryKind.WRITE,
            text=f"a write of run {intent.run} was {found}",
            rule=change.rule,
            contact_id=change.contact_id,
            user_id=change.user_id,
            field=change.field,
            before=change.before,
            after=change.after,
            reason=change.reason,
            detail={"read_back": detail or ("as sent" if applied else "not as sent"), "intent": intent.id},
        )
