"""Where an iSpring account answers, and who asks: addresses and credentials."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from connector.errors import AccessDenied, SettingsError
from connector.platforms.http import (
    Answer,
    Count,
    Garbled,
    Http,
    NoCredentials,
    Rejected,
    Request,
    checked_url,
)
from connector.platforms.ispring.forms import JsonForm
from connector.platforms.ispring.shapes import single_value

PLATFORM = "ispring"
TOKEN_PATH = "/api/v3/token"
SOAP_PATH = "/api/v2/soap/2.0"
DEFAULT_LIFE_S = 1800.0
FORM_TYPE = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """An account's addresses and credentials, as the settings give them (contract, section 2). Has no repr: it holds secrets.

    With a client id calls are made with an access token, else with the account's address, login and password.
    """

    api_url: str = "https://api-learn.ispringlearn.com"
    token_url: str = ""
    soap_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    account_url: str = ""
    email: str = ""
    password: str = ""

    @property
    def uses_token(self) -> bool:
        return bool(self.client_id)

    def checked(self) -> Account:
        """The same account with its addresses filled in. Raises SettingsError, naming the setting to mend."""
        if not self.uses_token and not (self.account_url and self.email and self.password):
            raise SettingsError(
                "CONNECTOR_ISPRING__CLIENT_ID: give client id and secret, or account address, email and password"
            )
        if self.uses_token and not self.client_secret:
            raise SettingsError("CONNECTOR_ISPRING__CLIENT_SECRET: missing beside the client id")
        api_url = checked_url(self.api_url, setting="CONNECTOR_ISPRING__API_URL")
        account_url = self.account_url and checked_url(
            self.account_url, setting="CONNECTOR_ISPRING__ACCOUNT_URL"
        )
        return Account(
            api_url=api_url,
            token_url=checked_url(
                self.token_url or _origin(api_url) + TOKEN_PATH, setting="CONNECTOR_ISPRING__TOKEN_URL"
            ),
            # The pages show only the path; the account's own host is the better guess (reference, section 1).
            soap_url=checked_url(
                self.soap_url or (account_url or _origin(api_url)) + SOAP_PATH,
                setting="CONNECTOR_ISPRING__SOAP_URL",
            ),
            client_id=self.client_id,
            client_secret=self.client_secret,
            account_url=account_url,
            email=self.email,
            password=self.password,
        )


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


class HeaderCredentials:
    """The older way in: account address, login and password beside every call."""

    def __init__(self, account: Account) -> None:
        self._headers = {
            "X-Auth-Account-Url": account.account_url,
            "X-Auth-Email": account.email,
            "X-Auth-Password": account.password,
        }

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def renew(self, refused: Mapping[str, str]) -> bool:
        return False


class TokenCredentials:
    """An access token, fetched when first needed, shared by all threads, renewed before it ends and after a 401.

    iSpring has no refresh token, and whether a new token ends the old one is not known: so one at a time.
    """

    def __init__(self, http: Http, account: Account) -> None:
        self._http = http
        self._account = account
        self._lock = threading.Lock()
        self._token = ""
        self._ends_at = 0.0

    def token(self) -> str:
        with self._lock:
            if not self._token or time.monotonic() >= self._ends_at:
                self._fetch()
            return self._token

    def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self.token()}"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        self.renew_token(refused.get("Authorization", "").removeprefix("Bearer "))
        return True

    def renew_token(self, refused: str) -> None:
        """Fetch a new token, unless another thread has done so since the refused one was used."""
        with self._lock:
            if self._token == refused:
                self._fetch()

    def _fetch(self) -> None:
        fields = {
            "client_id": self._account.client_id,
            "client_secret": self._account.client_secret,
            "grant_type": "client_credentials",
        }
        request = Request(
            operation="token",
            method="POST",
            url=self._account.token_url,
            count=Count.OTHER,
            headers={"Accept": "application/json", "Content-Type": FORM_TYPE},
            body=urlencode(fields).encode(),
        )
        try:
            self._token, life_s = self._http.call(request, _token_of, credentials=NoCredentials())
        except Rejected as exc:
            raise AccessDenied(
                PLATFORM, "token", "the client id or secret is not accepted", status=exc.status
            ) from exc
        # A margin, so that a token does not end while a request travels.
        self._ends_at = time.monotonic() + life_s - min(60.0, life_s / 10)


def _token_of(answer: Answer) -> tuple[str, float]:
    tree = JsonForm().read(answer)
    token = single_value(tree, "access_token") if isinstance(tree, dict) else None
    if token is None:
        raise Garbled("the token answer holds no token; is the token address right?")
    life = single_value(tree, "expires_in")
    return token, float(life) if life and life.isdigit() else DEFAULT_LIFE_S
