"""The way of a parcel as its page tells it: steps, legs, scans, silences, the map."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.carrier import ZoneBasis
from sledi.core.statuses import REASONS
from sledi.core.timeline import (
    Leg,
    LegKind,
    Level,
    Line,
    Silence,
    StepState,
    Stretch,
    Timeline,
    Usual,
    lane,
)
from sledi.tracker import wording
from sledi.web import dates, words
from sledi.web.countries import country_name
from sledi.web.looks import Step
from sledi.web.map import Stop, route_map
from sledi.web.places import Place, largest_city

SILENCE_DAYS = 3
"""A silence worth a word even while it is usual."""


@dataclass(frozen=True, slots=True)
class LineView:
    """One scan. ``original`` is empty where it would only repeat the name; ``is_raw`` when the name is raw."""

    name: str
    reason: str
    at: datetime
    zone: str
    is_zone_sure: bool
    where: str
    by: str
    original: str
    language: str
    is_raw: bool


@dataclass(frozen=True, slots=True)
class SilenceView:
    """Days without a scan: ``past`` days of a stretch that usually takes ``low`` to ``high``."""

    title: str
    text: str
    past: int
    low: int
    high: int
    is_silence: bool = True


@dataclass(frozen=True, slots=True)
class LegView:
    """One leg. ``label`` is its number on the page and on the map; ``state`` is ahead, now or done."""

    label: str
    state: str
    title: str
    sub: str
    lines: Sequence[LineView]
    tone: str
    is_silence: bool = False


@dataclass(frozen=True, slots=True)
class Map:
    """The picture, empty with fewer than two places, and its text twin."""

    picture: SafeString
    title: str


def steps(timeline: Timeline, language: str, now: datetime) -> list[Step]:
    """The trace on top of the page; nothing before the first mark is reached."""
    if not timeline.milestones:
        return []
    is_over = timeline.summary.is_final
    return [
        Step(
            words.step_name(step.key, language),
            "done" if is_over and step.state is StepState.NOW else _STATES[step.state],
            dates.day(wording.local_day(step.at, ""), language, now.date()) if step.at else "",
        )
        for step in timeline.steps
    ]


def way(
    timeline: Timeline, silence: Silence | None, tone: str, language: str, now: datetime
) -> list[LegView | SilenceView]:
    """Legs and silences, newest first. A stretch between the posts that nobody saw is a silence, not a leg."""
    labels = _labels(timeline.legs)
    present = _present(silence, timeline, language)
    found: list[LegView | SilenceView] = []
    for leg in reversed(timeline.legs):
        if leg.state is StepState.NOW and present:
            found.append(present)
        if leg.kind in labels:
            found.append(_leg(leg, labels[leg.kind], timeline, tone, language, now))
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


_STATES = {StepState.DONE: "done", StepState.NOW: "current", StepState.AHEAD: "ahead"}


def _labels(legs: Sequence[Leg]) -> Mapping[LegKind, str]:
    """Numbers of the legs; what nobody saw has none."""
    shown = [leg for leg in legs if leg.lines or leg.kind is not LegKind.BETWEEN]
    return {leg.kind: str(n) for n, leg in enumerate(shown, 1)}


# Legs and scans.


def where_of(line: Line, timeline: Timeline) -> wording.Whereabouts:
    """Where a scan was made."""
    return wording.Whereabouts(
        line.place, line.country, timeline.summary.origin, timeline.summary.destination
    )


def _leg(leg: Leg, label: str, timeline: Timeline, tone: str, language: str, now: datetime) -> LegView:
    return LegView(
        label=label,
        state=str(leg.state),
        title=_title(leg, timeline, language),
        sub=_sub(leg, language, now),
        lines=[_line(line, timeline, language) for line in reversed(leg.lines)],
        tone=tone if leg.state is StepState.NOW and tone in {"action", "problem"} else "",
    )


def _title(leg: Leg, timeline: Timeline, language: str) -> str:
    """Who had it and where; at borders and customs, what it was."""
    is_post = leg.kind in {LegKind.DOMESTIC, LegKind.ORIGIN, LegKind.LAST}
    name = (
        carriers.name(leg.carrier, language)
        if is_post and leg.carrier
        else words.leg_name(leg.kind, language)
    )
    cities = [where_of(line, timeline).city_words(language) for line in leg.lines]
    city = next((city for city in reversed(cities) if city), "")
    return f"{name}, {city}" if city else name


def _sub(leg: Leg, language: str, now: datetime) -> str:
    """A row of short facts: now or ahead, the days, the carrier or country that the title does not name."""
    facts = [{StepState.AHEAD: _("ahead"), StepState.NOW: _("now"), StepState.DONE: ""}[leg.state]]
    if leg.started_at:
        first = wording.local_day(leg.started_at, leg.country)
        if leg.ended_at:
            last = wording.local_day(leg.ended_at, leg.country)
            facts.append(dates.day_range(first, last, language, now.date()))
        else:
            facts.append(_("since %(day)s") % {"day": dates.day(first, language, now.date())})
    if leg.carrier and leg.kind in {LegKind.EXPORT, LegKind.IMPORT, LegKind.RETURN}:
        facts.append(carriers.name(leg.carrier, language))
    elif leg.country and leg.state is StepState.AHEAD:
        facts.append(country_name(leg.country, language))
    return " · ".join(fact for fact in facts if fact)


def _line(line: Line, timeline: Timeline, language: str) -> LineView:
    event = line.event
    is_raw = line.code == "sys.unmapped" and bool(event.raw_text)
    name = event.raw_text if is_raw else words.event_name(line.code, language)
    is_sure = event.zone_basis is not ZoneBasis.UNKNOWN
    return LineView(
        name=name,
        reason=words.reason_name(event.reason, language) if _adds(event.reason, line.code) else "",
        at=line.at,
        zone=(event.zone or wording.zone_of(line.country)) if is_sure else "",
        is_zone_sure=is_sure,
        where=where_of(line, timeline).words(language),
        by=carriers.name(line.carrier, language) if line.carrier else "",
        original="" if is_raw or event.raw_text.strip() in {"", name} else event.raw_text,
        language=event.text_language,
        is_raw=is_raw,
    )


def _adds(reason: str, code: str) -> bool:
    """Whether a reason says more than the event: customs that wait for papers need papers."""
    return (
        bool(reason)
        and reason != "unknown"
        and not (reason.startswith("customs_") and REASONS[reason] == code)
    )


# Silences.


def _present(silence: Silence | None, timeline: Timeline, language: str) -> SilenceView | None:
    """The silence that lasts: between the posts from the first day on, elsewhere when it is worth a word."""
    if silence is None or timeline.summary.is_final:
        return None
    is_crossing = silence.stretch is Stretch.CROSSING
    if not is_crossing and silence.days < SILENCE_DAYS and silence.level is Level.NORMAL:
        return None
    return _silence(silence.days, silence.day_of_stretch, silence.usual, silence.level, timeline, language)


def _past(leg: Leg, timeline: Timeline, language: str) -> SilenceView | None:
    """A silence between the posts that is over."""
    if leg.started_at is None or leg.ended_at is None:
        return None
    days = (leg.ended_at - leg.started_at).days
    if days < 1:
        return None
    usual = lane(timeline.summary.origin, timeline.summary.destination).stretches[Stretch.CROSSING]
    return _silence(days, days, usual, Level.NORMAL if days <= usual.high else Level.LONG, timeline, language)


def _silence(
    days: int, past: int, usual: Usual, level: Level, timeline: Timeline, language: str
) -> SilenceView:
    said = {"silence": wording.days_without_scan(days)}
    facts = {
        "usual": wording.usual_days(usual),
        "way": wording.way(timeline.summary.origin, timeline.summary.destination, language),
    }
    titles = {
        Level.NORMAL: _("%(silence)s. That is usual here."),
        Level.LONG: _("%(silence)s. That is longer than usual."),
        Level.STALE: _("%(silence)s. That is too long: somebody should ask."),
    }
    text = _("A dot is a day. This stretch usually takes %(usual)s.")
    if facts["way"]:
        text = _(
            "A dot is a day. On the way %(way)s this stretch usually takes %(usual)s, and often nobody scans."
        )
    return SilenceView(titles[level] % said, text % facts, max(past, days), usual.low, usual.high)


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
