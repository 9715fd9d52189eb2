"""Carrying out one command, around what iSpring's writes do not say: which id was bad, what was made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from connector.domain.change import (
    CreateUser,
    EnrolLearners,
    LmsCommand,
    Receipt,
    RewriteSchedule,
    SetStatus,
    Unenrol,
)
from connector.domain.enrolment import Enrolment
from connector.domain.learner import CourseId, UserId
from connector.errors import ChangeRefused, Unconfirmed
from connector.platforms.ispring.client import PLATFORM
from connector.platforms.ispring.wire import Wire
from connector.platforms.ispring.writing import enrol_fields, schedule_fields, status_fields, user_fields

# Role names changed between the vendor's pages; both are tried (reference, contradiction 24).
ROLES = ("learner", "learners")
ENOUGH_REFUSALS = 3
"""After so many refusals of single people, and nobody accepted, it is the course or the schedule that is refused."""


class Commands:
    """Writes through a wire form. Raises as `LmsPort.apply` does."""

    def __init__(
        self,
        wire: Wire,
        *,
        find_user: Callable[..., UserId | None],
        enrolments_of: Callable[[Sequence[UserId], CourseId], list[Enrolment]],
    ) -> None:
        self._wire = wire
        self._find_user = find_user
        self._enrolments_of = enrolments_of

    def apply(self, command: LmsCommand) -> Receipt:
        match command:
            case EnrolLearners():
                return self._enrol(command)
            case RewriteSchedule():
                return self._edit(command)
            case Unenrol():
                self._wire.unenrol(command.enrolment_id)
                return Receipt()
            case SetStatus():
                return Receipt(task_id=self._wire.set_status(status_fields(command)))
            case CreateUser():
                return Receipt(created_id=self._create(command))

    def _edit(self, command: RewriteSchedule) -> Receipt:
        if command.schedule.access_from is None:
            raise ChangeRefused(
                PLATFORM, "edit enrollment", "an edit without an access date would move it to now"
            )
        self._wire.edit(command.enrolment_id, schedule_fields(command.schedule))
        return Receipt()

    def _enrol(self, command: EnrolLearners) -> Receipt:
        """One call for everybody. When it is refused, ever smaller groups, so that one bad id stops one person.

        Whether a refused call enrolled some of its people is not documented, so those already enrolled are left out
        before a smaller group is sent: nobody is enrolled twice.
        """
        try:
            self._wire.enrol(enrol_fields(command, command.users))
        except ChangeRefused as refusal:
            if len(command.users) == 1:
                raise
            return self._enrol_in_groups(command, refusal)
        return Receipt()

    def _enrol_in_groups(self, command: EnrolLearners, refusal: ChangeRefused) -> Receipt:
        refused: dict[UserId, str] = {}
        groups = _halves(command.users)
        any_accepted = False
        while groups:
            group = groups.pop()
            if not any_accepted and len(refused) >= ENOUGH_REFUSALS:
                raise refusal
            enrolled = {one.user_id for one in self._enrolments_of(group, command.course_id)}
            any_accepted |= bool(enrolled)
            missing = tuple(user for user in group if user not in enrolled)
            if not missing:
                continue
            try:
                self._wire.enrol(enrol_fields(command, missing))
                any_accepted = True
            except ChangeRefused as exc:
                if len(missing) == 1:
                    refused[missing[0]] = exc.detail
                groups.extend(_halves(missing))
        if not any_accepted:
            raise refusal
        return Receipt(refused=refused)

    def _create(self, command: CreateUser) -> UserId:
        """The new person's id. A refusal may mean that the person exists: then the id found by login or address.

        Raises: ChangeRefused when the person cannot be created and is not found; Unconfirmed when an accepted one is not found.
        """
        last: ChangeRefused | None = None
        for role in ROLES:
            try:
                created = self._wire.create_user(user_fields(command, role=role))
            except ChangeRefused as exc:
                last = exc
                existing = self._find_user(login=command.login, email=command.email)
                if existing is not None:
                    return existing
                if exc.status != 400:
                    break
            else:
                found = (
                    UserId(created) if created else self._find_user(login=command.login, email=command.email)
                )
                return _made(found)
        raise last or ChangeRefused(PLATFORM, "create user")


def _halves(users: tuple[UserId, ...]) -> list[tuple[UserId, ...]]:
    middle = len(users) // 2
    return [users[:middle], users[middle:]] if middle else []


def _made(user: UserId | None) -> UserId:
    if user is None:
        raise Unconfirmed(PLATFORM, "create user", "accepted, but the person is not found")
    return user
