"""The JSON Schema for editors: what it accepts, what it refuses, and that it says what each key means."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from ruamel.yaml import YAML

from connector.domain.outcome import JURISDICTIONS
from connector.mapping.load import check_mappings
from connector.mapping.schema import json_schema
from connector.mapping.values import JurisdictionName
from tests.mapping.files import write
from tests.mapping.test_problems import FAULTS
from tests.mapping.test_rules import WHOLE

EXAMPLE = Path("mappings/example/example.yaml")


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft202012Validator:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def as_json(text: str) -> Any:
    """A file as an editor's validator sees it: keys are always text."""
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(text)))


def test_the_schema_accepts_the_annotated_example(validator):
    assert [error.message for error in validator.iter_errors(as_json(EXAMPLE.read_text()))] == []


def test_the_schema_accepts_every_key_of_the_grammar(validator):
    assert [error.message for error in validator.iter_errors(as_json(WHOLE))] == []


SEEN_BY_THE_SCHEMA = [
    *("a code that does not exist", "a list as a code", "a misspelt status", "a status that nobody can set"),
    *(
        "iSpring winning over an outcome",
        "an unknown key of a rule",
        "an unknown key further down",
        "no for off",
    ),
    *("false for off", "an unknown winner", "yes for true", "false in quotes", "class ids that are none"),
    *("one class without a list", "an empty list of classes", "classes beside a qualification", "no course"),
    *(
        "courses missing",
        "a course without an id",
        "target missing",
        "an unknown target",
        "a unit without its code",
    ),
    *("a module without its name", "a unit in a class rule", "an unknown jurisdiction", "unknown matchers"),
    *(
        "a list for a table",
        "a table for a word",
        "an empty id",
        "no id",
        "examples with one half",
        "wrong defaults",
    ),
    *(
        "wrong limits",
        "an unknown limit",
        "another version",
        "no version",
        "one rule without a list",
        "a rule in words",
    ),
]


@pytest.mark.parametrize("fault", SEEN_BY_THE_SCHEMA)
def test_the_schema_refuses_a_planted_fault(fault, validator):
    assert not validator.is_valid(as_json(FAULTS[fault][0]))


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in SEEN_BY_THE_SCHEMA])
def test_what_the_schema_lets_pass_is_found_by_the_program(fault, tmp_path):
    write(tmp_path, a=FAULTS[fault][0])

    assert check_mappings(tmp_path, jurisdiction="NAT").problems


def tables(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "file", schema
    yield from schema["$defs"].items()


def description(value: dict[str, Any], schema: dict[str, Any]) -> str:
    """What an editor shows: the key's own words, else those of the table it refers to."""
    table = schema["$defs"].get(value.get("$ref", "").rpartition("/")[2], {})
    return str(value.get("description") or table.get("description", ""))


def test_every_key_has_a_description():
    schema = json_schema()

    silent = [
        f"{name}.{key}"
        for name, table in tables(schema)
        for part in (table, *table.get("anyOf", []))
        for key, value in part.get("properties", {}).items()
        if len(description(value, schema)) < 15
    ]

    assert silent == []


def test_the_schema_shows_the_defaults_of_the_contract():
    limits = json_schema()["$defs"]["LimitsDocument"]["properties"]

    assert {key: value["default"] for key, value in limits.items()} == {
        "created": 500,
        "updates": "50%",
        "access_removed": "10%",
        "outcomes": "30%",
    }


def test_nothing_may_be_null():
    assert '"null"' not in json.dumps(json_schema())


def test_the_schema_in_the_package_is_that_of_the_grammar():
    shipped = Path("connector/mapping/mappings.schema.json").read_text()

    assert json.loads(shipped) == json_schema()


def test_the_grammar_knows_every_jurisdiction_of_the_tables():
    assert get_args(JurisdictionName) == JURISDICTIONS
