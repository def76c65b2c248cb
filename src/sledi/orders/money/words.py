"""What a line of the ledger is called on pages, by its key; accounts and statements tell it in these words."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sledi.web.languages import LANGUAGES

LINES: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        "top_up.in": _("Top-up"),
        "payment.in": _("Payment for an order"),
        "capture.in": _("Payment for an order"),
        "payment.out": _("Returned by the means of payment"),
        "debit.goods": _("Goods"),
        "debit.fee": _("Fee"),
        "refund.goods": _("Refund: goods"),
        "refund.fee": _("Refund: fee"),
        "hold.amount": _("Reserved"),
        "release.amount": _("Reservation ended"),
        "return.due": _("Goes back by the means of payment"),
        "return.balance": _("Refund to the balance"),
        "exchange.sold": _("Exchanged into another currency"),
        "exchange.bought": _("Exchanged from another currency"),
        "exchange.rounding": _("Rounding of an exchange"),
        "sale.goods": _("Goods"),
        "sale.shipping": _("Shipping"),
        "sale.commission": _("Commission"),
        "sale_refund.goods": _("Refund: goods"),
        "sale_refund.shipping": _("Refund: shipping"),
        "sale_refund.commission": _("Refund: commission"),
        "owed.commission": _("Commission, paid at the door"),
        "owed_refund.commission": _("Refund: commission"),
        "debt.paid": _("Debt paid"),
        "payout.sent": _("Payout"),
        "payout.paid": _("Payout"),
        "payout.returned": _("Payout sent back by the bank"),
    }
)
DIVIDED = _("Moved to a part of the item")
CORRECTED = _("Correction")

TASKS: Mapping[str, "str | Promise"] = MappingProxyType(
    {
        "payment_doubtful": _("What the payment service says does not fit the payment that was asked for"),
        "mail_not_sent": _(
            "A mail about this order did not go out within a day: the list of its mails says why"
        ),
        "change_not_told": _("A change of this order could not be made into mails: nobody was told of it"),
        "paid_twice": _("Paid twice: the second payment lies on the payer’s account"),
    }
)
"""Why people are asked to look at something, where no move or deadline of the profile asks."""


def task_words(reason: str) -> dict[str, str]:
    """The reason of a task of ours in every language; empty for another's."""
    return in_every_language(TASKS[reason]) if reason in TASKS else {}


def in_every_language(said: "str | Promise") -> dict[str, str]:
    """A text of ours as profiles hold theirs: by language."""
    told = {}
    for language in LANGUAGES:
        with translation.override(language):
            told[language] = str(said)
    return told


def line_name(words_key: str, kind: str = "") -> str:
    """A line in the reader's language; what no act of ours is called is a correction."""
    if kind == "divide":
        return str(DIVIDED)
    return str(LINES.get(words_key, CORRECTED))
