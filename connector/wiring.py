"""Builds the real objects from settings; the only module that knows them all.

What a command does not use is not imported: each function imports what it builds.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from connector.domain.learner import Contact, ContactId
from connector.errors import MappingError

if TYPE_CHECKING:
    from pydantic import SecretStr

    from connector.domain.rule import Rules
    from connector.engine.parts import Parts
    from connector.platforms.axcelerate import AxcelerateVet
    from connector.platforms.ispring import IspringPlatform
    from connector.settings import Settings
    from connector.state.store import Store

Progress = Callable[[str, int, int | None], None]


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return datetime.now(UTC)


def no_progress(step: str, done: int, total: int | None) -> None:
    """For runs that nobody watches."""


@contextmanager
def opened_store(settings: Settings) -> Iterator[Store]:
    """The state database of the account. Raises StateError, naming the command that helps."""
    from connector.state.store import open_store

    with open_store(settings.database_url.get_secret_value(), now=now) as store:
        yield store


def rules_of(settings: Settings) -> Rules:
    """The mapping files' rules. Raises MappingError with every problem."""
    from connector.mapping.load import load_rules

    return load_rules(settings.mappings_dir, jurisdiction=settings.axcelerate.jurisdiction).rules


@contextmanager
def opened_ispring(settings: Settings, stop: threading.Event | None = None) -> Iterator[IspringPlatform]:
    """iSpring Learn, in the dialect and with the credentials of the settings."""
    from connector.platforms.ispring import Account, connect

    ours = settings.ispring
    account = Account(
        api_url=ours.api_url,
        token_url=ours.token_url or "",
        soap_url=ours.soap_url or "",
        client_id=ours.client_id or "",
        client_secret=_text(ours.client_secret),
        account_url=ours.account_url or "",
        email=ours.email or "",
        password=_text(ours.password),
    )
    platform = connect(
        account,
        zone=settings.ispring_zone,
        dialect=ours.dialect,
        form=ours.format,
        page_size=ours.page_size,
        requests_per_second=ours.requests_per_second,
        stop=stop,
    )
    with closing(platform):
        yield platform


@contextmanager
def opened_axcelerate(settings: Settings, stop: threading.Event | None = None) -> Iterator[AxcelerateVet]:
    """aXcelerate, with the tokens of the settings."""
    from connector.platforms.axcelerate import AxcelerateVet

    ours = settings.axcelerate
    platform = AxcelerateVet(
        api_url=ours.api_url or "",
        api_token=_text(ours.api_token),
        ws_token=_text(ours.ws_token),
        page_size=ours.page_size,
        requests_per_second=ours.requests_per_second,
        stop=stop,
    )
    with closing(platform):
        yield platform


def _text(secret: SecretStr | None) -> str:
    return secret.get_secret_value() if secret else ""


@contextmanager
def opened_parts(
    settings: Settings, *, stop: threading.Event, progress: Progress = no_progress
) -> Iterator[Parts]:
    """All that a run works with. Mappings are read before anything is opened: their problems come first."""
    from connector.engine.parts import Parts
    from connector.reading.scope import PageSizes

    rules = rules_of(settings)
    with (
        opened_store(settings) as store,
        opened_ispring(settings, stop) as lms,
        opened_axcelerate(settings, stop) as vet,
    ):
        yield Parts(
            rules=rules,
            lms=lms,
            vet=vet,
            store=store,
            zone=settings.zone,
            lms_zone=settings.ispring_zone,
            now=now,
            pages=PageSizes(settings.ispring.page_size, settings.axcelerate.page_size),
            progress=progress,
            stop=stop,
        )


def contact_of(learner: str, load: Callable[[], Settings]) -> ContactId:
    """Whom `--learner` names; an e-mail address takes one call to aXcelerate. `load` reads the settings with credentials."""
    from connector.reading.named import named_contact

    def by_email(address: str) -> list[Contact]:
        with opened_axcelerate(load()) as vet:
            return vet.contacts_by_email(address)

    return named_contact(learner, by_email)


def jurisdictions_of(settings: Settings) -> dict[str, str]:
    """The jurisdiction of every rule, to show codes with their meaning; none where the mapping files have problems."""
    try:
        return {rule.id: rule.jurisdiction for rule in rules_of(settings).rules}
    except MappingError:
        return {}
