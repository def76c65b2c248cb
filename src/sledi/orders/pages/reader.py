"""Whole pages: turns what ``reading`` found into sheets, in the words, amounts and days of one reader."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.accounts import roles
from sledi.core.workflow import Words, Workflow
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.pages import shipments
from sledi.orders.pages.cards import (
    Act,
    Card,
    Group,
    Number,
    Planned,
    Sheet,
    Shipment,
    Step,
)
from sledi.orders.pages.happenings import moments
from sledi.orders.pages.places import PLACE_OF
from sledi.orders.pages.rows import RowTeller
from sledi.orders.pages.telling import leads_on_from, ordered_lines
from sledi.orders.pages.waiting import waits
from sledi.orders.reading.expecting import promised_of
from sledi.orders.showing import ACTORS, amount, named, pill_of, who
from sledi.parcels.models import Haul, Parcel
from sledi.web import dates
from sledi.web.countries import country_name

PLANNED_SHOWN = 6
HISTORY_OPEN = 8
"""Lines of history that stand open; the others are folded."""


@dataclass(frozen=True, slots=True)
class Reader(RowTeller):
    """Tells whole pages, rows and single things."""

    def order_sheet(self, page: reading.OrderPage) -> Sheet:
        """An order with everything that belongs to it."""
        order = page.order.subject
        assert isinstance(order, Order)
        packed = [(one.item_number, one.parcel_number) for one in page.packed]
        ahead = self._ahead(page.deadlines)
        sheet = self._sheet(page.order, page.deadlines, page.history, _names(page.items))
        shipment = shipments.of_order(page, self.language, self.now)
        makes = [self.act(page.order, possible) for possible in page.makes]
        return replace(
            sheet,
            sub=(*self._about_order(order, page.items), *ahead.get(("order", order.number), ())),
            shipment=shipment,
            numbers=_beside(sheet.numbers, shipment),
            track=self._track(order.number) if shipments.can_be_tracked(shipment) else "",
            expected=shipments.expected(page.expected, self.language, self.now),
            is_late=bool(page.expected and page.expected.is_past(self.today)),
            acts=_first_leads((*sheet.acts, *(act for act in makes if not act.reasons))),
            not_yet=(*sheet.not_yet, *(act for act in makes if act.reasons)),
            groups=tuple(
                Group(PLACE_OF[level], name, tuple(self._page_card(one, packed, ahead) for one in things))
                for level, name, things in (
                    ("item", _("Items"), page.items),
                    ("parcel", _("Parcels"), page.parcels),
                    ("haul", _("Hauls"), page.hauls),
                    ("case", _("Cases"), page.cases),
                )
                if things
            ),
            next_who=self._waits_for([page.order, *page.items, *page.parcels, *page.cases]),
            steps=tuple(self._steps(page.order.workflow, page.stages)),
            waits=tuple(waits(page, self._card, self.language, self.now)),
            money=tuple(self._money(page.amounts)),
            notices=self._notices(page.notices),
            facts=(*self._recipient(order), *self._prepared(page.processing), *sheet.facts),
        )

    def item_sheet(self, page: reading.ItemPage) -> Sheet:
        """An item: its state, its moves, its numbers, and everything that happened to it in one timeline."""
        item, workflow = page.item.subject, page.item.workflow
        assert isinstance(item, Item)
        sheet = self._sheet(page.item, page.deadlines, (), {})
        price = self._price(page.item)
        return replace(
            sheet,
            name=f"{item.name} ×{item.quantity}",
            sub=(named("order", page.order.number), *((price,) if price else ())),
            back=self._address("order", page.order.number),
            back_name=named("order", page.order.number),
            numbers=(),
            facts=(*self._prepared(promised_of(item, workflow)), *sheet.facts),
            product=self._product(item.product_code),
            groups=tuple(
                Group("parcels", _("Parcels"), tuple(self._page_card(one, ()) for one in things))
                for things in (page.parcels,)
                if things
            ),
            next_who=self._waits_for([page.item]),
            tracked=shipments.of_item(page, self.language, self.now),
            moments=moments(page, lambda told: self.line(told, workflow), self.language),
        )

    def container_sheet(self, page: reading.ContainerPage) -> Sheet:
        """A parcel, haul, track or case with the orders and items in it."""
        level = page.thing.level
        packed = [(one.item_number, one.parcel_number) for one in page.packed]
        sheet = self._sheet(page.thing, page.deadlines, page.history, _names(page.items))
        shipment = shipments.of_container(page, self.language, self.now)
        groups = (("order", _("Orders"), page.orders), ("item", _("Items"), page.items))
        known = page.thing.workflow.levels[level]
        return replace(
            sheet,
            groups=tuple(
                Group(
                    PLACE_OF[kind],
                    name,
                    tuple(
                        self._expecting(self._page_card(one, packed), page.expected.get(one.id))
                        for one in things
                    ),
                )
                for kind, name, things in groups
                if things
            ),
            shipment=shipment,
            numbers=_beside(sheet.numbers, shipment),
            facts=(*self._measures(page.thing), *sheet.facts),
            notices=self._notices(page.notices),
            next_who=self._waits_for([page.thing]),
            scans=tuple(self._scans(page.orders)),
            holds_orders=known.holds == "order"
            and not page.thing.workflow.is_final(level, page.thing.subject.state),
        )

    def _sheet(
        self,
        thing: reading.Thing,
        deadlines: Iterable[reading.Deadline],
        history: Iterable[reading.Told],
        names: Mapping[str, str],
    ) -> Sheet:
        level, state = thing.level, thing.state
        acts = [self.act(thing, possible) for possible in thing.actions]
        plain = [act for act in acts if not act.form.is_correction]
        parent = self._word(thing.workflow, thing.parent.label) if thing.parent else ""
        lines = tuple(self.line(one, thing.workflow, thing.number, names) for one in history)
        return Sheet(
            name=named(level, thing.number),
            pill=pill_of(thing.workflow, state, self.language),
            parent=parent,
            about=self._word(thing.workflow, state.about) if state else "",
            sub=self._ahead(deadlines).get((level, thing.number), ()),
            flags=self._flags(thing),
            back=reverse("orders:things", args=[self.slug, PLACE_OF[level]]),
            back_name=_("To the list"),
            acts=_first_leads(act for act in plain if not act.reasons),
            not_yet=tuple(act for act in plain if act.reasons),
            corrections=tuple(act for act in acts if act.form.is_correction and not act.reasons),
            next_who="",
            groups=(),
            facts=self._facts(thing),
            photos=self._photos(thing.fields),
            numbers=self._numbers(thing),
            planned=tuple(
                Planned(
                    self._word(thing.workflow, one.label),
                    "" if one.level == level else names.get(one.number, one.number),
                    one.day,
                )
                for one in [one for one in deadlines if self._is_ahead(one) and not one.ahead][:PLANNED_SHOWN]
            ),
            history=lines[:HISTORY_OPEN],
            earlier=lines[HISTORY_OPEN:],
        )

    def _is_ahead(self, deadline: reading.Deadline) -> bool:
        return not deadline.has_struck and deadline.day >= self.today

    def _ahead(self, deadlines: Iterable[reading.Deadline]) -> dict[tuple[str, str], tuple[str, ...]]:
        """What is expected until when, by level and number."""
        found: dict[tuple[str, str], tuple[str, ...]] = {}
        for one in deadlines:
            if not one.has_struck and (said := self._any(one.ahead)):
                told = said.replace("{date}", dates.day(one.day, self.language, self.today))
                found[one.level, one.number] = (*found.get((one.level, one.number), ()), told)
        return found

    def _page_card(
        self,
        thing: reading.Thing,
        packed: Sequence[tuple[str, str]],
        ahead: Mapping[tuple[str, str], tuple[str, ...]] = MappingProxyType({}),
    ) -> Card:
        """A thing that stands on the page of another."""
        acts = [self.act(thing, possible) for possible in thing.actions]
        plain = [act for act in acts if not act.form.is_correction]
        inside = [number for item, number in packed if item == thing.number] if thing.level == "item" else []
        return replace(
            self._card(thing),
            sub=(
                *(named("parcel", number) for number in inside),
                *(self._any(words) for _mark, words in thing.marks),
            ),
            ahead=ahead.get((thing.level, thing.number), ()),
            acts=tuple(act for act in acts if not act.reasons),
            not_yet=tuple(act for act in plain if act.reasons),
        )

    def _expecting(self, card: Card, expected: reading.Expected | None) -> Card:
        """The card of an order with the day it is expected on."""
        said = shipments.expected(expected, self.language, self.now)
        return replace(card, expected=said, is_late=bool(expected and expected.is_past(self.today)))

    def _steps(self, workflow: Workflow, stages: Sequence[reading.Step]) -> Iterator[Step]:
        legend = reverse("orders:legend", args=[self.slug])
        for step in stages:
            name = self._word(workflow, step.stage.label)
            yield Step(name, step.standing, f"{legend}#stage-{step.stage.key}")

    def _waits_for(self, things: Iterable[reading.Thing]) -> str:
        """Who may bring any of these things on, beside the reader: people first, else whoever."""
        others: set[str] = set()
        for thing in things:
            for move in thing.workflow.transitions(thing.level).values():
                is_forward = leads_on_from(thing, move.target)
                if move.starts_in(thing.subject.state) and is_forward and not move.is_correction:
                    others |= move.roles
        known = [role for role in ACTORS if role in others and role != self.role and role != "system"]
        chosen = [role for role in known if role in roles.NAMES] or known
        return _("Waiting for: %(who)s") % {"who": who(tuple(chosen[:3]))} if chosen else ""

    def _about_order(self, order: Order, items: Sequence[reading.Thing]) -> Iterator[str]:
        yield from ordered_lines(order)
        yield self._day(order.placed_at)
        if pieces := sum(one.subject.quantity for one in items if isinstance(one.subject, Item)):
            yield ngettext("%(count)s piece", "%(count)s pieces", pieces) % {"count": pieces}
        if order.destination:
            yield country_name(order.destination, self.language)

    def _recipient(self, order: Order) -> Iterator[tuple[str, str]]:
        if order.recipient_name:
            yield _("Recipient"), order.recipient_name
        if where := ", ".join(str(part) for part in order.address.values() if part):
            yield _("Address"), where

    def _measures(self, thing: reading.Thing) -> Iterator[tuple[str, str]]:
        parcel = thing.subject
        if isinstance(parcel, Parcel) and parcel.destination:
            yield _("Goes to"), country_name(parcel.destination, self.language)
        if isinstance(parcel, Haul) and parcel.expected_at:
            yield _("Expected"), dates.day(parcel.expected_at, self.language, self.today)

    def _money(self, amounts: reading.Amounts) -> Iterator[tuple[str, str]]:
        lines = (
            (_("Goods"), amounts.goods, True),
            (_("Fee"), amounts.fee, False),
            (_("Delivery"), amounts.shipping, False),
            (_("In all"), amounts.total, True),
            (_("Paid"), amounts.paid, False),
            (_("Given back"), amounts.refunded, False),
        )
        for name, money, is_always in lines:
            if money is not None and (money.minor or is_always):
                yield name, amount(money, self.language)

    def _scans(self, orders: Iterable[reading.Thing]) -> Iterator[tuple[str, str]]:
        """The bulk moves without fields that are open to some of these orders, each once."""
        found = {
            one.transition.name: self._word(order.workflow, one.transition.label)
            for order in orders
            for one in order.actions
            if one.is_open and one.transition.is_bulk and not one.transition.fields
        }
        yield from found.items()

    def _notices(self, told: Iterable[tuple[Words, Words]]) -> tuple[tuple[str, str], ...]:
        return tuple((self._any(label), self._any(said)) for label, said in told)

    def _prepared(self, found: reading.Processing | None) -> Iterator[tuple[str, str]]:
        if said := list(self._processing(found)):
            yield _("Dispatch"), "; ".join(said)


def _beside(numbers: tuple[Number, ...], shipment: Shipment | None) -> tuple[Number, ...]:
    """The numbers that the shipment block does not show already."""
    shown = {one.number for one in shipment.tracked} if shipment else set()
    return tuple(one for one in numbers if one.number not in shown)


def _first_leads(acts: Iterable[Act]) -> tuple[Act, ...]:
    """What leads on comes first; the first of it is the next step."""
    ordered = sorted((replace(act, is_next=False) for act in acts), key=lambda act: not act.leads_on)
    return tuple(replace(act, is_next=not at and act.leads_on) for at, act in enumerate(ordered))


def _names(items: Iterable[reading.Thing]) -> dict[str, str]:
    return {one.number: one.subject.name for one in items if isinstance(one.subject, Item)}
