"""REST handlers: users, profile fields, departments, groups (reference sections 7 and 9)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .entities import Department, Group, User
from .incoming import Fields
from .paging import DEFAULT_SIZE
from .refusals import wrong_parameters
from .render import Kind, Reply, created_reply, element
from .rest import Handler, RestCall, Route


def _users(call: RestCall) -> Sequence[User]:
    return call.services.directory.find(call.actor, call.fields)


def _kind(call: RestCall, version: int) -> Kind[User]:
    return call.services.rows.user if version == 1 else call.services.rows.user_v2


def all_users(version: int) -> Handler:
    return lambda call: call.services.renderer.all(_users(call), _kind(call, version))


def list_users(version: int) -> Handler:
    return lambda call: call.page(_users(call), _kind(call, version))


def post_users(call: RestCall) -> Reply:
    """POST /users/v2: filters in the body; pages as the switch of row 30 says."""
    body = call.fields
    fields = Fields(
        {name: body.value(name) for name in ("groups", "departments", "logins", "emails", "userIds")}
    )
    users = call.services.directory.find(call.actor, fields)
    if call.services.account.switches.post_list_paging == "none":
        return call.services.renderer.page(users, call.services.rows.user_v2, "")
    return call.page(users, call.services.rows.user_v2)


def one_user(version: int) -> Handler:
    return lambda call: call.services.renderer.one(
        call.services.directory.get(call.actor, call.path["id"]), _kind(call, version)
    )


def search_users(call: RestCall) -> Reply:
    """POST /user/list: numbered pages from 1, with the total."""
    number = call.fields.integer("page")
    if not number:
        raise wrong_parameters("page is required")
    size = min(call.fields.integer("pageSize") or DEFAULT_SIZE, call.services.account.switches.page_maximum)
    found = call.services.directory.search(call.actor, call.fields)
    page = found[(number - 1) * size : number * size]
    head = {"pageNumber": number, "totalUsersNumber": len(found)}
    return call.services.renderer.page(page, call.services.rows.user_v2, "", head)


def find_existing(call: RestCall) -> Reply:
    call.actor.may("read_users")
    users = call.services.account.users
    asked = call.fields.required_ids("userIds")
    there = [one for one in asked if one in users and call.actor.sees(users[one])]
    return Reply(
        json=lambda: {"userIds": there},
        xml=lambda: element("response", call.services.renderer.children({"userIds": there})),
    )


def create_user(call: RestCall) -> Reply:
    return created_reply(call.services.directory.create(call.actor, call.fields).id)


def update_user(call: RestCall) -> Reply:
    call.services.directory.update(call.actor, _user(call, call.path["id"]), call.fields)
    return Reply()


def set_status(call: RestCall) -> Reply:
    user = _user(call, call.path["id"])
    call.services.directory.set_status(call.actor, [user], call.fields.required("status"))
    return Reply()


def set_statuses(status: str) -> Handler:
    def handler(call: RestCall) -> Reply:
        users = [_user(call, one) for one in call.fields.required_ids("userIds")]
        call.services.directory.set_status(call.actor, users, status)
        return Reply()

    return handler


def delete_user(call: RestCall) -> Reply:
    call.services.directory.remove(call.actor, _user(call, call.path["id"]))
    return Reply(status=204)


def _user(call: RestCall, user_id: str) -> User:
    found = call.services.account.users.get(user_id)
    if found is None:
        raise call.services.selections.unknown("Unknown user")
    return found


def profile_fields(call: RestCall) -> Reply:
    call.actor.may("read_users")
    rows = call.services.directory.profile_fields()
    return _plain_list(call, rows, "userFieldInfo")


def roles(call: RestCall) -> Reply:
    names = ("learner", "administrator", "department_administrator", "publisher", "custom")
    rows = [
        {"roleId": f"role-{name}", "type": name, "title": name.replace("_", " ").capitalize()}
        for name in names
    ]
    return _plain_list(call, rows, "role")


def _plain_list(call: RestCall, rows: Sequence[Mapping[str, Any]], item: str) -> Reply:
    children = call.services.renderer.children
    return Reply(
        json=lambda: rows,
        xml=lambda: element("response", b"".join(element(item, children(row)) for row in rows)),
    )


def _departments(call: RestCall) -> list[Department]:
    call.actor.may("read_users")
    seen = call.actor.departments
    code = call.fields.text("code")
    return call.services.selections.sorted(
        one
        for one in call.services.account.departments.values()
        if (seen is None or one.id in seen) and (not code or one.code == code)
    )


def all_departments(call: RestCall) -> Reply:
    return call.services.renderer.all(_departments(call), call.services.rows.department)


def list_departments(call: RestCall) -> Reply:
    return call.page(_departments(call), call.services.rows.department)


def one_department(call: RestCall) -> Reply:
    found = next((one for one in _departments(call) if one.id == call.path["id"]), None)
    if found is None:
        raise call.services.selections.unknown("Unknown department")
    return call.services.renderer.one(found, call.services.rows.department)


def create_department(call: RestCall) -> Reply:
    call.actor.may("edit_users")
    account, parent = call.services.account, call.fields.required("parentDepartmentId")
    if parent not in account.departments:
        raise call.services.selections.unknown("Unknown department")
    new = Department(account.ids.new(), call.fields.required("name"), parent, call.fields.text("code") or "")
    return created_reply(account.add_department(new).id)


def _groups(call: RestCall) -> list[Group]:
    call.actor.may("read_users")
    return call.services.selections.sorted(call.services.account.groups.values())


def all_groups(call: RestCall) -> Reply:
    return call.services.renderer.all(_groups(call), call.services.rows.group)


def list_groups(call: RestCall) -> Reply:
    return call.page(_groups(call), call.services.rows.group)


def one_group(call: RestCall) -> Reply:
    call.actor.may("read_users")
    return call.services.renderer.one(_group(call), call.services.rows.group)


def create_group(call: RestCall) -> Reply:
    call.actor.may("edit_users")
    account = call.services.account
    group = account.add_group(Group(account.ids.new(), call.fields.required("name")))
    _set_members(call, group, call.fields.ids("userIds") or [])
    return created_reply(group.id)


def change_members(call: RestCall) -> Reply:
    """Replaces the members or adds to them, as the switch of row 29 says."""
    call.actor.may("edit_users")
    group, sent = _group(call), call.fields.required_ids("userIds")
    kept = group.members if call.services.account.switches.group_members == "add" else []
    _set_members(call, group, [*dict.fromkeys([*kept, *sent])])
    return Reply()


def _set_members(call: RestCall, group: Group, members: list[str]) -> None:
    account = call.services.account
    call.services.selections.known(members, account.users, "Unknown user")
    moved = {*group.members, *members}
    group.members = members
    account.touched(group)
    for user in moved:
        account.user_changed(account.users[user])


def _group(call: RestCall) -> Group:
    found = call.services.account.groups.get(call.path["id"])
    if found is None:
        raise call.services.selections.unknown("Unknown group")
    return found


READS: tuple[tuple[str, Callable[[RestCall], Reply]], ...] = (
    ("/user", all_users(1)),
    ("/user/v2", all_users(2)),
    ("/users", list_users(1)),
    ("/users/v2", list_users(2)),
    ("/user/profile/fields", profile_fields),
    ("/user/{id}", one_user(1)),
    ("/user/{id}/v2", one_user(2)),
    ("/role", roles),
    ("/department", all_departments),
    ("/departments", list_departments),
    ("/department/{id}", one_department),
    ("/group", all_groups),
    ("/groups", list_groups),
    ("/group/{id}", one_group),
)

ROUTES = (
    *(Route("GET", path, handler) for path, handler in READS),
    Route("POST", "/users/v2", post_users),
    Route("POST", "/user/list", search_users),
    Route("POST", "/users/find_existing", find_existing),
    Route("POST", "/user", create_user, "write"),
    Route("POST", "/user/{id}", update_user, "write"),
    Route("POST", "/user/{id}/status", set_status, "write"),
    Route("POST", "/users/activate", set_statuses("1"), "write"),
    Route("POST", "/users/deactivate", set_statuses("3"), "write"),
    Route("POST", "/users/terminate", set_statuses("5"), "write"),
    Route("DELETE", "/user/{id}", delete_user, "write"),
    Route("POST", "/department", create_department, "write"),
    Route("POST", "/group", create_group, "write"),
    Route("POST", "/group/{id}/members", change_members, "write"),
)
