"""Tracking numbers grouped for the eye: RR 123 456 785 CN."""

import re

_POSTAL = re.compile(r"([A-Z]{2})(\d{3})(\d{3})(\d{3})([A-Z]{2})")
_RUNS = re.compile(r"[A-Z]+|\d+|[^A-Z\d]+")
_FOUR = 4


def groups(number: str) -> tuple[str, ...]:
    """The groups of a number: those it is written in, else the post's, else letters and fours of digits."""
    written = number.split()
    if len(written) > 1:
        return tuple(written)
    postal = _POSTAL.fullmatch(number)
    if postal:
        return postal.groups()
    return tuple(part for run in _RUNS.findall(number) for part in _fours(run))


def _fours(run: str) -> list[str]:
    if not run.isdigit() or len(run) <= _FOUR + 1:
        return [run]
    return [run[start : start + _FOUR] for start in range(0, len(run), _FOUR)]
