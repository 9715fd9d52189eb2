"""The real command line over real HTTP: both sandboxes on loopback, a state database of its own, settings in the environment."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import structlog

from connector.cli.app import run
from connector.sandbox.run import Sandboxes, demo_mappings_dir, run_sandboxes


@dataclass(frozen=True)
class Result:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.out)
        return found


Connector = Callable[..., Result]


@pytest.fixture(scope="module")
def boxes() -> Iterator[Sandboxes]:
    """Both platforms, filled with the demo's provider; tests of one module share what they did to it."""
    with run_sandboxes() as served:
        yield served


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory of its own, and no setting in the environment."""
    for name in [name for name in os.environ if name.startswith("CONNECTOR_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def settings_for(boxes: Sandboxes, folder: Path) -> dict[str, str]:
    return boxes.environment() | {
        "CONNECTOR_DATABASE_URL": f"sqlite:///{folder / 'connector.db'}",
        "CONNECTOR_MAPPINGS_DIR": str(demo_mappings_dir()),
    }


@pytest.fixture
def set_up(bare: Path, boxes: Sandboxes, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings that point at the sandboxes, and an empty database."""
    for name, value in settings_for(boxes, bare).items():
        monkeypatch.setenv(name, value)
    return bare


@pytest.fixture
def connector(capfd: pytest.CaptureFixture[str]) -> Iterator[Connector]:
    """Run one command line in this process."""

    def call(*argv: str) -> Result:
        capfd.readouterr()
        code = run([str(word) for word in argv], serve=lambda config: 0)
        out, err = capfd.readouterr()
        return Result(code, out, err)

    yield call
    structlog.reset_defaults()
    logging.getLogger().handlers.clear()


def in_process_of_its_own(*argv: str, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run one command line as an operator's shell does."""
    return subprocess.run(
        [sys.executable, "-m", "connector", *argv],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        **options,
    )
