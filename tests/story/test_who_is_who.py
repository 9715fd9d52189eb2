"""Who is who: two candidates wait for a person, whatever part of the account a run looks at, and nobody becomes two people."""

from __future__ import annotations

import pytest

from connector.domain.learner import ContactId, UserId
from connector.review.links import pin

from .provider import (
    ALL_RULES,
    CLASS_RULE,
    DAY,
    LEARNERS,
    MIA,
    NIGHT,
    NOAH,
    UNIT_RULE,
    WHS,
    WHS_COURSE,
    rules,
    user_of,
)
from .world import Account, asked, assert_quiet, settle, skipped, told

MAKES_USERS = rules(
    UNIT_RULE.replace(
        "    due_date:", f"    enrolment: {{missing_learner: create, department: {LEARNERS}}}\n    due_date:"
    )
)


def a_namesake(account: Account, email: str, class_id: int = DAY, **contact: str) -> int:
    """Another contact with this address, enrolled in the class."""
    person = account.axcelerate.person
    new = person.add_contact("Mia", "Second", email, **contact)
    person.enrol(new, class_id, units=[WHS])
    return new


def who(contact: int) -> tuple[int, str, str, None]:
    return (contact, "person", "ambiguous_person", None)


def test_two_contacts_with_one_address_are_asked_about_in_a_run_for_one_of_them_too(account: Account):
    second = a_namesake(account, "MIA@example.org")

    for contact in (MIA, second):
        assert asked(account.plan(learner=str(contact))) == {who(contact)}
        assert told(account.reconcile(learner=str(contact))) == []
    assert {who(MIA), who(second)} <= asked(account.plan())


def test_a_contact_whose_namesake_no_rule_is_about_is_matched(account: Account):
    account.axcelerate.person.add_contact("Mia", "Second", "mia@example.org")

    assert asked(account.plan(learner=str(MIA))) == asked(account.plan()) == set()


def test_a_run_for_some_rules_sees_who_claims_the_same_user_under_another_rule(account: Account):
    account.use(rules(UNIT_RULE, CLASS_RULE))
    account.axcelerate.person.delete_enrolment(MIA, NIGHT)
    second = a_namesake(account, "mia@example.org", NIGHT)

    assert who(MIA) in asked(account.plan(rule="whs"))
    assert who(second) in asked(account.plan(rule="welcome"))
    assert asked(account.plan()) == {who(MIA), who(second)}


@pytest.mark.parametrize(
    ("matcher", "login", "email", "optional_id"),
    [
        ("login", "axi-7@example.org", "axi-7@example.org", ""),
        ("optional_id=login", "axi-7", "second@example.org", "AXI-7"),
    ],
)
def test_who_claims_a_user_by_another_matcher_is_seen_in_a_run_for_one_learner(
    account: Account, matcher: str, login: str, email: str, optional_id: str
):
    account.use(ALL_RULES.replace("match: [email]", f"match: [email, {matcher}]"))
    account.ispring.person.set_user(user_of(MIA), login=login)
    second = a_namesake(account, email, optional_id=optional_id)

    for contact in (MIA, second):
        assert asked(account.plan(learner=str(contact))) == {who(contact)}
    assert asked(account.plan()) == {who(MIA), who(second)}


def test_the_matchers_of_all_rules_decide_in_a_run_for_one_of_them(account: Account):
    account.use(rules(UNIT_RULE, CLASS_RULE.replace("match: [email]", "match: [login]")))
    account.ispring.person.set_user(user_of(MIA), login="mia")
    account.ispring.person.add_user("mia@example.org", "other@example.org", "Mia", "Second")

    users = {line.change.user_id for line in account.plan(rule="welcome").changes}

    assert user_of(MIA) in users
    assert users == {line.change.user_id for line in account.plan().changes}


def test_for_two_contacts_with_one_address_no_user_is_made_until_a_person_tells_them_apart(account: Account):
    account.use(MAKES_USERS)
    account.ispring.person.delete_user(user_of(MIA))
    second = a_namesake(account, "mia@example.org")

    for scope in ({}, {"rule": "whs"}, {"learner": str(MIA)}):
        report = account.plan(**scope)
        assert who(MIA) in asked(report)
        assert (MIA, "ambiguous_person") in skipped(report)
        assert not {MIA, second} & {line[0] for line in told(report)}

    account.axcelerate.person.set_contact(second, email="second@example.org")

    settle(account)
    links = account.store.links()
    assert links[ContactId(MIA)].user_id != links[ContactId(second)].user_id
    assert_quiet(account)


def test_no_contact_becomes_a_user_who_is_somebody_else_already(account: Account):
    account.use(MAKES_USERS)
    settle(account)
    account.ispring.person.set_user(user_of(NOAH), login="new@example.org")
    new = a_namesake(account, "new@example.org")

    assert asked(account.reconcile()) == {who(new)}
    assert ContactId(new) not in account.store.links()


def test_a_user_who_was_deleted_and_made_again_contradicts_the_link(account: Account):
    settle(account)
    account.ispring.person.delete_user(user_of(MIA))
    assert asked(settle(account)) == set()

    again = account.ispring.person.add_user("mia2", "mia@example.org", "Mia", "Tester")

    doubt = (MIA, "person", "link_contradicted", None)
    for scope in ({}, {"rule": "whs"}, {"learner": str(MIA)}):
        assert doubt in asked(account.plan(**scope))

    pin(account.store, ContactId(MIA), UserId(again), by="an operator")
    settle(account)
    assert account.enrollment(again, WHS_COURSE)
    assert_quiet(account)
