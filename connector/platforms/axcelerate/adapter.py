"""`VetPort` over aXcelerate's web service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from connector.domain.catalogue import OfferedClass
from connector.domain.change import Receipt, UpdateUnit, VetCommand
from connector.domain.enrolment import ClassEnrolment, ModuleEnrolment, TrainingClass
from connector.domain.learner import ClassId, Contact, ContactId
from connector.errors import UnexpectedPayload
from connector.platforms.axcelerate import capabilities, courses, translate
from connector.platforms.axcelerate.client import PLATFORM, AxcelerateClient, Hidden, Tokens, WriteEncoding
from connector.platforms.axcelerate.listing import EnrolmentList
from connector.platforms.axcelerate.modules import ModuleReport, chunks
from connector.platforms.axcelerate.people import (
    Merges,
    contacts_by_email,
    contacts_by_optional_id,
    search_contacts,
)
from connector.platforms.axcelerate.report import ReportDates
from connector.platforms.axcelerate.rows import class_records, template_of
from connector.platforms.http import Http, checked_url
from connector.platforms.patience import Patience
from connector.platforms.port import Batch, Calls, Finding, Raw, VetScope

ENROLMENTS = "/course/enrolments"
_READ = "read enrolments"
_DEFAULT_LIMIT = 100

_log = structlog.get_logger(__name__)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class AxcelerateVet:
    """One aXcelerate account as the engine sees it. Dates are the account's own calendar dates, without conversion.

    `report_dates` "dmy" is for an account whose reports write 02/03/2026; days with slashes are refused otherwise, not guessed.
    `write_encoding` is explained in `client.py`. `calls` counts what was asked since this object was made. `now` is only used for the window of the merge history.
    """

    def __init__(
        self,
        *,
        api_url: str,
        api_token: str,
        ws_token: str,
        page_size: int = 100,
        requests_per_second: float = 2,
        patience: Patience | None = None,
        stop: threading.Event | None = None,
        write_encoding: WriteEncoding = "auto",
        report_dates: ReportDates = "iso",
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.calls = Calls()
        self._http = Http(
            PLATFORM,
            calls=self.calls,
            requests_per_second=requests_per_second,
            credentials=Tokens(api_token=api_token, ws_token=ws_token),
            patience=patience,
            stop=stop,
        )
        url = checked_url(api_url, setting="CONNECTOR_AXCELERATE__API_URL")
        self._client = AxcelerateClient(self._http, api_url=url, write_encoding=write_encoding)
        self._page_size = page_size
        self._templates = courses.Templates(self._client)
        self._modules = ModuleReport(self._client, report_dates)
        self._merges = Merges(self._client, now)
        self._counting = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def read(self, scope: VetScope) -> Iterator[Batch]:
        """Yield every page of class enrolments, then of module enrolments, then of class details in scope.

        Listings are named "class:880123", "qualification:CHC43121", "account", and for one person "contact:22041" (one list
        with everything, filtered here); then "modules" and "details". Each yields at least one batch, empty or not. A
        record that stands in two lists of the scope is yielded once, from the first. With `whole_account` the narrower lists
        are contained in the account's and not read.

        Raises: as the port says. Source: GET /course/enrolments, POST /report/run, GET /course/instance/detail.
        """
        known: set[str] = set()
        groups: set[str] = set()
        for listing in self._lists(scope):
            for batch in listing.read(known):
                groups.update([record.group for record in batch.records])
                yield batch
            self._expect(listing.least_calls)
        seen = {ClassId(int(group)) for group in groups if group}
        if scope.modules:
            yield from self._read_modules(scope, seen)
        if scope.details:
            yield from self._read_details(scope, seen)

    def parse(self, record: Raw) -> ClassEnrolment | ModuleEnrolment | TrainingClass:
        """Understand one record. Raises Unreadable."""
        return translate.parse(record)

    def class_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ClassEnrolment]:
        """One contact in one class as it stands now, all units kept; several when the person enrolled again.

        Empty when there is none, or when the contact is out of sight (deleted, merged).
        Raises: Unreadable when a row cannot be understood. Source: "Update Enrolment" guide, "Retrieve Unit Enrolments".
        """
        params = [("contactID", str(contact)), ("instanceID", str(class_id)), ("type", "p")]
        self._expect(1)
        try:
            rows = self._client.rows(_READ, ENROLMENTS, params)
        except Hidden:
            return []
        records = class_records(rows, None, place=f"contact {contact} class {class_id}")
        own = [record for record in records if _is_of(record, contact, class_id)]
        if not own and len(rows) >= _DEFAULT_LIMIT:
            # The filters were ignored and this is one page of many: no proof that the person is not there.
            raise UnexpectedPayload(PLATFORM, _READ, "a list of others came instead of one person's")
        found = [translate.parse(record) for record in own]
        return [one for one in found if isinstance(one, ClassEnrolment)]

    def module_enrolments(self, contact: ContactId, class_id: ClassId) -> list[ModuleEnrolment]:
        """One contact's learning-plan modules in one class as they stand now, of every status."""
        self._expect(1)
        found = [translate.parse(record) for record in self._modules.read([class_id], contact)]
        return [one for one in found if isinstance(one, ModuleEnrolment)]

    def contacts(self, contacts: Sequence[ContactId]) -> list[Contact]:
        """People with their optional ids; those that cannot be seen (deleted, merged, out of the token's sight) are left out."""
        return list(search_contacts(self._client, contacts))

    def contacts_by_email(self, address: str) -> list[Contact]:
        """People whose address begins with this one (the search matches by prefix); the caller compares exactly."""
        return list(contacts_by_email(self._client, address.strip()))

    def contacts_by_optional_id(self, value: str) -> list[Contact]:
        """People with this optional id, compared without case although the search is exact."""
        return list(contacts_by_optional_id(self._client, value.strip()))

    def survivor(self, contact: ContactId) -> ContactId | None:
        """The contact this one was merged into, followed to the end; None when it was not merged."""
        return self._merges.survivor(contact)

    def offered_class(self, class_id: ClassId) -> OfferedClass | None:
        """One class with the units it delivers; None when the account does not show it.

        Source: GET /course/instance/detail, `UNITS`.
        """
        detail = courses.class_detail(self._client, class_id)
        return courses.offered(class_id, detail) if detail else None

    def apply(self, command: VetCommand) -> Receipt:
        """Carry out one write, once. The answer does not show the new values, so only a reading proves them.

        Raises: ChangeRefused with the platform's words (a refused write may still have had an effect: read back),
        WriteDenied, Unconfirmed, Unavailable when it surely did not leave.
        """
        if isinstance(command, UpdateUnit):
            self._client.update_unit(command)
        else:
            self._client.update_module(command)
        self._expect(1)
        return Receipt()

    def capabilities(
        self, scope: VetScope, jurisdictions: Mapping[ClassId, str] | None = None
    ) -> Iterator[Finding]:
        """What this account shows and allows within the scope; writes nothing, and counts no call as reading.

        `jurisdictions` is what the rules assume of a class, to be compared with what the class reports to.
        """
        survey = capabilities.Survey(self._client, self._templates, self._modules, page_size=self._page_size)
        return survey.findings(scope, jurisdictions or {})

    def _lists(self, scope: VetScope) -> Iterator[EnrolmentList]:
        if scope.contact is not None:
            yield self._list(
                f"contact:{scope.contact}", {"contactID": scope.contact}, scope, self._ours(scope)
            )
            return
        if scope.whole_account:
            yield self._list("account", {}, scope, _any)
            return
        for class_id in scope.classes:
            name = f"class:{class_id}"
            yield self._list(name, {"instanceID": class_id}, scope, _in_classes({class_id}))
        for code in scope.qualifications:
            for template in self._templates.of(code):
                yield self._list(f"qualification:{code}", {"ID": template}, scope, _any)

    def _list(
        self, name: str, filters: Mapping[str, int], scope: VetScope, wanted: Callable[[Raw], bool]
    ) -> EnrolmentList:
        chosen = [(key, str(value)) for key, value in filters.items()]

        def fetch(offset: int) -> list[Any]:
            page = [("offset", str(offset)), ("limit", str(self._page_size))]
            try:
                return self._client.rows(_READ, ENROLMENTS, [*chosen, ("type", "p"), *page])
            except Hidden:
                if scope.contact is None:
                    raise
                return []

        return EnrolmentList(name, fetch, page_size=self._page_size, units=scope.units, wanted=wanted)

    def _ours(self, scope: VetScope) -> Callable[[Raw], bool]:
        """Which of one person's records the lists of the whole account would have held."""
        own = {str(scope.contact), ""}
        if scope.whole_account:
            return lambda record: record.owner in own
        in_classes = _in_classes(scope.classes)
        templates = {template for code in scope.qualifications for template in self._templates.of(code)}
        return lambda record: record.owner in own and (in_classes(record) or template_of(record) in templates)

    def _read_modules(self, scope: VetScope, seen: set[ClassId]) -> Iterator[Batch]:
        wanted = seen if scope.module_classes is None else set(scope.module_classes)
        if scope.contact is not None:
            wanted &= seen  # no other class can hold a module of this person
        yield Batch("modules", [])
        for classes in chunks(sorted(wanted)):
            yield Batch("modules", self._modules.read(classes, scope.contact))
            self._expect(1)

    def _read_details(self, scope: VetScope, seen: set[ClassId]) -> Iterator[Batch]:
        wanted = seen if scope.detail_classes is None else set(scope.detail_classes)
        if scope.contact is not None:
            wanted &= seen
        yield Batch("details", [])
        for class_id in sorted(wanted):
            detail = courses.class_detail(self._client, class_id)
            self._expect(1)
            if detail is None:
                _log.warning("class not shown", action="class_not_shown", class_id=class_id)
                continue
            yield Batch("details", [courses.class_record(class_id, detail)])

    def _expect(self, calls: int) -> None:
        """Count what the same reading or writing takes at least (contract, section 6)."""
        with self._counting:
            self.calls.floor += calls


def _any(record: Raw) -> bool:
    return True


def _in_classes(classes: Iterable[ClassId]) -> Callable[[Raw], bool]:
    """Compared although the list was asked for by class: an account that ignores the filter must not mix classes up."""
    groups = {str(class_id) for class_id in classes} | {""}
    return lambda record: record.group in groups


def _is_of(record: Raw, contact: ContactId, class_id: ClassId) -> bool:
    return record.owner in (str(contact), "") and record.group in (str(class_id), "")
