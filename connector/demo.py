"""The story of `connector demo`: both simulators on loopback, a first run, edits on both sides, a second run, a quiet one.

Everything happens in a temporary folder and in this process; nothing is left running or lying about.
"""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from connector.domain.learner import ContactId, UserId
from connector.domain.report import Report
from connector.engine.parts import PLAN, RECONCILE, Parts, Request
from connector.reconcile import run
from connector.review.decide import approval, decide
from connector.review.links import pin
from connector.sandbox import demo_world as people
from connector.sandbox.ids import USER, ispring_id
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes
from connector.settings import load_settings
from connector.wiring import opened_parts

if TYPE_CHECKING:
    from connector.state.store import Store

BY = "the demo"


@dataclass(frozen=True)
class Scene:
    """One chapter: what is done in `lines`, and what the run that follows reports."""

    title: str
    lines: tuple[str, ...]
    report: Report
    parts: Parts


def story() -> Iterator[Scene]:
    """Tell the story chapter by chapter; each is over when the next is asked for."""
    with (
        tempfile.TemporaryDirectory(prefix="connector-demo-") as folder,
        run_sandboxes() as boxes,
        _connector(boxes, Path(folder)) as parts,
    ):
        yield _scene("What would be changed", _OPENING, parts, PLAN)
        yield _scene("The first run", _FIRST, parts, RECONCILE)
        yield _scene("People edit both sides", _edit_both_sides(boxes), parts, PLAN)
        yield _scene("People answer, and the second run", _decide(parts.store), parts, RECONCILE)
        yield _scene("A quiet run", _CLOSING, parts, RECONCILE)


_OPENING = (
    "Two invented platforms run on this machine: iSpring Learn with 4 courses, aXcelerate with 2 classes and 9 learners.",
    "The connector has never seen them. It reads both, matches people, and plans; nothing is written.",
)
_FIRST = ("Now the same is carried out, and every change is read back.",)
_CLOSING = ("Nothing was edited since, so nothing is written: a second run does nothing.",)


def _scene(title: str, lines: tuple[str, ...], parts: Parts, command: str) -> Scene:
    return Scene(title, lines, run(Request(command=command), parts), parts)


@contextmanager
def _connector(boxes: Sandboxes, folder: Path) -> Iterator[Parts]:
    """The connector as an operator would set it up for these two accounts; settings of the machine play no part."""
    no_file = folder / "connector.yaml"
    no_file.write_text("{}\n", encoding="utf-8")
    environment = boxes.environment() | {
        "CONNECTOR_DATABASE_URL": f"sqlite:///{folder / 'connector.db'}",
        "CONNECTOR_MAPPINGS_DIR": str(demo_mappings_dir()),
    }
    settings = load_settings(no_file, environ=environment)
    with opened_parts(settings, stop=threading.Event()) as parts:
        yield parts


def _edit_both_sides(boxes: Sandboxes) -> tuple[str, ...]:
    """What staff do at their screens, between two runs."""
    today = boxes.world.today
    sam = _enrolment_of(boxes, people.SAM, people.WHS_COURSE)
    later, module_end = today + timedelta(days=44), today + timedelta(days=35)
    boxes.ispring.person.move_due_date(sam, later)
    boxes.axcelerate.person.set_module(_module_of(boxes, people.TANE), end=module_end)
    boxes.axcelerate.person.set_class_enrolment(people.CHLOE, people.DISABILITY, status="In Progress")
    return (
        f"A trainer gives Sam until {later.isoformat()}, in iSpring Learn.",
        f"The office moves the end of Tāne's module to {module_end.isoformat()}, in aXcelerate.",
        "Chloe's suspension ends, in aXcelerate.",
        "The plan carries each edit to the other side; what nobody touched stays as it is.",
    )


def _enrolment_of(boxes: Sandboxes, contact: int, course: str) -> str:
    user = ispring_id(USER, contact)
    return next(
        one.enrolment_id
        for one in boxes.world.course_enrolments
        if one.user_id == user and one.course_id == course
    )


def _module_of(boxes: Sandboxes, contact: int) -> int:
    return next(
        module.module_enrolment_id
        for place in boxes.world.class_enrolments
        for module in place.modules
        if place.contact_id == contact
    )


def _decide(store: Store) -> tuple[str, ...]:
    """A coordinator approves Priya's result and says which of two users Alex is."""
    for review in store.waiting(contact=ContactId(people.PRIYA)):
        today = store.now().date()
        decide(store, approval(review, take=None, date=None, today=today, may_change=False), by=BY)
    alex = UserId(ispring_id(USER, people.ALEX))
    pin(store, ContactId(people.ALEX), alex, by=BY)
    return (
        "Priya passed, and her unit needs a competency outcome: a coordinator approves it (`connector review approve`).",
        "Alex has two users with one address: a coordinator says which is his (`connector links pin`).",
    )
