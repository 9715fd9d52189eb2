"""Which rows a list shows, in which order; kept until the account changes, so that a page costs a page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from .access import Actor
from .account import Account
from .entities import Enrollment, Entity
from .paging import DEFAULT_SIZE, page_of
from .refusals import Refused, wrong_parameters

E = TypeVar("E", bound=Entity)

KEPT_LISTS = 64


class Selections:
    """Filtered and sorted lists of one account."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._kept: OrderedDict[Hashable, tuple[Hashable, Sequence[Any]]] = OrderedDict()

    def sorted(self, entities: Iterable[E]) -> list[E]:
        """By id, or in the order of creation, as the switch of row 18 says."""
        return sorted(entities, key=self._order)

    def enrollments(
        self,
        actor: Actor,
        *,
        courses: list[str] | None = None,
        users: list[str] | None = None,
        ids: list[str] | None = None,
    ) -> Sequence[Enrollment]:
        """Live enrollments that fit every filter given; an unknown id refuses the request."""
        account = self._account
        self.known(courses, account.items, "Unknown content item")
        self.known(users, account.users, "Unknown user")
        self.known(ids, account.enrollments, "Unknown enrollment")
        key = ("enrollments", actor.departments, _frozen(courses), _frozen(users), _frozen(ids))
        return self.kept(key, account.shape, lambda: self._find(actor, courses, users, ids))

    def kept(self, key: Hashable, stamp: Hashable, find: Callable[[], Iterable[E]]) -> Sequence[E]:
        """The sorted list under `key`, made anew when `stamp` or the order has moved."""
        full_stamp = (stamp, self._account.switches.page_order)
        known = self._kept.get(key)
        if known is None or known[0] != full_stamp:
            known = (full_stamp, self.sorted(find()))
            self._kept[key] = known
            if len(self._kept) > KEPT_LISTS:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        return known[1]

    def page(self, rows: Sequence[E], *, token: str | None, size: int | None) -> tuple[Sequence[E], str]:
        """One page as the caller asked for it; sizes above the account's maximum are cut to it."""
        switches = self._account.switches
        if size == 0:
            raise wrong_parameters("pageSize")
        return page_of(
            rows,
            key=self._order,
            place=self._place,
            cursor=switches.cursor,
            token=token or "",
            size=min(size or DEFAULT_SIZE, switches.page_maximum),
        )

    def known(self, ids: list[str] | None, where: Mapping[str, object], message: str) -> None:
        """Raises Refused when one of the ids is not there: the whole request fails (reference 11)."""
        for one in ids or ():
            if one not in where:
                raise self.unknown(message)

    def unknown(self, message: str) -> Refused:
        return Refused(self._account.switches.unknown_id, message)

    def _find(
        self, actor: Actor, courses: list[str] | None, users: list[str] | None, ids: list[str] | None
    ) -> Iterable[Enrollment]:
        account = self._account
        found: Iterable[Enrollment]
        if ids is not None:
            found = [account.enrollments[one] for one in ids]
        elif users is not None:
            found = [row for user in users for row in account.by_user[user].values()]
        elif courses is not None:
            found = [row for course in courses for row in account.by_course[course].values()]
        else:
            found = account.enrollments.values()
        wanted_courses, wanted_users = set(courses or ()), set(users or ())
        return [
            row
            for row in found
            if (courses is None or row.course in wanted_courses)
            and (users is None or row.user in wanted_users)
            and actor.sees(account.users[row.user])
        ]

    def _order(self, entity: Entity) -> Any:
        return entity.id if self._account.switches.page_order == "id" else entity.seq

    def _place(self, entity_id: str) -> Any:
        return entity_id if self._account.switches.page_order == "id" else self._account.seq_of(entity_id)


def _frozen(ids: list[str] | None) -> frozenset[str] | None:
    return None if ids is None else frozenset(ids)
