"""What has to be known before anything can be read, question by question; who is asked, and how, is the caller's business."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from connector.errors import SettingsError
from connector.settings import Settings, load_settings, setting_names
from connector.settings_sources import PREFIX, SECRETS_DIR, Name, variable


@dataclass(frozen=True, slots=True)
class Question:
    """One setting to ask for. `default` is offered, None where there is none; an empty answer to an `optional` one leaves it out."""

    name: Name
    text: str
    default: str | None = None
    is_secret: bool = False
    optional: bool = False


Ask = Callable[[Question], str]
"""Gives a person's answer; raises UsageError where nobody can be asked."""

FIRST = (
    Question(("timezone",), "Time zone of the training organisation", "Australia/Sydney"),
    Question(("axcelerate", "jurisdiction"), "Reporting jurisdiction (whose outcome codes apply)", "NAT"),
    Question(("axcelerate", "api_url"), "aXcelerate: API address, as https://ACCOUNT.app.axcelerate.com/api"),
    Question(("axcelerate", "api_token"), "aXcelerate: API token", is_secret=True),
    Question(("axcelerate", "ws_token"), "aXcelerate: web service token", is_secret=True),
    Question(("ispring", "api_url"), "iSpring Learn: API address", "https://api-learn.ispringlearn.com"),
    Question(
        ("ispring", "client_id"),
        "iSpring Learn: client id (leave empty to sign in with an administrator's e-mail)",
        optional=True,
    ),
)
WITH_CLIENT = (Question(("ispring", "client_secret"), "iSpring Learn: client secret", is_secret=True),)
WITH_ACCOUNT = (
    Question(
        ("ispring", "account_url"), "iSpring Learn: account address, as https://ACCOUNT.ispringlearn.com"
    ),
    Question(("ispring", "email"), "iSpring Learn: administrator's e-mail"),
    Question(("ispring", "password"), "iSpring Learn: administrator's password", is_secret=True),
)
# These would be written for nobody: where the program finds its files is decided by where it is started.
_NOT_KEPT: frozenset[Name] = frozenset({("mappings_dir",)})


def secret_names() -> frozenset[Name]:
    """Settings that never stand in a file that somebody else may read."""
    return frozenset(name for name in setting_names() if "Secret" in str(_annotation(name)))


def _annotation(name: Name) -> object:
    group: object = Settings
    for word in name:
        group = group.model_fields[word].annotation  # type: ignore[attr-defined]
    return group


def gather(ask: Ask, given: Mapping[Name, str], environ: Mapping[str, str] = os.environ) -> dict[Name, str]:
    """Every setting to be kept: what flags and the environment say, then what somebody answers.

    A wrong answer is said and asked again by `ask`'s owner: `check_one` tells. Raises UsageError where nobody can be asked.
    """
    known = dict(_already(environ)) | dict(given)
    for question in FIRST:
        _settle(question, known, ask)
    for question in WITH_CLIENT if known.get(("ispring", "client_id")) else WITH_ACCOUNT:
        _settle(question, known, ask)
    return {name: text for name, text in known.items() if text}


def _settle(question: Question, known: dict[Name, str], ask: Ask) -> None:
    if question.name in known:
        return
    has_account = all(one.name in known for one in WITH_ACCOUNT)
    if question.name == ("ispring", "client_id") and has_account:
        return
    known[question.name] = ask(question)


def _already(environ: Mapping[str, str]) -> Iterator[tuple[Name, str]]:
    """Settings that the environment holds, or a file in the directory of secrets that it names."""
    folder = environ.get(SECRETS_DIR, "")
    for name in setting_names():
        text = environ.get(variable(name), "").strip()
        file = Path(folder) / variable(name) if folder else None
        if not text and file is not None and file.is_file():
            text = file.read_text(encoding="utf-8").rstrip("\r\n")
        if text and name not in _NOT_KEPT:
            yield name, text


def problem_of(name: Name, text: str) -> str | None:
    """What is wrong with one answer, in the words of the settings; None when nothing is."""
    try:
        load_settings(_no_file(), environ={variable(name): text}, need_platforms=False)
    except SettingsError as error:
        return str(error).removeprefix(f"{variable(name)}: ")
    return None


def settings_of(answers: Mapping[Name, str], mappings: Path) -> Settings:
    """The answers as settings. Raises SettingsError with everything that is wrong with them together."""
    environ = {variable(name): text for name, text in answers.items()}
    return load_settings(_no_file(), environ=environ | {f"{PREFIX}MAPPINGS_DIR": str(mappings)})


def _no_file() -> Path:
    """An empty settings file, so that a connector.yaml that happens to lie about plays no part."""
    return Path(os.devnull)
