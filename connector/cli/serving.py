"""`connector daemon`: the same engine on a schedule and on webhooks, with its pages."""

from __future__ import annotations

import logging

import typer

from connector.cli import options


def daemon(context: typer.Context, config: options.Config = None, verbose: options.Verbose = False) -> int:
    """Reconcile on a schedule and on webhooks until stopped, with console, health and metrics pages.

    Runs once at the start, then by CONNECTOR_SCHEDULE__INCREMENTAL and __FULL (cron, in CONNECTOR_TIMEZONE). Serves / (console), /healthz,
    /readyz, /metrics and /hooks/… on CONNECTOR_HTTP__HOST and __PORT. SIGTERM ends it after the record in hand.
    """
    from connector.cli.logs import set_up_logs

    set_up_logs(verbose=verbose, level=logging.INFO)
    code: int = context.obj(config)
    return code
