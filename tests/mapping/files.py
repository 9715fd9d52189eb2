"""Mapping files written by a test, and what comes of reading them."""

from pathlib import Path

from connector.errors import MappingError
from connector.mapping.load import Loaded, check_mappings, load_rules

COURSE = "21d7c3aa-7d10-11ee-9f7c-0a58a9feac02"
OTHER_COURSE = "5b0f6c1e-7d11-11ee-8a2b-0a58a9feac02"

UNIT_RULE = f"""\
version: 1
rules:
  - id: whs
    ispring: {{courses: [{COURSE}]}}
    axcelerate: {{target: unit, unit: BSBWHS211}}
"""


def unit_rule(name="whs", course=COURSE, unit="BSBWHS211", more=""):
    """One rule of a list, its keys in column 5."""
    return (
        f"  - id: {name}\n    ispring: {{courses: [{course}]}}\n"
        f"    axcelerate: {{target: unit, unit: {unit}}}\n{more}"
    )


def problems_of(directory: Path, jurisdiction="NAT", **files: str | bytes) -> list[str]:
    """The lines of the MappingError, with the directory's own name taken off."""
    write(directory, **files)
    try:
        load_rules(directory, jurisdiction=jurisdiction)
    except MappingError as error:
        return [line.replace(f"{directory.as_posix()}/", "") for line in error.problems]
    return []


def warnings_of(directory: Path, jurisdiction="NAT", **files: str | bytes) -> list[str]:
    write(directory, **files)
    checked = check_mappings(directory, jurisdiction=jurisdiction)
    assert [str(problem) for problem in checked.problems] == []
    return [str(warning).replace(f"{directory.as_posix()}/", "") for warning in checked.warnings]


def loaded(directory: Path, jurisdiction="NAT", **files: str | bytes) -> Loaded:
    write(directory, **files)
    return load_rules(directory, jurisdiction=jurisdiction)


def write(directory: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = directory / f"{name}.yaml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
