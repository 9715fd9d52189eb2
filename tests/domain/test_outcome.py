"""Outcome codes: the tables against the published list, and what is made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.outcome import (
    JURISDICTIONS,
    RELEASE,
    Role,
    describe,
    is_final,
    is_interim,
    is_readable,
    jurisdiction_of,
    label_of,
    nearest,
    normal_code,
    role_of,
    valid_codes,
)

NATIONAL = ("0", "20", "30", "40", "41", "51", "52", "60", "61", "70", "81", "82", "85")

PUBLISHED = {
    "NAT": NATIONAL,
    "ACT": NATIONAL,
    "NT": NATIONAL,
    "SA": NATIONAL,
    "TAS": NATIONAL,
    "NSW": ("", "0", "20", "30", "40", "51", "52", "60", "61", "66", "70", "81", "82"),
    "NSW_ACE": ("", *NATIONAL),
    "NSW_SS": ("0", "20", "30", "40", "41", "51", "60", "61", "70", "85"),
    "VIC": tuple(sorted((*NATIONAL, "25", "50", "53", "54", "79"), key=int)),
    "QLD": tuple(sorted((*NATIONAL, "65"), key=int)),
    "WA": ("0", "1", "2", "3", "4", "5", "6", "7", "9", "10", "11", "55", "61", "100", "105"),
}


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_each_jurisdiction_has_the_codes_of_the_published_list(jurisdiction):
    assert valid_codes(jurisdiction) == PUBLISHED[jurisdiction]


@pytest.mark.parametrize(
    ("jurisdiction", "role", "codes"),
    [
        ("NAT", Role.INTERIM, {"70", "85"}),
        ("NAT", Role.GRANTED, {"51", "60"}),
        ("NAT", Role.WITHDRAWN, {"40", "41"}),
        ("NAT", Role.FINAL, {"0", "20", "30", "52", "61", "81", "82"}),
        ("NSW", Role.INTERIM, {"", "70"}),
        ("NSW", Role.WITHDRAWN, {"40", "66"}),
        ("VIC", Role.INTERIM, {"50", "70", "79", "85"}),
        ("VIC", Role.GRANTED, {"51", "53", "60"}),
        ("WA", Role.INTERIM, {"5", "55", "105"}),
        ("WA", Role.GRANTED, {"6", "9"}),
        ("WA", Role.WITHDRAWN, {"10", "11", "100"}),
        ("WA", Role.FINAL, {"0", "1", "2", "3", "4", "7", "61"}),
    ],
)
def test_a_role_holds_exactly_its_codes(jurisdiction, role, codes):
    assert {code for code in valid_codes(jurisdiction) if role_of(code, jurisdiction) is role} == codes


@pytest.mark.parametrize("jurisdiction", JURISDICTIONS)
def test_a_blank_code_is_open_everywhere(jurisdiction):
    assert is_interim("", jurisdiction)
    assert is_readable("", jurisdiction)


@pytest.mark.parametrize(
    ("code", "jurisdiction"), [("20", "WA"), ("70", "WA"), ("5", "NAT"), ("999", "QLD"), ("x", "NAT")]
)
def test_a_code_the_jurisdiction_does_not_know_counts_as_final(code, jurisdiction):
    assert is_final(code, jurisdiction)
    assert not is_readable(code, jurisdiction)
    assert describe(code, jurisdiction) == "unknown code"


def test_a_deprecated_code_is_read_but_not_written():
    assert "90" not in valid_codes("NAT")
    assert is_readable("90", "NAT")
    assert is_final("90", "NAT")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        (20, "20"),
        ("20", "20"),
        (" 20 ", "20"),
        (0, "0"),
        ("0", "0"),
        (None, ""),
        ("", ""),
        ("blank", ""),
        ("Blank", ""),
    ],
)
def test_a_code_has_one_form(written, normal):
    assert normal_code(written) == normal


@pytest.mark.parametrize(
    ("wrong", "jurisdiction", "meant"),
    [
        ("21", "NAT", "20"),
        ("2", "NAT", "30"),
        ("200", "NAT", "20"),
        ("20", "WA", "1"),
        ("70", "WA", "55"),
        ("105", "NAT", "85"),
        ("CT", "NAT", "60"),
        ("rpl-g", "WA", "6"),
        ("", "NAT", "70"),
        ("nonsense", "QLD", "70"),
        ("90", "NAT", "70"),
        ("05", "WA", "5"),
        ("055", "WA", "55"),
        ("020", "QLD", "20"),
        ("20.0", "NAT", "20"),
        ("+20", "NAT", "20"),
        ("2O", "NAT", "20"),
        ("5", "QLD", "70"),
        ("10", "NAT", "40"),
    ],
)
def test_a_wrong_code_suggests_what_was_probably_meant(wrong, jurisdiction, meant):
    assert nearest(wrong, jurisdiction) == meant


@given(st.text(max_size=12) | st.integers().map(str), st.sampled_from(JURISDICTIONS))
def test_whatever_is_written_the_suggestion_is_a_valid_code(wrong, jurisdiction):
    assert nearest(wrong, jurisdiction) in valid_codes(jurisdiction)


@pytest.mark.parametrize(
    ("text", "jurisdiction"),
    [
        ("QLD DETE (DETConnect)", "QLD"),
        ("NSW Smart & Skilled", "NSW_SS"),
        ("NSW ACE", "NSW_ACE"),
        ("NSW APL", "NSW"),
        ("WA RAPT", "WA"),
        ("Western Australia", "WA"),
        ("South Australia", "SA"),
        ("National (NCVER)", "NAT"),
        ("Victoria SVTS", "VIC"),
        ("NSW_ACE", "NSW_ACE"),
        ("", None),
        ("Exact Training", None),
    ],
)
def test_the_reporting_standard_of_a_class_names_its_jurisdiction(text, jurisdiction):
    assert jurisdiction_of(text) == jurisdiction


def test_a_jurisdiction_names_itself():
    assert [jurisdiction_of(name) for name in JURISDICTIONS] == list(JURISDICTIONS)


def test_an_unknown_jurisdiction_is_refused_by_name():
    with pytest.raises(ValueError, match="NZ is no reporting jurisdiction"):
        role_of("20", "NZ")


def test_codes_are_named_in_words():
    assert describe("20", "NAT") == "competency achieved"
    assert describe("", "NAT") == "not commenced"
    assert (label_of("6", "WA"), label_of("6", "NAT")) == ("RPL-G", "6")
    assert "8.0" in RELEASE.standard
