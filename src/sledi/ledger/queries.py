"""Reading the ledger: balances, statements whose every line explains itself, what was charged for what."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Min, Sum

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.history import Actor
from sledi.ledger.audit import AUDITS, Finding, audit
from sledi.ledger.charts import Ref
from sledi.ledger.models import Account, Charge, Entry
from sledi.ledger.operations.posting import money_of
from sledi.ledger.operations.returns import Due, returns

__all__ = [
    "AUDITS",
    "Charged",
    "Due",
    "Explanation",
    "Finding",
    "Line",
    "Page",
    "Part",
    "audit",
    "balance",
    "balance_at",
    "balances",
    "charged",
    "explain",
    "parts",
    "returns",
    "statement",
    "sums",
]

PAGE_SIZE = 50
PAGE_SIZE_MAX = 500


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a statement: what, for which goods, by whom, under which number, and what was left."""

    number: int  # in this account, from 1
    words_key: str
    kind: str
    money: Money
    balance_after: Money
    item: str
    subject_level: str
    subject_id: UUID | None
    reference: str
    actor: Actor
    effective_at: datetime
    created_at: datetime
    set_id: UUID


@dataclass(frozen=True, slots=True)
class Page:
    """Lines, newest first. ``next_before`` asks for the page behind it; None when this is the last."""

    lines: Sequence[Line]
    next_before: int | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """A balance with every line it came from, newest first; ``is_complete`` when they sum to it."""

    ref: Ref
    balance: Money
    lines: Sequence[Line]
    is_complete: bool


@dataclass(frozen=True, slots=True)
class Part:
    """All lines of a kind on an account, together."""

    words_key: str
    money: Money
    count: int


@dataclass(frozen=True, slots=True)
class Charged:
    """What a subject cost and what was given back."""

    debited: Money
    refunded: Money

    @property
    def state(self) -> str:
        """``charged``, ``partially_refunded`` or ``refunded``."""
        if not self.refunded.minor:
            return "charged"
        return "refunded" if self.refunded == self.debited else "partially_refunded"


def balance(business: Business, ref: Ref) -> Money:
    """What is on the account now; zero where there is none yet."""
    found = Account.objects.filter(business=business, name=ref.name).values_list("balance", flat=True).first()
    return money_of(found, ref.currency) if found is not None else Money(0, ref.currency)


def balances(business: Business, owner_id: UUID) -> dict[Ref, Money]:
    """Every account of a customer or seller."""
    found = Account.objects.filter(business=business, owner_id=owner_id).order_by("name")
    return {
        Ref(row.kind, row.owner_id, row.currency, row.provider): money_of(row.balance, row.currency)
        for row in found
    }


def balance_at(business: Business, ref: Ref, instant: datetime) -> Money:
    """What was on the account at a past moment: the sum of what had been written until then."""
    found = Entry.objects.filter(
        account__business=business, account__name=ref.name, entry_set__created_at__lte=instant
    ).aggregate(total=Sum("amount"))["total"]
    return money_of(found, ref.currency) if found is not None else Money(0, ref.currency)


def parts(business: Business, ref: Ref) -> list[Part]:
    """What made a balance, by kind of line: together they are the balance. One query."""
    found = Entry.objects.filter(account__business=business, account__name=ref.name)
    rows = (
        found.order_by().values_list("words_key").annotate(Sum("amount"), Count("pk"), Min("account_version"))
    )
    return [
        Part(words_key, money_of(total, ref.currency), count)
        for words_key, total, count, _first in sorted(rows, key=lambda row: row[3])
    ]


def statement(
    business: Business, ref: Ref, *, before: int | None = None, size: int = PAGE_SIZE, words_key: str = ""
) -> Page:
    """A page of an account's lines, newest first; one query. ``before`` is the number of the page above's last.

    With ``words_key`` the lines of this kind alone.
    """
    size = max(1, min(size, PAGE_SIZE_MAX))
    found = Entry.objects.filter(account__business=business, account__name=ref.name)
    if words_key:
        found = found.filter(words_key=words_key)
    if before is not None:
        found = found.filter(account_version__lt=before)
    rows = list(found.select_related("entry_set").order_by("-account_version")[: size + 1])
    lines = [_line(row, ref.currency) for row in rows[:size]]
    return Page(lines, lines[-1].number if len(rows) > size else None)


def explain(business: Business, ref: Ref) -> Explanation:
    """The balance, and all lines that made it."""
    lines: list[Line] = []
    before: int | None = None
    while True:
        page = statement(business, ref, before=before, size=PAGE_SIZE_MAX)
        lines += page.lines
        before = page.next_before
        if before is None:
            break
    total = sum((line.money.minor for line in lines), start=0)
    # The newest line tells the balance of the moment these lines are of.
    now = lines[0].balance_after if lines else balance(business, ref)
    return Explanation(ref, now, lines, is_complete=total == now.minor)


def charged(business: Business, level: str, subject_ids: Collection[UUID]) -> dict[tuple[UUID, str], Charged]:
    """What these subjects cost and what was given back, by subject and currency; one query."""
    found = Charge.objects.filter(business=business, subject_level=level, subject_id__in=subject_ids)
    return {
        (row.subject_id, row.currency): Charged(
            money_of(row.debited, row.currency), money_of(row.refunded, row.currency)
        )
        for row in found
    }


def sums(business: Business, level: str, subject_ids: Collection[UUID]) -> dict[UUID, Money]:
    """What these subjects still cost their customers, where it is not zero; one query.

    For the audit of those who know the states: an item that cannot be supplied must not be in here.
    """
    return {
        subject_id: Money(row.debited.minor - row.refunded.minor, currency)
        for (subject_id, currency), row in charged(business, level, subject_ids).items()
        if row.debited != row.refunded
    }


def _line(row: Entry, currency: str) -> Line:
    return Line(
        number=row.account_version,
        words_key=row.words_key,
        kind=row.entry_set.kind,
        money=money_of(row.amount, currency),
        balance_after=money_of(row.balance_after, currency),
        item=row.item,
        subject_level=row.subject_level,
        subject_id=row.subject_id,
        reference=row.entry_set.reference,
        actor=row.entry_set.actor,
        effective_at=row.entry_set.effective_at,
        created_at=row.entry_set.created_at,
        set_id=row.entry_set_id,
    )
