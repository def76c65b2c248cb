"""What is read of orders as JSON: the REST interface and ``--json`` of the command line print the same."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from django.utils import translation

from sledi import carriers
from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core import clock
from sledi.core.money import Money
from sledi.core.workflow import Field, Possible, State, Words, Workflow, visible_states
from sledi.core.workflow.deciding import Progressed
from sledi.orders.models import Arrival, Case, ImportRule, Item, Order
from sledi.orders.moving.making import LINES
from sledi.orders.moving.moved import Moved
from sledi.orders.moving.photos import TYPE as PHOTOS
from sledi.orders.moving.scene import Subject, destination_of
from sledi.orders.reading import (
    Amounts,
    ContainerPage,
    Counted,
    Deadline,
    Expected,
    FieldValue,
    Happening,
    ItemPage,
    OpenTask,
    OrderPage,
    OrderRow,
    Packed,
    Processing,
    Row,
    SellersRecord,
    Step,
    Thing,
    Told,
)
from sledi.orders.reading.expecting import promised_of
from sledi.orders.reading.seeing import sees_contact
from sledi.orders.reasons import explain
from sledi.orders.showing import ACTORS, preparation
from sledi.parcels.models import Haul, Parcel
from sledi.tracking.sites import sites
from sledi.tracking.timeline_json import line_json
from sledi.web import dates


class Writer:
    """Writes for one reader, in one language; where a profile lacks it, in the profile's first."""

    def __init__(self, access: Access, language: str) -> None:
        self.access, self.language = access, language

    # --- lists ------------------------------------------------------------------------------------------------

    def order_row(self, row: OrderRow) -> dict[str, Any]:
        return {
            **self._thing(row.thing),
            "placed_at": moment(row.order.placed_at),
            "destination": row.order.destination,
            "recipient_name": row.order.recipient_name,
            "amounts": amounts(row.amounts),
            "items": row.items,
            "pieces": row.pieces,
            "item_states": [
                {
                    "state": state.key if state else "",
                    "label": self._label(row.thing.workflow, state),
                    "pieces": n,
                }
                for state, n in row.states
            ],
            "progress": [self._progress(row.thing.workflow, one) for one in row.progress],
            "last_change": self.told(row.change, row.thing.workflow) if row.change else None,
            **self._expected(row.expected),
            "processing": self._processing(row.processing),
            "can_be_tracked": row.can_be_tracked,
        }

    def task(self, one: OpenTask, workflow: Workflow) -> dict[str, Any]:
        return {
            "id": str(one.task.pk),
            "reason": one.task.reason,
            "label": self._say(workflow, one.words),
            "level": one.level,
            "number": one.number,
            "opened_at": moment(one.task.opened_at),
        }

    def row(self, row: Row) -> dict[str, Any]:
        return {
            **self._thing(row.thing),
            "orders": list(row.orders),
            **self._expected(row.expected),
            "contents": [{"name": name, "quantity": pieces} for name, pieces in row.contents],
        }

    # --- pages ------------------------------------------------------------------------------------------------

    def order(self, page: OrderPage) -> dict[str, Any]:
        order = page.order.subject
        assert isinstance(order, Order)
        workflow = page.order.workflow
        return {
            **self._thing(page.order),
            "reference": str(order.fields.get("reference", "")),
            "lines": order.fields.get(LINES, []),
            "placed_at": moment(order.placed_at),
            "window_ends_at": moment(order.window_ends_at),
            "recipient": self._recipient(order),
            "destination": order.destination,
            "mode": order.mode,
            "method": order.method,
            "is_cash_on_delivery": order.is_cash_on_delivery,
            "amounts": amounts(page.amounts),
            "progress": [
                self._progress(workflow, one, {"item": page.items, "parcel": page.parcels}[one.of])
                for one in page.progress
            ],
            "stages": [self._step(workflow, step) for step in page.stages],
            "deadlines": [self._deadline(workflow, one) for one in page.deadlines],
            "notices": [self._notice(workflow, *one) for one in page.notices],
            **self._expected(page.expected),
            "processing": self._processing(page.processing),
            "moves": self.moves(page.order, page.makes),
            "items": [self.item(item) for item in page.items],
            "parcels": [self.parcel(parcel, page.packed) for parcel in page.parcels],
            "hauls": [self._thing(haul) for haul in page.hauls],
            "cases": [self.case(case) for case in page.cases],
            "history": [self.told(told, workflow) for told in page.history],
        }

    def item(self, thing: Thing) -> dict[str, Any]:
        item = thing.subject
        assert isinstance(item, Item)

        def shown(minor: int | None, key: str) -> dict[str, str] | None:
            if minor is None or key in thing.hidden:
                return None
            return amount(Money(minor, thing.currency))

        return {
            **self._thing(thing),
            "line": item.line,
            "name": item.name,
            "quantity": item.quantity,
            "unit_price": shown(item.unit_price_minor, "unit_price"),
            "goods_total": shown(item.goods_minor, "goods_total"),
            "fee": shown(item.fee_minor, "fee"),
            "refunded": amount(thing.refunded) if thing.refunded else None,
            "import_rule": import_rule_json(thing.import_rule) if thing.import_rule else None,
            "category": item.category,
            "country": item.country,
            "weight_g": item.weight_g,
            "product": item.product_code,
            "processing": self._promised(promised_of(item, thing.workflow)),
            "moves": self.moves(thing),
        }

    def parcel(self, thing: Thing, packed: Iterable[Packed]) -> dict[str, Any]:
        parcel = thing.subject
        assert isinstance(parcel, Parcel)
        return {
            **self._thing(thing),
            "mode": parcel.mode,
            "destination": parcel.destination,
            **{key: getattr(parcel, key) for key in ("weight_g", "length_mm", "width_mm", "height_mm")},
            "volumetric_g": thing.volumetric_g,
            "contents": [
                {"item": one.item_number, "quantity": one.quantity}
                for one in packed
                if one.parcel_number == parcel.number
            ],
            "moves": self.moves(thing),
        }

    def case(self, thing: Thing) -> dict[str, Any]:
        case = thing.subject
        assert isinstance(case, Case)
        return {**self._thing(thing), "opened_at": moment(case.opened_at), "moves": self.moves(thing)}

    def container(self, page: ContainerPage) -> dict[str, Any]:
        subject, thing = page.subject, page.thing
        own: dict[str, Any]
        if isinstance(subject, Parcel):
            own = self.parcel(thing, page.packed)
        elif isinstance(subject, Haul):
            own = {**self._thing(thing), "moves": self.moves(thing)}
        else:
            own = self.case(thing)
        return {
            **own,
            "orders": [
                {**self._thing(order), **self._expected(page.expected.get(order.id))} for order in page.orders
            ],
            "deadlines": [self._deadline(thing.workflow, one) for one in page.deadlines],
            "notices": [self._notice(thing.workflow, *one) for one in page.notices],
            "history": [self.told(told, thing.workflow) for told in page.history],
        }

    def timeline(self, page: ItemPage) -> dict[str, Any]:
        """The one timeline of an item, the oldest first."""
        return {
            **self.item(page.item),
            "order": page.order.number,
            "happenings": [self._happening(one, page.item.workflow) for one in page.happenings],
        }

    def _expected(self, found: Expected | None) -> dict[str, Any]:
        """The day something arrives, and whether that day is gone by the clocks of the business."""
        today = datetime.now(clock.zone_of(self.access.business.country)).date()
        on = found.on if found else None
        return {
            "expected_on": on.isoformat() if on else None,
            "is_expected_past": bool(found and found.is_past(today)),
        }

    def _happening(self, one: Happening, workflow: Workflow) -> dict[str, Any]:
        """A record of the history or a carrier's scan: its number, and who says so."""
        told = self.told(one.told, workflow) if one.told else None
        return {
            "at": moment(one.at),
            "kind": "scan" if one.scan else "record",
            "number": one.number,
            "source": self._source(one),
            "record": told,
            "scan": line_json(one.scan, self.language) if one.scan else None,
        }

    # --- moves ------------------------------------------------------------------------------------------------

    def moves(self, thing: Thing, makes: Iterable[Possible] = ()) -> list[dict[str, Any]]:
        """The moves of a row, and those that make something for it: their ``level`` is what they make."""
        return [self._move(thing.workflow, one) for one in (*thing.actions, *makes)]

    def _move(self, workflow: Workflow, possible: Possible) -> dict[str, Any]:
        move = possible.transition
        return {
            "name": move.name,
            "level": move.level,
            "label": workflow.words(move.label, self.language),
            "to": move.target,
            "is_open": possible.is_open,
            "is_bulk": move.is_bulk,
            "is_correction": move.is_correction,
            "makes": move.creates,
            "fields": [self._field(workflow, field) for field in move.fields],
            "refusals": [
                {
                    "reason": reason.kind,
                    "guard": reason.guard,
                    "words": reason.words,
                    "listed": list(reason.listed),
                }
                for reason in (explain(refusal, self.access, self.language) for refusal in possible.refusals)
            ],
        }

    def _field(self, workflow: Workflow, field: Field) -> dict[str, Any]:
        return {
            "key": field.key,
            "type": field.type,
            "label": workflow.words(field.label, self.language),
            "required": not field.is_optional,
            "recommended": field.is_recommended,
            "max_length": field.max_length or None,
            "min": field.min,
            "max": field.max,
            "currency": field.currency or None,
            "document": field.document or None,
            "choices": [
                {"key": key, "label": workflow.words(words, self.language)}
                for key, words in field.choices.items()
            ],
        }

    # --- reports ----------------------------------------------------------------------------------------------

    def counted(self, one: Counted, workflow: Workflow) -> dict[str, Any]:
        return {
            "level": one.level,
            "state": one.state.key,
            "state_label": self._label(workflow, one.state),
            "reason": one.reason,
            "label": self._say(workflow, one.words),
            "count": one.count,
        }

    # --- parts ------------------------------------------------------------------------------------------------

    def told(self, told: Told, workflow: Workflow) -> dict[str, Any]:
        record = told.record
        return {
            "sequence": record.sequence,
            "at": moment(record.at),
            "level": record.level,
            "number": told.number,
            "act": record.act,
            "label": self._say(workflow, told.label),
            "from": record.from_state,
            "to": record.to_state,
            "to_label": self._label(workflow, told.to_state),
            "actor": {
                "kind": record.actor_kind,
                "role": record.actor_role,
                "role_label": self._role(record.actor_role),
                "name": told.actor_name,
            },
            "cause": record.cause,
            "note": told.note,
            "fields": [self._value(workflow, value) for value in told.fields],
            "before": [self._value(workflow, value) for value in told.before],
            "is_correction": record.is_correction,
        }

    def _promised(self, found: Processing | None) -> dict[str, Any] | None:
        if found is None:
            return None
        words = preparation(found, self.language)
        return {"days": found.days, "days_min": found.days_min, "words": words}

    def _processing(self, found: Processing | None) -> dict[str, Any] | None:
        told = self._promised(found)
        if told is None or found is None:
            return None
        return {**told, "ships_by": found.ships_by.isoformat() if found.ships_by else None}

    def _thing(self, thing: Thing) -> dict[str, Any]:
        subject = thing.subject
        return {
            "id": str(subject.pk),
            "number": subject.number,
            "version": subject.version,
            "state": self._state(thing),
            "since": moment(subject.state_since),
            "changed_at": moment(subject.changed_at),
            "flags": [
                {"key": flag, "label": self._say(thing.workflow, words)} for flag, words in thing.flags
            ],
            "marks": [
                {"key": mark, "label": self._say(thing.workflow, words)} for mark, words in thing.marks
            ],
            "numbers": [
                {
                    "number": alias.number,
                    "kind": alias.kind,
                    "since": moment(alias.since),
                    "until": moment(alias.until),
                    "sites": [] if alias.until else list(self._sites(alias.number, subject)),
                }
                for alias in thing.numbers
            ],
            "fields": [self._value(thing.workflow, value) for value in thing.fields],
        }

    def _sites(self, number: str, subject: Subject) -> Iterator[dict[str, Any]]:
        for site in sites(number, destination_of(subject)):
            yield {
                "carrier": site.of.slug,
                "name": site.of.name(self.language),
                "url": site.url,
                "carries_number": site.carries_number,
                "is_third_party": site.is_third_party,
            }

    def _state(self, thing: Thing) -> dict[str, Any]:
        state, parent = thing.state, thing.parent
        return {
            "key": thing.subject.state,
            "label": self._label(thing.workflow, state),
            "parent": parent.key if parent else "",
            "parent_label": self._label(thing.workflow, parent),
            "tone": state.tone if state else "neutral",
            "phase": state.phase if state else "",
            "is_final": state.is_final if state else False,
        }

    def _recipient(self, order: Order) -> dict[str, Any]:
        """Whom it goes to, and how he is reached where this reader may know it."""
        is_reachable = sees_contact(self.access)
        return {
            "name": order.recipient_name,
            "email": order.recipient_email if is_reachable else "",
            "phone": order.recipient_phone if is_reachable else "",
            "address": {str(key): str(value) for key, value in order.address.items()},
        }

    def _progress(self, workflow: Workflow, one: Progressed, things: Iterable[Thing] = ()) -> dict[str, Any]:
        return {
            "done": one.done,
            "all": one.all,
            "words": self._say(workflow, one.words),
            "notice": self._say(workflow, one.notice),
            "missing": [self._missing(thing) for thing in things if thing.number in one.missing],
        }

    def _missing(self, thing: Thing) -> dict[str, Any]:
        return {
            "level": thing.level,
            "number": thing.number,
            "name": thing.subject.name if isinstance(thing.subject, Item) else "",
            "state": thing.subject.state,
            "label": self._label(thing.workflow, thing.state),
            "numbers": [alias.number for alias in thing.numbers if alias.until is None],
            "changed_at": moment(thing.subject.changed_at),
        }

    def _step(self, workflow: Workflow, step: Step) -> dict[str, Any]:
        return {
            "key": step.stage.key,
            "label": self._say(workflow, step.stage.label),
            "about": self._say(workflow, step.stage.about),
            "standing": step.standing,
        }

    def _deadline(self, workflow: Workflow, one: Deadline) -> dict[str, Any]:
        return {
            "name": one.name,
            "label": self._say(workflow, one.label),
            "level": one.level,
            "number": one.number,
            "at": moment(one.planned_at),
            "has_struck": one.has_struck,
            "ahead": self._ahead(workflow, one),
        }

    def _ahead(self, workflow: Workflow, one: Deadline) -> str:
        """What is expected until a deadline; nothing once it has struck."""
        said = "" if one.has_struck else self._say(workflow, one.ahead)
        return said.replace("{date}", dates.day(one.day, self.language, datetime.now(UTC).date()))

    def _notice(self, workflow: Workflow, label: Words, said: Words) -> dict[str, str]:
        return {"label": self._say(workflow, label), "words": self._say(workflow, said)}

    def _value(self, workflow: Workflow, value: FieldValue) -> dict[str, Any]:
        if value.type == PHOTOS:
            plain: Any = [photo_json(pk, self.access.business.slug) for pk in value.value]
        else:
            plain = value.value if isinstance(value.value, str | int | bool) else str(value.value)
        return {
            "key": value.key,
            "label": self._say(workflow, value.label),
            "type": value.type,
            "value": str(value.money.decimal) if value.money else plain,
            "currency": value.money.currency if value.money else None,
            "words": self._say(workflow, value.words),
        }

    def _label(self, workflow: Workflow, state: State | None) -> str:
        return workflow.words(state.label, self.language) if state else ""

    def _say(self, workflow: Workflow, words: Words) -> str:
        return workflow.words(words, self.language)

    def _source(self, one: Happening) -> str:
        """Who says so: the carrier of a scan, or who was asked about it; else the role that acted, or the machine."""
        if one.scan is not None:
            return carriers.name(one.scan.carrier or one.scan.sightings[0].source, self.language)
        record = one.told.record if one.told else None
        return self._role(record.actor_role or record.actor_kind) if record else ""

    def _role(self, role: str) -> str:
        with translation.override(self.language):
            return str(ACTORS.get(role, role))

    def sellers_record(self, one: SellersRecord, workflow: Workflow) -> dict[str, Any]:
        return {
            "id": str(one.seller_id),
            "name": one.name,
            "email": one.email,
            "orders": one.orders,
            "raised": [
                {"key": flag.flag, "label": self._say(workflow, flag.words), "orders": flag.orders}
                for flag in one.raised
            ],
        }

    # --- the profile ------------------------------------------------------------------------------------------

    def profile(self, workflow: Workflow) -> dict[str, Any]:
        """The table that decides, in words: what a client needs to build its own buttons and filters."""
        return {
            "profile": workflow.profile,
            "version": workflow.version,
            "name": self._say(workflow, workflow.name),
            "languages": list(workflow.languages),
            "levels": [self._level(workflow, level) for level in workflow.levels],
            "stages": [
                {
                    "key": stage.key,
                    "label": self._say(workflow, stage.label),
                    "about": self._say(workflow, stage.about),
                    "states": {level: sorted(states) for level, states in stage.states.items()},
                }
                for stage in workflow.stages
            ],
        }

    def _level(self, workflow: Workflow, level: str) -> dict[str, Any]:
        states = workflow.states(level)
        return {
            "level": level,
            "contains": list(workflow.levels[level].contains),
            "holds": workflow.levels[level].holds,
            "states": [
                {
                    "key": state.key,
                    "label": self._label(workflow, state),
                    "about": self._say(workflow, state.about),
                    "parent": state.parent,
                    "phase": state.phase,
                    "tone": state.tone,
                    "is_initial": state.is_initial,
                    "is_final": state.is_final,
                }
                for state in states.values()
            ],
            "moves": [
                {
                    "name": move.name,
                    "label": self._say(workflow, move.label),
                    "from": sorted(move.sources),
                    "to": move.target,
                    "roles": sorted(move.roles),
                    "is_bulk": move.is_bulk,
                    "is_correction": move.is_correction,
                    "fields": [self._field(workflow, field) for field in move.fields],
                }
                for move in workflow.transitions(level).values()
            ],
        }


def photo_json(pk: str, slug: str) -> dict[str, str]:
    """Where a photo is to be had, large and small."""
    url = f"/api/v1/businesses/{slug}/attachments/{pk}"
    return {"id": pk, "url": url, "preview_url": f"{url}/preview"}


def arrival_json(arrival: Arrival) -> dict[str, Any]:
    """Something that has come and waits to be identified."""
    return {
        "number": arrival.number,
        "at": moment(arrival.arrived_at),
        "scanned_by": arrival.scanned_by,
        "fields": arrival.fields,
    }


def import_rule_json(rule: ImportRule) -> dict[str, str]:
    """What may not be brought into a country."""
    return {
        "destination": rule.destination,
        "category": rule.category,
        "text": rule.text,
        "source": rule.source,
        "stated_on": rule.stated_on.isoformat(),
    }


def moved_json(moved: Moved, access: Access, workflow: Workflow, language: str) -> dict[str, Any]:
    """What a move came to, as far as this reader sees it. A repeat of the same request gives the same."""
    return {
        "level": moved.level,
        "id": str(moved.id),
        "move": moved.name,
        "from": moved.from_state,
        "to": moved.to_state,
        "version": moved.version,
        "at": moment(moved.at),
        "instead": {
            "move": moved.instead.name,
            "guard": moved.instead.guard,
            "words": workflow.words(moved.instead.words, language),
        }
        if moved.instead
        else None,
        "also": [
            {"level": level, "id": str(pk), "from": source, "to": target}
            for level, pk, source, target in moved.also
            if _is_seen(access, workflow, level, target)
        ],
    }


def _is_seen(access: Access, workflow: Workflow, level: str, state: str) -> bool:
    if level == "haul" and access.role in (roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER):
        return False
    states = visible_states(workflow, level, access.role)
    return states is None or state in states


def amounts(found: Amounts) -> dict[str, Any]:
    return {
        key: amount(value) if (value := getattr(found, key)) is not None else None
        for key in ("goods", "fee", "shipping", "total", "paid", "refunded")
    }


def amount(money: Money) -> dict[str, str]:
    """In major units, as text: no reader takes it for a float."""
    return {"amount": str(money.decimal), "currency": money.currency}


def processing(found: Processing | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "days": found.days,
        "days_min": found.days_min,
        "ships_by": found.ships_by.isoformat() if found.ships_by else None,
    }


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None
