"""An independent SOAP client reads and changes the same enrollments as our own envelopes do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import zeep

from connector.domain.enrolment import Enrolment
from connector.domain.learner import CourseId
from connector.platforms.port import LmsScope
from connector.sandbox.generate import demo_world
from connector.sandbox.ispring import IspringSandbox

from .conftest import Connect

SERVICE = "http://ispringlearn.com/go/services/api/soap"
WSDL = f"""<?xml version="1.0"?>
<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"
    xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="{SERVICE}" targetNamespace="{SERVICE}">
  <wsdl:types><xs:schema targetNamespace="{SERVICE}" elementFormDefault="qualified">
    <xs:complexType name="Credentials"><xs:sequence>
      <xs:element name="accountUrl" type="xs:string"/><xs:element name="email" type="xs:string"/>
      <xs:element name="password" type="xs:string"/></xs:sequence></xs:complexType>
    <xs:complexType name="Ids"><xs:sequence>
      <xs:element name="id" type="xs:string" maxOccurs="unbounded"/></xs:sequence></xs:complexType>
    <xs:element name="GetEnrollmentsRequest"><xs:complexType><xs:sequence>
      <xs:element name="credentials" type="t:Credentials"/>
      <xs:element name="courseIds" type="t:Ids" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>
    <xs:element name="GetEnrollmentsResult"><xs:complexType><xs:sequence>
      <xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence></xs:complexType></xs:element>
  </xs:schema></wsdl:types>
  <wsdl:message name="In"><wsdl:part name="body" element="t:GetEnrollmentsRequest"/></wsdl:message>
  <wsdl:message name="Out"><wsdl:part name="body" element="t:GetEnrollmentsResult"/></wsdl:message>
  <wsdl:portType name="Port"><wsdl:operation name="GetEnrollments">
    <wsdl:input message="t:In"/><wsdl:output message="t:Out"/></wsdl:operation></wsdl:portType>
  <wsdl:binding name="Binding" type="t:Port">
    <soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
    <wsdl:operation name="GetEnrollments"><soap:operation soapAction="GetEnrollments"/>
      <wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output>
    </wsdl:operation></wsdl:binding>
  <wsdl:service name="Service"><wsdl:port name="Port" binding="t:Binding">
    <soap:address location="ADDRESS"/></wsdl:port></wsdl:service>
</wsdl:definitions>"""


def test_an_independent_client_lists_the_enrollments_that_our_own_envelopes_list(
    box: IspringSandbox, connected: Connect, tmp_path: Path
):
    box.load(demo_world())
    description = tmp_path / "ispring.wsdl"
    description.write_text(WSDL.replace("ADDRESS", f"{box.url}/api/v2/soap/2.0"))
    credentials = {"accountUrl": box.account_url, "email": box.email, "password": box.password}
    courses = tuple(CourseId(row["course_id"]) for row in box.rows("courses"))
    ours = connected(box, by="headers", dialect="soap")

    with zeep.Client(str(description), settings=zeep.Settings(strict=False)) as client:
        rows = client.service.GetEnrollments(credentials=credentials)

    theirs = {_text(row, "enrollmentId"): (_text(row, "learnerId"), _text(row, "accessDate")) for row in rows}
    read = [
        ours.parse(raw)
        for batch in ours.read(LmsScope(courses, people=False, completions=False))
        for raw in batch.records
    ]
    assert theirs == {
        e.enrolment_id: (e.user_id, e.access_from.isoformat()) for e in read if isinstance(e, Enrolment)
    }
    assert len(theirs) == len(box.rows("enrollments")) > 5


def _text(row: Any, name: str) -> str:
    return next(child.text for child in row if child.tag.endswith(name))
