"""The public status: what the lines, read once from the oldest to the newest, say about the parcel.

The rules (statuses model, sections 1 and 6):

- take the furthest stage reached; a scan of a lower stage that comes later is a late scan and changes nothing
- delivered, returned, lost and destroyed win over late scans
- what we know about asking (``sys.*``) never wins over anything a carrier said about the parcel
- a problem, a failed attempt and a customs stay remain until a later event of the same leg moves it on
- a cancellation and a terminated import end the asking, and give way to any later physical scan
- once the return has started, everything later happens on the way back
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sledi.core.carrier import Direction
from sledi.core.statuses import PublicStatus
from sledi.core.timeline.merge import Line
from sledi.core.timeline.route import Route, place_on
from sledi.core.timeline.stages import (
    ABROAD,
    ACCEPTED,
    ARRIVED,
    AT_EXPORT,
    AT_ORIGIN,
    AT_THE_DOOR,
    STAGES,
    WITH_LAST_POST,
    Effect,
    Side,
)

# The members that every line is compared with, looked up once: a look-up costs more than the comparison.
_SHOW, _ASK, _ANNOUNCE, _PROGRESS = Effect.SHOW, Effect.ASK, Effect.ANNOUNCE, Effect.PROGRESS
_RETURN = Direction.RETURN
_IN_TRANSIT, _ARRIVED = PublicStatus.IN_TRANSIT, PublicStatus.ARRIVED


@dataclass(slots=True)
class Standing:
    """Where the parcel stands after the lines read so far.

    ``by`` is the line that gives the status, ``where`` the one that gives the place; None while none does.
    ``since`` is when the status began, ``last_scan_at`` the newest word of a carrier about the parcel.
    ``carrier`` is the slug of the one that has it, ``rank`` how far it has come (``stages``).
    """

    route: Route
    status: PublicStatus = PublicStatus.REGISTERED
    by: Line | None = None
    where: Line | None = None
    since: datetime | None = None
    last_scan_at: datetime | None = None
    carrier: str = ""
    side: Side = Side.UNKNOWN
    rank: int = 0
    is_final: bool = False
    is_closed: bool = False
    is_returning: bool = False
    halt: Line | None = None
    _released_from: int = 0
    _before_closing: tuple[PublicStatus, Line | None, int] = (PublicStatus.REGISTERED, None, 0)
    _aside: Line | None = None

    @property
    def code(self) -> str:
        """The event code behind the status."""
        if self.status is PublicStatus.RETURNING:
            return "ret.started"
        return self.by.code if self.by else "sys.pending"

    def read(self, line: Line) -> None:
        """Takes the next line into account, and writes on it the key of the rule that did."""
        effect = line.stage.effect
        if effect is _SHOW or effect is _ASK:
            self._note_aside(line)
            return
        if self.last_scan_at is None or line.at > self.last_scan_at:
            self.last_scan_at = line.at
        if line.direction is _RETURN and not self.is_returning:
            self._turn_back(line)
        if self.is_returning:
            self._read_on_return(line)
        else:
            place_on(self.route, line)
            _READ[line.stage.effect](self, line)
        if line.carrier and effect is not _ANNOUNCE:
            self._note_carrier(line)

    def finish(self) -> None:
        """After the last line: where no carrier told of the parcel itself, what else is known stands."""
        if self.by is None and self._aside is not None:
            line = self.by = self._aside
            self.status = line.public or PublicStatus.REGISTERED
            self.since = line.at

    # --- the way out ---

    def _announce(self, line: Line) -> None:
        if self.rank > line.stage.rank or self.is_closed or self.is_final or self.halt:
            line.rule = "late-scan"
        else:
            self.rank = line.stage.rank
            self._set(line, PublicStatus.REGISTERED, "announced")

    def _progress_to(self, line: Line) -> None:
        stage = line.stage
        if self.is_final:
            line.rule = "final-stays"
        elif self.halt:
            if stage.order >= self._released_from:
                self._move(line, stage.rank, "moved-on")
            else:
                line.rule = "late-scan" if stage.rank < self.rank else "problem-stays"
        elif stage.rank >= self.rank:
            self._move(line, stage.rank, "reopened" if self.is_closed else line.rule or "furthest-stage")
        elif self.is_closed:
            self._reopen(line)
        else:
            line.rule = "late-scan"

    def _drift(self, line: Line) -> None:
        """A movement whose side is open: it goes on where the parcel is, never back over a border."""
        if self.is_final:
            line.rule = "final-stays"
        elif self.halt:
            if self._resumes(line, self.halt):
                self._move(line, min(self.rank, WITH_LAST_POST), "resumed")
            else:
                line.rule = "problem-stays"
        elif self._goes_on(line):
            self._move(
                line, min(self.rank, WITH_LAST_POST), "reopened" if self.is_closed else "furthest-stage"
            )
        elif self.is_closed:
            self._reopen(line)
        else:
            line.rule = "late-scan"

    def _stop(self, line: Line) -> None:
        stage = line.stage
        if self.is_final:
            line.rule = "final-stays"
        elif self._is_behind(line):
            line.rule = "late-scan"
        elif self.is_closed and stage.side is Side.UNKNOWN:
            line.rule = "closed-stays"
        else:
            self.halt, self.is_closed = line, False
            self._released_from = _FIRST_ORDER_AFTER.get(stage.leg) or _first_order_on(self.rank)
            self.rank = max(self.rank, stage.rank)
            self._set(line, stage.public, line.rule or "problem")

    def _close(self, line: Line) -> None:
        if self.is_final:
            line.rule = "final-stays"
        elif line.code == "pre.cancelled" and self.rank >= ACCEPTED:
            line.rule = "late-scan"
        else:
            if not self.is_closed:
                self._before_closing = (self.status, self.by, self.rank)
            self.is_closed, self.halt = True, None
            self.rank = max(self.rank, line.stage.rank)
            self._set(line, line.stage.public, "closed")

    def _end(self, line: Line) -> None:
        """A delivery stands against any later word of a loss; a lost parcel that is delivered is delivered."""
        if self.status is PublicStatus.DELIVERED and line.public is not PublicStatus.DELIVERED:
            line.rule = "final-stays"
            return
        self.is_final, self.is_closed, self.halt = True, False, None
        self.rank = max(self.rank, line.stage.rank)
        self._set(line, line.stage.public, "final")

    # --- the way back ---

    def _turn_back(self, line: Line) -> None:
        line.direction = Direction.RETURN
        self.is_returning = True
        self.is_final = self.is_closed = False
        self.halt = None
        self._set(line, PublicStatus.RETURNING, "return-started")

    def _come_home(self, line: Line) -> None:
        self._turn_back(line)
        self._read_on_return(line)

    def _read_on_return(self, line: Line) -> None:
        """Handed over now means to the sender, arrived at the sender's office (Russian Post 2:2, 8:2)."""
        line.direction = Direction.RETURN
        effect = line.stage.effect
        is_handed_over = effect is Effect.HOME or line.public is PublicStatus.DELIVERED
        if is_handed_over and self.status is not PublicStatus.RETURNED:
            line.stage = STAGES["ret.done"]
            self.is_final = True
            self._set(line, PublicStatus.RETURNED, "returned")
        elif self.is_final:
            line.rule = "final-stays"
        elif effect is Effect.END:
            self._end(line)
        elif self.by is not line:
            line.rule = "return-leg"
            if effect is not Effect.ANNOUNCE and effect is not Effect.CLOSE:
                self.where = line

    # --- what a line does to the standing ---

    def _set(self, line: Line, status: PublicStatus | None, rule: str) -> None:
        line.rule = rule
        self.by = self.where = line
        if status is not None and (status is not self.status or self.since is None):
            self.status, self.since = status, line.at

    def _move(self, line: Line, rank: int, rule: str) -> None:
        self.halt, self.is_closed = None, False
        if line.stage.effect is _PROGRESS:
            self.rank = rank
            self._set(line, line.stage.public, rule)
        else:
            self.rank = max(rank, AT_ORIGIN)
            self._set(line, _ARRIVED if self.rank >= ARRIVED else _IN_TRANSIT, rule)

    def _reopen(self, line: Line) -> None:
        """A late scan shows that the parcel lives: it stands where it stood before it was closed."""
        status, by, rank = self._before_closing
        if by is None or rank < line.stage.rank:
            self._move(line, line.stage.rank, "reopened")
        else:
            self.is_closed, self.rank = False, rank
            self.by = self.where = by
            self.status, self.since = status, line.at
            line.rule = "reopened"

    def _note_aside(self, line: Line) -> None:
        """Asking counts while nothing is known of the parcel; an answer beats a question."""
        if line.stage.effect is Effect.ASK:
            line.rule = "asking"
        else:
            line.rule = "unmapped" if line.code == "sys.unmapped" else "shown-only"
            if line.code in _SIGNS_OF_LIFE and (self.last_scan_at is None or line.at > self.last_scan_at):
                self.last_scan_at = line.at
        if self.is_returning:
            line.direction = Direction.RETURN
        weight = _ASIDE.get(line.code, 0)
        if weight and (self._aside is None or weight >= _ASIDE[self._aside.code]):
            self._aside = line

    def _note_carrier(self, line: Line) -> None:
        """The parcel is with whoever scanned it on the furthest side, from the first scan there on."""
        side = Side.BACK if self.is_returning else line.stage.side or self.route.side_of(line)
        if side >= self.side and (side or not self.carrier):
            self.side, self.carrier = side, line.carrier

    # --- questions ---

    def _resumes(self, line: Line, halt: Line) -> bool:
        """Whether a movement without a side ends ``halt``; only a plain word ends a customs stay."""
        if line.code == "line.resumed":
            return True
        if halt.public is PublicStatus.CUSTOMS:
            return False
        same_carrier = line.carrier != "" and line.carrier == halt.carrier
        return same_carrier or (line.country != "" and line.country == halt.country)

    def _goes_on(self, line: Line) -> bool:
        here = self.route.side_of(line)
        if self.rank >= ARRIVED:
            with_us = here is Side.DESTINATION or (line.carrier != "" and line.carrier == self.carrier)
            return with_us and (self.rank < AT_THE_DOOR or line.code == "line.redirected")
        return here is not Side.ORIGIN or self.rank < ABROAD

    def _is_behind(self, line: Line) -> bool:
        """Whether a stop belongs to a leg that the parcel has left."""
        side = line.stage.side
        if side is Side.ORIGIN:
            return self.rank >= ACCEPTED
        if side is Side.CROSSING:
            return self.rank >= ARRIVED
        return self.rank >= ARRIVED and self.route.side_of(line) is Side.ORIGIN


_READ: dict[Effect, Callable[[Standing, Line], None]] = {
    Effect.ANNOUNCE: Standing._announce,
    Effect.PROGRESS: Standing._progress_to,
    Effect.DRIFT: Standing._drift,
    Effect.HALT: Standing._stop,
    Effect.CLOSE: Standing._close,
    Effect.END: Standing._end,
    Effect.TURN: Standing._turn_back,
    Effect.HOME: Standing._come_home,
}

_FIRST_ORDER_AFTER = {"pre": 20, "exp": 43, "imp": 70, "last": 80}
"""The first usual place on the journey which shows that a stop of this leg is over."""

_SIGNS_OF_LIFE = frozenset({"sys.unmapped", "sys.note"})

_ASIDE = {
    "sys.pending": 1,
    "sys.not_found": 2,
    "sys.bad_number": 2,
    "sys.note": 3,
    "sys.unmapped": 3,
}
"""What to believe while no scan is known; of equals the later. An aggregator's "expired" is only a hint."""


def _first_order_on(rank: int) -> int:
    """The first place of the leg that a parcel of this rank is on, for a stop without a leg of its own."""
    if rank >= WITH_LAST_POST:
        return 80
    if rank >= ARRIVED:
        return 60
    return 40 if rank >= AT_EXPORT else 20


def standing(lines: Iterable[Line], route: Route) -> Standing:
    """The standing after all ``lines``, which must be in order, oldest first."""
    stands = Standing(route)
    read = stands.read
    for line in lines:
        read(line)
    stands.finish()
    return stands
