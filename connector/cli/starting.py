"""`connector init`: from two accounts to settings, a first mapping, and a plan that has written nothing."""

from __future__ import annotations

import os
import shlex
import sys
import threading
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.domain.report import Exit

if TYPE_CHECKING:
    from connector.reading.account import Account
    from connector.settings import Settings
    from connector.settings_sources import Name
    from connector.starting.answers import Question
    from connector.starting.files import Places
    from connector.starting.suggest import Suggested

SETTINGS_FILE = Path("connector.yaml")
MAPPINGS_DIR = "CONNECTOR_MAPPINGS_DIR"


def init(
    timezone: Annotated[
        str | None, typer.Option(help="The organisation's zone, as Australia/Sydney.")
    ] = None,
    jurisdiction: Annotated[str | None, typer.Option(help="Whose outcome codes apply, as NAT or WA.")] = None,
    axcelerate_url: Annotated[str | None, typer.Option(help="aXcelerate's API address.")] = None,
    ispring_url: Annotated[str | None, typer.Option(help="iSpring Learn's API address.")] = None,
    client_id: Annotated[str | None, typer.Option(help="iSpring Learn's client id.")] = None,
    account_url: Annotated[str | None, typer.Option(help="iSpring Learn's account address.")] = None,
    email: Annotated[str | None, typer.Option(help="An administrator's e-mail at iSpring Learn.")] = None,
    config: Annotated[Path, typer.Option(metavar="FILE", help="The settings file to write.")] = Path(
        "connector.yaml"
    ),
    secrets: Annotated[
        Path, typer.Option(metavar="DIR", help="Where secrets are written, a file each.")
    ] = Path("secrets"),
    mappings: Annotated[Path, typer.Option(metavar="DIR", help="Where the first mapping is written.")] = Path(
        "mappings"
    ),
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Ask nothing; what is missing is an error.")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="Write files anew that are there already.")] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what is being done.")
    ] = False,
) -> int:
    """Ask for what the connector needs, try it, and write settings and a first mapping. Ends in a plan; no platform is written to.

    Whatever the environment says already (CONNECTOR_…) is not asked for. Secrets are never options: they are asked for, or taken from
    the environment or from CONNECTOR_SECRETS_DIR, and written to files that nobody else can read.
    """
    from connector.cli.logs import set_up_logs
    from connector.starting.answers import gather, settings_of
    from connector.starting.files import Places, refuse_to_overwrite

    set_up_logs(verbose=verbose)
    chosen = mappings or Path(os.environ.get(MAPPINGS_DIR) or "mappings")
    places = Places(config or SETTINGS_FILE, secrets, chosen)
    if not force:
        refuse_to_overwrite(places)
    given: dict[Name, str | None] = {
        ("timezone",): timezone,
        ("axcelerate", "jurisdiction"): jurisdiction,
        ("axcelerate", "api_url"): axcelerate_url,
        ("ispring", "api_url"): ispring_url,
        ("ispring", "client_id"): client_id,
        ("ispring", "account_url"): account_url,
        ("ispring", "email"): email,
    }
    answers = gather(
        _nobody if no_input else _person, {name: text for name, text in given.items() if text is not None}
    )
    settings = settings_of(answers, places.mappings)
    if not _connects(settings):
        return Exit.UNREACHABLE
    return _write_and_plan(settings, answers, places)


# -- asking --------------------------------------------------------------------------------------------------------------------


def _nobody(question: Question) -> str:
    from connector.errors import UsageError
    from connector.settings_sources import variable

    if question.default is not None or question.optional:
        return question.default or ""
    raise UsageError(f"{variable(question.name)} is missing, and --no-input asks nobody for it")


def _person(question: Question) -> str:
    """Ask until the answer is one that the settings take."""
    from connector.cli.screen import notice
    from connector.starting.answers import problem_of

    while True:
        text = _answer(question) or question.default or ""
        problem = problem_of(question.name, text) if text else None
        if problem:
            notice(("  that ", "yellow"), problem)
        elif text or question.optional:
            return text
        else:
            notice("  this is needed")


def _answer(question: Question) -> str:
    """One line from the keyboard, or from whatever stands in for it; a secret is not shown while it is typed."""
    import getpass

    from connector.errors import UsageError

    offered = f" [{question.default}]" if question.default else ""
    if question.is_secret and sys.stdin.isatty():
        return getpass.getpass(f"{question.text}: ", stream=sys.stderr).strip()
    sys.stderr.write(f"{question.text}{offered}: ")
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise UsageError("the answers ended before the questions did; nothing was written")
    return line.strip()


# -- trying --------------------------------------------------------------------------------------------------------------------


def _connects(settings: Settings) -> bool:
    """Try every read of both platforms, and say what works."""
    from connector.cli.screen import notice, say
    from connector.platforms.port import Standing, VetScope
    from connector.wiring import opened_axcelerate, opened_ispring

    found: list[tuple[str, str, bool, str]] = []
    with opened_ispring(settings) as lms:
        found += [
            ("iSpring Learn", proof.read, proof.works, proof.detail) for proof in lms.capabilities().proofs
        ]
    with opened_axcelerate(settings) as vet:
        findings = vet.capabilities(VetScope(whole_account=True))
        found += [("aXcelerate", f.what, f.standing is not Standing.FAILED, f.detail) for f in findings]
    for where, what, works, detail in found:
        mark = ("works   ", "green") if works else ("FAILED  ", "bold red")
        say(mark, f"{where}: {what}: {detail}")
    works = all(each[2] for each in found)
    if not works:
        notice("Nothing was written. Mend what failed, and start again.")
    return works


# -- writing and planning ------------------------------------------------------------------------------------------------------


def _write_and_plan(settings: Settings, answers: Mapping[Name, str], places: Places) -> int:
    from connector.cli.progress import Progress
    from connector.cli.screen import say
    from connector.reading.account import read_account
    from connector.starting.files import write_mapping, write_settings
    from connector.starting.first_mapping import first_mapping
    from connector.starting.suggest import suggest
    from connector.wiring import opened_axcelerate, opened_ispring

    with closing(Progress()) as progress, opened_ispring(settings) as lms, opened_axcelerate(settings) as vet:
        account = read_account(lms, vet, progress.step)
    suggested = suggest(account)
    write_settings(places, answers)
    say()
    say(("Settings: ", "bold"), f"{places.settings}; secrets: {places.secrets} (for your eyes only)")
    if places.has_mappings():
        say(("Mapping:  ", "bold"), f"{places.mappings} holds mapping files already; none was written")
        return _plan(places)
    text = first_mapping(suggested, account, jurisdiction=settings.axcelerate.jurisdiction)
    write_mapping(places, text)
    _tell(suggested, account, places)
    return _plan(places) if suggested.sure else _how_to_go_on(places, Exit.FINISHED)


def _tell(suggested: Suggested, account: Account, places: Places) -> None:
    from connector.cli.screen import say

    say(
        ("Mapping:  ", "bold"),
        f"{places.first_mapping}, from {len(account.courses)} courses, {len(account.units)} units",
    )
    for one in suggested.sure:
        names = ", ".join(course.title for course in one.courses)
        say(f"rule: {names} ↔ {one.target} {one.key} ({one.because})", indent=2)
    if suggested.likely:
        say(f"{len(suggested.likely)} likely pairs stand in it as comments", indent=2)
    if suggested.alone:
        say(f"{len(suggested.alone)} courses resemble no unit and no module", indent=2)
    if not suggested.sure:
        say("No pair was sure enough for a rule: write one, then try `connector plan`.", indent=2)


def _plan(places: Places) -> int:
    """A plan with exactly the files that were written, as the next command will make it."""
    from connector.cli.render import Rendering
    from connector.cli.screen import say
    from connector.engine.parts import PLAN, Request
    from connector.reconcile import run
    from connector.settings import load_settings
    from connector.settings_sources import SECRETS_DIR
    from connector.wiring import opened_parts

    environ = {**os.environ, SECRETS_DIR: str(places.secrets), MAPPINGS_DIR: str(places.mappings)}
    settings = load_settings(places.settings, environ=environ)
    say()
    with opened_parts(settings, stop=threading.Event()) as parts:
        report = run(Request(command=PLAN), parts)
        Rendering(report, parts.rules, zone=parts.zone, now=parts.now()).show()
    return _how_to_go_on(places, report.exit_code)


def _how_to_go_on(places: Places, code: Exit) -> Exit:
    from connector.cli.screen import say

    config = "" if places.settings == SETTINGS_FILE else f" --config {shlex.quote(str(places.settings))}"
    say()
    say(("Nothing was written to either platform. From here on:", "bold"))
    say(f"export CONNECTOR_SECRETS_DIR={shlex.quote(str(places.secrets.resolve()))}", indent=2)
    if os.environ.get(MAPPINGS_DIR, str(places.mappings)) != str(places.mappings):
        say(f"export {MAPPINGS_DIR}={shlex.quote(str(places.mappings))}", indent=2)
    say(f"connector check{config}; connector plan{config}", indent=2)
    return code
