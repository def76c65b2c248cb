"""For whom a page is made: turns what ``reading`` found into cards, in the words, amounts and days of one reader.

Every move becomes a form, every reason a sentence. Nothing here asks the database.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.accounts import roles
from sledi.core.money import Money
from sledi.core.workflow import Possible, Words, Workflow
from sledi.core.workflow.vocabulary import Phase
from sledi.orders import reading
from sledi.orders.models import Case, Item, Order
from sledi.orders.pages.cards import Act, Card, Group, Line, Number, Planned, Reason, Sheet, Step
from sledi.orders.pages.forms import move_form
from sledi.orders.pages.places import PLACE_OF
from sledi.orders.showing import ACTORS, Pill, amount, named, pill_of, who
from sledi.parcels.models import Alias, AliasKind, Haul, Parcel
from sledi.web import dates, words
from sledi.web.countries import country_name
from sledi.web.looks import look_of

PLANNED_SHOWN = 6
HISTORY_OPEN = 8
"""Lines of history that stand open; the others are folded."""


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a page is made: his business's part of the address, his role, language and day; amounts' currency."""

    slug: str
    role: str
    language: str
    today: date
    currency: str

    # --- rows of lists ----------------------------------------------------------------------------------------

    def order_card(self, row: reading.OrderRow) -> Card:
        """A row of the list of orders. Where a state has a parent, the parent's name stands here."""
        order = row.order
        pieces = ngettext("%(count)s piece", "%(count)s pieces", row.pieces) % {"count": row.pieces}
        sub = [dates.day(order.placed_at, self.language, self.today), pieces if row.pieces else ""]
        total = row.amounts.total
        return replace(
            self._listed(row.thing, row.change),
            sub=tuple(one for one in sub if one),
            price=amount(total, self.language) if total and total.minor else "",
            progress=tuple(self._word(row.thing.workflow, one.words) for one in row.progress),
        )

    def card(self, row: reading.Row) -> Card:
        """A row of a list of items, parcels, hauls or cases."""
        subject = row.thing.subject
        card = self._listed(row.thing, row.change)
        if isinstance(subject, Item | Case):
            sub = tuple(named("order", number) for number in row.orders)
        else:
            count = len(row.orders)
            sub = (
                (ngettext("%(count)s order", "%(count)s orders", count) % {"count": count},) if count else ()
            )
        changed_at = card.changed_at or subject.state_since
        if isinstance(subject, Item | Case) and row.orders:
            address = self._address("order", row.orders[0])
            return replace(card, sub=sub, changed_at=changed_at, address=f"{address}#{card.anchor}")
        return replace(card, sub=sub, changed_at=changed_at)

    def _listed(self, thing: reading.Thing, change: reading.Told | None) -> Card:
        state = thing.parent or thing.state
        card = self._card(thing)
        return replace(
            card,
            pill=pill_of(thing.workflow, state, self.language),
            changed=self.line(change, thing.workflow).said if change else "",
            changed_at=change.record.at if change else None,
            facts=(),
        )

    # --- pages ------------------------------------------------------------------------------------------------

    def order_sheet(self, page: reading.OrderPage) -> Sheet:
        """An order with everything that belongs to it."""
        order = page.order.subject
        assert isinstance(order, Order)
        packed = [(one.item_number, one.parcel_number) for one in page.packed]
        sheet = self._sheet(page.order, page.deadlines, page.history, _names(page.items))
        makes = [self.act(page.order, possible) for possible in page.makes]
        return replace(
            sheet,
            sub=tuple(self._about_order(order, page.items)),
            acts=_first_leads((*sheet.acts, *(act for act in makes if not act.reasons))),
            not_yet=(*sheet.not_yet, *(act for act in makes if act.reasons)),
            groups=tuple(
                Group(PLACE_OF[level], name, tuple(self._page_card(one, packed) for one in things))
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
            progress=tuple(self._word(page.order.workflow, one.words) for one in page.progress),
            money=tuple(self._money(page.amounts)),
            facts=(*self._recipient(order), *sheet.facts),
        )

    def container_sheet(self, page: reading.ContainerPage) -> Sheet:
        """A parcel, haul, track or case with the orders and items in it."""
        level = page.thing.level
        packed = [(one.item_number, one.parcel_number) for one in page.packed]
        sheet = self._sheet(page.thing, page.deadlines, page.history, _names(page.items))
        groups = (("order", _("Orders"), page.orders), ("item", _("Items"), page.items))
        known = page.thing.workflow.levels[level]
        return replace(
            sheet,
            groups=tuple(
                Group(PLACE_OF[kind], name, tuple(self._page_card(one, packed) for one in things))
                for kind, name, things in groups
                if things
            ),
            facts=(*self._measures(page.thing), *sheet.facts),
            next_who=self._waits_for([page.thing]),
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
            sub=(),
            flags=self._flags(thing),
            back=reverse("orders:things", args=[self.slug, PLACE_OF[level]]),
            back_name=_("To the list"),
            acts=_first_leads(act for act in plain if not act.reasons),
            not_yet=tuple(act for act in plain if act.reasons),
            corrections=tuple(act for act in acts if act.form.is_correction and not act.reasons),
            next_who="",
            groups=(),
            facts=self._facts(thing),
            numbers=self._numbers(thing.numbers),
            planned=tuple(
                Planned(
                    self._word(thing.workflow, one.label),
                    "" if one.level == level else names.get(one.number, one.number),
                    one.planned_at,
                )
                for one in [one for one in deadlines if self._is_ahead(one)][:PLANNED_SHOWN]
            ),
            history=lines[:HISTORY_OPEN],
            earlier=lines[HISTORY_OPEN:],
        )

    def _is_ahead(self, deadline: reading.Deadline) -> bool:
        return not deadline.has_struck and deadline.planned_at.date() >= self.today

    def _page_card(self, thing: reading.Thing, packed: Sequence[tuple[str, str]]) -> Card:
        """A thing that stands on the page of another."""
        acts = [self.act(thing, possible) for possible in thing.actions]
        plain = [act for act in acts if not act.form.is_correction]
        inside = [number for item, number in packed if item == thing.number] if thing.level == "item" else []
        return replace(
            self._card(thing),
            sub=tuple(named("parcel", number) for number in inside),
            acts=tuple(act for act in acts if not act.reasons),
            not_yet=tuple(act for act in plain if act.reasons),
        )

    # --- one thing --------------------------------------------------------------------------------------------

    def _card(self, thing: reading.Thing) -> Card:
        subject = thing.subject
        is_item = isinstance(subject, Item)
        return Card(
            key=str(thing.id),
            level=thing.level,
            name=subject.name if isinstance(subject, Item) else named(thing.level, thing.number),
            address="" if is_item else self._address(thing.level, thing.number),
            pill=pill_of(thing.workflow, thing.state, self.language),
            quantity=subject.quantity if isinstance(subject, Item) else 0,
            price=self._price(thing),
            numbers=self._numbers(thing.numbers),
            flags=self._flags(thing),
            facts=() if isinstance(subject, Order) else self._facts(thing),
        )

    def act(self, thing: reading.Thing, possible: Possible) -> Act:
        """A move with its form, and what still stands in its way."""
        move, workflow = possible.transition, thing.workflow
        subject = thing.subject
        form = move_form(
            workflow,
            move,
            address=self._move_address(thing, move.level, move.name, makes=move.creates),
            language=self.language,
            currency=self.currency,
            version=None if move.creates else subject.version,
            pieces=subject.quantity if isinstance(subject, Item) else 1,
        )
        hindered = () if possible.is_open else possible.refusals
        reasons = tuple(Reason(self._word(workflow, one.words), one.listed) for one in hindered)
        leads_on = move.level == "parcel" if move.creates else _leads_on(thing, move.target)
        return Act(form, reasons, leads_on)

    def line(
        self,
        told: reading.Told,
        workflow: Workflow,
        number: str = "",
        names: Mapping[str, str] | None = None,
    ) -> Line:
        """A line of history. ``number`` is that of the page's own thing, ``names`` those of its items."""
        record = told.record
        is_other = bool(told.number) and told.number != number
        return Line(
            said=self._any(told.label) or self._named_elsewhere(workflow, record.act),
            about=(names or {}).get(told.number, told.number) if is_other else "",
            at=record.at,
            who=told.actor_name or str(ACTORS.get(record.actor_role or record.actor_kind, "")),
            source=self._any(told.from_state.label)
            if told.from_state and told.from_state != told.to_state
            else "",
            target=self._any(told.to_state.label)
            if told.to_state and told.from_state != told.to_state
            else "",
            note=told.note,
            fields=tuple((self._any(one.label), self._value(one)) for one in told.fields),
            is_correction=record.is_correction,
        )

    def _named_elsewhere(self, workflow: Workflow, act: str) -> str:
        """What a move of another level is called: what it made is told under its name."""
        known = (moves[act] for moves in workflow.transitions_by_level.values() if act in moves)
        move = next(known, None)
        return self._any(move.label) if move else act

    def _steps(self, workflow: Workflow, stages: Sequence[reading.Step]) -> Iterator[Step]:
        """The bar has one present stage: the furthest that anything of the order has reached."""
        legend = reverse("orders:legend", args=[self.slug])
        reached = max((at for at, step in enumerate(stages) if step.standing == "current"), default=-1)
        for at, step in enumerate(stages):
            standing = step.standing if at >= reached else "done"
            name = self._word(workflow, step.stage.label)
            yield Step(name, standing, f"{legend}#stage-{step.stage.key}")

    def _waits_for(self, things: Iterable[reading.Thing]) -> str:
        """Who may bring any of these things on, beside the reader: people first, else whoever."""
        others: set[str] = set()
        for thing in things:
            for move in thing.workflow.transitions(thing.level).values():
                is_forward = _leads_on(thing, move.target)
                if move.starts_in(thing.subject.state) and is_forward and not move.is_correction:
                    others |= move.roles
        known = [role for role in ACTORS if role in others and role != self.role and role != "system"]
        chosen = [role for role in known if role in roles.NAMES] or known
        return _("Waiting for: %(who)s") % {"who": who(tuple(chosen[:3]))} if chosen else ""

    # --- words ------------------------------------------------------------------------------------------------

    def _about_order(self, order: Order, items: Sequence[reading.Thing]) -> Iterator[str]:
        yield dates.day(order.placed_at, self.language, self.today)
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

    def _price(self, thing: reading.Thing) -> str:
        item = thing.subject
        if not isinstance(item, Item) or "goods_total" in thing.hidden or not item.unit_price_minor:
            return ""
        return amount(Money(item.goods_minor, self.currency), self.language)

    def _facts(self, thing: reading.Thing) -> tuple[tuple[str, str], ...]:
        carried = {alias.number for alias in thing.numbers}
        return tuple(
            (self._any(one.label), said)
            for one in thing.fields
            if str(one.value) not in carried and (said := self._value(one, thing))
        )

    def _value(self, one: reading.FieldValue, thing: reading.Thing | None = None) -> str:
        if one.money is not None:
            return amount(one.money, self.language)
        if one.type == "choice":
            return self._any(one.words or _choice(thing, one)) or str(one.value)
        if isinstance(one.value, bool):
            return _("yes") if one.value else _("no")
        if one.type == "date":
            return dates.day(date.fromisoformat(str(one.value)), self.language, self.today)
        return str(one.value)

    def _numbers(self, aliases: Iterable[Alias]) -> tuple[Number, ...]:
        return tuple(
            Number(alias.number, alias.kind == AliasKind.RETURN, self._carriers_word(alias))
            for alias in aliases
            if alias.until is None
        )

    def _carriers_word(self, alias: Alias) -> Pill | None:
        """What the carriers say of a number; nothing while they know nothing."""
        trace = alias.trace if alias.trace_id and "trace" in alias._state.fields_cache else None
        if trace is None or not trace.event_count:
            return None
        look = look_of(trace.status, trace.code)
        return Pill(look.tone, look.icon, words.status_name(trace.status, self.language))

    def _flags(self, thing: reading.Thing) -> tuple[str, ...]:
        return tuple(said for _key, label in thing.flags if (said := self._any(label)))

    def _word(self, workflow: Workflow, said: Words) -> str:
        return workflow.words(said, self.language)

    def _any(self, said: Words) -> str:
        return said.get(self.language) or next(iter(said.values()), "")

    # --- addresses --------------------------------------------------------------------------------------------

    def _address(self, level: str, number: str) -> str:
        return reverse("orders:thing", args=[self.slug, PLACE_OF[level], number])

    def _move_address(self, thing: reading.Thing, level: str, name: str, *, makes: bool) -> str:
        if makes:
            return reverse("orders:making-for", args=[self.slug, thing.number, PLACE_OF[level], name])
        key = str(thing.id) if thing.level == "item" else thing.number
        return reverse("orders:move", args=[self.slug, PLACE_OF[level], key, name])


def _leads_on(thing: reading.Thing, target: str | None) -> bool:
    """Whether a move brings its thing on: to the same phase or a later one. Giving up is no way on."""
    state = thing.state
    if target is None or state is None or target == state.key:
        return False
    after = thing.workflow.states(thing.level)[target].phase
    return after != Phase.FAILED and _PHASES[after] >= _PHASES[state.phase]


def _choice(thing: reading.Thing | None, value: reading.FieldValue) -> Words:
    """The words of a choice, of whichever move offers it: several may ask for a field of the same key."""
    moves = thing.workflow.transitions(thing.level).values() if thing else ()
    offered = [one.choices for move in moves for one in move.fields if one.key == value.key]
    return next((choices[value.value] for choices in offered if value.value in choices), {})


def _first_leads(acts: Iterable[Act]) -> tuple[Act, ...]:
    """What leads on comes first; the first of it is the next step."""
    ordered = sorted((replace(act, is_next=False) for act in acts), key=lambda act: not act.leads_on)
    return tuple(replace(act, is_next=not at and act.leads_on) for at, act in enumerate(ordered))


def _names(items: Iterable[reading.Thing]) -> dict[str, str]:
    return {one.number: one.subject.name for one in items if isinstance(one.subject, Item)}


_PHASES: Mapping[str, int] = {str(phase): index for index, phase in enumerate(Phase)}
