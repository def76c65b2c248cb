"""One thing, one line of history, one number, in the words, amounts and days of one reader.

Every move becomes a form, every reason a sentence. Nothing here asks the database.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from sledi import carriers
from sledi.core.money import Money
from sledi.core.statuses import EVENT_CODES
from sledi.core.workflow import Possible, Words, Workflow
from sledi.orders import reading
from sledi.orders.models import Item, Order
from sledi.orders.moving.making import LINES
from sledi.orders.moving.photos import TYPE as PHOTOS
from sledi.orders.moving.scene import destination_of
from sledi.orders.pages import shipments
from sledi.orders.pages.cards import (
    Act,
    Card,
    Line,
    Link,
    Number,
    Reason,
)
from sledi.orders.pages.forms import move_form
from sledi.orders.pages.measuring import measures
from sledi.orders.pages.photos import Strip, strip_of
from sledi.orders.pages.places import PLACE_OF
from sledi.orders.reading import seeing
from sledi.orders.reading.expecting import promised_of
from sledi.orders.showing import ACTORS, Pill, amount, leads_on, named, pill_of, preparation
from sledi.parcels.models import Alias, AliasKind
from sledi.tracking.sites import Site, sites
from sledi.web import dates, words
from sledi.web.countries import country_name
from sledi.web.looks import look_of


@dataclass(frozen=True, slots=True)
class Teller:
    """For whom a page is made: his business's part of the address, his role, language and day; amounts' currency."""

    slug: str
    role: str
    language: str
    today: date
    currency: str
    now: datetime

    # --- one thing --------------------------------------------------------------------------------------------

    def _card(self, thing: reading.Thing) -> Card:
        subject = thing.subject
        is_item = isinstance(subject, Item)
        own = self._item(thing.order_number, thing.number) if is_item and thing.order_number else ""
        return Card(
            key=str(thing.id),
            level=thing.level,
            name=subject.name if isinstance(subject, Item) else named(thing.level, thing.number),
            address=own if is_item else self._address(thing.level, thing.number),
            pill=pill_of(thing.workflow, thing.state, self.language),
            quantity=subject.quantity if isinstance(subject, Item) else 0,
            price=self._price(thing),
            numbers=self._numbers(thing),
            flags=self._flags(thing),
            warnings=self._warnings(thing),
            processing=tuple(self._processing(promised_of(subject, thing.workflow)))
            if isinstance(subject, Item)
            else (),
            product=self._product(subject.product_code) if isinstance(subject, Item) else "",
            facts=() if isinstance(subject, Order) else (*self._refund(thing), *self._facts(thing)),
            photos=self._photos(thing.fields),
        )

    def _warnings(self, thing: reading.Thing) -> tuple[str, ...]:
        """The rule that forbids to bring an item where its order goes, with its source and day."""
        rule = thing.import_rule
        if rule is None:
            return ()
        said = _("May not be brought into this country (%(country)s): %(text)s Source: %(source)s, %(day)s.")
        blanks = {
            "country": country_name(rule.destination, self.language),
            "text": rule.text,
            "source": rule.source,
            "day": dates.full_day(rule.stated_on, self.language),
        }
        return (said % blanks,)

    def _refund(self, thing: reading.Thing) -> Iterator[tuple[str, str]]:
        if thing.refunded is not None:
            yield _("Given back"), amount(thing.refunded, self.language)

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
            order_address=reverse("orders:thing", args=[self.slug, "orders", subject.number])
            if isinstance(subject, Order)
            else "",
        )
        hindered = () if possible.is_open else possible.refusals
        reasons = tuple(Reason(self._word(workflow, one.words), one.listed) for one in hindered)
        leads_on = move.level == "parcel" if move.creates else leads_on_from(thing, move.target)
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
            who=_who(told, self.language),
            source=self._any(told.from_state.label)
            if told.from_state and told.from_state != told.to_state
            else "",
            target=self._any(told.to_state.label)
            if told.to_state and told.from_state != told.to_state
            else "",
            note=told.note,
            fields=tuple(
                (self._any(one.label), self._changed(one, told)) for one in told.fields if one.type != PHOTOS
            ),
            is_correction=record.is_correction,
            photos=self._photos(told.fields),
        )

    def _named_elsewhere(self, workflow: Workflow, act: str) -> str:
        """What a move of another level is called: what it made is told under its name."""
        known = (moves[act] for moves in workflow.transitions_by_level.values() if act in moves)
        move = next(known, None)
        return self._any(move.label) if move else act

    # --- words ------------------------------------------------------------------------------------------------

    def _price(self, thing: reading.Thing) -> str:
        item = thing.subject
        if not isinstance(item, Item) or "goods_total" in thing.hidden or not item.unit_price_minor:
            return ""
        return amount(Money(item.goods_minor, self.currency), self.language)

    def _facts(self, thing: reading.Thing) -> tuple[tuple[str, str], ...]:
        carried = {alias.number for alias in thing.numbers}
        measured = measures(thing, self.language)
        return (
            *measured.facts,
            *(
                (self._any(one.label), said)
                for one in thing.fields
                if str(one.value) not in carried
                and one.key not in measured.keys
                and one.type != PHOTOS
                and (said := self._value(one, thing))
            ),
        )

    def _photos(self, fields: Iterable[reading.FieldValue]) -> tuple[Strip, ...]:
        return tuple(
            strip_of(self._any(one.label), one.value, self.slug) for one in fields if one.type == PHOTOS
        )

    def _changed(self, one: reading.FieldValue, told: reading.Told) -> str:
        """A field of a line of history: what it held until then, and what it holds since."""
        said = self._value(one)
        before = next((self._value(other) for other in told.before if other.key == one.key), said)
        return said if before == said else f"{before} → {said}"

    def _value(self, one: reading.FieldValue, thing: reading.Thing | None = None) -> str:
        if one.money is not None:
            return amount(one.money, self.language)
        if one.type == "choice":
            return self._any(one.words or _choice(thing, one)) or str(one.value)
        if isinstance(one.value, bool):
            return _("yes") if one.value else _("no")
        if one.type == "date":
            return dates.day(date.fromisoformat(str(one.value)), self.language, self.today)
        return self._heard(one.type, str(one.value))

    def _heard(self, kind: str, value: str) -> str:
        """A part of a carrier's word; of anything else its value."""
        match kind:
            case seeing.EVENT:
                return words.event_name(value, self.language) if value in EVENT_CODES else value
            case seeing.CARRIER:
                return carriers.name(value, self.language)
            case seeing.MOMENT:
                return dates.moment(
                    datetime.fromisoformat(value).astimezone(self.now.tzinfo), self.language, self.today
                )
        return value

    def _numbers(self, thing: reading.Thing) -> tuple[Number, ...]:
        destination = destination_of(thing.subject)
        return tuple(
            Number(
                alias.number,
                alias.kind == AliasKind.RETURN,
                self._carriers_word(alias),
                self._way_of(thing),
                sites=tuple(self._site(site) for site in sites(alias.number, destination)),
            )
            for alias in thing.numbers
            if alias.until is None
        )

    def _site(self, site: Site) -> Link:
        return Link(site.of.name(self.language), site.url, site.carries_number, site.is_third_party)

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

    def _day(self, at: datetime) -> str:
        """The day of a moment by the clocks of the business."""
        return dates.day(at.astimezone(self.now.tzinfo).date(), self.language, self.today)

    # --- addresses --------------------------------------------------------------------------------------------

    def _way_of(self, thing: reading.Thing) -> str:
        """The page on which the scans of a thing's numbers stand."""
        if thing.level == "item":
            return f"{self._item(thing.order_number, thing.number)}#timeline" if thing.order_number else ""
        if thing.level == "order":
            return self._track(thing.number)
        return f"{self._address(thing.level, thing.number)}#shipment" if thing.level == "parcel" else ""

    def _track(self, number: str) -> str:
        return reverse("orders:tracking", args=[self.slug, number])

    def _item(self, order: str, number: str) -> str:
        return reverse("orders:thing", args=[self.slug, PLACE_OF["item"], f"{order}.{number}"])

    def _product(self, code: str) -> str:
        return reverse("orders:product", args=[self.slug, code]) if code else ""

    def _address(self, level: str, number: str) -> str:
        return reverse("orders:thing", args=[self.slug, PLACE_OF[level], number])

    def _move_address(self, thing: reading.Thing, level: str, name: str, *, makes: bool) -> str:
        if makes:
            return reverse("orders:making-for", args=[self.slug, thing.number, PLACE_OF[level], name])
        key = str(thing.id) if thing.level == "item" else thing.number
        return reverse("orders:move", args=[self.slug, PLACE_OF[level], key, name])

    # --- before it leaves -------------------------------------------------------------------------------------

    def _processing(self, found: reading.Processing | None) -> Iterator[str]:
        """«Срок обработки: 3 рабочих дня», and by which day it leaves."""
        if found is None:
            return
        yield preparation(found, self.language)
        if said := shipments.ships_by(found, self.language):
            yield said


def leads_on_from(thing: reading.Thing, target: str | None) -> bool:
    """Whether a move brings its thing on: to the same phase or a later one. Giving up is no way on."""
    return thing.state is not None and leads_on(thing.workflow, thing.level, thing.state.key, target)


def _who(told: reading.Told, language: str) -> str:
    """Who acted, and in which role; a carrier by its name, other machines by what they are."""
    record = told.record
    role = str(ACTORS.get(record.actor_role or record.actor_kind, ""))
    if record.actor_kind == "carrier" and told.actor_name:
        return carriers.name(told.actor_name, language)
    named = told.actor_name if record.actor_kind in _PEOPLE else ""
    return ", ".join(one for one in (named, role) if one)


_PEOPLE = frozenset({"person", "key"})


def ordered_lines(order: Order) -> Iterator[str]:
    """What was ordered, where it has no items of its own: «Стул складной ×4»."""
    for line in order.fields.get(LINES, ()):
        yield f"{line['name']} ×{line['quantity']}" if line["quantity"] > 1 else line["name"]


def _choice(thing: reading.Thing | None, value: reading.FieldValue) -> Words:
    """The words of a choice, of whichever move offers it: several may ask for a field of the same key."""
    moves = thing.workflow.transitions(thing.level).values() if thing else ()
    offered = [one.choices for move in moves for one in move.fields if one.key == value.key]
    return next((choices[value.value] for choices in offered if value.value in choices), {})
