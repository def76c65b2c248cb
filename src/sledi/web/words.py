"""The names people read, in every interface language: statuses, events, reasons, findings, whose move it is.

They are data beside the gettext catalogues (``locale/<language>/statuses.toml``), so that they can be read and
corrected as one table. A code without a name is an error of ours, and a test finds it; at run time the English
name stands in for a missing language.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LOCALE = Path(__file__).resolve().parent.parent / "locale"
SOURCE_LANGUAGE = "en"


@dataclass(frozen=True, slots=True)
class Move:
    """What somebody can do now: a short call and one or two sentences."""

    title: str
    text: str


def status_name(status: str, language: str) -> str:
    """A public status, as it stands in a pill: «На таможне»."""
    return _word(language, "status", status)


def headline(status: str, day: str, language: str) -> str:
    """Where the parcel is and since when, as a sentence: «На таможне с 20 ноября»."""
    return _word(language, "headline", status).format(day=day)


def event_name(code: str, language: str) -> str:
    """An event code, as it stands in the timeline."""
    return _word(language, "event", code)


def reason_name(reason: str, language: str) -> str:
    """Why something happened; a clause in lower case."""
    return _word(language, "reason", reason)


def step_name(step: str, language: str) -> str:
    """A step of the trace."""
    return _word(language, "step", step)


def leg_name(kind: str, language: str) -> str:
    """A leg of the journey."""
    return _word(language, "leg", kind)


def stretch_day(stretch: str, day: int, language: str) -> str:
    """Where the parcel is, and on which day of that: «Между почтами, 9-й день»."""
    return _word(language, "stretch", stretch).format(day=day)


def service_name(told: str, language: str) -> str:
    """What a carrier calls its service, in the reader's language where we know it, else in its own words."""
    return str(_table(language)["service"].get(told, told))


def number_error(reason: str, language: str) -> str:
    """What is wrong with a pasted number, as a sentence."""
    return _word(language, "number_error", reason)


def remark(key: str, parameters: Mapping[str, str], language: str) -> str:
    """What recognition found out about a number; a clause, or a question."""
    return _word(language, "remark", key).format_map(parameters)


def why_asked(key: str, language: str) -> str:
    """Why a carrier is asked; a clause."""
    return _word(language, "why", key)


def rule(key: str, language: str) -> str:
    """Which rule made the status what it is, as a sentence."""
    return _word(language, "rule", key)


def outcome_name(outcome: str, language: str) -> str:
    """What a carrier did when asked, to stand after its name."""
    return _word(language, "outcome", outcome)


def owes_name(who: str, language: str) -> str:
    """Whose move it is; nobody's is the carrier's."""
    return _word(language, "owes", who or "nobody")


def move(code: str, status: str, language: str) -> Move:
    """What to do at this event; else at this status; else nothing."""
    moves = _table(language)["move"]
    found = moves.get(code) or moves.get(status) or moves["default"]
    return Move(found["title"], found["text"])


def _word(language: str, kind: str, key: str) -> str:
    words = _table(language)[kind]
    found = words.get(key)
    return str(found if found is not None else _table(SOURCE_LANGUAGE)[kind][key])


@cache
def _table(language: str) -> Mapping[str, Any]:
    path = LOCALE / language / "statuses.toml"
    if not path.is_file():
        return _table(SOURCE_LANGUAGE)
    return tomllib.loads(path.read_text(encoding="utf-8"))
