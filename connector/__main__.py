"""The way in: `connector` and `python -m connector`. Puts the command line and the daemon together, which do not know each other."""

from __future__ import annotations

import sys
from io import TextIOWrapper
from pathlib import Path


def main() -> None:
    from connector.cli.app import flush, run

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a name that the terminal cannot show must not end a run
    sys.exit(flush(run(sys.argv[1:], serve=serve)))


def serve(config: Path | None) -> int:
    """Run the daemon with this settings file until it is told to stop."""
    from connector.daemon import run_daemon

    return run_daemon(config)


if __name__ == "__main__":
    main()
