"""`serve_until_stopped`: what a shell sources, and how it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import pytest

PROGRAM = "from connector.sandbox.run import serve_until_stopped; serve_until_stopped()"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_settings_that_a_shell_can_source_and_ends_on_a_signal(tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    try:
        lines = []
        while not lines or lines[-1] != "# ready\n":
            lines.append(process.stdout.readline())
            assert lines[-1], "ended before it was ready"
        script = tmp_path / "sandbox.env"
        script.write_text("".join(lines))
        sourced = subprocess.run(
            ["sh", "-c", f". {script}; env"],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.defpath},
        ).stdout
        settings = dict(line.split("=", 1) for line in sourced.splitlines() if line.startswith("CONNECTOR_"))
        tokens = {
            "apitoken": settings["CONNECTOR_AXCELERATE__API_TOKEN"],
            "wstoken": settings["CONNECTOR_AXCELERATE__WS_TOKEN"],
        }
        rows = httpx.get(settings["CONNECTOR_AXCELERATE__API_URL"] + "/course/enrolments", headers=tokens)
        assert len(rows.json()) == 9
        assert settings["CONNECTOR_MAPPINGS_DIR"].endswith("mappings/demo")
    finally:
        process.send_signal(number)
        _, errors = process.communicate(timeout=20)

    assert (process.returncode, errors) == (0, "")
