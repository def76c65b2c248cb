"""The map of a way as SVG: land and borders cut to the places known, great circles, numbered circles.

Map units: x = (longitude + 180) / 0.36, y = (90 − latitude) / 0.36. For a page the box around the places is cut
out and x multiplied by the cosine of its middle latitude, so that countries keep their shape. Solid is where
somebody saw the parcel, dotted where it is expected; the circles carry the numbers of the legs beside the map.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from babel import Locale
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sledi.web.land import Box, Point, area, cut_line, cut_ring, middle, shifted, world

WIDTH = 400
HEIGHT_MIN, HEIGHT_MAX = 200, 340
MARGIN = 0.16  # of the box, on each side
LEAST_UNITS = 22.0  # about 8 degrees: closer than that nobody's home should be shown
CIRCLE = 10
LETTER_WIDTH, CAPITAL_WIDTH, LETTER_HEIGHT = 8, 9.2, 15
COUNTRY_NAMES_MAX = 7


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way. ``label`` is its number on the page; ``state`` is past, here or ahead."""

    name: str
    latitude: float
    longitude: float
    label: str
    state: str


@lru_cache(maxsize=512)
def route_map(stops: tuple[Stop, ...], language: str, title: str, tone: str = "") -> SafeString:
    """The SVG of a way of two places or more, in order of travel; empty with fewer.

    ``title`` is its text alternative. ``tone`` colours the place where the parcel is.
    """
    if len({(stop.latitude, stop.longitude) for stop in stops}) < 2:
        return SafeString("")
    legs = _legs(stops)
    view = View.around([point for leg in legs for point in leg])
    occupied: list[Box] = []
    way = [box for leg in legs for box in _beside(leg, view)]
    places = _circles(stops, legs, view, occupied, way)
    # Countries get the room that is left, and lie under everything else.
    countries = _country_names(view, language, [*occupied, *way])
    parts = [
        f'<path class="land" d="{_land(view)}"/>',
        f'<path class="border" d="{_borders(view)}"/>',
        *countries,
        *_lines(stops, legs, view),
        *places,
    ]
    attributes = f'viewBox="0 0 {WIDTH} {view.height}" width="{WIDTH}" height="{view.height}"'
    drawing = "".join(parts)
    toned = f' data-tone="{escape(tone)}"' if tone else ""
    return mark_safe(  # noqa: S308  every text in it is escaped where it enters
        f'<div class="map"{toned}><svg {attributes} role="img" aria-label="{escape(title)}">{drawing}</svg></div>'
    )


@dataclass(frozen=True, slots=True)
class View:
    """The part of the world shown: its corner in map units, and pixels per map unit in both directions."""

    left: float
    top: float
    x_scale: float
    y_scale: float
    height: int

    @classmethod
    def around(cls, points: Sequence[Point]) -> "View":
        """The box of the points with a margin, in a shape that fits the page."""
        xs, ys = [x for x, _ in points], [y for _, y in points]
        middle_x, middle_y = (min(xs) + max(xs)) / 2, (min(ys) + max(ys)) / 2
        squeeze = max(0.25, math.cos(math.radians(90 - middle_y * 0.36)))
        width = max((max(xs) - min(xs)) * squeeze, LEAST_UNITS) * (1 + 2 * MARGIN)
        height = max(max(ys) - min(ys), LEAST_UNITS * 0.6) * (1 + 2 * MARGIN)
        width = max(width, height * WIDTH / HEIGHT_MAX)
        height = max(height, width * HEIGHT_MIN / WIDTH)
        scale = WIDTH / width
        return cls(
            left=middle_x - width / squeeze / 2,
            top=middle_y - height / 2,
            x_scale=scale * squeeze,
            y_scale=scale,
            height=round(height * scale),
        )

    def pixel(self, point: Point) -> Point:
        return (point[0] - self.left) * self.x_scale, (point[1] - self.top) * self.y_scale

    @property
    def box(self) -> Box:
        """What is drawn, a little beyond the edge so that outlines do not show there; in map units."""
        extra_x, extra_y = 12 / self.x_scale, 12 / self.y_scale
        return Box(
            self.left - extra_x,
            self.top - extra_y,
            self.left + WIDTH / self.x_scale + extra_x,
            self.top + self.height / self.y_scale + extra_y,
        )


def _legs(stops: Sequence[Stop]) -> list[list[Point]]:
    """Great circles between the stops, in map units; the way over the date line goes on beyond the edge."""
    legs, last_x = [], None
    for first, last in pairwise(stops):
        leg = []
        for latitude, longitude in _great_circle(first, last):
            x = (longitude + 180) / 0.36
            if last_x is not None:
                x += 1000 * round((last_x - x) / 1000)
            last_x = x
            leg.append((x, (90 - latitude) / 0.36))
        legs.append(leg)
    return legs


def _great_circle(first: Stop, last: Stop) -> Iterator[tuple[float, float]]:
    """Points of the shortest way over the globe (spherical linear interpolation), latitude and longitude."""
    start, end = _vector(first), _vector(last)
    angle = math.acos(max(-1.0, min(1.0, sum(a * b for a, b in zip(start, end, strict=True)))))
    steps = max(1, min(24, round(math.degrees(angle) * 2)))
    for step in range(steps + 1):
        share = step / steps
        if angle < 1e-6:  # the same place
            x, y, z = end
        else:
            one, two = math.sin((1 - share) * angle), math.sin(share * angle)
            x, y, z = ((a * one + b * two) / math.sin(angle) for a, b in zip(start, end, strict=True))
        yield math.degrees(math.asin(max(-1.0, min(1.0, z)))), math.degrees(math.atan2(y, x))


def _vector(stop: Stop) -> tuple[float, float, float]:
    latitude, longitude = math.radians(stop.latitude), math.radians(stop.longitude)
    return (
        math.cos(latitude) * math.cos(longitude),
        math.cos(latitude) * math.sin(longitude),
        math.sin(latitude),
    )


def _lines(stops: Sequence[Stop], legs: Sequence[Sequence[Point]], view: View) -> list[str]:
    """Solid to the last place where it was seen, dotted after it."""
    lines = []
    for stop, leg in zip(stops[1:], legs, strict=True):
        pixels = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(view.pixel, leg))
        path = f"M{pixels.replace(' ', 'L', 1)}"
        kind = "next" if stop.state == "ahead" else "done"
        lines.append(f'<path class="halo" d="{path}"/><path class="{kind}" d="{path}"/>')
    return lines


def _beside(leg: Sequence[Point], view: View) -> list[Box]:
    """Small boxes along a line, for names to keep away from."""
    pixels = [view.pixel(point) for point in leg]
    halves = [((x1 + x2) / 2, (y1 + y2) / 2) for (x1, y1), (x2, y2) in pairwise(pixels)]
    return [Box(x - 4, y - 4, x + 4, y + 4) for x, y in (*pixels, *halves)]


def _circles(
    stops: Sequence[Stop], legs: Sequence[Sequence[Point]], view: View, occupied: list[Box], way: list[Box]
) -> list[str]:
    """Numbered circles with the names beside them where there is room. Stops at one place share a circle."""
    centres = [view.pixel(legs[0][0]), *(view.pixel(leg[-1]) for leg in legs)]
    shared = _shared(stops, centres)
    occupied += [Box(x - CIRCLE, y - CIRCLE, x + CIRCLE, y + CIRCLE) for _, _, (x, y) in shared]
    drawn = []
    for stop, label, (x, y) in shared:
        kind = {"past": "at", "here": "here", "ahead": "goal"}[stop.state]
        drawn.append(
            f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{CIRCLE}"/>'
            f'<text class="n" x="{x:.1f}" y="{y + 4.2:.1f}">{escape(label)}</text>'
        )
        drawn.append(_name(stop.name, x, y, view, occupied, way))
    return drawn


def _shared(stops: Sequence[Stop], centres: Sequence[Point]) -> list[tuple[Stop, str, Point]]:
    """Stops whose circles would cover one another: one circle with the latest number."""
    kept: list[tuple[Stop, str, Point]] = []
    for stop, centre in zip(stops, centres, strict=True):
        near = next(
            (n for n, (_, _, other) in enumerate(kept) if math.dist(centre, other) < CIRCLE * 1.2), None
        )
        if near is None:
            kept.append((stop, stop.label, centre))
        elif stop.state != "ahead":
            kept[near] = (stop, stop.label, kept[near][2])
    return kept


def _name(name: str, x: float, y: float, view: View, occupied: list[Box], way: list[Box]) -> str:
    """The name at the first free side of its circle, rather not across the line; nothing when all are taken."""
    width = len(name) * LETTER_WIDTH
    sides = (
        ("start", x + 14, y + 5, Box(x + 12, y - 7, x + 14 + width, y + 8)),
        ("end", x - 14, y + 5, Box(x - 14 - width, y - 7, x - 12, y + 8)),
        ("middle", x, y - 15, Box(x - width / 2, y - 15 - 12, x + width / 2, y - 12)),
        ("middle", x, y + 25, Box(x - width / 2, y + 13, x + width / 2, y + 13 + LETTER_HEIGHT)),
    )
    for avoided in ([*occupied, *way], occupied):
        for anchor, text_x, text_y, box in sides:
            if not _fits(box, view) or any(box.meets(other) for other in avoided):
                continue
            occupied.append(box)
            return f'<text x="{text_x:.1f}" y="{text_y:.1f}" text-anchor="{anchor}">{escape(name)}</text>'
    return ""


def _fits(box: Box, view: View) -> bool:
    return box.left >= 2 and box.right <= WIDTH - 2 and box.top >= 2 and box.bottom <= view.height - 2


def _land(view: View) -> str:
    cut = (cut_ring(ring, view.box) for ring in shifted(world().land, view.box))
    return "".join(f"{_path(ring, view)}z" for ring in cut if len(ring) > 2)


def _borders(view: View) -> str:
    return "".join(
        _path(piece, view)
        for line in shifted(world().borders, view.box)
        for piece in cut_line(line, view.box)
    )


def _country_names(view: View, language: str, occupied: list[Box]) -> list[str]:
    """Names of countries with room for them, the largest first; a little aside where the middle is taken."""
    names = Locale.parse(language).territories
    found = []
    for code, rings in world().countries.items():
        cut = [cut_ring(ring, view.box) for ring in shifted(rings, view.box)]
        shape = max(cut, key=area, default=[])
        found.append((area(shape), code, shape))
    drawn = []
    for _, code, shape in sorted(found, reverse=True):
        name = str(names.get(code, "")).upper()
        if not shape or not name:
            continue
        pixels = [view.pixel(point) for point in shape]
        width = len(name) * CAPITAL_WIDTH
        if width > (max(p[0] for p in pixels) - min(p[0] for p in pixels)) * 0.9:
            continue
        middle_x, middle_y = middle(pixels)
        for aside_x, aside_y in ((0, 0), (0, -26), (0, 26), (-width / 2, 0), (width / 2, 0)):
            x, y = middle_x + aside_x, middle_y + aside_y
            box = Box(x - width / 2, y - 12, x + width / 2, y + 5)
            if _fits(box, view) and not any(box.meets(other) for other in occupied):
                occupied.append(box)
                drawn.append(f'<text class="name" x="{x:.0f}" y="{y:.0f}">{escape(name)}</text>')
                break
        if len(drawn) == COUNTRY_NAMES_MAX:
            break
    return drawn


def _path(points: Sequence[Point], view: View) -> str:
    """Whole pixels and relative steps: about a third of the size."""
    x, y = (round(value) for value in view.pixel(points[0]))
    steps = []
    for point in points[1:]:
        next_x, next_y = (round(value) for value in view.pixel(point))
        if (next_x, next_y) != (x, y):
            steps.append(f"{next_x - x} {next_y - y}")
        x, y = next_x, next_y
    first_x, first_y = (round(value) for value in view.pixel(points[0]))
    return f"M{first_x} {first_y}l{' '.join(steps)}".replace(" -", "-") if steps else ""
