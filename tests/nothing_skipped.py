"""A pytest plugin for `./check`: a run in which a test was skipped, or failed as expected, is no proof and fails."""

from __future__ import annotations

import pytest

EXCUSED = ("skipped", "xfailed", "xpassed")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Runs before the exit code is settled; workers of xdist have no terminal and leave the word to their controller."""
    terminal = session.config.pluginmanager.get_plugin("terminalreporter")
    if terminal is None or hasattr(session.config, "workerinput"):
        return
    excused = sum(len(terminal.stats.get(outcome, [])) for outcome in EXCUSED)
    if excused and session.exitstatus == pytest.ExitCode.OK:
        terminal.write_line(f"{excused} tests were excused; none may be", red=True)
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
