"""The grammar as a JSON Schema (2020-12), for editors: completion, help and red lines while typing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from connector.domain.outcome import JURISDICTIONS, is_readable, valid_codes
from connector.domain.outcome_codes import CODES
from connector.domain.rule import Direction, MissingLearner, Share, Target
from connector.mapping.document import FileDocument, Table
from connector.mapping.values import spellings

SCHEMA = "https://json-schema.org/draft/2020-12/schema"


class _Grammar(GenerateJsonSchema):
    """As pydantic describes the models, except that a key is either absent or has a value: nothing may be null."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        default = schema.get("default")
        inner = self.generate_inner(schema["schema"])
        if default is None or isinstance(default, Table):
            return inner
        shown: object = default
        if isinstance(default, Share):
            shown = str(default) if default.is_percent else int(default.value)
        return {**inner, "default": shown}


def json_schema() -> dict[str, Any]:
    """The schema of one mapping file. Editors take it by a first line `# yaml-language-server: $schema=…`.

    Beyond it is what depends on other files or on a setting: ids used twice, codes of a rule that names no jurisdiction.
    """
    schema: dict[str, Any] = {"$schema": SCHEMA, **FileDocument.model_json_schema(schema_generator=_Grammar)}
    schema["$defs"]["RuleDocument"]["allOf"] = [*_by_target(), *_by_jurisdiction()]
    schema["allOf"] = [_department()]
    return schema


def _by_target() -> list[dict[str, Any]]:
    """Only a unit has an outcome; the dates of a class are not one learner's (contract, section 3)."""
    one_way = {"properties": {"direction": {"enum": [Direction.TO_ISPRING.value, Direction.OFF.value]}}}
    return [
        _where(
            {"target": {"enum": [Target.CLASS.value, Target.MODULE.value]}},
            {"not": {"anyOf": [{"required": ["outcome"]}, {"required": ["examples"]}]}},
        ),
        _where(
            {"target": {"const": Target.CLASS.value}},
            {"properties": {"start_date": one_way, "due_date": one_way}},
        ),
    ]


def _by_jurisdiction() -> Iterator[dict[str, Any]]:
    """The codes of the jurisdiction that a rule names: those that may be written, and those that a record may show."""
    alike: dict[tuple[tuple[str, ...], tuple[str, ...]], list[str]] = {}
    for name in JURISDICTIONS:
        readable = tuple(entry.code for entry in CODES if is_readable(entry.code, name))
        alike.setdefault((valid_codes(name), readable), []).append(name)
    for (valid, readable), names in alike.items():
        written, read = {"enum": spellings(valid)}, {"enum": spellings(readable)}
        outcome = {"to_axcelerate": {"additionalProperties": written}, "to_ispring": {"propertyNames": read}}
        example = {
            "given": {"properties": {"axcelerate": read}},
            "expect": {"properties": {"axcelerate": written}},
        }
        then = {"outcome": {"properties": outcome}, "examples": {"items": {"properties": example}}}
        yield _where({"jurisdiction": {"enum": names}}, {"properties": then})


def _where(axcelerate: dict[str, Any], then: dict[str, Any]) -> dict[str, Any]:
    """A condition on keys of `axcelerate` that are written, and what holds for the rule then."""
    return {"if": _holding("axcelerate", axcelerate), "then": then}


def _department() -> dict[str, Any]:
    """New users need a department, from the rule or from the file's defaults."""
    named = _holding("enrolment", {"department": {}})
    creating = _holding("enrolment", {"missing_learner": {"const": MissingLearner.CREATE.value}})
    rules = {"rules": {"items": {"if": creating, "then": named}}}
    defaults = {"properties": {"defaults": named}, "required": ["defaults"]}
    return {"if": {"not": defaults}, "then": {"properties": rules}}


def _holding(table: str, keys: dict[str, Any]) -> dict[str, Any]:
    """That a table is written and has these keys, each as described."""
    return {"properties": {table: {"properties": keys, "required": list(keys)}}, "required": [table]}
