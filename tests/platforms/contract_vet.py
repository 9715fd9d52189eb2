"""What the engine relies on, tried on every `VetPort` alike (in memory, and aXcelerate over HTTP)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from connector.domain.change import Override, UpdateModule, UpdateUnit
from connector.domain.enrolment import (
    ClassEnrolment,
    ClassStatus,
    ModuleEnrolment,
    ModuleStatus,
    TrainingClass,
)
from connector.domain.learner import ClassId, ContactId, UnitId
from connector.errors import ChangeRefused
from connector.platforms.port import Kind, Raw, VetPort, VetScope

FEB_2, MAY_29, JUNE_30, DEC_18 = date(2026, 2, 2), date(2026, 5, 29), date(2026, 6, 30), date(2026, 12, 18)
LEGAL, SAFETY = "CHCLEG003", "HLTWHS002"


@dataclass
class Account:
    """A platform under test with the hands that edit it, and what stands in it."""

    vet: VetPort
    person: Any
    legal: UnitId
    mia: ContactId
    noah: ContactId
    day_class: ClassId
    night_class: ClassId


def furnish(vet: VetPort, person: Any) -> Account:
    """Mia in a class of two units, Noah in another class of another qualification."""
    legal = person.add_unit(LEGAL, "Legal compliance")
    person.add_unit(SAFETY, "Safety")
    mia = person.add_contact("Mia", "Okafor", "mia@example.org", "m-77")
    noah = person.add_contact("Noah", None, "noah@example.org")
    day_class = person.add_class("CHC43121", "Day", FEB_2, DEC_18, "QLD DETE (DETConnect)", [LEGAL, SAFETY])
    night_class = person.add_class("BSB10120", "Night", FEB_2, DEC_18, units=[SAFETY])
    person.enrol(mia, day_class, outcome="70", due=MAY_29)
    person.enrol(noah, night_class, outcome="70", due=MAY_29)
    return Account(vet, person, legal, mia, noah, day_class, night_class)


def everything(account: Account, **scope: Any) -> list[Raw]:
    """All records of a reading; the whole account unless the scope says otherwise."""
    chosen = {"whole_account": True, "units": frozenset({LEGAL, SAFETY}), **scope}
    return [record for batch in account.vet.read(VetScope(**chosen)) for record in batch.records]


def places(account: Account, **scope: Any) -> list[ClassEnrolment]:
    values = [account.vet.parse(record) for record in everything(account, **scope)]
    return [value for value in values if isinstance(value, ClassEnrolment)]


def modules(account: Account, **scope: Any) -> list[ModuleEnrolment]:
    values = [account.vet.parse(record) for record in everything(account, modules=True, **scope)]
    return [value for value in values if isinstance(value, ModuleEnrolment)]


class VetContract:
    """Subclasses give the fixture `account`, made by `furnish`."""

    def test_a_place_shows_its_person_its_class_and_its_units(self, account: Account) -> None:
        (mia,) = [place for place in places(account) if place.contact_id == account.mia]

        assert (mia.class_id, mia.qualification, mia.status) == (
            account.day_class,
            "CHC43121",
            ClassStatus.IN_PROGRESS,
        )
        assert (mia.email, mia.given, mia.surname) == ("mia@example.org", "Mia", "Okafor")
        assert (mia.start, mia.finish, mia.unit_count) == (FEB_2, None, 2)
        assert [(unit.code, unit.outcome, unit.start, unit.end) for unit in mia.units] == [
            (LEGAL, "70", FEB_2, MAY_29),
            (SAFETY, "70", FEB_2, MAY_29),
        ]

    def test_a_person_with_one_name_has_an_empty_surname(self, account: Account) -> None:
        (noah,) = [place for place in places(account) if place.contact_id == account.noah]

        assert (noah.given, noah.surname) == ("Noah", "")

    def test_records_are_named_by_person_class_and_enrolment(self, account: Account) -> None:
        for record in everything(account):
            place = account.vet.parse(record)
            assert isinstance(place, ClassEnrolment)
            assert record[:4] == (
                Kind.CLASS_ENROLMENT,
                str(place.contact_id),
                f"{place.class_id}/{place.enrol_id}",
                str(place.class_id),
            )

    def test_only_units_of_the_scope_are_kept_and_all_are_counted(self, account: Account) -> None:
        (mia,) = places(account, whole_account=False, classes=(account.day_class,), units=frozenset({LEGAL}))

        assert [unit.code for unit in mia.units] == [LEGAL]
        assert mia.unit_count == 2

    def test_reading_again_gives_the_same_bytes_until_somebody_edits(self, account: Account) -> None:
        first, second = everything(account), everything(account)
        account.person.set_unit(account.mia, account.day_class, LEGAL, end=JUNE_30)
        third = everything(account)

        assert first == second
        assert {record.owner for record in set(third) - set(first)} == {str(account.mia)}

    def test_an_edit_outside_the_scope_gives_the_same_bytes(self, account: Account) -> None:
        scope = {"units": frozenset({LEGAL})}
        before = everything(account, **scope)
        account.person.set_unit(account.mia, account.day_class, SAFETY, outcome="20", end=JUNE_30)

        assert everything(account, **scope) == before

    def test_every_list_of_the_scope_is_named_even_when_it_is_empty(self, account: Account) -> None:
        account.person.delete_enrolment(account.noah, account.night_class)
        scope = VetScope(classes=(account.day_class, account.night_class), qualifications=("BSB10120",))

        found: dict[str, int] = {}
        for batch in account.vet.read(scope):
            found[batch.listing] = found.get(batch.listing, 0) + len(batch.records)

        assert found == {
            f"class:{account.day_class}": 1,
            f"class:{account.night_class}": 0,
            "qualification:BSB10120": 0,
        }

    def test_a_record_in_two_lists_is_yielded_once(self, account: Account) -> None:
        found = everything(
            account, whole_account=False, classes=(account.night_class,), qualifications=("BSB10120",)
        )

        assert [record.owner for record in found] == [str(account.noah)]

    def test_one_persons_reading_is_their_part_of_the_whole_reading(self, account: Account) -> None:
        account.person.enrol(account.mia, account.night_class)
        account.person.add_module(account.mia, account.day_class, "Ethics", start=FEB_2)
        account.person.add_module(account.noah, account.night_class, "Ethics")
        wide = {"whole_account": False, "classes": (account.day_class,), "modules": True}

        narrow = everything(account, contact=account.mia, **wide)

        assert narrow == [
            record for record in everything(account, **wide) if record.owner == str(account.mia)
        ]
        assert len(narrow) == 2

    def test_a_qualification_narrows_one_person_too(self, account: Account) -> None:
        scope = {"whole_account": False, "qualifications": ("BSB10120",)}

        assert everything(account, contact=account.mia, **scope) == []
        assert len(everything(account, contact=account.noah, **scope)) == 1

    @pytest.mark.parametrize("word", ["Tentative", "Deferred", "Suspended", "Cancelled", "Completed"])
    def test_the_standing_of_a_place_is_understood(self, account: Account, word: str) -> None:
        account.person.set_class_enrolment(account.mia, account.day_class, status=word)

        (mia,) = places(account, contact=account.mia)

        assert (mia.status.value, mia.status_word) == (word.lower(), word)
        assert mia.unit_count == (0 if word == "Tentative" else 2)

    def test_a_unit_write_changes_only_what_is_given(self, account: Account) -> None:
        account.vet.apply(
            UpdateUnit(account.mia, account.day_class, account.legal, outcome="20", end=JUNE_30)
        )
        account.vet.apply(UpdateUnit(account.mia, account.day_class, account.legal, start=date(2026, 3, 1)))

        (now,) = account.vet.class_enrolments(account.mia, account.day_class)

        assert [(unit.code, unit.outcome, unit.start, unit.end) for unit in now.units] == [
            (LEGAL, "20", date(2026, 3, 1), JUNE_30),
            (SAFETY, "70", FEB_2, MAY_29),
        ]

    def test_a_unit_that_the_person_does_not_have_is_refused(self, account: Account) -> None:
        with pytest.raises(ChangeRefused):
            account.vet.apply(UpdateUnit(account.mia, account.day_class, UnitId(999999), outcome="20"))

    def test_a_class_that_the_person_is_not_in_is_refused_and_shows_nothing(self, account: Account) -> None:
        with pytest.raises(ChangeRefused):
            account.vet.apply(UpdateUnit(account.mia, account.night_class, account.legal, outcome="20"))

        assert account.vet.class_enrolments(account.mia, account.night_class) == []

    def test_a_second_enrolment_in_the_same_class_is_shown_beside_the_first(self, account: Account) -> None:
        again = account.person.enrol(account.mia, account.day_class)

        found = account.vet.class_enrolments(account.mia, account.day_class)

        assert len(found) == 2
        assert max(place.enrol_id for place in found) == again

    def test_modules_are_read_whatever_their_status(self, account: Account) -> None:
        for status, override in ((1, True), (2, False), (3, None)):
            account.person.add_module(
                account.mia,
                account.day_class,
                f"Module {status}",
                status=status,
                override=override,
                end=MAY_29,
            )

        found = sorted(modules(account), key=lambda module: module.name)

        assert [(module.status, module.override, module.start, module.end) for module in found] == [
            (ModuleStatus.ENROLLED, True, None, MAY_29),
            (ModuleStatus.IN_PROGRESS, False, None, MAY_29),
            (ModuleStatus.OTHER, None, None, MAY_29),
        ]

    def test_modules_are_read_for_the_classes_named(self, account: Account) -> None:
        account.person.add_module(account.mia, account.day_class, "Ethics")
        account.person.add_module(account.noah, account.night_class, "Ethics")

        assert [one.contact_id for one in modules(account, module_classes=(account.day_class,))] == [
            account.mia
        ]
        assert len(account.vet.module_enrolments(account.noah, account.night_class)) == 1

    def test_an_override_is_set_left_and_cleared(self, account: Account) -> None:
        module_id = account.person.add_module(account.mia, account.day_class, "Ethics", start=FEB_2)

        def after(**changes: Any) -> ModuleEnrolment:
            (now,) = account.vet.module_enrolments(account.mia, account.day_class)
            account.vet.apply(
                UpdateModule(account.mia, account.day_class, now.enrol_id, module_id, **changes)
            )
            (now,) = account.vet.module_enrolments(account.mia, account.day_class)
            return now

        assert after(override=Override.UNLOCK).override is True
        assert after(end=JUNE_30).override is True
        locked = after(override=Override.LOCK, start=date(2026, 3, 1))
        assert (locked.override, locked.start, locked.end) == (False, date(2026, 3, 1), JUNE_30)
        cleared = after(override=Override.CLEAR)
        assert (cleared.override, cleared.start, cleared.end) == (None, date(2026, 3, 1), JUNE_30)

    def test_a_module_of_somebody_else_is_refused(self, account: Account) -> None:
        module_id = account.person.add_module(account.mia, account.day_class, "Ethics")
        (mia,) = account.vet.class_enrolments(account.mia, account.day_class)

        with pytest.raises(ChangeRefused):
            account.vet.apply(
                UpdateModule(account.noah, account.day_class, mia.enrol_id, module_id, override=Override.LOCK)
            )

    def test_class_details_name_their_dates_and_jurisdiction(self, account: Account) -> None:
        found = [
            account.vet.parse(record)
            for record in everything(account, details=True, detail_classes=(account.day_class,))
            if record.kind is Kind.TRAINING_CLASS
        ]

        assert found == [
            TrainingClass(account.day_class, "Day", FEB_2, DEC_18, "QLD DETE (DETConnect)", "CHC43121")
        ]

    def test_details_of_a_class_that_is_gone_are_left_out(self, account: Account) -> None:
        scope = {"details": True, "detail_classes": (ClassId(999999),)}

        assert all(record.kind is not Kind.TRAINING_CLASS for record in everything(account, **scope))

    def test_contacts_come_with_their_optional_id(self, account: Account) -> None:
        found = account.vet.contacts([account.mia, account.noah, ContactId(999999)])

        assert sorted((one.contact_id, one.name, one.optional_id) for one in found) == [
            (account.mia, "Mia Okafor", "m-77"),
            (account.noah, "Noah", ""),
        ]

    @pytest.mark.parametrize("written", ["m-77", "M-77"])
    def test_contacts_are_found_by_their_optional_id_in_either_case(
        self, account: Account, written: str
    ) -> None:
        assert [one.contact_id for one in account.vet.contacts_by_optional_id(written)] == [account.mia]
        assert account.vet.contacts_by_optional_id("m-7") == []

    def test_contacts_are_found_by_their_address(self, account: Account) -> None:
        new = account.person.add_contact("Ida", "Reed", "ida@example.org")

        assert new in {one.contact_id for one in account.vet.contacts_by_email("IDA@example.org")}

    def test_a_merged_contact_is_gone_and_leads_to_its_survivor(self, account: Account) -> None:
        last = account.person.add_contact("Noah", "Reed", "noah.reed@example.org")
        account.person.merge_contacts(account.mia, account.noah)
        account.person.merge_contacts(account.noah, last)

        assert account.vet.survivor(account.mia) == last
        assert account.vet.survivor(last) is None
        assert account.vet.contacts([account.mia]) == []
        assert account.vet.class_enrolments(account.mia, account.day_class) == []
        assert {place.contact_id for place in places(account)} == {last}

    def test_calls_are_counted_and_a_quiet_reading_takes_the_fewest(self, account: Account) -> None:
        calls = account.vet.calls
        list(account.vet.read(VetScope(classes=(account.day_class,), details=True)))
        account.vet.apply(UpdateUnit(account.mia, account.day_class, account.legal, end=JUNE_30))

        assert (calls.read, calls.write, calls.floor) == (2, 1, 3)
