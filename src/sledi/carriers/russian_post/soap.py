"""The envelope of both accesses: SOAP, read without trusting who wrote it.

A reply may be a page, half a body or hostile; whatever comes ends in an element or in one of the port's errors.
"""

import html
import re
from types import MappingProxyType
from xml.etree import ElementTree

from sledi.core.carrier import Unavailable, Unreadable

SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_ENVELOPES = MappingProxyType({f"{{{soap}}}Envelope": soap for soap in (SOAP_11, SOAP_12)})
_FAULTS = frozenset(f"{{{soap}}}Fault" for soap in (SOAP_11, SOAP_12))
_DEEPEST = 20


def payload(body: bytes, status: int) -> ElementTree.Element:
    """The element inside the envelope's Body: the answer, or a fault.

    Raises Unavailable for what is no SOAP, Unreadable for an envelope of another shape.
    """
    root = _tree(body, status)
    soap = _ENVELOPES.get(root.tag, "")
    content = root.find(f"{{{soap}}}Body/*") if soap else None
    if content is not None and content.tag == f"{{{soap}}}Fault":
        return content
    if status != 200:
        raise Unavailable(f"HTTP {status} without a fault")
    if not soap:
        raise Unreadable("Envelope", root.tag)
    if content is None:
        raise Unreadable("Envelope.Body", "empty")
    return content


def _tree(body: bytes, status: int) -> ElementTree.Element:
    parser = ElementTree.XMLParser(target=_Tree())  # noqa: S314 - see _Tree
    try:
        parser.feed(body)
        root = parser.close()
    except (ElementTree.ParseError, ValueError, LookupError) as broken:  # the last two: odd encodings
        raise Unavailable(f"HTTP {status}, not XML: {broken}") from None
    except Unreadable as strange:
        if status == 200:
            raise
        raise Unavailable(f"HTTP {status}: {strange}") from None
    if root.tag.rpartition("}")[2].lower() == "html":
        raise Unavailable(f"HTTP {status}, an HTML page")
    return root


def is_fault(payload: ElementTree.Element) -> bool:
    """Whether the carrier answers that it cannot."""
    return payload.tag in _FAULTS


class _Tree(ElementTree.TreeBuilder):
    """Refuses what SOAP forbids and a hostile reply may hold: a document type, depth without end."""

    depth = 0

    def doctype(self, name: str, pubid: str | None, system: str | None) -> None:
        if name.lower() == "html":
            raise Unavailable("an HTML page")
        raise Unreadable("DOCTYPE", name)

    def start(self, tag: str, attrs: dict[str, str], /) -> ElementTree.Element:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise Unreadable("depth", self.depth)
        return super().start(tag, attrs)

    def end(self, tag: str, /) -> ElementTree.Element:
        self.depth -= 1
        return super().end(tag)


def integer(text: str, where: str) -> int:
    """A whole number from 0 on; raises Unreadable naming ``where`` for another text."""
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Unreadable(where, text)
    return int(text)


_FORBIDDEN_IN_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def escape(text: str) -> str:
    """A text as it may stand in XML; characters that may not are left out."""
    return html.escape(_FORBIDDEN_IN_XML.sub("", text))
