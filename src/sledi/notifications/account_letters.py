"""The warning that the account a seller is paid to has changed: to the address that was known before."""

from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from sledi.core import clock
from sledi.ledger.models import BankAccount
from sledi.notifications.envelope import enveloped
from sledi.notifications.models import Letter
from sledi.orders.money import where_paid
from sledi.web import dates


def send(letter: Letter, now: datetime) -> None:
    """Send the warning. Raises OSError (smtplib's errors are) when the mail server does not take it."""
    with translation.override(letter.language):
        subject = _("The bank account for your payouts: a change")
        enveloped(letter, "bank_account", subject, _facts(letter, now), now).send()
    Letter.objects.filter(pk=letter.pk).update(subject=subject)


def _facts(letter: Letter, now: datetime) -> dict[str, Any]:
    change = letter.lines.select_related("change").get().change
    account = BankAccount.objects.get(business=letter.business, pk=change.subject_id)
    slug = letter.business.slug
    return {
        "is_first": change.act == where_paid.GIVEN,
        "last_four": account.iban[-4:],
        "changed_on": _day(letter, change.created_at, now),
        "held_until": _day(letter, account.held_until, now) if _is_held(account, change.created_at) else "",
        "account_url": settings.SITE_URL + reverse("orders:bank-account", args=[slug]),
    }


def _is_held(account: BankAccount, changed_at: datetime) -> bool:
    return account.held_until is not None and account.held_until > changed_at


def _day(letter: Letter, at: datetime | None, now: datetime) -> str:
    """By the clocks of the business, in the reader's words."""
    zone = clock.zone_of(letter.business.country)
    return dates.day(at.astimezone(zone).date(), letter.language, now.astimezone(zone).date()) if at else ""
