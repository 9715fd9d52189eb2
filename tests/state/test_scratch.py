"""A reading set aside: counted once, compared in one go, handed back for people with news."""

from __future__ import annotations

import random
from threading import Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.ledger import PersonDigest
from connector.platforms.port import Kind, Raw
from connector.state import scratch as scratch_module
from connector.state.scratch import Scratch


def a_user(user: str, body: bytes = b"user"):
    return ("user", user, user, "", body)


def an_enrolment(user: str, course: str = "course-1", body: bytes = b"enrolment"):
    return ("enrolment", user, f"{user}/{course}", course, body)


def a_class_enrolment(contact: int, training_class: int = 880123, body: bytes = b"class"):
    return ("class_enrolment", str(contact), f"{training_class}/{contact}", str(training_class), body)


MIA, TOM = 22041, 22042
READING = [
    a_user("mia"),
    an_enrolment("mia"),
    a_class_enrolment(MIA),
    a_user("tom"),
    an_enrolment("tom"),
    a_class_enrolment(TOM),
]
LINKS = [(MIA, "mia"), (TOM, "tom")]


@pytest.fixture
def scratch():
    with Scratch() as opened:
        yield opened


def known(records=READING, links=LINKS, *, quiet: bool = True) -> list[PersonDigest]:
    """What the store would hold after a run that read these records."""
    with Scratch() as earlier:
        earlier.add(records)
        earlier.load_links(links)
        user_of = dict(links)
        contacts = sorted({int(owner) for kind, owner, *_ in records if kind == "class_enrolment"})
        return [
            PersonDigest(contact, user_of.get(contact), vet, lms, quiet)
            for contact, (vet, lms) in earlier.digests(contacts).items()
        ]


def read(scratch: Scratch, records, *, before=None, links=LINKS) -> None:
    scratch.add(records)
    scratch.load_known(known() if before is None else before)
    scratch.load_links(links)


def test_nothing_is_news_when_the_same_records_come_in_another_order(scratch):
    shuffled = READING[:]
    random.Random(3).shuffle(shuffled)

    read(scratch, shuffled)

    assert list(scratch.news()) == []
    assert (scratch.news_count(), scratch.quiet_count()) == (0, 2)


@pytest.mark.parametrize(
    "changed",
    [
        a_class_enrolment(MIA, body=b"moved"),
        an_enrolment("mia", body=b"moved"),
        an_enrolment("mia", "course-2"),
        ("completion", "mia", "e1", "course-1", b"passed"),
        ("module_enrolment", str(MIA), "m1", "880123", b"module"),
    ],
)
def test_a_changed_or_new_record_on_either_side_is_news_of_its_contact_alone(scratch, changed):
    read(scratch, [record for record in READING if record[:3] != changed[:3]] + [changed])

    assert list(scratch.news()) == [MIA]
    assert scratch.quiet_count() == 1


def test_a_record_that_is_gone_is_news(scratch):
    read(scratch, [record for record in READING if record != an_enrolment("tom")])

    assert list(scratch.news()) == [TOM]


def test_a_contact_never_seen_before_is_news(scratch):
    read(scratch, [*READING, a_class_enrolment(7)])

    assert list(scratch.news()) == [7]


def test_a_contact_that_is_no_longer_there_is_news_until_that_is_known(scratch):
    read(scratch, [record for record in READING if record[1] != str(TOM)])
    assert list(scratch.news()) == [TOM]

    vet, lms = scratch.digests([TOM])[TOM]
    scratch.load_known([PersonDigest(TOM, "tom", vet, lms, True)])

    assert vet == 0
    assert list(scratch.news()) == []


def test_a_contact_with_something_pending_is_news_although_nothing_changed(scratch):
    read(scratch, READING, before=known(quiet=False))

    assert list(scratch.news()) == [MIA, TOM]
    assert scratch.quiet_count() == 0


@pytest.mark.parametrize("links", [[(MIA, "mia")], [(MIA, "mia"), (TOM, "mia")]])
def test_a_contact_linked_to_somebody_else_or_nobody_is_news(scratch, links):
    read(scratch, READING, links=links)

    assert list(scratch.news()) == [TOM]


def test_a_link_may_be_loaded_again_or_dropped_during_the_run(scratch):
    read(scratch, READING, links=[(MIA, "mia")])
    assert list(scratch.news()) == [TOM]

    scratch.load_links([(TOM, "tom")])
    assert list(scratch.news()) == []

    scratch.drop_link(MIA)
    assert list(scratch.news()) == [MIA]


def test_a_record_read_twice_counts_once_and_as_read_last(scratch):
    read(scratch, [a_class_enrolment(MIA, body=b"older"), *READING, an_enrolment("tom"), an_enrolment("tom")])

    assert list(scratch.news()) == []
    assert scratch.records([MIA]) == {MIA: [a_class_enrolment(MIA)]}
    assert scratch.groups("enrolment") == {"course-1"}


def test_pages_may_follow_after_an_answer(scratch):
    read(scratch, READING[:3])
    assert list(scratch.news()) == [TOM]

    scratch.add(READING[3:])
    assert list(scratch.news()) == []

    scratch.add([a_class_enrolment(MIA, body=b"moved")])
    assert list(scratch.news()) == [MIA]
    assert scratch.records([MIA])[MIA] == [a_class_enrolment(MIA, body=b"moved")]


def test_records_are_handed_back_by_owner_in_the_order_they_were_read(scratch):
    many = [an_enrolment("mia", f"extra-{number}", b"%d" % number) for number in range(200)]
    scratch.add(many[:77])
    scratch.add(READING)
    scratch.add(many[77:])

    found = scratch.records(["mia", "nobody", TOM])

    assert found["mia"] == [*many[:77], a_user("mia"), an_enrolment("mia"), *many[77:]]
    assert found["nobody"] == []
    assert found[TOM] == [a_class_enrolment(TOM)]
    assert scratch.records(["mia"], ["user"]) == {"mia": [a_user("mia")]}


def test_records_of_one_kind_come_in_the_order_they_were_read(scratch):
    scratch.add(READING)

    assert list(scratch.of_kind("user")) == [a_user("mia"), a_user("tom")]
    assert list(scratch.of_kind("completion")) == []


def test_records_that_belong_to_nobody_are_kept_and_count_for_nobody(scratch):
    detail = ("training_class", "", "880123", "880123", b"Work safely, Monday")

    read(scratch, [*READING, detail])

    assert list(scratch.news()) == []
    assert scratch.records([""]) == {"": [detail]}


def test_contacts_without_link_and_users_without_contact_are_named(scratch):
    read(scratch, [*READING, a_user("idle"), a_user("zoe"), an_enrolment("zoe")], links=[(TOM, "tom")])

    assert list(scratch.contacts_without_link()) == [MIA]
    assert scratch.users_without_contact() == ["mia", "zoe"]


def test_groups_are_the_courses_or_classes_that_records_were_found_under(scratch):
    scratch.add([*READING, an_enrolment("mia", "course-2"), a_class_enrolment(MIA, 880124)])

    assert scratch.groups("enrolment") == {"course-1", "course-2"}
    assert scratch.groups("class_enrolment") == {"880123", "880124"}
    assert scratch.groups("completion") == frozenset()


def test_digests_are_the_same_in_every_process(scratch):
    """They are kept between runs: another way of computing them would make everybody news."""
    scratch.add(READING[:3])
    scratch.load_links(LINKS)

    assert scratch.digests([MIA, 5]) == {MIA: (38715475496347, 198266073429747), 5: (0, 0)}


def test_an_empty_reading_makes_everybody_news(scratch):
    read(scratch, [])

    assert list(scratch.news()) == [MIA, TOM]
    assert scratch.groups("enrolment") == frozenset()


def test_news_are_streamed_while_the_reading_grows(scratch, monkeypatch):
    monkeypatch.setattr(scratch_module, "_CHUNK", 3)
    scratch.add(a_class_enrolment(contact) for contact in range(10))

    seen = []
    for contact in scratch.news():
        seen.append(contact)
        scratch.records([contact])
        scratch.load_links([(contact, f"user-{contact}")])

    assert seen == list(range(10))


def test_pages_may_be_added_from_two_threads(scratch):
    def add(kind):
        for number in range(50):
            scratch.add(
                [
                    a_user(f"u{number}-{n}") if kind == "lms" else a_class_enrolment(number * 100 + n)
                    for n in range(33)
                ]
            )

    threads = [Thread(target=add, args=(side,)) for side in ("lms", "vet")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(list(scratch.of_kind("user"))) == 1650
    assert scratch.news_count() == 1650
    assert scratch.records(["u7-5", 705]) == {"u7-5": [a_user("u7-5")], 705: [a_class_enrolment(705)]}


record_lists = st.lists(
    st.one_of(
        st.builds(an_enrolment, st.sampled_from("abc"), st.sampled_from(["c1", "c2"]), st.binary(max_size=2)),
        st.builds(a_class_enrolment, st.integers(1, 3), st.sampled_from([8, 9]), st.binary(max_size=2)),
    ),
    max_size=12,
)
linkings = st.dictionaries(st.integers(1, 3), st.sampled_from("abc"))


@settings(max_examples=60)
@given(record_lists, record_lists, linkings, linkings)
def test_news_are_what_a_naive_comparison_finds(earlier, later, earlier_links, later_links):
    def of(records, links, contact):
        last = {record[:3]: record for record in records}
        mine = {(("class_enrolment", str(contact))), ("enrolment", links.get(contact))}
        return {record for record in last.values() if record[:2] in mine}

    before = known(earlier, list(earlier_links.items()))
    with Scratch() as scratch:
        read(scratch, later, before=before, links=later_links.items())

        seen = {person.contact_id for person in before}
        there = {int(record[1]) for record in later if record[0] == "class_enrolment"}
        expected = {
            contact
            for contact in seen | there
            if contact not in seen
            or of(earlier, earlier_links, contact) != of(later, later_links, contact)
            or earlier_links.get(contact) != later_links.get(contact)
        }
        assert set(scratch.news()) == expected


def test_the_records_of_an_adapter_count_as_the_plain_ones_do(scratch):
    scratch.add([Raw(Kind(kind), *rest) for kind, *rest in READING])
    scratch.load_known(known())
    scratch.load_links(LINKS)

    assert list(scratch.news()) == []
    assert scratch.records([MIA], [Kind.CLASS_ENROLMENT]) == {MIA: [a_class_enrolment(MIA)]}
