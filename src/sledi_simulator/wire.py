"""What goes over the wire: a request as a dialect sees it, and its answer."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to one carrier. ``path`` is what follows the carrier's prefix; headers have lower-case names."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def json(self) -> object:
        """The body as JSON. Raises ValueError when it is none."""
        return json.loads(self.body)

    def form(self) -> Mapping[str, str]:
        """The fields of a form, the last of equal names; empty when the body is no form."""
        fields = parse_qs(self.body.decode("utf-8", "replace"), keep_blank_values=True)
        return {name: values[-1] for name, values in fields.items()}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a carrier."""

    status: int
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


def json_answer(document: object, status: int = 200) -> Answer:
    """An answer with a JSON body, its letters not escaped."""
    return Answer(status, to_json(document), "application/json; charset=utf-8")


def to_json(document: object) -> bytes:
    """JSON as the carriers write it: no blanks, letters of all alphabets as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
