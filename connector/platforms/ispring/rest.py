"""iSpring's REST calls, in JSON or XML (reference, sections 4 to 8)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connector.errors import Unconfirmed
from connector.platforms.http import Answer, Count, Credentials, Effect, Garbled, Http, Rejected, Request
from connector.platforms.ispring.client import PLATFORM, Account
from connector.platforms.ispring.forms import Form
from connector.platforms.ispring.shapes import page_of, single_value
from connector.platforms.ispring.wire import Filter, Page, Row

Params = list[tuple[str, str]]

# Left to itself the results list hides everybody but active users (reference, section 6.1).
EVERY_STATUS, OLD_STATUSES = ("1", "3", "5"), ("1", "3")
NOT_THERE = frozenset((404, 405))


class RestWire:
    """Satisfies `Wire`. Checks and task polls are counted under `other`: no reading or writing owes them."""

    def __init__(self, http: Http, account: Account, credentials: Credentials, form: Form) -> None:
        self._http = http
        self._base = account.api_url
        self._credentials = credentials
        self._form = form
        self._users_path = "/users/v2"
        self._statuses: tuple[str, ...] = EVERY_STATUS
        self._statuses_proven = False

    def users(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        """`/users/v2` tells inactive from terminated people; older deployments have only `/users`."""
        params = _ids("userIds", where.learners) + _ids("logins", where.logins) + _ids("emails", where.emails)
        try:
            return self._list("list users", self._users_path, params, token, page_size, _USERS)
        except Rejected as exc:
            is_older = exc.status in NOT_THERE or (exc.status == 400 and where.is_empty)
            if self._users_path != "/users/v2" or not is_older:
                raise
        page = self._list("list users", "/users", params, token, page_size, _USERS)
        self._users_path = "/users"
        return page

    def enrollments(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        params = (
            _ids("courseIds", where.courses)
            + _ids("learnerIds", where.learners)
            + _ids("enrollmentIds", where.enrollments)
        )
        return self._list("list enrollments", "/enrollments", params, token, page_size, _ENROLLMENTS)

    def results(self, where: Filter, token: str | None, *, page_size: int) -> Page:
        """People of every status; status 5 is dropped where the account does not know it (contradiction 20)."""
        params = (
            _ids("courseIds", where.courses)
            + _ids("userIds", where.learners)
            + _ids("enrollmentIds", where.enrollments)
        )
        try:
            page = self._results(params, self._statuses, token, page_size)
        except Rejected as exc:
            if exc.status != 400 or self._statuses_proven or self._statuses == OLD_STATUSES:
                raise
            page = self._results(params, OLD_STATUSES, token, page_size)
            self._statuses = OLD_STATUSES
        self._statuses_proven = True
        return page

    def _results(self, params: Params, statuses: Sequence[str], token: str | None, page_size: int) -> Page:
        return self._list(
            "list results",
            "/learners/results",
            params + _ids("userStatuses", statuses),
            token,
            page_size,
            _RESULTS,
        )

    def contents(self, items: Sequence[str], token: str | None, *, page_size: int) -> Page:
        return self._list(
            "list contents",
            "/contents",
            _ids("contentItemIds", items),
            token,
            page_size,
            _CONTENTS,
            count=Count.OTHER,
        )

    def enrollment(self, enrollment_id: str) -> Row | None:
        keys, id_key = _ENROLLMENTS
        tree = self._get("read enrollment", f"/enrollment/{quote(enrollment_id, safe='')}", [])
        rows = page_of(tree, keys=keys, id_key=id_key).rows
        return rows[0] if rows else None

    def enrol(self, fields: Mapping[str, object]) -> None:
        self._write("enrol", "/enrollment", fields, Effect.WRITE, _accepted)

    def edit(self, enrollment_id: str, fields: Mapping[str, object]) -> None:
        self._write(
            "edit enrollment", f"/enrollment/{quote(enrollment_id, safe='')}", fields, Effect.SET, _accepted
        )

    def unenrol(self, enrollment_id: str) -> None:
        self._write(
            "unenrol", "/enrollment/delete", {"enrollmentIds": [enrollment_id]}, Effect.SET, _accepted
        )

    def set_status(self, fields: Mapping[str, object]) -> str:
        tree = self._write("set status", "/statistics/course", fields, Effect.SET, self._read)
        task = single_value(tree, "taskId")
        if task is None:
            raise Unconfirmed(PLATFORM, "set status", "accepted without a task id")
        return task

    def task_status(self, task_id: str) -> str:
        tree = self._get("read task", f"/task/{quote(task_id, safe='')}/status", [], count=Count.OTHER)
        return single_value(tree, "status") or ""

    def create_user(self, fields: Mapping[str, object]) -> str | None:
        tree = self._write("create user", "/user", fields, Effect.WRITE, self._read)
        return single_value(tree, "userId", "id", "user")

    def _list(
        self,
        operation: str,
        path: str,
        params: Params,
        token: str | None,
        page_size: int,
        shape: tuple[tuple[str, ...], str],
        *,
        count: Count = Count.READ,
    ) -> Page:
        paging = [("pageSize", str(page_size))]
        if token is not None:
            paging.append(("pageToken", token))
        keys, id_key = shape
        return self._http.call(
            self._request(operation, path, params + paging, count=count),
            lambda answer: page_of(self._read_list(answer), keys=keys, id_key=id_key),
            credentials=self._credentials,
        )

    def _get(self, operation: str, path: str, params: Params, *, count: Count = Count.READ) -> Any:
        return self._http.call(
            self._request(operation, path, params, count=count), self._read, credentials=self._credentials
        )

    def _request(self, operation: str, path: str, params: Params, *, count: Count) -> Request:
        return Request(
            operation=operation,
            method="GET",
            url=self._base + path,
            count=count,
            params=params,
            headers={"Accept": self._form.media_type, "X-Target-Locale": "en-US"},
        )

    def _write(
        self,
        operation: str,
        path: str,
        fields: Mapping[str, object],
        effect: Effect,
        decode: Callable[[Answer], Any],
    ) -> Any:
        request = Request(
            operation=operation,
            method="POST",
            url=self._base + path,
            effect=effect,
            headers={"Accept": self._form.media_type, "Content-Type": self._form.media_type},
            body=self._form.write(fields),
        )
        return self._http.call(request, self._read, credentials=self._credentials)

    def _read_list(self, answer: Answer) -> Any:
        """A list without rows still has a document around it: an answer without a body was cut off, and ends no list."""
        if answer.status != 204 and not answer.body.strip():
            raise Garbled("the answer to a list is empty")
        return self._read(answer)

    def _read(self, answer: Answer) -> Any:
        _accepted(answer)
        return self._form.read(answer)


def _accepted(answer: Answer) -> None:
    """A success whose body says nothing of use, provided that it is the API that answers."""
    if answer.is_html:
        raise Garbled("a web page came instead of an answer; is the API address right, its prefix included?")


_USERS = (("userProfiles", "userProfile", "users", "user"), "userId")
_ENROLLMENTS = (("enrollments", "enrollment"), "enrollmentId")
_RESULTS = (("results", "result", "learnerResult"), "completionStatus")
_CONTENTS = (("contentItems", "contentItem"), "contentItemId")


def _ids(name: str, values: Sequence[str]) -> Params:
    return [(f"{name}[]", value) for value in values]
