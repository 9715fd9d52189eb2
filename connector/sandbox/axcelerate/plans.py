"""PUT /v2/learningPlan/modules/enrolments: dates and the access override of one module (reference, 11.5)."""

from __future__ import annotations

from datetime import date
from typing import Any

from .account import Account
from .records import MODULE_WORDS, ModuleRecord, Place
from .wire import Answer, Params, Refused, answer, refusal, validation


def update_module(account: Account, params: Params) -> Answer:
    """All four ids must belong together. Without `useCache=false` the answer shows the module as it was."""
    if account.switches.learning_plans == "none":
        raise Refused(404, "Not Found", "The resource does not exist.")
    params.require("contactId", "enrolId", "classId", "moduleEnrolmentId")
    place, module = _addressed(account, params)
    start, end = params.day("startDate"), params.day("endDate")
    override = _override(account, params, module.override)
    before = _shown(account, place, module)
    module.start, module.end = start or module.start, end or module.end
    module.override = override
    account.touch(place, bump=False)
    fresh = not params.flag("useCache", True)
    return answer(_shown(account, place, module) if fresh else before)


def _addressed(account: Account, params: Params) -> tuple[Place, ModuleRecord]:
    found = account.modules.get(params.needed_number("moduleEnrolmentId"))
    ids = tuple(params.needed_number(name) for name in ("contactId", "enrolId", "classId"))
    if found is None or ids != (found[0].contact_id, found[0].enrol_id, found[0].class_id):
        raise refusal(
            account.switches.unknown_record, "moduleEnrolmentId", "The module enrolment was not found."
        )
    return found


def _override(account: Account, params: Params, before: bool | None) -> bool | None:
    """Absent leaves it alone (a switch says otherwise), empty clears it, else true or false."""
    if not params.has("accessOverride"):
        return before if account.switches.override_omitted == "keep" else None
    text = params.text("accessOverride").lower()
    if text not in ("", "true", "false", "1", "0"):
        raise validation("accessOverride must be true, false or empty.")
    return None if not text else text in ("true", "1")


def _shown(account: Account, place: Place, module: ModuleRecord) -> dict[str, Any]:
    body = {
        "moduleEnrolmentId": module.module_id,
        "moduleName": module.name,
        "contactId": place.contact_id,
        "enrolId": place.enrol_id,
        "classId": place.class_id,
        "status": MODULE_WORDS.get(module.status, ""),
        "startDate": _text(module.start),
        "endDate": _text(module.end),
        "accessOverride": module.override,
    }
    if account.switches.v2_keys == "upper":
        return {key.upper(): value for key, value in body.items()}
    return body


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
