"""A parcel's page as a person reads it: when, where, whose move, the whole way, who says so."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from babel.units import format_unit
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi import carriers
from sledi.core.statuses import PublicStatus
from sledi.core.timeline import Mark, Stretch, Timeline, Window, explain_status, lane
from sledi.tracker import journey, sources
from sledi.tracker.rows import (
    SEEN_LAST,
    RowView,
    advice_for,
    is_abroad,
    is_readers_move,
    row_view,
    where_of,
)
from sledi.tracking.queries import ParcelPage
from sledi.web import carrier_cards, dates, wording, words
from sledi.web.countries import country_name
from sledi.web.looks import Step, look_of
from sledi.web.scans import day_of, number_at


@dataclass(frozen=True, slots=True)
class MoveView:
    """Whose move it is. ``tone`` is action when it is the reader's, else empty."""

    tone: str
    icon: str
    who: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class ParcelView:
    """Everything the template shows. While nobody can name days ``window`` is empty and ``no_window`` says why.

    ``carrier_number`` is the number under which the present carrier knows the parcel, where it is another one;
    ``is_over`` when nobody has it any more.
    """

    row: RowView
    window: str
    window_basis: str
    no_window: str
    steps: Sequence[Step]
    tone: str
    move: MoveView | None
    way: Sequence[journey.LegView | journey.SilenceView]
    map: journey.Map
    facts: Sequence[tuple[str, str]]
    carrier: carrier_cards.CarrierCard | None
    carrier_number: str
    is_over: bool
    official: Sequence[carrier_cards.CarrierCard]
    asked: Sequence[sources.Asked]
    recognised: Sequence[sources.Recognised]
    repairs: Sequence[str]
    rule: str
    can_be_asked: bool

    @property
    def has_originals(self) -> bool:
        return any(
            line.original for leg in self.way if isinstance(leg, journey.LegView) for line in leg.lines
        )


def parcel_view(page: ParcelPage, token: str, language: str, now: datetime) -> ParcelView:
    """The page of one number, in one language, at one moment."""
    timeline, number = page.timeline, page.row.number
    tone = look_of(page.row.status, timeline.summary.code).tone if timeline.lines else ""
    carrier = timeline.summary.carrier
    number_now = number_at(timeline, carrier, number)
    window = page.window
    is_open = window is not None and not _waits_for_reader(page)
    return ParcelView(
        row=_row(page, token, language, now),
        window=_("Arrives %(days)s") % {"days": _days(window, timeline, language, now)} if is_open else "",
        window_basis=_basis(window, language),
        no_window="" if is_open else _no_window(page, _days(window, timeline, language, now)),
        steps=journey.steps(timeline, language, now, is_abroad=_is_abroad(page)),
        tone=tone if tone in {"action", "problem"} else "",
        move=_move(page, language, now),
        way=journey.way(timeline, page.silence, number, tone, language, now),
        map=journey.route(timeline, tone, language),
        facts=_facts(page, language, now),
        carrier=carrier_cards.card(carrier, number_now, language),
        carrier_number=number_now if number_now != number else "",
        is_over=timeline.summary.is_final,
        official=[
            carrier_cards.card_of(entry, number_at(timeline, entry.slug, number), language)
            for entry in page.official
        ],
        asked=sources.asked(page.row.askings, carrier, language, now),
        recognised=sources.recognised(page.row.detection, language),
        repairs=sources.repairs(page.row.detection, language),
        can_be_asked=any(asking.is_configured for asking in page.row.askings),
        rule=words.rule(explain_status(timeline, now).rule, language),
    )


def _row(page: ParcelPage, token: str, language: str, now: datetime) -> RowView:
    """The row of the list with the status for its pill, and the day as the scans below have it: by their clocks."""
    made = row_view(page.row, token, {page.row.number}, language, now)
    if page.row.trace is None or not page.timeline.lines:
        return made
    look = look_of(page.row.status, page.timeline.summary.code)  # whose move it is says the box
    row = replace(made, tone=look.tone, icon=look.icon)
    ends = page.timeline.summary
    seen_last = page.row.status in SEEN_LAST
    since = ends.last_event_at if seen_last else ends.since
    line = next((line for line in reversed(page.timeline.lines) if line.at == since), None)
    if line is None:
        return row
    said = wording.headline(page.row.status, day_of(line), where_of(page.row.trace), language, now.date())
    return replace(row, lead=said)


def _is_abroad(page: ParcelPage) -> bool:
    summary, reached = page.timeline.summary, page.timeline.milestones
    has_left = not journey.BORDER_STEPS.isdisjoint(reached)
    return is_abroad(summary.origin, summary.destination, page.row.detection, has_left=has_left)


def _days(window: Window | None, timeline: Timeline, language: str, now: datetime) -> str:
    if window is None:
        return ""
    first, last = (
        wording.local_day(at, timeline.summary.destination) for at in (window.from_at, window.until_at)
    )
    return dates.day_range(first, last, language, now.date())


def _waits_for_reader(page: ParcelPage) -> bool:
    """Whether the days hold only if the reader does what is asked of him."""
    return look_of(page.row.status, page.timeline.summary.code).tone == "action"


def _basis(window: Window | None, language: str) -> str:
    """On whose word the days are."""
    if window is None:
        return ""
    if window.basis != PROMISED:
        return _("As is usual on this route; nobody has promised it.")
    if not window.source:
        return _("The carrier says so.")
    return _("%(carrier)s says so.") % {"carrier": carriers.name(window.source, language)}


def _no_window(page: ParcelPage, days: str) -> str:
    """Why we promise no days, honestly; empty where nobody expects any."""
    status = page.row.status
    if days and _waits_for_reader(page):
        return _("If you make your move today, it usually arrives %(days)s.") % {"days": days}
    if status in _NOTHING_TO_EXPECT:
        return ""
    if not page.timeline.lines:
        return _("When it arrives is not known yet: no carrier has seen it.")
    if status == PublicStatus.REGISTERED:
        return _("When it arrives is not known yet: the carrier has not received it.")
    if status in _HELD_UP:
        return _("When it arrives is not known: it depends on what stopped it.")
    if not page.timeline.summary.destination:
        return _("When it arrives is not known yet: no carrier has named the destination.")
    return _("When it arrives is not known: it has already taken longer than is usual here.")


def _move(page: ParcelPage, language: str, now: datetime) -> MoveView | None:
    """The box that says whose move it is; nothing before any carrier has spoken."""
    code, status = page.timeline.summary.code, page.row.status
    if not page.timeline.lines:
        return None
    is_late = journey.is_worth_asking(page.silence)
    is_mine = is_readers_move(code, status) or is_late
    advice = advice_for(code, status, is_late=is_late, language=language)
    icon = "hand" if is_mine else look_of(status, code).icon
    who = _whose(page, language, now, is_mine=is_mine)
    return MoveView("action" if is_mine else "", icon, who, advice.title, advice.text)


def _whose(page: ParcelPage, language: str, now: datetime, *, is_mine: bool) -> str:
    """Whose move it is; of the reader's also until when; nobody's when the parcel is there."""
    if page.row.status == PublicStatus.DELIVERED:
        return words.status_name(page.row.status, language)
    if not is_mine:
        at_customs = page.row.status == PublicStatus.CUSTOMS
        return words.owes_name("customs" if at_customs else page.move.owes if page.move else "", language)
    who = words.owes_name("buyer", language)
    until = page.move.until if page.move else None
    if until is None or until <= now:
        return who
    day = dates.day(wording.local_day(until, page.timeline.summary.country), language, now.date())
    facts = {"who": who, "day": day, "left": _days_left(until, now)}
    return _("%(who)s · until %(day)s, %(left)s") % facts


def _days_left(until: datetime, now: datetime) -> str:
    days = (until - now).days
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def _facts(page: ParcelPage, language: str, now: datetime) -> list[tuple[str, str]]:
    """Short facts, those that are known."""
    timeline, summary = page.timeline, page.timeline.summary
    accepted = timeline.milestones.get(Mark.ACCEPTED)
    days = timeline.days_in_transit(now)
    facts = [(_("Way"), _way(timeline, language))]
    if accepted:
        facts.append((_("Accepted"), dates.day(day_of(accepted.line), language, now.date())))
    if days is not None:
        said = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        if summary.origin and summary.destination:
            said = _("%(days)s; usually %(usual)s") % {"days": said, "usual": _usual(timeline)}
        facts.append((_("On the way"), said))
    facts.append((_("Service"), words.service_name(page.service, language)))
    if page.weight_g:
        weight = format_unit(page.weight_g / 1000, "mass-kilogram", "short", locale=language)
        facts.append((_("Weight"), weight.replace(" ", dates.NO_BREAK)))
    return [(name, said) for name, said in facts if said]


def _way(timeline: Timeline, language: str) -> str:
    summary = timeline.summary
    if journey.is_inland(timeline):
        return _("inside the country: %(country)s") % {"country": country_name(summary.origin, language)}
    return wording.way(summary.origin, summary.destination, language)


def _usual(timeline: Timeline) -> str:
    """The usual days of the whole way."""
    summary = timeline.summary
    known = lane(summary.origin, summary.destination)
    inland = known.stretches[Stretch.DOMESTIC]
    return wording.usual_days(inland if journey.is_inland(timeline) else known.total)


PROMISED = "carrier-promise"
_NOTHING_TO_EXPECT = frozenset(
    {
        PublicStatus.DELIVERED,
        PublicStatus.RETURNING,
        PublicStatus.RETURNED,
        PublicStatus.LOST,
        PublicStatus.CANCELLED,
        PublicStatus.READY_FOR_PICKUP,
    }
)
_HELD_UP = frozenset({PublicStatus.PROBLEM, PublicStatus.ATTEMPT_FAILED})
