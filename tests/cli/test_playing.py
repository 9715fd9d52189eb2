"""`connector demo` and `connector sandbox`, run as a stranger runs them: no settings, nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx

from tests.cli.conftest import in_process_of_its_own


def without_settings(folder: Path) -> dict[str, str]:
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}
    return bare | {"TMPDIR": str(folder)}


def test_the_demo_tells_the_whole_story_and_leaves_nothing(tmp_path: Path) -> None:
    # Settings lying about must play no part in it.
    (tmp_path / "connector.yaml").write_text("timezone: Mars/Olympus\n")

    done = in_process_of_its_own("demo", cwd=tmp_path, env=without_settings(tmp_path))

    assert (done.returncode, done.stderr) == (0, "")
    chapters = [line for line in done.stdout.splitlines() if line.startswith("── ")]
    assert len(chapters) == 5
    assert "because it was changed in iSpring Learn" in done.stdout
    assert "because it was changed in aXcelerate" in done.stdout
    assert "because a person approved it" in done.stdout
    quiet = done.stdout.partition(chapters[-1])[2]
    assert "Nothing to do: both sides agree" in quiet
    assert "0 writes" in quiet
    assert [path.name for path in tmp_path.iterdir()] == ["connector.yaml"]


def test_the_sandbox_prints_settings_that_a_shell_can_source_and_ends_when_told(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "connector", "sandbox"],
        cwd=tmp_path,
        env=without_settings(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = []
        for line in process.stdout:
            lines.append(line)
            if line == "# ready\n":
                break
        (tmp_path / "sandbox.env").write_text("".join(lines))
        sourced = subprocess.run(
            ["bash", "-c", f". ./sandbox.env && {sys.executable} -m connector plan --detailed-exitcode"],
            cwd=tmp_path,
            env=without_settings(tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        process.send_signal(signal.SIGTERM)
        code = process.wait(timeout=10)

    assert (sourced.returncode, code) == (10, 0), sourced.stderr
    address = next(line for line in lines if "AXCELERATE__API_URL" in line).partition("=")[2].strip()
    try:
        httpx.get(address, timeout=2)
    except httpx.ConnectError:
        return
    raise AssertionError("the sandbox still answers")
