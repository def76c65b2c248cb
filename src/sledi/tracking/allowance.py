"""Limits against enumeration and floods: what one address, and everybody together, may ask for in an hour."""

import hashlib
import hmac
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction

MAILS_PER_HOUR = 10
"""Confirmation mails one network address may have sent; more is somebody else's mailbox being flooded."""

MAILS_TO_ONE_PER_HOUR = 4
"""Confirmation mails one mailbox may be sent, whoever asks for them."""

LOOKUPS_PER_HOUR = 10
"""Orders one network address may ask for by e-mail and number; more is somebody guessing."""

LOOKUPS_TO_ONE_PER_HOUR = 4
"""Such questions about one mailbox, whoever asks and whether the pair is right or wrong."""

JOINING_PER_HOUR = 20
"""People of one network address who become buyers by themselves."""


class TooMany(Exception):
    """The allowance of this hour does not hold what was asked for. ``left`` of it remain until ``retry_at``."""

    def __init__(self, left: int, retry_at: datetime) -> None:
        super().__init__(f"{left} left until {retry_at.isoformat()}")
        self.left = left
        self.retry_at = retry_at


def spend_numbers(client: str, numbers: int, at: datetime) -> None:
    """Take new numbers from the allowance of an address and from everybody's, or raise TooMany."""
    with transaction.atomic():
        _spend(_key("numbers", client), numbers, settings.NUMBERS_PER_HOUR, at)
        _spend(_key("numbers", ""), numbers, settings.NUMBERS_PER_HOUR_ALL, at)


def spend_mail(client: str, at: datetime) -> None:
    """Take one confirmation mail from the allowance of an address, or raise TooMany."""
    _spend(_key("mails", client), 1, MAILS_PER_HOUR, at)


def spend_mail_to(mailbox: str, at: datetime) -> None:
    """Take one confirmation mail from what a mailbox is sent in an hour, or raise TooMany."""
    _spend(_key("mails to", mailbox.casefold()), 1, MAILS_TO_ONE_PER_HOUR, at)


def spend_lookup(client: str, mailbox: str, at: datetime) -> None:
    """Take a question for an order from the allowances of an address and of a mailbox, or raise TooMany."""
    with transaction.atomic():
        _spend(_key("lookups", client), 1, LOOKUPS_PER_HOUR, at)
        _spend(_key("lookups to", mailbox.casefold()), 1, LOOKUPS_TO_ONE_PER_HOUR, at)


def spend_joining(client: str, at: datetime) -> None:
    """Take one new buyer from the allowance of an address, or raise TooMany."""
    _spend(_key("joining", client), 1, JOINING_PER_HOUR, at)


def _key(what: str, client: str) -> bytes:
    # Keyed, so that the table tells nobody which addresses were here.
    return hmac.new(settings.SECRET_KEY.encode(), f"{what} {client}".encode(), hashlib.sha256).digest()[:16]


def _spend(key: bytes, amount: int, allowed: int, at: datetime) -> None:
    hour = at.replace(minute=0, second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_SPEND, {"key": key, "hour": hour, "amount": amount, "allowed": allowed})
        if cursor.fetchone() is None:
            cursor.execute("SELECT used FROM tracking_allowance WHERE key = %s AND hour = %s", [key, hour])
            found = cursor.fetchone()
            raise TooMany(max(0, allowed - (found[0] if found else 0)), hour + timedelta(hours=1))


_SPEND = """
INSERT INTO tracking_allowance AS a (key, hour, used)
SELECT %(key)s, %(hour)s, %(amount)s WHERE %(amount)s <= %(allowed)s
ON CONFLICT (key, hour) DO UPDATE SET used = a.used + EXCLUDED.used
WHERE a.used + EXCLUDED.used <= %(allowed)s
RETURNING used
"""
