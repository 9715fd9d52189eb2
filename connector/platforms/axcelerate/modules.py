"""Asking for the report of module enrolments."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from pydantic import ValidationError

from connector.domain.learner import ClassId, ContactId
from connector.errors import AccessDenied, UnexpectedPayload
from connector.platforms.axcelerate import report
from connector.platforms.axcelerate.client import PLATFORM, AxcelerateClient
from connector.platforms.axcelerate.payloads import ReportField, ReportFields
from connector.platforms.axcelerate.report import Columns, ReportDates, ReportError
from connector.platforms.http import Count, Rejected
from connector.platforms.port import Raw

T = TypeVar("T")


class ModuleReport:
    """The report of learning-plan module enrolments; what the account offers in it is asked once."""

    def __init__(self, client: AxcelerateClient, dates: ReportDates) -> None:
        self._client = client
        self._dates = dates
        self._columns: Columns | None = None
        self._words: dict[str, str] | None = None

    def fields(self) -> ReportFields | None:
        """The columns that the account offers; None when it does not say."""
        params = [("reportReference", report.REFERENCE)]
        return self._asked("read report fields", "/report/fields", params, ReportFields.model_validate)

    def statuses(self) -> ReportField | None:
        """The status ids and their words; None when the account does not say."""
        params = [("fieldReference", report.STATUS_FIELD)]
        return self._asked("read report field", "/report/field", params, ReportField.model_validate)

    def columns(self) -> Columns:
        if self._columns is None:
            fields = self.fields()
            self._columns = report.columns_of(fields.view_fields) if fields else Columns()
        return self._columns

    def read(
        self, classes: Sequence[ClassId], contact: ContactId | None = None, *, count: Count | None = None
    ) -> list[Raw]:
        """The module enrolments of up to 50 classes, of every status; of one contact where one is given.

        Raises: UnexpectedPayload when the report failed, is cut short or lacks a needed column.
        """
        columns = self.columns()
        form = list(report.run_parameters(columns, classes, contact).items())
        operation = "run module report"
        answer = self._client.posted_document(operation, "/report/run", form, count=count)
        if answer is None:
            return []
        try:
            rows = report.report_rows(answer)
            words = self._status_words() if report.has_unnamed_status(rows, columns) else None
            records = list(report.module_records(rows, columns, words, dates=self._dates))
        except ReportError as exc:
            raise UnexpectedPayload(PLATFORM, operation, str(exc)) from exc
        # Compared here too, in case the account knows these filters under other names.
        groups = {str(one) for one in classes}
        return [one for one in records if _belongs(one, groups, contact)]

    def _status_words(self) -> dict[str, str]:
        if self._words is None:
            statuses = self.statuses()
            self._words = report.status_words(statuses) if statuses else {}
        return self._words

    def _asked(
        self, operation: str, path: str, params: list[tuple[str, str]], model: Callable[[object], T]
    ) -> T | None:
        """What the account says about its report; the report itself may be readable where this is not."""
        try:
            answer = self._client.document(operation, path, params, count=Count.OTHER)
            return model(answer) if answer else None
        except (Rejected, ValidationError):
            return None
        except AccessDenied as denied:
            if denied.status == 401:
                raise
            return None


def chunks(classes: Sequence[ClassId]) -> Iterator[Sequence[ClassId]]:
    """As many classes as one report takes."""
    for start in range(0, len(classes), report.CLASSES_PER_REPORT):
        yield classes[start : start + report.CLASSES_PER_REPORT]


def _belongs(record: Raw, groups: set[str], contact: ContactId | None) -> bool:
    """A row without class or contact stays: it is set aside by name when it is read."""
    is_ours = contact is None or record.owner in (str(contact), "")
    return is_ours and (record.group in groups or not record.group)
