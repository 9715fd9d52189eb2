"""Setting course and module statuses: accepted at once, applied by a task later (reference section 5)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from .access import Actor
from .account import Account
from .dates import read_moment
from .entities import SUCCESSFUL, UNSUCCESSFUL, ContentItem, Enrollment, Progress, Task
from .incoming import Fields
from .refusals import Refused, wrong_parameters
from .selections import Selections

COURSE_STATUSES = {
    "all": ("complete", "incomplete", "passed", "failed", "automatic"),
    "docs_only": ("complete", "automatic"),
}
MODULE_STATUSES = frozenset(("incomplete", "passed", "failed", "accepted", "declined"))
MODULE_COMPLETED = {"both": ("complete", "completed"), "complete": ("complete",), "completed": ("completed",)}
DOC_TASK_WORDS = {
    "waiting": "in progress",
    "in_progress": "in progress",
    "error": "failed",
    "cancelled": "failed",
}


class Statistics:
    """Status changes and the tasks that carry them out."""

    def __init__(self, account: Account, selections: Selections) -> None:
        self._account = account
        self._selections = selections
        self._running: dict[int, Task] = {}

    def set_course(self, actor: Actor, fields: Fields) -> Task:
        course, enrollments = self._target(actor, fields)
        status = fields.required("status")
        if status not in COURSE_STATUSES[self._account.switches.course_statuses]:
            raise wrong_parameters("status")
        date = self._moment(fields.text("date"))
        if status == "complete" and date is None:
            raise wrong_parameters("date is required")
        score = _score(fields)

        def apply() -> None:
            for one in enrollments:
                if status == "automatic":
                    self._recalculate(course, one)
                else:
                    self._account.set_override(one, self._set_progress(one, status, date, score))

        return self._accept(apply)

    def set_modules(self, actor: Actor, fields: Fields) -> Task:
        course, enrollments = self._target(actor, fields)
        changes = [self._module_change(course, change) for change in fields.mappings("moduleStatuses")]
        if not changes:
            raise wrong_parameters("moduleStatuses is required")

        def apply() -> None:
            for one in enrollments:
                one.marks.update(changes)
                self._recalculate(course, one, keep_override=True)

        return self._accept(apply)

    def reset_modules(self, actor: Actor, fields: Fields) -> Task:
        """Forget the progress in these modules; the course goes back to what the others give."""
        course, enrollments = self._target(actor, fields)
        items = fields.required_ids("contentItemIds")
        self._known_modules(course, items)

        def apply() -> None:
            for one in enrollments:
                for item in items:
                    one.marks.pop(item, None)
                self._account.set_override(one, None)
                self._account.earn(one, from_modules(course, one) if one.marks else Progress())

        return self._accept(apply)

    def poll(self, task_id: str) -> str:
        """The state of a task in the account's words; every poll brings it forward."""
        task = self._account.tasks.get(int(task_id)) if task_id.strip().isdigit() else None
        if task is None:
            raise self._selections.unknown("Unknown content item")
        if task.id in self._running:
            self._advance(task)
        if self._account.switches.task_words == "docs":
            return DOC_TASK_WORDS.get(task.state, task.state)
        return task.state

    def catch_up(self) -> None:
        """End the tasks whose time has come, polled or not; called before every request."""
        switches = self._account.switches
        ripe = self._account.clock.now() - timedelta(seconds=switches.task_seconds)
        for task in [*self._running.values()]:
            if task.accepted < ripe:
                self._end(task)

    def _advance(self, task: Task) -> None:
        switches = self._account.switches
        task.polls += 1
        if task.polls <= switches.task_waiting_polls:
            return
        task.state = "in_progress"
        if task.polls > switches.task_waiting_polls + switches.task_working_polls:
            self._end(task)

    def _end(self, task: Task) -> None:
        end = self._account.switches.task_end
        if end == "never":
            task.state = "in_progress"
            return
        task.state = end
        del self._running[task.id]
        if end == "complete":
            task.apply()

    def _accept(self, apply: Callable[[], None]) -> Task:
        task = Task(self._account.ids.task(), self._account.clock.now(), apply)
        self._account.tasks[task.id] = self._running[task.id] = task
        return task

    def _target(self, actor: Actor, fields: Fields) -> tuple[ContentItem, list[Enrollment]]:
        actor.may("edit_statistics")
        account = self._account
        course = account.items.get(fields.required("courseId"))
        if course is None:
            raise self._selections.unknown("Unknown content item")
        ids = fields.required_ids("enrollmentIds")
        self._selections.known(ids, account.enrollments, "Unknown enrollment")
        enrollments = [account.enrollments[one] for one in ids]
        for one in enrollments:
            actor.must_see(account.users[one.user])
            if one.course != course.id:
                raise wrong_parameters("enrollmentIds are of another course")
        return course, enrollments

    def _recalculate(self, course: ContentItem, one: Enrollment, *, keep_override: bool = False) -> None:
        if one.marks:
            self._account.earn(one, from_modules(course, one))
        if not keep_override:
            self._account.set_override(one, None)

    def _set_progress(
        self, one: Enrollment, status: str, date: datetime | None, score: float | None
    ) -> Progress:
        ended = status in SUCCESSFUL | UNSUCCESSFUL - {"incomplete"}
        return Progress(
            status=status,
            percent=100.0 if status in SUCCESSFUL else one.progress.percent,
            completed=(date or self._account.clock.now()) if ended else None,
            score=one.progress.score if score is None else score,
            time_spent_s=one.progress.time_spent_s,
            views=one.progress.views,
        )

    def _module_change(self, course: ContentItem, change: Fields) -> tuple[str, Progress]:
        item, status = change.required("contentItemId"), change.required("status")
        self._known_modules(course, [item])
        if status in MODULE_COMPLETED[self._account.switches.module_status_word]:
            status = "complete"
        elif status not in MODULE_STATUSES:
            raise wrong_parameters("status")
        ended = status in SUCCESSFUL | UNSUCCESSFUL
        completed = (self._moment(change.text("date")) or self._account.clock.now()) if ended else None
        return item, Progress(status, 100.0 if status in SUCCESSFUL else 0.0, completed, _score(change))

    def _known_modules(self, course: ContentItem, items: list[str]) -> None:
        self._selections.known(
            items, {module.item_id: module for module in course.modules}, "Unknown content item"
        )

    def _moment(self, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            return read_moment(text, self._account.wire_zone)
        except ValueError as error:
            raise wrong_parameters("date") from error


def from_modules(course: ContentItem, one: Enrollment) -> Progress:
    """The status that the modules give: the share of them that ended well, completed with the last."""
    marks = [one.marks.get(module.item_id, Progress()) for module in course.modules]
    well = [mark for mark in marks if mark.status in SUCCESSFUL]
    percent = round(100 * len(well) / len(marks), 2) if marks else 0.0
    if marks and len(well) == len(marks):
        scores = [mark.score for mark in well if mark.score is not None]
        return Progress(
            status="passed" if any(mark.status == "passed" for mark in well) else "complete",
            percent=100.0,
            completed=max(mark.completed for mark in well if mark.completed is not None),
            score=sum(scores) / len(scores) if scores else None,
        )
    started = any(mark.status != "not_started" for mark in marks)
    return Progress("in_progress" if started else "not_started", percent)


def _score(fields: Fields) -> float | None:
    score = fields.number("awardedScore")
    if score is not None and not 0 <= score <= 100:
        raise wrong_parameters("awardedScore")
    return score


def unknown_content() -> Refused:
    """Course reads answer 404, where the OpenAPI file lists it (reference 8.3)."""
    return Refused(404, "Unknown content item", plain=True)
