"""The ground that the program stands on: the README's two commands, what is tracked, what travels in the wheel."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from pytest_socket import SocketConnectBlockedError

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SET_UP = (
    "python3 -m venv .venv\n"
    ".venv/bin/pip install --quiet --require-hashes -r requirements/{lock}.txt\n"
    ".venv/bin/pip install --quiet --no-deps -e .\n"
)


def _blocks() -> list[tuple[str, str]]:
    return FENCE.findall((ROOT / "README.md").read_text(encoding="utf-8"))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# -- the README's two commands ---------------------------------------------------------------------------------------------


def test_the_first_block_sets_everything_up_and_ends_in_the_demo():
    language, text = _blocks()[0]

    assert language == "sh"
    assert text == SET_UP.format(lock="run") + ".venv/bin/connector demo\n"


def test_the_second_block_sets_everything_up_by_itself_and_ends_in_every_check():
    language, text = _blocks()[1]

    assert language == "sh"
    assert text == SET_UP.format(lock="dev") + "./check\n"


def test_continuous_integration_runs_the_second_block_word_for_word():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8")

    assert script.endswith("\n\n" + _blocks()[1][1])


@pytest.mark.parametrize("name", ["check", ".ci/run"])
def test_the_scripts_can_be_executed_and_stop_at_the_first_failure(name: str):
    script = ROOT / name

    assert os.access(script, os.X_OK)
    assert "\nset -eu\n" in script.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "tool", ["ruff format --check .", "ruff check .", "-m mypy", "lint-imports", "-m pytest"]
)
def test_the_check_runs(tool: str):
    assert tool in (ROOT / "check").read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_every_locked_package_has_a_hash_and_no_address(lock: str):
    text = (ROOT / "requirements" / f"{lock}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]

    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_the_developers_lock_holds_the_same_versions_as_the_running_ones():
    pins = {
        lock: set(re.findall(r"^([a-z0-9-]+==[^ ]+)", (ROOT / f"requirements/{lock}.txt").read_text(), re.M))
        for lock in ("run", "dev")
    }

    assert pins["run"] <= pins["dev"]


# -- tests stay on this machine, and none is excused -----------------------------------------------------------------------


def test_no_test_reaches_another_machine():
    outside = "192.0.2.1"  # an address reserved for documentation

    with (
        pytest.warns(UserWarning, match=outside),
        pytest.raises(SocketConnectBlockedError),
        socket.socket() as connection,
    ):
        connection.connect((outside, 80))


@pytest.mark.parametrize("excuse", ["pytest.skip('later')", "pytest.xfail('known')"])
def test_a_run_with_an_excused_test_fails_the_check(tmp_path: Path, excuse: str):
    (tmp_path / "test_one.py").write_text(f"import pytest\n\ndef test_it():\n    {excuse}\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "tests.nothing_skipped",
        "--rootdir",
        str(tmp_path),
    ]

    ended = subprocess.run(
        [*command, "-c", os.devnull, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )

    assert ended.returncode == 1, ended.stdout
    assert "1 tests were excused" in ended.stdout


# -- what is tracked -------------------------------------------------------------------------------------------------------

REGISTRIES = tuple(".".join(parts) for parts in (("pypi", "org"), ("pythonhosted", "org"), ("npmjs", "org")))
MACHINE_PATHS = tuple("/".join(("", folder, "")) for folder in ("work", "root", "Users"))
NOT_TEXT = (".png", ".ico", ".woff2")


def test_no_tracked_file_names_a_registry_or_a_folder_of_somebodys_machine():
    words = (*REGISTRIES, *MACHINE_PATHS)
    found = [
        f"{path.relative_to(ROOT)}: {word}"
        for path in _tracked()
        if path.suffix not in NOT_TEXT
        for word in words
        if word in path.read_text(encoding="utf-8")
    ]

    assert found == []


def test_the_domain_says_enrolment_everywhere_but_at_ispring():
    found = [
        path.relative_to(ROOT).as_posix()
        for path in _tracked()
        if path.is_relative_to(ROOT / "connector") and path.suffix == ".py"
        if "ispring" not in path.as_posix() and "enrollment" in path.read_text(encoding="utf-8").lower()
    ]

    assert found == []


# -- what travels ----------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names in a wheel built from the tracked files."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    for path in _tracked():
        copy = source / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), "."]
    subprocess.run(command, cwd=source, check=True, timeout=240)
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_the_wheel_carries_every_migration(wheel: set[str]):
    versions = [path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")]

    assert versions
    assert {f"connector/migrations/versions/{name}" for name in versions} <= wheel
    assert "connector/migrations/env.py" in wheel


def test_the_wheel_carries_the_demos_mappings_and_the_schema(wheel: set[str]):
    demo = {f"connector/sandbox/mappings/{path.name}" for path in (ROOT / "mappings/demo").glob("*.yaml")}

    assert demo
    assert demo <= wheel
    assert "connector/mapping/mappings.schema.json" in wheel


def test_the_wheel_carries_neither_tests_nor_databases(wheel: set[str]):
    strangers = [name for name in wheel if not name.startswith(("connector/", "connector-"))]

    assert strangers == []
    assert not any(name.endswith((".db", ".pyc")) for name in wheel)
