"""Lists that break off, tokens that end, rights that are missing, answers that are lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connector.domain.change import EnrolLearners, RewriteSchedule, Schedule, SetStatus
from connector.domain.enrolment import Status
from connector.errors import (
    AccessDenied,
    ChangeRefused,
    SettingsError,
    Unavailable,
    Unconfirmed,
    UnexpectedPayload,
    WriteDenied,
)
from connector.platforms.ispring import Account as Settings
from connector.platforms.ispring import connect
from connector.platforms.port import LmsScope, Raw
from connector.sandbox.ispring import IspringSandbox
from tests.platforms.contract_lms import FEB_9, Account, at_nine, everything, furnish
from tests.platforms.ispring.conftest import SYDNEY, Connect
from tests.platforms.ispring.test_contract import FORMS
from tests.platforms.ispring.test_wire_documents import talking
from tests.platforms.scripted import answer

NOW = Schedule(at_nine(FEB_9), None, False)


@pytest.fixture
def account(box: IspringSandbox, connected: Connect) -> Account:
    return furnish(connected(box, page_size=2), box.person)


@pytest.fixture
def crowd(account: Account) -> set[str]:
    """Seven people more, all enrolled; with pages of two, every list has several pages."""
    for number in range(7):
        user = account.person.add_user(f"p{number}", f"p{number}@example.org", "P", str(number))
        account.person.enrol(user, account.safety)
    return {str(record.owner) for record in everything(account)}


def owners(records: list[Raw]) -> set[str]:
    return {record.owner for record in records}


def test_a_list_is_read_to_its_last_page(account: Account, crowd: set[str]):
    assert len(everything(account, people=False, completions=False)) == 8
    assert account.lms.calls.read == account.lms.calls.floor


@pytest.mark.parametrize("form", FORMS, ids=list(FORMS))
def test_every_wire_form_gives_the_same_bytes(box: IspringSandbox, connected: Connect, form: str):
    account = furnish(connected(box), box.person)
    account.person.complete(account.mias, score=88, certificate=True)

    other = furnish_again(account, connected(box, **FORMS[form]))

    assert everything(other) == everything(account)


def furnish_again(account: Account, lms: object) -> Account:
    return Account(lms, *[getattr(account, name) for name in list(Account.__dataclass_fields__)[1:]])  # type: ignore[arg-type]


def test_a_page_token_that_repeats_itself_ends_the_reading(
    account: Account, crowd: set[str], box: IspringSandbox
):
    box.faults.add("repeat_page_token", match="GET /enrollments", times=None)

    with pytest.raises(UnexpectedPayload, match="repeats itself"):
        everything(account)


@pytest.mark.parametrize("fault", ["revoke_token", "truncate", "html", "429", "reset_before", "reset_after"])
def test_short_trouble_between_pages_loses_nothing(
    account: Account, crowd: set[str], box: IspringSandbox, fault: str
):
    # A token that is revoked again the moment it was renewed is another matter: that denies access.
    box.faults.add(fault, match="GET *", after=4, times=1 if fault == "revoke_token" else 2)

    assert owners(everything(account)) == crowd


def test_a_platform_that_stays_broken_is_unavailable(account: Account, box: IspringSandbox):
    box.faults.add("status", match="GET /enrollments", status=503, times=None)

    with pytest.raises(Unavailable):
        everything(account)


def test_rows_in_another_order_are_the_same_records(account: Account, crowd: set[str], box: IspringSandbox):
    before = everything(account)
    box.faults.add("shuffle", times=None)

    assert sorted(everything(account)) == sorted(before)


def test_a_lost_answer_to_an_enrolment_is_not_repeated(account: Account, box: IspringSandbox):
    box.faults.add("reset_after", match="POST /enrollment")

    with pytest.raises(Unconfirmed):
        account.lms.apply(EnrolLearners(account.first_aid, (account.noah,), NOW))

    assert len(account.lms.enrolments_of([account.noah], account.first_aid)) == 1
    assert len([call for call in box.calls.list() if call.path.endswith("/enrollment")]) == 1


def test_a_lost_answer_to_an_edit_is_made_up_by_repeating_it(account: Account, box: IspringSandbox):
    box.faults.add("reset_after", match="POST /enrollment/*")

    account.lms.apply(RewriteSchedule(account.mias, NOW))

    now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)
    assert now is not None
    assert now.access_from == FEB_9


def test_a_partly_carried_out_enrolment_enrols_nobody_twice(box: IspringSandbox, connected: Connect):
    box.switches.partly_invalid_create = "apply_known"
    box.switches.existing_enrollment = "duplicate"
    account = furnish(connected(box), box.person)
    box.faults.add("status", match="POST /enrollment", status=400)
    account.person.enrol(account.mia, account.first_aid)

    account.lms.apply(EnrolLearners(account.first_aid, (account.mia, account.noah), NOW))

    enrolled = account.lms.enrolments_of([account.mia, account.noah], account.first_aid)
    assert sorted(one.user_id for one in enrolled) == sorted((account.mia, account.noah))


def test_a_refused_schedule_is_not_tried_on_every_single_learner(account: Account, box: IspringSandbox):
    users = tuple(
        account.person.add_user(f"q{number}", f"q{number}@example.org", "Q", str(number))
        for number in range(32)
    )
    box.faults.add("status", match="POST /enrollment", status=400, times=None)

    with pytest.raises(ChangeRefused):
        account.lms.apply(EnrolLearners(account.first_aid, users, NOW))

    assert len([call for call in box.calls.list() if call.path.endswith("/enrollment")]) < 15


@pytest.mark.parametrize("dialect", ["rest", "soap"])
def test_a_missing_right_is_named_and_denies_only_that_kind_of_write(
    box: IspringSandbox, connected: Connect, dialect: str
):
    account = furnish(connected(box, dialect=dialect), box.person)
    weak = box.add_credentials(role="administrator", without=["edit_statistics"])
    limited = connected_as(box, weak, dialect)

    with pytest.raises(WriteDenied):
        limited.apply(SetStatus(account.mias, account.safety, Status.COMPLETE, FEB_9, "RPL"))

    limited.apply(RewriteSchedule(account.mias, NOW))
    limited.close()


def connected_as(box: IspringSandbox, credentials: object, dialect: str):
    settings = Settings(
        api_url=f"{box.url}/api/v2",
        account_url=box.account_url,
        client_id=credentials.client_id,  # type: ignore[attr-defined]
        client_secret=credentials.client_secret,  # type: ignore[attr-defined]
    )
    return connect(settings, zone=SYDNEY, dialect=dialect, requests_per_second=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("by", ["token", "headers"])
@pytest.mark.parametrize("dialect", ["rest", "soap"])
def test_wrong_credentials_are_denied_without_waiting(box: IspringSandbox, by: str, dialect: str):
    settings = Settings(
        api_url=f"{box.url}/api/v2",
        account_url=box.account_url,
        client_id=box.client_id if by == "token" else "",
        client_secret="wrong",
        email=box.email,
        password="wrong",
    )
    platform = connect(settings, zone=SYDNEY, dialect=dialect, requests_per_second=0)  # type: ignore[arg-type]

    with pytest.raises(AccessDenied):
        list(platform.read(LmsScope(courses=())))

    platform.close()


@pytest.mark.parametrize("status", [200, 500])
def test_an_ended_token_is_renewed_after_the_soap_fault_that_says_so(
    box: IspringSandbox, connected: Connect, status: int
):
    box.switches.soap_fault_status = status  # type: ignore[assignment]
    account = furnish(connected(box, dialect="soap"), box.person)
    assert account.lms.enrolments_of([account.mia], account.safety)
    box.faults.add("revoke_token", match="POST *soap*")

    read = account.lms.calls.read
    assert account.lms.enrolments_of([account.mia], account.safety)
    assert len([call for call in box.calls.list() if call.path.endswith("/token")]) == 2
    assert account.lms.calls.read == read + 1


def test_over_soap_what_rest_does_not_allow_is_read_from_the_soap_lists(
    box: IspringSandbox, connected: Connect
):
    usual = furnish(connected(box), box.person)
    for path in ("/users*", "/learners/results", "/contents"):
        box.faults.add("status", match=f"GET {path}", status=403, times=None)
    limited = furnish_again(usual, connected(box, dialect="soap"))

    records = everything(limited)

    assert {record.kind for record in records} == {"user", "enrolment", "completion"}
    assert limited.lms.course_titles([limited.safety]) == {limited.safety: "Safety"}


def test_an_older_account_without_the_second_user_list_shows_people_by_the_first(
    account: Account, box: IspringSandbox
):
    box.faults.add("status", match="GET /users/v2", status=404, times=None)

    people = everything(account, courses=())
    some = everything(account, courses=(), users=(account.mia,))

    assert {account.mia, account.noah} <= owners(people)
    assert owners(some) == {account.mia}


def test_an_address_that_answers_with_a_web_page_is_said_to_be_wrong(box: IspringSandbox, connected: Connect):
    box.switches.root_prefix = False
    settings = Settings(
        api_url=box.url, account_url=box.account_url, client_id=box.client_id, client_secret=box.client_secret
    )
    platform = connect(settings, zone=SYDNEY, requests_per_second=0, patience=connected(box)._http._patience)

    with pytest.raises(UnexpectedPayload, match="prefix"):
        list(platform.read(LmsScope(courses=())))

    platform.close()


def test_an_error_object_in_a_success_is_not_taken_for_an_empty_list():
    with (
        talking(answer(200, '{"code": 500, "message": "later"}')) as (platform, _),
        pytest.raises(UnexpectedPayload),
    ):
        list(platform.read(LmsScope(courses=())))


def test_rows_that_move_while_pages_are_read_are_yielded_once():
    def page(*ids: str, token: str = "") -> bytes:
        rows = ",".join(f'{{"userId": "{one}", "status": 1, "fields": []}}' for one in ids)
        return answer(200, f'{{"userProfiles": [{rows}], "nextPageToken": "{token}"}}')

    with talking(page("a", "b", token="x"), page("b", "c")) as (platform, _):
        keys = [record.key for batch in platform.read(LmsScope(courses=())) for record in batch.records]

    assert keys == ["a", "b", "c"]


def test_many_courses_are_asked_for_in_addresses_of_bearable_length():
    courses = tuple(f"{number:08x}-7d10-11ee-9f7c-0a58a9feac02" for number in range(200))

    with talking(answer(200, "{}")) as (platform, script):
        list(platform.read(LmsScope(courses=courses, people=False)))  # type: ignore[arg-type]

    assert max(len(sent.target) for sent in script.sent) < 8000
    asked = [
        value
        for sent in script.sent
        if sent.path == "/enrollments"
        for name, value in sent.params
        if "course" in name
    ]
    assert sorted(asked) == sorted(courses)


@pytest.mark.parametrize(
    ("changes", "setting"),
    [
        ({}, "CLIENT_ID"),
        ({"client_id": "x"}, "CLIENT_SECRET"),
        ({"account_url": "https://acme.example.com", "email": "owner"}, "CLIENT_ID"),
        ({"client_id": "x", "client_secret": "y", "api_url": "acme.example.com"}, "API_URL"),
    ],
)
def test_unusable_settings_are_named(changes: dict[str, str], setting: str):
    with pytest.raises(SettingsError, match=setting):
        connect(Settings(**changes), zone=SYDNEY)


def test_settings_have_no_text_form_that_shows_a_secret():
    assert "y-secret" not in repr(Settings(client_id="x", client_secret="y-secret", password="y-secret"))


@pytest.fixture(autouse=True)
def _no_leftover_faults(box: IspringSandbox) -> Iterator[None]:
    yield
    box.faults.clear()
