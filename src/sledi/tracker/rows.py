"""A line of a list as a person reads it: where and since when, whose move, what is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.numbers import Detection, grouped, likely_meant
from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.core.timeline import Stretch, lane
from sledi.tracker import sources, wording
from sledi.tracking.models import Trace
from sledi.tracking.queries import Asking, ListPage, Row
from sledi.web import dates, words
from sledi.web.looks import Step, look_of


class Kind(StrEnum):
    KNOWN = "known"  # a carrier told of it
    WAITING = "waiting"  # a first answer is on its way
    SILENT = "silent"  # asked, and no carrier knows it yet
    UNREACHABLE = "unreachable"  # no carrier that could know it can be asked here
    QUESTION = "question"  # several carriers may have it
    MISTYPED = "mistyped"  # not followed until the person says so


class Show(StrEnum):
    """The filters above a list."""

    ALL = "all"
    MINE = "mine"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Note:
    """One more line of a row. ``tone`` is empty for plain text, else that of a notice."""

    text: str
    tone: str = ""
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer to the question whose number it is."""

    carrier: str
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Repair:
    """How a number that looks mistyped might have been meant; ``is_listed`` when the list has it already."""

    number: str
    grouped: str
    is_listed: bool


@dataclass(frozen=True, slots=True)
class RowView:
    """What the template of a row shows. ``word`` with ``tone`` and ``icon`` is its pill.

    ``acts`` are the addresses of what can be done with the number, by the names of the routes.
    """

    kind: Kind
    lead: str
    tone: str
    icon: str
    word: str
    number: str = ""
    grouped: str = ""
    href: str = ""
    status_word: str = ""
    is_mine: bool = False
    steps: Sequence[Step] = ()
    notes: Sequence[Note] = ()
    choices: Sequence[Choice] = ()
    repairs: Sequence[Repair] = ()
    waiting_for: str = ""
    official: Sequence[sources.CarrierCard] = ()
    acts: dict[str, str] = field(default_factory=dict)

    @property
    def is_unclear(self) -> bool:
        return self.kind in {Kind.QUESTION, Kind.MISTYPED, Kind.UNREACHABLE}

    @property
    def is_double(self) -> bool:
        """Whether it is most likely a number of this list, mistyped."""
        return any(repair.is_listed for repair in self.repairs)

    def is_shown(self, show: str) -> bool:
        return (
            show == Show.ALL
            or (show == Show.MINE and self.is_mine)
            or (show == Show.UNCLEAR and self.is_unclear)
        )


def views(page: ListPage, token: str, language: str, now: datetime) -> list[RowView]:
    """All rows of a list, in its order."""
    listed = {row.number for row in page.rows}
    return [row_view(row, token, listed, language, now) for row in page.rows]


def kind_of(row: Row) -> Kind:
    """What stands in the way of knowing where a parcel is, if anything."""
    if row.trace is None:
        return Kind.MISTYPED
    if row.trace.event_count:
        return Kind.KNOWN
    if row.detection.question and not row.carrier:
        return Kind.QUESTION
    if not any(asking.is_configured for asking in row.askings):
        return Kind.UNREACHABLE
    return Kind.WAITING if row.is_waiting else Kind.SILENT


def row_view(row: Row, token: str, listed: set[str], language: str, now: datetime) -> RowView:
    """One row; ``listed`` are all numbers of its list."""
    made = _made(row, listed, language, now)
    names = ("carrier", "following", "meant", "removal", "asking")
    return replace(
        made,
        number=row.number,
        grouped=grouped(row.number),
        href=reverse("tracker:parcel", args=[token, row.number]) if row.trace is not None else "",
        status_word=made.status_word or made.word,
        acts={name: reverse(f"tracker:{name}", args=[token, row.number]) for name in names},
    )


def _made(row: Row, listed: set[str], language: str, now: datetime) -> RowView:
    if row.trace is None:
        return _mistyped(row, listed, language)
    match kind_of(row):
        case Kind.KNOWN:
            return _known(row, row.trace, language, now)
        case Kind.WAITING:
            return _waiting(row, language)
        case Kind.QUESTION:
            return _question(row, language)
        case Kind.UNREACHABLE:
            return _unreachable(row, language)
        case _:
            return _silent(row, row.trace, language, now)


def _known(row: Row, trace: Trace, language: str, now: datetime) -> RowView:
    look = look_of(row.status, trace.code)
    is_mine = look.tone == "action"
    seen_last = row.status in {PublicStatus.STALE, PublicStatus.IN_TRANSIT}
    since = trace.last_event_at if seen_last else trace.since
    move = words.move(trace.code, row.status, language)
    is_advised = look.tone in {"action", "problem"} or row.status == PublicStatus.REGISTERED
    advice = [Note(f"{move.title}. {move.text}")] if is_advised else []
    status = words.status_name(row.status, language)
    return RowView(
        Kind.KNOWN,
        lead=wording.headline(row.status, since, where_of(trace), language, now.date()),
        tone=look.tone,
        icon=look.icon,
        word=words.owes_name("buyer", language) if is_mine else status,
        status_word=status,
        is_mine=is_mine,
        steps=steps(row.status, trace, language, now),
        notes=[
            *advice,
            *_silence(trace, row.status, language, now),
            *_trouble(row.askings, trace, language, now),
        ],
    )


def _waiting(row: Row, language: str) -> RowView:
    asked = [asking.on_behalf_of for asking in row.askings if asking.is_waiting]
    return RowView(
        Kind.WAITING,
        lead=_("We are asking the carriers"),
        tone="neutral",
        icon="refresh-cw",
        word=_("Waiting for an answer"),
        waiting_for=wording.names_of(asked, language),
    )


def _silent(row: Row, trace: Trace, language: str, now: datetime) -> RowView:
    move = words.move(trace.code, row.status, language)
    return RowView(
        Kind.SILENT,
        lead=words.event_name(trace.code, language),
        tone="neutral",
        icon="circle-dashed",
        word=words.status_name(PublicStatus.NOT_FOUND, language),
        is_mine=EVENT_CODES[trace.code].owes == "buyer",
        notes=[Note(f"{move.title}. {move.text}"), *_trouble(row.askings, trace, language, now)],
    )


def _unreachable(row: Row, language: str) -> RowView:
    wanted = [asking.on_behalf_of for asking in row.askings]
    wanted = wanted or [candidate.carrier for candidate in row.detection.candidates[:2]]
    names = wording.names_of(wanted, language)
    text = _("We do not know whose number this is. If you know the carrier, ask there.")
    if names:
        text = _("No access to %(carriers)s has been set up here. You can ask there yourself:")
    cards = (sources.card(slug, row.number, language) for slug in dict.fromkeys(wanted))
    return RowView(
        Kind.UNREACHABLE,
        lead=_("Nobody here can ask this carrier yet"),
        tone="neutral",
        icon="circle-off",
        word=_("No access"),
        notes=[Note(text % {"carriers": names})],
        official=[card for card in cards if card and card.link],
    )


def _question(row: Row, language: str) -> RowView:
    options = row.detection.question.options if row.detection.question else ()
    is_about_carrier = len({option.number for option in options}) == 1
    choices = [
        Choice(
            option.carrier,
            option.number,
            carriers.name(option.carrier, language) if is_about_carrier else option.number,
        )
        for option in options
    ]
    return RowView(
        Kind.QUESTION,
        lead=_("Who carries this parcel?") if is_about_carrier else _("How is this number meant?"),
        tone="neutral",
        icon="circle-question-mark",
        word=_("Please say"),
        choices=choices,
        notes=[Note(_("Several carriers give out such numbers."))] if is_about_carrier else [],
    )


def _mistyped(row: Row, listed: set[str], language: str) -> RowView:
    return RowView(
        Kind.MISTYPED,
        lead=_("Probably mistyped"),
        tone="neutral",
        icon="circle-dashed",
        word=_("Not followed"),
        notes=[Note(mistakes(row.detection, language))],
        repairs=[Repair(number, grouped(number), number in listed) for number in likely_meant(row.number)],
    )


def mistakes(detection: Detection, language: str) -> str:
    """What is wrong with a number, in sentences, with the digit that would fit."""
    said = []
    for mistake in detection.errors:
        said.append(words.number_error(mistake.reason, language))
        if mistake.expected and mistake.reason == "check_digit":
            said.append(_("With %(digit)s as the check digit it would fit.") % {"digit": mistake.expected})
    return " ".join(said)


def where_of(trace: Trace) -> wording.Whereabouts:
    """Where a parcel is."""
    return wording.Whereabouts(trace.place, trace.country, trace.origin, trace.destination)


def steps(status: str, trace: Trace, language: str, now: datetime) -> list[Step]:
    """The trace of a row, from its status alone; nothing where the status is no place on the way."""
    keys = _HOME_STEPS if trace.origin and trace.origin == trace.destination else _ABROAD_STEPS
    reached = _step_of(trace.code)
    if reached not in keys or status in _OFF_THE_WAY:
        return []
    at = keys.index(reached)
    names = [words.step_name(key, language) for key in keys]
    note = ""
    if status in _SAYS_MORE:
        names[at] = words.status_name(status, language)
        if trace.since:
            note = dates.day(wording.local_day(trace.since, trace.country), language, now.date())
    return [
        Step(name, "done" if n < at else "current" if n == at else "ahead", note if n == at else "")
        for n, name in enumerate(names)
    ]


def _silence(trace: Trace, status: str, language: str, now: datetime) -> list[Note]:
    """The silence between the posts, said before anybody worries."""
    seen_at = trace.last_event_at
    if status != PublicStatus.IN_TRANSIT or seen_at is None or not (trace.origin and trace.destination):
        return []
    days = (now - seen_at).days
    if days < SILENCE_DAYS or _step_of(trace.code) != "left_origin":
        return []
    usual = lane(trace.origin, trace.destination).stretches[Stretch.CROSSING]
    text = _("%(silence)s. On the way %(way)s %(usual)s are usual; this takes longer.")
    if days <= usual.high:
        text = _("%(silence)s. On the way %(way)s %(usual)s are usual, so there is no need to worry.")
    facts = {
        "silence": wording.days_without_scan(days),
        "way": wording.way(trace.origin, trace.destination, language),
        "usual": wording.usual_days(usual),
    }
    return [Note(text % facts)]


def _trouble(askings: Sequence[Asking], trace: Trace, language: str, now: datetime) -> list[Note]:
    """Carriers that do not answer: what is shown is old, and when we try again."""
    if trace.is_final:
        return []
    return [
        Note(sources.trouble(asking, language, now), "neutral", "clock")
        for asking in askings
        if asking.is_failing
    ][:1]


def _step_of(code: str) -> str:
    """The step of the trace that an event code belongs to; empty where it is none."""
    leg = code.partition(".")[0]
    return _STEP_OF_CODE.get(code) or _STEP_OF_LEG.get(leg, "")


SILENCE_DAYS = 3
_ABROAD_STEPS = ("accepted", "left_origin", "arrived", "at_office", "delivered")
_HOME_STEPS = ("accepted", "at_office", "delivered")
_STEP_OF_LEG = {
    "orig": "accepted",
    "exp": "accepted",
    "line": "left_origin",
    "imp": "arrived",
    "last": "at_office",
}
_STEP_OF_CODE = {
    "exp.departed": "left_origin",
    "last.handover": "arrived",
    "last.sort_in": "arrived",
    "last.sort_out": "arrived",
}
_SAYS_MORE = frozenset(
    {
        PublicStatus.CUSTOMS,
        PublicStatus.PROBLEM,
        PublicStatus.OUT_FOR_DELIVERY,
        PublicStatus.READY_FOR_PICKUP,
        PublicStatus.ATTEMPT_FAILED,
    }
)
"""Statuses that tell more than the step they stand on."""

_OFF_THE_WAY = frozenset(
    {
        PublicStatus.DELIVERED,
        PublicStatus.RETURNING,
        PublicStatus.RETURNED,
        PublicStatus.LOST,
        PublicStatus.CANCELLED,
        PublicStatus.REGISTERED,
        PublicStatus.NOT_FOUND,
    }
)
