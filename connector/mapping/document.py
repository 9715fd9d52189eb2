"""The grammar of mapping files (contract, section 3), as models; the JSON Schema for editors is made from them.

Every key may be absent here, even a required one (`required` in the schema, checked in `check.py`): so one mistake never hides
the next. What depends on other keys, on the jurisdiction or on other files is checked in `check.py` as well.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from connector.domain.enrolment import Status
from connector.domain.outcome_codes import CODES
from connector.domain.rule import (
    Approval,
    CompleteWhen,
    Direction,
    MissingLearner,
    OnConflict,
    OnUnenrolment,
    OnWithdrawal,
    Share,
    Target,
)
from connector.mapping.values import (
    AnyShare,
    ClassNumber,
    Code,
    CodeKey,
    JurisdictionName,
    NumberOnly,
    OutcomeConflict,
    ReviewReason,
    SettableStatus,
    Switch,
    Text,
    Version,
    spellings,
)


class Table(BaseModel):
    """A table with a closed set of keys."""

    # A title or a unit code that happens to be digits is still text; the tree keeps numbers that would lose something as text.
    model_config = ConfigDict(
        extra="forbid", coerce_numbers_to_str=True, frozen=True, arbitrary_types_allowed=True
    )


def _requires(*keys: str, **conditions: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"required": list(keys), **conditions})


class CourseDocument(Table):
    """A course of iSpring Learn: its content item id alone, or id and title."""

    model_config = _requires("id")

    id: Text | None = Field(None, description="The course's content item id in iSpring Learn.")
    title: Text | None = Field(
        None,
        description="The course's title; when it is another one in iSpring, the rule rests until somebody looks.",
    )

    @model_validator(mode="before")
    @classmethod
    def _id_alone(cls, value: object) -> object:
        return {"id": value} if isinstance(value, str | int) and not isinstance(value, bool) else value

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        table = handler.resolve_ref_schema(handler(core))
        return {
            "anyOf": [{"type": ["string", "integer"], "pattern": r"\S"}, table],
            "description": table["description"],
        }


class ISpringDocument(Table):
    """The iSpring side of a rule."""

    model_config = _requires("courses")

    courses: list[CourseDocument] | None = Field(
        None,
        min_length=1,
        description="The courses that belong to the target: content item ids, or tables of `id` and `title`.",
        json_schema_extra={"uniqueItems": True},
    )
    complete_when: CompleteWhen = Field(
        CompleteWhen.ALL,
        description="With several courses: the learner is through when `all` are completed, or `any` one of them.",
    )


_TARGET_KEYS = {
    "allOf": [
        {
            "if": {"properties": {"target": {"const": "unit"}}},
            "then": {"required": ["unit"], "not": {"required": ["module"]}},
        },
        {
            "if": {"properties": {"target": {"const": "module"}}},
            "then": {"required": ["module"], "not": {"required": ["unit"]}},
        },
        {
            "if": {"properties": {"target": {"const": "class"}}},
            "then": {"not": {"anyOf": [{"required": ["unit"]}, {"required": ["module"]}]}},
        },
        {"not": {"required": ["classes", "qualification"]}},
    ]
}


class AxcelerateDocument(Table):
    """The aXcelerate side of a rule."""

    model_config = _requires("target", **_TARGET_KEYS)

    target: Target | None = Field(
        None,
        description="What the courses stand for: a `unit` of competency, a learning plan's `module`, or a whole `class`.",
    )
    unit: Text | None = Field(None, description="With target `unit`: the unit's code, for example BSBWHS211.")
    module: Text | None = Field(
        None, description="With target `module`: the module's name as the learning plan shows it."
    )
    classes: list[ClassNumber] | None = Field(
        None,
        min_length=1,
        description="Only these classes, by id. Without `classes` and `qualification` the rule holds for every class.",
        json_schema_extra={"uniqueItems": True},
    )
    qualification: Text | None = Field(
        None,
        description="Only classes that deliver this qualification or course, by code. Not together with `classes`.",
    )
    jurisdiction: JurisdictionName | None = Field(
        None,
        description="Whose table of outcome codes applies; otherwise that of the setting CONNECTOR_AXCELERATE__JURISDICTION.",
    )


class LearnerDocument(Table):
    """How a person in aXcelerate is found in iSpring."""

    match: list[Text] = Field(
        ["email"],
        min_length=1,
        description="Tried in this order: `email`, `login` (equal to the e-mail in aXcelerate), `optional_id=login`, or `optional_id=` and the name "
        "of an iSpring profile field. Two candidates wait for a person.",
        json_schema_extra={
            "items": {"type": "string", "pattern": r"^\s*(email|login|optional_id\s*=.*\S.*)\s*$"},
            "uniqueItems": True,
        },
    )


class EnrolmentDocument(Table):
    """Who is enrolled in iSpring, and what becomes of them."""

    create: Switch = Field(True, description="Enrol in iSpring whoever has an open target in aXcelerate.")
    missing_learner: MissingLearner = Field(
        MissingLearner.REPORT,
        description="Somebody without an iSpring user: `report` it, or `create` the user in the `department`.",
    )
    department: Text | None = Field(
        None, description="The id of the iSpring department in which new users are created."
    )
    on_withdrawal: OnWithdrawal = Field(
        OnWithdrawal.LOCK,
        description="Somebody was withdrawn in aXcelerate: `lock` the course, `unenrol` where nothing was started, or `keep` it open.",
    )
    on_unenrolment: OnUnenrolment = Field(
        OnUnenrolment.REVIEW,
        description="Somebody was removed from the course in iSpring: `review` asks a person, `recreate` enrols again once, `keep` leaves it.",
    )


_DIRECTION = "Which way an edit travels: `both`, `axcelerate_to_ispring`, `ispring_to_axcelerate`, or `off`."
_CONFLICT = "Both sides were edited to different values: `axcelerate` wins, `ispring` wins, or a person decides (`review`)."


class StartDateDocument(Table):
    """The date from which the learner may study."""

    direction: Direction = Field(
        Direction.TO_ISPRING,
        description=_DIRECTION + " A class rule only knows `axcelerate_to_ispring` and `off`.",
    )
    on_conflict: OnConflict = Field(OnConflict.AXCELERATE, description=_CONFLICT)


class DueDateDocument(Table):
    """The date by which the learner should be done."""

    direction: Direction = Field(
        Direction.BOTH, description=_DIRECTION + " A class rule only knows `axcelerate_to_ispring` and `off`."
    )
    on_conflict: OnConflict = Field(OnConflict.AXCELERATE, description=_CONFLICT)
    lock_after: Switch = Field(True, description="Whether the course closes after its due date.")


class AccessDocument(Table):
    """Whether the learner can get in."""

    direction: Direction = Field(Direction.BOTH, description=_DIRECTION)
    on_conflict: OnConflict = Field(OnConflict.AXCELERATE, description=_CONFLICT)


class OutcomeDocument(Table):
    """How a course's status and a unit's outcome code become one another. What a table leaves out is never written."""

    approval: Approval = Field(
        Approval.REQUIRED,
        description="Whether a person approves each final code before it is written (`required`), or nobody (`automatic`).",
    )
    to_axcelerate: dict[Status, Code] | None = Field(
        None,
        description="For each iSpring status the outcome code that it proposes, for example `passed: 20`.",
    )
    to_ispring: dict[CodeKey, SettableStatus] | None = Field(
        None,
        description="For each outcome code the iSpring status to set, only over a course not completed; for example `51: complete`.",
        json_schema_extra={"propertyNames": {"enum": spellings(entry.code for entry in CODES)}},
    )
    on_conflict: OutcomeConflict = Field(
        OnConflict.REVIEW,
        description="A final code beside a status that maps to another final code: `review` asks a person, `axcelerate` only reports.",
    )


class GivenDocument(Table):
    """What both sides show before the decision."""

    ispring: Status = Field(Status.NOT_STARTED, description="The course's status in iSpring.")
    axcelerate: Code = Field("", description="The unit's outcome code in aXcelerate.")


class ExpectDocument(Table):
    """What should be written; an empty table means nothing."""

    axcelerate: Code | None = Field(
        None, description="The outcome code to be written, at once or after approval."
    )
    ispring: SettableStatus | None = Field(None, description="The status to be set in iSpring.")
    review: ReviewReason | None = Field(
        None, description="The reason for which a person is asked; only compared where it is given."
    )


class ExampleDocument(Table):
    """One example, run by `connector mappings test`."""

    model_config = _requires("given", "expect")

    given: GivenDocument | None = Field(None, description="The status and the code before the decision.")
    expect: ExpectDocument | None = Field(
        None, description="What the rule makes of it; an empty table (`{}`) means that nothing is written."
    )


class Common(Table):
    """The keys that a rule has and that `defaults` may give for the rules of the same file."""

    enrolment: EnrolmentDocument = Field(
        EnrolmentDocument(), description="Who is enrolled in iSpring, and what becomes of them."
    )
    start_date: StartDateDocument = Field(
        StartDateDocument(), description="The date from which the learner may study."
    )
    due_date: DueDateDocument = Field(
        DueDateDocument(), description="The date by which the learner should be done."
    )
    access: AccessDocument = Field(
        AccessDocument(),
        description="Whether the learner can get in: the lock here, the module's override there.",
    )
    outcome: OutcomeDocument = Field(
        OutcomeDocument(), description="Statuses and outcome codes; only with target `unit`."
    )
    examples: list[ExampleDocument] | None = Field(
        None,
        description="Examples of the outcome tables, run by `connector mappings test`; only with target `unit`.",
    )


class DefaultsDocument(Common):
    """What the rules of this file share. A rule's own key wins; of the outcome tables each stands as a whole."""


class RuleDocument(Common):
    """One rule: which courses belong to which unit, module or class, and what is kept in agreement."""

    model_config = _requires("id", "ispring", "axcelerate")

    id: Text | None = Field(
        None, description="The rule's name in plans, reviews and history; unique over all files."
    )
    was: Text | None = Field(None, description="The rule's former id: keeps the history of a renamed rule.")
    title: Text | None = Field(None, description="What the rule is called in reports; free text.")
    ispring: ISpringDocument | None = Field(None, description="The courses in iSpring Learn.")
    axcelerate: AxcelerateDocument | None = Field(
        None, description="The unit, module or class in aXcelerate."
    )
    learner: LearnerDocument = Field(
        LearnerDocument(), description="How a person in aXcelerate is found in iSpring."
    )


class LimitsDocument(Table):
    """How much one run may change before it stops and asks (contract, section 5). They stand in one file only."""

    created: NumberOnly = Field(
        Share(500, False), description="New iSpring enrolments and users in one run; a number."
    )
    updates: AnyShare = Field(
        Share(50, True),
        description="Learners with a changed date or access; a number, or a percentage of those known.",
    )
    access_removed: AnyShare = Field(
        Share(10, True),
        description="Learners who would lose access; a number, or a percentage of all matched.",
    )
    outcomes: AnyShare = Field(
        Share(30, True),
        description="Final outcome codes written without a person's approval; a number, or a percentage of all matched.",
    )


class FileDocument(Table):
    """A mapping file of the connector between iSpring Learn and aXcelerate."""

    model_config = _requires("version", anyOf=[{"required": ["rules"]}, {"required": ["limits"]}])

    version: Version | None = Field(None, description="The version of this grammar: 1.")
    defaults: DefaultsDocument | None = Field(None, description="What the rules of this file share.")
    limits: LimitsDocument | None = Field(None, description="How much one run may change; in one file only.")
    rules: list[RuleDocument] | None = Field(None, description="The rules, in order of precedence.")
