"""What a profile's rules see of the rows of a scene: plain values, made when a rule asks for them.

Names and types are those of ``core.workflow.contexts``. Amounts are minor units, moments epoch seconds.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sledi.core.workflow import Transition, Workflow
from sledi.orders.models import Case, Item, Order
from sledi.orders.moving.scene import Scene, Subject, level_of, workflow_of
from sledi.parcels.models import Haul, Parcel

NOTHING: Mapping[str, Any] = MappingProxyType({})
CASE_OPEN = "case_open"
"""Stands among an order's flags while one of its cases goes on."""


class Context(Mapping[str, Any]):
    """A mapping whose values are made at the first look: most rules look at little of it."""

    def __init__(self, makers: Mapping[str, Callable[[], Any]]) -> None:
        self._makers = makers
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._made:
            self._made[name] = self._makers[name]()
        return self._made[name]

    def only(self, names: Collection[str]) -> "Context":
        """The same, of no more than these names: what nobody asks for is never made."""
        return Context({name: maker for name, maker in self._makers.items() if name in names})

    def __contains__(self, name: object) -> bool:
        return name in self._makers

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def names_of(transition: Transition) -> set[str]:
    """The variables that deciding a move needs: those of its rules, and the order, whose currency amounts are in."""
    names = {"order", "settings"}
    for guard in transition.guards:
        names |= guard.rule.names | (guard.missing.names if guard.missing else frozenset())
    for effect in transition.effects:
        for rule in effect.rules:
            names |= rule.names
    if any(field.type == "money" for field in transition.fields):
        names.add("account")  # its currency, where there is no order
    return names


def context_of(
    scene: Scene,
    subject: Subject,
    workflow: Workflow,
    at: datetime,
    account: Callable[[Order | None], Any],
    *,
    evidence: Mapping[str, Any] = NOTHING,
    more: Mapping[str, Callable[[], Any]] = NOTHING,
) -> Context:
    """What the rules of a subject's level may look at. ``account`` gives the money of an order's payer.

    ``evidence`` stands among the subject's fields already: what a machine knows is true before the move. ``more``
    makes further variables.
    """
    makers = around(scene, scene.order_of(subject), workflow, at, account) | dict(more)
    makers[level_of(subject)] = lambda: one(scene, subject, evidence)
    if isinstance(subject, Parcel | Haul):
        makers["orders"] = lambda: [
            one(scene, scene.orders[pk]) for pk in sorted(scene.orders_in[subject.pk])
        ]
    return Context(makers)


def around(
    scene: Scene,
    order: Order | None,
    workflow: Workflow,
    at: datetime,
    account: Callable[[Order | None], Any],
) -> dict[str, Callable[[], Any]]:
    """What every rule sees: settings, the time, the payer's money, and the order with what it contains."""
    makers: dict[str, Callable[[], Any]] = {
        "settings": lambda: workflow.settings_with(scene.business.settings),
        "now": lambda: int(at.timestamp()),
        "account": lambda: account(order),
    }
    if order is not None:
        makers["order"] = lambda: one(scene, order)
        makers["items"] = lambda: [one(scene, item) for item in scene.items[order.pk]]
        makers["parcels"] = lambda: [
            one(scene, scene.parcels[pk]) for pk in sorted(scene.parcels_of[order.pk])
        ]
    return makers


def one(scene: Scene, subject: Subject, evidence: Mapping[str, Any] = NOTHING) -> dict[str, Any]:
    """One row as rules see it; ``evidence`` is laid over its fields."""
    workflow, level = workflow_of(scene, subject), level_of(subject)
    state = workflow.states(level).get(subject.state)
    seen: dict[str, Any] = {
        "state": subject.state,
        "phase": state.phase if state else "",
        "number": subject.number,
        "numbers": [alias.number for alias in scene.aliases.get(subject.pk, ()) if alias.until is None],
        "flags": list(subject.flags),
        "fields": {**subject.fields, **evidence} if evidence else subject.fields,
    }
    match subject:
        case Order():
            seen |= _order(scene, subject)
        case Item():
            seen |= _item(subject)
        case Parcel(level="track"):
            seen |= _track(scene, subject, seen["fields"])
        case Parcel():
            seen |= _parcel(scene, subject)
        case Case():
            seen["action"] = subject.fields.get("action", "")
    return seen


def _order(scene: Scene, order: Order) -> dict[str, Any]:
    return {
        "flags": [*order.flags, CASE_OPEN] if _has_open_case(scene, order) else list(order.flags),
        "quantity": sum(item.quantity for item in scene.items.get(order.pk, ())),
        "goods_total": order.goods_minor,
        "fee_total": order.fee_minor,
        "shipping_total": order.shipping_minor,
        "total": order.total_minor,
        "paid": order.paid_minor,
        "refunded": order.refunded_minor,
        "currency": order.currency,
        "destination": order.destination,
        "method": order.method,
        "mode": order.mode,
        "is_untracked": order.is_untracked,
        "is_cash_on_delivery": order.is_cash_on_delivery,
        "processing_days": order.processing_days or 0,
        "window_ends_at": int(order.window_ends_at.timestamp()) if order.window_ends_at else 0,
    }


def _has_open_case(scene: Scene, order: Order) -> bool:
    workflow = workflow_of(scene, order)
    return any(not workflow.is_final("case", case.state) for case in scene.cases.get(order.pk, ()))


def _item(item: Item) -> dict[str, Any]:
    return {
        "name": item.name,
        "line": item.line,
        "quantity": item.quantity,
        "unit_price": item.unit_price_minor,
        "goods_total": item.goods_minor,
        "fee": item.fee_minor,
        "quote_total": item.goods_minor + item.fee_minor,
        "agreed_price": item.agreed_price_minor,
        "debited": item.debited_goods_minor + item.debited_fee_minor,
        "category": item.category,
        "country": item.country,
        "weight_g": item.weight_g or 0,
        "processing_days": item.processing_days or 0,
    }


def _parcel(scene: Scene, parcel: Parcel) -> dict[str, Any]:
    inside = [content for content in scene.contents if content.parcel_id == parcel.pk]
    return {
        "weight_g": parcel.weight_g or 0,
        "mode": parcel.mode,
        "contents": [
            {"item": scene.subjects[content.item_id].number, "quantity": content.quantity}
            for content in inside
        ],
    }


def _track(scene: Scene, parcel: Parcel, fields: Mapping[str, Any]) -> dict[str, Any]:
    traces = [
        alias.trace for alias in scene.aliases.get(parcel.pk, ()) if alias.trace and alias.until is None
    ]
    return {
        "status": traces[-1].status if traces else "",
        "milestones": list(fields.get("milestones", ())),
    }
