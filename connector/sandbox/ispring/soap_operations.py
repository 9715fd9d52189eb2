"""What each SOAP operation does (reference 12.2). Answers not shown on any page follow the REST ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .entities import Department, User
from .incoming import Fields
from .refusals import Refused, wrong_parameters
from .render import Kind
from .rest import spoil
from .rows import module_row
from .soap import SoapCall, SoapOperation


def _paged(call: SoapCall, rows: Sequence[Any], kind: Kind[Any]) -> bytes:
    """One page: rows in their list element (or bare, row 16) with the next token beside it."""
    token = call.fields.text("pageToken") or ""
    page, next_token = call.services.selections.page(rows, token=token, size=call.fields.integer("pageSize"))
    next_token, page = spoil(call.services, call.exchange, token, next_token, page)
    nest = call.services.account.switches.soap_lists == "nested"
    return call.services.renderer.xml_page(page, kind, next_token, prefix=call.prefix, nest=nest)


def _unpaged(call: SoapCall, rows: Sequence[Any], kind: Kind[Any]) -> bytes:
    _, rows = spoil(call.services, call.exchange, "", "", rows)
    return b"".join(_one(call, row, kind) for row in rows)


def _one(call: SoapCall, row: Any, kind: Kind[Any]) -> bytes:
    return call.element(kind.item, call.services.renderer.row(row, kind, "xml", call.prefix))


def _success(call: SoapCall) -> bytes:
    return call.element("success", "true")


def _enrollment_rows(call: SoapCall) -> Sequence[Any]:
    call.actor.may("read_enrollments")
    return call.services.selections.enrollments(
        call.actor, courses=call.fields.ids("courseIds"), users=call.fields.ids("learnerIds")
    )


def get_enrollments(call: SoapCall) -> bytes:
    return _unpaged(call, _enrollment_rows(call), call.services.rows.enrollment)


def list_enrollments(call: SoapCall) -> bytes:
    return _paged(call, _enrollment_rows(call), call.services.rows.enrollment)


def get_enrollment(call: SoapCall) -> bytes:
    found = call.services.enrolling.get(call.actor, call.fields.required("enrollmentId"))
    return _one(call, found, call.services.rows.enrollment)


def enrol_learners(call: SoapCall) -> bytes:
    call.services.enrolling.create(call.actor, call.fields)
    return _success(call)


def change_enrollment(call: SoapCall) -> bytes:
    enrolling = call.services.enrolling
    enrolling.edit(call.actor, enrolling.find(call.fields.required("enrollmentId")), call.fields)
    return _success(call)


def unenroll(call: SoapCall) -> bytes:
    """Takes one id, where REST takes a list; an unknown one is `Wrong parameters`."""
    call.services.enrolling.delete(
        call.actor, [call.fields.required("enrollmentId")], unknown=wrong_parameters("enrollmentId")
    )
    return _success(call)


def update_course_status(call: SoapCall) -> bytes:
    return call.element("taskId", str(call.services.statistics.set_course(call.actor, call.fields).id))


def update_modules_statuses(call: SoapCall) -> bytes:
    return call.element("taskId", str(call.services.statistics.set_modules(call.actor, call.fields).id))


def reset_modules_statistics(call: SoapCall) -> bytes:
    return call.element("taskId", str(call.services.statistics.reset_modules(call.actor, call.fields).id))


def get_task_status(call: SoapCall) -> bytes:
    # The parameter table writes task_id, the sample taskId.
    task = call.fields.text("taskId") or call.fields.required("task_id")
    return call.element("status", call.services.statistics.poll(task))


def list_learners_results(call: SoapCall) -> bytes:
    return _paged(call, call.services.results.find(call.actor, call.fields), call.services.rows.result)


def _users(call: SoapCall) -> Sequence[User]:
    """SOAP filters by one group and one department."""
    named = {"groups": "groupId", "departments": "departmentId", "logins": "logins", "emails": "emails"}
    fields = Fields({name: call.fields.value(sent) or None for name, sent in named.items()})
    return call.services.directory.find(call.actor, fields)


def get_users(call: SoapCall) -> bytes:
    return _unpaged(call, _users(call), call.services.rows.user)


def list_users(call: SoapCall) -> bytes:
    return _paged(call, _users(call), call.services.rows.user)


def list_users_v2(call: SoapCall) -> bytes:
    return _paged(call, _users(call), call.services.rows.user_v2)


def get_user_profile(call: SoapCall) -> bytes:
    return _one(
        call, call.services.directory.get(call.actor, call.fields.required("userId")), call.services.rows.user
    )


def add_user(call: SoapCall) -> bytes:
    return call.element("userId", call.services.directory.create(call.actor, call.fields).id)


def change_user_status(call: SoapCall) -> bytes:
    """Knows 1 and 3 only; 5 is for REST."""
    status = call.fields.required("status")
    if status not in ("1", "3"):
        raise Refused(400, f"User status must be 1 or 3, {status} given")
    user = call.services.account.users.get(call.fields.required("userId"))
    if user is None:
        raise call.services.selections.unknown("Unknown user")
    call.services.directory.set_status(call.actor, [user], status)
    return _success(call)


def get_user_profile_fields(call: SoapCall) -> bytes:
    call.actor.may("read_users")
    rows = call.services.directory.profile_fields()
    return b"".join(
        call.element("userFieldInfo", call.services.renderer.children(row, call.prefix)) for row in rows
    )


def get_content(call: SoapCall) -> bytes:
    call.actor.may("read_content")
    items = call.services.selections.sorted(call.services.account.items.values())
    return _unpaged(call, items, call.services.rows.content)


def get_content_item(call: SoapCall) -> bytes:
    call.actor.may("read_content")
    found = call.services.account.items.get(call.fields.required("contentItemId"))
    if found is None:
        raise call.services.selections.unknown("Unknown content item")
    return _one(call, found, call.services.rows.content)


def list_course_modules(call: SoapCall) -> bytes:
    """All modules in one answer: no page shows how SOAP would page them."""
    call.actor.may("read_content")
    course = call.services.account.items.get(call.fields.required("courseId"))
    if course is None:
        raise call.services.selections.unknown("Unknown content item")
    rows = [module_row(course, module, position) for position, module in enumerate(course.modules, start=1)]
    inner = b"".join(
        call.element("module", call.services.renderer.children(row, call.prefix)) for row in rows
    )
    return call.element("modules", inner)


def _departments(call: SoapCall) -> list[Department]:
    call.actor.may("read_users")
    seen = call.actor.departments
    found = call.services.account.departments.values()
    return call.services.selections.sorted(one for one in found if seen is None or one.id in seen)


def get_departments(call: SoapCall) -> bytes:
    return _unpaged(call, _departments(call), call.services.rows.department)


def list_departments(call: SoapCall) -> bytes:
    return _paged(call, _departments(call), call.services.rows.department)


OPERATIONS = (
    SoapOperation("GetEnrollments", get_enrollments, "GetEnrollmentsResult"),
    SoapOperation("ListEnrollments", list_enrollments, "ListEnrollmentsResult"),
    SoapOperation("GetEnrollment", get_enrollment, "GetEnrollmentResult"),
    SoapOperation("EnrollLearnersInCourses", enrol_learners, "successResult", changes=True),
    SoapOperation("ChangeEnrollment", change_enrollment, "successResult", changes=True),
    SoapOperation("Unenroll", unenroll, "successResult", changes=True),
    SoapOperation("UpdateCourseStatus", update_course_status, "updateCourseStatusResult", changes=True),
    SoapOperation(
        "UpdateModulesStatuses", update_modules_statuses, "updateModulesStatusesResult", changes=True
    ),
    SoapOperation(
        "ResetModulesStatistics", reset_modules_statistics, "ResetModulesStatisticsResult", changes=True
    ),
    SoapOperation("GetTaskStatus", get_task_status, "getTaskStatusResult"),
    SoapOperation("ListLearnersResults", list_learners_results, "ListLearnersResultsResult"),
    SoapOperation("GetUsers", get_users, "GetUsersResult"),
    SoapOperation("ListUsers", list_users, "ListUsersResult"),
    SoapOperation("ListUsersV2", list_users_v2, "ListUsersV2Result"),
    SoapOperation("GetUserProfile", get_user_profile, "GetUserProfileResult"),
    SoapOperation("AddUser", add_user, "AddUserResult", changes=True),
    SoapOperation("ChangeUserStatus", change_user_status, "successResult", changes=True),
    SoapOperation("GetUserProfileFields", get_user_profile_fields, "GetUserProfileFieldsResult"),
    SoapOperation("GetContent", get_content, "GetContentResult"),
    SoapOperation("GetContentItem", get_content_item, "GetContentItemResult"),
    SoapOperation("ListCourseModules", list_course_modules, "ListCourseModulesResult"),
    SoapOperation("GetDepartments", get_departments, "GetDepartmentsResult"),
    SoapOperation("ListDepartments", list_departments, "ListDepartmentsResult"),
)
