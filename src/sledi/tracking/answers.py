"""What a watch's carrier says about its parcel as a whole, report after report.

A pure function of the reports and the moments they came: a rebuild tells them again and gets the same.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from sledi.core.carrier import Outcome, Report

WORDS_MAX = 300
SERVICE_MAX = 200
WEIGHT_G_MAX = 2**31 - 1

ANSWERS = frozenset({Outcome.FOUND, Outcome.NOT_FOUND, Outcome.WRONG_NUMBER, Outcome.DENIED})
"""Outcomes that say something about the number; TEMPORARY only says that we have to ask again."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The state of a watch as its carrier's reports leave it; the fields are columns of the watch."""

    answered_at: datetime | None = None
    outcome: str = ""
    message: str = ""
    origin: str = ""
    destination: str = ""
    service: str = ""
    weight_g: int | None = None
    expected_from: datetime | None = None
    expected_until: datetime | None = None

    def is_newer_than(self, seen_at: datetime) -> bool:
        """Whether a report of that moment comes too late to say how things stand."""
        return self.answered_at is not None and self.answered_at > seen_at

    def after(self, report: Report, seen_at: datetime) -> "Answer":
        """The answer with one more report. A late one only fills in what nobody has said yet."""
        said = Answer(
            answered_at=seen_at,
            outcome=report.outcome.value,
            message="" if report.outcome is Outcome.FOUND else storable(report.message)[:WORDS_MAX],
            origin=country(report.origin),
            destination=country(report.destination),
            service=storable(report.service)[:SERVICE_MAX],
            weight_g=_weight_g(report.weight_g),
            expected_from=report.expected_from,
            expected_until=report.expected_until,
        )
        first, second = (self, said) if self.is_newer_than(seen_at) else (said, self)
        return replace(
            first,
            origin=first.origin or second.origin,
            destination=first.destination or second.destination,
            service=first.service or second.service,
            weight_g=first.weight_g or second.weight_g,
        )

    def changes_the_page(self, before: "Answer") -> bool:
        """Whether a page about the parcel says something else than before."""
        return any(
            getattr(self, name) != getattr(before, name)
            for name in ("outcome", "origin", "destination", "expected_until")
        )


_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Whether PostgreSQL takes this text."""
    return _UNSTORABLE.search(text) is None


def storable(text: str) -> str:
    """``text`` with a mark in the place of what PostgreSQL refuses: zero characters and half characters."""
    return _UNSTORABLE.sub("\ufffd", text)


def country(code: str) -> str:
    """The code where it is one of two capital letters, else nothing: carriers are untrusted."""
    return code if len(code) == 2 and code.isascii() and code.isupper() else ""


def _weight_g(grams: int | None) -> int | None:
    return grams if grams is not None and 0 < grams <= WEIGHT_G_MAX else None
