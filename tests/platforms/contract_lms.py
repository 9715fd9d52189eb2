"""What the engine relies on, tried on every `LmsPort` alike (in memory, and iSpring over HTTP in every wire form)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connector.domain.change import (
    COURSE_DEFAULT,
    CreateUser,
    EnrolLearners,
    RewriteSchedule,
    Schedule,
    SetStatus,
    TaskState,
    Unenrol,
)
from connector.domain.enrolment import Completion, Enrolment, EnrolmentId, Status
from connector.domain.learner import CourseId, User, UserId, UserStatus
from connector.errors import ChangeRefused
from connector.platforms.port import Kind, LmsPort, LmsScope, Raw

ZONE = ZoneInfo("Australia/Sydney")
FEB_2, FEB_9, MARCH_30, APRIL_17 = date(2026, 2, 2), date(2026, 2, 9), date(2026, 3, 30), date(2026, 4, 17)
FEB_2_EARLY = datetime(2026, 2, 2, 8, 30, tzinfo=ZONE)
NOBODY = UserId("ffffffff-7d10-11ee-9f7c-0a58a9feac02")


@dataclass
class Account:
    """A platform under test with the hands that edit it, and what stands in it."""

    lms: LmsPort
    person: Any
    mia: UserId
    noah: UserId
    safety: CourseId
    first_aid: CourseId
    mias: EnrolmentId


def furnish(lms: LmsPort, person: Any) -> Account:
    """Mia enrolled in one of two courses, with a time of day, a due date and a lock; Noah in none."""
    mia = person.add_user("mia", "Mia@example.org", "Mia", "Okafor", fields={"USER_DEFINED_FIELD1": "AX-7"})
    noah = person.add_user("noah", "", "Noah", "")
    safety, first_aid = person.add_course("Safety"), person.add_course("First aid", due_days=30)
    mias = person.enrol(mia, safety, access=FEB_2_EARLY, due=MARCH_30, lock=True)
    return Account(lms, person, mia, noah, safety, first_aid, mias)


def everything(account: Account, **scope: Any) -> list[Raw]:
    chosen = {"courses": (account.safety, account.first_aid), **scope}
    return [record for batch in account.lms.read(LmsScope(**chosen)) for record in batch.records]


def values(account: Account, kind: type, **scope: Any) -> list[Any]:
    found = [account.lms.parse(record) for record in everything(account, **scope)]
    return [value for value in found if isinstance(value, kind)]


def at_nine(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 9)


class LmsContract:
    """Subclasses give the fixture `account`, made by `furnish`."""

    def test_an_enrolment_shows_its_dates_and_its_lock(self, account: Account) -> None:
        (shown,) = values(account, Enrolment)

        assert shown == Enrolment(account.mias, account.safety, account.mia, FEB_2, MARCH_30, True)

    def test_an_enrolment_without_a_due_date_shows_none(self, account: Account) -> None:
        account.person.edit_enrollment(account.mias, due=None)

        (shown,) = values(account, Enrolment)

        assert shown.due is None

    def test_a_completion_shows_the_status_and_instants(self, account: Account) -> None:
        ended = datetime(2026, 2, 27, 22, 15, tzinfo=UTC)
        account.person.complete(account.mias, "passed", at=ended, score=92.5, certificate=True)

        (shown,) = values(account, Completion)
        (enrolment,) = values(account, Enrolment)

        assert shown == Completion(
            account.mias, account.mia, account.safety, Status.PASSED, ended, FEB_2_EARLY.astimezone(UTC), 92.5
        )
        assert enrolment.has_certificate

    def test_people_show_login_address_status_and_the_fields_asked_for(self, account: Account) -> None:
        users = {
            user.user_id: user for user in values(account, User, profile_fields=("user_defined_field1",))
        }

        assert users[account.mia] == User(
            account.mia, "mia", "Mia@example.org", UserStatus.ACTIVE, {"user_defined_field1": "AX-7"}
        )
        assert (users[account.noah].email, users[account.noah].fields) == ("", {"user_defined_field1": ""})

    @pytest.mark.parametrize(("status", "meaning"), [(3, UserStatus.BLOCKED), (5, UserStatus.TERMINATED)])
    def test_people_who_may_not_sign_in_are_read_with_their_completions(
        self, account: Account, status: int, meaning: UserStatus
    ) -> None:
        account.person.set_user(account.mia, status=status)

        users = {user.user_id: user.status for user in values(account, User)}

        assert users[account.mia] is meaning
        assert len(values(account, Completion)) == 1

    def test_records_are_named_by_person_record_and_course(self, account: Account) -> None:
        named = {record[:4] for record in everything(account, people=False)}

        assert named == {
            (Kind.ENROLMENT, account.mia, account.mias, account.safety),
            (Kind.COMPLETION, account.mia, account.mias, account.safety),
        }

    def test_reading_again_gives_the_same_bytes_until_somebody_edits(self, account: Account) -> None:
        first, second = everything(account), everything(account)
        account.person.edit_enrollment(account.mias, due=APRIL_17)
        third = everything(account)

        assert first == second
        assert {record.owner for record in set(third) - set(first)} == {account.mia}

    def test_every_list_of_the_scope_is_named_even_when_it_is_empty(self, account: Account) -> None:
        account.person.unenrol(account.mias)

        named = {batch.listing for batch in account.lms.read(LmsScope(courses=(account.safety,)))}

        assert named == {"users", "enrolments", "completions"}

    def test_a_scope_without_courses_reads_people_only(self, account: Account) -> None:
        assert {record.kind for record in everything(account, courses=())} == {Kind.USER}

    def test_one_persons_reading_is_their_part_of_the_whole_reading(self, account: Account) -> None:
        account.person.enrol(account.noah, account.safety)

        narrow = everything(account, users=(account.mia,))

        assert sorted(narrow) == sorted(
            record for record in everything(account) if record.owner == account.mia
        )
        assert len(narrow) == 3

    def test_an_unknown_course_is_named_and_the_others_are_read(self, account: Account) -> None:
        gone = CourseId("eeeeeeee-7d10-11ee-9f7c-0a58a9feac02")

        records = everything(account, courses=(account.first_aid, gone, account.safety), people=False)

        assert {record.key for record in records} == {account.mias}
        assert account.lms.unknown_courses == (gone,)

    def test_the_precondition_of_an_edit_is_the_enrolment_as_it_stands_now(self, account: Account) -> None:
        account.person.edit_enrollment(account.mias, due=APRIL_17)

        now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)

        assert now == Enrolment(account.mias, account.safety, account.mia, FEB_2, APRIL_17, True)

    def test_an_enrolment_that_is_gone_reads_as_none(self, account: Account) -> None:
        account.person.unenrol(account.mias)

        assert account.lms.enrolment(account.mias, user=account.mia, course=account.safety) is None

    def test_a_search_before_a_create_finds_who_is_enrolled(self, account: Account) -> None:
        found = account.lms.enrolments_of([account.noah, NOBODY, account.mia], account.safety)

        assert [one.enrolment_id for one in found] == [account.mias]

    def test_completions_of_a_few_enrolments_show_the_time_of_day(self, account: Account) -> None:
        (shown,) = account.lms.completions_of([(account.mias, account.mia, account.safety)])

        assert shown.access_at == FEB_2_EARLY.astimezone(UTC)

    @pytest.mark.parametrize(
        ("login", "email"), [("mia", ""), ("", "Mia@example.org"), ("other", "Mia@example.org")]
    )
    def test_a_person_is_found_by_login_or_address(self, account: Account, login: str, email: str) -> None:
        assert account.lms.find_user(login=login, email=email) == account.mia

    def test_a_person_who_does_not_exist_is_not_found(self, account: Account) -> None:
        assert account.lms.find_user(login="nobody", email="nobody@example.org") is None

    def test_many_learners_are_enrolled_with_one_call(self, account: Account) -> None:
        before = account.lms.calls.write
        schedule = Schedule(at_nine(FEB_9), MARCH_30, True)

        receipt = account.lms.apply(EnrolLearners(account.first_aid, (account.mia, account.noah), schedule))

        enrolled = account.lms.enrolments_of([account.mia, account.noah], account.first_aid)
        assert {(one.user_id, one.access_from, one.due, one.locks) for one in enrolled} == {
            (account.mia, FEB_9, MARCH_30, True),
            (account.noah, FEB_9, MARCH_30, True),
        }
        assert not receipt.refused
        assert account.lms.calls.write == before + 1

    def test_a_bad_learner_stops_nobody_else(self, account: Account) -> None:
        users = (account.mia, NOBODY, account.noah)

        receipt = account.lms.apply(EnrolLearners(account.first_aid, users, Schedule(None, None, False)))

        enrolled = account.lms.enrolments_of([account.mia, account.noah], account.first_aid)
        assert sorted(one.user_id for one in enrolled) == sorted((account.mia, account.noah))
        assert set(receipt.refused) == {NOBODY}

    def test_an_enrolment_in_an_unknown_course_is_refused(self, account: Account) -> None:
        course = CourseId("eeeeeeee-7d10-11ee-9f7c-0a58a9feac02")

        with pytest.raises(ChangeRefused):
            account.lms.apply(EnrolLearners(course, (account.mia, account.noah), Schedule(None, None, False)))

    def test_a_default_due_date_comes_from_the_course(self, account: Account) -> None:
        schedule = Schedule(at_nine(FEB_2), COURSE_DEFAULT, False)

        account.lms.apply(EnrolLearners(account.first_aid, (account.noah,), schedule))

        (shown,) = account.lms.enrolments_of([account.noah], account.first_aid)
        assert shown.due == date(2026, 3, 4)

    def test_a_schedule_is_replaced_whole(self, account: Account) -> None:
        account.lms.apply(RewriteSchedule(account.mias, Schedule(at_nine(FEB_9), None, False)))

        now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)
        (completion,) = account.lms.completions_of([(account.mias, account.mia, account.safety)])
        assert now is not None
        assert (now.access_from, now.due, now.locks) == (FEB_9, None, False)
        assert completion.access_at == at_nine(FEB_9).replace(tzinfo=ZONE).astimezone(UTC)

    def test_a_written_due_date_reads_back_as_the_same_day(self, account: Account) -> None:
        account.lms.apply(RewriteSchedule(account.mias, Schedule(at_nine(FEB_2), APRIL_17, True)))

        now = account.lms.enrolment(account.mias, user=account.mia, course=account.safety)
        assert now == Enrolment(account.mias, account.safety, account.mia, FEB_2, APRIL_17, True)

    def test_an_edit_of_an_enrolment_that_is_gone_is_refused(self, account: Account) -> None:
        account.person.unenrol(account.mias)

        with pytest.raises(ChangeRefused):
            account.lms.apply(RewriteSchedule(account.mias, Schedule(at_nine(FEB_2), APRIL_17, True)))

    def test_unenrolling_takes_the_enrolment_away(self, account: Account) -> None:
        account.lms.apply(Unenrol(account.mias))

        assert account.lms.enrolments_of([account.mia], account.safety) == []

    def test_a_status_is_set_by_a_task_and_taken_back(self, account: Account) -> None:
        def done(status: Status | None, day: date | None) -> Status:
            command = SetStatus(account.mias, account.safety, status, day, "Competent in the classroom")
            task_id = account.lms.apply(command).task_id
            assert task_id is not None
            for _ in range(10):
                if account.lms.task(task_id) is TaskState.DONE:
                    break
            (shown,) = account.lms.completions_of([(account.mias, account.mia, account.safety)])
            return shown.status

        assert done(Status.COMPLETE, FEB_9) is Status.COMPLETE
        assert done(None, None) is Status.NOT_STARTED

    def test_a_task_is_running_before_it_is_done(self, account: Account) -> None:
        command = SetStatus(account.mias, account.safety, Status.COMPLETE, FEB_9, "Competent")
        task_id = account.lms.apply(command).task_id
        assert task_id is not None

        states = [account.lms.task(task_id) for _ in range(4)]

        assert states[0] is TaskState.RUNNING
        assert states[-1] is TaskState.DONE

    def test_a_created_person_is_found_afterwards(self, account: Account) -> None:
        command = CreateUser("zoe", "zoe@example.org", "Zoe", "Ng", department_of(account))

        receipt = account.lms.apply(command)

        assert receipt.created_id is not None
        assert account.lms.find_user(login="zoe", email="") == receipt.created_id

    def test_creating_somebody_who_exists_gives_the_one_who_is_there(self, account: Account) -> None:
        command = CreateUser("mia", "Mia@example.org", "Mia", "Okafor", department_of(account))

        assert account.lms.apply(command).created_id == account.mia

    def test_titles_are_those_of_courses_that_exist(self, account: Account) -> None:
        gone = CourseId("eeeeeeee-7d10-11ee-9f7c-0a58a9feac02")

        titles = account.lms.course_titles([account.safety, gone])

        assert titles == {account.safety: "Safety"}

    def test_a_reading_owes_one_call_a_list_and_makes_no_more(self, account: Account) -> None:
        before = account.lms.calls.read, account.lms.calls.floor

        everything(account)

        assert (account.lms.calls.read - before[0], account.lms.calls.floor - before[1]) == (3, 3)


def department_of(account: Account) -> str:
    """A department of this account; the one in memory has none."""
    add = getattr(account.person, "add_department", None)
    return "71bc0000-c6ba-11ea-918e-82e47ebe0001" if add is None else str(add("Learners"))
