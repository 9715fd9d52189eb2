"""What an account shows and allows, found out by reading only (`connector check`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connector.domain.learner import CourseId
from connector.errors import PlatformError
from connector.platforms.ispring.wire import Filter, Page, Wire


@dataclass(frozen=True, slots=True)
class Proof:
    """One read that was tried. `detail` says what was seen, or why it failed."""

    read: str
    works: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    """`credentials` is "access token" or "account headers", `dialect` "rest" or "soap", `form` "json" or "xml".

    `unproven` are the writes, with what each needs on iSpring's side; none can be proven without writing.
    """

    credentials: str
    dialect: str
    form: str
    proofs: tuple[Proof, ...]
    unproven: tuple[tuple[str, str], ...]

    @property
    def works(self) -> bool:
        return all(proof.works for proof in self.proofs)


UNPROVEN = (
    ("enrol", "the right to edit enrollments of these learners' departments"),
    ("edit enrollment", "the right to edit enrollments of these learners' departments"),
    ("unenrol", "the right to edit enrollments of these learners' departments"),
    ("set status", "the right 'Can edit' on each course"),
    ("create user", "the right to add users to the department, and a free licence"),
)


def prove_reads(wire: Wire, courses: Sequence[CourseId]) -> tuple[Proof, ...]:
    """Ask each list for one row. Raises nothing of a platform: a failed read is a proof that says so."""
    first = tuple(courses[:1])
    tries: list[tuple[str, Callable[[], Page]]] = [
        ("users", lambda: wire.users(Filter(), None, page_size=1)),
        ("enrollments", lambda: wire.enrollments(Filter(courses=first), None, page_size=1)),
        ("results", lambda: wire.results(Filter(courses=first), None, page_size=1)),
        ("contents", lambda: wire.contents(first, None, page_size=1)),
    ]
    return tuple(_proof(read, ask) for read, ask in tries)


def _proof(read: str, ask: Callable[[], Page]) -> Proof:
    try:
        page = ask()
    except PlatformError as exc:
        return Proof(read, False, str(exc))
    return Proof(read, True, "rows shown" if page.rows else "answers, but shows no row")
