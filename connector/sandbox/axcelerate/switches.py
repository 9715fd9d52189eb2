"""What aXcelerate's pages leave open or contradict, as switches of the simulator.

Every field names the row of section 18 of the aXcelerate reference that it answers (or the section that speaks of
it); its default is the one recommended there, or the reading that most sources share.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from connector.sandbox.switching import Switchboard, help_of, switch, values_of


@dataclass
class AxcelerateSwitches(Switchboard):
    """The account's habits. May be changed while it is being served; an unknown value raises ValueError."""

    # Answers in general
    error_keys: Literal["upper", "lower"] = switch("upper", 1, "key case of error bodies")
    success_error_null: bool = switch(False, 2, "success bodies of writes carry ERROR: null")
    empty: Literal["204", "[]", "404"] = switch("204", 3, "the answer of a list without rows")
    rate_limit_per_minute: int = switch(0, 23, "more calls are answered 429; 0: no limit", values=(0, 120))
    rate_limit_retry_after: int = switch(1, 23, "seconds in Retry-After; 0: no such header", values=(1, 0))
    forbidden: tuple[str, ...] = switch(
        (),
        "1.2",
        "operations the user behind wstoken may not use, such as `PUT /course/enrolment`",
        values=((), ("PUT /course/enrolment",), ("PUT /v2/learningPlan/modules/enrolments",)),
    )
    forbidden_as: Literal["403", "error_200"] = switch("403", "1.2", "how a missing right is said")

    # Requests
    json_body: Literal["ignore", "accept"] = switch("ignore", 4, "JSON request bodies")
    put_params: Literal["both", "form", "query"] = switch("both", 5, "where the parameters of a PUT are read")
    class_id_alias: bool = switch(False, 8, "PUT type=s takes classID for programInstanceID")
    empty_parameter: Literal["ignore", "clear", "412"] = switch(
        "ignore", 16, "an empty value of a date or a code"
    )
    unknown_record: Literal["412", "404", "error_200"] = switch(
        "412", 42, "a write that names an unknown contact, class or enrolment"
    )
    unknown_unit: Literal["412", "404", "error_200"] = switch("412", 42, "a write that names an unknown unit")
    missing_contact: Literal["412", "403", "404", "error_200"] = switch(
        "412", 31, "status of the read of a merged, deleted or unknown contact"
    )
    given_name_required: bool = switch(True, 30, "POST /contact/ insists on givenName")

    # Enrolment listings
    number_style: Literal["number", "string"] = switch("number", 10, "ids and amounts in rows")
    optional_id_style: Literal["string", "number"] = switch(
        "string", 10, "OPTIONALID made of digits: a string as live accounts show it, or a number"
    )
    date_precision: Literal["minutes", "seconds"] = switch("minutes", 11, "dates with a time of day")
    unit_enrolid: Literal["unit", "absent"] = switch("unit", 9, "ENROLID of unit rows in /course/enrolments")
    class_status: Literal["present", "absent"] = switch("present", 29, "STATUS of class rows")
    in_progress_word: Literal["In Progress", "Enrolled"] = switch(
        "In Progress", 29, "STATUS of a class row in progress"
    )
    class_lastupdated: Literal["present", "absent"] = switch("present", "8.1", "LASTUPDATEDUTC of class rows")
    class_lastupdated_bump: bool = switch(True, 27, "a change of a unit moves its class row's LASTUPDATEDUTC")
    unit_finishdate: Literal["activity_end", "null_until_final", "always_null"] = switch(
        "activity_end", 43, "which date FINISHDATE of a unit row shows"
    )
    limit_cap: int = switch(1000, 24, "a larger limit or displayLength is cut to this", values=(1000, 100))
    row_order: Literal["id", "newest", "shuffled"] = switch("id", "5", "order of rows in /course/enrolments")
    page_overlap: bool = switch(
        False, "5", "each later page repeats the last row of the page before, as when a row came in between"
    )

    # Unit and class writes
    final_without_end: Literal["accept", "412", "fill"] = switch(
        "accept", 12, "a final code where the unit has no end date"
    )
    overwrite_final: Literal["allow", "412"] = switch("allow", 13, "another code over a final one")
    jurisdiction_check: bool = switch(False, 14, "a code outside the class's jurisdiction is refused")
    date_check: Literal["accept", "412"] = switch(
        "accept", 15, "an end before the start, or a final code with an end in the future"
    )
    mandatory_unit_field: str = switch(
        "", 44, "a unit custom field without which a final code is refused", values=("", "evidence")
    )
    native_automation: bool = switch(
        False, 38, "a completed module or activity completes the learner's open units"
    )

    # Class searches
    finish_window_with_instance: Literal["apply", "ignore"] = switch(
        "apply", 39, "the default finishDate window when InstanceID is given"
    )
    search_cache: bool = switch(False, 40, "searches answer from a 30 s cache unless purgeCache=true")

    # Reports and learning plans
    learning_plans: Literal["present", "none"] = switch("present", "11.1", "whether the account has plans")
    override_column: Literal["present", "absent"] = switch(
        "present", "11.4", "the report offers learningmoduleenrolments.accessoverride"
    )
    override_words: Literal["true_false", "locked", "1_0"] = switch(
        "true_false", "11.4", "how that column says unlocked and locked; empty: no override"
    )
    override_omitted: Literal["keep", "clear"] = switch("keep", 17, "a PUT without accessOverride")
    report_keys: Literal["labels", "upper", "field"] = switch(
        "labels", 20, "row keys: display labels, CONTACTID, contacts.contactid"
    )
    report_data: Literal["list", "string"] = switch("list", 20, "DATA is a list or a string that holds one")
    report_numbers: Literal["number", "string"] = switch("number", "11.3", "numeric cells")
    report_dates: Literal["iso", "dmy"] = switch("iso", 22, "date cells: YYYY-MM-DD or DD/MM/YYYY")
    report_failure: Literal["success_false", "412"] = switch("success_false", "11.3", "a report that failed")
    module_status_list: Literal["three", "five", "unavailable"] = switch(
        "three", 19, "what /report/field lists for statusid"
    )
    v2_keys: Literal["camel", "upper"] = switch("camel", 18, "keys of the v2 answer")

    # Webhooks
    hook_signature: Literal["hex", "base64", "prefixed", "plain_sha256"] = switch(
        "hex", 34, "HMAC-SHA256 as hex, base64 or `sha256=` hex; or SHA-256 of body + key"
    )
    hook_order: Literal["in_order", "reversed"] = switch("in_order", 35, "order of what is due together")
    hook_copies: int = switch(1, 35, "how often each event is delivered", values=(1, 3))
    hook_retry_s: float = switch(1.0, 35, "seconds before a failed delivery is tried again", values=(1.0,))
    hook_ids: Literal["number", "string"] = switch("number", "13.3", "ids in messages")
    hook_unit_message: Literal["unit", "enrolment", "bare"] = switch(
        "unit", 36, "what a unit event names: person, class and unit; person and class; an enrolment id only"
    )
    repeated_put_fires: bool = switch(False, 32, "a PUT that changes nothing fires events as well")


def switch_values() -> dict[str, list[Any]]:
    """Every switch with the values to try, the default first."""
    return values_of(AxcelerateSwitches)


def switch_help() -> dict[str, str]:
    """Every switch in one line: the row of section 18 and what it decides."""
    return help_of(AxcelerateSwitches)
