"""The JSON Schema for editors: what it accepts, what it refuses, and that it says what each key means."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from connector.domain.outcome import JURISDICTIONS
from connector.mapping.load import check_mappings
from connector.mapping.schema import json_schema
from connector.mapping.values import JurisdictionName
from tests.mapping.files import UNIT_RULE, write
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


BEYOND_THE_SCHEMA = [
    *("an id twice", "a former id that is still there"),  # other rules, other files
    *(
        "a deprecated code",
        "a blank code where there is none",
    ),  # codes of a jurisdiction that a setting names
    *(
        "a tag",
        "an alias",
        "a merged table",
        "numbers that are none",
    ),  # gone, or made numbers of, once YAML is read
]


@pytest.mark.parametrize("fault", [name for name in FAULTS if name not in BEYOND_THE_SCHEMA])
def test_the_schema_refuses_a_planted_fault(fault, validator):
    try:
        document = as_json(FAULTS[fault][0])
    except (YAMLError, TypeError, OverflowError):
        return  # no YAML, or none that JSON could hold: there is nothing to hold a schema against
    assert not validator.is_valid(document)


@pytest.mark.parametrize("fault", BEYOND_THE_SCHEMA)
def test_what_the_schema_lets_pass_is_found_by_the_program(fault, validator, tmp_path):
    assert validator.is_valid(as_json(FAULTS[fault][0]))
    write(tmp_path, a=FAULTS[fault][0])

    assert check_mappings(tmp_path, jurisdiction="NAT").problems


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_the_schema_and_the_program_agree_about_every_code_of_a_named_jurisdiction(
    jurisdiction, validator, tmp_path
):
    rule = UNIT_RULE.replace("unit: BSBWHS211", f"unit: BSBWHS211, jurisdiction: {jurisdiction}")
    for code in ("blank", *(str(number) for number in range(106))):
        for outcome in (f"to_axcelerate: {{in_progress: {code}}}", f"to_ispring: {{{code}: complete}}"):
            text = f"{rule}    outcome: {{{outcome}}}\n"
            write(tmp_path, a=text)

            is_sound = not check_mappings(tmp_path, jurisdiction="NAT").problems
            assert validator.is_valid(as_json(text)) is is_sound, outcome


def test_the_schema_takes_the_department_that_the_defaults_name(validator):
    creating = UNIT_RULE + "    enrolment: {missing_learner: create}\n"

    assert not validator.is_valid(as_json(creating))
    assert validator.is_valid(as_json(creating + "defaults: {enrolment: {department: d1}}\n"))


def test_the_schema_takes_codes_as_keys_whether_text_or_numbers(validator):
    document = as_json(WHOLE)
    document["rules"][0]["outcome"] = {"to_ispring": {20: "complete", "51": "complete", "blank": "complete"}}

    assert validator.is_valid(document)


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
