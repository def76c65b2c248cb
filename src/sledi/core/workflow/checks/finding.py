"""What a check yields, and the two questions every check asks."""

import re
from collections.abc import Iterable, Iterator

from sledi.core.workflow.document import Draft
from sledi.core.workflow.faulty import Path

Finding = tuple[Path, str, str]
"""Where in the document, which rule, and the sentence."""


def unknown(path: Path, rule: str, what: str, name: str, known: Iterable[str]) -> Iterator[Finding]:
    """A fault when ``name`` is none of ``known``."""
    names = list(known)
    if name not in names:
        yield path, rule, f"there is no {what} `{name}`; known: {', '.join(names) or 'none'}"


def unknown_states(draft: Draft, path: Path, level: str, states: Iterable[str]) -> Iterator[Finding]:
    """A fault for each state that the level has not; that there is no such level is told elsewhere."""
    for state in states if level in draft.states else ():
        if state not in draft.states[level]:
            yield path, "unknown-state", f"level {level} has no state `{state}`"


def wrong_key(path: Path, what: str, key: str) -> Iterator[Finding]:
    """A fault when a key could not be a column, a flag and a part of an address."""
    if not _KEY.fullmatch(key):
        yield (
            path,
            "wrong-key",
            f"{what} `{key}`: small Latin letters, digits and underscores, a letter first",
        )


_KEY = re.compile(r"[a-z][a-z0-9_]{0,49}")
