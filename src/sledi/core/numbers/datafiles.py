"""Reads the dated facts in ``data``: formats by region, countries and posts, service indicators.

They drift every year, so they are data with a date and sources, not code. Each file is read once, at import.
"""

from collections.abc import Iterator
from importlib import resources
from typing import TypeVar

import msgspec

_DATA = resources.files("sledi.core.numbers") / "data"

T = TypeVar("T")


def load(name: str, kind: type[T]) -> T:
    """The file ``name`` as ``kind``. Raises msgspec.ValidationError naming the field that does not fit."""
    return msgspec.toml.decode((_DATA / name).read_text(encoding="utf-8"), type=kind)


def names(folder: str) -> Iterator[str]:
    """The data files in ``folder``, in the order of their names."""
    for file in sorted((_DATA / folder).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".toml"):
            yield f"{folder}/{file.name}"
