"""The way of a parcel as its page tells it: steps, legs, scans, silences, the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.timeline import (
    Leg,
    LegKind,
    Level,
    Line,
    Mark,
    Silence,
    StepState,
    Stretch,
    Timeline,
    Usual,
    lane,
)
from sledi.web import dates, wording, words
from sledi.web.countries import country_name
from sledi.web.looks import DAYS_MAX, Step
from sledi.web.map import Stop, route_map
from sledi.web.places import Place, largest_city
from sledi.web.scans import NOTE, LineView, day_of, line_view, where_of

SILENCE_DAYS = 3
"""A silence worth a word even while it is usual."""

ASKED_ABOUT = frozenset({Stretch.ORIGIN, Stretch.DOMESTIC, Stretch.CROSSING, Stretch.CUSTOMS, Stretch.LAST})
"""Stretches on which a silence beyond the usual is a reason to write to the seller or the carrier.

Before acceptance the seller explains; with the courier and at the office the next step is said already.
"""

BORDER_STEPS = frozenset({Mark.LEFT_ORIGIN, Mark.ARRIVED})


@dataclass(frozen=True, slots=True)
class SilenceView:
    """Days without a scan: ``past`` days of a stretch that usually takes ``low`` to ``high``.

    ``tone`` is action where it lasts so long that the reader should do something about it.
    """

    title: str
    text: str
    past: int
    low: int
    high: int
    tone: str = ""
    is_silence: bool = True

    @property
    def has_dots(self) -> bool:
        """Whether the days fit into a row of dots."""
        return max(self.past, self.high) <= DAYS_MAX


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg. ``label`` is its number on the page and on the map; ``state`` is ahead, now or done.

    ``number`` is the parcel's number on this leg where the page's own is not used there; ``is_open`` shows the
    scans of a leg that is done.
    """

    label: str
    state: str
    title: str
    sub: str
    lines: Sequence[LineView]
    tone: str
    number: str = ""
    is_open: bool = False
    is_silence: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """The picture, empty with fewer than two places, and its text twin."""

    picture: SafeString
    title: str


def steps(timeline: Timeline, language: str, now: datetime, *, is_abroad: bool) -> list[Step]:
    """The trace on top of the page; nothing before the first mark is reached.

    ``is_abroad`` draws the steps of the border also while they lie ahead.
    """
    if not timeline.milestones:
        return []
    is_over = timeline.summary.is_final
    return [
        Step(
            words.step_name(step.key, language),
            "done" if is_over and step.state is StepState.NOW else _STATES[step.state],
            _day(timeline.milestones[Mark(step.key)].line, language, now) if step.at else "",
        )
        for step in timeline.steps
        if is_abroad or step.key not in BORDER_STEPS
    ]


def way(
    timeline: Timeline, silence: Silence | None, number: str, tone: str, language: str, now: datetime
) -> list[LegView | SilenceView]:
    """Legs and silences, newest first. A stretch between the posts that nobody saw is a silence, not a leg."""
    labels = _labels(timeline.legs)
    present = _present(silence, timeline, language)
    telling = _Telling(timeline, number, _renumbered(timeline), tone, language, now)
    newest = next((leg for leg in reversed(timeline.legs) if leg.lines), None)
    found: list[LegView | SilenceView] = []
    for leg in reversed(timeline.legs):
        if leg.state is StepState.NOW and present:
            found.append(present)
        if leg.kind in labels:
            found.append(telling.leg(leg, labels[leg.kind], is_open=leg is newest))
        elif leg.state is StepState.DONE and (past := _past(leg, timeline, language)):
            found.append(past)
    return found


def route(timeline: Timeline, tone: str, language: str) -> Map:
    """The map: one place a leg, and the destination's largest city under the country's name while it is ahead."""
    labels = _labels(timeline.legs)
    stops: list[Stop] = []
    for leg in timeline.legs:
        place = _place(leg, timeline, is_first=not stops)
        if place is not None and leg.kind in labels and leg.state is not StepState.AHEAD:
            state = "here" if leg.state is StepState.NOW else "past"
            stops.append(_stop(place, place.called(language), labels[leg.kind], state))
    if stops and timeline.summary.is_final:
        stops[-1] = Stop(stops[-1].name, stops[-1].latitude, stops[-1].longitude, stops[-1].label, "here")
    ahead = [leg for leg in timeline.legs if leg.state is StepState.AHEAD and leg.country]
    goal = largest_city(ahead[-1].country) if ahead else None
    names = ", ".join(stop.name for stop in stops)
    if goal is not None:
        stops.append(_stop(goal, country_name(goal.country, language), labels[ahead[-1].kind], "ahead"))
        title = _("Map of the way: %(places)s; ahead: %(goal)s") % {"places": names, "goal": stops[-1].name}
    else:
        title = _("Map of the way: %(places)s") % {"places": names}
    return Map(route_map(tuple(stops), language, title, tone), title)


_NAMED_BESIDE = frozenset({LegKind.EXPORT, LegKind.IMPORT, LegKind.RETURN})
_STATES = {StepState.DONE: "done", StepState.NOW: "current", StepState.AHEAD: "ahead"}


def _labels(legs: Sequence[Leg]) -> Mapping[LegKind, str]:
    """Numbers of the legs; what nobody saw has none."""
    shown = [leg for leg in legs if leg.lines or leg.kind is not LegKind.BETWEEN]
    return {leg.kind: str(n) for n, leg in enumerate(shown, 1)}


# Legs and scans.


def is_inland(timeline: Timeline) -> bool:
    """Whether the parcel leaves no country, as far as its ends are known."""
    return bool(timeline.summary.origin) and timeline.summary.origin == timeline.summary.destination


def is_worth_asking(silence: Silence | None) -> bool:
    """Whether somebody should ask now: longer than usual on a stretch where time itself brings nothing."""
    return silence is not None and silence.level is not Level.NORMAL and silence.stretch in ASKED_ABOUT


@dataclass(frozen=True, slots=True)
class _Telling:
    """What every leg and scan of one page needs to be told."""

    timeline: Timeline
    number: str
    renumbered: Mapping[int, str]
    tone: str
    language: str
    now: datetime

    def leg(self, leg: Leg, label: str, *, is_open: bool) -> LegView:
        return LegView(
            label=label,
            state=str(leg.state),
            title=self._title(leg),
            sub=self._sub(leg),
            lines=[self._line(line) for line in reversed(leg.lines)],
            tone=self.tone if leg.state is StepState.NOW and self.tone in {"action", "problem"} else "",
            number="" if self.number in leg.numbers else next(iter(leg.numbers), ""),
            is_open=is_open,
        )

    def _title(self, leg: Leg) -> str:
        """Who had it and where; at borders and customs, what it was."""
        is_post = leg.kind in {LegKind.DOMESTIC, LegKind.ORIGIN, LegKind.LAST}
        name = (
            carriers.name(leg.carrier, self.language)
            if is_post and leg.carrier
            else words.leg_name(leg.kind, self.language)
        )
        cities = [where_of(line, self.timeline).city_words(self.language) for line in leg.lines]
        # What leaves no country is told in two legs of one carrier: the first names where it began.
        told = cities if leg.kind is LegKind.ORIGIN and is_inland(self.timeline) else reversed(cities)
        city = next((city for city in told if city), "")
        return f"{name}, {city}" if city else name

    def _sub(self, leg: Leg) -> str:
        """A row of short facts: now or ahead, the days, the country or the carrier that the title does not name."""
        facts = [{StepState.AHEAD: _("ahead"), StepState.NOW: _("now"), StepState.DONE: ""}[leg.state]]
        first, last = self._line_at(leg.started_at), self._line_at(leg.ended_at)
        if first and last:
            facts.append(dates.day_range(day_of(first), day_of(last), self.language, self.now.date()))
        elif first:
            facts.append(_("since %(day)s") % {"day": _day(first, self.language, self.now)})
        if leg.carrier and leg.kind in _NAMED_BESIDE and leg.state is not StepState.AHEAD:
            facts.append(carriers.name(leg.carrier, self.language))
        elif leg.country:
            facts.append(country_name(leg.country, self.language))
        return " · ".join(fact for fact in facts if fact)

    def _line_at(self, at: datetime | None) -> Line | None:
        """The scan that began or ended a leg."""
        return next((line for line in self.timeline.lines if line.at == at), None)

    def _line(self, line: Line) -> LineView:
        return line_view(line, self.timeline, self.language, self.renumbered.get(id(line), ""))


def _renumbered(timeline: Timeline) -> dict[int, str]:
    """The scans (by ``id``) from which the parcel goes on under another number, and that number.

    It is the first scan told under it; or the note before it by the same carrier, which is about just that.
    """
    found: dict[int, str] = {}
    known: set[str] = set()
    before: Line | None = None
    for line in timeline.lines:
        told = {sighting.number for sighting in line.sightings if sighting.number}
        if known and (new := told - known):
            is_announced = before is not None and before.code == NOTE and before.carrier == line.carrier
            found[id(before if is_announced else line)] = min(new)
        known |= told
        before = line
    return found


def _day(line: Line, language: str, now: datetime) -> str:
    return dates.day(day_of(line), language, now.date())


# Silences.


def _present(silence: Silence | None, timeline: Timeline, language: str) -> SilenceView | None:
    """The silence that lasts: between the posts from the first day on, elsewhere when it is worth a word."""
    if silence is None or timeline.summary.is_final:
        return None
    is_crossing = silence.stretch is Stretch.CROSSING
    if not is_crossing and silence.days < SILENCE_DAYS and silence.level is Level.NORMAL:
        return None
    day = max(silence.day_of_stretch, silence.days, 1)
    usually = _usually(silence.stretch, silence.usual, timeline, language)
    return SilenceView(
        title=f"{words.stretch_day(silence.stretch, day, language)}. {_judged(silence.level)}",
        text=f"{wording.days_without_scan(silence.days)}. {usually}",
        past=day,
        low=silence.usual.low,
        high=silence.usual.high,
        tone="action" if is_worth_asking(silence) else "",
    )


def _past(leg: Leg, timeline: Timeline, language: str) -> SilenceView | None:
    """A silence between the posts that is over."""
    if leg.started_at is None or leg.ended_at is None:
        return None
    days = (leg.ended_at - leg.started_at).days
    if days < 1:
        return None
    usual = lane(timeline.summary.origin, timeline.summary.destination).stretches[Stretch.CROSSING]
    said = _("Between the posts: %(silence)s.") % {"silence": wording.days_without_scan(days)}
    judged = _judged(Level.NORMAL if days <= usual.high else Level.LONG)
    return SilenceView(
        f"{said} {judged}", _usually(Stretch.CROSSING, usual, timeline, language), days, usual.low, usual.high
    )


def _judged(level: Level) -> str:
    return {
        Level.NORMAL: _("That is usual here."),
        Level.LONG: _("That is longer than usual."),
        Level.STALE: _("That is too long: somebody should ask."),
    }[level]


def _usually(stretch: Stretch, usual: Usual, timeline: Timeline, language: str) -> str:
    way = wording.way(timeline.summary.origin, timeline.summary.destination, language)
    facts = {"usual": wording.usual_days(usual), "way": way}
    if not way or stretch is not Stretch.CROSSING:
        return _("This stretch usually takes %(usual)s.") % facts
    return _("On the way %(way)s this stretch usually takes %(usual)s, and often nobody scans.") % facts


# The map.


def _place(leg: Leg, timeline: Timeline, *, is_first: bool) -> Place | None:
    """Where a leg was: its last known place, of the first leg the first."""
    found = [where_of(line, timeline).city for line in leg.lines]
    known = [place for place in found if place is not None]
    if not known:
        return None
    return known[0] if is_first else known[-1]


def _stop(place: Place, name: str, label: str, state: str) -> Stop:
    return Stop(name, place.latitude, place.longitude, label, state)
