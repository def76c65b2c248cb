"""What stands beside an order's amounts for whoever pays it, or is asked about it: the account, and the way to pay."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sledi.accounts.access import Access
from sledi.accounts.models import Person
from sledi.core.money import Money
from sledi.ledger.queries import returns
from sledi.orders.models import Order
from sledi.orders.money import accounts, checkouts
from sledi.orders.showing import amount


@dataclass(frozen=True, slots=True)
class Box:
    """What stands beside an order's amounts: what its payer has, and how he pays. Empty parts are left out."""

    pay: str = ""  # the address of the button
    due: str = ""
    is_doubtful: bool = False
    owner: str = ""  # of the account, for those who read the accounts of others
    balance: str = ""
    held: str = ""
    account: str = ""
    can_top_up: bool = False
    refunds: tuple[tuple[str, str], ...] = ()  # what became of money given back, and how much


def box_of(access: Access, order: Order) -> Box | None:
    """The box of an order for this reader; None when its money is not his affair."""
    business, payer_id = access.business, checkouts.payer_of(order)
    is_payer = access.role in accounts.OWN and payer_id == access.person_id
    if not is_payer and (access.role not in accounts.LOOK or payer_id is None):
        return None
    kept = accounts.is_kept(business)
    found = accounts.balances(business, payer_id) if payer_id else []
    has = next((one for one in found if one.available.currency == order.currency), None)
    shown = has if has and (kept or has.available.minor or has.held.minor) else None
    pays = is_payer and accounts.can_pay() and checkouts.is_payable(access, order)
    slug = business.slug
    address = (
        reverse("orders:account", args=[slug])
        if is_payer
        else reverse("orders:person-account", args=[slug, payer_id])
    )
    owner = None if is_payer or payer_id is None else Person.objects.filter(pk=payer_id).first()
    box = Box(
        pay=reverse("orders:payment", args=[slug, order.number]) if pays else "",
        due=_amount(Money(order.total_minor - order.paid_minor, order.currency)) if pays else "",
        is_doubtful=is_payer and checkouts.is_doubtful(order),
        owner=(owner.name or owner.email) if owner else "",
        balance=_amount(shown.available) if shown else "",
        held=_amount(shown.held) if shown and shown.held.minor else "",
        account=address,
        can_top_up=is_payer and kept and accounts.can_pay(),
        refunds=tuple(_refunds(order)) if order.refunded_minor else (),
    )
    return box if box.pay or box.balance or box.is_doubtful or box.refunds else None


def _refunds(order: Order) -> Iterator[tuple[str, str]]:
    """Of what was given back, what is still on its way to the buyer and what has come to him."""
    open_ones = returns(order.business, [order.pk], is_open=True)
    due = sum(row.due.minor for row in open_ones if row.due.currency == order.currency)
    if due:
        yield _("Goes back by the means of payment"), _amount(Money(due, order.currency))
    if order.refunded_minor > due:
        yield _("Returned"), _amount(Money(order.refunded_minor - due, order.currency))


def _amount(money: Money) -> str:
    return amount(money, get_language() or "en")
