"""From a document to a workflow: take it apart, check everything, and only then compile."""

from collections.abc import Mapping
from typing import Any

from sledi.core.workflow.building import built
from sledi.core.workflow.checks import check
from sledi.core.workflow.document import Draft, drafted
from sledi.core.workflow.faulty import Fault, FaultyProfile, Found, Path
from sledi.core.workflow.model import Workflow

__all__ = ["Fault", "FaultyProfile", "faults", "load"]

NO_LINES: Mapping[Path, int] = {}


def load(
    document: Mapping[str, Any], *, lines: Mapping[Path, int] = NO_LINES, source: str = "profile"
) -> Workflow:
    """The workflow of a document of plain values; ``lines`` gives the line of a path of keys and indices.

    Raises FaultyProfile with all its faults.
    """
    draft, found = _checked(document, lines, source)
    if draft is None or found:
        raise FaultyProfile(found.all())
    return built(draft)


def faults(
    document: Mapping[str, Any], *, lines: Mapping[Path, int] = NO_LINES, source: str = "profile"
) -> tuple[Fault, ...]:
    """Everything that keeps ``load`` from making a workflow of the document; nothing when it is sound."""
    return _checked(document, lines, source)[1].all()


def _checked(
    document: Mapping[str, Any], lines: Mapping[Path, int], source: str
) -> tuple[Draft | None, Found]:
    found = Found(source, lines)
    draft = drafted(document, found)
    if draft is not None:
        check(draft, found)
    return draft, found
