"""The simulated aXcelerate account as one object: load it, serve it, edit it, look into it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from connector.sandbox.calls import CallLog
from connector.sandbox.clock import Clock
from connector.sandbox.control import ControlApp
from connector.sandbox.faults import Faults, PlatformEdge
from connector.sandbox.people import World
from connector.sandbox.server import Server

from .account import Account
from .app import BASE, AxcelerateApp
from .hooks import Hooks
from .person import AxceleratePerson
from .switches import AxcelerateSwitches, switch_help

# ColdFusion's shape of a UUID, and plainly invented.
API_TOKEN = "00000000-AAAA-4BBB-0123456789ABCDEF"
WS_TOKEN = "11111111-CCCC-4DDD-0123456789ABCDEF"


class AxcelerateSandbox:
    """One account on loopback.

    `calls` is what was asked of it, `faults` what shall go wrong, `switches` its habits, `clock` its time, `person`
    staff at their screens, `hooks` its webhooks. All may be used from any thread, while it is served or not.
    """

    def __init__(self, switches: AxcelerateSwitches | None = None, clock: Clock | None = None) -> None:
        self.switches = switches or AxcelerateSwitches()
        self.clock = clock or Clock()
        self.calls = CallLog()
        self.faults = Faults()
        self.account = Account(self.switches, self.clock)
        self.person = AxceleratePerson(self.account)
        self.api_token = API_TOKEN
        self.ws_token = WS_TOKEN
        self._server: Server | None = None

    @property
    def hooks(self) -> Hooks:
        """Where webhooks are subscribed: `hooks.subscribe(url, key=…, events=…)`."""
        return self.account.hooks

    @property
    def url(self) -> str:
        """The address of the API, `/api` included. Raises RuntimeError while it is not served."""
        return self.root_url + BASE

    @property
    def root_url(self) -> str:
        """The address of the server. Raises RuntimeError while it is not served."""
        if self._server is None:
            raise RuntimeError("the sandbox is not being served")
        return self._server.url

    def load(self, world: World) -> None:
        """Replace everything the account holds by this world's aXcelerate half."""
        with self.account.lock:
            self.account.load(world)

    @contextmanager
    def serving(self, port: int = 0) -> Iterator[AxcelerateSandbox]:
        """Serve on 127.0.0.1 while the block runs; port 0 takes a free one."""
        app = AxcelerateApp(self.account, api_token=self.api_token, ws_token=self.ws_token)
        edge = PlatformEdge(
            app,
            calls=self.calls,
            faults=self.faults,
            clock=self.clock,
            control=ControlApp(self),
            prefixes=(BASE,),
        )
        with Server(edge, port=port) as server:
            self._server = server
            try:
                yield self
            finally:
                self._server = None
                self.hooks.stop()

    def kinds(self) -> list[str]:
        """What `rows` can show."""
        return [*_READERS]

    def switch_help(self) -> Mapping[str, str]:
        """Every switch in one line."""
        return switch_help()

    def rows(self, kind: str) -> list[dict[str, Any]]:
        """The present state as plain rows; kinds: contacts, classes, class_enrolments, units, modules, merges.

        Raises ValueError for another kind.
        """
        if kind not in _READERS:
            raise ValueError(f"unknown kind {kind!r}; one of {sorted(_READERS)}")
        with self.account.lock:
            return _READERS[kind](self.account)


def _contacts(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "contact_id": key,
            "given": person.contact.given,
            "surname": person.contact.surname,
            "email": person.contact.email,
            "optional_id": person.contact.optional_id,
            "active": person.contact.active,
            "merged": person.deleted,
        }
        for key, person in sorted(account.people.items())
    ]


def _classes(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "class_id": key,
            "code": record.code,
            "name": record.name,
            "start": record.start,
            "finish": record.finish,
            "reporting_standard": record.reporting_standard,
            "units": [unit.code for unit in record.units],
        }
        for key, record in sorted(account.classes.items())
    ]


def _class_enrolments(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "enrol_id": key,
            "contact_id": place.contact_id,
            "class_id": place.class_id,
            "status": place.status,
            "enrolled_at": place.enrolled_at,
            "start": place.start,
            "finish": place.finish,
            "plan": place.plan,
        }
        for key, place in sorted(account.places.items())
    ]


def _units(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "enrol_id": key,
            "contact_id": place.contact_id,
            "class_id": place.class_id,
            "code": unit.unit.code,
            "outcome": unit.outcome,
            "start": unit.start,
            "end": unit.end,
        }
        for key, place in sorted(account.places.items())
        for unit in place.units
    ]


def _modules(account: Account) -> list[dict[str, Any]]:
    return [
        {
            "module_enrolment_id": key,
            "enrol_id": place.enrol_id,
            "contact_id": place.contact_id,
            "class_id": place.class_id,
            "name": module.name,
            "status": module.status,
            "start": module.start,
            "end": module.end,
            "override": module.override,
        }
        for key, (place, module) in sorted(account.modules.items())
    ]


def _merges(account: Account) -> list[dict[str, Any]]:
    return [{"loser": one.loser, "survivor": one.survivor, "at": one.at} for one in account.merges]


_READERS: dict[str, Callable[[Account], list[dict[str, Any]]]] = {
    "contacts": _contacts,
    "classes": _classes,
    "class_enrolments": _class_enrolments,
    "units": _units,
    "modules": _modules,
    "merges": _merges,
}
