"""The ledger's effects: how money follows an order and its items, whichever profile moves them.

Money of an order comes from its *payer*: the reseller's or buyer's account. A buyer without an account pays onto one
that bears the order's own id. An order is debited item by item, and for what is left (shipping) as itself, so that
one item can be given back alone. What was taken and not given back stands on the row, too, written in the same
transaction, so that rules and lists read it without asking the ledger.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from django.db.models import F

from sledi.accounts.models import Business
from sledi.core import money
from sledi.core.money import Money
from sledi.history import Actor
from sledi.ledger import charts
from sledi.ledger.charts import Ref
from sledi.ledger.models import Account, Charge
from sledi.ledger.operations import charges, debits, holds, sales
from sledi.ledger.operations.posting import Leg, money_of, post
from sledi.orders.models import Item, Order
from sledi.orders.scene import level_of, workflow_of

if TYPE_CHECKING:
    from sledi.orders.motion import Motion, Step

SYSTEM = Actor("system", role="system")
COMMISSION = "commission_per_mille"
"""The setting of a profile that says what the platform keeps of a sale's goods."""


def account(business: Business, order: Order) -> dict[str, Any]:
    """What an order's payer has, in minor units of the order's currency: available and held. One query."""
    available = Ref(charts.CUSTOMER_BALANCE, payer_id(order), order.currency)
    held = Ref(charts.CUSTOMER_HELD, payer_id(order), order.currency)
    rows = Account.objects.filter(business=business, name__in=[available.name, held.name])
    found = {
        name: money_of(balance, order.currency).minor for name, balance in rows.values_list("name", "balance")
    }
    return {
        "available": found.get(available.name, 0),
        "held": found.get(held.name, 0),
        "currency": order.currency,
    }


def payer_id(order: Order) -> UUID:
    """Whose account an order is paid from; a buyer without an account pays onto the order's own."""
    found: UUID = order.reseller_id or order.buyer_id or order.pk
    return found


# --- taking and giving back -----------------------------------------------------------------------------------


def debit(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Take from the payer what the subject costs and was not taken yet. Raises NotEnough."""
    order = _order(step)
    legs: list[Leg] = []
    for owner in _owners(step):
        goods, fee = _due(step, order, owner)
        if goods + fee > 0:
            subject = (level_of(owner), owner.pk)
            amounts = Money(goods, order.currency), Money(fee, order.currency)
            legs += debits.debit_legs(payer_id(order), *amounts, subject, _called(owner))
            owner.debited_goods_minor += goods
            owner.debited_fee_minor += fee
            charges.debited(step.motion.scene.business, *subject, Money(goods + fee, order.currency))
            _keep(step, owner)
    if legs:
        post(step.motion.scene.business, kind="debit", legs=legs, **_facts(step, index, order))
        step.motion.forget_accounts()


def capture(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Take what was reserved in the payer's account, or what his payment brought. Raises NotEnough."""
    order = _order(step)
    if order.held_minor and order.seller_id is None:
        _free(step, index, order)
    debit(step, index, {})


def refund_full(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Give back everything that was taken or held for the subject and not given back before."""
    order = _order(step)
    if order.held_minor and isinstance(step.subject, Item) is False:
        if order.seller_id is None:
            _free(step, index, order)
        else:
            _unsell(step, index, order, order.held_minor)
    _give_back(step, index, order, debits.WHOLE)


def refund(step: "Step", index: int, parameters: Mapping[str, Any]) -> None:
    """Give back ``share`` per mille of what was taken."""
    order, share = _order(step), parameters["share"]
    if not share:
        return
    if order.held_minor and order.seller_id is not None:
        _unsell(step, index, order, money.share(order.held_minor, share))
    else:
        _give_back(step, index, order, share)


def divide(motion: "Motion", item: Item, parted: Item) -> None:
    """Part of an item's pieces became a row of their own: the money taken for them stands with them."""
    weights = [parted.quantity, item.quantity]
    goods, goods_left = money.split(item.debited_goods_minor, weights)
    fee, fee_left = money.split(item.debited_fee_minor, weights)
    if not goods and not fee:
        return
    order, business = motion.scene.orders[item.order_id], motion.scene.business
    amounts = Money(goods, order.currency), Money(fee, order.currency)
    taken = debits.debit_legs(payer_id(order), *amounts, ("item", parted.pk), item.name)
    given = [
        Leg(leg.account, -leg.money, "item", item.pk, leg.words_key, item.name)
        for leg in debits.debit_legs(payer_id(order), *amounts, ("item", item.pk), item.name)
    ]
    post(
        business,
        key=f"{parted.pk}:divide",
        kind="divide",
        legs=[*given, *taken],
        actor=SYSTEM,
        created_at=motion.at,
        reference=order.number,
    )
    whole = Charge.objects.filter(business=business, subject_level="item", subject_id=item.pk)
    whole.filter(currency=order.currency).update(debited=F("debited") - (amounts[0] + amounts[1]).decimal)
    charges.debited(business, "item", parted.pk, Money(goods + fee, order.currency))
    item.debited_goods_minor, item.debited_fee_minor = goods_left, fee_left
    parted.debited_goods_minor, parted.debited_fee_minor = goods, fee
    motion.forget_accounts()


def _give_back(step: "Step", index: int, order: Order, per_mille: int) -> None:
    for owner in _owners(step, also_final=True):
        goods, fee = owner.debited_goods_minor, owner.debited_fee_minor
        if not goods and not fee:
            continue
        if per_mille != debits.WHOLE:
            goods, fee = money.share(goods, per_mille), money.share(fee, per_mille)
        facts = _facts(step, index, order)
        facts["key"] += f":{owner.pk}"
        debits.refund_debit(
            step.motion.scene.business,
            subject_id=owner.pk,
            subject_level=level_of(owner),
            per_mille=per_mille,
            **facts,
        )
        owner.debited_goods_minor -= goods
        owner.debited_fee_minor -= fee
        order.refunded_minor += goods + fee
        _keep(step, owner)
        step.motion.touch_root(order)
    step.motion.forget_accounts()


def _owners(step: "Step", *, also_final: bool = False) -> list[Order | Item]:
    """The rows whose price it is: the item that moved; of an order its items that still go on, and itself."""
    if isinstance(step.subject, Item):
        return [step.subject]
    order, scene = _order(step), step.motion.scene
    items = [
        item
        for item in scene.items[order.pk]
        if also_final or not workflow_of(scene, item).is_final("item", item.state)
    ]
    return [*items, order]


def _due(step: "Step", order: Order, owner: Order | Item) -> tuple[int, int]:
    """What a row costs and was not taken yet: goods and fee. Of an order with items, what stands at none of them."""
    if isinstance(owner, Item):
        goods, fee = owner.agreed_price_minor, owner.fee_minor
    elif items := step.motion.scene.items[order.pk]:
        goods, fee = order.shipping_minor, max(0, order.fee_minor - sum(item.fee_minor for item in items))
    else:
        goods, fee = order.goods_minor + order.shipping_minor, order.fee_minor
    return max(0, goods - owner.debited_goods_minor), max(0, fee - owner.debited_fee_minor)


# --- holding and selling --------------------------------------------------------------------------------------


def hold(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Reserve an order's price: with the seller where somebody sells it, else in the payer's own account.

    The platform's commission is taken at once. Of a sale paid at the door only the commission is the platform's to
    take: the seller has the money. Raises NotEnough.
    """
    order, business = _order(step), step.motion.scene.business
    if order.held_minor or not order.total_minor:
        return
    step.motion.touch_root(order)
    facts = _facts(step, index, order)
    total = Money(order.total_minor, order.currency)
    if order.seller_id is None:
        holds.hold(business, customer_id=payer_id(order), money=total, subject_id=order.pk, **facts)
        order.held_minor = order.total_minor
    else:
        settings = step.workflow.settings_with(business.settings)
        order.commission_minor = money.share(order.goods_minor, int(settings.get(COMMISSION, 0)))
        _sell(order, business, facts)
    step.motion.forget_accounts()


def _sell(order: Order, business: Business, facts: "_Facts") -> None:
    assert order.seller_id is not None
    commission = Money(order.commission_minor, order.currency)
    if order.is_cash_on_delivery:
        if commission.minor:
            sales.owe_commission(
                business, seller_id=order.seller_id, commission=commission, subject_id=order.pk, **facts
            )
        return
    sales.hold_sale(
        business,
        seller_id=order.seller_id,
        goods=Money(order.goods_minor + order.fee_minor, order.currency),
        shipping=Money(order.shipping_minor, order.currency),
        commission=commission,
        subject_id=order.pk,
        source=Ref(charts.CUSTOMER_BALANCE, payer_id(order), order.currency),
        **facts,
    )
    order.held_minor = order.total_minor


def release(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """What was held for the seller becomes his; what was reserved for nobody goes back to the payer."""
    order = _order(step)
    if not order.held_minor or order.is_released:
        return
    if order.seller_id is None:
        _free(step, index, order)
        return
    step.motion.touch_root(order)
    sales.release(step.motion.scene.business, subject_id=order.pk, **_facts(step, index, order))
    order.is_released = True


def _free(step: "Step", index: int, order: Order) -> None:
    """End a reservation in the payer's own account."""
    facts = _facts(step, index, order)
    facts["key"] += ":free"
    step.motion.touch_root(order)
    holds.void_hold(step.motion.scene.business, subject_id=order.pk, **facts)
    order.held_minor = 0
    step.motion.forget_accounts()


def _unsell(step: "Step", index: int, order: Order, gross: int) -> None:
    """Take a sale back, or a part of it, from the seller; the commission comes back with it."""
    facts = _facts(step, index, order)
    facts["key"] += ":unsell"
    whole = gross == order.held_minor
    sales.refund_sale(
        step.motion.scene.business,
        subject_id=order.pk,
        money=None if whole else Money(gross, order.currency),
        **facts,
    )
    step.motion.touch_root(order)
    order.commission_minor -= order.commission_minor * gross // order.held_minor
    order.held_minor -= gross
    order.refunded_minor += gross


class _Facts(TypedDict):
    key: str
    actor: Actor
    created_at: datetime
    reference: str


def _facts(step: "Step", index: int, order: Order) -> _Facts:
    return {
        "key": step.key(index),
        "actor": step.actor,
        "created_at": step.motion.at,
        "reference": order.number,
    }


def _order(step: "Step") -> Order:
    order = step.motion.scene.order_of(step.subject)
    assert order is not None, "the ledger's effects belong to orders and to what is in them"
    return order


def _called(owner: Order | Item) -> str:
    return owner.name if isinstance(owner, Item) else ""


def _keep(step: "Step", owner: Order | Item) -> None:
    """The row's own columns changed with the money."""
    if isinstance(owner, Order):
        step.motion.touch_root(owner)
    elif owner.pk not in step.motion.changed:
        step.motion.touch(owner)
