"""The SOAP 1.1 side (reference section 12): envelope, credentials, faults; one function per operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from connector.sandbox.faults import Answer, Exchange, platform_answer

from .access import Actor
from .incoming import Fields, local_name, plain_value, read_xml
from .refusals import Refused, wrong_parameters
from .render import XML_HEAD, element
from .services import Services

SOAP_TYPE = "text/xml; charset=utf-8"
ENVELOPE = "://schemas.xmlsoap.org/soap/envelope/"
SERVICE = "://ispringlearn.com/go/services/api/soap"


@dataclass(frozen=True)
class SoapCall:
    """One signed-in SOAP request. `prefix` goes before every element below the answer's root."""

    services: Services
    actor: Actor
    fields: Fields
    exchange: Exchange
    prefix: str

    def element(self, name: str, content: str | bytes) -> bytes:
        return element(self.prefix + name, content)


Operation = Callable[[SoapCall], bytes]


@dataclass(frozen=True)
class SoapOperation:
    """`answer_root` is the element the answer stands in; `changes` says that it writes."""

    name: str
    run: Operation
    answer_root: str
    changes: bool = False


@dataclass(frozen=True)
class _Namespaces:
    envelope: str = "http" + ENVELOPE
    service: str = "http" + SERVICE


@dataclass(frozen=True)
class _Request:
    operation: str
    fields: Fields
    credentials: dict[str, str]
    names: _Namespaces = field(default_factory=_Namespaces)


class SoapApi:
    """All operations over one account. Root names are matched without case."""

    def __init__(self, services: Services, operations: Sequence[SoapOperation]) -> None:
        self._services = services
        self._operations = {one.name.lower(): one for one in operations}

    def answer(self, method: str, body: bytes, exchange: Exchange) -> Answer:
        if method != "POST":
            return platform_answer(405, b"", SOAP_TYPE)
        names = _Namespaces()
        try:
            request = _read(body)
            names = self._names(request.names)
            inner = self._run(request, exchange)
            status = 200
        except Refused as refused:
            exchange.effect = "none" if exchange.effect == "write" else exchange.effect
            fault = element("faultcode", "client") + element("faultstring", refused.fault)
            inner, status = (
                element("SOAP-ENV:Fault", fault),
                self._services.account.switches.soap_fault_status,
            )
        return platform_answer(status, XML_HEAD + _envelope(inner, names), SOAP_TYPE)

    def _run(self, request: _Request, exchange: Exchange) -> bytes:
        operation = self._operations.get(request.operation.lower())
        if operation is None:
            raise wrong_parameters(f"unknown operation {request.operation}")
        exchange.effect = "write" if operation.changes else "read"
        if exchange.asked("revoke_token"):
            self._services.gate.revoke_all()
        actor = self._services.gate.by_soap(request.credentials)
        self._services.statistics.catch_up()
        prefix = "ns1:" if self._services.account.switches.soap_children == "prefixed" else ""
        content = operation.run(SoapCall(self._services, actor, request.fields, exchange, prefix))
        return element("ns1:" + operation.answer_root, content)

    def _names(self, callers: _Namespaces) -> _Namespaces:
        scheme = self._services.account.switches.soap_namespace
        return callers if scheme == "echo" else _Namespaces(scheme + ENVELOPE, scheme + SERVICE)


def operation_name(path: str, headers: dict[str, str], body: bytes) -> str:
    """The SOAP operation of a request for the log and for faults ("ChangeEnrollment"); "" for REST."""
    if not path.startswith("/soap/"):
        return ""
    try:
        return _read(body).operation
    except Refused:
        return ""


def _read(body: bytes) -> _Request:
    envelope = read_xml(body)
    soap_body = next((one for one in envelope if _is(one, "Body")), None)
    request = next(iter(soap_body), None) if soap_body is not None else None
    if request is None or local_name(envelope) != "Envelope":
        raise wrong_parameters("no SOAP body")
    name = local_name(request)
    values = plain_value(request)
    fields: dict[str, Any] = values if isinstance(values, dict) else {}
    credentials = fields.pop("credentials", {})
    return _Request(
        operation=name[: -len("Request")] if name.lower().endswith("request") else name,
        fields=Fields(fields),
        credentials=credentials if isinstance(credentials, dict) else {},
        names=_Namespaces(
            etree.QName(envelope).namespace or "", etree.QName(request).namespace or "http" + SERVICE
        ),
    )


def _is(element_: etree._Element, name: str) -> bool:
    return isinstance(element_.tag, str) and local_name(element_) == name


def _envelope(inner: bytes, names: _Namespaces) -> bytes:
    head = f'<SOAP-ENV:Envelope xmlns:SOAP-ENV="{names.envelope}" xmlns:ns1="{names.service}">'
    return head.encode() + element("SOAP-ENV:Body", inner) + b"</SOAP-ENV:Envelope>"
