"""The shipment block: who sends it, under which number, what the carriers saw, where else one can look.

Before anything is sent it says when that will be; of a method without tracking it says just that.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.statuses import PublicStatus
from sledi.core.workflow.vocabulary import Phase
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.pages.cards import Shipment, Tracked
from sledi.orders.showing import Pill, named
from sledi.parcels.models import Alias, AliasKind
from sledi.tracking.queries import Followed
from sledi.tracking.sites import sites
from sledi.web import carrier_cards, dates, wording, words
from sledi.web.carrier_cards import CarrierCard
from sledi.web.countries import country_name
from sledi.web.looks import look_of
from sledi.web.scans import LineView, line_view, number_at

_OVER = frozenset({Phase.CLOSED, Phase.FAILED})
_SENT = frozenset({Phase.OUTBOUND, Phase.DELIVERED})
_ARRIVED = frozenset(
    {PublicStatus.DELIVERED, PublicStatus.RETURNED, PublicStatus.LOST, PublicStatus.CANCELLED}
)


def of_order(page: reading.OrderPage, language: str, now: datetime) -> Shipment | None:
    """The block of an order; None where nothing is ever sent, or not any more."""
    order, state = page.order.subject, page.order.state
    assert isinstance(order, Order)
    carried = [one for one in page.carried if one.is_current and one.is_to_recipient]
    if order.is_untracked and not any(one.has_events for one in carried):
        return _untracked(page, language, now) if state and state.phase not in _OVER else None
    if carried:
        tracked = tuple(_tracked(one, page.sender, order, language, now) for one in carried)
        return Shipment("", "", (), needs_help=False, tracked=tracked, can_be_tracked=True)
    inbound = [one for one in page.carried if one.is_current and one.thing.level == "order"]
    tracked = tuple(_tracked(one, "", order, language, now) for one in inbound)
    if _has_left(page) and (told := _without_number(page.order, page.history, language)):
        return replace(told, tracked=tracked)
    if page.notices or state is None or state.phase in _OVER:
        return Shipment("", "", (), needs_help=False, tracked=tracked) if tracked else None
    return replace(_not_yet(page, language, now), tracked=tracked)


def of_container(page: reading.ContainerPage, language: str, now: datetime) -> Shipment | None:
    """The block of a parcel: what its number tells, else through which states it went since it left. None before."""
    carried = [one for one in page.carried if one.is_current]
    if page.thing.level not in ("parcel", "track"):
        return None
    if not carried:
        return _without_number(page.thing, page.history, language)
    inside = [one.subject for one in page.orders if isinstance(one.subject, Order)]
    order = inside[0] if len(inside) == 1 else None
    tracked = tuple(_tracked(one, page.sender, order, language, now) for one in carried)
    return Shipment("", "", (), needs_help=False, tracked=tracked)


def _stages(
    thing: reading.Thing, history: Sequence[reading.Told], language: str
) -> Iterator[tuple[str, datetime]]:
    """The states it has entered since it left, the newest first; none while it has not left."""
    if thing.state is None or thing.state.phase not in _SENT:
        return
    for told in history:
        state, record = told.to_state, told.record
        is_entered = state is not None and state != told.from_state and record.subject_id == thing.id
        if state is not None and is_entered and state.phase in _SENT:
            yield thing.workflow.words(state.label, language), record.at


def of_item(page: reading.ItemPage, language: str, now: datetime) -> tuple[Tracked, ...]:
    """The numbers of an item and of the parcels it lies in; their scans stand in the item's timeline."""
    return tuple(
        replace(_tracked(one, "", None, language, now), lines=()) for one in page.carried if one.is_current
    )


def can_be_tracked(shipment: Shipment | None) -> bool:
    """Whether the button leads anywhere."""
    return shipment is not None and shipment.can_be_tracked


def ships_by(processing: reading.Processing | None, language: str) -> str:
    """«Отправка до 25 ноября 2026 г.», once the days have begun to count."""
    if processing is None or processing.ships_by is None:
        return ""
    return _("ships by %(day)s") % {"day": dates.full_day(processing.ships_by, language)}


def expected(found: reading.Expected | None, language: str, now: datetime) -> str:
    """When it arrives, in a sentence that never tells a day gone by as one to come; nothing where nobody expects it."""
    if found is None:
        return ""
    if found.on is None:
        return _("Date of arrival: not known yet")
    day = dates.full_day(found.on, language)
    if found.is_past(now.date()):
        return _("Was expected on %(day)s, has not arrived yet") % {"day": day}
    return _("Expected on %(day)s") % {"day": day}


def _untracked(page: reading.OrderPage, language: str, now: datetime) -> Shipment:
    return Shipment(
        _("There is no tracking for this delivery method"),
        _("The carrier tells nothing on the way. If it tells something all the same, it will stand here."),
        tuple(_ahead(page, language, now)),
        needs_help=True,
        tracked=(),
    )


def _not_yet(page: reading.OrderPage, language: str, now: datetime) -> Shipment:
    about = _(
        "The number and the way of the parcel will stand here by themselves. There is nothing to worry about."
    )
    said = _("Not sent yet, so there is no number yet")
    return Shipment(said, about, tuple(_ahead(page, language, now)), needs_help=False, tracked=())


def _without_number(thing: reading.Thing, history: Sequence[reading.Told], language: str) -> Shipment | None:
    """What has left without a number, told by its own states; None while nothing has left."""
    stages = tuple(_stages(thing, history, language))
    said = _("It goes without a tracking number; its stages stand here")
    return Shipment(said, "", (), needs_help=False, tracked=(), stages=stages) if stages else None


def _has_left(page: reading.OrderPage) -> bool:
    """Whether anything of the order is out of the door: one of its parcels; without parcels the order itself."""
    return any(one.state is not None and one.state.phase in _SENT for one in page.parcels or [page.order])


def _ahead(page: reading.OrderPage, language: str, now: datetime) -> Iterator[str]:
    """The dates that are known: when it is sent, when it arrives, what the profile expects next."""
    leaves = ships_by(page.processing, language)
    if leaves:
        yield leaves[0].upper() + leaves[1:]
    if said := expected(page.expected, language, now):
        yield said
    for one in page.deadlines:
        is_told = leaves and page.order.workflow.timers(one.level)[one.name].after.field == "processing_days"
        if not one.has_struck and one.planned_at >= now and one.level == "order" and not is_told:
            label = page.order.workflow.words(one.label, language)
            yield f"{label}: {dates.full_day(one.day, language)}"


def _tracked(one: reading.Carried, sender: str, order: Order | None, language: str, now: datetime) -> Tracked:
    alias, known = one.alias, one.followed
    carrier = known.timeline.summary.carrier if known else ""
    number_now = number_at(known.timeline, carrier, alias.number) if known else alias.number
    return Tracked(
        key=str(alias.pk),
        number=alias.number,
        holder=_holder(one),
        is_return=alias.kind == AliasKind.RETURN,
        status=_status(known, language),
        window=_window(known, language, now),
        facts=tuple(_facts(one, sender, order, language)),
        lines=tuple(_lines(known, language)),
        carrier=carrier_cards.card(carrier, number_now, language) if carrier else None,
        carrier_number=number_now if number_now != alias.number else "",
        is_over=bool(known and known.timeline.summary.is_final),
        sites=tuple(_sites(known, alias, language)),
    )


def _holder(one: reading.Carried) -> str:
    """What goes under the number; of an order as a whole its own page says it."""
    subject = one.thing.subject
    if isinstance(subject, Item):
        return subject.name
    if one.alias.kind == AliasKind.DOMESTIC:
        return _("to the warehouse")
    return named("parcel", one.thing.number) if one.thing.level == "parcel" else ""


def _status(known: Followed | None, language: str) -> Pill:
    """What the carriers say now. While none has seen it, that is no fault of the number."""
    if known is None or not known.timeline.lines:
        return Pill("neutral", "clock", _("No scan yet"))
    look = look_of(known.status, known.code)
    return Pill(look.tone, look.icon, words.status_name(known.status, language))


def _window(known: Followed | None, language: str, now: datetime) -> str:
    """When it arrives, as the carrier or the usual days on this way say; nothing that lies behind."""
    if known is None or known.window is None or known.status in _ARRIVED or known.window.until_at < now:
        return ""
    country = known.timeline.summary.destination
    first, last = (wording.local_day(at, country) for at in (known.window.from_at, known.window.until_at))
    return _("Arrives %(days)s") % {"days": dates.day_range(first, last, language, now.date())}


def _facts(
    one: reading.Carried, sender: str, order: Order | None, language: str
) -> Iterator[tuple[str, str]]:
    known = one.followed
    if sender:
        yield _("Sender"), sender
    if origin := (known.timeline.summary.origin if known else "") or _country_of(one):
        yield _("Sent from"), country_name(origin, language)
    if service := (words.service_name(known.service, language) if known else "") or _method(
        one, order, language
    ):
        yield _("Service"), service
    if known and known.timeline.summary.carrier:
        yield _("Carrier"), carriers.name(known.timeline.summary.carrier, language)


def _country_of(one: reading.Carried) -> str:
    """Where it is sent from while no carrier has said it: where the item is bought, else where the business is."""
    subject = one.thing.subject
    return (isinstance(subject, Item) and subject.country) or subject.business.country


def _method(one: reading.Carried, order: Order | None, language: str) -> str:
    """The way of sending that was chosen, until a carrier says what it is: as the profile calls it."""
    if order is None:
        return ""
    known = one.thing.workflow.methods.get(order.method)
    return one.thing.workflow.words(known.label, language) if known else order.method


def _lines(known: Followed | None, language: str) -> Sequence[LineView]:
    if known is None:
        return ()
    return [line_view(line, known.timeline, language) for line in reversed(known.timeline.lines)]


def _sites(known: Followed | None, alias: Alias, language: str) -> Iterator[CarrierCard]:
    """Where people can check by themselves: the posts of the way, the origin's first, then services that follow all."""
    destination = known.timeline.summary.destination if known else ""
    entries = {entry.slug: entry for entry in known.official} if known else {}
    entries |= {site.of.slug: site.of for site in sites(alias.number, destination)}
    for slug, entry in entries.items():
        number = number_at(known.timeline, slug, alias.number) if known else alias.number
        card = carrier_cards.card_of(entry, number, language)
        if card.link:
            yield card
