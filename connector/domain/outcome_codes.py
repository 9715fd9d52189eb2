"""Outcome codes as data: which exist, where each is valid, what each means (aXcelerate reference, section 10.1).

A table per reporting jurisdiction, because the same number means different things: 6 is a granted RPL in Western Australia
and nothing anywhere else. Code that decides lives in `outcome.py`; a new release of the standard changes only this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a code means for the program (contract, section 4). GRANTED and WITHDRAWN are final as well."""

    INTERIM = "interim"
    GRANTED = "granted"
    WITHDRAWN = "withdrawn"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Release:
    """The edition of the standard behind the tables."""

    standard: str
    definitions: str
    in_force: str
    citation: str


RELEASE = Release(
    standard="AVETMISS VET Provider Collection 8.0",
    definitions="data element definitions, edition 2.3",
    in_force="activity from 1 January 2018 to 31 December 2026",
    citation='aXcelerate REST reference, "Competency Codes"; NCVER data element definitions, "Outcome identifier - national"',
)


@dataclass(frozen=True, slots=True)
class Code:
    """One outcome code in the tables that hold it. `code` is text, "" for a blank one; a deprecated code is read, never written."""

    code: str
    label: str
    meaning: str
    role: Role
    jurisdictions: frozenset[str]
    deprecated: frozenset[str] = frozenset()


JURISDICTIONS = ("NAT", "NSW", "NSW_ACE", "NSW_SS", "VIC", "QLD", "SA", "TAS", "NT", "ACT", "WA")

_WA = frozenset({"WA"})
_ALL = frozenset(JURISDICTIONS)
_EAST = _ALL - _WA
_NSW = frozenset({"NSW"})
_VIC = frozenset({"VIC"})

_NATIONAL = (
    Code(
        "",
        "Blank",
        "not commenced",
        Role.INTERIM,
        frozenset({"NSW", "NSW_ACE", "NSW_SS"}),
        frozenset({"NSW_SS"}),
    ),
    Code("0", "N.R.", "not reported", Role.FINAL, _ALL),
    Code("20", "C", "competency achieved", Role.FINAL, _EAST),
    Code("25", "C-GAP", "competency achieved through gap training", Role.FINAL, _VIC),
    Code("30", "CNA", "competency not achieved", Role.FINAL, _EAST),
    Code("40", "W", "withdrawn after taking part", Role.WITHDRAWN, _EAST),
    Code("41", "CLOS", "incomplete, the provider closed", Role.WITHDRAWN, _EAST - _NSW),
    Code("50", "RPL-IP", "recognition of prior learning in progress", Role.INTERIM, _VIC),
    Code("51", "RPL-G", "recognition of prior learning granted", Role.GRANTED, _EAST),
    Code("52", "RPL-NG", "recognition of prior learning not granted", Role.FINAL, _EAST - {"NSW_SS"}),
    Code("53", "RCC-G", "recognition of current competency granted", Role.GRANTED, _VIC),
    Code("54", "RCC-NG", "recognition of current competency not granted", Role.FINAL, _VIC),
    Code("60", "CT", "credit transfer", Role.GRANTED, _EAST),
    Code("61", "SUP", "superseded subject", Role.FINAL, _ALL),
    Code("65", "C-GAP", "gap training for a superseded qualification", Role.FINAL, frozenset({"QLD"})),
    Code("66", "No Start", "did not start", Role.WITHDRAWN, _NSW),
    Code("70", "CA", "continuing activity", Role.INTERIM, _EAST),
    Code("79", "WES", "waiting for the employer's sign-off", Role.INTERIM, _VIC),
    Code("81", "NAS", "not assessable, satisfactorily completed", Role.FINAL, _EAST - {"NSW_SS"}),
    Code("82", "NAS", "not assessable, withdrawn or not satisfactory", Role.FINAL, _EAST - {"NSW_SS"}),
    Code("85", "NYS", "not yet started", Role.INTERIM, _EAST - _NSW),
    Code("90", "NYA", "not yet available", Role.FINAL, _EAST, _EAST),
)

# Western Australia reports through RAPT with numbers of its own.
_RAPT = (
    Code("1", "C", "competency achieved", Role.FINAL, _WA),
    Code("2", "NC", "competency not achieved", Role.FINAL, _WA),
    Code("3", "NAS", "not assessable, not satisfactory", Role.FINAL, _WA),
    Code("4", "NAS", "not assessable, satisfactorily completed", Role.FINAL, _WA),
    Code("5", "P+E", "participating, evidence held", Role.INTERIM, _WA),
    Code("6", "RPL-G", "recognition of prior learning granted", Role.GRANTED, _WA),
    Code("7", "RPL-NG", "recognition of prior learning not granted", Role.FINAL, _WA),
    Code("8", "8", "no longer used", Role.FINAL, _WA, _WA),
    Code("9", "CT", "credit transfer", Role.GRANTED, _WA),
    Code("10", "W-FP", "formally withdrawn", Role.WITHDRAWN, _WA),
    Code("11", "W-P", "discontinued after taking part", Role.WITHDRAWN, _WA),
    Code("15", "15", "no longer used", Role.FINAL, _WA, _WA),
    Code("16", "16", "no longer used", Role.FINAL, _WA, _WA),
    Code("55", "P", "participating, no evidence yet", Role.INTERIM, _WA),
    Code("100", "W-N", "withdrawn, never started", Role.WITHDRAWN, _WA),
    Code("105", "NoSt", "not yet started", Role.INTERIM, _WA),
)

CODES = _NATIONAL + _RAPT

# What a national code is called in Western Australia: only ever used to suggest, never to translate.
WA_COUNTERPARTS = {
    "20": "1",
    "30": "2",
    "40": "11",
    "51": "6",
    "52": "7",
    "60": "9",
    "66": "100",
    "70": "55",
    "81": "4",
    "82": "3",
    "85": "105",
}

# The way back, and what Western Australia tells apart and the others do not: 5 and 55 are both 70, 10 and 11 both 40.
NATIONAL_COUNTERPARTS = {wa: national for national, wa in WA_COUNTERPARTS.items()} | {"5": "70", "10": "40"}
