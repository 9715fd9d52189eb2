"""Whatever a platform sends, its readers answer with a record or with the one error that sets it aside: never a crash.

The suite tries a few hundred examples; `HYPOTHESIS_PROFILE=explore FUZZ_EXAMPLES=100000 pytest tests/platforms/test_fuzz_readers.py`
tries others, for as long as one likes.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from zoneinfo import ZoneInfo

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.errors import Unreadable
from connector.platforms.axcelerate import translate as axcelerate
from connector.platforms.ispring import translate as ispring
from connector.platforms.ispring.records import ENROLLMENT_FIELDS, RESULT_FIELDS, USER_FIELDS
from connector.platforms.port import Kind, Raw
from connector.platforms.xml import MalformedXml, parse_xml, tree_of

EXAMPLES = settings(max_examples=int(os.environ.get("FUZZ_EXAMPLES", "300")))
PAGE = (
    b'<?xml version="1.0"?><response><enrollments><enrollment><enrollmentId>5f0c1d52</enrollmentId>'
    b"<accessDate>2024-02-01</accessDate><dueDate/></enrollment></enrollments></response>"
)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12)
    | st.sampled_from(
        ["2026-02-30", "2026-03-01", "2026-03-01 00:00", "0000-00-00", "1900-01-01", "passed", "20", "1,2"]
    )
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
)


@EXAMPLES
@given(
    body=st.binary(max_size=200)
    | st.builds(
        lambda at, cut, put: PAGE[:at] + put + PAGE[at + cut :],
        st.integers(0, len(PAGE)),
        st.integers(0, 20),
        st.binary(max_size=12),
    )
)
def test_any_bytes_are_a_tree_or_malformed(body: bytes):
    try:
        tree = tree_of(parse_xml(body))
    except MalformedXml:
        return

    assert tree is None or isinstance(tree, str | dict)


WIDTHS = {Kind.USER: USER_FIELDS, Kind.ENROLMENT: ENROLLMENT_FIELDS, Kind.COMPLETION: RESULT_FIELDS}


@EXAMPLES
@given(data=st.data(), kind=st.sampled_from(list(WIDTHS)))
def test_any_row_of_ispring_is_a_record_or_set_aside(data: st.DataObject, kind: Kind):
    width = len(WIDTHS[kind])
    values = data.draw(st.lists(VALUES, min_size=width, max_size=width))
    raw = Raw(kind, "u-1", "k-1", "c-1", orjson.dumps(values))

    assert _read(lambda: ispring.to_domain(raw, ZoneInfo("Australia/Sydney"))) in ("a record", "set aside")


@EXAMPLES
@given(
    kind=st.sampled_from([Kind.CLASS_ENROLMENT, Kind.MODULE_ENROLMENT, Kind.TRAINING_CLASS]),
    values=st.lists(VALUES, max_size=15) | VALUES,
)
def test_any_row_of_axcelerate_is_a_record_or_set_aside(kind: Kind, values: object):
    raw = Raw(kind, "22041", "880123/1", "880123", orjson.dumps(values))

    assert _read(lambda: axcelerate.parse(raw)) in ("a record", "set aside")


def _read(read: Callable[[], object]) -> str:
    try:
        record = read()
    except Unreadable as aside:
        return "set aside" if aside.key else "set aside without a name"
    return "a record" if record is not None else "nothing"
