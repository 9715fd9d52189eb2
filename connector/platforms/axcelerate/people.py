"""Contacts by id, and where a merged contact went."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import ValidationError

from connector.domain.learner import Contact, ContactId, same_address
from connector.errors import UnexpectedPayload
from connector.platforms.axcelerate import translate
from connector.platforms.axcelerate.client import PLATFORM, AxcelerateClient
from connector.platforms.axcelerate.payloads import ContactRow, MergeRow, flag, fold_keys
from connector.platforms.http import Count, Rejected

CONTACTS_PER_CALL = 100
_BEGINNING = datetime(2005, 1, 1, tzinfo=UTC)
_LONG_AGO = datetime.min  # noqa: DTZ901 (MERGEDUTC is read without a zone, only to be compared)
_YEARS_BACK = 10
_MOST_MERGES = 500
_LONGEST_CHAIN = 20


def search_contacts(client: AxcelerateClient, contacts: Sequence[ContactId]) -> Iterator[Contact]:
    """People with their optional ids, up to 100 a call, in no particular order; those that cannot be seen are left out.

    The search shows active people by default, so who is missing is asked for once more among the inactive ones.
    """
    for start in range(0, len(contacts), CONTACTS_PER_CALL):
        missing = set(contacts[start : start + CONTACTS_PER_CALL])
        for extra in ([], [("ContactActive", "false")]):
            if not missing:
                break
            for contact in _search(client, sorted(missing), extra):
                if contact.contact_id in missing:
                    missing.discard(contact.contact_id)
                    yield contact


def contacts_by_email(client: AxcelerateClient, address: str) -> Iterator[Contact]:
    """People whose address begins with this one, inactive ones too; the first 100 of each."""
    return _each_once(client, [("emailAddress", address)])


def contacts_by_optional_id(client: AxcelerateClient, value: str) -> Iterator[Contact]:
    """People with this optional id, inactive ones too. The search is exact, so it is asked for in each case that ids are written in."""
    for spelling in dict.fromkeys((value, value.upper(), value.lower())):
        for contact in _each_once(client, [("optionalID", spelling)]):
            if same_address(contact.optional_id or "") == same_address(value):
                yield contact


def _each_once(client: AxcelerateClient, params: Sequence[tuple[str, str]]) -> Iterator[Contact]:
    found: set[ContactId] = set()
    for extra in ([], [("ContactActive", "false")]):
        for contact in _found(client, [*params, *extra]):
            if contact.contact_id not in found:
                found.add(contact.contact_id)
                yield contact


def _search(
    client: AxcelerateClient, contacts: Sequence[ContactId], extra: Sequence[tuple[str, str]]
) -> Iterator[Contact]:
    return _found(client, [("contactIDs", ",".join(str(contact) for contact in contacts)), *extra])


def _found(client: AxcelerateClient, params: Sequence[tuple[str, str]]) -> Iterator[Contact]:
    # Who somebody is belongs to no list in scope: like the merge history it is not part of the floor.
    size = [("offset", "0"), ("displayLength", str(CONTACTS_PER_CALL))]
    for row in client.rows("search contacts", "/contacts/search", [*params, *size], count=Count.OTHER):
        try:
            yield translate.contact(ContactRow.model_validate(row))
        except ValidationError:
            continue  # a contact that cannot be read is one that cannot be seen


class Merges:
    """Answers where a contact went. The history is asked per contact; a window that is refused is cut into years."""

    def __init__(self, client: AxcelerateClient, now: Callable[[], datetime]) -> None:
        self._client = client
        self._now = now

    def survivor(self, contact: ContactId) -> ContactId | None:
        """The contact that this one was merged into, followed to the end; None when it was not merged."""
        seen = {contact}
        last = contact
        for _ in range(_LONGEST_CHAIN):
            following = self._next(last)
            if following is None or following in seen:
                break
            seen.add(following)
            last = following
        return None if last == contact else last

    def _next(self, contact: ContactId) -> ContactId | None:
        # A day more at the end: the zone of the window is not documented.
        until = self._now() + timedelta(days=1)
        try:
            merges = self._merges(contact, _BEGINNING, until)
        except Rejected:
            ends = (until - timedelta(days=365 * years) for years in range(_YEARS_BACK))
            years = (self._merges(contact, end - timedelta(days=365), end) for end in ends)
            merges = next((found for found in years if found), [])
        newest = max(merges, key=lambda merge: merge.merged_utc or _LONG_AGO, default=None)
        return ContactId(newest.current_contact_id) if newest else None

    def _merges(self, contact: ContactId, start: datetime, end: datetime) -> list[MergeRow]:
        form = [
            ("dateStart", f"{start:%Y-%m-%d} 00:00:00"),
            ("dateEnd", f"{end:%Y-%m-%d} 23:59:59"),
            ("oldContactID", str(contact)),
        ]
        operation = "read merge history"
        rows = self._client.posted_rows(operation, "/log/contactMergeHistory", form, count=Count.OTHER)
        return list(_merges_of(rows, contact))


def _merges_of(rows: Sequence[Any], contact: ContactId) -> Iterator[MergeRow]:
    """The merges of this contact; "nothing" comes as one object `{"merged": false}`.

    Raises: UnexpectedPayload for any other object, and for a list cut at its cap: who cannot be told merged from gone
    must not be withdrawn.
    """
    if len(rows) >= _MOST_MERGES:
        raise UnexpectedPayload(PLATFORM, "read merge history", "the list is cut at its cap")
    for row in rows:
        if isinstance(row, dict) and flag(fold_keys(row).get("MERGED", True)) is False:
            continue
        try:
            merge = MergeRow.model_validate(row)
        except ValidationError as exc:
            raise UnexpectedPayload(PLATFORM, "read merge history", "a row is not a merge") from exc
        if merge.old_contact_id == contact:
            yield merge
