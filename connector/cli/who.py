"""Who sits at the keyboard."""

from __future__ import annotations

import getpass
import os


def login_name() -> str:
    """The login name for the journal; the user's number where the system knows no name for it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"
