"""A parcel's page as a person reads it: when, where, whose move, the whole way, who says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.units import format_unit
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi import carriers
from sledi.core.statuses import PublicStatus
from sledi.core.timeline import Mark, Timeline, Window, explain_status, lane
from sledi.tracker import journey, sources, wording
from sledi.tracker.rows import RowView, row_view
from sledi.tracking.queries import ParcelPage
from sledi.web import dates, words
from sledi.web.looks import Step, look_of


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
    """Everything the template shows. While nobody can name days ``window`` is empty and ``no_window`` says why."""

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
    carrier: sources.CarrierCard | None
    official: Sequence[sources.CarrierCard]
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
    return ParcelView(
        row=row_view(page.row, token, {number}, language, now),
        window=_window(page.window, timeline, language, now),
        window_basis=_basis(page.window, language),
        no_window="" if page.window else _no_window(page),
        steps=journey.steps(timeline, language, now),
        tone=tone if tone in {"action", "problem"} else "",
        move=_move(page, language, now),
        way=journey.way(timeline, page.silence, tone, language, now),
        map=journey.route(timeline, tone, language),
        facts=_facts(page, language, now),
        carrier=sources.card(timeline.summary.carrier, number, language),
        official=[sources.card_of(entry, number, language) for entry in page.official],
        asked=sources.asked(page.row.askings, language, now),
        recognised=sources.recognised(page.row.detection, language),
        repairs=sources.repairs(page.row.detection, language),
        can_be_asked=any(asking.is_configured for asking in page.row.askings),
        rule=words.rule(explain_status(timeline, now).rule, language),
    )


def _window(window: Window | None, timeline: Timeline, language: str, now: datetime) -> str:
    if window is None:
        return ""
    first, last = (
        wording.local_day(at, timeline.summary.destination) for at in (window.from_at, window.until_at)
    )
    return _("Arrives %(days)s") % {"days": dates.day_range(first, last, language, now.date())}


def _basis(window: Window | None, language: str) -> str:
    """On whose word the days are."""
    if window is None:
        return ""
    if window.basis != "carrier-promise":
        return _("As is usual on this route; nobody has promised it.")
    if not window.source:
        return _("The carrier says so.")
    return _("%(carrier)s says so.") % {"carrier": carriers.name(window.source, language)}


def _no_window(page: ParcelPage) -> str:
    """Why we name no days, honestly; empty where nobody expects any."""
    status = page.row.status
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
    timeline, status = page.timeline, page.row.status
    if not timeline.lines:
        return None
    owes = page.move.owes if page.move else ""
    advice = words.move(timeline.summary.code, status, language)
    look = look_of(status, timeline.summary.code)
    is_mine = look.tone == "action"
    at_customs = status == PublicStatus.CUSTOMS and not is_mine
    who = words.owes_name("buyer" if is_mine else "customs" if at_customs else owes, language)
    until = page.move.until if page.move and is_mine else None
    if until and until > now:
        day = dates.day(wording.local_day(until, timeline.summary.country), language, now.date())
        who = _("%(who)s · until %(day)s, %(left)s") % {
            "who": who,
            "day": day,
            "left": _days_left(until, now),
        }
    return MoveView(
        "action" if is_mine else "", "hand" if is_mine else look.icon, who, advice.title, advice.text
    )


def _days_left(until: datetime, now: datetime) -> str:
    days = (until - now).days
    return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}


def _facts(page: ParcelPage, language: str, now: datetime) -> list[tuple[str, str]]:
    """Short facts, those that are known."""
    summary = page.timeline.summary
    accepted = page.timeline.milestones.get(Mark.ACCEPTED)
    days = page.timeline.days_in_transit(now)
    facts = [(_("Way"), wording.way(summary.origin, summary.destination, language))]
    if accepted:
        facts.append(
            (_("Accepted"), dates.day(wording.local_day(accepted.at, summary.origin), language, now.date()))
        )
    if days is not None:
        said = ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
        if summary.origin and summary.destination:
            usual = wording.usual_days(lane(summary.origin, summary.destination).total)
            said = _("%(days)s; usually %(usual)s") % {"days": said, "usual": usual}
        facts.append((_("On the way"), said))
    facts.append((_("Service"), page.service))
    if page.weight_g:
        weight = format_unit(page.weight_g / 1000, "mass-kilogram", "short", locale=language)
        facts.append((_("Weight"), weight.replace(" ", dates.NO_BREAK)))
    return [(name, said) for name, said in facts if said]


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
