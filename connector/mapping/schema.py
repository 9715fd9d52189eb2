"""The grammar as a JSON Schema (2020-12), for editors: completion, help and red lines while typing."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from connector.domain.rule import Share
from connector.mapping.document import FileDocument, Table

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
    """The schema of one mapping file. Editors take it by a first line `# yaml-language-server: $schema=…`."""
    return {"$schema": SCHEMA, **FileDocument.model_json_schema(schema_generator=_Grammar)}
