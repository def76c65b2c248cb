"""Land, borders and countries in map units, and the cutting of shapes to a box."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "Box") -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


@dataclass(frozen=True, slots=True)
class World:
    """The whole land in map units."""

    land: tuple[tuple[Point, ...], ...]
    borders: tuple[tuple[Point, ...], ...]
    countries: Mapping[str, tuple[tuple[Point, ...], ...]]


@lru_cache(maxsize=1)
def world() -> World:
    """Read once; arcs are stored as steps in tenths of a map unit, a negative index is an arc backwards."""
    stored = json.loads((Path(__file__).parent / "places" / "world.json").read_text())
    arcs = [_unfold(steps) for steps in stored["arcs"]]

    def ring(indices: Iterable[int]) -> tuple[Point, ...]:
        points: list[Point] = []
        for index in indices:
            arc = arcs[index] if index >= 0 else arcs[~index][::-1]
            points += arc[1:] if points else arc
        return tuple(points)

    return World(
        land=tuple(ring(indices) for indices in stored["land"]),
        borders=tuple(tuple(arcs[index]) for index in stored["borders"]),
        countries={code: tuple(ring(r) for r in rings) for code, rings in stored["countries"].items()},
    )


def _unfold(steps: Sequence[int]) -> list[Point]:
    x = y = 0
    points = []
    for at in range(0, len(steps), 2):
        x, y = x + steps[at], y + steps[at + 1]
        points.append((x / 10, y / 10))
    return points


def shifted(shapes: Iterable[tuple[Point, ...]], box: Box) -> Iterator[tuple[Point, ...]]:
    """The shapes that may show in the box; a box beyond the date line shows the world's other end too."""
    for offset in (-1000, 0, 1000):
        if offset and not (box.left < offset + 1000 and offset < box.right):
            continue
        for shape in shapes:
            left, right = min(x for x, _ in shape) + offset, max(x for x, _ in shape) + offset
            if left < box.right and box.left < right:
                yield tuple((x + offset, y) for x, y in shape) if offset else shape


def cut_ring(ring: Sequence[Point], box: Box) -> list[Point]:
    """A closed shape cut to the box, side by side (Sutherland and Hodgman)."""
    points = list(ring)
    for axis, limit, keeps_less in (
        (0, box.left, False),
        (0, box.right, True),
        (1, box.top, False),
        (1, box.bottom, True),
    ):
        kept: list[Point] = []
        for before, point in zip([*points[-1:], *points[:-1]], points, strict=True):
            was_in = (before[axis] < limit) == keeps_less
            is_in = (point[axis] < limit) == keeps_less
            if was_in != is_in:
                kept.append(_crossing(before, point, axis, limit))
            if is_in:
                kept.append(point)
        points = kept
        if not points:
            break
    return points


def _crossing(first: Point, last: Point, axis: int, limit: float) -> Point:
    share = (limit - first[axis]) / (last[axis] - first[axis])
    x, y = (a + (b - a) * share for a, b in zip(first, last, strict=True))
    return x, y


def cut_line(line: Sequence[Point], box: Box) -> list[list[Point]]:
    """The pieces of an open line in the box; ends may stick out by one step, the picture cuts them."""
    pieces: list[list[Point]] = []
    is_drawing = False
    for first, last in pairwise(line):
        step = Box(
            min(first[0], last[0]), min(first[1], last[1]), max(first[0], last[0]), max(first[1], last[1])
        )
        if not (
            step.left < box.right
            and box.left < step.right
            and step.top < box.bottom
            and box.top < step.bottom
        ):
            is_drawing = False
            continue
        if not is_drawing:
            pieces.append([first])
            is_drawing = True
        pieces[-1].append(last)
    return pieces


def area(ring: Sequence[Point]) -> float:
    return abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, [*ring[1:], *ring[:1]], strict=True))) / 2


def middle(ring: Sequence[Point]) -> Point:
    """The centre of mass of a shape."""
    doubled = total_x = total_y = 0.0
    for (x1, y1), (x2, y2) in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        cross = x1 * y2 - x2 * y1
        doubled += cross
        total_x += (x1 + x2) * cross
        total_y += (y1 + y2) * cross
    if abs(doubled) < 1e-9:
        return ring[0]
    return total_x / (3 * doubled), total_y / (3 * doubled)
