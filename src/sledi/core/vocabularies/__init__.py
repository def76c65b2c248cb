"""What other systems' words of status mean in ours: a table a system, as data, each with its sources.

    vocabulary("aftership").code_of("Exception", "Exception_004")  ->  ("imp.customs_held", "customs_delay")

Carriers that speak UPU EMSEVT and doors that speak AfterShip or Shopify read the same tables. 17TRACK's table
belongs to its carrier. ``coarse_word`` is the class that a carrier's own mapping must stay in.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

UNMAPPED = "sys.unmapped"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a word of another system is in ours: an event code, perhaps a reason; ``meaning`` in plain English."""

    code: str
    reason: str = ""
    meaning: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """One system's table. ``details`` are its sub-statuses, ``doubtful`` words that only one source knows."""

    name: str
    title: str
    sources: tuple[str, ...]
    statuses: Mapping[str, Meaning]
    details: Mapping[str, Meaning]
    doubtful: Mapping[str, Meaning]
    _statuses: Mapping[str, Meaning] = field(repr=False)
    _details: Mapping[str, Meaning] = field(repr=False)

    def code_of(self, status: str, detail: str = "") -> tuple[str, str]:
        """The event code and the reason (or empty) of a status and its detail, in any case of letters.

        A detail that is not known, or says nothing, falls back to its status; a status that is not known is
        ``sys.unmapped``.
        """
        found = self._details.get(_fold(detail))
        if found is None or found.code == UNMAPPED:
            found = self._statuses.get(_fold(status))
        return (found.code, found.reason) if found else (UNMAPPED, "")


@dataclass(frozen=True, slots=True)
class CoarseWord:
    """``default`` where the meaning is not certain, ``codes`` all that the word may become."""

    default: str
    codes: frozenset[str]


NAMES = (
    "aftership",
    "delivery_tracker",
    "easypost",
    "ems_texts",
    "home_assistant",
    "karrio",
    "parcel_app",
    "parcelsapp",
    "ship24",
    "shippo",
    "shopify",
    "trackingmore",
    "upu_emsevt",
)
"""The systems whose tables are here."""


@cache
def vocabulary(name: str) -> Vocabulary:
    """The table of a system of ``NAMES``; raises KeyError for another name."""
    if name not in NAMES:
        raise KeyError(name)
    table = _load(name)
    statuses, details, doubtful = (
        _meanings(table.get(part, {})) for part in ("statuses", "details", "doubtful")
    )
    return Vocabulary(
        name,
        table["title"],
        tuple(table["sources"]),
        statuses,
        details,
        doubtful,
        {_fold(word): meaning for word, meaning in [*doubtful.items(), *statuses.items()]},
        {_fold(word): meaning for word, meaning in details.items()},
    )


@cache
def coarse_words() -> Mapping[str, CoarseWord]:
    """The 19 coarse words of carriers' contracts, the final exception, and ``none``."""
    return MappingProxyType(
        {
            word: CoarseWord(row["default"], frozenset([row["default"], *row["finer"]]))
            for word, row in _load("coarse").items()
        }
    )


def _load(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text("utf-8"))


def _meanings(rows: dict[str, dict[str, str]]) -> Mapping[str, Meaning]:
    return MappingProxyType({word: Meaning(**row) for word, row in rows.items()})


def _fold(word: str) -> str:
    return " ".join(word.casefold().split())
