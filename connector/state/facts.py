"""Small things remembered about an account, and the key under which addresses are recognised."""

from __future__ import annotations

import hmac
import secrets
from typing import Any

import orjson
import sqlalchemy as sa

from connector.domain.learner import same_address
from connector.state.engine import Database, insert_new, upsert
from connector.state.tables import FACT

_ADDRESS_KEY = "address_key"


class Facts(Database):
    """Named JSON values."""

    def fact(self, name: str) -> Any | None:
        """A remembered value; None when there is none."""
        with self._reading() as connection:
            value = connection.scalar(self._fact_query(name))
        return None if value is None else orjson.loads(value)

    def set_fact(self, name: str, value: Any) -> None:
        """Remember a JSON value under a name."""
        with self._writing() as connection:
            upsert(connection, FACT, [self._fact_row(name, value)])

    def email_key(self, address: str) -> str:
        """What stands for an e-mail address in state and logs: 32 hexadecimal digits, the same for the same address.

        Keyed (HMAC-SHA256), so that nobody without this database can try addresses against it.
        """
        if self._key is None:
            self._key = self._address_key()
        return hmac.digest(self._key, same_address(address).encode(), "sha256").hex()[:32]

    _key: bytes | None = None

    def _address_key(self) -> bytes:
        """The account's key, made on first use; of two processes that make one, the first wins for both."""
        key = self.fact(_ADDRESS_KEY)
        if key is None:
            with self._writing(fenced=False) as connection:
                insert_new(connection, FACT, self._fact_row(_ADDRESS_KEY, secrets.token_hex(32)))
                key = orjson.loads(connection.scalar(self._fact_query(_ADDRESS_KEY)) or "")
        return bytes.fromhex(key)

    def _fact_query(self, name: str) -> sa.Select[str]:
        return sa.select(FACT.c.value).where(self._mine(FACT), FACT.c.name == name)

    def _fact_row(self, name: str, value: Any) -> dict[str, Any]:
        return {"account": self.account, "name": name, "value": orjson.dumps(value).decode()}
