"""Amounts of money: whole minor units of a currency, never floats.

    >>> parse("1 234,50", "KZT")
    Money(minor=123450, currency='KZT')
    >>> split(100, [1, 1, 1])
    [34, 33, 33]
    >>> to_euro(Money(100, "BGN"))
    Money(minor=51, currency='EUR')

Sources: the exponents of ISO 4217, list one (https://www.six-group.com/en/products-services/financial-information/
market-reference-data/data-standards.html); the rate of the Bulgarian lev, decision of the
Council of the EU, 8 July 2025; rounding of converted amounts, Regulation (EC) 1103/97 Art. 4-5.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

LARGEST_MINOR = 10**15 - 1
"""The largest amount taken in: so much that rules may multiply it by thousands within 64 bits."""


class WrongAmount(ValueError):
    """A text is no amount. ``reason``: not_a_number, too_many_decimals, negative, too_large, unknown_currency.

    ``limit`` is the largest amount, in major units, or the number of decimals the currency has.
    """

    def __init__(self, reason: str, limit: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.limit = limit


class OtherCurrency(TypeError):
    """Two amounts of different currencies cannot be added or compared."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (tiyn, kopecks, cents) of a currency by its ISO 4217 letters.

    Adds, subtracts and compares within one currency; raises OtherCurrency across two.
    """

    minor: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with exactly the decimals of its currency."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other).minor, self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other).minor, self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.minor, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other).minor

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other).minor

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other).minor

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other).minor

    def _same(self, other: "Money") -> "Money":
        if self.currency != other.currency:
            raise OtherCurrency(f"{self.currency} and {other.currency}")
        return other


def parse(text: str, currency: str) -> Money:
    """The amount a person wrote, with comma or point, thousands apart or not, the currency's letters or not.

    A single separator before three digits could mean either; it is read as the decimal one and refused where
    the currency has fewer decimals, because guessing wrong would cost a thousandfold. Raises WrongAmount.
    """
    decimals = exponent(currency)
    plain = _plain(text, currency)
    if plain.startswith("-"):
        raise WrongAmount("negative" if _looks_like_amount(plain[1:]) else "not_a_number")
    whole, fraction = _parts(plain)
    if len(fraction) > decimals:
        raise WrongAmount("too_many_decimals", decimals)
    minor = (
        int((whole or "0") + fraction.ljust(decimals, "0")) if len(whole) < _DIGITS_MAX else LARGEST_MINOR + 1
    )
    if minor > LARGEST_MINOR:
        raise WrongAmount("too_large", LARGEST_MINOR // 10**decimals)
    return Money(minor, currency)


def exponent(currency: str) -> int:
    """How many decimals a currency has. Raises WrongAmount (unknown_currency)."""
    try:
        return _EXPONENTS[currency]
    except KeyError:
        raise WrongAmount("unknown_currency") from None


def share(minor: int, per_mille: int) -> int:
    """``per_mille`` thousandths of an amount, halves away from zero."""
    return _half_up(minor * per_mille, 1000)


def split(minor: int, weights: Sequence[int]) -> list[int]:
    """An amount in parts by weight that sum to it exactly, each within one unit of its due (largest remainder).

    Where remainders are equal the earlier part gets the unit. Without any weight the parts are equal.
    Raises ValueError for no parts and for a negative weight.
    """
    if not weights or min(weights) < 0:
        raise ValueError("an amount is split into one part or more, none of negative weight")
    due = list(weights) if any(weights) else [1] * len(weights)
    total, sign = sum(due), -1 if minor < 0 else 1
    parts = [abs(minor) * weight // total for weight in due]
    remainders = [abs(minor) * weight % total for weight in due]
    left = abs(minor) - sum(parts)
    for index in sorted(range(len(due)), key=lambda index: -remainders[index])[:left]:
        parts[index] += 1
    return [sign * part for part in parts]


def to_euro(lev: Money) -> Money:
    """Bulgarian lev in euro at the fixed, never rounded rate 1.95583, half-up. Raises OtherCurrency for others."""
    if lev.currency != "BGN":
        raise OtherCurrency(f"{lev.currency} is not BGN")
    return Money(_half_up(lev.minor * 100_000, 195_583), "EUR")


def _half_up(numerator: int, denominator: int) -> int:
    """The nearest whole number, halves away from zero."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def _plain(text: str, currency: str) -> str:
    """Without the currency's letters or sign, every minus, space and apostrophe the same."""
    folded = unicodedata.normalize("NFKC", text).translate(_SAME).strip().upper()
    for sign in (currency, *_SIGNS.get(currency, ())):
        folded = folded.removeprefix(sign).removesuffix(sign).strip()
    return folded.removeprefix("+")


def _looks_like_amount(plain: str) -> bool:
    try:
        _parts(plain)
    except WrongAmount:
        return False
    return True


def _parts(plain: str) -> tuple[str, str]:
    """The digits before and after the decimal separator. Raises WrongAmount (not_a_number)."""
    for pattern in _SPELLINGS:
        found = pattern.fullmatch(plain)
        if found:
            return re.sub(r"[^0-9]", "", found["whole"]), found["fraction"] or ""
    raise WrongAmount("not_a_number")


_SPELLINGS = (
    re.compile(r"(?P<whole>[0-9]+)(?:[.,](?P<fraction>[0-9]*))?"),  # 1234  1234,5  1234.
    re.compile(r"(?P<whole>)[.,](?P<fraction>[0-9]+)"),  # ,50
    re.compile(r"(?P<whole>[0-9]{1,3}(?:[ '][0-9]{3})+)(?:[.,](?P<fraction>[0-9]*))?"),  # 1 234 567,89
    re.compile(r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+)\.(?P<fraction>[0-9]*)"),  # 1,234.50
    re.compile(r"(?P<whole>[0-9]{1,3}(?:\.[0-9]{3})+),(?P<fraction>[0-9]*)"),  # 1.234,50
    re.compile(
        r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3}){2,}|[0-9]{1,3}(?:\.[0-9]{3}){2,})(?P<fraction>)"
    ),  # 1.234.567
)
_SAME = str.maketrans({"−": "-", "–": "-", "’": "'", "\t": " "})
_SIGNS = {
    "BGN": ("ЛВ.", "ЛВ"),
    "CNY": ("¥", "元"),
    "EUR": ("€",),
    "KZT": ("₸",),
    "RUB": ("₽", "РУБ.", "РУБ"),
    "UAH": ("₴", "ГРН.", "ГРН"),
    "USD": ("$",),
}
_DIGITS_MAX = 19

_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF "
    "CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF "
    "IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR "
    "MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD "
    "SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VES WST XCD YER ZAR "
    "ZMW ZWG",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_EXPONENTS = MappingProxyType(
    {currency: decimals for decimals, currencies in _DECIMALS.items() for currency in currencies.split()}
)
