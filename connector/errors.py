"""One branch for each thing that happens next (who acts, and whether anything may be repeated)."""

from __future__ import annotations


class ConnectorError(Exception):
    """Anything the program knows how to speak about."""


class SetupError(ConnectorError):
    """Stop before the first request: somebody has to edit a file or a setting."""


class SettingsError(SetupError):
    """A setting is missing, unknown or unusable. The message names the setting and the fix."""


class MappingError(SetupError):
    """Mapping files hold problems; `problems` are the lines to print, all of them at once."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StateError(SetupError):
    """The state database is missing, locked or not at the program's schema. The message says which command mends it."""


class UsageError(SetupError):
    """A command was asked for something that does not fit (unknown review id, a missing --take)."""


class PlatformError(ConnectorError):
    """A platform did not do what was asked. Names platform and operation; never a token, a name or a payload."""

    def __init__(self, platform: str, operation: str, detail: str = "", *, status: int | None = None) -> None:
        super().__init__(f"{platform}: {operation}: {detail}" if detail else f"{platform}: {operation}")
        self.platform = platform
        self.operation = operation
        self.detail = detail
        self.status = status


class Unavailable(PlatformError):
    """Nothing was done (no connection, 429, 5xx on a read, retries spent): wait and try again."""


class Unconfirmed(PlatformError):
    """A write left and no clear answer came back: read back, never repeat blindly."""


class AccessDenied(PlatformError):
    """401 or 403: for a read or for every call, leave this platform alone until an operator acts."""


class WriteDenied(AccessDenied):
    """403 on a write: this kind of write (`operation`) rests for the run."""


class ChangeRefused(PlatformError):
    """This one change is refused for good: record it and go on with the next."""


class UnexpectedPayload(PlatformError):
    """The answer is not of the documented shape; in a listing it means that the listing was not read whole."""


class Unreadable(ConnectorError):
    """One record of a listing cannot be understood; it is set aside by name. `key` names it, `reason` says what is wrong."""

    def __init__(self, key: str, reason: str) -> None:
        super().__init__(f"{key}: {reason}")
        self.key = key
        self.reason = reason


class PlanRefused(ConnectorError):
    """A limit tripped, or another run holds the account; nothing was written."""
