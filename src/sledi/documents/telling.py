"""Why a document cannot be had now, in the reader's words, with the next step."""

from django.utils.translation import gettext as _


def words_of(reason: str) -> str:
    """One sentence for a reason of ``NotPrintable``."""
    match reason:
        case "no_details":
            return _(
                "The seller has not said yet who he is on paper: name, address and company number are missing."
            )
        case "no_prices":
            return _("The order has no prices, so there is nothing to invoice. No number was used.")
        case "no_goods":
            return _("Nothing of this order reaches the buyer, so there is nothing to put on paper.")
        case "not_issued":
            return _("The seller has not made this document yet. Once it is printed, it stands here.")
    return _("In the order’s present state this document is not made.")
