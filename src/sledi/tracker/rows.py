"""A line of a list as a person reads it: where and since when, whose move, what is in doubt."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.carrier import Outcome
from sledi.core.numbers import Detection, grouped, likely_meant
from sledi.core.statuses import EVENT_CODES, PublicStatus
from sledi.core.timeline import Stretch, lane
from sledi.tracker import sources
from sledi.tracking.models import Trace
from sledi.tracking.queries import Asking, ListPage, Row
from sledi.tracking.routing import is_postal
from sledi.web import carrier_cards, dates, wording, words
from sledi.web.looks import Step, look_of


class Kind(StrEnum):
    KNOWN = "known"  # a carrier told of it
    WAITING = "waiting"  # a first answer is on its way
    SILENT = "silent"  # asked, and no carrier knows it yet
    UNANSWERED = "unanswered"  # asked, and nobody answered anything yet
    REFUSED = "refused"  # asked, and the carrier wants to know more before it tells
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

    ``call`` is the word of a second pill where the first one tells what stopped the parcel and the move is the
    reader's all the same.

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
    call: str = ""
    steps: Sequence[Step] = ()
    notes: Sequence[Note] = ()
    choices: Sequence[Choice] = ()
    repairs: Sequence[Repair] = ()
    waiting_for: str = ""
    official: Sequence[carrier_cards.CarrierCard] = ()
    acts: dict[str, str] = field(default_factory=dict)

    @property
    def is_unclear(self) -> bool:
        return self.kind in {Kind.QUESTION, Kind.MISTYPED, Kind.UNREACHABLE, Kind.REFUSED}

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
    if row.is_waiting:
        return Kind.WAITING
    if refusing(row.askings):
        return Kind.REFUSED
    return Kind.SILENT if any(asking.answered_at for asking in row.askings) else Kind.UNANSWERED


def refusing(askings: Sequence[Asking]) -> list[Asking]:
    """Carriers that answered that they tell nothing about this very number."""
    return [asking for asking in askings if asking.outcome == Outcome.DENIED and not asking.is_failing]


def is_abroad(origin: str, destination: str, detection: Detection, *, has_left: bool) -> bool:
    """Whether the way crosses a border: as its ends say; else a number that goes from post to post is meant to."""
    if origin and destination:
        return origin != destination
    return has_left or is_postal(detection)


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
        case Kind.REFUSED:
            return _refused(row, language)
        case Kind.UNANSWERED:
            return _unanswered(row, language, now)
        case _:
            return _silent(row, row.trace, language, now)


def _known(row: Row, trace: Trace, language: str, now: datetime) -> RowView:
    look = look_of(row.status, trace.code)
    silence = _silence(row, trace, language, now)
    is_late = row.status == PublicStatus.STALE or bool(silence and silence.tone)
    is_mine = is_late or is_readers_move(trace.code, row.status)
    is_amber = is_mine and look.tone != "problem"
    since = trace.last_event_at if row.status in SEEN_LAST else trace.since
    day = wording.local_day(since, trace.country) if since else None
    status = words.status_name(row.status, language)
    return RowView(
        Kind.KNOWN,
        lead=wording.headline(row.status, day, where_of(trace), language, now.date()),
        tone="action" if is_amber else look.tone,
        icon="hand" if is_amber else look.icon,
        word=words.owes_name("buyer", language) if is_amber else status,
        status_word=status,
        is_mine=is_mine,
        call=words.owes_name("buyer", language) if is_mine and not is_amber else "",
        steps=steps(row, trace, language, now),
        notes=[
            *([silence] if silence else []),
            *_advice(row.status, trace, is_late=is_late, language=language),
            *_trouble(row.askings, trace, language, now),
        ],
    )


def is_readers_move(code: str, status: str) -> bool:
    """Whether the advice asks the reader to do something: what stopped a parcel moves on when he asks about it."""
    return look_of(status, code).tone in {"action", "problem"}


def advice_for(code: str, status: str, *, is_late: bool, language: str) -> words.Move:
    """What to do now. Where nothing else is to be done, a silence beyond the usual is a reason to ask."""
    if is_late and not is_readers_move(code, status):
        return words.move("", PublicStatus.STALE, language)
    return words.move(code, status, language)


def _advice(status: str, trace: Trace, *, is_late: bool, language: str) -> list[Note]:
    if not (is_late or is_readers_move(trace.code, status) or status == PublicStatus.REGISTERED):
        return []
    move = advice_for(trace.code, status, is_late=is_late, language=language)
    return [Note(f"{move.title}. {move.text}")]


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
    is_unknown = any(asking.outcome == Outcome.NOT_FOUND for asking in row.askings)
    code = "sys.not_found" if is_unknown else trace.code
    move = words.move(code, PublicStatus.NOT_FOUND if is_unknown else row.status, language)
    return RowView(
        Kind.SILENT,
        lead=words.event_name(code, language),
        tone="neutral",
        icon="circle-dashed",
        word=words.status_name(PublicStatus.NOT_FOUND, language),
        is_mine=EVENT_CODES[code].owes == "buyer",
        notes=[Note(f"{move.title}. {move.text}"), *_trouble(row.askings, trace, language, now)],
    )


def _unanswered(row: Row, language: str, now: datetime) -> RowView:
    failing = [asking for asking in row.askings if asking.is_failing]
    return RowView(
        Kind.UNANSWERED,
        lead=_("No carrier has answered yet"),
        tone="neutral",
        icon="clock",
        word=_("Waiting for an answer"),
        notes=[Note(sources.trouble(asking, language, now), "neutral", "clock") for asking in failing],
    )


def _refused(row: Row, language: str) -> RowView:
    slugs = list(dict.fromkeys(asking.on_behalf_of for asking in refusing(row.askings)))
    text = _(
        "%(carriers)s: nothing is told about this number without more details, as a rule the last digits of "
        "the recipient’s telephone. You can ask there yourself:"
    )
    cards = (carrier_cards.card(slug, row.number, language) for slug in slugs)
    return RowView(
        Kind.REFUSED,
        lead=_("The carrier wants to know who asks"),
        tone="neutral",
        icon="circle-off",
        word=_("No access"),
        notes=[Note(text % {"carriers": wording.names_of(slugs, language)})],
        official=[card for card in cards if card and card.link],
    )


def _unreachable(row: Row, language: str) -> RowView:
    wanted = [asking.on_behalf_of for asking in row.askings]
    wanted = wanted or [candidate.carrier for candidate in row.detection.candidates[:2]]
    names = wording.names_of(wanted, language)
    text = _("We do not know whose number this is. If you know the carrier, ask there.")
    if names:
        text = _("No access to %(carriers)s has been set up here. You can ask there yourself:")
    cards = (carrier_cards.card(slug, row.number, language) for slug in dict.fromkeys(wanted))
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


def steps(row: Row, trace: Trace, language: str, now: datetime) -> list[Step]:
    """The trace of a row, from its status alone; nothing where the status is no place on the way."""
    reached = _step_reached(trace)
    if not reached or row.status in _OFF_THE_WAY:
        return []
    crosses = is_abroad(trace.origin, trace.destination, row.detection, has_left=reached in _BORDER_STEPS)
    keys: Sequence[str] = _ABROAD_STEPS if crosses else _HOME_STEPS
    at = keys.index(reached) if reached in keys else 0
    names = [words.step_name(key, language) for key in keys]
    note = ""
    if row.status in _SAYS_MORE and at:
        names[at] = words.status_name(row.status, language)
        if trace.since:
            note = dates.day(wording.local_day(trace.since, trace.country), language, now.date())
            note = _("since %(day)s") % {"day": note} if row.status in _LASTS else note
    return [
        Step(name, "done" if n < at else "current" if n == at else "ahead", note if n == at else "")
        for n, name in enumerate(names)
    ]


def _silence(row: Row, trace: Trace, language: str, now: datetime) -> Note | None:
    """The silence between the posts, said before anybody worries; elsewhere only when it is longer than usual.

    Counted from the last scan: when the stretch began only the parcel's page knows.
    """
    seen_at, stretch = trace.last_event_at, _stretch_of(row, trace)
    if seen_at is None or stretch is None:
        return None
    days = (now - seen_at).days
    usual = lane(trace.origin, trace.destination).stretches[stretch]
    is_crossing, is_late = stretch is Stretch.CROSSING, days > usual.high
    if not is_late and (not is_crossing or days < SILENCE_DAYS):
        return None
    facts = {
        "silence": wording.days_without_scan(days),
        "way": wording.way(trace.origin, trace.destination, language),
        "usual": wording.usual_days(usual),
    }
    if not is_crossing:
        return Note(_("%(silence)s. Here %(usual)s are usual; this takes longer.") % facts, "action", "clock")
    if is_late:
        text = _("Between the posts: %(silence)s. On the way %(way)s %(usual)s are usual; this takes longer.")
        return Note(text % facts, "action", "clock")
    text = _(
        "Between the posts: %(silence)s. On the way %(way)s %(usual)s are usual, so there is no need to worry."
    )
    return Note(text % facts)


def _stretch_of(row: Row, trace: Trace) -> Stretch | None:
    """The stretch on which a silence is worth a word, as far as a row can tell."""
    if not (trace.origin and trace.destination) or row.status not in _STRETCHES:
        return None
    if trace.origin == trace.destination:
        return Stretch.DOMESTIC
    return _STRETCHES[PublicStatus(row.status)].get(_step_reached(trace))


def _trouble(askings: Sequence[Asking], trace: Trace, language: str, now: datetime) -> list[Note]:
    """Carriers that do not answer: what is shown is old, and when we try again."""
    if trace.is_final:
        return []
    return [
        Note(sources.trouble(asking, language, now), "neutral", "clock")
        for asking in askings
        if sources.is_missed(asking, trace.carrier)
    ][:1]


def _step_reached(trace: Trace) -> str:
    """The step of the trace where a parcel stands; empty where it is none.

    Most codes say it. One that only says that the parcel moves stands where it moves: a row has no milestones,
    but the country of a scan without one follows from the furthest stage.
    """
    leg = trace.code.partition(".")[0]
    if leg != "line":
        return _STEP_OF_CODE.get(trace.code) or _STEP_OF_LEG.get(leg, "")
    if trace.status == PublicStatus.ARRIVED:
        return "arrived"
    if trace.code in _ABROAD_CODES or trace.country != trace.origin:
        is_there = trace.status != PublicStatus.IN_TRANSIT and trace.country == trace.destination
        return "arrived" if is_there else "left_origin"
    return "accepted"


SEEN_LAST = frozenset({PublicStatus.STALE, PublicStatus.IN_TRANSIT})
"""Statuses whose first line tells when the parcel was seen last, not since when it is so."""

SILENCE_DAYS = 3
_ABROAD_STEPS = ("accepted", "left_origin", "arrived", "at_office", "delivered")
_HOME_STEPS = ("accepted", "at_office", "delivered")
_BORDER_STEPS = frozenset({"left_origin", "arrived"})
_ABROAD_CODES = frozenset({"line.flight_out", "line.flight_in", "line.transit_in", "line.transit_out"})
_STRETCHES = {
    PublicStatus.ACCEPTED: {"accepted": Stretch.ORIGIN},
    PublicStatus.IN_TRANSIT: {"accepted": Stretch.ORIGIN, "left_origin": Stretch.CROSSING},
    PublicStatus.CUSTOMS: {"arrived": Stretch.CUSTOMS},
    PublicStatus.ARRIVED: {"arrived": Stretch.LAST, "at_office": Stretch.LAST},
}
_STEP_OF_LEG = {
    "orig": "accepted",
    "exp": "accepted",
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

_LASTS = frozenset({PublicStatus.CUSTOMS, PublicStatus.OUT_FOR_DELIVERY, PublicStatus.READY_FOR_PICKUP})

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
