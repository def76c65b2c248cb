"""What sellers and the platform read of payouts: the next run, what waits and why, and each payout line by line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sledi.accounts import roles
from sledi.accounts.access import Access
from sledi.accounts.models import Business, Person
from sledi.core import clock
from sledi.core.money import Money
from sledi.core.workflow import Possible, State, Workflow, possible_actions
from sledi.ledger.charts import IN_TRANSIT, SELLER_AVAILABLE, SELLER_PENDING
from sledi.ledger.models import Account, BankAccount, Payout, PayoutLine
from sledi.ledger.operations.bank_accounts import bank_accounts
from sledi.ledger.operations.posting import money_of
from sledi.ledger.payout_calendar import NoSchedule, Run, last_run, run_of
from sledi.orders.models import Order
from sledi.orders.money import payouts
from sledi.orders.refusals import NotYours

RUN = frozenset({roles.OWNER, roles.PLATFORM})
"""Who sees every seller's payouts, and may have the run made at once."""
SEE = RUN | {roles.SELLER}
"""Who sees payouts at all; a seller his own."""
PAGE_SIZE = 30
HOLD_SETTING, HOLD_DAYS = "account_hold_days", 3
"""The setting of a profile that says how long a changed bank account waits, and what counts without it."""

NO_ACCOUNT, NEW_ACCOUNT, OWES = "no_account", "new_account", "owes"
"""Why a seller is not in the next run."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a seller has in a currency, and why it would not be paid (empty when it would)."""

    seller: Person
    pending: Money
    available: Money
    in_transit: Money
    bank_account: BankAccount | None
    held_because: str


@dataclass(frozen=True, slots=True)
class Told:
    """A payout with the state that its profile gives it."""

    payout: Payout
    seller: Person
    state: State
    money: Money
    orders: int


@dataclass(frozen=True, slots=True)
class Board:
    """The page of payouts. ``next_run`` is None where no schedule is in force."""

    next_run: Run | None
    sellers: Sequence[Waiting]
    payouts: Sequence[Told]
    next_before: str
    workflow: Workflow


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a statement: goods, shipping, commission, refunds, returned, corrections."""

    kind: str
    money: Money


@dataclass(frozen=True, slots=True)
class OfOrder:
    """What a payout pays for one order; of none for a correction. ``number`` is empty for a line without order."""

    number: str
    parts: Sequence[Part]
    net: Money


@dataclass(frozen=True, slots=True)
class Statement:
    """One payout: what it consists of, in all and order by order."""

    told: Told
    parts: Sequence[Part]
    orders: Sequence[OfOrder]
    moves: Sequence[Possible]
    workflow: Workflow


def board(access: Access, at: datetime, *, before: str = "", size: int = PAGE_SIZE) -> Board:
    """The payouts this access may see, newest first, and what waits. Raises NotYours where there are none to see."""
    workflow, seller_id = _seen(access)
    rows = Payout.objects.filter(business=access.business).order_by("-created_at", "-pk")
    rows = rows.filter(seller_id=seller_id) if seller_id else rows
    if before:
        rows = rows.filter(created_at__lt=_moment(before))
    found = list(rows.select_related("bank_account")[: size + 1])
    more = found[size - 1].created_at.astimezone(UTC).isoformat() if len(found) > size else ""
    return Board(
        next_run(access.business, at),
        list(_sellers(access.business, seller_id, at)),
        list(_told(access.business, workflow, found[:size])),
        more,
        workflow,
    )


def statement(access: Access, payout_id: UUID) -> Statement:
    """One payout of this seller, or of any for the platform. Raises NotYours."""
    workflow, seller_id = _seen(access)
    rows = Payout.objects.filter(business=access.business, pk=payout_id).select_related("bank_account")
    payout = (rows.filter(seller_id=seller_id) if seller_id else rows).first()
    if payout is None:
        raise NotYours
    (told,) = _told(access.business, workflow, [payout])
    of_orders = list(_of_orders(payout))
    every = [part for one in of_orders for part in one.parts]
    moves = possible_actions(workflow, payouts.LEVEL, told.state.key, access.role)
    return Statement(told, _summed(every, payout.currency), of_orders, moves, workflow)


def next_run(business: Business, at: datetime) -> Run | None:
    """The run whose day of payment comes next. Raises NoCalendar."""
    today = at.astimezone(clock.zone_of(business.country)).date()
    try:
        newest = last_run(today, business.country)
        return run_of(newest.last + timedelta(days=1), business.country)
    except NoSchedule:
        return None


def hold_of(business: Business) -> timedelta:
    """How long nothing is paid to a bank account that was changed."""
    workflow = business.workflow
    days = workflow.settings_with(business.settings).get(HOLD_SETTING, HOLD_DAYS)
    return timedelta(days=int(days))


def _seen(access: Access) -> tuple[Workflow, UUID | None]:
    """The workflow, and whose payouts are seen: None stands for everybody's."""
    workflow = access.business.workflow
    if payouts.LEVEL not in workflow.levels:
        raise NotYours
    if access.role in RUN:
        return workflow, None
    if access.role == roles.SELLER and access.person_id is not None:
        return workflow, access.person_id
    raise NotYours


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise NotYours from None
    if found.tzinfo is None:
        raise NotYours
    return found


def _sellers(business: Business, only: UUID | None, at: datetime) -> Iterable[Waiting]:
    """Each seller with what he has; who has nothing yet, too, when it is he who asks. Four queries."""
    accounts = Account.objects.filter(business=business, kind__in=_OF_SELLERS)
    accounts = accounts.filter(owner_id=only) if only else accounts
    has: dict[tuple[UUID, str], dict[str, Money]] = defaultdict(dict)
    for row in accounts:
        if row.owner_id is not None:
            has[row.owner_id, row.currency][row.kind] = money_of(row.balance, row.currency)
    if only and not has:
        has[only, business.currency] = {}
    people = Person.objects.in_bulk({seller_id for seller_id, _ in has})
    known = bank_accounts(business, list(people))
    ordered = sorted(has, key=lambda key: (people[key[0]].name if key[0] in people else "", key[1]))
    for seller_id, currency in ordered:
        if seller_id not in people:
            continue
        pending, available, in_transit = (
            has[seller_id, currency].get(kind, Money(0, currency)) for kind in _OF_SELLERS
        )
        bank_account = known.get(seller_id)
        reason = _reason(available, bank_account, at)
        if only or pending.minor or available.minor or in_transit.minor:
            yield Waiting(people[seller_id], pending, available, in_transit, bank_account, reason)


def _reason(available: Money, bank_account: BankAccount | None, at: datetime) -> str:
    if available.minor < 0:
        return OWES
    if bank_account is None:
        return NO_ACCOUNT
    return NEW_ACCOUNT if payouts.is_held(bank_account, at) else ""


def _told(business: Business, workflow: Workflow, rows: Sequence[Payout]) -> Iterable[Told]:
    people = Person.objects.in_bulk({row.seller_id for row in rows})
    lines = PayoutLine.objects.filter(payout__in=rows, subject_level="order")
    orders: dict[UUID, set[UUID]] = defaultdict(set)
    for payout_id, order_id in lines.values_list("payout_id", "subject_id"):
        if order_id is not None:
            orders[payout_id].add(order_id)
    for row in rows:
        state = workflow.states(payouts.LEVEL)[payouts.state_of(workflow, row)]
        seller = people.get(row.seller_id) or Person(pk=row.seller_id)
        yield Told(row, seller, state, money_of(row.total, row.currency), len(orders[row.pk]))


def _of_orders(payout: Payout) -> Iterable[OfOrder]:
    """The lines of a payout, by order, in the order of the ledger."""
    lines = PayoutLine.objects.filter(payout=payout).order_by("entry__account_version")
    rows = list(lines.values_list("subject_level", "subject_id", "words_key", "amount"))
    numbers = dict(
        Order.objects.filter(
            business=payout.business_id, pk__in={pk for level, pk, *_ in rows if level == "order" and pk}
        ).values_list("pk", "number")
    )
    grouped: dict[str, list[Part]] = defaultdict(list)
    for _level, subject_id, words_key, amount in rows:
        number = numbers.get(subject_id, "") if subject_id else ""
        grouped[number].append(Part(_kind(words_key), money_of(amount, payout.currency)))
    for number, parts in grouped.items():
        yield OfOrder(number, _summed(parts, payout.currency), _sum(parts, payout.currency))


def _kind(words_key: str) -> str:
    if words_key in ("sale.goods", "sale.shipping"):
        return words_key.removeprefix("sale.")
    if words_key in ("sale.commission", "owed.commission"):
        return "commission"
    if words_key.startswith(("sale_refund.", "owed_refund.")):
        return "refunds"
    return "returned" if words_key == "payout.returned" else "corrections"


def _summed(parts: Sequence[Part], currency: str) -> list[Part]:
    """One line of each kind that there is."""
    return [
        Part(kind, _sum(same, currency))
        for kind in KINDS
        if (same := [one for one in parts if one.kind == kind])
    ]


def _sum(parts: Sequence[Part], currency: str) -> Money:
    return Money(sum(part.money.minor for part in parts), currency)


KINDS = ("goods", "shipping", "commission", "refunds", "returned", "corrections")
"""The lines of a statement, in their order."""
_OF_SELLERS = (SELLER_PENDING, SELLER_AVAILABLE, IN_TRANSIT)
