"""What a seller types about himself, made right: every fault at once, in the reader's words."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from sledi.core import companies
from sledi.core.companies import WrongNumber
from sledi.core.numbers.countries import ASSIGNED
from sledi.documents.refusals import WrongDetails

TEXTS: Mapping[str, int] = {"legal_name": 200, "address": 300, "warranty_terms": 2000}
"""Fields that are texts, with how long they may be."""
NEEDED = ("legal_name", "address", "country")
FIELDS = (
    *("legal_name", "address", "country", "company_number"),
    *("vat_number", "vat_percent", "warranty_months", "warranty_terms"),
)
NUMBER_LENGTH_MAX = 40
PERCENT_MAX, MONTHS_MAX = 99, 600


def cleaned(typed: Mapping[str, Any], country: str) -> dict[str, Any]:
    """The columns of ``SellerDetails``. ``country``: where he is unless he says so. Raises WrongDetails."""
    texts = {key: _as_text(typed.get(key)) for key in FIELDS}
    texts["country"] = (texts["country"] or country).upper()
    found: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for key in FIELDS:
        try:
            found[key] = _READERS[key](key, texts)
        except _Wrong as problem:
            wrong[key] = str(problem)
    for key in typed:
        if key not in FIELDS:
            wrong[str(key)[:40]] = _("There is no such field.")
    if wrong:
        raise WrongDetails(wrong)
    return found


class _Wrong(Exception):
    """One field is not right; the text says why."""


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool | float | list | dict):
        return "" if value is None else "\0"
    text = str(value).replace("\r\n", "\n").strip()
    return unicodedata.normalize("NFC", text)


def _text(key: str, texts: Mapping[str, str]) -> str:
    text = texts[key]
    if any(unicodedata.category(sign) in ("Cc", "Cs") and sign != "\n" for sign in text):
        raise _Wrong(_("This is no plain text."))
    if len(text) > TEXTS[key]:
        raise _Wrong(_("At most %(count)s characters.") % {"count": TEXTS[key]})
    if not text and key in NEEDED:
        raise _Wrong(_("This has to be filled in: the documents need it."))
    return text


def _country(key: str, texts: Mapping[str, str]) -> str:
    if texts[key] not in ASSIGNED:
        raise _Wrong(_("This is no country of ISO 3166-1 (two letters, as KZ)."))
    return texts[key]


def _company(key: str, texts: Mapping[str, str]) -> str:
    if not texts[key]:
        if texts["vat_number"]:
            raise _Wrong(_("Whoever is registered for VAT has a company number."))
        return ""
    return _number(companies.company, key, texts)


def _vat(key: str, texts: Mapping[str, str]) -> str:
    return _number(companies.vat, key, texts) if texts[key] else ""


def _number(read: Callable[[str, str], str], key: str, texts: Mapping[str, str]) -> str:
    try:
        return read(texts[key][:NUMBER_LENGTH_MAX], texts["country"])
    except WrongNumber as wrong:
        raise _Wrong(_words(wrong)) from None


def _words(wrong: WrongNumber) -> str:
    match wrong.reason:
        case "wrong_length":
            return _("The number has too many or too few digits. Count what you typed.")
        case "wrong_check_digit":
            return _("The check digit of this number does not fit: a digit is wrong. Compare it again.")
        case "wrong_country":
            return _("A VAT number of this country begins with %(letters)s.") % {"letters": wrong.limit}
    return _("This is no such number: it has digits, and letters at most.")


def _percent(key: str, texts: Mapping[str, str]) -> int | None:
    if not texts["vat_number"]:
        if texts[key]:
            raise _Wrong(
                _("Only who is registered for VAT has a rate: give the VAT number, or leave this empty.")
            )
        return None
    if not texts[key]:
        raise _Wrong(_("Say which VAT rate your goods usually have."))
    return _whole(texts[key], 0, PERCENT_MAX)


def _months(key: str, texts: Mapping[str, str]) -> int | None:
    return _whole(texts[key], 1, MONTHS_MAX) if texts[key] else None


def _whole(text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 4 and least <= int(text) <= most):
        raise _Wrong(_("A whole number from %(least)s to %(most)s.") % {"least": least, "most": most})
    return int(text)


_READERS: Mapping[str, Callable[[str, Mapping[str, str]], Any]] = {
    "legal_name": _text,
    "address": _text,
    "country": _country,
    "company_number": _company,
    "vat_number": _vat,
    "vat_percent": _percent,
    "warranty_months": _months,
    "warranty_terms": _text,
}
