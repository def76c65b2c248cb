"""A level as a picture and as a list: the same table that executes, for people.

States stand below one another by phase, so time runs downwards; every arrow leaves its box under its own label and
runs in a lane of its own, so nothing overlaps however many moves there are. Colours are the page's (``currentColor``,
``Canvas``), style is in attributes, so the picture needs no style sheet and no permission for one.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from sledi.core.workflow.model import State, Transition, Workflow
from sledi.core.workflow.vocabulary import Phase


@dataclass(frozen=True, slots=True)
class Way:
    """One way out of a state: what it is called, where it leads ("" = the state stays), and who may take it."""

    name: str
    label: str
    target: str
    target_label: str
    roles: tuple[str, ...]
    is_correction: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A state in the legend."""

    state: str
    label: str
    about: str
    phase: str
    tone: str
    is_initial: bool
    is_final: bool
    is_hidden: bool
    ways: tuple[Way, ...]


def legend(workflow: Workflow, level: str, language: str) -> list[Entry]:
    """Every state an entity of the level can be in, by phase, with the ways out of it. Raises KeyError."""
    return [
        Entry(
            state=state.key,
            label=workflow.words(state.label, language),
            about=workflow.words(state.about, language),
            phase=state.phase,
            tone=state.tone,
            is_initial=state.is_initial,
            is_final=state.is_final,
            is_hidden=state.is_hidden,
            ways=tuple(_ways(workflow, level, state.key, language)),
        )
        for state in _by_phase(workflow, level)
    ]


def diagram(workflow: Workflow, level: str, language: str) -> str:
    """The level as SVG, with a title and a description for who cannot see it. Raises KeyError."""
    entries = legend(workflow, level, language)
    arrows = list(_arrows(entries))
    boxes = _placed(entries, arrows)
    lanes = _lanes(arrows, boxes)
    room = max((_text_width(arrow.label) for arrow in arrows), default=0)
    drawn = [_drawn_arrow(boxes, arrow, room, lane) for arrow, lane in zip(arrows, lanes, strict=True)]
    drawn += [_drawn_box(boxes[entry.state], entry) for entry in entries]
    width = _LEFT + _BOX_WIDTH + room + _LANE * (max(lanes, default=0) + 2)
    height = sum(box.height + _GAP for box in boxes.values()) + _GAP
    title = escape(f"{workflow.words(workflow.name, language)}: {level}")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" lang="{escape(language)}" font-family="sans-serif" font-size="13">'
        f"<title>{title}</title><desc>{escape(_described(entries))}</desc>"
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0 8 4 0 8z" fill="currentColor"/></marker></defs>'
        f"{''.join(drawn)}</svg>"
    )


@dataclass(frozen=True, slots=True)
class _Arrow:
    """All the moves between two states. ``is_correction``: none of them is of the ordinary way."""

    source: str
    target: str
    label: str
    is_correction: bool


@dataclass(frozen=True, slots=True)
class _Box:
    """Where a state is drawn, and at which height each arrow ends and starts."""

    y: int
    height: int
    ends: Mapping[str, int]
    starts: Mapping[str, int]


_LEFT, _BOX_WIDTH = 48, 190
_GAP, _SLOT, _LANE = 18, 22, 14
_BOX_HEIGHT_MIN = 48
_LINE_LENGTH, _LABEL_LENGTH = 24, 60
_PHASES = {phase: index for index, phase in enumerate(Phase)}


def _by_phase(workflow: Workflow, level: str) -> list[State]:
    states = workflow.states(level).values()
    parents = {state.parent for state in states}
    leaves = [state for state in states if state.key not in parents]
    return sorted(leaves, key=lambda state: _PHASES[Phase(state.phase)])


def _ways(workflow: Workflow, level: str, state: str, language: str) -> Iterator[Way]:
    for move in workflow.transitions(level).values():
        if state in move.sources:
            target = "" if move.target in (None, state) else str(move.target)
            named = workflow.words(workflow.states(level)[target].label, language) if target else ""
            yield Way(
                move.name,
                _called(workflow, move, language),
                target,
                named,
                tuple(sorted(move.roles)),
                move.is_correction,
            )


def _called(workflow: Workflow, move: Transition, language: str) -> str:
    """A machine's move may have no label: then the events it waits for, or its name."""
    return workflow.words(move.label, language) or ", ".join(move.on) or move.name


def _arrows(entries: Sequence[Entry]) -> Iterator[_Arrow]:
    for entry in entries:
        for target in dict.fromkeys(way.target for way in entry.ways if way.target):
            ways = [way for way in entry.ways if way.target == target]
            label = " / ".join(dict.fromkeys(way.label for way in ways))
            yield _Arrow(
                entry.state, target, _cut(label, _LABEL_LENGTH), all(way.is_correction for way in ways)
            )


def _placed(entries: Sequence[Entry], arrows: Sequence[_Arrow]) -> dict[str, _Box]:
    """The states below one another, each as high as its arrows need: first those that come, then those that go."""
    boxes, y = {}, _GAP
    for entry in entries:
        coming = [arrow.source for arrow in arrows if arrow.target == entry.state]
        going = [arrow.target for arrow in arrows if arrow.source == entry.state]
        height = max(_BOX_HEIGHT_MIN, _SLOT * (len(coming) + len(going)) + 8)
        top = y + (height - _SLOT * (len(coming) + len(going) - 1)) // 2
        slots = [top + _SLOT * index for index in range(len(coming) + len(going))]
        ends = dict(zip(coming, slots, strict=False))
        starts = dict(zip(going, slots[len(coming) :], strict=True))
        boxes[entry.state] = _Box(y, height, ends, starts)
        y += height + _GAP
    return boxes


def _lanes(arrows: Sequence[_Arrow], boxes: Mapping[str, _Box]) -> list[int]:
    """A lane for each arrow to run in, so that no two lie upon each other; the shortest run innermost."""
    spans = [_span(arrow, boxes) for arrow in arrows]
    lanes = [0] * len(arrows)
    taken: list[list[tuple[int, int]]] = []
    for index in sorted(range(len(arrows)), key=lambda index: spans[index][1] - spans[index][0]):
        low, high = spans[index]
        lane = next(
            (at for at, runs in enumerate(taken) if all(high < first or last < low for first, last in runs)),
            len(taken),
        )
        taken += [[]] if lane == len(taken) else []
        taken[lane].append((low, high))
        lanes[index] = lane
    return lanes


def _span(arrow: _Arrow, boxes: Mapping[str, _Box]) -> tuple[int, int]:
    start, end = boxes[arrow.source].starts[arrow.target], boxes[arrow.target].ends[arrow.source]
    return min(start, end), max(start, end)


def _drawn_arrow(boxes: Mapping[str, _Box], arrow: _Arrow, room: int, lane: int) -> str:
    """Out of the box under its label, along its lane, and back into the other box. Corrections are dashed."""
    start, end = boxes[arrow.source].starts[arrow.target], boxes[arrow.target].ends[arrow.source]
    left = _LEFT + _BOX_WIDTH
    right = left + room + _LANE * (lane + 1)
    dashes = ' stroke-dasharray="4 3"' if arrow.is_correction else ""
    return (
        f'<path d="M{left} {start}H{right}V{end}H{left}" fill="none" stroke="currentColor" stroke-opacity=".5"'
        f'{dashes} marker-end="url(#tip)"/>'
        f'<text x="{left + 8}" y="{start - 4}" font-size="11" fill="currentColor">{escape(arrow.label)}</text>'
    )


def _drawn_box(box: _Box, entry: Entry) -> str:
    """A final state has a double border, an initial one a dot and an arrow before it, a hidden one is dashed."""
    dashes = ' stroke-dasharray="5 4"' if entry.is_hidden else ""
    middle = box.y + box.height // 2
    parts = [_rectangle(box, 0, f'fill="Canvas" stroke="currentColor" stroke-width="1.5"{dashes}')]
    if entry.is_final:
        parts.append(_rectangle(box, 4, 'fill="none" stroke="currentColor"'))
    if entry.is_initial:
        parts.append(f'<circle cx="14" cy="{middle}" r="6" fill="currentColor"/>')
        parts.append(f'<path d="M20 {middle}H{_LEFT}" stroke="currentColor" marker-end="url(#tip)"/>')
    parts.append(_text(_lines(entry.label, _LINE_LENGTH), _LEFT + _BOX_WIDTH // 2, middle, 13))
    return f'<g data-state="{entry.state}" data-tone="{entry.tone}">{"".join(parts)}</g>'


def _rectangle(box: _Box, inset: int, look: str) -> str:
    return (
        f'<rect x="{_LEFT + inset}" y="{box.y + inset}" width="{_BOX_WIDTH - 2 * inset}"'
        f' height="{box.height - 2 * inset}" rx="8" {look}/>'
    )


def _text(lines: Sequence[str], x: int, y: int, size: int) -> str:
    """Lines centred around a point."""
    top = y - (len(lines) - 1) * (size + 3) // 2 + size // 3
    spans = [
        f'<tspan x="{x}" y="{top + index * (size + 3)}">{escape(line)}</tspan>'
        for index, line in enumerate(lines)
    ]
    return f'<text text-anchor="middle" font-size="{size}" fill="currentColor">{"".join(spans)}</text>'


def _text_width(text: str) -> int:
    """About how wide a label is: a Cyrillic letter at this size takes some seven units."""
    return 7 * len(text) + 16


def _lines(text: str, length: int) -> list[str]:
    """The words in at most three lines of about ``length``."""
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + len(word) >= length and len(lines) < 3:
            lines.append(word)
        else:
            lines[-1] = f"{lines[-1]} {word}".strip()
    return [_cut(line, length + 4) for line in lines]


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else f"{text[: length - 1]}…"


def _described(entries: Sequence[Entry]) -> str:
    """The picture in words: each arrow as a line."""
    ways = [(entry, way) for entry in entries for way in entry.ways if way.target]
    told = [f"{entry.label} → {way.target_label}: {way.label}" for entry, way in ways]
    return "; ".join(told or [entry.label for entry in entries])
