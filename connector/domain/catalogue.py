"""What an account offers, as far as mappings speak of it: courses on one side; classes, units and modules on the other."""

from __future__ import annotations

from dataclasses import dataclass

from connector.domain.learner import ClassId, CourseId


@dataclass(frozen=True, slots=True)
class OfferedCourse:
    """Something in the LMS that learners can be enrolled in."""

    course_id: CourseId
    title: str


@dataclass(frozen=True, slots=True)
class OfferedUnit:
    """A unit of competency as a class delivers it."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OfferedClass:
    """A class with the units it delivers. `qualification` is its code, "" where none is shown."""

    class_id: ClassId
    name: str
    qualification: str
    units: tuple[OfferedUnit, ...] = ()
