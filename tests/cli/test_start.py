"""How the program starts: quickly, with help that teaches, and with exit codes that scripts can trust."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from connector.sandbox.run import demo_mappings_dir
from tests.cli.conftest import Connector, in_process_of_its_own

HEAVY = ("sqlmodel", "sqlalchemy", "httpx", "apscheduler", "starlette", "uvicorn")


def loaded_by(argv: list[str], folder: Path) -> tuple[int, set[str]]:
    """The exit code of a command, and which heavy modules it loaded."""
    script = (
        "import sys; from connector.cli.app import run; code = run(sys.argv[1:], serve=None);"
        f"print(code, *[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *argv],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    code, *found = done.stderr.splitlines()[-1].split()
    return int(code), set(found)


@pytest.mark.parametrize(
    "argv", [["--help"], ["plan", "--help"], ["mappings", "check"], ["mappings", "schema"]]
)
def test_help_and_mapping_checks_load_no_database_and_no_http(
    argv: list[str], bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTOR_MAPPINGS_DIR", str(demo_mappings_dir()))

    assert loaded_by(argv, bare) == (0, set())


@pytest.mark.parametrize(
    "name",
    [
        "demo",
        "sandbox",
        "check",
        "plan",
        "reconcile",
        "daemon",
        "mappings",
        "review",
        "links",
        "history",
        "db",
    ],
)
def test_every_command_of_the_contract_is_in_the_help(name: str, connector: Connector) -> None:
    result = connector("--help")

    assert result.code == 0
    assert f" {name} " in result.out


@pytest.mark.parametrize(
    "argv",
    [
        ["nonsense"],
        ["plan", "--nonsense"],
        ["reconcile", "--allow", "everything"],
        ["links", "pin", "not-a-number", "user"],
        ["history", "--head", "abc"],
        ["plan", "--config", "missing.yaml"],
    ],
)
def test_what_cannot_be_meant_ends_with_2(argv: list[str], bare: Path, connector: Connector) -> None:
    assert connector(*argv).code == 2


def test_missing_settings_are_all_named_at_once_and_nothing_is_read(bare: Path, connector: Connector) -> None:
    result = connector("plan")

    assert result.code == 2
    for name in ("CONNECTOR_TIMEZONE", "CONNECTOR_AXCELERATE__API_URL", "CONNECTOR_ISPRING__CLIENT_ID"):
        assert name in result.err
    assert result.out == ""


def test_an_error_is_one_json_object_too(bare: Path, connector: Connector) -> None:
    result = connector("plan", "--json")

    assert result.code == 2
    assert result.json["error"]["code"] == 2
    assert "CONNECTOR_TIMEZONE" in result.json["error"]["message"]


def test_the_settings_file_may_be_named_before_and_after_the_command(
    bare: Path, connector: Connector
) -> None:
    mappings = demo_mappings_dir()
    Path("other.yaml").write_text(f"mappings_dir: {mappings}\n")

    assert connector("--config", "other.yaml", "mappings", "check").code == 0
    assert connector("mappings", "check", "--config", "other.yaml").code == 0
    assert connector("mappings", "check").code == 2


def test_a_reader_that_has_seen_enough_is_no_error(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = f"set -o pipefail; {sys.executable} -m connector mappings schema | head -1"

    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, done.stderr, done.stdout) == (0, "", "{\n")


def test_a_bug_ends_with_1_and_a_reference_instead_of_a_traceback_on_the_screen(
    bare: Path, connector: Connector, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*words: object, **named: object) -> None:
        raise ZeroDivisionError("something nobody foresaw")

    monkeypatch.setattr("connector.state.migrate.check", broken)

    result = connector("db", "check")

    reference = result.err.partition("Reference ")[2][:8]
    assert result.code == 1
    assert result.out == ""
    assert result.err.count(reference) == 2  # once for the person, once in the log


def test_python_m_connector_is_the_same_program(bare: Path) -> None:
    done = in_process_of_its_own("--version")

    assert done.returncode == 0
    assert done.stdout.startswith("connector ")


def test_a_terminal_without_our_letters_ends_no_run(bare: Path) -> None:
    ascii_only = os.environ | {"PYTHONIOENCODING": "ascii"}

    demo = in_process_of_its_own("demo", cwd=bare, env=ascii_only)
    schema = in_process_of_its_own("mappings", "schema", cwd=bare, env=ascii_only)

    assert demo.returncode == 0
    assert "T?ne Walker" in demo.stdout
    assert json.loads(schema.stdout)["$schema"]
