"""The SOAP 1.1 envelope around iSpring's operations, written and read by hand.

No WSDL is published, and the vendor's samples disagree about namespaces (`http` on old pages, `https` on new ones):
we send the standard ones and read by local name only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from connector.errors import AccessDenied, ChangeRefused, PlatformError, WriteDenied
from connector.platforms.http import Answer, Effect, Garbled, Rejected
from connector.platforms.ispring.client import PLATFORM
from connector.platforms.ispring.shapes import single_value
from connector.platforms.xml import MalformedXml, add_values, local_name, parse_xml, tree_of, written

ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "http://ispringlearn.com/go/services/api/soap"

NOT_SIGNED_IN = "authorization failed"
NOT_ALLOWED = frozenset(("permission denied", "account subscription expired"))


@dataclass(frozen=True, slots=True)
class Operation:
    """One SOAP method: the name in `SOAPAction`, the request's root, and what repeating it would do."""

    action: str
    effect: Effect = Effect.READ
    root: str = ""

    @property
    def request(self) -> str:
        return self.root or f"{self.action}Request"


def envelope(operation: Operation, credentials: Mapping[str, object], fields: Mapping[str, object]) -> bytes:
    """The request document: credentials inside the request element, then the fields in their order."""
    root = etree.Element(etree.QName(ENVELOPE, "Envelope"), nsmap={"SOAP-ENV": ENVELOPE, None: SERVICE})
    body = etree.SubElement(root, etree.QName(ENVELOPE, "Body"))
    request = etree.SubElement(body, etree.QName(SERVICE, operation.request))
    add_values(request, {"credentials": credentials, **fields})
    return written(root)


def result_of(answer: Answer, operation: Operation) -> Any:
    """The result element as plain values. Raises what a fault means, or Garbled when there is no SOAP answer."""
    try:
        result = _result_element(answer)
        name, tree = local_name(result), tree_of(result)
    except MalformedXml as exc:
        raise Garbled("a web page came instead of SOAP" if answer.is_html else str(exc)) from exc
    if name.lower() == "fault":
        raise _fault(tree, operation)
    if not 200 <= answer.status < 300:
        raise Garbled(f"HTTP {answer.status} without a SOAP fault")
    if operation.effect is not Effect.READ and single_value(tree, "success") == "false":
        raise ChangeRefused(PLATFORM, operation.action, "answered without success")
    return tree


def _result_element(answer: Answer) -> etree._Element:
    root = parse_xml(answer.body)
    if local_name(root).lower() == "envelope":
        for part in root:
            if local_name(part).lower() == "body" and len(part):
                return part[0]
    raise MalformedXml("the answer holds no SOAP body")


def _fault(tree: Any, operation: Operation) -> Exception:
    """What a fault means. The documented texts stand in the reference, section 12.3; they are compared without case."""
    text = (single_value(tree, "faultstring", "Reason", "Text") or "").strip()
    said, is_read = text.lower().rstrip("."), operation.effect is Effect.READ
    code = (single_value(tree, "faultcode", "Code", "Value") or "").lower()

    def error(kind: type[PlatformError], detail: str, status: int) -> PlatformError:
        return kind(PLATFORM, operation.action, detail, status=status)

    if said == NOT_SIGNED_IN:
        return error(AccessDenied, "authorization failed", 401)
    if said in NOT_ALLOWED:
        return error(AccessDenied if is_read else WriteDenied, said, 403)
    if code.endswith("server") or said.startswith("internal"):
        return Garbled("a fault of the server")
    # Faults name what was wrong, never the value; but a longer text is not passed on.
    detail = (
        said
        if said.startswith(("wrong parameters", "unknown ")) and len(said) < 40
        else "refused with a fault"
    )
    return error(Rejected if is_read else ChangeRefused, detail, 400)
