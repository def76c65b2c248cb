"""Refusals: why a move is not done, as a reason for programs and as a sentence in five languages for people."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from sledi.core.workflow.model import Otherwise


class Refused(Exception):
    """A move is not done, and nothing has changed. Asking again, unchanged, does not help.

    ``reason``: unknown_move, wrong_role, wrong_state, missing_field, unknown_field, wrong_field, guard or
    guard_error. ``field`` is the key of the field, ``problem`` what is wrong with it (too_long, not_a_number …),
    ``guard`` the name of the guard, ``listed`` the children in the way. ``otherwise`` is what the profile has done
    instead. ``detail`` is for the log only.
    """

    def __init__(
        self,
        reason: str,
        *,
        field: str = "",
        guard: str = "",
        problem: str = "",
        words: Mapping[str, str],
        listed: Sequence[str] = (),
        otherwise: Otherwise | None = None,
        detail: str = "",
    ) -> None:
        super().__init__(words.get("en") or next(iter(words.values()), reason))
        self.reason = reason
        self.field = field
        self.guard = guard
        self.problem = problem
        self.words = words
        self.listed = tuple(listed)
        self.otherwise = otherwise
        self.detail = detail


def words(key: str, **blanks: "str | Mapping[str, str]") -> dict[str, str]:
    """A sentence of ``refusals.toml`` in every language, its blanks filled; a blank may differ by language."""
    return {language: filled(text, language, blanks) for language, text in SENTENCES[key].items()}


def wrong_field(field: str, problem: str, **blanks: "str | Mapping[str, str]") -> Refused:
    """That what stands in ``field`` is not taken; ``problem`` has its sentence in ``refusals.toml``."""
    said = words(f"wrong_field.{problem}", field=field, **blanks)
    return Refused("wrong_field", field=field, problem=problem, words=said)


def filled(text: str, language: str, blanks: Mapping[str, Any]) -> str:
    """``text`` with ``{name}`` replaced; a blank's own braces stay as they are."""
    for name, value in blanks.items():
        said = value if isinstance(value, str) else value.get(language) or next(iter(value.values()), name)
        text = text.replace("{" + name + "}", said)
    return text


BLANK = re.compile(r"\{([^{}]*)\}")
"""What ``filled`` fills."""


def _read() -> tuple[Mapping[str, Mapping[str, str]], Mapping[str, Mapping[str, str]]]:
    data = tomllib.loads(files("sledi.core.workflow").joinpath("refusals.toml").read_text(encoding="utf-8"))
    return MappingProxyType(data["sentences"]), MappingProxyType(data["fields"])


SENTENCES, FIELD_LABELS = _read()
"""Sentences by reason (``wrong_field.too_long``), and the labels of fields that every business has."""
