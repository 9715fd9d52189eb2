"""`connector plan` and `connector reconcile`: one run, shown to a person or as JSON."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from connector.cli import options
from connector.domain.report import Exit

if TYPE_CHECKING:
    from connector.cli.saved import SavedPlan
    from connector.domain.report import Report
    from connector.engine.parts import Parts, Request

LIFTABLE = ("created", "updates", "access_removed", "outcomes", "emptied")
"""What `--allow` takes: the limits of the contract's section 5, and that an emptied list is true (section 4)."""


@dataclass(frozen=True)
class Show:
    """How a run is told."""

    as_json: bool
    out: Path | None = None
    letter: Path | None = None
    exit_on_drift: bool = False


def plan(
    config: options.Config = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
    rule: options.RuleIds = None,
    learner: options.Learner = None,
    allow: options.Allow = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="Save the plan; `connector reconcile --plan FILE` applies it."
        ),
    ] = None,
    letter: Annotated[
        Path | None,
        typer.Option(
            "--letter", metavar="FILE.md|.html", help="Write the plan as a letter that somebody can approve."
        ),
    ] = None,
    detailed_exitcode: Annotated[
        bool, typer.Option("--detailed-exitcode", help="Exit code 10 when there are changes to make.")
    ] = False,
) -> int:
    """What a reconcile would change, and why. Never writes to a platform.

    Reads both platforms, matches people, and says for each learner what would move, from what to what, and why; then what waits
    for a person, and what is left alone.

    Examples: [bold]connector plan[/bold], [bold]connector plan --learner mia@example.org[/bold],
    [bold]connector plan --rule whs-induction --out friday.json --letter friday.html[/bold]
    """
    from connector.engine.parts import Request

    _refuse_unwritable(out, letter)
    request = Request(command="plan", rules=frozenset(rule or ()), learner=learner, allow=_allowed(allow))
    return _run(config, request, Show(as_json, out, letter, detailed_exitcode), verbose=verbose)


def reconcile(
    config: options.Config = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
    rule: options.RuleIds = None,
    learner: options.Learner = None,
    allow: options.Allow = None,
    plan_file: Annotated[
        Path | None,
        typer.Option("--plan", metavar="FILE", help="Apply exactly this saved plan, record by record."),
    ] = None,
) -> int:
    """Bring both sides into agreement: read, match, plan, refuse if unsafe, write, verify.

    Every write is preceded by a fresh look and read back afterwards. Ctrl-C ends the run after the record in hand; the next run goes on
    from there.

    Examples: [bold]connector reconcile[/bold], [bold]connector reconcile --plan friday.json[/bold],
    [bold]connector reconcile --allow access_removed[/bold]
    """
    from connector.cli.saved import read_plan
    from connector.engine.parts import Request
    from connector.errors import UsageError

    saved: SavedPlan | None = None
    if plan_file is not None:
        if rule or learner:
            raise UsageError("--plan applies the plan as it was saved; leave --rule and --learner out")
        saved = read_plan(plan_file)
    request = Request(
        command="reconcile",
        rules=saved.rules if saved else frozenset(rule or ()),
        learner=saved.learner if saved else learner,
        allow=_allowed(allow),
        saved=saved.changes if saved else None,
    )
    return _run(config, request, Show(as_json), verbose=verbose, saved=saved)


def _refuse_unwritable(out: Path | None, letter: Path | None) -> None:
    """Raises UsageError for a file that cannot be written, before anything is read."""
    from connector.cli.letter import refuse_other_forms
    from connector.cli.saved import refuse_unwritable

    if letter is not None:
        refuse_other_forms(letter)
    for path in (out, letter):
        if path is not None:
            refuse_unwritable(path)


def _allowed(classes: list[str] | None) -> frozenset[str]:
    """Raises UsageError for a class that there is not."""
    from connector.errors import UsageError

    for name in classes or ():
        if name not in LIFTABLE:
            raise UsageError(f"--allow {name}: there are {', '.join(LIFTABLE)}")
    return frozenset(classes or ())


def _run(
    config: Path | None,
    request: Request,
    show: Show,
    *,
    verbose: bool,
    saved: SavedPlan | None = None,
) -> int:
    from connector import reconcile as engine
    from connector.cli.progress import Progress
    from connector.cli.screen import notice
    from connector.cli.setup import full_settings
    from connector.cli.signals import stop_on_signals
    from connector.engine.opening import refuse_unknown_contact
    from connector.wiring import opened_parts

    settings = full_settings(config, verbose=verbose)
    with (
        stop_on_signals() as stop,
        closing(Progress()) as progress,
        opened_parts(settings, stop=stop, progress=progress.step) as parts,
    ):
        _refuse_unknown_rules(request, parts)
        if saved and saved.mapping_digest != parts.rules.digest:
            notice(
                "note: the mapping files were edited since this plan was saved; what they changed is left out"
            )
        report = engine.run(request, parts)
        progress.close()
        if request.learner is not None and report.found_nobody:
            refuse_unknown_contact(request.learner, parts)
        _tell(report, request, parts, show)
    code = report.exit_code
    if code is Exit.FINISHED and show.exit_on_drift and report.changes:
        return Exit.DRIFT
    return code


def _refuse_unknown_rules(request: Request, parts: Parts) -> None:
    from connector.errors import UsageError

    known = {rule.id for rule in parts.rules.rules}
    unknown = sorted(request.rules - known)
    if unknown:
        raise UsageError(f"there is no rule {unknown[0]}; there are {', '.join(sorted(known))}")


def _tell(report: Report, request: Request, parts: Parts, show: Show) -> None:
    """Write what was asked for: files first, so that a closed pipe cannot lose them."""
    from connector.cli.json_report import report_json
    from connector.cli.letter import write_letter
    from connector.cli.render import Rendering
    from connector.cli.saved import write_plan
    from connector.cli.screen import print_json, say

    head = parts.store.head()
    as_json = report_json(report, journal_head=head)
    if show.out is not None:
        write_plan(show.out, report, as_json, rules=request.rules, learner=request.learner)
    if show.letter is not None:
        write_letter(show.letter, report, parts.rules, parts.zone)
    if show.as_json:
        print_json(as_json)
        return
    Rendering(report, parts.rules, zone=parts.zone, now=parts.now()).show(
        journal_head=None if request.only_plan else head
    )
    if show.out is not None:
        say(f"Saved as {show.out}; `connector reconcile --plan {show.out}` applies exactly this.")
    if show.letter is not None:
        say(f"Letter: {show.letter}")
