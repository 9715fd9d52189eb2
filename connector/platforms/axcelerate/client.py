"""aXcelerate's addresses, headers and bodies, and when an answer is a success.

Parameters travel in forms, never as JSON (ignored by the server) and, apart from GET, never in the address (logs). Names are
spelled as the vendor's reference has them; only the /v2 call, which the reference does not hold, as the guide has them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlencode

import structlog

from connector.domain.change import Override as ModuleOverride
from connector.domain.change import UpdateModule, UpdateUnit
from connector.errors import (
    AccessDenied,
    ChangeRefused,
    PlatformError,
    Unconfirmed,
    UnexpectedPayload,
    WriteDenied,
)
from connector.platforms.axcelerate.payloads import flag, fold_keys, plain_text
from connector.platforms.http import Answer, Count, Effect, Garbled, Http, Rejected, Request, json_of

PLATFORM = "axcelerate"
WriteEncoding = Literal["auto", "form", "query"]

_FORM = {"Content-Type": "application/x-www-form-urlencoded"}
_READABLE_REFUSALS = frozenset({400, 403, 404, 405, 406, 410, 412})
# No page lists the words; these are the ones seen, and their like (section 4.1, row 31 of section 18).
_DENIED = re.compile(r"permission|not authori[sz]ed|not allowed to (use|perform|call|access)", re.IGNORECASE)
_NOT_FOUND = re.compile(r"not found|no such", re.IGNORECASE)
_HIDDEN = re.compile(r"not allowed to view|not permitted to view", re.IGNORECASE)
# The words for a parameter that is always sent: the server's own (section 4.1), and those that others would choose.
_ID_SENT = r"(?:contactid|(?:program)?instanceid|enrolid|classid|moduleenrolmentid)\b"
_UNHEARD = re.compile(
    rf"\b(?:{_ID_SENT}|type) is undefined|key \[(?:{_ID_SENT}|type)\] does(?:n.t| not) exist"
    rf"|\b{_ID_SENT} (?:is |was )?(?:required|missing|not defined)"
    rf"|missing (?:required )?(?:parameters?:? )?{_ID_SENT}",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"[^\s@,;'\"<>]+@[^\s@,;'\"<>]+")

_log = structlog.get_logger(__name__)

Form = Sequence[tuple[str, str]]


class Hidden(Rejected):
    """The person asked for was deleted or merged, or is out of this token's sight: aXcelerate says "not allowed to view"."""


class ErrorBody:
    """The vendor's error object: top-level ERROR true, "true" or 1, keys in either case (section 4.1)."""

    def __init__(self, body: Mapping[str, Any]) -> None:
        self.code = _text_of(body.get("CODE"))
        texts = (_text_of(body.get("MESSAGES")), _text_of(body.get("DETAILS")))
        self.text = _ADDRESS.sub("…", " ".join(text for text in texts if text))[:300]

    @classmethod
    def of(cls, document: Any) -> ErrorBody | None:
        """The error that a decoded answer holds; None when it holds none (an ERROR of null is none)."""
        body = fold_keys(document) if isinstance(document, dict) else {}
        return cls(body) if flag(body.get("ERROR")) else None


class Tokens:
    """The two headers of every call; neither can be renewed by a program."""

    def __init__(self, *, api_token: str, ws_token: str) -> None:
        self._headers = {"apitoken": api_token, "wstoken": ws_token}

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class AxcelerateClient:
    """The calls this connector makes, in aXcelerate's own terms. Threads may share it.

    `write_encoding` "form" and "query" fix how a PUT carries its parameters. "auto" begins with a form and turns to the
    address once the server says that it saw none of them: both are in use and no page settles it (section 1.3).
    """

    def __init__(self, http: Http, *, api_url: str, write_encoding: WriteEncoding = "auto") -> None:
        self._http = http
        self._url = api_url.rstrip("/")
        self._write_encoding: WriteEncoding = write_encoding

    def rows(self, operation: str, path: str, params: Form, *, count: Count | None = None) -> list[Any]:
        """GET a list. 204, [] and a 404 that is no web page are all an empty one (REF-FAQ; section 18, row 3)."""
        request = self._request(operation, "GET", path, count=count, params=params)
        return self._http.call(request, lambda answer: _rows_of(answer, operation))

    def posted_rows(self, operation: str, path: str, form: Form, *, count: Count | None = None) -> list[Any]:
        """POST a search, which changes nothing, and read its list."""
        return self._http.call(
            self._search(operation, path, form, count), lambda one: _rows_of(one, operation)
        )

    def document(
        self, operation: str, path: str, params: Form, *, count: Count | None = None
    ) -> dict[str, Any] | None:
        """GET one object; None when it is not there (404 or 204)."""
        request = self._request(operation, "GET", path, count=count, params=params)
        return self._http.call(request, lambda answer: _document_of(answer, operation))

    def posted_document(
        self, operation: str, path: str, form: Form, *, count: Count | None = None
    ) -> dict[str, Any] | None:
        """POST a question, which changes nothing, and read its object; None for 204."""
        return self._http.call(
            self._search(operation, path, form, count), lambda one: _document_of(one, operation)
        )

    def update_unit(self, command: UpdateUnit) -> None:
        """PUT one unit enrolment: `instanceID` is the unit's own number, `programInstanceID` the class ("Update Enrolment").

        Only what is given is sent: what an empty parameter does is not known (section 1.3).
        Raises: ChangeRefused with the platform's words, WriteDenied, Unconfirmed.
        """
        form = [
            ("contactID", str(command.contact_id)),
            ("instanceID", str(command.unit_id)),
            ("programInstanceID", str(command.class_id)),
            ("type", "s"),
            *_given("competent", command.outcome),
            *_given("activityStartDate", command.start),
            *_given("activityEndDate", command.end),
        ]
        self._put("write unit", "/course/enrolment", form)

    def update_module(self, command: UpdateModule) -> None:
        """PUT one learning-plan module enrolment. `accessOverride` empty clears, absent leaves it as it is.

        Raises: as `update_unit`.
        """
        override = command.override
        form = [
            ("contactId", str(command.contact_id)),
            ("enrolId", str(command.enrol_id)),
            ("classId", str(command.class_id)),
            ("moduleEnrolmentId", str(command.module_enrolment_id)),
            *([] if override is ModuleOverride.LEAVE else [("accessOverride", override.value)]),
            *_given("startDate", command.start),
            *_given("endDate", command.end),
            ("useCache", "false"),
        ]
        self._put("write module", "/v2/learningPlan/modules/enrolments", form)

    def _put(self, operation: str, path: str, form: Form) -> None:
        encoding = "form" if self._write_encoding == "auto" else self._write_encoding
        try:
            self._put_as(encoding, operation, path, form)
        except ChangeRefused as refusal:
            if self._write_encoding != "auto" or not _UNHEARD.search(refusal.detail):
                raise
            # It saw no parameters, so it did nothing, and the same call may go out again.
            _log.warning("form parameters unheard, turning to the address", action="put_by_query")
            self._put_as("query", operation, path, form, count=Count.OTHER)
            self._write_encoding = "query"

    def _put_as(
        self, encoding: str, operation: str, path: str, form: Form, *, count: Count | None = None
    ) -> None:
        request = Request(
            operation,
            "PUT",
            self._url + path,
            effect=Effect.WRITE,
            count=count,
            params=form if encoding == "query" else (),
            headers=_FORM,
            body=urlencode(form).encode() if encoding == "form" else b"",
            accept=_READABLE_REFUSALS,
        )
        self._http.call(request, lambda answer: _check_written(answer, operation))

    def _search(self, operation: str, path: str, form: Form, count: Count | None) -> Request:
        return self._request(operation, "POST", path, count=count, form=form)

    def _request(
        self,
        operation: str,
        method: str,
        path: str,
        *,
        count: Count | None,
        params: Form = (),
        form: Form = (),
    ) -> Request:
        return Request(
            operation,
            method,
            self._url + path,
            effect=Effect.READ,
            count=count,
            params=params,
            headers=_FORM if form else {},
            body=urlencode(form).encode(),
            accept=_READABLE_REFUSALS,
        )


def _given(name: str, value: object) -> list[tuple[str, str]]:
    return [] if value is None else [(name, str(value))]


def _text_of(value: Any) -> str:
    try:
        return plain_text(value)
    except ValueError:
        return ""


def _rows_of(answer: Answer, operation: str) -> list[Any]:
    document = _understood(answer, operation)
    if document is None:
        return []
    if not isinstance(document, list):
        raise UnexpectedPayload(PLATFORM, operation, "an object came instead of a list", status=answer.status)
    return document


def _document_of(answer: Answer, operation: str) -> dict[str, Any] | None:
    document = _understood(answer, operation)
    if isinstance(document, list) and len(document) <= 1:
        document = document[0] if document else None
    if document is not None and not isinstance(document, dict):
        raise UnexpectedPayload(PLATFORM, operation, "a list came instead of an object", status=answer.status)
    return document


def _understood(answer: Answer, operation: str) -> Any:
    """The decoded body of a read's answer; None when it says that there is nothing."""
    if answer.status == 204:
        return None
    if answer.status == 404 and (not answer.body or answer.is_html):
        return _not_found(answer, operation)
    document = json_of(answer)
    error = ErrorBody.of(document)
    if error:
        _refuse_read(error, answer, operation)
    if error or answer.status == 404:
        return _not_found(answer, operation)
    if answer.status == 403:
        raise AccessDenied(PLATFORM, operation, "HTTP 403", status=403)
    if answer.status >= 400:
        raise Rejected(PLATFORM, operation, f"HTTP {answer.status}", status=answer.status)
    return document


def _not_found(answer: Answer, operation: str) -> None:
    if answer.is_html:
        detail = "HTTP 404 with a web page: is the API address right?"
        raise Rejected(PLATFORM, operation, detail, status=404)
    _log.info("not found, taken as empty", action="not_found", operation=operation)


def _refuse_read(error: ErrorBody, answer: Answer, operation: str) -> None:
    """Raise what an error body on a read means; a 404 that only says "not found" passes."""
    if _HIDDEN.search(error.text):
        raise Hidden(PLATFORM, operation, "the person is not in sight", status=answer.status)
    if answer.status == 403 or error.code in ("401", "403") or _DENIED.search(error.text):
        status = int(error.code) if error.code in ("401", "403") else answer.status
        raise AccessDenied(PLATFORM, operation, error.text, status=status)
    if answer.status == 404 or (answer.status < 300 and error.code == "404"):
        return
    if _NOT_FOUND.search(error.text):
        raise Rejected(PLATFORM, operation, error.text, status=404)
    if answer.status < 300 and (error.code in ("", "0", "429") or error.code.startswith("5")):
        # A fault of the server under a good status (seen with CODE "0"): no harm in asking again.
        raise Garbled(f"a good status with an error: {error.text}")
    raise Rejected(PLATFORM, operation, error.text or f"HTTP {answer.status}", status=answer.status)


def _check_written(answer: Answer, operation: str) -> None:
    """Raise unless the answer to a write is a success: 2xx, and no object whose top-level ERROR is true."""
    is_good = answer.status < 300
    if is_good and not answer.body.strip():
        return
    document = _refusal_document(answer) if not is_good else json_of(answer)
    error = ErrorBody.of(document)
    if is_good and error is None:
        return
    text = (error.text if error else "") or f"HTTP {answer.status}"
    code = str(answer.status) if error is None or not is_good else error.code
    raise _write_error(code, text)(PLATFORM, operation, text, status=answer.status)


def _refusal_document(answer: Answer) -> Any:
    try:
        return json_of(answer)
    except Garbled:
        return None


def _write_error(code: str, text: str) -> type[PlatformError]:
    if _HIDDEN.search(text):
        return ChangeRefused  # this person cannot be changed; others can
    if code == "401":
        return AccessDenied
    if code == "403" or _DENIED.search(text):
        return WriteDenied
    # Under a good status these say that the server broke, perhaps halfway.
    return Unconfirmed if code.startswith("5") or code == "429" else ChangeRefused
