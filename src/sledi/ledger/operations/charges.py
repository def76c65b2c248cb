"""How much was debited for a subject and how much given back: one row, whose CHECK is the cap of refunds."""

from typing import Any
from uuid import UUID

from django.db import connection

from sledi.accounts.models import Business
from sledi.core.money import Money
from sledi.database.keys import uuid7
from sledi.ledger.errors import TooMuch
from sledi.ledger.models import Charge
from sledi.ledger.operations.posting import money_of


def debited(business: Business, level: str, subject_id: UUID, money: Money) -> None:
    """Add to what the subject cost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_charge AS charge"
            " (id, business_id, subject_level, subject_id, currency, debited, refunded)"
            " VALUES (%s, %s, %s, %s, %s, %s, 0)"
            " ON CONFLICT (business_id, subject_level, subject_id, currency)"
            " DO UPDATE SET debited = charge.debited + EXCLUDED.debited",
            [uuid7(), business.pk, level, subject_id, money.currency, money.decimal],
        )


def refunded(business: Business, level: str, subject_id: UUID, money: Money) -> None:
    """Add to what was given back. Raises TooMuch when that is more than it cost."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE ledger_charge SET refunded = refunded + %s WHERE business_id = %s AND subject_level = %s"
            " AND subject_id = %s AND currency = %s AND refunded + %s <= debited",
            [money.decimal, business.pk, level, subject_id, money.currency, money.decimal],
        )
        if cursor.rowcount != 1:
            raise TooMuch(f"{level} {subject_id}", left(business, level, subject_id, money.currency))


def divided(
    business: Business, level: str, subject_id: UUID, parted_id: UUID, taken: Money, back: Money
) -> None:
    """What was debited and given back for a part stands at the part from now on."""
    rest: list[Any] = [business.pk, level, subject_id, taken.currency]
    part: list[Any] = [uuid7(), business.pk, level, parted_id, taken.currency]
    amounts = [taken.decimal, back.decimal]
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH rest AS (UPDATE ledger_charge SET debited = debited - %s, refunded = refunded - %s"
            " WHERE business_id = %s AND subject_level = %s AND subject_id = %s AND currency = %s)"
            " INSERT INTO ledger_charge (id, business_id, subject_level, subject_id, currency, debited, refunded)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s)",
            [*amounts, *rest, *part, *amounts],
        )


def left(business: Business, level: str, subject_id: UUID, currency: str) -> Money:
    """What can still be given back."""
    row = Charge.objects.filter(
        business=business, subject_level=level, subject_id=subject_id, currency=currency
    ).first()
    return money_of(row.debited - row.refunded, currency) if row else Money(0, currency)
