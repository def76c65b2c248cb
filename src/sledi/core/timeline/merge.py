"""From sightings to lines: the single place where the same scan, told twice, becomes one line.

Doubles (statuses model, rule 6): within a carrier the key is carrier + code + local time to the minute +
place; across carriers it is the same public status within 90 minutes in the same country. A double is shown
once and all its sightings are kept. Everything here depends on the set of sightings, never on their order.
"""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sledi.core.carrier import Direction, Event, ZoneBasis
from sledi.core.statuses import PublicStatus
from sledi.core.timeline.posts import scanned_by
from sledi.core.timeline.sighting import Sighting, local_minute
from sledi.core.timeline.stages import AT_EXPORT, STAGES, Side, Stage

SAME_SCAN = timedelta(minutes=90)
"""How far apart two carriers' times of one scan may be: a wrong summer-time offset and half an hour."""

OFFSET_DOUBT = timedelta(hours=1)
"""Between sources an offset may be wrong by this much (17TRACK: a winter offset seen in September)."""

ZONE_DOUBT = timedelta(days=1)
"""A local time of an unknown zone says no more than the day."""

NEIGHBOURS = 64
"""Among how many lines before it a line is looked for: more than any journey has in a day, and a limit to the
work that a carrier with a million events can cause."""

_MINUTE = timedelta(minutes=1)


@dataclass(slots=True)
class Line:
    """One scan of the timeline, with everybody who told of it. Written in this package, read elsewhere.

    ``event`` is the best-known wording; ``sightings`` are all of them, that one first. ``stage`` is what the
    scan counts as: not always the event's own code, on a return or on a domestic leg. ``at`` is UTC.
    ``country`` and ``carrier`` (the slug of who made the scan) are empty where nobody knows. ``rule`` is the
    key of the rule that read the line (``explain.RULES``), ``leg`` the kind of leg it belongs to, or empty.
    """

    event: Event
    sightings: tuple[Sighting, ...]
    stage: Stage
    at: datetime
    country: str
    carrier: str
    direction: Direction
    rule: str = ""
    leg: str = ""

    @property
    def code(self) -> str:
        """The event code that the line counts as."""
        return self.stage.code

    @property
    def public(self) -> PublicStatus | None:
        """The public status of that code; None when it is only shown."""
        return self.stage.public

    @property
    def place(self) -> str:
        return self.event.place


def merged(sightings: Iterable[Sighting]) -> tuple[list[Line], list[Line]]:
    """The lines in order, oldest first, and those that a carrier took back together with the taking back."""
    lines = [_line(sighting) for sighting in _with_zones_found(_distinct(sightings))]
    lines.sort(key=_by_time)
    lines, taken_back = _without_withdrawn(_joined(lines))
    _settle(lines)
    return lines, taken_back


def _distinct(sightings: Iterable[Sighting]) -> Collection[Sighting]:
    """Each source's sighting of an event once: the first, as a store with unique identities keeps it."""
    first: dict[tuple[str, bytes], Sighting] = {}
    for sighting in sightings:
        who_and_what = (sighting.source, sighting.key)
        known = first.get(who_and_what)
        if known is None or _seen_before(sighting, known):
            first[who_and_what] = sighting
    return first.values()


def _seen_before(one: Sighting, other: Sighting) -> bool:
    if one.seen_at != other.seen_at:
        return one.seen_at < other.seen_at
    return (one.reply, one.event.raw_text, one.event.code) < (
        other.reply,
        other.event.raw_text,
        other.event.code,
    )


def _with_zones_found(sightings: Collection[Sighting]) -> Iterable[Sighting]:
    """What a voice told without a zone learns its moment and meaning from where the same voice told it with one.

    The Russian Post tells a scan with offset and country to who asks for one number, and with the clock of an
    unnamed place to who asks for many: its code and the minute as written are equal, UTC and side of the border
    need not be.
    """
    if len({sighting.event.zone_basis for sighting in sightings}) < 2:
        return sightings
    sure: dict[tuple[object, ...], list[Sighting]] = {}
    for sighting in sightings:
        if sighting.event.zone_basis is ZoneBasis.GIVEN and sighting.event.raw_code:
            sure.setdefault(_as_written(sighting), []).append(sighting)
    return [_learnt(sighting, sure.get(_as_written(sighting), ())) for sighting in sightings]


def _as_written(sighting: Sighting) -> tuple[object, ...]:
    event = sighting.event
    return (*_voice(sighting), event.raw_code, local_minute(event), event.withdraws)


def _learnt(sighting: Sighting, sure: Collection[Sighting]) -> Sighting:
    if sighting.event.zone_basis is ZoneBasis.GIVEN:
        return sighting
    same = [one for one in sure if sighting.event.place in ("", one.event.place)]
    if not same:
        return sighting
    known = min(same, key=lambda one: one.key).event
    event = replace(
        sighting.event,
        code=known.code,
        reason=known.reason,
        occurred_at=known.occurred_at,
        zone_basis=known.zone_basis,
        zone=known.zone,
        country=known.country,
        direction=known.direction,
    )
    return replace(sighting, event=event)


def _line(sighting: Sighting) -> Line:
    event = sighting.event
    stage = STAGES.get(event.code, _UNMAPPED)
    country, carrier = _scanned_by(sighting, stage)
    return Line(event, (sighting,), stage, event.occurred_at, country, carrier, event.direction)


_UNMAPPED = STAGES["sys.unmapped"]
# Looked up once: looking up an enum's member takes longer than comparing it.
_UNKNOWN_ZONE = ZoneBasis.UNKNOWN
_ORIGIN = Side.ORIGIN
_RETURN = Direction.RETURN


def _scanned_by(sighting: Sighting, stage: Stage, else_in: str = "") -> tuple[str, str]:
    """Country and maker of a scan; ``else_in`` is the country that another voice names."""
    event = sighting.event
    is_foreign = event.zone_basis is _UNKNOWN_ZONE
    is_at_origin = stage.side == _ORIGIN or stage.rank == AT_EXPORT
    return scanned_by(sighting.source, event.carrier, event.country or else_in, is_foreign, is_at_origin)


def _by_time(line: Line) -> tuple[datetime, int, bytes]:
    return (line.at, line.stage.order, line.sightings[0].key)


def _without_withdrawn(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Each withdrawal takes back the latest earlier line in which its carrier told of the same raw code."""
    if not any(line.event.withdraws for line in lines):
        return lines, []
    told: dict[tuple[str, str, str], list[Line]] = {}
    gone: set[int] = set()
    for line in sorted(lines, key=lambda line: (line.at, line.event.withdraws)):
        whats = {(*_voice(sighting), sighting.event.raw_code) for sighting in line.sightings}
        if not line.event.withdraws:
            for what in whats:
                told.setdefault(what, []).append(line)
            continue
        gone.add(id(line))
        for what in whats:
            if told.get(what):
                gone.add(id(told[what].pop()))
    return [line for line in lines if id(line) not in gone], [line for line in lines if id(line) in gone]


# --- the same scan told twice ---


def _joined(lines: list[Line]) -> list[Line]:
    """One line per scan. Only within a burst, a run of lines close in time, can there be doubles."""
    joined: list[Line] = []
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or lines[end].at - lines[end - 1].at > SAME_SCAN:
            joined += lines[start:end] if end - start == 1 else _burst_joined(lines[start:end])
            start = end
    if len(joined) < len(lines):
        joined.sort(key=_by_time)
    return joined


def _burst_joined(lines: list[Line]) -> list[Line]:
    """First within a source by code and minute, then across sources by equal code, then by public status."""
    lines = _joined_by(_is_told_again, lines)
    if len({_voice(line.sightings[0]) for line in lines}) > 1:
        lines = _joined_by(_is_told_elsewhere, lines)
        lines = _joined_by(_is_told_elsewhere_in_other_words, lines)
        lines = _joined_by(_is_echo, lines)
    return lines


def _joined_by(is_same: Callable[[Line, Line], bool], lines: list[Line]) -> list[Line]:
    """Each line joins the nearest earlier one that it is the same as."""
    kept: list[Line] = []
    for line in lines:
        for other in kept[: -NEIGHBOURS - 1 : -1]:
            if is_same(other, line):
                _join(other, line)
                break
        else:
            kept.append(line)
    return kept


def _is_told_again(one: Line, other: Line) -> bool:
    """Same source, code and minute, and not two different places: a scan that was enriched or re-worded."""
    return (
        one.stage is other.stage
        and one.at.minute == other.at.minute
        and other.at - one.at < _MINUTE
        and one.event.withdraws == other.event.withdraws
        and (not one.place or not other.place or one.place == other.place)
        and _voice(one.sightings[0]) == _voice(other.sightings[0])
    )


def _is_told_elsewhere(one: Line, other: Line) -> bool:
    return one.stage is other.stage and _is_told_elsewhere_in_other_words(one, other)


def _is_told_elsewhere_in_other_words(one: Line, other: Line) -> bool:
    """Another voice, the same public status and country, within 90 minutes."""
    return (
        one.stage.public is other.stage.public
        and one.stage.public is not None
        and abs(other.at - one.at) <= SAME_SCAN
        and _on_same_ground(one, other)
        and not one.event.withdraws
        and not other.event.withdraws
        and not _share_a_voice(one, other)
    )


def _is_echo(one: Line, other: Line) -> bool:
    """In the very minute of another voice's scan, and saying no more than that the parcel moves."""
    return (
        _MOVES in (one.code, other.code)
        and abs(other.at - one.at) < _MINUTE
        and _on_same_ground(one, other)
        and not one.event.withdraws
        and not other.event.withdraws
        and not _share_a_voice(one, other)
    )


def _on_same_ground(one: Line, other: Line) -> bool:
    """In one country; where a voice does not name it, by one carrier or in the very minute of the other."""
    if one.country and other.country:
        return one.country == other.country
    return one.carrier == other.carrier != "" or abs(other.at - one.at) < _MINUTE


def _share_a_voice(one: Line, other: Line) -> bool:
    told = [_voice(sighting) for sighting in one.sightings]
    return any(_voice(sighting) in told for sighting in other.sightings)


def _voice(sighting: Sighting) -> tuple[str, str]:
    """Whose list of scans this is from: two posts within one aggregator are two voices."""
    return (sighting.source, sighting.event.carrier)


def _join(line: Line, other: Line) -> None:
    """Makes ``line`` tell of both scans: the best words first, the most trusted time, every known place."""
    sightings = line.sightings + other.sightings
    best = max(sightings, key=_worth)
    line.sightings = (best, *(one for one in sightings if one is not best))
    line.event = best.event
    line.stage = STAGES.get(best.event.code, _UNMAPPED)
    line.at = max(sightings, key=_trust).event.occurred_at
    country, carrier = _scanned_by(best, line.stage, line.country or other.country)
    line.country = country
    line.carrier = carrier or line.carrier or other.carrier
    if other.direction is _RETURN:
        line.direction = _RETURN


_MOVES = "line.moving"
_VAGUE = frozenset({_MOVES, "done.delivered", "bad.other"})
_CERTAINTY = {ZoneBasis.UNKNOWN: 0, ZoneBasis.CARRIER_RULE: 1, ZoneBasis.GIVEN: 2}


def _worth(sighting: Sighting) -> tuple[bool, bool, int, int, bool, int, bool]:
    """How well a sighting tells of a scan: somebody must act, then finer, further, with a reason, trusted."""
    event = sighting.event
    stage = STAGES.get(event.code, _UNMAPPED)
    return (
        stage.owes != "",
        event.code not in _VAGUE,
        stage.rank,
        stage.order,
        event.reason != "",
        _trust(sighting),
        event.place != "",
    )


def _trust(sighting: Sighting) -> int:
    """The carrier that scanned knows itself and its clock best; then the surer zone."""
    event = sighting.event
    _, carrier = _scanned_by(sighting, STAGES.get(event.code, _UNMAPPED))
    return 3 * (carrier == sighting.source) + _CERTAINTY[event.zone_basis]


# --- order ---


def _settle(lines: list[Line]) -> None:
    """Puts neighbours whose times cannot be compared into the usual order of stages (statuses model, rule 5).

    An insertion sort on a list already in order of time: a line moves up only past neighbours of which the
    clock cannot say that they came first, and never past one without a usual place (a problem, a way back).
    """
    for end in range(1, len(lines)):
        index = end
        while index > max(0, end - NEIGHBOURS) and _came_first(lines[index], lines[index - 1]):
            lines[index - 1], lines[index] = lines[index], lines[index - 1]
            index -= 1


def _came_first(line: Line, before: Line) -> bool:
    if not 0 < line.stage.order < before.stage.order:
        return False
    if line.direction is _RETURN or before.direction is _RETURN:
        return False
    return line.at - before.at <= _doubt(line, before)


def _doubt(one: Line, other: Line) -> timedelta:
    """How far the difference of two lines' times may be off; nothing for one voice with one clock."""
    same_clock = _share_a_voice(one, other)
    if _UNKNOWN_ZONE in (one.event.zone_basis, other.event.zone_basis):
        return timedelta(0) if same_clock and one.country == other.country else ZONE_DOUBT
    return timedelta(0) if same_clock else OFFSET_DOUBT
