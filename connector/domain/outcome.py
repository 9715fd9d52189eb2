"""What an outcome code means: its role in a jurisdiction, its name, and what was probably meant by a wrong one.

Codes are text everywhere ("20", "" for blank): the platform sends them so, and "0" must not be taken for nothing.
"""

from __future__ import annotations

import re
from functools import cache

from connector.domain.outcome_codes import (
    CODES,
    JURISDICTIONS,
    NATIONAL_COUNTERPARTS,
    RELEASE,
    WA_COUNTERPARTS,
    Code,
    Release,
    Role,
)

__all__ = [
    "BLANK",
    "JURISDICTIONS",
    "RELEASE",
    "Code",
    "Release",
    "Role",
    "describe",
    "is_final",
    "is_interim",
    "is_readable",
    "jurisdiction_of",
    "label_of",
    "nearest",
    "normal_code",
    "role_of",
    "shown",
    "valid_codes",
]

BLANK = ""


def normal_code(value: str | int | None) -> str:
    """The one form of a code: 20, "20" and " 20 " are "20"; None, "" and the word "blank" are "".

    What is no code at all is handed back trimmed, so that a message can show it.
    """
    text = "" if value is None else str(value).strip()
    return BLANK if text.casefold() == "blank" else text


def shown(code: str) -> str:
    """A code as a person reads and writes it: "blank" for the blank one."""
    return code or "blank"


@cache
def _table(jurisdiction: str) -> dict[str, Code]:
    if jurisdiction not in JURISDICTIONS:
        raise ValueError(f"{jurisdiction} is no reporting jurisdiction; there are {', '.join(JURISDICTIONS)}")
    return {entry.code: entry for entry in CODES if jurisdiction in entry.jurisdictions}


@cache
def role_of(code: str, jurisdiction: str) -> Role:
    """What a code means for the program. `code` is normal (`normal_code`).

    A blank is interim everywhere, also where the table does not list it: a unit without an outcome is still open. A code that
    the jurisdiction does not know counts as final, because a final code is never touched.
    """
    entry = _table(jurisdiction).get(code)
    if entry is not None:
        return entry.role
    return Role.INTERIM if code == BLANK else Role.FINAL


def is_interim(code: str, jurisdiction: str) -> bool:
    return role_of(code, jurisdiction) is Role.INTERIM


def is_final(code: str, jurisdiction: str) -> bool:
    """Final in the wide sense: granted and withdrawn codes too."""
    return not is_interim(code, jurisdiction)


@cache
def valid_codes(jurisdiction: str) -> tuple[str, ...]:
    """The codes that may be written in a jurisdiction: its table without the deprecated ones, in order of number."""
    table = _table(jurisdiction).values()
    return tuple(
        sorted(
            (entry.code for entry in table if jurisdiction not in entry.deprecated),
            key=lambda code: int(code or -1),
        )
    )


def is_readable(code: str, jurisdiction: str) -> bool:
    """Whether a record of the jurisdiction can show this code: deprecated ones and the blank included."""
    return code == BLANK or code in _table(jurisdiction)


def describe(code: str, jurisdiction: str) -> str:
    """The meaning of a code in words, or "unknown code" where the jurisdiction does not have it."""
    entry = _table(jurisdiction).get(code)
    if entry is not None:
        return entry.meaning
    return "not commenced" if code == BLANK else "unknown code"


def label_of(code: str, jurisdiction: str) -> str:
    """The short label that aXcelerate shows for a code ("C", "RPL-G"); the code itself where there is none."""
    entry = _table(jurisdiction).get(code)
    return entry.label if entry is not None else shown(code)


def nearest(code: str, jurisdiction: str) -> str:
    """The valid code that was most probably meant by a wrong one.

    In this order: the same number written otherwise (`05`, `20.0`, `2O`), the same meaning under the other numbering (20 in
    Western Australia is 1), the same label ("CT" is 60), one digit away, the nearest number. Text that resembles nothing gets
    the jurisdiction's first open code.
    """
    code = _number_in(code)
    valid = [known for known in valid_codes(jurisdiction) if known]
    if code in valid:
        return code
    for counterparts in (WA_COUNTERPARTS, NATIONAL_COUNTERPARTS):
        if counterparts.get(code) in valid:
            return counterparts[code]
    for known in valid:
        if label_of(known, jurisdiction).casefold() == code.casefold():
            return known
    if not re.fullmatch(r"-?\d{1,9}", code):
        return next(known for known in valid if is_interim(known, jurisdiction))
    return min(
        valid, key=lambda known: (_digits_apart(known, code) > 1, abs(int(known) - int(code)), int(known))
    )


_LOOK_ALIKES = str.maketrans("OoIl", "0011")


def _number_in(text: str) -> str:
    """The number that a text begins with, without a plus or zeros in front (`05`, `20.0`, `2O`); other text trimmed."""
    found = re.match(r"\+?0*([0-9]+)", text.strip().translate(_LOOK_ALIKES), re.ASCII)
    return found[1] if found and text.strip()[0] in "+0123456789" else text.strip()


def _digits_apart(one: str, other: str) -> int:
    """How many digits differ, the shorter one padded at its end (2 for 20 is one slip of the finger)."""
    width = max(len(one), len(other))
    return sum(a != b for a, b in zip(one.ljust(width), other.ljust(width), strict=True))


_STANDARD_WORDS = (
    (r"\bACE\b.*\bNSW\b|\bNSW\b.*\bACE\b", "NSW_ACE"),
    (r"\bSMART\b.*\bSKILLED\b|\bNSW\b.*\bSS\b", "NSW_SS"),
    (r"\bNSW\b|\bNEW SOUTH WALES\b", "NSW"),
    (r"\bVIC\b|\bVICTORIA\b", "VIC"),
    (r"\bQLD\b|\bQUEENSLAND\b", "QLD"),
    (r"\bWA\b|\bWESTERN AUSTRALIA\b|\bRAPT\b", "WA"),
    (r"\bSA\b|\bSOUTH AUSTRALIA\b", "SA"),
    (r"\bTAS\b|\bTASMANIA\b", "TAS"),
    (r"\bNT\b|\bNORTHERN TERRITORY\b", "NT"),
    (r"\bACT\b|\bAUSTRALIAN CAPITAL TERRITORY\b", "ACT"),
    (r"\bNAT\b|\bNATIONAL\b|\bNCVER\b", "NAT"),
)


def jurisdiction_of(reporting_standard: str) -> str | None:
    """The jurisdiction that a class's reporting standard names ("QLD DETE (DETConnect)" is QLD), or None.

    Assumes that the text names the state: only one value is documented (docs/decisions/0301), so None means "cannot tell",
    never "national".
    """
    text = reporting_standard.upper().replace("_", " ")
    return next((name for words, name in _STANDARD_WORDS if re.search(words, text)), None)
