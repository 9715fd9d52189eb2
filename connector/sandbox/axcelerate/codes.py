"""Outcome codes as the simulated account knows them (aXcelerate reference, section 10.1)."""

from __future__ import annotations

WA, NAT = "WA", "NAT"

_ALL = frozenset(("NSW", "VIC", "QLD", "SA", "TAS", "NT", "ACT", "NAT", "NSW_ACE", "NSW_SS"))
_NSW = frozenset(("NSW",))
_VIC = frozenset(("VIC",))
_QLD = frozenset(("QLD",))
_WA = frozenset((WA,))

# Code -> short label shown as STATUS of a unit row (not unique), and where the code may be used.
_CODES: dict[str, tuple[str, frozenset[str]]] = {
    "": ("", frozenset(("NSW", "NSW_ACE"))),
    "0": ("N.R.", _ALL | _WA),
    "20": ("C", _ALL),
    "25": ("C-GAP", _VIC),
    "30": ("CNA", _ALL),
    "40": ("W", _ALL),
    "41": ("CLOS", _ALL - _NSW),
    "50": ("RPL-IP", _VIC),
    "51": ("RPL-G", _ALL),
    "52": ("RPL-NG", _ALL - {"NSW_SS"}),
    "53": ("RCC-G", _VIC),
    "54": ("RCC-NG", _VIC),
    "60": ("CT", _ALL),
    "61": ("SUP", _ALL | _WA),
    "65": ("C-GAP", _QLD),
    "66": ("No Start", _NSW),
    "70": ("CA", _ALL),
    "79": ("WES", _VIC),
    "81": ("NAS", _ALL - {"NSW_SS"}),
    "82": ("NAS", _ALL - {"NSW_SS"}),
    "85": ("NYS", _ALL - _NSW),
    "90": ("NYA", frozenset()),
    "1": ("C", _WA),
    "2": ("NC", _WA),
    "3": ("NAS", _WA),
    "4": ("NAS", _WA),
    "5": ("P+E", _WA),
    "6": ("RPL-G", _WA),
    "7": ("RPL-NG", _WA),
    "9": ("CT", _WA),
    "10": ("W-FP", _WA),
    "11": ("W-P", _WA),
    "55": ("P", _WA),
    "100": ("W-N", _WA),
    "105": ("NoSt", _WA),
}
_INTERIM = frozenset(("", "50", "70", "79", "85", "5", "55", "105"))


def is_known(code: str) -> bool:
    """Whether the code stands in any list of the account."""
    return code in _CODES


def is_final(code: str) -> bool:
    """Whether nothing more is expected after this code."""
    return code not in _INTERIM


def label_of(code: str) -> str:
    """The short label of a unit row's STATUS; the blank code has none."""
    return _CODES[code][0]


def fits_jurisdiction(code: str, reporting_standard: str) -> bool:
    """Whether the code may be used in a class that reports to this standard."""
    return jurisdiction_of(reporting_standard) in _CODES[code][1]


def jurisdiction_of(reporting_standard: str) -> str:
    """The jurisdiction a REPORTINGSTANDARD such as `QLD DETE (DETConnect)` starts with; else NAT."""
    first = reporting_standard.split(" ", 1)[0].upper()
    return first if first in _ALL | _WA else NAT
