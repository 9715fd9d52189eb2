"""Plans kept in a file, to be looked at, approved and then applied exactly (`plan --out`, `reconcile --plan`)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from connector.domain.plan import Change
from connector.domain.report import Report, Status
from connector.errors import UsageError

VERSION = 1
_CHANGES: TypeAdapter[tuple[Change, ...]] = TypeAdapter(tuple[Change, ...])


@dataclass(frozen=True)
class SavedPlan:
    """What to apply, and what the plan was asked about; `refused` says that a limit refused it when it was made."""

    run: str
    changes: tuple[Change, ...]
    rules: frozenset[str]
    learner: str | None
    mapping_digest: str
    refused: bool


def write_plan(
    path: Path, report: Report, as_json: dict[str, Any], *, rules: frozenset[str], learner: str | None
) -> None:
    """Save a plan: the report as the contract has it, and under `saved` all that applying it takes.

    The file holds names' addresses, so only its owner may read it. Raises UsageError when it cannot be written.
    """
    changes = tuple(line.change for line in report.changes)
    saved = {
        "version": VERSION,
        "refused": any(line.status is Status.REFUSED for line in report.changes),
        "rules": sorted(rules),
        "learner": learner,
        "changes": _CHANGES.dump_python(changes, mode="json"),
    }
    write_private(path, json.dumps(as_json | {"saved": saved}, ensure_ascii=False, indent=2) + "\n")


def read_plan(path: Path) -> SavedPlan:
    """Read a saved plan. Raises UsageError when the file is none."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        saved = raw["saved"]
        if saved["version"] != VERSION:
            raise UsageError(
                f"{path}: a plan of version {saved['version']}; this program applies version {VERSION}"
            )
        return SavedPlan(
            run=str(raw["run"]),
            changes=_CHANGES.validate_python(saved["changes"], strict=False),
            rules=frozenset(saved["rules"]),
            learner=saved["learner"],
            mapping_digest=str(raw.get("mapping_digest", "")),
            refused=bool(saved["refused"]),
        )
    except OSError as exc:
        raise UsageError(f"{path}: cannot be read ({exc.strerror})") from exc
    except (ValueError, KeyError, TypeError, ValidationError) as exc:
        raise UsageError(f"{path}: is not a plan that `connector plan --out` saved") from exc


def refuse_unwritable(path: Path) -> None:
    """Raises UsageError where no file can be written at `path`: said before anything is read, not after minutes of reading."""
    folder = path.parent
    if path.is_dir():
        raise UsageError(f"{path}: is a folder; name a file")
    if not folder.is_dir():
        raise UsageError(f"{path}: cannot be written (there is no folder {folder})")
    if not os.access(folder, os.W_OK):
        raise UsageError(f"{path}: cannot be written (no right to write in {folder})")


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600), "w", encoding="utf-8"
        ) as file:
            file.write(text)
        draft.replace(path)
    except OSError as exc:
        draft.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written ({exc.strerror})") from exc
