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

from sledi.accounts.models import Business
from sledi.core import money
from sledi.core.money import Money
from sledi.history import Actor
from sledi.ledger import charts
from sledi.ledger.charts import Ref
from sledi.ledger.models import Account
from sledi.ledger.operations import debits, holds, refunds, returns, sales
from sledi.ledger.operations.debits import Cost
from sledi.ledger.operations.posting import lock, money_of
from sledi.orders.models import Item, Order
from sledi.orders.moving.scene import level_of, workflow_of

if TYPE_CHECKING:
    from sledi.orders.moving.motion import Motion, Step

SYSTEM = Actor("system", role="system")
COMMISSION = "commission_per_mille"
"""The setting of a profile that says what the platform keeps of a sale's goods."""
REFUND_MEANS, ORIGINAL, BALANCE = "refund_means", "original", "balance"
"""The setting of a profile that says how buyers get their money back, and its choices."""
AGREED = "refund_to_balance"
"""The field of an order, a case or a move by which a buyer agrees to get money back to his balance."""


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
    order, business = _order(step), step.motion.scene.business
    costs: dict[Order | Item, Cost] = {}
    for owner in _owners(step):
        goods, fee = _due(step, order, owner)
        if goods + fee > 0:
            amounts = Money(goods, order.currency), Money(fee, order.currency)
            costs[owner] = Cost(level_of(owner), owner.pk, *amounts, _called(owner))
    if not costs:
        return
    if len(step.motion.scene.locked) > 1:
        _lock_all(step)
    facts = _facts(step, index, order)
    debits.debit_subjects(business, customer_id=payer_id(order), costs=list(costs.values()), **facts)
    _read_back(step, order, list(costs))


def capture(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Take what was reserved in the payer's account, or what his payment brought. Raises NotEnough."""
    order = _order(step)
    if order.held_minor and order.seller_id is None:
        _lock_all(step)
        _free(step, index, order)
    debit(step, index, {})


def refund_full(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Give back everything that was taken or held for the subject and not given back before."""
    order = _order(step)
    _lock_all(step)
    if not isinstance(step.subject, Item):  # what is held is the whole order's
        _unhold(step, index, order)
    given = _give_back(step, index, order, debits.WHOLE)
    _send_on(step, index, order, None if isinstance(step.subject, Order) else given)


def _unhold(step: "Step", index: int, order: Order) -> None:
    if order.seller_id is not None:
        _unsell(step, index, order, debits.WHOLE)
    elif order.held_minor:
        _free(step, index, order)


def refund(step: "Step", index: int, parameters: Mapping[str, Any]) -> None:
    """Give back ``share`` per mille of what was taken at first. Raises TooMuch when less than that is left."""
    order, share = _order(step), parameters["share"]
    if not share:
        return
    _lock_all(step)
    if order.seller_id is not None and not isinstance(step.subject, Item):
        _unsell(step, index, order, share)
    _send_on(step, index, order, _give_back(step, index, order, share))


def refund_shipping(step: "Step", index: int, _parameters: Mapping[str, Any]) -> None:
    """Give back what was taken for the order itself and none of its items: its shipping."""
    order = _order(step)
    _lock_all(step)
    _send_on(step, index, order, _give_back(step, index, order, debits.WHOLE, [order]))


def divide(motion: "Motion", item: Item, parted: Item) -> None:
    """Part of an item's pieces became a row of their own: the money taken for them stands with them."""
    order, business = motion.scene.orders[item.order_id], motion.scene.business
    debits.divide_subject(
        business,
        subject_id=item.pk,
        parted_id=parted.pk,
        weights=(parted.quantity, item.quantity),
        key=f"{parted.pk}:divide",
        actor=SYSTEM,
        created_at=motion.at,
        reference=order.number,
    )
    found = debits.still_debited(business, "item", [item.pk, parted.pk], order.currency)
    for row in (item, parted):
        debited = found.get(row.pk, debits.Debited())
        row.debited_goods_minor, row.debited_fee_minor = debited.goods, debited.fee
    motion.forget_accounts()


def _give_back(
    step: "Step", index: int, order: Order, per_mille: int, of: "list[Order | Item] | None" = None
) -> int:
    """Give back what was debited for the subject's rows, or for those of ``of``; how much in all."""
    owners = [owner for owner in of or _owners(step, also_final=True) if _debited(owner)]
    for owner in owners:
        facts = _facts(step, index, order)
        facts["key"] += f":{owner.pk}"
        debits.refund_debit(
            step.motion.scene.business,
            subject_id=owner.pk,
            subject_level=level_of(owner),
            per_mille=per_mille,
            **facts,
        )
    given = -_read_back(step, order, owners)
    if given:
        step.motion.touch_root(order)
        order.refunded_minor += given
    return given


def _read_back(step: "Step", order: Order, owners: "list[Order | Item]") -> int:
    """Write at the rows what the ledger says of them, and the rows' change in all.

    Not what was asked for: a share is rounded by line, and a set that was there before moved nothing.
    """
    business, change = step.motion.scene.business, 0
    for level in {level_of(owner) for owner in owners}:
        rows = [owner for owner in owners if level_of(owner) == level]
        found = debits.still_debited(business, level, [row.pk for row in rows], order.currency)
        for row in rows:
            debited = found.get(row.pk, debits.Debited())
            change += debited.goods + debited.fee - _debited(row)
            _keep(step, row)
            row.debited_goods_minor, row.debited_fee_minor = debited.goods, debited.fee
    step.motion.forget_accounts()
    return change


def _debited(owner: Order | Item) -> int:
    return owner.debited_goods_minor + owner.debited_fee_minor


def _lock_all(step: "Step") -> None:
    """A move that posts for several payers locks all their accounts first, in the order everybody does.

    Within one order the accounts of a later posting may be others than those of the first, so it counts as well.
    """
    orders = [order for pk, order in step.motion.scene.orders.items() if pk in step.motion.scene.locked]
    refs = [Ref(kind, None, order.currency) for order in orders for kind in _SHARED]
    for order in orders:
        refs += [Ref(kind, payer_id(order), order.currency) for kind in _OF_PAYERS]
        if order.seller_id is not None:
            refs += [Ref(kind, order.seller_id, order.currency) for kind in _OF_SELLERS]
    lock(step.motion.scene.business, refs)


_SHARED = (charts.GOODS, charts.FEE, charts.CLEARING)
_OF_PAYERS = (charts.CUSTOMER_BALANCE, charts.CUSTOMER_HELD)
_OF_SELLERS = (charts.SELLER_PENDING, charts.SELLER_AVAILABLE)


# --- back to the buyer ----------------------------------------------------------------------------------------


def _send_on(step: "Step", index: int, order: Order, given: int | None) -> None:
    """What was given back goes on to the buyer: by the means he paid with, or to his balance.

    By his means: it is due to him until the provider has done it (``ledger.operations.send_back``). ``given`` is
    what came back to his balance by now; None: whatever his payments for the order brought and nothing used.
    """
    business = step.motion.scene.business
    facts = _facts(step, index, order)
    facts["key"] += ":return"
    if _is_to_balance(step, order):
        if order.seller_id is not None:
            returns.send_back(business, subject_id=order.pk, is_to_balance=True, **facts)
            step.motion.forget_accounts()
        return
    left = returns.payments_left(business, "order", order.pk, order.currency).minor
    available = int(account(business, order)["available"])
    money = min(left, available, left if given is None else given)
    if money > 0:
        returns.make_due(
            business,
            customer_id=payer_id(order),
            money=Money(money, order.currency),
            subject_id=order.pk,
            **facts,
        )
        step.motion.forget_accounts()


def _is_to_balance(step: "Step", order: Order) -> bool:
    """Whether a buyer's money goes to his balance: he agreed to it, or it is the business's way of refunding.

    A buyer without an account has no balance he could use.
    """
    if payer_id(order) == order.pk:
        return False
    told = [order, *step.motion.scene.cases[order.pk]]
    if step.decision.supplied.get(AGREED) or any(subject.fields.get(AGREED) for subject in told):
        return True
    settings = step.workflow.settings_with(step.motion.scene.business.settings)
    by_itself = BALANCE if order.seller_id is None else ORIGINAL
    return bool(settings.get(REFUND_MEANS, by_itself) == BALANCE)


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


def _unsell(step: "Step", index: int, order: Order, per_mille: int) -> None:
    """Take a sale back, or a share of it, from the seller; the commission comes back with it.

    Of one paid at the door only the commission was ever ours: it is owed no more when everything goes back.
    """
    assert order.seller_id is not None
    business, facts = step.motion.scene.business, _facts(step, index, order)
    facts["key"] += ":unsell"
    pending = Ref(charts.SELLER_PENDING, order.seller_id, order.currency)
    if order.is_cash_on_delivery:
        if per_mille == debits.WHOLE and order.commission_minor:
            sales.return_commission(business, subject_id=order.pk, **facts)
            step.motion.touch_root(order)
            order.commission_minor = 0
        return
    if not order.held_minor:
        return
    refunds.refund_subject(business, subject_id=order.pk, subject_level="order", per_mille=per_mille, **facts)
    sold = sales.sold(business, order.pk, pending)
    step.motion.touch_root(order)
    order.refunded_minor += order.held_minor - sold.gross
    order.held_minor, order.commission_minor = sold.gross, sold.commission


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
