"""`connector sandbox` and `connector demo`: both platforms on this machine, with invented people."""

from __future__ import annotations

from typing import Annotated

import typer

from connector.cli import options
from connector.domain.report import Exit


def sandbox(
    ispring_port: Annotated[
        int, typer.Option("--ispring-port", min=0, max=65535, help="0 takes a free one.")
    ] = 0,
    axcelerate_port: Annotated[
        int, typer.Option("--axcelerate-port", min=0, max=65535, help="0 takes a free one.")
    ] = 0,
) -> None:
    """Both platforms' simulators on 127.0.0.1 until stopped; prints settings that a shell can source.

    In one terminal: [bold]connector sandbox > sandbox.env[/bold]. In another: [bold]. ./sandbox.env; connector plan[/bold]. The printed
    control addresses play a person at either platform.
    """
    from connector.errors import UsageError
    from connector.sandbox.run import serve_until_stopped

    try:
        serve_until_stopped(ports=(ispring_port, axcelerate_port))
    except OSError as exc:
        raise UsageError(f"the port cannot be used: {exc.strerror}") from exc


def demo(verbose: options.Verbose = False) -> int:
    """The whole story in some seconds, on this machine, with no settings.

    Starts both simulators with a small invented training provider, plans, reconciles, edits both sides, reconciles again, and says
    what happened and why. Leaves nothing running and nothing behind.
    """
    from connector.cli.logs import set_up_logs
    from connector.cli.render import Rendering
    from connector.cli.screen import say
    from connector.demo import story

    set_up_logs(verbose=verbose)
    for scene in story():
        say()
        say((f"── {scene.title} ", "bold magenta"), ("─" * max(0, 76 - len(scene.title)), "magenta"))
        for line in scene.lines:
            say(line)
        say()
        parts, report = scene.parts, scene.report
        Rendering(report, parts.rules, zone=parts.zone, now=parts.now()).show()
        if report.exit_code is not Exit.FINISHED:
            return report.exit_code
    say()
    say("That was all. Next: ", ("connector sandbox", "bold"), " to play yourself.")
    return Exit.PARTIAL if report.changes else Exit.FINISHED
