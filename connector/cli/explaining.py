"""`connector explain`: why one learner is or is not in agreement, and what would change it."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import options


def explain(
    learner: Annotated[
        str,
        typer.Option(
            "--learner",
            metavar="EMAIL_OR_CONTACT_ID",
            help="Whom to explain: e-mail address or contact number.",
        ),
    ],
    config: options.Config = None,
    as_json: options.AsJson = False,
    verbose: options.Verbose = False,
    rule: options.RuleIds = None,
) -> int:
    """Why this learner is or is not in agreement, field by field, and the smallest change that would alter it.

    Reads both platforms for this one learner and writes nothing. For each field: both values, what was agreed last and when, the
    line of the mapping that decides, the last call, and what a person could change.

    Examples: [bold]connector explain --learner mia@example.org[/bold], [bold]connector explain --learner 22041 --rule whs-induction[/bold]
    """
    from connector.cli.explain_json import explanation_json
    from connector.cli.explain_text import show_explanation
    from connector.cli.logs import set_up_logs
    from connector.cli.screen import print_json
    from connector.cli.setup import full_settings
    from connector.cli.signals import stop_on_signals
    from connector.explaining.look import explain_learner
    from connector.wiring import opened_parts

    set_up_logs(verbose=verbose)
    settings = full_settings(config)
    with stop_on_signals() as stop, opened_parts(settings, stop=stop) as parts:
        told = explain_learner(learner, parts, rules=frozenset(rule or ()))
        now, zone = parts.now(), parts.zone
    if as_json:
        print_json(explanation_json(told))
    else:
        show_explanation(told, now=now, zone=zone)
    return told.exit_code
