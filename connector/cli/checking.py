"""`connector check`: settings, database, mappings, then what both accounts show and allow."""

from __future__ import annotations

from connector.cli import options

STYLES = {"proven": "green", "warning": "yellow", "failed": "bold red", "unproven": "cyan"}


def check(
    config: options.Config = None, as_json: options.AsJson = False, verbose: options.Verbose = False
) -> int:
    """Check settings, database, mappings and credentials, and what both accounts show and allow. Reads only."""
    from connector.cli.json_report import SCHEMA
    from connector.cli.screen import print_json, say
    from connector.cli.setup import full_settings
    from connector.survey import Found, exit_code, survey

    findings: list[Found] = []
    for finding in survey(full_settings(config, verbose=verbose)):
        findings.append(finding)
        if not as_json:
            say(
                (f"{finding.standing.value:9}", STYLES[finding.standing.value]),
                f"{finding.where}: {finding.what}",
            )
            if finding.detail:
                say((finding.detail, "dim"), indent=9)
    code = exit_code(findings)
    if as_json:
        rows = [
            {"where": f.where, "what": f.what, "standing": f.standing.value, "detail": f.detail}
            for f in findings
        ]
        print_json({"schema": SCHEMA, "findings": rows, "exit_code": int(code)})
    return code
