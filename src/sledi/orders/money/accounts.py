"""A person's account in a business: what is on it, every line it came from, and putting money onto it.

Everybody reads his own. Of the staff, those whom buyers and resellers turn to with questions read anybody's; for
all others there is no such account.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business, Membership, Person
from sledi.core import money
from sledi.core.money import Money, WrongAmount
from sledi.ledger import queries as ledger
from sledi.ledger.charts import CUSTOMER_BALANCE, CUSTOMER_HELD, Ref
from sledi.ledger.models import Account
from sledi.orders.models import Checkout, Item, Order
from sledi.orders.money import checkouts, payment_provider
from sledi.orders.money.checkouts import NotPayable
from sledi.orders.refusals import NotYours

OWN = frozenset({roles.BUYER, roles.RESELLER})
"""Who has an account."""
LOOK = frozenset({roles.OWNER, roles.PLATFORM, roles.SUPERVISOR, roles.SUPPORT})
"""Who of the staff reads the accounts of others."""
DEBIT = "ledger.debit"
"""The effect of profiles whose customers pay from an account."""
PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Balance:
    """What somebody has in a currency: to be spent, and set apart."""

    available: Money
    held: Money


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of a statement with the order it leads to; ``item_id`` is None when it is the order's own."""

    line: ledger.Line
    order_number: str
    item_id: UUID | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A page of an account, newest first. ``next_before`` asks for the page behind it."""

    owner: Person
    currency: str
    balances: Sequence[Balance]
    parts: Sequence[ledger.Part]
    entries: Sequence[Entry]
    next_before: int | None

    @property
    def balance(self) -> Balance:
        """In the statement's currency."""
        return next(one for one in self.balances if one.available.currency == self.currency)


def owner_of(access: Access, person: str = "") -> Person:
    """Whose account it is: one's own, or the person named by id or e-mail. Raises NotYours."""
    if not person:
        if access.role not in OWN or access.person_id is None:
            raise NotYours
        return Person.objects.get(pk=access.person_id)
    found = _person(access.business, person)
    is_own = found is not None and access.role in OWN and found.pk == access.person_id
    if found is None or not (is_own or access.role in LOOK):
        raise NotYours
    return found


def _person(business: Business, text: str) -> Person | None:
    """Somebody who is, or was, a customer of the business: a stranger's name is not told."""
    try:
        found = Person.objects.filter(pk=UUID(text)).first()
    except ValueError:
        found = Person.objects.filter(email=text.strip().lower()).first() if "\0" not in text else None
    if found is None:
        return None
    is_customer = Membership.objects.filter(business=business, person=found, role__in=OWN).exists()
    has_had = Account.objects.filter(business=business, owner_id=found.pk, kind=CUSTOMER_BALANCE).exists()
    return found if is_customer or has_had else None


def balances(business: Business, owner_id: UUID) -> list[Balance]:
    """What somebody has, the business's own currency first. One query."""
    found = ledger.balances(business, owner_id)
    currencies = {ref.currency for ref in found if ref.kind in (CUSTOMER_BALANCE, CUSTOMER_HELD)}
    return [
        Balance(*(found.get(Ref(kind, owner_id, one), Money(0, one)) for kind in _KINDS))
        for one in [business.currency, *sorted(currencies - {business.currency})]
    ]


def statement(
    business: Business,
    owner: Person,
    *,
    currency: str = "",
    before: int | None = None,
    only: str = "",
    size: int = PAGE_SIZE,
) -> Statement:
    """A page of somebody's account; ``only`` the lines of one kind. Raises NotYours for a currency he never had."""
    has = balances(business, owner.pk)
    currency = currency or business.currency
    if currency not in {one.available.currency for one in has}:
        raise NotYours
    ref = Ref(CUSTOMER_BALANCE, owner.pk, currency)
    page = ledger.statement(business, ref, before=before, size=size, words_key=only)
    return Statement(
        owner,
        currency,
        has,
        ledger.parts(business, ref),
        list(_entries(business, page.lines)),
        page.next_before,
    )


def _entries(business: Business, lines: Sequence[ledger.Line]) -> Iterable[Entry]:
    """Each line with its order. Two queries, however many lines."""
    items = dict(
        Item.objects.filter(business=business, pk__in=_subjects(lines, "item")).values_list(
            "pk", "order__number"
        )
    )
    orders = dict(
        Order.objects.filter(business=business, pk__in=_subjects(lines, "order")).values_list("pk", "number")
    )
    for line in lines:
        known = line.subject_id
        yield Entry(
            line,
            items.get(known) or orders.get(known, "") if known else "",
            known if known in items else None,
        )


def _subjects(lines: Sequence[ledger.Line], level: str) -> set[UUID]:
    return {line.subject_id for line in lines if line.subject_level == level and line.subject_id}


# --- money in -------------------------------------------------------------------------------------------------


def begin_top_up(access: Access, amount: str, currency: str, at: datetime) -> Checkout:
    """A checkout that tops up one's own account. Raises NotYours, WrongAmount, NotPayable, ProviderError."""
    owner = owner_of(access)
    if not is_kept(access.business):
        raise NotPayable("nothing is paid from accounts here")
    money = amount_of(amount, currency or access.business.currency, access.business.currency)
    return checkouts.for_top_up(access.business, _provider(), owner.pk, money, at)


def begin_payment(access: Access, order: Order, at: datetime) -> Checkout:
    """The checkout for what an order of one's own still lacks. Raises NotPayable, ProviderError."""
    if not checkouts.is_payable(access, order):
        raise NotPayable("it is not to be paid, or not by you")
    return checkouts.for_order(access.business, _provider(), order.pk, at)


def amount_of(text: str, currency: str, expected: str) -> Money:
    """An amount to be paid in, in the account's own currency. Raises WrongAmount, also other_currency and zero."""
    plain = text.strip().upper()
    written = {currency.strip().upper(), *(one for one in _CODE.findall(plain) if _is_currency(one))}
    written |= {one for sign, one in _SIGNS.items() if sign in plain}
    if written != {expected}:
        raise WrongAmount("other_currency")
    found = money.parse(text, expected)
    if not found.minor:
        raise WrongAmount("zero")
    return found


def _is_currency(code: str) -> bool:
    try:
        money.exponent(code)
    except WrongAmount:
        return False
    return True


def can_pay() -> bool:
    """Whether there is somebody to pay through."""
    return bool(payment_provider.configured())


def is_kept(business: Business) -> bool:
    """Whether customers of the business pay from accounts that they fill themselves."""
    workflow = business.workflow
    return any(
        effect.name == DEBIT
        for moves in workflow.transitions_by_level.values()
        for move in moves.values()
        for effect in move.effects
    )


def _provider() -> str:
    known = payment_provider.configured()
    if not known:
        raise NotPayable("no payment provider is configured")
    return known[0]


_KINDS = (CUSTOMER_BALANCE, CUSTOMER_HELD)
_CODE = re.compile(r"\b[A-Z]{3}\b")
_SIGNS = {"€": "EUR", "$": "USD", "₽": "RUB", "₸": "KZT", "₴": "UAH", "£": "GBP"}
