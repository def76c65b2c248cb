"""Between which countries the parcel goes, and what that makes of scans whose side or maker is open."""

from collections.abc import Iterable
from dataclasses import dataclass

from sledi.core.carrier import Direction
from sledi.core.timeline.merge import Line
from sledi.core.timeline.posts import home_of, post_of
from sledi.core.timeline.stages import STAGES, WITH_LAST_POST, Effect, Side


@dataclass(frozen=True, slots=True)
class Route:
    """Two ends as ISO 3166-1 alpha-2, each empty while unknown.

    ``crosses_border`` is known from the ends, or from a parcel that was seen leaving its country.
    """

    origin: str = ""
    destination: str = ""
    crosses_border: bool = False

    @property
    def is_domestic(self) -> bool:
        return self.origin != "" and self.origin == self.destination

    def side_of(self, line: Line) -> Side:
        """On which side the scan was made: by its meaning, else by its country."""
        if line.stage.side or not line.country:
            return line.stage.side
        if line.country == self.destination:
            return Side.DESTINATION
        return Side.ORIGIN if line.country == self.origin else Side.UNKNOWN


def learnt(lines: Iterable[Line], origin: str, destination: str) -> Route:
    """The route as given, its missing ends from the scans of the way out.

    Origin: where the first scan with the origin post was made. Destination: where import was scanned, else
    where the last post scanned, else the home of the only other post that tells of the parcel (posts tell one
    another of what is for them); a country that the parcel was seen leaving is not its destination.
    """
    if origin and destination:
        return Route(origin, destination, origin != destination)
    leaving = False
    first = imported = last = ""
    tellers: set[str] = set()
    for line in lines:
        stage = line.stage
        if stage.side is Side.BACK or line.direction is Direction.RETURN:
            break
        if stage.side is Side.DESTINATION:
            country = line.country or home_of(line.carrier)
            if stage.rank < WITH_LAST_POST and country != (origin or first):
                imported = country or imported
            elif country != (origin or first) or not last:
                last = country or last
        elif stage.side:
            leaving = leaving or stage.side is Side.CROSSING
            first = first or line.country
            tellers.update(home_of(sighting.source) for sighting in line.sightings)
    destination = destination or imported
    if destination:
        origin = origin or first or (last if last != destination else "")
        return Route(origin, destination, leaving or (origin != "" and origin != destination))
    origin = origin or first
    destination = "" if leaving and last == origin else last
    others = tellers - {"", origin}
    if not destination and origin and len(others) == 1:
        [destination] = others
    return Route(origin, destination, leaving or (destination != "" and origin not in ("", destination)))


_DOMESTIC = {
    Effect.PROGRESS: STAGES["orig.hub"],
    Effect.END: STAGES["orig.hub"],
    Effect.HALT: STAGES["line.delayed"],
}
_ARRIVED_HUB = {"line.hub_in": STAGES["last.sort_in"], "line.hub_out": STAGES["last.sort_out"]}

_DESTINATION = Side.DESTINATION  # once: looking up an enum's member takes longer than comparing it


def place_on(route: Route, line: Line) -> None:
    """Gives a scan on the way out the stage and the carrier that its country shows.

    A domestic courier's delivery in the origin country closes that leg only: the parcel is at a warehouse
    (Kuaidi100 and SF "signed" on a Chinese domestic leg). A hub of unknown side in the destination country is
    the destination's sorting centre (as Russian Post's 8:0 and 8:4). A scan of the destination that the origin
    post tells is the destination post's, and an export that the destination post tells is the origin post's
    (UPU EMSEVT).
    """
    if not route.crosses_border:
        return
    stage = line.stage
    if stage.side is _DESTINATION:
        if stage.rank >= WITH_LAST_POST and line.country and line.country == route.origin:
            line.stage, line.rule, line.leg = _DOMESTIC[stage.effect], "domestic-leg", "domestic"
        elif route.destination and route.origin and home_of(line.carrier) == route.origin:
            line.carrier, line.country = post_of(route.destination), line.country or route.destination
    elif stage.code.startswith("exp."):
        if route.origin and line.carrier and home_of(line.carrier) == route.destination:
            line.carrier, line.country = post_of(route.origin), line.country or route.origin
    elif line.country and line.country == route.destination:
        for sighting in line.sightings:
            if sighting.event.code in _ARRIVED_HUB:
                line.stage, line.rule = _ARRIVED_HUB[sighting.event.code], "hub-in-destination"
                return
