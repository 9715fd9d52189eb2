"""XML from outside is read safely; what is read is what was meant."""

from __future__ import annotations

import pytest
from lxml import etree

from connector.platforms.xml import MalformedXml, add_values, local_name, parse_xml, tree_of, written

BILLION_LAUGHS = b"""<?xml version="1.0"?>
<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>
<response><name>&c;</name></response>"""
OUTSIDE = b'<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]><response><name>&x;</name></response>'


@pytest.mark.parametrize("body", [BILLION_LAUGHS, OUTSIDE, b"<!doctype html><html></html>"])
def test_a_document_with_a_doctype_is_refused_rather_than_read_with_empty_fields(body: bytes):
    with pytest.raises(MalformedXml):
        parse_xml(body)


def test_a_doctype_in_another_encoding_is_refused_too():
    text = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE r [<!ENTITY a "x">]><response>&a;</response>'

    with pytest.raises(MalformedXml):
        parse_xml(text.encode("utf-16"))


@pytest.mark.parametrize("body", [b"", b"{}", b"<response><a></response>", b"plain text", b"<a>\xff</a>"])
def test_what_is_not_xml_is_refused(body: bytes):
    with pytest.raises(MalformedXml):
        parse_xml(body)


def test_a_document_beyond_the_limit_is_refused_before_it_is_parsed():
    with pytest.raises(MalformedXml, match="more than 10 bytes"):
        parse_xml(b"<response></response>", limit=10)


@pytest.mark.parametrize("depth", [100, 5000])
def test_deep_nesting_is_refused(depth: int):
    body = b"<a>" * depth + b"</a>" * depth

    with pytest.raises(MalformedXml):
        tree_of(parse_xml(body))


def test_repeated_elements_become_a_list_and_empty_ones_none():
    root = parse_xml(
        b"<r><id>1</id><id> 2 </id><due/><name> </name><!-- a note --><one><two>3</two></one></r>"
    )

    assert tree_of(root) == {"id": ["1", "2"], "due": None, "name": None, "one": {"two": "3"}}


def test_names_are_read_without_namespace():
    root = parse_xml(b'<ns1:r xmlns:ns1="https://example.org/x"><ns1:taskId>7</ns1:taskId></ns1:r>')

    assert (local_name(root), tree_of(root)) == ("r", {"taskId": "7"})


def test_the_cyrillic_first_letter_of_certificate_is_made_latin():
    root = parse_xml("<r><\u0441ertificate>x</\u0441ertificate></r>".encode())

    assert tree_of(root) == {"certificate": "x"}


def test_values_are_written_as_elements_and_lists_as_repeated_ids():
    root = etree.Element("request")

    add_values(root, {"courseIds": ["a", "b"], "lock": True, "none": None, "fields": {"login": "j&co\x0b"}})

    assert written(root).decode().replace("\n", "") == (
        "<?xml version='1.0' encoding='UTF-8'?>"
        "<request><courseIds><id>a</id><id>b</id></courseIds><lock>true</lock>"
        "<fields><login>j&amp;co</login></fields></request>"
    )
