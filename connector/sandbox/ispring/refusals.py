"""How iSpring refuses: one exception with what REST and what SOAP say."""

from __future__ import annotations


class Refused(Exception):
    """A request that iSpring answers with an error: an HTTP status, a message, and the SOAP fault's text."""

    def __init__(self, status: int, message: str, *, fault: str | None = None, plain: bool = False) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.fault = fault or message
        self.plain = plain


def wrong_parameters(what: str) -> Refused:
    """Something missing or malformed. The texts are invented: no page shows one."""
    return Refused(400, f"Wrong parameters: {what}", fault="Wrong parameters")


def permission_denied() -> Refused:
    return Refused(403, "Permission denied")


def unauthorized() -> Refused:
    return Refused(401, "Unauthorized", fault="Authorization failed")
