"""Weight and size of a parcel as people say them: kilograms, centimetres, and what a bulky one counts as."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from babel.numbers import format_decimal
from babel.units import format_unit
from django.utils.translation import gettext as _

from sledi.orders import reading
from sledi.parcels.models import Parcel
from sledi.web.dates import NO_BREAK

_WEIGHT, _SIDES = "weight_g", ("length_mm", "width_mm", "height_mm")


@dataclass(frozen=True, slots=True)
class Measured:
    """Facts about a parcel, and the keys of the fields that they say."""

    facts: tuple[tuple[str, str], ...] = ()
    keys: frozenset[str] = frozenset()


def measures(thing: reading.Thing, language: str) -> Measured:
    """What is known of a parcel's weight and size and shown to this reader; of other things nothing."""
    if not isinstance(thing.subject, Parcel):
        return Measured()
    known = {one.key: int(one.value) for one in thing.fields if one.key in (_WEIGHT, *_SIDES)}
    has_size = known.keys() >= {*_SIDES}
    said = tuple(_said(thing, known, language, has_size=has_size))
    return Measured(said, frozenset(known) & ({_WEIGHT, *_SIDES} if has_size else {_WEIGHT}))


def _said(
    thing: reading.Thing, known: dict[str, int], language: str, *, has_size: bool
) -> Iterator[tuple[str, str]]:
    if _WEIGHT in known:
        yield _("Weight"), _kilograms(known[_WEIGHT], language)
    if has_size:
        yield _("Size"), _centimetres([known[side] for side in _SIDES], language)
    if thing.volumetric_g is not None:
        yield _("Volumetric weight"), _kilograms(thing.volumetric_g, language)


def _kilograms(grams: int, language: str) -> str:
    """«1,24 кг»."""
    said = format_unit(Decimal(grams) / 1000, "mass-kilogram", "short", locale=language)
    return said.replace(" ", NO_BREAK)


def _centimetres(sides_mm: list[int], language: str) -> str:
    """«30 × 20 × 10 см», of which the unit stands once."""
    *first, last = (Decimal(side) / 10 for side in sides_mm)
    sides = [format_decimal(side, locale=language) for side in first]
    sides.append(format_unit(last, "length-centimeter", "short", locale=language))
    return f"{NO_BREAK}× ".join(sides).replace(" ", NO_BREAK)
