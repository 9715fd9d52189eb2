"""The settings of a command line; what is doubtful in them is said on stderr."""

from __future__ import annotations

from datetime import tzinfo
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from connector.cli.screen import notice

if TYPE_CHECKING:
    from connector.settings import Settings


def full_settings(config: Path | None, *, verbose: bool = False) -> Settings:
    """Settings with zone and credentials, for whatever speaks to a platform, and logs for what happens on the way."""
    from connector.cli.logs import set_up_logs

    set_up_logs(verbose=verbose)
    return _told(config, need_platforms=True)


def local_settings(config: Path | None) -> Settings:
    """Settings for what needs only files and the state database; credentials may be absent."""
    return _told(config, need_platforms=False)


def _told(config: Path | None, *, need_platforms: bool) -> Settings:
    from connector.settings import load_settings

    settings = load_settings(config, need_platforms=need_platforms)
    for warning in settings.warnings:
        notice(("warning: ", "yellow"), warning)
    return settings


def shown_zone(settings: Settings) -> tzinfo:
    """The zone in which times are shown: the RTO's, else UTC."""
    return ZoneInfo(settings.timezone or "UTC")
