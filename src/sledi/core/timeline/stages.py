"""What each event code does to a parcel's status, and where on the journey it stands.

The codes are those of ``sledi.core.statuses``; the legs and their order follow UPU EMSEVT V3 (origin, export,
transit, import, domestic). One row per code, because the rules of ``status`` are read off these rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from sledi.core.statuses import EVENT_CODES, PublicStatus


class Side(IntEnum):
    """The part of the world in which an event happens; later sides are further along."""

    UNKNOWN = 0
    ORIGIN = 1
    CROSSING = 2  # export, and between the countries
    DESTINATION = 3
    BACK = 4


class Effect(StrEnum):
    """What an event does to the status."""

    ASK = "ask"  # tells about our asking, gives way to any scan
    SHOW = "show"  # is shown and changes nothing
    ANNOUNCE = "announce"  # the carrier knows of the parcel and has not got it
    PROGRESS = "progress"  # a step with a place on the journey
    DRIFT = "drift"  # moves, but on which side is not said
    HALT = "halt"  # stands still; stays the status until something later moves on
    CLOSE = "close"  # ends the asking, gives way to a later physical scan
    END = "end"  # delivered, lost or destroyed
    TURN = "turn"  # on the way back
    HOME = "home"  # the sender has it back


@dataclass(frozen=True, slots=True)
class Stage:
    """A row of the table below.

    ``rank`` is how far the parcel has come at least: a scan of a lower rank is a late scan. ``order`` is the
    finer place among the usual scans and breaks ties of time; 0 where none is usual. ``leg`` is the part of the
    code before the dot.
    """

    code: str
    effect: Effect
    side: Side
    rank: int
    order: int
    public: PublicStatus | None
    owes: str
    leg: str


ACCEPTED, AT_ORIGIN, AT_EXPORT, ABROAD, ARRIVED, RELEASED, WITH_LAST_POST, AT_THE_DOOR, DONE = range(2, 11)
"""Ranks that other modules ask for; 1 is announced, 0 nothing."""

_E, _S = Effect, Side
# fmt: off
_ROWS: tuple[tuple[str, Effect, Side, int, int], ...] = (
    # code                effect      side            rank             order
    ("sys.pending",       _E.ASK,      _S.UNKNOWN,     0,               0),
    ("sys.not_found",     _E.ASK,      _S.UNKNOWN,     0,               0),
    ("sys.bad_number",    _E.ASK,      _S.UNKNOWN,     0,               0),
    ("sys.stale",         _E.SHOW,     _S.UNKNOWN,     0,               0),  # a tracker gave up: a hint
    ("sys.error",         _E.SHOW,     _S.UNKNOWN,     0,               0),
    ("sys.unmapped",      _E.SHOW,     _S.UNKNOWN,     0,               0),
    ("sys.note",          _E.SHOW,     _S.UNKNOWN,     0,               0),
    ("pre.info",          _E.ANNOUNCE, _S.UNKNOWN,     1,               10),
    ("pre.label",         _E.ANNOUNCE, _S.UNKNOWN,     1,               11),
    ("pre.cancelled",     _E.CLOSE,    _S.UNKNOWN,     1,               0),
    ("pre.not_ready",     _E.HALT,     _S.ORIGIN,      1,               12),
    ("orig.accepted",     _E.PROGRESS, _S.ORIGIN,      ACCEPTED,        20),
    ("orig.hub",          _E.PROGRESS, _S.ORIGIN,      AT_ORIGIN,       30),
    ("orig.departed",     _E.PROGRESS, _S.ORIGIN,      AT_ORIGIN,       31),
    ("exp.office_in",     _E.PROGRESS, _S.CROSSING,    AT_EXPORT,       40),
    ("exp.customs_in",    _E.HALT,     _S.CROSSING,    AT_EXPORT,       41),
    ("exp.customs_held",  _E.HALT,     _S.CROSSING,    AT_EXPORT,       42),
    ("exp.customs_out",   _E.PROGRESS, _S.CROSSING,    AT_EXPORT,       43),
    ("exp.held",          _E.HALT,     _S.CROSSING,    AT_EXPORT,       0),
    ("exp.cancelled",     _E.HALT,     _S.CROSSING,    AT_EXPORT,       0),
    ("exp.departed",      _E.PROGRESS, _S.CROSSING,    ABROAD,          50),
    ("line.moving",       _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       0),
    ("line.hub_in",       _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       0),
    ("line.hub_out",      _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       0),
    ("line.flight_out",   _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       51),  # perhaps within the country
    ("line.flight_in",    _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       54),
    ("line.transit_in",   _E.PROGRESS, _S.CROSSING,    ABROAD,          52),
    ("line.transit_out",  _E.PROGRESS, _S.CROSSING,    ABROAD,          53),
    ("line.resumed",      _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       0),
    ("line.redirected",   _E.DRIFT,    _S.UNKNOWN,     AT_ORIGIN,       0),
    ("line.misrouted",    _E.HALT,     _S.UNKNOWN,     0,               0),
    ("line.delayed",      _E.HALT,     _S.UNKNOWN,     0,               0),
    ("imp.office_in",     _E.PROGRESS, _S.DESTINATION, ARRIVED,         60),
    ("imp.held",          _E.HALT,     _S.DESTINATION, ARRIVED,         0),
    ("imp.customs_in",    _E.HALT,     _S.DESTINATION, ARRIVED,         61),
    ("imp.customs_held",  _E.HALT,     _S.DESTINATION, ARRIVED,         62),
    ("imp.customs_docs",  _E.HALT,     _S.DESTINATION, ARRIVED,         62),
    ("imp.customs_pay",   _E.HALT,     _S.DESTINATION, ARRIVED,         62),
    ("imp.customs_out",   _E.PROGRESS, _S.DESTINATION, RELEASED,        70),
    ("imp.office_out",    _E.PROGRESS, _S.DESTINATION, RELEASED,        71),
    ("imp.terminated",    _E.CLOSE,    _S.DESTINATION, ARRIVED,         0),
    ("last.handover",     _E.PROGRESS, _S.DESTINATION, WITH_LAST_POST,  80),
    ("last.sort_in",      _E.PROGRESS, _S.DESTINATION, WITH_LAST_POST,  81),
    ("last.sort_out",     _E.PROGRESS, _S.DESTINATION, WITH_LAST_POST,  82),
    ("last.office_in",    _E.PROGRESS, _S.DESTINATION, WITH_LAST_POST,  83),
    ("last.held",         _E.HALT,     _S.DESTINATION, WITH_LAST_POST,  0),
    ("last.scheduled",    _E.PROGRESS, _S.DESTINATION, AT_THE_DOOR,     90),
    ("last.contacted",    _E.PROGRESS, _S.DESTINATION, AT_THE_DOOR,     91),
    ("last.out",          _E.PROGRESS, _S.DESTINATION, AT_THE_DOOR,     92),
    ("last.ready",        _E.PROGRESS, _S.DESTINATION, AT_THE_DOOR,     93),
    ("last.failed",       _E.HALT,     _S.DESTINATION, WITH_LAST_POST,  0),
    ("last.action",       _E.HALT,     _S.DESTINATION, WITH_LAST_POST,  0),
    ("done.delivered",    _E.END,      _S.DESTINATION, DONE,            100),
    ("done.signed",       _E.END,      _S.DESTINATION, DONE,            100),
    ("done.collected",    _E.END,      _S.DESTINATION, DONE,            100),
    ("done.cod",          _E.END,      _S.DESTINATION, DONE,            100),
    ("done.neighbour",    _E.END,      _S.DESTINATION, DONE,            100),
    ("ret.started",       _E.TURN,     _S.BACK,        0,               0),
    ("ret.done",          _E.HOME,     _S.BACK,        0,               0),
    ("bad.other",         _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.address",       _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.moved",         _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.refused",       _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.unclaimed",     _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.rejected",      _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.security",      _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.damaged",       _E.HALT,     _S.UNKNOWN,     0,               0),
    ("bad.lost",          _E.END,      _S.UNKNOWN,     0,               0),
    ("bad.destroyed",     _E.END,      _S.UNKNOWN,     0,               0),
    ("bad.cancelled",     _E.CLOSE,    _S.UNKNOWN,     0,               0),
    ("bad.inquiry",       _E.HALT,     _S.UNKNOWN,     0,               0),
)
# fmt: on

STAGES: Mapping[str, Stage] = MappingProxyType(
    {
        code: Stage(
            code,
            effect,
            side,
            rank,
            order,
            EVENT_CODES[code].public,
            EVENT_CODES[code].owes,
            EVENT_CODES[code].leg,
        )
        for code, effect, side, rank, order in _ROWS
    }
)
"""Every event code, by its name."""
