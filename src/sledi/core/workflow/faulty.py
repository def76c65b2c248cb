"""Faults of a profile: all of them are told at once, each with its file, line and rule."""

from collections.abc import Mapping
from dataclasses import dataclass

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """``rule`` is a name of the list in docs/reference/profiles.md, ``words`` an English sentence."""

    source: str
    line: int
    rule: str
    words: str

    def __str__(self) -> str:
        return f"{self.source}:{self.line}: {self.rule}: {self.words}"


class FaultyProfile(ValueError):
    """A profile that may not run. ``faults`` has every reason, by line."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


class Found:
    """Collects faults while a profile is read."""

    def __init__(self, source: str, lines: Mapping[Path, int]) -> None:
        self._source = source
        self._lines = lines
        self._faults: list[Fault] = []

    def add(self, path: Path, rule: str, words: str) -> None:
        """A fault at the line of ``path``, or of the nearest thing around it that has a line."""
        self._faults.append(Fault(self._source, self._line(path), rule, words))

    def all(self) -> tuple[Fault, ...]:
        return tuple(sorted(set(self._faults)))

    def __bool__(self) -> bool:
        return bool(self._faults)

    def _line(self, path: Path) -> int:
        ends = range(len(path), -1, -1)
        return next((self._lines[path[:end]] for end in ends if path[:end] in self._lines), 1)
