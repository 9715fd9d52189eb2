"""Links, and what is remembered about people: in bulk, streamed, and safe against writing at once."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.domain.ledger import Counts, PersonDigest
from connector.state import people as people_module
from connector.state.store import open_store
from tests.state.values import NOON, a_link, a_person


@pytest.fixture
def chunks_of_three(monkeypatch):
    """Small chunks, so that few people make several."""
    monkeypatch.setattr(people_module, "BULK", 3)
    monkeypatch.setattr(people_module, "MANY_IDS", 2)


def test_links_come_back_as_they_were_saved(store):
    links = [a_link(1, "mia"), a_link(-7, "tom", how="pinned", pinned=True)]

    store.save_links(links)

    assert store.links() == {link.contact_id: link for link in links}
    assert store.links([1, 99]) == {1: links[0]}
    assert [link.contact_id for link in store.stream_links()] == [-7, 1]
    assert store.link_of_user("tom") == [links[1]]


def test_a_link_without_a_time_gets_the_present(store, clock):
    clock.pass_by(timedelta(hours=1))

    store.save_links([a_link(1, "mia", linked_at=None)])

    assert store.links()[1].linked_at == NOON + timedelta(hours=1)


def test_saving_a_link_again_replaces_it_and_dropping_says_whether_it_was_there(store):
    store.save_links([a_link(1, "mia")])
    store.save_links([a_link(1, "tom", pinned=True)])

    assert store.links()[1].user_id == "tom"
    assert store.drop_link(1) is True
    assert store.drop_link(1) is False
    assert store.links() == {}


def test_people_come_back_as_they_were_saved(store):
    mia = a_person(1, memory='{"due":"2026-03-01","name":"Zoë"}', said='[{"reason":"one_way"}]', quiet=False)
    tom = a_person(2, user_id=None, vet_digest=2**62, lms_digest=0)

    store.save_people([mia, tom])

    assert store.people([1, 2, 3]) == {1: mia, 2: tom}
    assert list(store.digests()) == [
        PersonDigest(1, "user-1", 3, 5, False),
        PersonDigest(2, None, 2**62, 0, True),
    ]


def test_saving_people_again_replaces_what_was_remembered(store):
    store.save_people([a_person(1), a_person(2)])
    store.save_people([a_person(1, memory="{}", agreed=0)])

    assert store.people([1, 2]) == {1: a_person(1, memory="{}", agreed=0), 2: a_person(2)}


def test_streams_see_everybody_once_across_chunks(store, chunks_of_three):
    store.save_people(a_person(contact) for contact in range(-4, 6))

    assert [digest.contact_id for digest in store.digests()] == list(range(-4, 6))
    assert [person.contact_id for person in store.all_people()] == list(range(-4, 6))
    assert [digest.contact_id for digest in store.digests([5, 1, 99, -4])] == [-4, 1, 5]


def test_people_may_be_forgotten_and_saved_while_they_are_streamed(store, chunks_of_three):
    store.save_people(a_person(contact) for contact in range(10))

    seen = []
    for person in store.all_people():
        seen.append(person.contact_id)
        store.forget_people([person.contact_id])
        store.save_people([a_person(5, run="while streaming")])

    assert seen == list(range(10))
    assert [digest.contact_id for digest in store.digests()] == [5]


def test_forgotten_people_leave_nothing_but_their_link(store):
    store.save_people([a_person(1, said='["x"]'), a_person(2)])
    store.save_links([a_link(1, "mia")])

    store.forget_people([1, 99])

    assert store.people([1, 2]) == {2: a_person(2)}
    assert list(store.repeated()) == []
    assert store.links() == {1: a_link(1, "mia")}


def test_counts_are_sums_over_everybody(store):
    assert store.counts() == Counts()

    store.save_people([a_person(1, pairs=3, matched=2, history=1, agreed=0), a_person(2)])

    assert store.counts() == Counts(pairs=4, matched=3, history=2, agreed=1)


def test_only_quiet_people_with_something_to_say_repeat_it(store, chunks_of_three):
    store.save_people(
        [a_person(1), a_person(2, said='["no_override"]'), a_person(3, said='["one_way"]', quiet=False)]
        + [a_person(contact, said='["cannot_clear"]') for contact in range(4, 9)]
    )

    assert list(store.repeated([1, 2, 3])) == [(2, "user-2", '["no_override"]')]
    assert [contact for contact, _, _ in store.repeated()] == [2, 4, 5, 6, 7, 8]


def test_accounts_do_not_see_each_other(url, store, clock):
    store.save_people([a_person(1)])
    store.save_links([a_link(1, "mia")])

    with open_store(url, account="north", now=clock) as north:
        assert list(north.digests()) == []
        assert north.links() == {}
        assert north.counts() == Counts()
        north.save_people([a_person(1, run="north's")])
        north.forget_people([1])

    assert store.people([1]) == {1: a_person(1)}


def test_a_batch_that_breaks_off_leaves_nothing(store):
    def people():
        yield a_person(1)
        raise KeyError

    with pytest.raises(KeyError):
        store.save_people(people())

    assert list(store.digests()) == []
