"""Users: finding, creating, updating, blocking (reference section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .access import Actor
from .account import Account
from .entities import ACTIVE, BLOCKED, TERMINATED, Mail, User
from .incoming import Fields
from .refusals import Refused, wrong_parameters
from .selections import Selections

BUILT_IN = {"login": "login", "email": "email", "first_name": "first_name", "last_name": "last_name"}

OLD_ROLES = frozenset(("learner", "administrator", "department_administrator", "publisher", "custom"))
NEW_ROLES = {
    "learners": "learner",
    "account_administrators": "administrator",
    "department_administrators": "department_administrator",
    "course_authors": "publisher",
    "supervisor": "custom",
}


class Directory:
    """What callers can read and change about users."""

    def __init__(self, account: Account, selections: Selections) -> None:
        self._account = account
        self._selections = selections

    def find(self, actor: Actor, fields: Fields) -> Sequence[User]:
        """Users that fit every filter given, exactly as written; of the caller's departments."""
        actor.may("read_users")
        account = self._account
        asked = {name: fields.ids(name) for name in ("departments", "groups", "userIds")}
        self._selections.known(asked["departments"], account.departments, "Unknown department")
        self._selections.known(asked["groups"], account.groups, "Unknown group")
        asked |= {name: _texts(fields, name) for name in ("logins", "emails")}
        key = ("users", actor.departments, *(None if ids is None else tuple(ids) for ids in asked.values()))
        return self._selections.kept(key, account.shape, lambda: self._filter(actor, asked))

    def search(self, actor: Actor, fields: Fields) -> Sequence[User]:
        """The search of POST /user/list: as `find`, and by profile fields, equal or within a range of dates."""
        wanted = [(one.required("name"), one.ids("values") or []) for one in fields.mappings("profileFields")]
        ranges = [
            (one.required("name"), one.text("from") or "", one.text("to") or "9999")
            for one in fields.mappings("profileFieldsDateRange")
        ]
        return [
            user
            for user in self.find(actor, fields)
            if all(profile_value(user, name) in values for name, values in wanted)
            and all(low <= profile_value(user, name) <= high for name, low, high in ranges)
        ]

    def get(self, actor: Actor, user_id: str) -> User:
        actor.may("read_users")
        user = self._account.users.get(user_id)
        if user is None:
            raise self._selections.unknown("Unknown user")
        actor.must_see(user)
        return user

    def create(self, actor: Actor, fields: Fields) -> User:
        """A new active user. One with the same login or e-mail is refused, the refusal naming the id."""
        actor.may("edit_users")
        account = self._account
        given = _profile(fields)
        login, email = given.pop("login", ""), given.pop("email", "")
        if not login:
            raise wrong_parameters("login is required")
        self._refuse_duplicate(login, email)
        user = User(
            account.ids.new(),
            login,
            email,
            given.pop("first_name", ""),
            given.pop("last_name", ""),
            self._department(actor, fields.required("departmentId")),
            role=self._role(fields.text("role")),
            role_id=fields.text("roleId") or "",
            password=fields.text("password") or "",
            fields=_stored(given),
            added=account.clock.now(),
        )
        account.add_user(user)
        self._invite(user, fields)
        return user

    def update(self, actor: Actor, user: User, fields: Fields) -> None:
        """Change what is sent; profile fields left out stay as they are."""
        actor.may("edit_users")
        actor.must_see(user)
        given = _profile(fields)
        self._refuse_duplicate(given.get("login", ""), given.get("email", ""), besides=user)
        department, role = fields.text("departmentId"), fields.text("role")
        if department:
            user.department = self._department(actor, department)
        if role:
            user.role = self._role(role)
        for name, attribute in BUILT_IN.items():
            if name in given:
                setattr(user, attribute, given.pop(name))
        user.fields.update(_stored(given))
        self._account.user_changed(user)

    def set_status(self, actor: Actor, users: Iterable[User], status: str) -> None:
        actor.may("edit_users")
        if status not in ("1", "3", "5"):
            raise Refused(
                400,
                f"User status must be 1 or 3, {status} given",
                fault=f"User status must be 1 or 3, {status} given",
            )
        for user in users:
            actor.must_see(user)
            user.status = {"1": ACTIVE, "3": BLOCKED, "5": TERMINATED}[status]
            self._account.user_changed(user)

    def remove(self, actor: Actor, user: User) -> None:
        actor.may("edit_users")
        actor.must_see(user)
        self._account.remove_user(user)

    def profile_fields(self) -> list[dict[str, Any]]:
        """The account's profile fields: the built-in ones and every custom one in use."""
        custom = sorted({name for user in self._account.users.values() for name in user.fields})
        named = [(name.upper(), name) for name in BUILT_IN] + [(name, "string") for name in custom]
        return [
            {
                "userFieldInfoId": f"00000000-0000-1000-8000-{position:012d}",
                "name": name,
                "label": name.replace("_", " ").capitalize(),
                "type": kind,
                "isUnique": kind in ("login", "email"),
                "isRequired": kind == "login",
                "orderPriority": position,
            }
            for position, (name, kind) in enumerate(named)
        ]

    def _filter(self, actor: Actor, asked: Mapping[str, list[str] | None]) -> Iterable[User]:
        account = self._account
        departments, groups, ids = asked["departments"], asked["groups"], asked["userIds"]
        members = (
            None if groups is None else {one for group in groups for one in account.groups[group].members}
        )
        logins, emails = asked["logins"], asked["emails"]
        return [
            user
            for user in account.users.values()
            if actor.sees(user)
            and (departments is None or user.department in departments)
            and (members is None or user.id in members)
            and (ids is None or user.id in ids)
            and (logins is None or user.login in logins)
            and (emails is None or user.email in emails)
        ]

    def _refuse_duplicate(self, login: str, email: str, besides: User | None = None) -> None:
        for user in self._account.users.values():
            if user is besides:
                continue
            for name, same in (
                ("login", login and user.login == login),
                ("email", email and user.email == email),
            ):
                if same:
                    raise Refused(
                        self._account.switches.duplicate_user,
                        f"User with the same {name} is already registered: {user.id}",
                        fault=f"User with the same {name} is already registered.",
                    )

    def _department(self, actor: Actor, department: str) -> str:
        if department not in self._account.departments:
            raise self._selections.unknown("Unknown department")
        if actor.departments is not None and department not in actor.departments:
            raise Refused(403, "Permission denied")
        return department

    def _role(self, role: str | None) -> str:
        names = self._account.switches.role_names
        if not role or (role in OLD_ROLES and names != "new"):
            return role or "learner"
        if role in NEW_ROLES and names != "old":
            return NEW_ROLES[role]
        raise wrong_parameters("role")

    def _invite(self, user: User, fields: Fields) -> None:
        asked = fields.flag("sendLoginEmail")
        if self._account.switches.send_login_email_default if asked is None else asked:
            text = fields.text("invitationMessage") or ""
            self._account.mails.append(Mail(self._account.clock.now(), user.id, user.email, text))


def profile_value(user: User, name: str) -> str:
    """A profile field by its wire name in any case; "" where the user has none."""
    attribute = BUILT_IN.get(name.lower())
    if attribute:
        return str(getattr(user, attribute))
    return next((value for known, value in user.fields.items() if known.lower() == name.lower()), "")


def _texts(fields: Fields, name: str) -> list[str] | None:
    # Logins and addresses may hold commas; only ids are split at them.
    value = fields.value(name)
    if isinstance(value, Mapping):
        value = [*value.values()]
    return None if value is None else [str(one) for one in (value if isinstance(value, list) else [value])]


def _profile(fields: Fields) -> dict[str, str]:
    """Profile fields as sent: an object, a list of name and value, or login and e-mail beside it."""
    sent = {name: fields.text(name) for name in ("login", "email") if fields.text(name) is not None}
    value = fields.value("fields")
    if isinstance(value, Mapping) and "field" not in value:
        sent |= {name: None if inner is None else str(inner) for name, inner in value.items()}
    else:
        sent |= {one.required("name"): one.text("value") for one in fields.mappings("fields")}
    return {_known_name(name): inner or "" for name, inner in sent.items()}


def _known_name(name: str) -> str:
    return name.lower() if name.lower() in BUILT_IN else name


def _stored(given: Mapping[str, str]) -> dict[str, str]:
    """Custom fields under the upper-case names that answers show."""
    return {name.upper(): value for name, value in given.items()}
