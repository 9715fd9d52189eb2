"""What iSpring's pages leave open or contradict, as switches of the simulator.

Every field names the row of section 15 of the iSpring reference that it answers, and its default is the
one recommended there. `switch_values` lists what each may be set to, so that tests can try them all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from connector.sandbox.switching import Switchboard, help_of, switch, values_of


@dataclass
class IspringSwitches(Switchboard):
    """The account's habits. May be changed while it is being served; an unknown value raises ValueError."""

    unpaged_enrollments_xml: Literal["enrollment", "double_response", "enrollments"] = switch(
        "enrollment", 1, "how GET /enrollment wraps its rows in XML"
    )
    json_wrapper: Literal["bare", "spec", "response", "key"] = switch(
        "bare",
        2,
        "single reads and unpaged lists in JSON: bare, as the OpenAPI file, in `response`, under their name",
    )
    collapse_single: bool = switch(False, 3, "a list of one becomes the one in JSON")
    omit_empty: bool = switch(False, 3, "an empty list is left out of the answer")
    lock_flag_json: Literal["bool", "int", "text"] = switch("bool", 4, "shouldLockAfterDueDate in JSON")
    lock_flag_xml: Literal["int", "bool"] = switch(
        "int", 4, "shouldLockAfterDueDate in XML: 1/0 or true/false"
    )
    certificate_names: Literal["latin", "cyrillic", "flat"] = switch(
        "latin", 5, "certificate wrapper: Latin, with a Cyrillic first letter, or none (certIssueDate …)"
    )
    course_statuses: Literal["all", "docs_only"] = switch(
        "all", 6, "accepted by POST /statistics/course: all five, or complete and automatic"
    )
    module_status_word: Literal["both", "complete", "completed"] = switch(
        "both", 7, "the word for a completed module that is accepted"
    )
    task_words: Literal["spec", "docs"] = switch(
        "spec", 8, "waiting, in_progress, complete, error; or `in progress`, complete, failed"
    )
    task_end: Literal["complete", "error", "cancelled", "never"] = switch("complete", 8, "how tasks end")
    task_waiting_polls: int = switch(1, 8, "polls answered `waiting` before work begins", values=(1, 0, 3))
    task_working_polls: int = switch(
        1, 8, "polls answered `in_progress` before the task ends", values=(1, 0, 3)
    )
    task_seconds: int = switch(5, 8, "an unpolled task ends this long after it was accepted", values=(5, 0))
    task_xml: Literal["bare", "spec"] = switch("bare", 9, "XML root of taskId and status")
    existing_enrollment: Literal["ignore", "duplicate", "error"] = switch(
        "ignore", 10, "enrolling somebody who is enrolled: nothing, a second enrollment, or 400"
    )
    partly_invalid_create: Literal["refuse", "apply_known"] = switch(
        "refuse", 10, "a create that names an unknown learner or course: all or nothing, or what is known"
    )
    naive_dates_in: Literal["account", "utc"] = switch(
        "account", 11, "the zone that dates without one are read in, and plain dates are cut in"
    )
    enrollment_dates: Literal["date", "datetime"] = switch("date", 11, "how enrollments show their dates")
    due_time: Literal["end_of_day", "start_of_day"] = switch(
        "end_of_day", 11, "the moment of a due date that was given as a day, as results show it"
    )
    result_offset: Literal["utc", "account"] = switch("utc", 11, "offset of the dates in results")
    result_access_time: Literal["shown", "midnight"] = switch(
        "shown", 11, "whether results show the time of day of accessDate"
    )
    unknown_id: Literal[400, 403, 404] = switch(400, 12, "status for an unknown id in a path or a filter")
    duplicate_user: Literal[409, 400] = switch(
        409, 13, "status for a user who exists, the id ending the message"
    )
    accepted_auth: Literal["all", "bearer", "bare", "headers"] = switch(
        "all", 14, "`Bearer token`, the bare token, X-Auth headers"
    )
    webhook_auth: Literal["all", "headers"] = switch("all", 14, "the same for webhook calls")
    soap_namespace: Literal["echo", "http", "https"] = switch("echo", 15, "namespaces of SOAP answers")
    soap_children: Literal["prefixed", "plain"] = switch("prefixed", 15, "elements below the answer root")
    soap_lists: Literal["nested", "flat"] = switch(
        "nested", 16, "paged SOAP lists: rows in their own element or not"
    )
    soap_fault_status: Literal[500, 200] = switch(500, 17, "HTTP status of a SOAP fault")
    page_maximum: int = switch(1000, 18, "a larger pageSize is cut to this", values=(1000, 50, 3))
    page_order: Literal["id", "added"] = switch("id", 18, "order of rows in lists")
    cursor: Literal["uuid", "offset"] = switch(
        "uuid", 18, "what a page token holds: the last id, or a position"
    )
    last_token: Literal["absent", "empty"] = switch("absent", 18, "nextPageToken of the last page")
    rate_limit_every: int = switch(0, 19, "every n-th call is answered 429; 0: none", values=(0, 5))
    rate_limit_retry_after: int = switch(0, 19, "seconds in Retry-After; 0: no such header", values=(0, 1))
    result_default_users: Literal["active", "all"] = switch(
        "active", 20, "whose results are shown unless asked"
    )
    result_user_statuses: Literal["1,3,5", "1,3"] = switch(
        "1,3,5", 20, "accepted user statuses; 5 else is 400"
    )
    signature: Literal["hex", "prefixed", "base64", "hmac"] = switch(
        "hex", 21, "X-Hub-Signature of deliveries"
    )
    string_payloads: Literal["confirmation", "all", "none"] = switch(
        "confirmation", 21, "which webhook payload items are strings that hold JSON"
    )
    webhook_retry_minutes: str = switch(
        "1,5,15,60",
        22,
        "minutes between deliveries of a failed event, then hourly",
        values=("1,5,15,60", "1"),
    )
    webhook_deliveries: int = switch(1, 22, "how often each delivery is sent", values=(1, 2))
    subscription_types: Literal["many", "one"] = switch("many", 23, "event types per subscriber")
    role_names: Literal["both", "old", "new"] = switch("both", 24, "role names accepted: learner, learners")
    send_login_email_default: bool = switch(False, 25, "sendLoginEmail when a created user does not say")
    reenroll: Literal["new_id", "same_id", "kept"] = switch(
        "new_id", 26, "a re-enrolment: new id and the old row hidden, the same id, or both rows live"
    )
    subscription: Literal["active", "expired", "without_api"] = switch("active", 27, "the account's plan")
    result_duration: Literal["omit", "shown"] = switch("omit", 28, "`duration` in results, of unknown unit")
    group_members: Literal["replace", "add"] = switch("replace", 29, "what POST /group/{id}/members does")
    post_list_paging: Literal["query", "none"] = switch(
        "query", 30, "whether POST /users/v2 and /contents heed pageSize and pageToken"
    )
    post_enrollments: bool = switch(True, "4.3", "whether POST /enrollments exists; else 405")
    root_prefix: bool = switch(
        True, "1", "whether bare paths are served; else a web page, as on an account host"
    )


def switch_values() -> Mapping[str, list[Any]]:
    """Every switch with the values to try, the default first."""
    return values_of(IspringSwitches)


def switch_help() -> Mapping[str, str]:
    """Every switch in one line: the row of section 15 (or the section) and what it decides."""
    return help_of(IspringSwitches)
