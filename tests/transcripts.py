"""Example transcripts of the documentation, and how they are executed.

A fenced `console` block in which `connector` is called holds commands (`$ …`) and what they print, standard output and errors together. `…` stands for anything
within a line, and alone on a line for any lines. `# exit N` behind a command is its exit code, 0 where nothing is said. The blocks of
one page are one session in one directory, against sandboxes of their own.

`python -m tests.transcripts docs/PAGE.md` prints what the commands of a page really say.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from connector.sandbox.run import demo_mappings_dir, run_sandboxes

ROOT = Path(__file__).parents[1]
EMPTY = "<!-- transcripts start in an empty directory -->"
"""On a page about the very beginning; elsewhere the directory holds the demo's mapping files."""

_BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_OURS = re.compile(r"^\$ (?:.*\s)?connector ", re.MULTILINE)
_EXIT = re.compile(r"\s+# exit (\d+)$")


@dataclass(frozen=True)
class Step:
    """One command and what the page says of it; `line` is its place in the page."""

    page: Path
    line: int
    command: str
    expected: str
    code: int

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}: {self.command}"


@dataclass(frozen=True)
class Outcome:
    """What a command printed and how it ended."""

    text: str
    code: int


def pages() -> list[Path]:
    """Every page that holds a transcript."""
    found = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [page for page in found if steps_of(page)]


def steps_of(page: Path) -> list[Step]:
    """The commands of a page, in their order."""
    text = page.read_text(encoding="utf-8")
    blocks = [block for block in _BLOCK.finditer(text) if _OURS.search(block.group(1))]
    return [step for block in blocks for step in _steps(page, text, block)]


def _steps(page: Path, text: str, block: re.Match[str]) -> Iterator[Step]:
    line = text[: block.start(1)].count("\n") + 1
    for part in re.split(r"^(?=\$ )", block.group(1), flags=re.MULTILINE):
        if not part:
            continue
        assert part.startswith("$ "), f"{page}:{line}: a transcript begins with a command"
        first, _, expected = part.removeprefix("$ ").partition("\n")
        exits = _EXIT.search(first)
        code = int(exits.group(1)) if exits else 0
        yield Step(page, line, _EXIT.sub("", first), expected, code)
        line += part.count("\n")


@contextmanager
def session(page: Path) -> Iterator[dict[str, str]]:
    """The environment of a page's commands; the working directory is in PWD."""
    with tempfile.TemporaryDirectory(prefix="connector-docs-") as folder, run_sandboxes() as boxes:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CONNECTOR_")}
        environ |= boxes.environment()
        if EMPTY not in page.read_text(encoding="utf-8"):
            shutil.copytree(demo_mappings_dir(), Path(folder) / "mappings")
        environ |= {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PWD": folder,
            "HOME": folder,
            "NO_COLOR": "1",
            "CONNECTOR_HTTP__PORT": "0",
        }
        yield environ


def execute(step: Step, environ: dict[str, str]) -> Outcome:
    """Run one command as the shell of an operator does."""
    ended = subprocess.run(
        ["sh", "-c", step.command],
        cwd=environ["PWD"],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    return Outcome(ended.stdout, ended.returncode)


def fits(expected: str, text: str) -> bool:
    """Whether a command printed what the page says; space at the ends of lines, and empty lines, do not count."""
    lines = [line.rstrip() for line in expected.splitlines() if line.strip()]
    pattern = "".join(_pattern(line) for line in lines)
    said = "".join(line.rstrip() + "\n" for line in text.splitlines() if line.strip())
    return re.fullmatch(pattern, said) is not None


def _pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*?"
    return ".*?".join(re.escape(part) for part in line.split("…")) + r"\n"


def main() -> None:
    page = Path(sys.argv[1]).resolve()
    with session(page) as environ:
        for step in steps_of(page):
            outcome = execute(step, environ)
            print(f"$ {step.command}   # exit {outcome.code}\n{outcome.text}")


if __name__ == "__main__":
    main()
