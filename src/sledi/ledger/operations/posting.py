"""The one way money moves: a set of legs that is zero together, written once under its key.

A posting claims its key, makes accounts that are new, locks the accounts in one order, writes. So postings that
meet wait for each other and never for ever. A transaction with several postings over different accounts calls
``lock`` first, with all of them; otherwise two such transactions can stop each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NotRequired, TypedDict
from uuid import UUID

from django.db import connection, transaction

from sledi.accounts.models import Business
from sledi.core.money import LARGEST_MINOR, Money, exponent
from sledi.database.keys import uuid7
from sledi.history import Actor
from sledi.history.chain import NotRecordable, digest
from sledi.ledger.charts import FLOORS, Ref, named
from sledi.ledger.errors import AlreadyResolved, KeyUsedOtherwise, NotEnough, Unknown, WrongLegs
from sledi.ledger.models import EntrySet

KEY_LENGTH_MAX = 200
TEXT_LENGTH_MAX = 200
OWN_WAY_BACK = frozenset(
    {
        "debit",
        "divide",
        "refund",
        "hold",
        "capture_hold",
        "void_hold",
        "sale",
        "release",
        "refund_sale",
        "payment",
        "top_up",
        "capture",
        "refund_payment",
        "payout",
        "settle_payout",
        "commission_returned",
        "return_due",
        "return_to_balance",
    }
)


@dataclass(frozen=True, slots=True)
class Leg:
    """An amount onto an account (negative: off it), for a subject, under the name its line has."""

    account: Ref
    money: Money
    subject_level: str = ""
    subject_id: UUID | None = None
    words_key: str = ""
    item: str = ""  # the goods, as they are called today


@dataclass(frozen=True, slots=True)
class Posted:
    """The set of a key. ``is_new`` is false when it was there before; no set at all when nothing was to do."""

    set_id: UUID | None
    is_new: bool


class Facts(TypedDict):
    """What every act on money is told beside its amounts."""

    key: str  # of the act: the same key, however often, is one act
    actor: Actor
    created_at: datetime
    effective_at: NotRequired[datetime]  # when it counts, where that is another moment
    reference: NotRequired[str]  # a number people know


@dataclass(slots=True)
class Locked:
    """An account whose row this transaction holds."""

    id: UUID
    ref: Ref
    balance: Decimal
    version: int
    floor: Decimal | None


def post(
    business: Business,
    *,
    key: str,
    kind: str,
    legs: Sequence[Leg],
    actor: Actor,
    created_at: datetime,
    effective_at: datetime | None = None,
    reference: str = "",
    asked: object = None,
    links: Mapping[str, UUID | None] | None = None,
) -> Posted:
    """Move money as the legs say, or nothing; once per key of a business.

    ``asked`` is what the key stands for where the legs follow from the state of the ledger; else it is the legs.
    ``links`` names the payment, hold or payout the set belongs to, or the set it reverses.
    Raises WrongLegs, NotEnough, KeyUsedOtherwise; then nothing is written.
    """
    _check(key, reference, legs)
    fingerprint = _digest(kind, asked if asked is not None else [_told(leg) for leg in legs])
    facts = (kind, reference, actor, effective_at or created_at, created_at, links or {})
    with transaction.atomic():
        set_id, missing = _claim(business, key, fingerprint, facts, {leg.account.name for leg in legs})
        if set_id is None:
            return _stored(business, key, fingerprint)
        _make(business, missing)
        _write(business, set_id, legs, lock(business, [leg.account for leg in legs]))
    return Posted(set_id, is_new=True)


def reverse(business: Business, set_id: UUID, *, kind: str = "reversal", **facts: Any) -> Posted:
    """Take a set back exactly, by a set of its own; once. ``facts`` as in Facts.

    Debits, sales, holds, payments and payouts have their own way back, which counts what was given back.
    Raises Unknown, AlreadyResolved when another act reversed it, NotEnough when the money is gone meanwhile,
    WrongLegs (own_way_back).
    """
    with transaction.atomic():
        found = EntrySet.objects.filter(business=business, pk=set_id).first()
        if found is not None and found.kind in OWN_WAY_BACK:
            raise WrongLegs("own_way_back", found.kind)
        # No lock on the set itself: the accounts' locks keep two reversals apart.
        entries = _entries_of(business, set_id)
        lock(business, [leg.account for leg in entries])
        asked = ["reverse", set_id]
        if repeated := replayed(business, facts["key"], kind, asked):
            return repeated
        if EntrySet.objects.filter(reverses=set_id).exists():
            raise AlreadyResolved(f"{set_id} was reversed before")
        return post(business, kind=kind, legs=entries, asked=asked, links={"reverses": set_id}, **facts)


def _entries_of(business: Business, set_id: UUID) -> list[Leg]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.name, e.amount, e.subject_level, e.subject_id, e.words_key, e.item"
            " FROM ledger_entry e JOIN ledger_account a ON a.id = e.account_id"
            " WHERE e.entry_set_id = %s AND e.business_id = %s ORDER BY a.id, e.account_version",
            [set_id, business.pk],
        )
        rows = cursor.fetchall()
    if not rows:
        raise Unknown(f"no set {set_id}")
    return [
        Leg(ref, -money_of(amount, ref.currency), level, subject, words, item)
        for name, amount, level, subject, words, item in rows
        for ref in [named(name)]
    ]


def lock(business: Business, refs: Iterable[Ref]) -> dict[str, Locked]:
    """Lock these accounts, those that exist, by name: shared ones first, then by id; the same for everybody."""
    wanted = {ref.name: ref for ref in refs}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, id, balance, version, floor FROM ledger_account"
            " WHERE business_id = %s AND name = ANY(%s::text[]) ORDER BY owner_id IS NOT NULL, id FOR UPDATE",
            [business.pk, list(wanted)],
        )
        return {name: Locked(row_id, wanted[name], *row) for name, row_id, *row in cursor.fetchall()}


def replayed(business: Business, key: str, kind: str, asked: object) -> Posted | None:
    """The set this key already stands for. Raises KeyUsedOtherwise when it stands for something else."""
    found = EntrySet.objects.filter(business=business, key=key).values_list("pk", "digest").first()
    if found is None:
        return None
    if bytes(found[1]) != _digest(kind, asked):
        raise KeyUsedOtherwise(key)
    return Posted(found[0], is_new=False)


def positive(*amounts: Money | None, is_zero_allowed: bool = False) -> None:
    """Raises WrongLegs for an amount that is not above zero, or not in the currency of the first."""
    given = [money for money in amounts if money is not None]
    for money in given:
        _check_amount(money)
        if money.minor < 0:
            raise WrongLegs("negative", money)
        if money.minor == 0 and not is_zero_allowed:
            raise WrongLegs("zero", money)
        if money.currency != given[0].currency:
            raise WrongLegs("other_currency", money)


def money_of(amount: Decimal, currency: str) -> Money:
    """The stored amount as Money."""
    return Money(int(amount.scaleb(exponent(currency))), currency)


def _check(key: str, reference: str, legs: Sequence[Leg]) -> None:
    if not 0 < len(key) <= KEY_LENGTH_MAX or len(reference) > TEXT_LENGTH_MAX or "\0" in key + reference:
        raise WrongLegs("wrong_key", key[:KEY_LENGTH_MAX])
    if len(legs) < 2:
        raise WrongLegs("too_few", len(legs))
    sums: dict[str, int] = {}
    for leg in legs:
        leg.account.checked()
        _check_amount(leg.money)
        if leg.money.minor == 0:
            raise WrongLegs("zero", leg.account.name)
        if leg.money.currency != leg.account.currency:
            raise WrongLegs("other_currency", leg.account.name)
        sums[leg.money.currency] = sums.get(leg.money.currency, 0) + leg.money.minor
    if any(sums.values()):
        raise WrongLegs("unbalanced", sums)


def _check_amount(money: Money) -> None:
    if type(money.minor) is not int:  # a fraction of the smallest unit, or a truth
        raise WrongLegs("not_whole", money)
    if abs(money.minor) > LARGEST_MINOR:
        raise WrongLegs("too_large")
    Ref("platform.fx", None, money.currency).checked()


def _told(leg: Leg) -> list[object]:
    # Not the name of the goods: a retry may come after somebody corrected its spelling.
    return [leg.account.name, leg.money.minor, leg.subject_level, leg.subject_id, leg.words_key]


def _digest(kind: str, asked: object) -> bytes:
    try:
        return digest({"kind": kind, "asked": asked})
    except NotRecordable as problem:
        raise WrongLegs("wrong_key", problem) from None


def _claim(
    business: Business, key: str, fingerprint: bytes, facts: tuple[Any, ...], names: set[str]
) -> tuple[UUID | None, list[str]]:
    """The id of the new set (None: the key is taken), and which of the accounts do not exist yet."""
    kind, reference, actor, effective_at, created_at, links = facts
    row = {
        "id": uuid7(),
        "business_id": business.pk,
        "key": key,
        "digest": fingerprint,
        "kind": kind,
        "reference": reference,
        "actor_kind": actor.kind,
        "actor_id": str(actor.id),
        "actor_name": actor.name,
        "actor_role": actor.role,
        "effective_at": effective_at,
        "created_at": created_at,
        **{f"{name}_id": links.get(name) for name in ("reverses", "payment", "hold", "payout")},
    }
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH made AS (INSERT INTO ledger_entryset ({', '.join(row)})"  # noqa: S608  our own names
            f" VALUES ({', '.join(['%s'] * len(row))}) ON CONFLICT (business_id, key) DO NOTHING RETURNING id)"
            " SELECT (SELECT id FROM made), ARRAY(SELECT name FROM unnest(%s::text[]) AS name WHERE NOT EXISTS"
            " (SELECT FROM ledger_account a WHERE a.business_id = %s AND a.name = name.name))",
            [*row.values(), sorted(names), business.pk],
        )
        set_id, missing = cursor.fetchone()  # a SELECT without FROM gives one row
        return set_id, missing


def _stored(business: Business, key: str, fingerprint: bytes) -> Posted:
    found = EntrySet.objects.values_list("pk", "digest").get(business=business, key=key)
    if bytes(found[1]) != fingerprint:
        raise KeyUsedOtherwise(key)
    return Posted(found[0], is_new=False)


def _make(business: Business, names: Sequence[str]) -> None:
    """Make accounts on their first use, before any lock is held, in the order of their names."""
    if not names:
        return
    rows: list[Any] = []
    for ref in map(named, sorted(names)):
        floor = FLOORS[ref.kind]
        rows += [uuid7(), business.pk, ref.name, ref.kind, ref.provider, ref.owner_id, ref.currency]
        rows += [exponent(ref.currency), floor]
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s, 0, 0)"] * len(names))
    with connection.cursor() as cursor:
        cursor.execute(_MAKE.format(values), rows)


_MAKE = (
    "INSERT INTO ledger_account"
    " (id, business_id, name, kind, provider, owner_id, currency, exponent, floor, balance, version)"
    " VALUES {} ON CONFLICT (business_id, name) DO NOTHING"
)
_WRITE = (
    "WITH moved AS (UPDATE ledger_account a SET balance = n.balance, version = n.version"
    " FROM unnest(%s::uuid[], %s::numeric[], %s::bigint[]) AS n (id, balance, version) WHERE a.id = n.id)"
    " INSERT INTO ledger_entry (id, business_id, entry_set_id, account_id, amount, balance_after,"
    " account_version, subject_level, subject_id, words_key, item)"
    " SELECT n.id, %s, %s, n.account_id, n.amount, n.balance_after, n.account_version, n.subject_level,"
    " n.subject_id, n.words_key, n.item FROM unnest(%s::uuid[], %s::uuid[], %s::numeric[], %s::numeric[],"
    " %s::bigint[], %s::text[], %s::uuid[], %s::text[], %s::text[]) AS n (id, account_id, amount, balance_after,"
    " account_version, subject_level, subject_id, words_key, item)"
)


def _write(business: Business, set_id: UUID, legs: Sequence[Leg], accounts: dict[str, Locked]) -> None:
    entries = []
    for leg in legs:
        account = accounts[leg.account.name]
        amount = leg.money.decimal
        account.balance += amount
        account.version += 1
        entries.append(
            (
                uuid7(),
                account.id,
                amount,
                account.balance,
                account.version,
                leg.subject_level,
                leg.subject_id,
                leg.words_key,
                leg.item[:TEXT_LENGTH_MAX],
            )
        )
    for account in accounts.values():
        if account.floor is not None and account.balance < account.floor:
            missing = money_of(account.floor - account.balance, account.ref.currency)
            raise NotEnough(account.ref, missing)
    moved = [(account.id, account.balance, account.version) for account in accounts.values()]
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [*_columns(moved), business.pk, set_id, *_columns(entries)])


def _columns(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
