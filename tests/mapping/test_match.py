"""Who is who: reported, never guessed (contract, section 4)."""

from __future__ import annotations

import pytest

from connector.domain.learner import Contact, ContactId, User, UserId, UserStatus
from connector.domain.rule import Matcher
from connector.mapping.match import Match, UserIndex, contradicts, match, settle_matches

EMAIL = Matcher("email", "email", by_optional_id=False)
LOGIN = Matcher("login", "login", by_optional_id=False)
OPTIONAL_LOGIN = Matcher("optional_id=login", "login", by_optional_id=True)
STAFF_NUMBER = Matcher("optional_id=staff number", "staff number", by_optional_id=True)
FIELDS = ("email", "login", "staff number")


def a_contact(number: int = 1, email: str = "mia@example.org", optional_id: str | None = None) -> Contact:
    return Contact(ContactId(number), "Mia", "Nguyen", email, optional_id)


def a_user(name: str = "u1", email: str = "mia@example.org", login: str = "mia", **fields: str) -> User:
    return User(
        UserId(name), login, email, UserStatus.ACTIVE, {k.replace("_", " "): v for k, v in fields.items()}
    )


def index_of(*users: User) -> UserIndex:
    return UserIndex(users, FIELDS)


@pytest.mark.parametrize("written", ["MIA@Example.org", "  mia@example.org ", "mia@EXAMPLE.ORG\t"])
def test_addresses_are_trimmed_and_compared_without_case(written):
    found = match(a_contact(email=written), [EMAIL], index_of(a_user()))

    assert found == Match(user_id=UserId("u1"), how="email")


def test_matchers_are_asked_in_their_order():
    by_login, by_email = a_user("u1", email="", login="mia@example.org"), a_user("u2")

    assert match(a_contact(), [LOGIN, EMAIL], index_of(by_login, by_email)).user_id == "u1"
    assert match(a_contact(), [EMAIL, LOGIN], index_of(by_login, by_email)).user_id == "u2"


def test_a_matcher_that_finds_nobody_leaves_it_to_the_next():
    found = match(
        a_contact(optional_id="77"), [EMAIL, STAFF_NUMBER], index_of(a_user(email="", staff_number="77"))
    )

    assert found == Match(user_id=UserId("u1"), how="optional_id=staff number")


def test_the_optional_id_is_compared_with_the_login():
    found = match(a_contact(optional_id="MIA"), [OPTIONAL_LOGIN], index_of(a_user()))

    assert found.user_id == "u1"


def test_two_candidates_wait_for_a_person():
    found = match(a_contact(), [EMAIL, LOGIN], index_of(a_user("u1"), a_user("u2")))

    assert (found.user_id, found.candidates) == (None, ("u1", "u2"))


@pytest.mark.parametrize("empty", ["", "   "])
def test_people_without_an_address_are_nobody(empty):
    found = match(
        a_contact(email=empty, optional_id=empty),
        [EMAIL, OPTIONAL_LOGIN],
        index_of(a_user(email="", login="")),
    )

    assert found == Match()


def test_an_optional_id_that_was_not_read_matches_nobody():
    assert match(a_contact(optional_id=None), [OPTIONAL_LOGIN], index_of(a_user(login=""))) == Match()


def test_two_contacts_that_claim_one_user_are_ambiguous_both():
    found = {ContactId(1): Match(UserId("u1"), "email"), ContactId(2): Match(UserId("u1"), "email")}

    links, questions = settle_matches(found, taken={})

    assert links == {}
    assert questions == {1: ("u1",), 2: ("u1",)}


def test_a_user_who_is_linked_already_is_not_given_away():
    links, questions = settle_matches(
        {ContactId(2): Match(UserId("u1"), "email")}, taken={UserId("u1"): ContactId(1)}
    )

    assert (links, questions) == ({}, {2: ("u1",)})


def test_matches_become_links_and_candidates_become_questions():
    one, two = Match(UserId("u1"), "email"), Match(candidates=(UserId("u2"), UserId("u3")), how="email")

    links, questions = settle_matches({ContactId(1): one, ContactId(2): two, ContactId(3): Match()}, taken={})

    assert (links, questions) == ({1: one}, {2: ("u2", "u3")})


def test_a_link_that_the_matchers_would_now_give_to_somebody_else_is_contradicted():
    linked, other = a_user("u1", email="old@example.org"), a_user("u2")

    assert contradicts(a_contact(), linked, [EMAIL], index_of(linked, other)) == ("u2",)


def test_a_link_stands_while_nobody_else_is_found():
    linked = a_user("u1", email="old@example.org")

    assert contradicts(a_contact(), linked, [EMAIL], index_of(linked)) == ()


def test_a_link_stands_while_any_matcher_still_finds_the_linked_user():
    linked, other = a_user("u1", email="old@example.org", login="mia@example.org"), a_user("u2")

    assert contradicts(a_contact(), linked, [EMAIL, LOGIN], index_of(linked, other)) == ()
