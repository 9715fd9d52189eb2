"""What is remembered survives its JSON form whole."""

from __future__ import annotations

import json
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.enrolment import Status
from connector.domain.learner import UNKNOWN
from connector.domain.memory import (
    Closed,
    EnrolmentMemory,
    Held,
    Memory,
    PairMemory,
    StatusSet,
    dump,
    load,
)

names = st.text("abcXYZ:/|09é", min_size=1, max_size=6)
days = st.dates(date(2020, 1, 1), date(2030, 12, 31))
maybe_day = st.none() | days
date_values = st.one_of(st.none(), st.just(UNKNOWN), days)
locks = st.sampled_from([None, True, False])
overrides = st.sampled_from([None, True, False, UNKNOWN])

holdings = st.builds(
    Held,
    enrolment_id=names,
    vet_gives=st.booleans(),
    due=st.none() | st.tuples(date_values, date_values),
    start=st.none() | st.tuples(date_values, date_values),
    access=st.none() | st.tuples(locks, overrides),
    lock_given=locks,
    seen_due=st.none() | st.tuples(date_values),
)
pairs = st.builds(
    PairMemory,
    class_id=st.integers(0, 9**9),
    enrol_id=st.integers(0, 9**9),
    enrolled_at=names | st.just(""),
    open=st.booleans(),
    finished=st.booleans(),
    gone=st.booleans(),
    was_final=st.booleans(),
    final_end=st.none() | days.map(date.isoformat),
    qualification=st.just("") | names,
    recreated=st.lists(names, max_size=2),
    courses=st.dictionaries(names, holdings, max_size=2),
)
closings = st.builds(
    Closed,
    why=names,
    real_due=maybe_day,
    real_access=names,
    real_locks=st.booleans(),
    shown_due=maybe_day,
    shown_access=days,
    shown_locks=st.booleans(),
)
enrolments = st.builds(
    EnrolmentMemory,
    course_id=names,
    governed_by=st.none() | names,
    closed=st.none() | closings,
    taken=st.booleans(),
    access_time=st.none() | st.just("09:30:00"),
    status_set=st.none() | st.builds(StatusSet, st.sampled_from(Status), names | st.just(""), names),
)
memories = st.builds(
    Memory,
    pairs=st.dictionaries(names, st.dictionaries(names, pairs, max_size=2), max_size=2),
    enrolments=st.dictionaries(names, enrolments, max_size=2),
    read_on=maybe_day,
)


@given(memories)
def test_a_memory_comes_back_as_it_was(memory):
    assert load(dump(memory)) == memory


@given(memories)
def test_equal_memories_give_equal_text(memory):
    assert dump(load(dump(memory))) == dump(memory)


def test_nothing_remembered_is_an_empty_memory():
    assert load("") == Memory()
    assert load(dump(Memory())) == Memory()


def test_none_and_not_shown_and_never_agreed_are_three_things():
    never, none, unknown = Held("e1"), Held("e1", due=(None, None)), Held("e1", due=(None, UNKNOWN))
    memory = Memory(pairs={"r": {"k": PairMemory(1, 2, "", courses={"a": never, "b": none, "c": unknown})}})

    back = load(dump(memory)).pairs["r"]["k"].courses

    assert [back[course].due for course in "abc"] == [None, (None, None), (None, UNKNOWN)]


def test_a_quiet_memory_is_short():
    held = Held("5f0c", due=(date(2026, 5, 1), date(2026, 5, 1)), access=(True, None), lock_given=True)
    memory = Memory(pairs={"r": {"k": PairMemory(1, 2, "2026-01-10", courses={"c": held})}})

    text = dump(memory)

    assert len(text) < 300
    assert json.loads(text)
