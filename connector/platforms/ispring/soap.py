"""iSpring's SOAP service for accounts that are integrated through it (reference, section 12; seed pages 000, 002, 003).

Enrollments, their edits, statuses and tasks go over SOAP. Users, results and contents have no readable SOAP page, so they come
over REST, with the same credentials; where the account's REST does not answer, the SOAP lists are read by local name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from connector.errors import AccessDenied, Unconfirmed, UnexpectedPayload
from connector.platforms.http import Count, Effect, Http, Request
from connector.platforms.ispring.client import PLATFORM, Account, TokenCredentials
from connector.platforms.ispring.envelope import Operation, envelope, result_of
from connector.platforms.ispring.rest import RestWire
from connector.platforms.ispring.shapes import page_of, single_value
from connector.platforms.ispring.wire import Filter, Page, Row

T = TypeVar("T")

GET_ENROLLMENTS = Operation("GetEnrollments")
GET_ENROLLMENT = Operation("GetEnrollment")
ENROL = Operation("EnrollLearnersInCourses", Effect.WRITE)
CHANGE = Operation("ChangeEnrollment", Effect.SET)
UNENROLL = Operation("Unenroll", Effect.SET)
UPDATE_STATUS = Operation("UpdateCourseStatus", Effect.SET, root="updateCourseStatusRequest")
TASK_STATUS = Operation("GetTaskStatus", root="getTaskStatusRequest")
LIST_USERS = Operation("ListUsers")
LIST_RESULTS = Operation("ListLearnersResults")
GET_CONTENT = Operation("GetContent")
ADD_USER = Operation("AddUser", Effect.WRITE)

ABSENT = frozenset((401, 403, 404, 405, 410, 501))


class SoapCredentials:
    """Credentials stand in the request element: a token, or account address, login and password."""

    def __init__(self, account: Account, tokens: TokenCredentials | None) -> None:
        self._account = account
        self._tokens = tokens
        self._used = ""

    def element(self) -> dict[str, object]:
        if self._tokens is not None:
            self._used = self._tokens.token()
            return {"token": self._used}
        account = self._account
        return {"accountUrl": account.account_url, "email": account.email, "password": account.password}

    def headers(self) -> Mapping[str, str]:
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """For an HTTP 401 and for the fault that means the same."""
        if self._tokens is None:
            return False
        self._tokens.renew_token(self._used)
        return True


class SoapWire:
    """Satisfies `Wire`. `rest` fills in what SOAP lacks."""

    def __init__(self, http: Http, account: Account, credentials: SoapCredentials, rest: RestWire) -> None:
        self._http = http
        self._url = account.soap_url
        self._credentials = credentials
        self._rest = rest
        self._not_over_rest: set[str] = set()

    def enrollments(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        """getEnrollments has no pages: everything in scope comes in one answer."""
        tree = self._call(
            GET_ENROLLMENTS, {"courseIds": where.courses or None, "learnerIds": where.learners or None}
        )
        return page_of(tree, keys=("enrollments", "enrollment"), id_key="enrollmentId")

    def enrollment(self, enrollment_id: str) -> Row | None:
        tree = self._call(GET_ENROLLMENT, {"enrollmentId": enrollment_id})
        rows = page_of(tree, keys=("enrollment",), id_key="enrollmentId").rows
        return rows[0] if rows else None

    def enrol(self, fields: Mapping[str, object]) -> None:
        self._call(ENROL, fields)

    def edit(self, enrollment_id: str, fields: Mapping[str, object]) -> None:
        self._call(CHANGE, {"enrollmentId": enrollment_id, **fields})

    def unenrol(self, enrollment_id: str) -> None:
        self._call(UNENROLL, {"enrollmentId": enrollment_id})

    def set_status(self, fields: Mapping[str, object]) -> str:
        task = single_value(self._call(UPDATE_STATUS, fields), "taskId")
        if task is None:
            raise Unconfirmed(PLATFORM, UPDATE_STATUS.action, "accepted without a task id")
        return task

    def task_status(self, task_id: str) -> str:
        tree = self._call(TASK_STATUS, {"taskId": task_id}, count=Count.OTHER)
        return single_value(tree, "status") or ""

    def users(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        def over_soap() -> Page:
            # ListUsers has no filter by user id; the caller leaves out whom it did not ask for.
            fields = {"logins": where.logins or None, "emails": where.emails or None}
            tree = self._call(LIST_USERS, {**fields, **_paging(token, page_size)})
            return page_of(tree, keys=("userProfiles", "userProfile"), id_key="userId")

        return self._filled("users", lambda: self._rest.users(where, token, page_size=page_size), over_soap)

    def results(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        def over_soap() -> Page:
            fields = {
                "userIds": where.learners or None,
                "courseIds": where.courses or None,
                "enrollmentIds": where.enrollments or None,
                "userStatuses": ("1", "3", "5"),
            }
            tree = self._call(LIST_RESULTS, {**fields, **_paging(token, page_size)})
            return page_of(tree, keys=("results", "result", "learnerResult"), id_key="completionStatus")

        return self._filled(
            "results", lambda: self._rest.results(where, token, page_size=page_size), over_soap
        )

    def contents(self, items: Sequence[str], token: str | None, *, page_size: int) -> Page:
        def over_soap() -> Page:
            tree = self._call(GET_CONTENT, {}, count=Count.OTHER)
            return page_of(tree, keys=("contentItems", "contentItem"), id_key="contentItemId")

        return self._filled(
            "contents", lambda: self._rest.contents(items, token, page_size=page_size), over_soap
        )

    def create_user(self, fields: Mapping[str, object]) -> str | None:
        if "users" in self._not_over_rest:
            return single_value(self._call(ADD_USER, fields), "userId")
        return self._rest.create_user(fields)

    def _filled(self, what: str, over_rest: Callable[[], T], over_soap: Callable[[], T]) -> T:
        """REST where the account allows it, else SOAP, remembered for the life of this object."""
        if what in self._not_over_rest:
            return over_soap()
        try:
            return over_rest()
        except (AccessDenied, UnexpectedPayload) as refusal:
            if refusal.status is not None and refusal.status not in ABSENT:
                raise  # an id that is not known: the caller halves its filter
            value = over_soap()
            self._not_over_rest.add(what)
            return value

    def _call(self, operation: Operation, fields: Mapping[str, object], *, count: Count | None = None) -> Any:
        request = Request(
            operation=operation.action,
            method="POST",
            url=self._url,
            effect=operation.effect,
            count=count,
            headers={
                "Content-Type": "text/xml; charset=utf-8",
                "Accept": "text/xml",
                "SOAPAction": f'"{operation.action}"',
            },
            body=lambda: envelope(operation, self._credentials.element(), fields),
            # A fault may come with 200 or 500 (contradiction 17).
            accept=frozenset((500,)),
        )

        def call(request: Request) -> Any:
            return self._http.call(
                request, lambda answer: result_of(answer, operation), credentials=self._credentials
            )

        try:
            return call(request)
        except AccessDenied as denied:
            # An ended token comes as a fault, which says that nothing was done.
            if denied.status != 401 or not self._credentials.renew({}):
                raise
            return call(replace(request, count=Count.OTHER))


def _paging(token: str | None, page_size: int) -> dict[str, object]:
    return {"pageSize": str(page_size), "pageToken": token}
