"""From settings to a platform: which wire form, which credentials."""

from __future__ import annotations

import threading
from typing import Literal
from zoneinfo import ZoneInfo

from connector.platforms.http import Credentials, Http
from connector.platforms.ispring.adapter import IspringPlatform
from connector.platforms.ispring.client import PLATFORM, Account, HeaderCredentials, TokenCredentials
from connector.platforms.ispring.forms import JsonForm, XmlForm
from connector.platforms.ispring.rest import RestWire
from connector.platforms.ispring.soap import SoapCredentials, SoapWire
from connector.platforms.ispring.wire import Wire
from connector.platforms.patience import Patience
from connector.platforms.port import Calls

Dialect = Literal["rest", "soap"]
FormName = Literal["json", "xml"]


def connect(
    account: Account,
    *,
    zone: ZoneInfo,
    dialect: Dialect = "rest",
    form: FormName = "json",
    page_size: int = 1000,
    requests_per_second: float = 5,
    stop: threading.Event | None = None,
    patience: Patience | None = None,
) -> IspringPlatform:
    """A platform that has not called anybody yet; `close` it when done. Raises SettingsError for unusable settings."""
    account = account.checked()
    calls = Calls()
    http = Http(PLATFORM, calls=calls, requests_per_second=requests_per_second, patience=patience, stop=stop)
    tokens = TokenCredentials(http, account) if account.uses_token else None
    credentials: Credentials = tokens or HeaderCredentials(account)
    rest = RestWire(http, account, credentials, JsonForm() if form == "json" else XmlForm())
    wire: Wire = rest
    if dialect == "soap":
        wire = SoapWire(http, account, SoapCredentials(account, tokens), rest)
    return IspringPlatform(
        wire,
        zone=zone,
        calls=calls,
        page_size=page_size,
        http=http,
        described=("access token" if tokens else "account headers", dialect, form),
    )
