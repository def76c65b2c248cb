"""What is wrong with an amount or an account number that somebody typed, in the reader's language."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sledi.core.iban import WrongIban
from sledi.core.money import WrongAmount


def said_of(wrong: WrongAmount | WrongIban, currency: str = "") -> str:
    """One sentence that says what to change. ``currency`` is the account's."""
    if isinstance(wrong, WrongIban):
        return _of_iban(wrong)
    match wrong.reason:
        case "other_currency":
            said = _("The account is kept in %(currency)s. Write the amount in this currency.")
        case "negative":
            said = _("Write an amount above zero, without a minus.")
        case "zero":
            said = _("Write an amount above zero.")
        case "too_large":
            said = _("This amount is too large.")
        case "too_many_decimals" if wrong.limit == 0:
            said = _("%(currency)s has no smaller unit: write a whole amount.")
        case "too_many_decimals":
            said = ngettext(
                "%(currency)s has %(count)s digit after the point.",
                "%(currency)s has %(count)s digits after the point.",
                wrong.limit,
            )
        case _:
            said = _("Write an amount in figures, for example 1500 or 1500.50.")
    return said % {"currency": currency, "count": wrong.limit}


def _of_iban(wrong: WrongIban) -> str:
    match wrong.reason:
        case "unknown_country":
            return _("An IBAN begins with the two letters of a country that uses IBANs.")
        case "wrong_length":
            said = _("An IBAN of this country has %(count)s characters. Count what you typed.")
            return said % {"count": wrong.limit}
        case "wrong_check_digits":
            return _(
                "The check digits of this IBAN do not fit: a digit or letter is wrong. Compare it again."
            )
    return _("This is no IBAN: it begins with two letters and two digits, as BG80 BNBG 9661 1020 3456 78.")
