"""REST handlers: token, enrollments, statistics, tasks, results (reference sections 3 to 6)."""

from __future__ import annotations

from collections.abc import Sequence

from .access import TOKEN_LIFETIME_S
from .entities import Enrollment
from .refusals import Refused
from .render import Reply, element, values_reply
from .rest import RestCall, Route, spoil


def token(call: RestCall) -> Reply:
    fields = call.fields
    issued = call.services.gate.issue(
        fields.required("client_id"), fields.required("client_secret"), fields.required("grant_type")
    )
    return values_reply({"access_token": issued, "expires_in": TOKEN_LIFETIME_S, "token_type": "bearer"})


def _enrollments(call: RestCall) -> Sequence[Enrollment]:
    call.actor.may("read_enrollments")
    return call.services.selections.enrollments(
        call.actor,
        courses=call.fields.ids("courseIds"),
        users=call.fields.ids("learnerIds"),
        ids=call.fields.ids("enrollmentIds"),
    )


def list_enrollments(call: RestCall) -> Reply:
    return call.page(_enrollments(call), call.services.rows.enrollment)


def post_enrollments(call: RestCall) -> Reply:
    if not call.services.account.switches.post_enrollments:
        raise Refused(405, "Method not allowed")
    return list_enrollments(call)


def all_enrollments(call: RestCall) -> Reply:
    _, rows = spoil(call.services, call.exchange, "", "", _enrollments(call))
    return call.services.renderer.all(rows, call.services.rows.enrollment)


def one_enrollment(call: RestCall) -> Reply:
    found = call.services.enrolling.get(call.actor, call.path["id"])
    return call.services.renderer.one(found, call.services.rows.enrollment)


def create_enrollments(call: RestCall) -> Reply:
    call.services.enrolling.create(call.actor, call.fields)
    return Reply(status=201)


def edit_enrollment(call: RestCall) -> Reply:
    enrolling = call.services.enrolling
    enrolling.edit(call.actor, enrolling.find(call.path["id"]), call.fields)
    return Reply()


def reenroll(call: RestCall) -> Reply:
    enrolling = call.services.enrolling
    enrolling.reenroll(call.actor, enrolling.find(call.path["id"]), call.fields)
    return Reply()


def delete_enrollments(call: RestCall) -> Reply:
    call.services.enrolling.delete(call.actor, call.fields.required_ids("enrollmentIds"))
    return Reply(status=204)


def _task_reply(call: RestCall, task_id: int) -> Reply:
    bare = element("taskId", str(task_id))
    wrapped = call.services.account.switches.task_xml == "spec"
    return Reply(json=lambda: {"taskId": task_id}, xml=lambda: element("response", bare) if wrapped else bare)


def set_course_status(call: RestCall) -> Reply:
    return _task_reply(call, call.services.statistics.set_course(call.actor, call.fields).id)


def set_module_statuses(call: RestCall) -> Reply:
    return _task_reply(call, call.services.statistics.set_modules(call.actor, call.fields).id)


def reset_modules(call: RestCall) -> Reply:
    return _task_reply(call, call.services.statistics.reset_modules(call.actor, call.fields).id)


def task_status(call: RestCall) -> Reply:
    state = call.services.statistics.poll(call.path["id"])
    bare = element("status", state)
    # The OpenAPI file names the root of this answer `request`.
    wrapped = call.services.account.switches.task_xml == "spec"
    return Reply(json=lambda: {"status": state}, xml=lambda: element("request", bare) if wrapped else bare)


def learner_results(call: RestCall) -> Reply:
    return call.page(call.services.results.find(call.actor, call.fields), call.services.rows.result)


ROUTES = (
    Route("POST", "/token", token, "token", open_to_all=True),
    Route("GET", "/enrollments", list_enrollments),
    Route("POST", "/enrollments", post_enrollments),
    Route("GET", "/enrollment", all_enrollments),
    Route("POST", "/enrollment", create_enrollments, "write"),
    Route("POST", "/enrollment/delete", delete_enrollments, "write"),
    Route("GET", "/enrollment/{id}", one_enrollment),
    Route("POST", "/enrollment/{id}", edit_enrollment, "write"),
    Route("POST", "/enrollment/{id}/reenroll", reenroll, "write"),
    Route("POST", "/statistics/course", set_course_status, "write"),
    Route("POST", "/statistics/module", set_module_statuses, "write"),
    Route("DELETE", "/statistics/module", reset_modules, "write"),
    Route("GET", "/task/{id}/status", task_status),
    Route("GET", "/learners/results", learner_results),
)
