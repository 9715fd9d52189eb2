"""`connector check` as a whole: what it asks, and in which order it may wait."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from connector import survey
from connector.platforms.port import Standing
from connector.sandbox.run import demo_mappings_dir
from connector.settings import load_settings

PATIENCE_S = 10


def test_platforms_that_do_not_answer_are_waited_for_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(2)

    def asked(where: str) -> Iterator[survey.Found]:
        together.wait(PATIENCE_S)  # breaks unless the other platform is being asked meanwhile
        yield survey.Found(where, "read users", Standing.PROVEN)

    monkeypatch.setattr(survey, "_ispring", lambda settings, rules: asked(survey.ISPRING))
    monkeypatch.setattr(survey, "_axcelerate", lambda settings, rules: asked(survey.AXCELERATE))
    settings = load_settings(
        environ={
            "CONNECTOR_TIMEZONE": "Australia/Sydney",
            "CONNECTOR_MAPPINGS_DIR": str(demo_mappings_dir()),
            "CONNECTOR_DATABASE_URL": f"sqlite:///{tmp_path / 'connector.db'}",
        },
        need_platforms=False,
    )

    platforms = [found.where for found in survey.survey(settings) if found.what == "read users"]

    assert platforms == [survey.ISPRING, survey.AXCELERATE]
