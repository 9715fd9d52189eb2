"""Who asks: API keys, tokens, header sign-in, and what each may see and do (reference section 3)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .account import Account
from .entities import ACTIVE, User
from .refusals import Refused, permission_denied, unauthorized, wrong_parameters

TOKEN_LIFETIME_S = 1800

RIGHTS = frozenset(
    (
        "read_enrollments",
        "create_enrollments",
        "edit_enrollments",
        "delete_enrollments",
        "edit_statistics",
        "read_results",
        "read_users",
        "edit_users",
        "read_content",
        "webhooks",
    )
)
ROLE_RIGHTS = {
    "owner": RIGHTS,
    "administrator": RIGHTS,
    "department_administrator": RIGHTS - {"webhooks"},
    # Older pages let publishers edit enrollments; the newest ask for "Can edit" access to set a status.
    "publisher": RIGHTS - {"webhooks", "edit_statistics", "edit_users"},
    "custom": RIGHTS - {"webhooks", "edit_statistics"},
    "learner": frozenset[str](),
}


@dataclass(frozen=True)
class Actor:
    """The user a call acts for. `departments` limits what is seen to these and those below; None: everything."""

    user: str
    rights: frozenset[str]
    departments: frozenset[str] | None = None

    def may(self, right: str) -> None:
        """Raises Refused (403) without this right."""
        if right not in self.rights:
            raise permission_denied()

    def sees(self, user: User) -> bool:
        return self.departments is None or user.department in self.departments

    def must_see(self, user: User) -> None:
        if not self.sees(user):
            raise permission_denied()


@dataclass(frozen=True)
class Credentials:
    """One way in: an API key, and the same user's login and password. All invented."""

    client_id: str
    client_secret: str
    email: str
    password: str
    user_id: str


@dataclass
class _Key:
    secret: str
    user: str
    rights: frozenset[str]
    departments: tuple[str, ...] | None


@dataclass
class Gate:
    """Signs callers in. `account_url` gives the address that X-Auth-Account-Url has to name."""

    account: Account
    account_url: Callable[[], str]
    _keys: dict[str, _Key] = field(default_factory=dict)
    _by_user: dict[str, _Key] = field(default_factory=dict)
    _tokens: dict[str, tuple[_Key, datetime]] = field(default_factory=dict)
    _logins: dict[str, User] = field(default_factory=dict)
    _logins_of_shape: int = -1

    def add_credentials(
        self, *, role: str, departments: tuple[str, ...] | None, without: frozenset[str], login: str
    ) -> Credentials:
        """A new user of `role` with a password and an API key. Raises ValueError for an unknown role or right."""
        if role not in ROLE_RIGHTS or without - RIGHTS:
            raise ValueError(f"unknown role or right; roles: {sorted(ROLE_RIGHTS)}, rights: {sorted(RIGHTS)}")
        ids = self.account.ids
        home = departments[0] if departments else self.account.root.id
        user = User(ids.new(), login, f"{login}@example.org", "Api", login.title(), home, role=role)
        user.password, user.added = ids.secret(16), self.account.clock.now()
        self.account.add_user(user)
        key = _Key(ids.secret(), user.id, ROLE_RIGHTS[role] - without, departments)
        client_id = ids.new()
        self._keys[client_id] = self._by_user[user.id] = key
        return Credentials(client_id, key.secret, user.login, user.password, user.id)

    def issue(self, client_id: str, client_secret: str, grant_type: str) -> str:
        """A new access token, good for 1800 s of the sandbox's clock."""
        if grant_type != "client_credentials":
            raise wrong_parameters("grant_type")
        key = self._keys.get(client_id)
        if key is None or key.secret != client_secret:
            raise unauthorized()
        self._actor(key)
        token = self.account.ids.secret()
        self._tokens[token] = (key, self.account.clock.now() + timedelta(seconds=TOKEN_LIFETIME_S))
        return token

    def revoke_all(self) -> None:
        """Make every token invalid at once, as when a key is replaced."""
        self._tokens.clear()

    def by_token(self, token: str) -> Actor:
        key, expires = self._tokens.get(token.strip(), (None, None))
        if key is None or expires is None or self.account.clock.now() >= expires:
            raise unauthorized()
        return self._actor(key)

    def by_password(self, account_url: str, login: str, password: str) -> Actor:
        if account_url.rstrip("/") != self.account_url().rstrip("/"):
            raise unauthorized()
        user = self._by_login(login)
        if user is None or not user.password or user.password != password:
            raise unauthorized()
        return self._actor(self._by_user.get(user.id) or _Key("", user.id, ROLE_RIGHTS["learner"], None))

    def _by_login(self, login: str) -> User | None:
        # Asked on every call with X-Auth headers, so the index is made once per change of the users.
        if self._logins_of_shape != self.account.shape:
            self._logins = {user.login: user for user in self.account.users.values()}
            self._logins_of_shape = self.account.shape
        return self._logins.get(login)

    def by_headers(self, headers: dict[str, str], *, webhooks: bool) -> Actor:
        """The caller of a REST request: `Bearer`, the bare token or X-Auth headers, as the switches allow."""
        self._plan()
        switches = self.account.switches
        allowed = switches.webhook_auth if webhooks else switches.accepted_auth
        scheme, _, token = headers.get("authorization", "").strip().rpartition(" ")
        if token:
            form = "bearer" if scheme.lower() == "bearer" else "bare"
            if allowed not in ("all", form) or scheme.lower() not in ("", "bearer"):
                raise unauthorized()
            return self.by_token(token)
        if allowed not in ("all", "headers"):
            raise unauthorized()
        return self.by_password(
            headers.get("x-auth-account-url", ""),
            headers.get("x-auth-email", ""),
            headers.get("x-auth-password", ""),
        )

    def _plan(self) -> None:
        plan = self.account.switches.subscription
        if plan == "expired":
            raise Refused(403, "Account subscription expired")
        if plan == "without_api":
            raise Refused(403, "The API is not available with this subscription", fault="Permission denied")

    def _actor(self, key: _Key) -> Actor:
        user = self.account.users.get(key.user)
        if user is None or user.status != ACTIVE:
            raise unauthorized()
        departments = None if key.departments is None else self.account.subtree(key.departments)
        return Actor(key.user, key.rights, departments)

    def by_soap(self, credentials: dict[str, str]) -> Actor:
        """The caller of a SOAP request: a token, or account URL, e-mail (the login) and password."""
        self._plan()
        if credentials.get("token"):
            return self.by_token(credentials["token"])
        return self.by_password(
            credentials.get("accountUrl", ""), credentials.get("email", ""), credentials.get("password", "")
        )
