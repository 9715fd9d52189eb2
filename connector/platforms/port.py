"""What the engine asks of a platform. A third training platform is a folder that satisfies one of these two.

Reading is in two steps, so that a quiet run pays only for fetching and decoding. `read` yields whole pages as `Raw`
records: who they belong to, and the mapped fields as one compact byte string (same content, same bytes; the engine
compares digests of it). `parse` turns one `Raw` into a domain value, and is called only for people with news.

Every method raises `Unavailable` after the retries of `http.py`, `AccessDenied` on 401/403 of a read, `UnexpectedPayload` when
an answer is not of the documented shape. `apply` raises `Unconfirmed` when the call may have been carried out,
`ChangeRefused` when this one is refused for good, `WriteDenied` when this kind of write is not allowed.
A `read` that ends without raising has read every list of its scope from first page to end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, Protocol

from connector.domain.change import LmsCommand, Receipt, TaskState, VetCommand
from connector.domain.enrolment import (
    ClassEnrolment,
    Completion,
    Enrolment,
    EnrolmentId,
    ModuleEnrolment,
    TrainingClass,
)
from connector.domain.learner import ClassId, Contact, ContactId, CourseId, User, UserId


class Kind(StrEnum):
    """The kinds of record that a reading yields."""

    USER = "user"
    ENROLMENT = "enrolment"
    COMPLETION = "completion"
    CLASS_ENROLMENT = "class_enrolment"
    MODULE_ENROLMENT = "module_enrolment"
    TRAINING_CLASS = "training_class"


class Raw(NamedTuple):
    """One record of a listing, not yet understood.

    `owner` is the user id or contact id as text ("" for a training class), `key` is unique within kind ("CLASS/ENROLID" for
    class enrolments, the enrolment id for completions where it is shown), `group` the course id or class id as text that it was found under.
    `body` holds the mapped fields; equal content gives equal bytes within one wire form.
    """

    kind: Kind
    owner: str
    key: str
    group: str
    body: bytes


class Batch(NamedTuple):
    """One page. `listing` names the list it belongs to ("users", "enrolments", "completions", "class:880123", …)."""

    listing: str
    records: list[Raw]


@dataclass
class Calls:
    """How often a platform was asked in this run. `other` counts tokens, capability reads, retries, task polls, look-ups of people and merge history.

    `floor` is what the contract's section 6 says the same reading and writing takes at least.
    """

    read: int = 0
    write: int = 0
    other: int = 0
    floor: int = 0


class Standing(StrEnum):
    """How a capability was found. UNPROVEN: nothing speaks against it, and only the real call can tell."""

    PROVEN = "proven"
    WARNING = "warning"
    FAILED = "failed"
    UNPROVEN = "unproven"


class Finding(NamedTuple):
    """One thing that an account shows or allows, for `connector check`. `what` is stable, `detail` is for people."""

    what: str
    standing: Standing
    detail: str


@dataclass(frozen=True)
class LmsScope:
    """Which lists to read: people (`people`), the enrolments of `courses`, and their completions (`completions`).

    Empty `courses` reads no enrolments and no completions. `users` narrows every list to these people.
    `profile_fields` (lower-cased) are the fields, beside login and e-mail, that a user record must carry.
    """

    courses: tuple[CourseId, ...]
    people: bool = True
    completions: bool = True
    users: tuple[UserId, ...] | None = None
    profile_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class VetScope:
    """Which lists to read: `classes` one list each, `qualifications` one list each, or `whole_account`.

    `units` are the unit codes (upper-cased) that matter: only these are kept on a class enrolment, every one where it is None. `modules` reads the module report of all classes
    seen. `details` reads the class details (class rules): of `detail_classes`, None meaning the classes seen. `contact` narrows every
    list to one person.
    """

    classes: tuple[ClassId, ...] = ()
    qualifications: tuple[str, ...] = ()
    whole_account: bool = False
    units: frozenset[str] | None = frozenset()
    modules: bool = False
    module_classes: tuple[ClassId, ...] | None = None
    details: bool = False
    detail_classes: tuple[ClassId, ...] | None = None
    contact: ContactId | None = None


class LmsPort(Protocol):
    """iSpring Learn, in any of its wire forms.

    `unknown_courses` holds, once a `read` has ended, the courses of its scope that the account does not know: nothing may be
    concluded about them, while the lists of all others are whole.
    """

    calls: Calls
    unknown_courses: tuple[CourseId, ...]

    def read(self, scope: LmsScope) -> Iterator[Batch]:
        """Yield every page of users, enrolments and completions in scope (people of every status)."""

    def parse(self, record: Raw) -> User | Enrolment | Completion:
        """Understand one record. Raises Unreadable."""

    def enrolment(self, enrolment_id: EnrolmentId, *, user: UserId, course: CourseId) -> Enrolment | None:
        """One enrolment as it stands now (the precondition of an edit); None when it is gone."""

    def enrolments_of(self, users: Sequence[UserId], course: CourseId) -> list[Enrolment]:
        """The live enrolments of these people in one course (the search before a create)."""

    def completions_of(self, enrolments: Sequence[tuple[EnrolmentId, UserId, CourseId]]) -> list[Completion]:
        """Completions of a few enrolments, in as few calls as the platform allows (time of day before an edit)."""

    def find_user(self, *, login: str, email: str) -> UserId | None:
        """The user with this login or address, whatever the status (the search around a create)."""

    def apply(self, command: LmsCommand) -> Receipt:
        """Carry out one write, once."""

    def task(self, task_id: str) -> TaskState:
        """How far an asynchronous change has come."""

    def course_titles(self, courses: Sequence[CourseId]) -> dict[CourseId, str]:
        """Titles of the courses that exist."""


class VetPort(Protocol):
    """aXcelerate."""

    calls: Calls

    def read(self, scope: VetScope) -> Iterator[Batch]:
        """Yield every page of class enrolments (with their units), module enrolments and class details in scope."""

    def parse(self, record: Raw) -> ClassEnrolment | ModuleEnrolment | TrainingClass:
        """Understand one record. Raises Unreadable."""

    def class_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ClassEnrolment]:
        """One contact in one class as it stands now, all units kept (precondition; proof that a record is gone)."""

    def module_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ModuleEnrolment]:
        """One contact's learning-plan modules in one class as they stand now."""

    def contacts(self, contacts: Sequence[ContactId]) -> list[Contact]:
        """People with their optional ids, up to 100 a call; those that cannot be seen are left out."""

    def contacts_by_email(self, address: str) -> list[Contact]:
        """People whose address begins with this one (the platform matches by prefix); the caller compares exactly."""

    def contacts_by_optional_id(self, value: str) -> list[Contact]:
        """People with this optional id, compared without case."""

    def survivor(self, contact: ContactId) -> ContactId | None:
        """The contact this one was merged into, followed to the end; None when it was not merged."""

    def apply(self, command: VetCommand) -> Receipt:
        """Carry out one write, once."""
