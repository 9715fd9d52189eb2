"""What an account shows and allows, for `connector check`. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from connector.domain.enrolment import ClassEnrolment
from connector.domain.learner import ClassId
from connector.domain.outcome import is_interim, jurisdiction_of
from connector.errors import PlatformError, UnexpectedPayload, Unreadable
from connector.platforms.axcelerate import report, translate
from connector.platforms.axcelerate.client import AxcelerateClient, Form
from connector.platforms.axcelerate.courses import Templates, class_detail
from connector.platforms.axcelerate.modules import ModuleReport, chunks
from connector.platforms.axcelerate.payloads import ClassDetail, CustomField, fold_keys
from connector.platforms.axcelerate.report import plain_key
from connector.platforms.axcelerate.rows import class_records
from connector.platforms.http import Count
from connector.platforms.port import Finding, Raw, Standing, VetScope

_ROW_KEYS = ("EMAIL", "STATUS", "ENROLMENTDATE", "CODE", "ACTIVITIES")
_ID_WORDS = {"1": "enrolled", "2": "in progress"}


class Survey:
    """One look at an account. Every call counts as `other`."""

    def __init__(
        self, client: AxcelerateClient, templates: Templates, modules: ModuleReport, *, page_size: int
    ) -> None:
        self._client = client
        self._templates = templates
        self._modules = modules
        self._page_size = page_size
        self._sample: list[dict[str, Any]] = []

    def findings(self, scope: VetScope, jurisdictions: Mapping[ClassId, str]) -> Iterator[Finding]:
        """Findings in the order of the questions. Refused credentials end the survey: nothing else would be true."""
        try:
            self._client.rows("check tokens", "/contacts/search", [("displayLength", "1")], count=Count.OTHER)
        except PlatformError as exc:
            if exc.status == 401:
                yield Finding("tokens", Standing.FAILED, exc.detail or "the tokens are refused")
                return
            yield Finding("contacts", Standing.FAILED, exc.detail)
        else:
            yield Finding("tokens", Standing.PROVEN, "both tokens are accepted")
            yield Finding("contacts", Standing.PROVEN, "contacts can be searched")
        yield from self._enrolment_lists(scope)
        yield from self._rows_shown()
        yield from self._classes(scope, jurisdictions)
        yield from self._end_dates(jurisdictions)
        if scope.modules:
            yield from self._module_report(scope)
        yield from self._custom_fields()
        yield _merge_history(self._client)

    def _enrolment_lists(self, scope: VetScope) -> Iterator[Finding]:
        if scope.whole_account:
            yield self._enrolment_list("enrolments of the account", [])
            return
        for class_id in scope.classes:
            yield self._enrolment_list(f"enrolments of class {class_id}", [("instanceID", str(class_id))])
        for code in scope.qualifications:
            what = f"enrolments of {code}"
            try:
                templates = self._templates.of(code)
            except UnexpectedPayload as exc:
                yield Finding(what, Standing.FAILED, exc.detail)
                continue
            for template in templates:
                yield self._enrolment_list(what, [("ID", str(template))])

    def _enrolment_list(self, what: str, filters: Form) -> Finding:
        params = [*filters, ("type", "p"), ("offset", "0"), ("limit", str(self._page_size))]
        try:
            rows = self._client.rows("read enrolments", "/course/enrolments", params, count=Count.OTHER)
        except PlatformError as exc:
            return Finding(what, Standing.FAILED, exc.detail)
        self._sample += [fold_keys(row) for row in rows if isinstance(row, dict)]
        if not rows:
            detail = "the list is empty: nobody is enrolled, or the token's user may not see them"
            return Finding(what, Standing.WARNING, detail)
        more = " or more" if len(rows) >= self._page_size else ""
        return Finding(what, Standing.PROVEN, f"{len(rows)}{more} rows")

    def _rows_shown(self) -> Iterator[Finding]:
        """A missing permission of the token's user shows as missing fields (reference, section 1.2)."""
        if not self._sample:
            return
        hidden = [key for key in _ROW_KEYS if not any(key in row for row in self._sample)]
        if hidden:
            yield Finding("enrolment fields", Standing.WARNING, f"no row shows {', '.join(hidden)}")
        else:
            yield Finding("enrolment fields", Standing.PROVEN, "rows show every field that is read")

    def _classes(self, scope: VetScope, jurisdictions: Mapping[ClassId, str]) -> Iterator[Finding]:
        for class_id in dict.fromkeys((*scope.classes, *(scope.detail_classes or ()), *jurisdictions)):
            what = f"class {class_id}"
            try:
                found = class_detail(self._client, class_id, count=Count.OTHER)
                detail = ClassDetail.model_validate(found) if found else None
            except (PlatformError, ValidationError) as exc:
                yield Finding(what, Standing.FAILED, getattr(exc, "detail", "its detail cannot be read"))
                continue
            if detail is None:
                yield Finding(what, Standing.FAILED, "the account does not show this class")
            else:
                yield _jurisdiction(what, detail, jurisdictions.get(class_id))

    def _end_dates(self, jurisdictions: Mapping[ClassId, str]) -> Iterator[Finding]:
        """Whether units without a final code show an end date; until one does, due dates rest (contract, section 4)."""
        open_units = [
            unit
            for enrolment in self._understood()
            for unit in enrolment.units
            if is_interim(unit.outcome, jurisdictions.get(enrolment.class_id, "NAT"))
        ]
        if any(unit.end for unit in open_units):
            yield Finding("end dates of open units", Standing.PROVEN, "shown")
        elif open_units:
            detail = f"none of {len(open_units)} open units shows one, so due dates of units rest"
            yield Finding("end dates of open units", Standing.WARNING, detail)

    def _understood(self) -> Iterator[ClassEnrolment]:
        for record in class_records(self._sample, None, place="sample"):
            try:
                enrolment = translate.parse(record)
            except Unreadable:
                continue
            if isinstance(enrolment, ClassEnrolment):
                yield enrolment

    def _module_report(self, scope: VetScope) -> Iterator[Finding]:
        yield from self._report_fields()
        yield self._module_statuses()
        seen = {int(row["INSTANCEID"]) for row in self._sample if str(row.get("INSTANCEID")).isdigit()}
        classes = sorted(scope.module_classes or {ClassId(one) for one in seen})
        for part in list(chunks(classes))[:1]:
            yield self._module_rows(part)

    def _report_fields(self) -> Iterator[Finding]:
        offered = self._modules.fields()
        if offered is None or not offered.view_fields:
            yield Finding(
                "module report fields", Standing.WARNING, "the account does not list the report's columns"
            )
            return
        names = {plain_key(one.name) for one in offered.view_fields}
        lacking = [name for name in report.VIEW_FIELDS if plain_key(name) not in names]
        if lacking:
            yield Finding("module report fields", Standing.FAILED, f"not offered: {', '.join(lacking)}")
        else:
            yield Finding("module report fields", Standing.PROVEN, "every column is offered")
        override = report.columns_of(offered.view_fields).override
        if override:
            yield Finding("access override", Standing.PROVEN, f"readable as {override}")
        else:
            detail = "the report offers no such column, so what was written last is taken to stand"
            yield Finding("access override", Standing.WARNING, detail)

    def _module_statuses(self) -> Finding:
        what = "module status ids"
        statuses = self._modules.statuses()
        words = report.status_words(statuses) if statuses else {}
        if not words:
            return Finding(
                what, Standing.WARNING, "not listed; 1 and 2 are taken as Enrolled and In Progress"
            )
        wrong = [one for one, word in _ID_WORDS.items() if not words.get(one, word).lower().startswith(word)]
        listing = ", ".join(f"{value} {word}" for value, word in words.items())
        return Finding(what, Standing.WARNING if wrong else Standing.PROVEN, listing)

    def _module_rows(self, classes: Any) -> Finding:
        try:
            records = self._modules.read(classes, count=Count.OTHER)
        except PlatformError as exc:
            return Finding("learning plans", Standing.FAILED, exc.detail)
        if not records:
            detail = (
                "the report holds no module of these classes: they have no learning plan, or it is hidden"
            )
            return Finding("learning plans", Standing.WARNING, detail)
        unreadable = [reason for record in records if (reason := _unreadable(record))]
        if unreadable:
            detail = f"{len(unreadable)} of {len(records)} modules cannot be read, the first because of {unreadable[0]}"
            return Finding("learning plans", Standing.WARNING, detail)
        return Finding("learning plans", Standing.PROVEN, f"{len(records)} module enrolments")

    def _custom_fields(self) -> Iterator[Finding]:
        """A unit field that is mandatory for completion can make the platform refuse a final code (section 9.3)."""
        what = "mandatory unit fields"
        try:
            rows = self._client.rows(
                "read custom fields", "/customFields", [("linkTo", "unitEnrolment")], count=Count.OTHER
            )
            fields = [CustomField.model_validate(row) for row in rows]
        except (PlatformError, ValidationError):
            yield Finding(what, Standing.WARNING, "custom fields cannot be read")
            return
        mandatory = [
            one.label or one.variable_name for one in fields if one.mandatory and one.active is not False
        ]
        if mandatory:
            detail = f"final codes may be refused while these are empty: {', '.join(mandatory)}"
            yield Finding(what, Standing.WARNING, detail)
        else:
            yield Finding(what, Standing.PROVEN, "none")


def _unreadable(record: Raw) -> str:
    try:
        translate.parse(record)
    except Unreadable as exc:
        return exc.reason
    return ""


def _jurisdiction(what: str, detail: ClassDetail, assumed: str | None) -> Finding:
    standard = detail.reporting_standard or "nothing"
    named = jurisdiction_of(detail.reporting_standard)
    shown = f"{detail.name}, reports to {standard}"
    if assumed is None or named == assumed:
        return Finding(what, Standing.PROVEN, shown)
    if named is None:
        return Finding(what, Standing.WARNING, f"{shown}: cannot be compared with {assumed} of the mapping")
    return Finding(what, Standing.WARNING, f"{shown}: that is {named}, the mapping says {assumed}")


def _merge_history(client: AxcelerateClient) -> Finding:
    form = [("dateStart", "2026-01-01 00:00:00"), ("dateEnd", "2026-01-02 00:00:00"), ("oldContactID", "1")]
    try:
        client.posted_rows("read merge history", "/log/contactMergeHistory", form, count=Count.OTHER)
    except PlatformError as exc:
        return Finding("merge history", Standing.FAILED, exc.detail)
    return Finding("merge history", Standing.PROVEN, "readable")
