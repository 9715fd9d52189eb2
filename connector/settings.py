"""Settings: from the environment, from secret files, from connector.yaml (contract, section 2).

Plain pydantic instead of pydantic-settings: the import of the latter costs more than everything `mappings check` does, and it cannot tell
an unknown variable from a foreign one (docs/decisions/0303).
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from connector.errors import SettingsError
from connector.settings_sources import Name, Sources, lines_of, nest, read_sources, variable
from connector.settings_values import (
    Cron,
    DatabaseUrl,
    JurisdictionName,
    Pace,
    SecretUrl,
    Url,
    Zone,
    is_loopback,
)


class Group(BaseModel):
    """One level of names. Frozen; unknown names never get this far."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True
    )


class ISpringSettings(Group):
    """The iSpring Learn account."""

    timezone: Zone | None = Field(
        None, description="The account's zone, where it is another one than the RTO's."
    )
    dialect: Literal["rest", "soap"] = Field("rest", description="Which of iSpring's interfaces is used.")
    api_url: Url = Field("https://api-learn.ispringlearn.com", description="REST base, prefix included.")
    token_url: Url | None = Field(
        None, description="Where access tokens are issued; by default the API's host + /api/v3/token."
    )
    soap_url: Url | None = Field(
        None, description="The SOAP address; by default the account's + /api/v2/soap/2.0."
    )
    client_id: str | None = Field(None, description="Access-token credentials.")
    client_secret: SecretStr | None = Field(None, description="Access-token credentials.")
    account_url: Url | None = Field(None, description="Header credentials, used when there is no client id.")
    email: str | None = Field(None, description="Header credentials.")
    password: SecretStr | None = Field(None, description="Header credentials.")
    format: Literal["json", "xml"] = Field("json", description="Bodies on REST.")
    page_size: int = Field(1000, ge=1, le=1000, description="Rows a page.")
    requests_per_second: Pace = Field(5, description="0 = no pacing.")
    webhook_secret: SecretStr | None = Field(None, description="Signs iSpring's webhooks.")

    @property
    def uses_token(self) -> bool:
        """Whether calls carry an access token; otherwise the `X-Auth-*` headers."""
        return self.client_id is not None

    @property
    def token_address(self) -> str:
        """Where access tokens are issued, the default worked out."""
        parts = urlsplit(self.api_url)
        return self.token_url or f"{parts.scheme}://{parts.netloc}/api/v3/token"

    @property
    def soap_address(self) -> str | None:
        """Where SOAP answers, the default worked out; None where neither it nor the account's address is set."""
        return self.soap_url or (f"{self.account_url}/api/v2/soap/2.0" if self.account_url else None)


class AxcelerateSettings(Group):
    """The aXcelerate account."""

    timezone: Zone | None = Field(
        None, description="The account's zone, where it is another one than the RTO's."
    )
    api_url: Url | None = Field(None, description="For example https://acme.app.axcelerate.com/api.")
    api_token: SecretStr | None = Field(None, description="Header `apitoken`.")
    ws_token: SecretStr | None = Field(None, description="Header `wstoken`.")
    page_size: int = Field(100, ge=1, le=100, description="Rows a page.")
    requests_per_second: Pace = Field(2, description="0 = no pacing.")
    jurisdiction: JurisdictionName = Field(
        "NAT", description="Which outcome codes apply; a rule may name its own."
    )
    webhook_key: SecretStr | None = Field(None, description="Signs aXcelerate's webhooks.")


class ScheduleSettings(Group):
    """When the daemon runs; cron, in the RTO's zone."""

    incremental: Cron = Field("*/15 * * * *", description="Runs over what changed.")
    full: Cron = Field("30 3 * * *", description="Runs over everything.")


class HttpSettings(Group):
    """The daemon's pages."""

    host: str = Field("127.0.0.1", description="The address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="The port to listen on; 0 takes a free one.")
    password: SecretStr | None = Field(
        None, description="Of the console; without one it answers on loopback only."
    )


class NotifySettings(Group):
    """Who is told what nobody may overlook (an addition to the contract's list)."""

    url: SecretUrl | None = Field(
        None, description="A webhook that is told of reviews that wait and of runs that do not go through."
    )
    reviews_older_than_days: int = Field(
        3, ge=0, le=3650, description="From what age on a review is in the digest."
    )
    no_run_for_hours: int = Field(
        24, ge=1, le=8760, description="After so long without a full run that went through somebody is told."
    )


class Settings(Group):
    """All settings, checked. `warnings` are lines for the operator that stop nothing."""

    database_url: DatabaseUrl = Field(SecretStr("sqlite:///connector.db"), description="The state database.")
    mappings_dir: Path = Field(Path("mappings"), description="Every *.yaml in it is read.")
    timezone: Zone | None = Field(None, description="The RTO's zone (IANA name); calendar dates are in it.")
    ispring: ISpringSettings = ISpringSettings()
    axcelerate: AxcelerateSettings = AxcelerateSettings()
    schedule: ScheduleSettings = ScheduleSettings()
    http: HttpSettings = HttpSettings()
    notify: NotifySettings = NotifySettings()
    _warnings: tuple[str, ...] = PrivateAttr(())

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._warnings

    @property
    def zone(self) -> ZoneInfo:
        """The RTO's zone. Raises: SettingsError where none is set (only settings read without platforms may lack it)."""
        if self.timezone is None:
            raise SettingsError(_missing(("timezone",)))
        return ZoneInfo(self.timezone)

    @property
    def ispring_zone(self) -> ZoneInfo:
        return ZoneInfo(self.ispring.timezone) if self.ispring.timezone else self.zone

    @property
    def axcelerate_zone(self) -> ZoneInfo:
        return ZoneInfo(self.axcelerate.timezone) if self.axcelerate.timezone else self.zone


def load_settings(
    config: Path | None = None, *, environ: Mapping[str, str] = os.environ, need_platforms: bool = True
) -> Settings:
    """Read and check all settings. `config` is `--config`; without it `connector.yaml` of the working directory, if there is one.

    Without `need_platforms` zone and credentials may be absent (`mappings check`, `schema`, `test`).

    Raises: SettingsError with every problem, a line each: where it is written, what is wrong, what would be right. No line ever
    shows a secret.
    """
    sources = read_sources(setting_names(), environ, config)
    problems = list(sources.problems)
    settings = None
    try:
        settings = Settings.model_validate(nest(sources.values))
    except ValidationError as error:
        problems += [
            _told(sources, details) for details in error.errors(include_url=False, include_input=False)
        ]
    if need_platforms and sources.is_whole:
        problems += [_missing(name) for name in _absent(sources)]
    if problems or settings is None:
        raise SettingsError("\n".join(lines_of(problems)))
    settings._warnings = tuple(lines_of([*sources.warnings, *_doubts(settings)]))
    return settings


def setting_names(group: type[BaseModel] = Settings, above: Name = ()) -> Iterator[Name]:
    """Every setting by its levels, in the order of the contract's table."""
    for word, field in group.model_fields.items():
        kind = field.annotation
        if isinstance(kind, type) and issubclass(kind, Group):
            yield from setting_names(kind, (*above, word))
        else:
            yield (*above, word)


_EXAMPLES: dict[Name, str] = {
    ("timezone",): "the RTO's zone, for example Australia/Sydney",
    ("axcelerate", "api_url"): "the account's API, for example https://acme.app.axcelerate.com/api",
    ("axcelerate", "api_token"): "the API token of aXcelerate",
    ("axcelerate", "ws_token"): "the web service token of aXcelerate",
    (
        "ispring",
        "client_id",
    ): "with CONNECTOR_ISPRING__CLIENT_SECRET for an access token; or CONNECTOR_ISPRING__ACCOUNT_URL, "
    "__EMAIL and __PASSWORD instead",
    ("ispring", "client_secret"): "it belongs to CONNECTOR_ISPRING__CLIENT_ID",
    ("ispring", "account_url"): "the account's address, for example https://acme.ispringlearn.com",
    ("ispring", "email"): "it belongs to CONNECTOR_ISPRING__PASSWORD",
    ("ispring", "password"): "it belongs to CONNECTOR_ISPRING__EMAIL",
}


def _missing(name: Name) -> str:
    return f"{variable(name)}: is missing; set it: {_EXAMPLES[name]}"


def _absent(sources: Sources) -> Iterator[Name]:
    """What a run needs and nobody has set."""
    has = sources.values
    needed: list[Name] = [
        ("timezone",),
        *(("axcelerate", word) for word in ("api_url", "api_token", "ws_token")),
    ]
    client = [("ispring", word) for word in ("client_id", "client_secret")]
    headers = [("ispring", word) for word in ("account_url", "email", "password")]
    if any(name in has for name in client):
        needed += client
    elif any(name in has for name in headers):
        needed += headers
    else:
        needed.append(("ispring", "client_id"))
    dialect = has.get(("ispring", "dialect"))
    if dialect is not None and dialect.text == "soap" and ("ispring", "soap_url") not in has:
        needed.append(("ispring", "account_url"))
    yield from (name for name in dict.fromkeys(needed) if name not in has)


def _told(sources: Sources, details: Any) -> str:
    """One complaint of pydantic's in the operators' words, at the place where the value is written."""
    name: Name = tuple(str(part) for part in details["loc"])
    written = sources.values.get(name)
    where = written.where if written else variable(name)
    context = details.get("ctx", {})
    words = {
        "int_parsing": "is no whole number",
        "float_parsing": "is no number",
        "finite_number": "is no number",
        "greater_than_equal": f"is less than {context.get('ge', 0):g}",
        "less_than_equal": f"is more than {context.get('le', 0):g}",
        "literal_error": f"is not one of {context.get('expected')}",
        "value_error": str(context.get("error")),
    }
    return f"{where}: {words.get(details['type'], details['msg'])}"


def _doubts(settings: Settings) -> Iterator[str]:
    """Settings that work and are probably not meant."""
    addresses: dict[Name, str | None] = {
        ("ispring", "api_url"): settings.ispring.api_url,
        ("ispring", "account_url"): settings.ispring.account_url,
        ("axcelerate", "api_url"): settings.axcelerate.api_url,
    }
    for name, address in addresses.items():
        if address and address.startswith("http://") and not is_loopback(urlsplit(address).hostname or ""):
            yield f"{variable(name)}: http:// sends credentials unencrypted; use https://"
    if "2" in settings.schedule.full.split()[1].split(","):
        yield f"{variable(('schedule', 'full'))}: the hour from 02:00 repeats once a year and is skipped once; take another hour"
