"""The words of the documents, in the language of the paper and not of whoever prints it."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "words.toml"


def said(key: str, language: str, **blanks: str) -> str:
    """The words of this key, its blanks filled; in English where a language lacks them."""
    words = every()[key]
    return (words.get(language) or words["en"]).format(**blanks)


@cache
def every() -> Mapping[str, Mapping[str, str]]:
    """All words, by key and language."""
    return tomllib.loads(FILE.read_text(encoding="utf-8"))
