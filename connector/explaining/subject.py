"""What is explained at a time: one field of one pair, with everything around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from connector.domain.enrolment import Enrolment
from connector.domain.learner import CourseId, User, UserId
from connector.domain.memory import Closed, Held
from connector.domain.plan import PersonPlan
from connector.domain.rule import Field, Rule
from connector.explaining.hypothesis import World
from connector.planning.draft import Draft
from connector.planning.standing import Record


@dataclass(frozen=True)
class Around:
    """What is known beside the reading: users who could be the contact, titles of courses that rest."""

    users: Mapping[UserId, User] = field(default_factory=dict)
    titles: Mapping[CourseId, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Subject:
    """One field of one pair. `record` is the pair's, `governor` the record that decides about the course, where one does."""

    world: World
    plan: PersonPlan
    rule: Rule
    record: Record
    field: Field
    course: CourseId
    governor: Record | None
    around: Around

    @property
    def enrolment(self) -> Enrolment | None:
        """The place in the course that counts."""
        live = Draft(self.world.person, self.world.memory, self.world.around).live(self.course)
        return live[0] if live else None

    @property
    def held(self) -> Held | None:
        """What this pair agreed on about the course, with the place that is there now."""
        pair = self.world.memory.pair(*self.record.id)
        return pair.courses.get(self.course) if pair else None

    @property
    def closed(self) -> Closed | None:
        """What the place was like before the connector closed it."""
        enrolment = self.enrolment
        known = self.world.memory.enrolments.get(enrolment.enrolment_id) if enrolment else None
        return known.closed if known else None

    @property
    def today(self) -> date:
        return self.world.around.today

    @property
    def is_governing(self) -> bool:
        return self.governor is not None and self.governor.id == self.record.id
