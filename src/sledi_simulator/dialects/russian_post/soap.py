"""Just enough of SOAP for the Russian Post: read an envelope, build one.

The prefixes of what is built are generated, as the real service's are: clients match by namespace.
"""

from typing import Self
from xml.etree import ElementTree as ET

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
OPERATIONS_NS = "http://russianpost.org/operationhistory"


class Branch:
    """An element under construction. Children are in its namespace unless another is named."""

    def __init__(self, name: str, namespace: str = "", parent: ET.Element | None = None) -> None:
        tag = f"{{{namespace}}}{name}" if namespace else name
        self.element = ET.Element(tag) if parent is None else ET.SubElement(parent, tag)
        self._namespace = namespace

    def branch(self, name: str, namespace: str | None = None) -> "Branch":
        """A new child with children of its own."""
        return Branch(name, self._namespace if namespace is None else namespace, self.element)

    def leaf(self, name: str, text: object, namespace: str | None = None) -> Self:
        """A new child with text; returns the parent."""
        self.branch(name, namespace).element.text = str(text)
        return self

    def attributes(self, **values: object) -> Self:
        """Unqualified attributes."""
        self.element.attrib.update({name: str(value) for name, value in values.items()})
        return self


def document(soap: str, content: ET.Element) -> bytes:
    """An envelope around one element."""
    envelope = Branch("Envelope", soap)
    envelope.branch("Body").element.append(content)
    text: bytes = ET.tostring(envelope.element, encoding="UTF-8", xml_declaration=True)
    return text


def read_document(body: bytes) -> ET.Element | None:
    """The root of an XML text; nothing when it is none, or declares a document type (and so entities)."""
    if b"<!DOCTYPE" in body:
        return None
    try:
        return ET.fromstring(body)  # noqa: S314  without a document type there is nothing to expand
    except ET.ParseError:
        return None
