"""What one carrier tells about one number at one moment, before its dialect puts it in words."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sledi_simulator.journeys import Journey, Scan

Word = TypeVar("Word")


@dataclass(frozen=True, slots=True)
class Telling:
    """The scans a carrier knows, oldest first (unless it has a bad day), under the number its answer bears."""

    number: str
    journey: Journey
    scans: tuple[Scan, ...]
    now: datetime

    def standing(self) -> tuple[Scan, ...]:
        """The scans that nobody has withdrawn, for carriers that simply take a mistake back."""
        return tuple(scan for scan in self.scans if scan.is_standing(self.now))


def word_for(scan: Scan, words: Mapping[str, Word], home: str = "") -> Word | None:
    """What a carrier says of a scan; nothing when it has no word for it.

    ``words`` is keyed by the kind of scan: "EMH", or finer "EMH address"; "<EMI" on the way back; "@EMA"
    outside the carrier's ``home`` country. The finest key wins.
    """
    return next((words[key] for key in _keys(scan, home) if key in words), None)


def _keys(scan: Scan, home: str) -> Iterator[str]:
    plain = (f"{scan.kind} {scan.reason}", str(scan.kind)) if scan.reason else (str(scan.kind),)
    if scan.direction == "return":
        yield from (f"<{key}" for key in plain)
    if home and scan.place.country != home:
        yield from (f"@{key}" for key in plain)
    yield from plain
