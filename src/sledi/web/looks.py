"""What a status looks like: tone, shape, place on the trace; never colour alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO
from types import MappingProxyType
from zipfile import ZipFile

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from sledi.core.statuses import EVENT_CODES, PublicStatus

DAYS_MAX = 60
"""Dots in one row of days; more are told in words alone."""


@dataclass(frozen=True, slots=True)
class Look:
    """``tone`` is neutral (waiting), info (moving), action (the reader's move), ok (done) or problem."""

    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the trace. ``state`` is done, current or ahead; ``note`` a day under the name, or empty."""

    name: str
    state: str
    note: str = ""


_S = PublicStatus
LOOKS: Mapping[PublicStatus, Look] = MappingProxyType(
    {
        _S.REGISTERED: Look("neutral", "circle-dashed"),
        _S.NOT_FOUND: Look("neutral", "circle-dashed"),
        _S.ACCEPTED: Look("info", "package"),
        _S.IN_TRANSIT: Look("info", "plane"),
        _S.CUSTOMS: Look("info", "landmark"),
        _S.ARRIVED: Look("info", "map-pin"),
        _S.OUT_FOR_DELIVERY: Look("info", "truck"),
        _S.READY_FOR_PICKUP: Look("action", "hand"),
        _S.ATTEMPT_FAILED: Look("action", "hand"),
        _S.DELIVERED: Look("ok", "check"),
        _S.RETURNING: Look("problem", "undo-2"),
        _S.RETURNED: Look("problem", "undo-2"),
        _S.PROBLEM: Look("problem", "triangle-alert"),
        _S.LOST: Look("problem", "x"),
        _S.CANCELLED: Look("problem", "x"),
        _S.STALE: Look("problem", "clock"),
    }
)


def look_of(status: str, code: str = "") -> Look:
    """The look of a status; amber when the event behind it waits for the reader."""
    look = LOOKS[PublicStatus(status)]
    if look.tone != "ok" and code in EVENT_CODES and EVENT_CODES[code].owes == "buyer" and status != _S.STALE:
        return Look("action", look.icon)
    return look


@cache
def icon(name: str, extra_class: str = "") -> SafeString:
    """A Lucide icon to stand beside a word; its size and stroke come from the style sheet. Raises KeyError."""
    drawn = _icons().read(f"{name}.svg").decode()
    shapes = _BETWEEN_SHAPES.sub("", drawn[drawn.index(">") + 1 :])
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true">{}',
        f" {extra_class}" if extra_class else "",
        mark_safe(shapes),  # noqa: S308  shapes of a package, not of a reader
    )


@cache
def _icons() -> ZipFile:
    """The icons of the package, which itself reads its table of 1,700 names again for every icon."""
    return ZipFile(BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


_BETWEEN_SHAPES = re.compile(r"\s+(?=<|/>|$)")
