"""What moves make: parcels and cases of an order, hauls and parcels of many orders, and orders themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.core.workflow import Decision, Refused, Transition, Workflow, decide
from sledi.core.workflow.refusals import words
from sledi.database.keys import uuid7
from sledi.history.models import Record
from sledi.orders.models import Case, Item, Loading, Order
from sledi.orders.moving.motion import Motion
from sledi.orders.moving.packing import new_parcel
from sledi.orders.moving.scene import Scene, Subject, level_of, open_container_and_orders, workflow_of
from sledi.orders.moving.writing import write
from sledi.orders.refusals import NotYours, Packing
from sledi.parcels.models import Haul, Parcel

MADE_OF_AN_ORDER = frozenset({"parcel", "case"})
"""Levels whose entities a move makes of an order; hauls and tracks are made alone."""
MADE, LOADED, UNLOADED = "made", "loaded", "unloaded"
LINES = "lines"
"""Where an order keeps what was ordered, when its profile has no level of items."""
ITEMS_MAX = 500
"""Lines of one order."""
NUMBER_DRAWS = 3
"""How often a short number is drawn again when the business has it already."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a new order. Amounts are minor units of the order's currency."""

    name: str
    quantity: int = 1
    unit_price_minor: int = 0
    fee_minor: int = 0  # for all pieces
    category: str = ""
    country: str = ""
    weight_g: int | None = None
    processing_days: int | None = None
    processing_days_min: int | None = None
    product_code: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)
    flags: Sequence[str] = ()


def create_order(
    access: Access, lines: Sequence[Line], *, at: datetime, cause: str, currency: str = "", **facts: Any
) -> Order:
    """Place an order with its items, in the initial states of the business's profile.

    ``facts`` are columns of Order. Who acts for himself (buyer, reseller, seller) orders as himself. Raises Refused
    (wrong_role; wrong_field for the lines).
    """
    workflow = access.business.workflow
    state, act = _beginning(workflow, access.role)
    _check(lines)
    if access.role in (roles.BUYER, roles.RESELLER, roles.SELLER):
        facts[f"{access.role}_id"] = access.person_id
    # The order leaves with its slowest item, and not before each of them can be ready.
    days: list[tuple[int | None, int | None]] = [(facts.pop("processing_days", None), None)]
    days += [(line.processing_days, line.processing_days_min) for line in lines]
    longest = [most for most, _least in days if most is not None]
    shortest = [least or most for most, least in days if most is not None]
    order = Order(
        business=access.business,
        profile=workflow.profile,
        profile_version=workflow.version,
        currency=currency or access.business.currency,
        goods_minor=sum(line.unit_price_minor * line.quantity for line in lines),
        fee_minor=sum(line.fee_minor for line in lines),
        placed_at=facts.pop("placed_at", at),
        processing_days=max(longest, default=None),
        processing_days_min=max(shortest) if any(least for _most, least in days) else None,
        state=state,
        state_since=at,
        changed_at=at,
        **facts,
    )
    if "item" not in workflow.levels:
        # Nothing of it moves alone, but whoever buys or packs it has to know what it is.
        order.fields = {
            **order.fields,
            LINES: [{"name": one.name, "quantity": one.quantity} for one in lines],
        }
    for draw in range(1, NUMBER_DRAWS + 1):
        try:
            with transaction.atomic():
                _store_order(access, order, lines, workflow, act, at, cause)
            break
        except IntegrityError as problem:
            if "order_number_once_per_business" not in str(problem) or draw == NUMBER_DRAWS:
                raise
            order.number = Order._meta.get_field("number").get_default()
    return order


def _store_order(
    access: Access,
    order: Order,
    lines: Sequence[Line],
    workflow: Workflow,
    act: str,
    at: datetime,
    cause: str,
) -> None:
    motion = Motion(Scene(access.business), at, cause)
    motion.begin(order)
    for position, line in enumerate(lines, start=1):
        if "item" in workflow.levels:
            motion.begin(_item(order, position, line, workflow.initial("item"), at))
    after = {"goods": order.goods_minor, "fee": order.fee_minor, "shipping": order.shipping_minor}
    motion.tell(
        order, act, access.actor, "", after={**after, "currency": order.currency, "lines": len(lines)}
    )
    motion.follow()
    write(motion)


def _beginning(workflow: Workflow, role: str) -> tuple[str, str]:
    """The state an order begins in, and by which move. Raises Refused (wrong_role)."""
    making = [one for one in workflow.transitions("order").values() if one.creates]
    if not making:
        if role in (roles.END_BUYER, roles.VISITOR):
            raise Refused("wrong_role", words=words("wrong_role"))
        return workflow.initial("order"), MADE
    for transition in making:
        if role in transition.roles:
            return transition.target or workflow.initial("order"), transition.name
    raise Refused("wrong_role", words=words("wrong_role"))


def may_place(workflow: Workflow, role: str) -> bool:
    """Whether this role may place orders."""
    try:
        _beginning(workflow, role)
    except Refused:
        return False
    return True


def _check(lines: Sequence[Line]) -> None:
    worst = max((line.quantity for line in lines), default=1)
    if len(lines) > ITEMS_MAX or worst > 1_000_000:
        said = words("wrong_field.too_large", field="lines", limit=str(ITEMS_MAX))
        raise Refused("wrong_field", field="lines", problem="too_large", words=said)
    if any(line.quantity < 1 or line.unit_price_minor < 0 or line.fee_minor < 0 for line in lines):
        said = words("wrong_field.too_small", field="lines", limit="1")
        raise Refused("wrong_field", field="lines", problem="too_small", words=said)


def _item(order: Order, position: int, line: Line, state: str, at: datetime) -> Item:
    return Item(
        business_id=order.business_id,
        order=order,
        line=position,
        number=str(position),
        name=line.name,
        quantity=line.quantity,
        unit_price_minor=line.unit_price_minor,
        fee_minor=line.fee_minor,
        agreed_price_minor=line.unit_price_minor * line.quantity,
        category=line.category,
        country=line.country,
        weight_g=line.weight_g,
        processing_days=line.processing_days,
        processing_days_min=line.processing_days_min,
        product_code=line.product_code,
        fields=dict(line.fields),
        flags=list(line.flags),
        state=state,
        state_since=at,
        changed_at=at,
    )


# --- what an order gets ---------------------------------------------------------------------------------------


def make(
    motion: Motion,
    access: Access,
    order: Subject,
    level: str,
    transition: Transition,
    supplied: Mapping[str, Any],
) -> Subject:
    """Make a parcel or case of an order by the move that does so.

    Raises Refused; NotYours for what is made alone (a haul); Packing when the order has as many parcels as the profile
    allows, naming who made the last one.
    """
    if not isinstance(order, Order) or level not in MADE_OF_AN_ORDER:
        raise NotYours
    workflow = workflow_of(motion.scene, order)
    if level == "parcel" and access.role in transition.roles:
        _say_who_packs(motion, order, workflow.levels["parcel"].max_per_order)
    decision = decide(
        workflow,
        level,
        transition.name,
        state="",
        role=access.role,
        supplied=supplied,
        context=motion.around(order),
    )
    made = (
        new_parcel(motion, order, decision.target)
        if level == "parcel"
        else _case(motion, order, decision.target)
    )
    motion.create(made, decision, access.actor, access.role)
    return made


def _case(motion: Motion, order: Order, state: str) -> Case:
    motion.note_change(order)
    return Case(
        business=motion.scene.business,
        order=order,
        state=state,
        state_since=motion.at,
        changed_at=motion.at,
        opened_at=motion.at,
    )


def _say_who_packs(motion: Motion, order: Order, most: int) -> None:
    parcels = motion.scene.parcels_of[order.pk]
    if not most or len(parcels) < most:
        return
    told = Record.objects.filter(business_id=order.business_id, subject_id__in=parcels, from_state="")
    first = told.order_by("-sequence").first()
    raise Packing(first.actor_name if first else "", first.at if first else motion.at)


# --- containers of orders -------------------------------------------------------------------------------------


def create_container(
    access: Access,
    level: str,
    supplied: Mapping[str, Any] | None = None,
    *,
    at: datetime,
    cause: str,
    name: str = "",
    fields: Mapping[str, Any] | None = None,
) -> Parcel | Haul:
    """Make a haul, a parcel for orders, or a track, empty, in its initial state.

    Where the profile has moves that make it, ``name`` is one of them and decides; else staff may. Raises Refused.
    """
    workflow = access.business.workflow
    decision = _making(access, workflow, level, name, supplied or {}, at)
    facts: dict[str, Any] = {
        "business": access.business,
        "profile": workflow.profile,
        "profile_version": workflow.version,
        "state": decision.target if decision else workflow.initial(level),
        "state_since": at,
        "changed_at": at,
        "created_at": at,
    }
    made: Parcel | Haul = Haul(**facts) if level == "haul" else Parcel(level=level, **facts)
    if isinstance(made, Parcel) and access.role not in roles.STAFF:
        made.watcher_id = access.person_id
    with transaction.atomic():
        motion = Motion(Scene(access.business), at, cause)
        motion.supply(made, fields or {})
        if decision is not None:
            motion.create(made, decision, access.actor, access.role)
        else:
            motion.begin(made)
            motion.tell(made, MADE, access.actor, "")
        motion.follow()
        write(motion)
    return made


def _making(
    access: Access, workflow: Workflow, level: str, name: str, supplied: Mapping[str, Any], at: datetime
) -> Decision | None:
    """What the move says that makes it; None where staff makes it without one. Raises Refused."""
    if not name:
        if not _may_make(access.role) or (access.role != "system" and _is_made_by_moves(workflow, level)):
            raise Refused("wrong_role", words=words("wrong_role"))
        return None
    context = {
        "orders": [],
        "settings": access.business.settings,
        "now": int(at.timestamp()),
        "account": {"available": 0, "held": 0, "currency": access.business.currency},
    }
    return decide(workflow, level, name, state="", role=access.role, supplied=supplied, context=context)


def _is_made_by_moves(workflow: Workflow, level: str) -> bool:
    return any(one.creates for one in workflow.transitions(level).values())


def _may_make(role: str) -> bool:
    return role not in (roles.BUYER, roles.RESELLER, roles.SELLER, roles.END_BUYER, roles.VISITOR)


def load(
    access: Access, level: str, container_id: UUID, order_ids: Sequence[UUID], *, at: datetime, cause: str
) -> int:
    """Put orders into a parcel or onto a haul; how many were not in it before. Staff alone.

    Raises NotYours when the container or one of the orders is not there, Refused when the container is closed,
    Packing when an order lies in as many parcels as its profile allows.
    """
    with transaction.atomic():
        scene = open_container_and_orders(access, level, container_id, order_ids)
        container = _open_container(access, scene, level, container_id)
        if set(order_ids) - scene.locked:
            raise NotYours
        fresh = [pk for pk in dict.fromkeys(order_ids) if pk not in scene.orders_in[container_id]]
        motion = Motion(scene, at, cause)
        for pk in fresh:
            order = scene.orders[pk]
            if isinstance(container, Parcel):
                _say_who_packs(motion, order, workflow_of(scene, order).levels[level].max_per_order)
            target = {"haul": container} if isinstance(container, Haul) else {"parcel": container}
            motion.new.append(
                Loading(id=uuid7(), business=access.business, order=order, loaded_at=at, **target)
            )
            scene.link(pk, container)
            motion.note_change(order)
            motion.tell(order, LOADED, access.actor, order.state, after={level: container.number})
        if fresh:
            motion.touch(container)
            motion.tell(container, LOADED, access.actor, container.state, after={"orders": len(fresh)})
            motion.follow()
            write(motion)
    return len(fresh)


def unload(
    access: Access, level: str, container_id: UUID, order_ids: Sequence[UUID], *, at: datetime, cause: str
) -> int:
    """Take orders out again, for example those that a scan against the manifest did not find; how many."""
    with transaction.atomic():
        scene = open_container_and_orders(access, level, container_id, order_ids)
        container = _open_container(access, scene, level, container_id)
        gone = [pk for pk in dict.fromkeys(order_ids) if pk in scene.orders_in[container_id]]
        motion = Motion(scene, at, cause)
        column = "haul" if isinstance(container, Haul) else "parcel"
        Loading.objects.filter(business=access.business, order__in=gone, **{column: container}).delete()
        for pk in gone:
            scene.orders_in[container_id].discard(pk)
            scene.parcels_of[pk].discard(container_id)
            motion.note_change(scene.orders[pk])
            motion.tell(
                scene.orders[pk],
                UNLOADED,
                access.actor,
                scene.orders[pk].state,
                after={level: container.number},
            )
        if gone:
            motion.touch(container)
            motion.tell(container, UNLOADED, access.actor, container.state, after={"orders": len(gone)})
            motion.follow()
            write(motion)
    return len(gone)


def _open_container(access: Access, scene: Scene, level: str, container_id: UUID) -> Parcel | Haul:
    container = scene.subjects.get(container_id)
    if not isinstance(container, Parcel | Haul) or level_of(container) != level or not _may_make(access.role):
        raise NotYours
    if workflow_of(scene, container).levels[level].holds != "order":
        raise NotYours
    if workflow_of(scene, container).is_final(level, container.state):
        raise Refused("wrong_state", words=words("wrong_state"))
    return container
